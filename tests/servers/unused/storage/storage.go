// Package storage has what fake-gcs-server uses of Google's client library: a few types, and a client that nobody calls.
// The library itself, with gRPC, takes minutes to compile.
package storage

import (
	"context"
	"errors"
	"time"
)

type (
	ACLEntity  string
	ACLRole    string
	Projection int
)

const (
	ProjectionDefault Projection = iota
	ProjectionFull
	ProjectionNoACL
)

type ACLRule struct {
	Entity      ACLEntity
	EntityID    string
	Role        ACLRole
	Domain      string
	Email       string
	ProjectTeam *ProjectTeam
}

type ProjectTeam struct {
	ProjectNumber string
	Team          string
}

type ObjectRetention struct {
	Mode        string
	RetainUntil time.Time
}

type Client struct{}

func NewClient(context.Context, ...any) (*Client, error) { return nil, errors.ErrUnsupported }
