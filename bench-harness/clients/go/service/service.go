// Package service holds what the programs have in common, so that nothing but the client differs.
package service

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Patience is how long a program waits for an answer.
const Patience = 10 * time.Second

// Run starts what a service has beside its bus, and makes the round trip where an address
// (host:port) was given.
func Run(roundTrip func(address string) error) {
	if err := run(roundTrip); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(roundTrip func(address string) error) error {
	if err := start(); err != nil {
		return err
	}
	if len(os.Args) > 1 {
		if err := roundTrip(os.Args[1]); err != nil {
			return err
		}
	}
	if _, found := os.LookupEnv("BUSBENCH_HOLD"); found {
		return hold()
	}
	return nil
}

// Says that all is done, and waits for the end of standard input: what the program holds can be looked
// at meanwhile.
func hold() error {
	if _, err := os.Stdout.WriteString("done\n"); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// Name is one that no other process on this machine uses at the same time.
func Name(separator string) string {
	return fmt.Sprintf("busbench%sclient%s%d", separator, separator, os.Getpid())
}

// Compare tells whether what came back is what was sent.
func Compare(sent string, got []byte) error {
	if string(got) != sent {
		return fmt.Errorf("sent %q, got %q", sent, got)
	}
	return nil
}
