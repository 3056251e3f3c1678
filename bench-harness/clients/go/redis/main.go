// A service with go-redis: it publishes one message and gets it back.
package main

import (
	"github.com/go-redis/redis/v7"

	"busbench/clients/service"
)

func main() { service.Run(roundTrip) }

func roundTrip(address string) error {
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	channel := service.Name(".")
	subscription := client.Subscribe(channel)
	// Until the server has confirmed it, the message would go to nobody.
	if _, err := subscription.ReceiveTimeout(service.Patience); err != nil {
		return err
	}
	if err := client.Publish(channel, "hello").Err(); err != nil {
		return err
	}
	message, err := subscription.ReceiveMessage()
	if err != nil {
		return err
	}
	return service.Compare("hello", []byte(message.Payload))
}
