// A service without a bus: what the others are compared with.
package main

import "busbench/clients/service"

func main() {
	service.Run(func(string) error { return nil })
}
