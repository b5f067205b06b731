package ical

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const secretURL = "https://www.airbnb.example/calendar/ical/42.ics?s=canary-in-the-query"

// answer is a transport that gives one answer and remembers the requests.
type answer struct {
	status int
	header http.Header
	body   string
	seen   []*http.Request
}

func (a *answer) RoundTrip(req *http.Request) (*http.Response, error) {
	a.seen = append(a.seen, req)
	recorder := httptest.NewRecorder()
	for name, values := range a.header {
		recorder.Header()[name] = values
	}
	recorder.WriteHeader(a.status)
	if a.body == "" {
		return recorder.Result(), nil
	}
	_, err := recorder.WriteString(a.body)
	return recorder.Result(), err
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]Config{
		"ical: Feeds is required":                                           {},
		"ical: Feeds[0].URL is required":                                    {Feeds: []Feed{{PropertyID: "p"}}},
		"ical: Feeds[1].PropertyID is required":                             {Feeds: []Feed{{URL: secretURL, PropertyID: "p"}, {URL: secretURL}}},
		"ical: Feeds[0].URL must begin with https://, http:// or webcal://": {Feeds: []Feed{{URL: "file:///canary-in-the-path", PropertyID: "p"}}},
		"ical: Feeds[0].URL has no host":                                    {Feeds: []Feed{{URL: "https:///canary-in-the-path", PropertyID: "p"}}},
		"ical: Feeds[0].URL must hold no user and password":                 {Feeds: []Feed{{URL: "https://canary:canary@x.example/", PropertyID: "p"}}},
		"ical: Feeds[0].URL is not a URL":                                   {Feeds: []Feed{{URL: "https://canary%zz/", PropertyID: "p"}}},
		`ical: TimeZone "Mars" is not an IANA zone known here`:              {Feeds: []Feed{{URL: secretURL, PropertyID: "p", TimeZone: "Mars"}}},
		"ical: BaseURL must begin with https:// or http://":                 {Feeds: []Feed{{URL: secretURL, PropertyID: "p"}}, BaseURL: "ftp://x"},
	} {
		_, err := New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := New(Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p", Rules: Rules{Closed: "perhaps"}}}})
	require.ErrorContains(t, err, "ical: Feeds[0].Rules: ")
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p"}}}
	c, err := New(cfg)
	require.NoError(t, err)
	text := fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v %#v", cfg, cfg, cfg, c, c, c, cfg.Feeds[0], cfg.Feeds[0], cfg.Feeds[0])
	require.NotContains(t, text, "canary")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, base, want string }{
		{"webcal://cal.example/a.ics?s=1#top", "", "https://cal.example/a.ics?s=1"},
		{" http://cal.example/a%2Fb.ics ", "", "http://cal.example/a%2Fb.ics"},
		{"https://cal.example/a%2Fb.ics?s=1", "http://127.0.0.1:8080/prefix/", "http://127.0.0.1:8080/prefix/a%2Fb.ics?s=1"},
	} {
		u, err := parseAddress(tt.address, tt.base)
		require.NoError(t, err)
		require.Equal(t, tt.want, u.String())
	}
}

