// An S3 server for tests: versitygw, with objects as files. Only the parts that the tests need are compiled: its own
// command also has other backends.
package main

import (
	"context"
	"log"
	"os"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// The arguments are the address to listen on, the region, and the directories of objects and of their metadata. The
// credentials are in the environment.
func main() {
	address, region, objects, metadata := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	// Metadata in files of their own: not each file system has extended attributes.
	sidecar, err := meta.NewSideCar(metadata)
	if err != nil {
		log.Fatal(err)
	}
	store, err := posix.New(objects, sidecar, posix.PosixOpts{SideCarDir: metadata, Concurrency: 1000})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(embedgw.RunVersityGW(context.Background(), store, &embedgw.Config{
		RootUserAccess:    os.Getenv("ROOT_ACCESS_KEY_ID"),
		RootUserSecret:    os.Getenv("ROOT_SECRET_ACCESS_KEY"),
		Region:            region,
		Ports:             []string{address},
		MaxConnections:    1000,
		MaxRequests:       1000,
		MultipartMaxParts: 10000,
		KeepAlive:         true,
		Quiet:             true,
	}))
}
