// A server of Google Cloud Storage for tests: fake-gcs-server, with objects in memory. It asks nobody for credentials.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

// The argument is the address to listen on.
func main() {
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		Scheme:     "http",
		PublicHost: "127.0.0.1", // without a port: it also takes requests whose Host names the port of a proxy
		NoListener: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], server.HTTPHandler()))
}
