// Package google has what fake-gcs-server uses of Google's client library to make a client, which no test asks for.
package google

type Credentials struct{}
