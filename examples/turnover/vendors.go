package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ical"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

// vendors are the vendors' servers, played by the sandbox on loopback. A host
// has no such thing: it has the settings that the methods below return.
type vendors struct {
	worlds *worlds

	bnovo     *sandbox.Bnovo
	realty    *sandbox.RealtyCalendar
	calendars map[*sandbox.World]*sandbox.ICal

	bnovoURL, realtyURL string
	calendarURLs        map[*sandbox.World]string
	close               []func() error
}

func startVendors(ctx context.Context, w *worlds) (*vendors, error) {
	v := &vendors{
		worlds:       w,
		bnovo:        sandbox.NewBnovo(w.hotel, sandbox.BnovoOptions{NoLimits: true}),
		realty:       sandbox.NewRealtyCalendar(w.flats, sandbox.RealtyCalendarOptions{}),
		calendars:    map[*sandbox.World]*sandbox.ICal{},
		calendarURLs: map[*sandbox.World]string{},
	}
	var err error
	v.bnovoURL, err = v.serve(ctx, withUnheardOfStatus(v.bnovo))
	if err != nil {
		return nil, err
	}
	if v.realtyURL, err = v.serve(ctx, v.realty); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	for _, f := range w.feeds {
		if v.calendars[f.world] != nil {
			continue
		}
		v.calendars[f.world] = sandbox.NewICal(f.world, sandbox.ICalOptions{})
		if v.calendarURLs[f.world], err = v.serve(ctx, v.calendars[f.world]); err != nil {
			return nil, errors.Join(err, v.Close())
		}
	}
	return v, nil
}

// serve listens on a free port of loopback and returns the base URL.
func (v *vendors) serve(ctx context.Context, h http.Handler) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	v.close = append(v.close, func() error {
		err := server.Close()
		<-done
		return err
	})
	return "http://" + listener.Addr().String(), nil
}

// Close stops the servers.
func (v *vendors) Close() error {
	v.bnovo.Close()
	v.realty.Close()
	var errs []error
	for _, stop := range v.close {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

// deliverTo serves the host's webhook handler and enters its address at
// RealtyCalendar.
func (v *vendors) deliverTo(ctx context.Context, path string, hook http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle(path, hook)
	base, err := v.serve(ctx, mux)
	if err != nil {
		return err
	}
	v.realty.AddWebhook(base + path)
	return nil
}

// withUnheardOfStatus turns one status of the hotel's system into one that the
// connector has never seen, as vendors do without notice.
func withUnheardOfStatus(next http.Handler) http.Handler {
	transport := &sandbox.Faults{Next: sandbox.Transport(next), Rules: []sandbox.Rule{{
		Match: sandbox.Path("/api/v1/bookings"),
		Do: sandbox.Rewrite(func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"status":{"id":5,"name":"Проверено"`), []byte(`"status":{"id":9,"name":"Лист ожидания"`))
		}),
	}}}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: r.In.Host}) },
	}
}

// unlimited replaces the pace that a connector keeps with the real vendor.
func unlimited() pms.Limiter { return rate.NewLimiter(rate.Inf, 0) }

// bnovoSettings are what the host's user copies from Bnovo. TimeZone is the
// hotel's, which the API does not tell.
func (v *vendors) bnovoSettings() bnovo.Config {
	o := v.bnovo.Options()
	return bnovo.Config{
		ID: pms.Text(strconv.FormatInt(o.ID, 10)), Password: o.Password, TimeZone: v.worlds.hotel.Zone().String(),
		BaseURL: v.bnovoURL, Limiter: unlimited(),
	}
}

// realtySettings are what the host's user copies from RealtyCalendar, and a
// secret of the host's own.
func (v *vendors) realtySettings() realtycalendar.Config {
	o := v.realty.Options()
	return realtycalendar.Config{
		AccountID: pms.Text(strconv.FormatInt(o.AgencyID, 10)), WebhookSecret: webhookSecret,
		PublicKey: o.PublicKey, PrivateKey: o.PrivateKey,
		BaseURL: v.realtyURL,
	}
}

// webhookSecret would be random and stored with the account.
const webhookSecret = "a-secret-of-this-demo-only"

// calendarSettings are the links that the host's user copies from Airbnb.
// Private addresses are refused unless they are allowed.
func (v *vendors) calendarSettings() ical.Config {
	cfg := ical.Config{AllowPrivateAddresses: true, Limiter: unlimited()}
	for _, f := range v.worlds.feeds {
		cfg.Feeds = append(cfg.Feeds, ical.Feed{
			URL:        v.calendarURLs[f.world] + v.calendars[f.world].URL(sandbox.Airbnb, f.unit),
			PropertyID: f.property,
		})
	}
	return cfg
}
