// What a client costs in Go, EdgeX's language. Versions are those of go-mod-messaging v4.0.3; EdgeX 4
// has no Redis any more, so that one is of go-mod-messaging v3.1.0.
module busbench/clients

go 1.25.0

require (
	github.com/eclipse/paho.mqtt.golang v1.5.1
	github.com/go-redis/redis/v7 v7.3.0
	github.com/nats-io/nats.go v1.50.0
)

require (
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/klauspost/compress v1.18.5 // indirect
	github.com/nats-io/nkeys v0.4.15 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	golang.org/x/crypto v0.49.0 // indirect
	golang.org/x/net v0.51.0 // indirect
	golang.org/x/sync v0.20.0 // indirect
	golang.org/x/sys v0.42.0 // indirect
)
