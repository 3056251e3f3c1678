// A service with nats.go: it publishes one message and gets it back.
package main

import (
	"github.com/nats-io/nats.go"

	"busbench/clients/service"
)

func main() { service.Run(roundTrip) }

func roundTrip(address string) error {
	connection, err := nats.Connect(address)
	if err != nil {
		return err
	}
	defer connection.Close()
	subject := service.Name(".")
	subscription, err := connection.SubscribeSync(subject)
	if err != nil {
		return err
	}
	if err := connection.Publish(subject, []byte("hello")); err != nil {
		return err
	}
	message, err := subscription.NextMsg(service.Patience)
	if err != nil {
		return err
	}
	return service.Compare("hello", message.Data)
}