// None of these may look as if all bookings had been cancelled.
func TestBadFeedsAreErrors(t *testing.T) {
	t.Parallel()
	whole := feed(allDay("a", "20260620", "20260623", "Reserved"))
	for name, tt := range map[string]struct {
		answer answer
		want   error
	}{
		"gone":               {answer{status: 404}, pms.ErrNotFound},
		"HTML under 200":     {answer{status: 200, body: "<!doctype html><title>Log in</title>"}, pms.ErrDecode},
		"empty answer":       {answer{status: 200}, pms.ErrDecode},
		"no events":          {answer{status: 200, body: feed()}, pms.ErrDecode},
		"cut off":            {answer{status: 200, body: whole[:len(whole)-20]}, pms.ErrDecode},
		"304 out of nothing": {answer{status: 304}, pms.ErrDecode},
		"over the size":      {answer{status: 200, body: feed(allDay("a", "20260620", "20260623", string(make([]byte, MaxSize))))}, pms.ErrTooLarge},
		"503":                {answer{status: 503}, pms.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p"}}, MaxRetries: -1, HTTPClient: &http.Client{Transport: &tt.answer}})
			require.NoError(t, err)
			bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, bookings)
			require.Empty(t, failed)
			require.NotContains(t, fmt.Sprintf("%v %+v", err, err), "canary")
			_, err = c.GetCalendars(t.Context(), "p")
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestAnEmptyFeedCanBeAllowed(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p", AllowEmpty: true}}, HTTPClient: &http.Client{Transport: &answer{status: 200, body: feed()}}})
	require.NoError(t, err)
	bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
	require.NoError(t, err)
	require.Empty(t, bookings)
	require.Empty(t, failed)
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := sandbox.NewWorld(3, sandbox.Options{Clock: time.Now})
		stand := sandbox.NewICal(world, sandbox.ICalOptions{EveryChannel: true})
		property := world.Bookings()[0].PropertyID
		seen := &sandbox.Faults{Next: sandbox.Transport(stand)}
		c, err := New(Config{
			Feeds:      []Feed{{URL: "https://www.airbnb.example" + stand.URL(sandbox.Airbnb, property), PropertyID: property}},
			HTTPClient: &http.Client{Transport: seen},
		})
		require.NoError(t, err)
		first, err := c.GetCalendars(t.Context(), property)
		require.NoError(t, err)
		require.NotZero(t, first[0].Count)
		second, err := c.GetCalendars(t.Context(), property)
		require.NoError(t, err)
		require.Equal(t, first, second)
		requests := seen.Seen()
		require.Len(t, requests, 2)
		require.Empty(t, requests[0].Header.Get("If-None-Match"))
		require.NotEmpty(t, requests[1].Header.Get("If-None-Match"))
	})
}

// A feed that may be empty does not make the same address good for another.
func TestSharedAddressKeepsTheGuard(t *testing.T) {
	t.Parallel()
	header := http.Header{"Etag": {`"v1"`}}
	empty := &answer{status: 200, header: header, body: feed()}
	same := &answer{status: 304, header: header}
	transport := &sandbox.Faults{Next: same, Rules: []sandbox.Rule{{Times: 1, Do: func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return empty.RoundTrip(req)
	}}}}
	c, err := New(Config{
		Feeds:      []Feed{{URL: secretURL, PropertyID: "new", AllowEmpty: true}, {URL: secretURL, PropertyID: "old"}},
		HTTPClient: &http.Client{Transport: transport},
	})
	require.NoError(t, err)
	_, err = c.GetCalendars(t.Context(), "new")
	require.NoError(t, err)
	_, err = c.GetCalendars(t.Context(), "old")
	require.ErrorIs(t, err, pms.ErrDecode)
}

func TestUnknownPropertyIsNotFound(t *testing.T) {
	t.Parallel()
	transport := &answer{status: 200}
	c, err := New(Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p"}}, HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	_, err = c.GetCalendars(t.Context(), "q")
	require.ErrorIs(t, err, pms.ErrNotFound)
	page, err := c.ListBookings(t.Context(), pms.BookingQuery{PropertyIDs: []string{"q"}})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Empty(t, transport.seen)
}

// One dead address among several must not hide the stays of the others, and the
// list must not look complete.
func TestOneDeadFeedAmongSeveral(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		faults int
		want   error
		units  []string
	}{
		"for ever":       {0, pms.ErrDecode, []string{"one", "two"}},
		"for the moment": {3, nil, []string{"one", "two", "dead"}}, // one read and two repeats
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				good := &answer{status: 200, body: feed(allDay("a", "20260620", "20260623", "Reserved"))}
				faults := &sandbox.Faults{Next: good, Rules: []sandbox.Rule{{Match: sandbox.Path("/dead"), Times: tt.faults, Do: sandbox.HTML()}}}
				c, err := New(Config{
					Feeds: []Feed{
						{URL: "https://cal.example/one.ics", PropertyID: "one"},
						{URL: "https://cal.example/dead.ics", PropertyID: "dead"},
						{URL: "https://cal.example/two.ics", PropertyID: "two"},
					},
					HTTPClient: &http.Client{Transport: faults},
				})
				require.NoError(t, err)
				bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
				require.ErrorIs(t, err, tt.want)
				require.Empty(t, failed)
				var units []string
				for _, b := range bookings {
					units = append(units, b.PropertyID)
				}
				require.Equal(t, tt.units, units)
			})
		})
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(feed(allDay("a", "20260620", "20260623", "Reserved"))))
	}))
	defer server.Close()
	cfg := Config{Feeds: []Feed{{URL: server.URL + "/a.ics", PropertyID: "p"}}, MaxRetries: -1}
	for _, hc := range []*http.Client{nil, {Transport: http.DefaultTransport}} {
		cfg.HTTPClient = hc
		c, err := New(cfg)
		require.NoError(t, err)
		_, err = c.ListBookings(t.Context(), pms.BookingQuery{})
		require.ErrorIs(t, err, pms.ErrPrivateAddress)
	}
	cfg.AllowPrivateAddresses = true
	c, err := New(cfg)
	require.NoError(t, err)
	page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
}

