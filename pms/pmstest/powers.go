package pmstest

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func powerScenarios() []scenario {
	return []scenario{
		{name: "get-booking", play: getBooking},
		{name: "get-booking-unknown", play: getUnknown},
		{name: "get-booking-block", play: getBlock},
		{name: "set-cleanliness", play: setCleanliness, needs: needsWrite},
		{name: "set-cleanliness-unsupported", play: setUnsupported},
		{name: "write-not-repeated", play: writeNotRepeated, needs: needsWrite},
		{name: "webhook", play: webhook, needs: needsHTTP},
		{name: "webhook-forged", play: webhookForged, needs: needsHTTP},
		{name: "webhook-garbage", play: webhookGarbage, needs: needsHTTP},
	}
}

// unsupported checks the error of a power that the connector denies.
func (s *scene) unsupported(c pms.Connector, capability pms.Capability, err error) bool {
	if c.Info().Supports(capability) != pms.No {
		return false
	}
	s.wantError(err, pms.ErrNotSupported)
	return true
}

func getBooking(s *scene) {
	s.use(s.everything())
	c := s.connect()
	seen := map[string]bool{}
	for _, listed := range s.bookings(pms.BookingQuery{}) {
		id := reservation(listed)
		if seen[id] || listed.Kind == pms.KindBlock {
			continue
		}
		seen[id] = true
		for _, asked := range []string{id, id + "#segment"} {
			got, err := pms.GetBooking(s.ctx, c, asked)
			if s.unsupported(c, pms.CanGetBooking, err) {
				return
			}
			require.NoError(s, err, "booking %s", asked)
			if !s.sameBookings(got, s.details(id)) {
				return
			}
		}
	}
}

// getBlock: a block that is there is not said to be missing, also where the
// vendor does not tell of a single one.
func getBlock(s *scene) {
	s.use(s.everything())
	c := s.connect()
	for _, listed := range s.bookings(pms.BookingQuery{}) {
		if listed.Kind != pms.KindBlock {
			continue
		}
		got, err := pms.GetBooking(s.ctx, c, listed.ID)
		switch {
		case s.unsupported(c, pms.CanGetBooking, err):
			return
		case errors.Is(err, pms.ErrNotSupported):
			s.wantError(err, pms.ErrNotSupported)
			assert.Empty(s, got)
		default:
			require.NoError(s, err, "block %s", listed.ID)
			require.Len(s, got, 1)
			assert.Equal(s, coreOf(listed), coreOf(got[0]))
		}
	}
}

func getUnknown(s *scene) {
	c := s.connect()
	id := s.h.UnknownID
	if id == "" {
		id = "999999999"
	}
	got, err := pms.GetBooking(s.ctx, c, id)
	if s.unsupported(c, pms.CanGetBooking, err) {
		return
	}
	s.wantError(err, pms.ErrNotFound)
	assert.Empty(s, got)
	// Ids that would make another request of the URL.
	for _, id := range []string{"", "#x", "..", "../rooms", "1?x=1", "1/2"} {
		got, err := pms.GetBooking(s.ctx, c, id)
		s.wantError(err, nil)
		assert.Empty(s, got, "booking %q", id)
	}
}

func setCleanliness(s *scene) {
	c := s.connect()
	unit := s.world.Units()[1].ID
	for _, status := range []pms.Cleanliness{pms.Dirty, pms.Clean} {
		before := s.net.count(isWrite)
		err := pms.SetCleanliness(s.ctx, c, unit, status)
		require.NoError(s, err)
		assert.Equal(s, 1, s.net.count(isWrite)-before, "writes of %s", status)
		p, _ := s.world.Property(unit)
		assert.Equal(s, status, p.Cleanliness, "cleanliness at the vendor")
	}
}

// setUnsupported: a status without a word is refused, unsent; so is every
// status by a connector without the power.
func setUnsupported(s *scene) {
	c := s.connect()
	err := pms.SetCleanliness(s.ctx, c, s.world.Units()[0].ID, "sparkling")
	s.wantError(err, pms.ErrNotSupported)
	assert.Empty(s, s.net.log())
	if s.h.Serve != nil && s.h.IsWrite == nil {
		s.wantError(pms.SetCleanliness(s.ctx, c, s.world.Units()[0].ID, pms.Dirty), pms.ErrNotSupported)
	}
}

// writeNotRepeated: a write is sent again only if it was surely not done.
func writeNotRepeated(s *scene) {
	for _, f := range []struct {
		name    string
		do      sandbox.Fault
		repeats bool
	}{
		{"500", sandbox.Status(http.StatusInternalServerError, nil, ""), false},
		{"503", sandbox.Status(http.StatusServiceUnavailable, nil, ""), false},
		{"HTML 503", sandbox.HTMLError(), false},
		{"reset", sandbox.ResetBefore(), false},
		{"refused", sandbox.Refuse(), true},
		{"429", sandbox.TooManyRequests("3"), true},
	} {
		s.reset()
		c := s.connect()
		s.breaks(s.h.IsWrite, 0, 1, f.do)
		err := pms.SetCleanliness(s.ctx, c, s.world.Units()[0].ID, pms.Dirty)
		writes := s.net.count(isWrite)
		if f.repeats {
			require.NoError(s, err, "write after %s", f.name)
			assert.Equal(s, 2, writes, "writes around %s", f.name)
			continue
		}
		s.wantError(err, pms.ErrUnavailable)
		assert.Equal(s, 1, writes, "writes around %s", f.name)
	}
}

