package ical_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ical"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const host = "https://www.airbnb.example"

// The account has the feed of one unit: what fails among several feeds is
// tested beside the client.
func TestConformance(t *testing.T) {
	t.Parallel()
	const unit = "300101"
	address := sandbox.NewICal(sandbox.NewEmptyWorld(sandbox.Options{}), sandbox.ICalOptions{}).URL(sandbox.Airbnb, unit)
	_, secret, _ := strings.Cut(address, "?s=")
	cfg := ical.Config{Feeds: []ical.Feed{{URL: host + address, PropertyID: unit, Name: "Loft", AllowEmpty: true}}}
	pmstest.Run(t, pmstest.Harness{
		Config:  &cfg,
		Secrets: []string{secret},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return ical.New(cfg)
		},
		Serve: func(w *sandbox.World, _ *http.Client) http.Handler {
			return sandbox.NewICal(w, sandbox.ICalOptions{EveryChannel: true})
		},
		IsBookings: sandbox.Path("/calendar/ical/"),
		PageSize:   -1,
		Booking: func(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
			return b.PropertyID == unit && exported(w, s, b)
		},
		Property: func(w *sandbox.World, p *pms.Property) bool {
			*p = pms.Property{
				Vendor: p.Vendor, ID: p.ID, Name: "Loft", TimeZone: w.Zone().String(),
				Status: pms.PropertyUnknown, Cleanliness: pms.CleanlinessUnknown,
			}
			return p.ID == unit
		},
		BreakRecord: func(body []byte) ([]byte, string) {
			return edit(unit, body, regexp.MustCompile(`DTSTART;VALUE=DATE:\d+`), "DTSTART;VALUE=DATE:soon")
		},
		UnknownStatus: func(body []byte, word string) ([]byte, string) {
			return edit(unit, body, regexp.MustCompile(`SUMMARY:`), "STATUS:"+word+"\r\nSUMMARY:")
		},
		Skip: map[string]string{
			"unknown-status":                   "STATUS has no case (RFC 5545) and is kept in upper case; see TestUnknownStatus",
			"empty-account":                    "an account without a feed cannot be configured",
			"fault-redirect-to-other-host":     domains,
			"fault-redirect-307-to-other-host": domains,
		},
	})
}

const domains = "channels redirect between their domains, and no credentials go along: the address itself was the secret"

// exported is what Airbnb's feed says of a booking: nights that are taken, from
// today on, and a code.
func exported(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	today := civil.DateOf(w.Now().In(w.Zone()))
	if !b.Occupies() && b.Kind != pms.KindBlock || b.Status != pms.StatusConfirmed && b.Status != pms.StatusCheckedIn && b.Status != pms.StatusCheckedOut ||
		b.PropertyID == "" || b.Departure.Before(today) || b.Arrival == b.Departure {
		return false
	}
	part := 0
	for i, move := range s.Moves {
		if move.Date == b.Arrival {
			part = i + 1
		}
	}
	out := pms.Booking{
		Vendor: b.Vendor, PropertyID: b.PropertyID, Arrival: b.Arrival, Departure: b.Departure, TimeZone: w.Zone().String(),
		Kind: pms.KindGuest, Status: pms.StatusConfirmed, Channel: "airbnb",
	}
	if b.Kind == pms.KindBlock {
		out.Kind, out.RawStatus, out.Notes = pms.KindBlock, "not available", "Airbnb (Not available)"
		out.ID = b.PropertyID + "/7f662ec65913-" + digest(b.PropertyID, b.Arrival.String(), b.Departure.String()) + "@airbnb.com"
	} else {
		out.RawStatus, out.Notes = "reserved", "Reserved"
		out.ID = b.PropertyID + "/1418fb94e984-" + digest(b.PropertyID, s.ID, strconv.Itoa(part)) + "@airbnb.com"
		if out.Code = s.ChannelCode; out.Code == "" {
			out.Code = strings.ToUpper("HM" + digest("code", s.ID)[:8])
		}
	}
	*b = out
	return true
}

// digest is how the sandbox makes UIDs and codes.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// edit changes the first event of a feed and returns the id of its booking.
func edit(unit string, body []byte, pattern *regexp.Regexp, replacement string) (changed []byte, id string) {
	text := string(body)
	begin := strings.Index(text, "BEGIN:VEVENT")
	if begin < 0 {
		return body, ""
	}
	head, event, rest := text[:begin], text[begin:], ""
	if end := strings.Index(event, "END:VEVENT"); end >= 0 {
		event, rest = event[:end], event[end:]
	}
	found := regexp.MustCompile(`UID:(\S+)`).FindStringSubmatch(event)
	return []byte(head + pattern.ReplaceAllLiteralString(event, replacement) + rest), unit + "/" + found[1]
}