func TestMapCalendar(t *testing.T) {
	t.Parallel()
	body := feed(
		"PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN",
		vevent("UID:a@airbnb.com", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "SUMMARY:Reserved",
			`DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\nPhone Number (Last 4 Digits): 0042`),
		allDay("b@airbnb.com", "20260701", "20260704", "Airbnb (Not available)"),
		vevent("UID:c@airbnb.com", "DTSTART;VALUE=DATE:20260710", "DTEND;VALUE=DATE:20260709", "SUMMARY:Reserved"),
	)
	c, err := New(Config{
		Feeds:      []Feed{{URL: secretURL, PropertyID: "loft"}},
		TimeZone:   "Europe/Paris",
		HTTPClient: &http.Client{Transport: &answer{status: 200, body: body}},
	})
	require.NoError(t, err)
	page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	stay, block := page.Items[0], page.Items[1]
	require.NotEmpty(t, stay.Raw)
	stay.Raw, block.Raw = nil, nil
	require.Equal(t, pms.Booking{
		Vendor: "ical", ID: "loft/a@airbnb.com", PropertyID: "loft", Kind: pms.KindGuest, Status: pms.StatusConfirmed, RawStatus: "reserved",
		Arrival: date(t, "2026-06-20"), Departure: date(t, "2026-06-23"), TimeZone: "Europe/Paris",
		Channel: "airbnb", Code: "HMTEST1234", Notes: "Reserved",
	}, stay)
	require.Equal(t, pms.KindBlock, block.Kind)
	require.Len(t, page.Failed, 1)
	require.EqualError(t, page.Failed[0], "ical: event loft/c@airbnb.com: DTEND: before DTSTART")
}

func TestDropPersonalData(t *testing.T) {
	t.Parallel()
	body := feed(allDay("a", "20260620", "20260623", "Reserved - Anna"), vevent("UID:b", "DTSTART:garbage", "SUMMARY:Reserved - Anna"))
	c, err := New(Config{
		Feeds:      []Feed{{URL: "https://www.vrbo.example/a.ics", PropertyID: "p", Rules: Rules{DropPersonalData: true}}},
		HTTPClient: &http.Client{Transport: &answer{status: 200, body: body}},
	})
	require.NoError(t, err)
	page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Len(t, page.Failed, 1)
	require.NotContains(t, fmt.Sprintf("%+v %+v", page.Items[0], *page.Failed[0]), "Anna")
}

func TestUnknownStatus(t *testing.T) {
	t.Parallel()
	body := feed(vevent("UID:a", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "STATUS:teleported", "SUMMARY:Reserved"))
	c, err := New(Config{Feeds: []Feed{{URL: secretURL, PropertyID: "p"}}, HTTPClient: &http.Client{Transport: &answer{status: 200, body: body}}})
	require.NoError(t, err)
	page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, pms.StatusUnknown, page.Items[0].Status)
	require.Equal(t, "TELEPORTED", page.Items[0].RawStatus)
}

func TestForeignCursors(t *testing.T) {
	t.Parallel()
	c, err := New(Config{
		Feeds:      []Feed{{URL: secretURL, PropertyID: "p"}},
		HTTPClient: &http.Client{Transport: &answer{status: 200, body: feed(allDay("a", "20260620", "20260623", "Reserved"))}},
	})
	require.NoError(t, err)
	for _, cursor := range []string{"rooms:0:0:", "feeds:1:1:", "feeds:0:1:x", "again:7:1:"} {
		_, err := c.ListBookings(t.Context(), pms.BookingQuery{Cursor: cursor})
		require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
	}
}