// deliver makes the vendor post a webhook for every sort of change of a stay.
func (s *scene) deliver(c pms.Connector) (id string, all []pms.Delivery) {
	_, parses := c.(pms.WebhookParser)
	if !parses {
		_, err := pms.ParseWebhook(c, pms.Delivery{})
		s.wantError(err, pms.ErrNotSupported)
		return "", nil
	}
	stay, _ := s.world.Stay(reservation(s.bookings(pms.BookingQuery{ExcludeBlocks: true})[0]))
	id, err := s.world.AddStay(sandbox.Stay{
		UnitID: stay.UnitID, Arrival: s.world.Today().AddDays(130), Departure: s.world.Today().AddDays(132),
		Guest: pms.Guest{Name: "Вера Выдуманная", Phone: "+7 900 000-11-22"}, Total: pms.Money{Amount: "100"},
	})
	require.NoError(s, err)
	for _, change := range []func() error{
		func() error { return s.world.Extend(id, s.world.Today().AddDays(135)) },
		func() error { return s.world.MoveUnit(id, s.world.Units()[2].ID, pms.Date{}) },
		func() error { return s.world.Cancel(id) },
	} {
		passTime(s.ctx, time.Minute)
		require.NoError(s, change())
	}
	all = s.net.deliveries()
	require.NotEmpty(s, all, "the stand-in posted no webhook: see Harness.Serve")
	return id, all
}

// webhook: each change of a stay gives an event that names it, and the last
// one leads to the stay as it is.
func webhook(s *scene) {
	c := s.connect()
	id, all := s.deliver(c)
	var last pms.Event
	for i, d := range all {
		events, err := pms.ParseWebhook(c, d)
		require.NoError(s, err, "delivery %d", i)
		again, err := pms.ParseWebhook(c, d)
		require.NoError(s, err)
		assert.True(s, reflect.DeepEqual(events, again), "a delivery that comes twice reads differently")
		for _, e := range events {
			assert.Equal(s, c.Info().Name, e.Vendor)
			assert.NotEqual(s, pms.EventUnknown, e.Kind, "kind of a change of a booking, %s", e.RawKind)
			assert.Empty(s, e.Failed)
			named := slices.Contains(e.BookingIDs, id) ||
				slices.ContainsFunc(e.Bookings, func(b pms.Booking) bool { return reservation(b) == id })
			assert.True(s, named, "the event does not name booking %s", id)
			last = e
		}
	}
	if len(all) == 0 {
		return
	}
	got := last.Bookings
	if len(got) == 0 {
		var err error
		got, err = pms.GetBooking(s.ctx, c, id)
		require.NoError(s, err, "a thin event, and the booking cannot be read")
	}
	require.NotEmpty(s, got)
	assert.Equal(s, pms.StatusCancelled, got[0].Status)
	assert.Equal(s, s.world.Today().AddDays(135), got[0].Departure)
	assert.Equal(s, s.world.Units()[2].ID, got[0].PropertyID)
}

// webhookForged: who cannot prove where a delivery comes from is refused.
func webhookForged(s *scene) {
	c := s.connect()
	_, all := s.deliver(c)
	for _, d := range all {
		events, err := pms.ParseWebhook(c, d)
		require.NoError(s, err)
		forged := []pms.Delivery{
			{Body: d.Body, URL: "/", ReceivedAt: d.ReceivedAt},
			{Body: d.Body, URL: "/hooks/../../" + c.Info().Name, ReceivedAt: d.ReceivedAt},
			otherProof(d),
		}
		if slices.ContainsFunc(events, func(e pms.Event) bool { return e.Trusted }) {
			changed := d
			changed.Body = append(slices.Clone(d.Body), ' ')
			forged = append(forged, changed)
		}
		for i, f := range forged {
			events, err := pms.ParseWebhook(c, f)
			if !errors.Is(err, pms.ErrBadSignature) {
				s.Errorf("forged delivery %d: error is %v; want %v", i, err, pms.ErrBadSignature)
			}
			s.note(err)
			assert.Empty(s, events)
		}
	}
}

// otherProof is d with the last letter of its URL and of its headers changed.
func otherProof(d pms.Delivery) pms.Delivery {
	change := func(text string) string {
		if text == "" {
			return "x"
		}
		last := text[len(text)-1]
		// Not the neighbour: base64 may ignore the low bits of the last letter.
		if last == 'g' {
			return text[:len(text)-1] + "Q"
		}
		return text[:len(text)-1] + "g"
	}
	d.URL = change(d.URL)
	d.Header = d.Header.Clone()
	for name := range d.Header {
		if name != "Content-Type" {
			d.Header.Set(name, change(d.Header.Get(name)))
		}
	}
	return d
}

// webhookGarbage: a body that cannot be read is an error, whoever sent it.
func webhookGarbage(s *scene) {
	c := s.connect()
	_, all := s.deliver(c)
	if len(all) == 0 {
		return
	}
	body := all[0].Body
	for _, garbage := range [][]byte{nil, {}, []byte("<html>"), []byte("nul"), body[:len(body)/2], body[:len(body)-1], append(slices.Clone(body), '}')} {
		d := all[0]
		d.Body = garbage
		_, err := pms.ParseWebhook(c, d)
		s.note(err)
		refused := errors.Is(err, pms.ErrDecode) || errors.Is(err, pms.ErrBadSignature)
		assert.True(s, refused, "body %.20q: error is %v; want %v", garbage, err, pms.ErrDecode)
	}
}
