// Package pubsub has what fake-gcs-server uses of Google's client library to publish events. No test asks for events.
package pubsub

import (
	"context"
	"errors"
)

type (
	Client        struct{}
	Publisher     struct{}
	PublishResult struct{}
)

type Message struct {
	Data       []byte
	Attributes map[string]string
}

func NewClient(context.Context, string) (*Client, error) { return nil, errors.ErrUnsupported }

func (*Client) Publisher(string) *Publisher { return nil }
func (*Client) Close() error                { return nil }

func (*Publisher) Publish(context.Context, *Message) *PublishResult { return nil }

func (*PublishResult) Get(context.Context) (string, error) { return "", errors.ErrUnsupported }
