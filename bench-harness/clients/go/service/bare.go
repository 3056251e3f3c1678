//go:build !rest

package service

// A program that does nothing beside its bus.
func start() error { return nil }
