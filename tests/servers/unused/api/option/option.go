// Package option has what fake-gcs-server uses of Google's client library to make a client, which no test asks for.
package option

import "net/http"

func WithHTTPClient(*http.Client) any { return nil }
func WithCredentials(any) any         { return nil }
