package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// sandboxes has a stand-in for each vendor that can be played offline. Each
// returns the vendor's server and the settings of an account there.
var sandboxes = map[string]func(w *sandbox.World, baseURL string) (http.Handler, map[string]any){
	"bnovo": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewBnovo(w, sandbox.BnovoOptions{})
		return server, map[string]any{
			"id": server.Options().ID, "password": server.Options().Password, "timeZone": w.Zone().String(),
		}
	},
	"realtycalendar": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewRealtyCalendar(w, sandbox.RealtyCalendarOptions{})
		return server, map[string]any{
			"publicKey": server.Options().PublicKey, "privateKey": server.Options().PrivateKey,
		}
	},
	"guesty": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewGuesty(w, sandbox.GuestyOptions{})
		return server, map[string]any{
			"clientId": server.Options().ClientID, "clientSecret": server.Options().ClientSecret,
		}
	},
	"hostaway": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewHostaway(w, sandbox.HostawayOptions{})
		return server, map[string]any{
			"accountId": server.Options().AccountID, "clientSecret": server.Options().ClientSecret, "noUnits": true,
		}
	},
	"smoobu": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewSmoobu(w, sandbox.SmoobuOptions{})
		return server, map[string]any{
			"apiKey": server.Options().APIKey, "apiSecret": server.Options().APISecret, "timeZone": w.Zone().String(),
		}
	},
	"ical": func(w *sandbox.World, baseURL string) (http.Handler, map[string]any) {
		server := sandbox.NewICal(w, sandbox.ICalOptions{})
		var feeds []map[string]any
		for _, unit := range w.Units() {
			feeds = append(feeds, map[string]any{"url": baseURL + server.URL(sandbox.Airbnb, unit.ID), "propertyId": unit.ID, "allowEmpty": true})
		}
		return server, map[string]any{"feeds": feeds, "allowPrivateAddresses": true}
	},
}

// box is a running sandbox.
type box struct {
	url      string
	settings []byte
	stop     func()
}

// startSandbox serves invented data around today on loopback.
func startSandbox(ctx context.Context, vendor string) (*box, error) {
	play, ok := sandboxes[vendor]
	if !ok {
		return nil, fmt.Errorf("there is no sandbox of %s: give -settings", vendor)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &box{url: "http://" + listener.Addr().String()}
	const seed = 1
	handler, settings := play(sandbox.NewWorld(seed, sandbox.Options{Clock: time.Now}), b.url)
	if b.settings, err = json.Marshal(settings); err != nil {
		_ = listener.Close()
		return nil, err
	}
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
