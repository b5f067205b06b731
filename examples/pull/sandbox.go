package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// box is a running sandbox.
type box struct {
	world    *sandbox.World
	url      string
	settings []byte
	stop     func()
}

// startSandbox serves invented data around today on loopback.
func startSandbox(ctx context.Context, vendor string) (*box, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	const seed = 1
	b := &box{world: sandbox.NewWorld(seed, sandbox.Options{Clock: time.Now}), url: "http://" + listener.Addr().String()}
	handler, settings, err := standin.Open(vendor, b.world, b.url)
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("%w: give -settings", err)
	}
	b.settings = settings
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	b.stop = func() {
		_ = server.Close()
		<-done
	}
	return b, nil
}
