// A service with paho, MQTT 3.1.1: it publishes one message and gets it back.
package main

import (
	"errors"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"busbench/clients/service"
)

func main() { service.Run(roundTrip) }

func roundTrip(address string) error {
	options := mqtt.NewClientOptions().
		AddBroker("tcp://" + address).
		SetClientID(service.Name("-"))
	client := mqtt.NewClient(options)
	if err := finish(client.Connect()); err != nil {
		return err
	}
	topic := service.Name("/")
	arrived := make(chan []byte, 1)
	take := func(_ mqtt.Client, message mqtt.Message) { arrived <- message.Payload() }
	if err := finish(client.Subscribe(topic, 0, take)); err != nil {
		return err
	}
	if err := finish(client.Publish(topic, 0, false, "hello")); err != nil {
		return err
	}
	select {
	case payload := <-arrived:
		return service.Compare("hello", payload)
	case <-time.After(service.Patience):
		return errors.New("the message did not come back")
	}
}

func finish(token mqtt.Token) error {
	if !token.WaitTimeout(service.Patience) {
		return errors.New("the server did not answer")
	}
	return token.Error()
}
