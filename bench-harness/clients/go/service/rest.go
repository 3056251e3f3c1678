//go:build rest

package service

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
)

// A program that answers over HTTP and calls others, as every EdgeX service does: what a client
// library shares with that (crypto/tls, net, encoding/json) is in the program already.
func start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	http.HandleFunc("/api/v3/ping", func(writer http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(writer).Encode(map[string]string{"apiVersion": "v3"})
	})
	go func() { _ = http.Serve(listener, nil) }()
	return ping(fmt.Sprintf("http://%s/api/v3/ping", listener.Addr()))
}

func ping(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer map[string]string
	return json.NewDecoder(response.Body).Decode(&answer)
}
