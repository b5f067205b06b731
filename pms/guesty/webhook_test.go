package guesty_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/guesty"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const otherSecret = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="

func webhookClient(t testing.TB, cfg guesty.Config) *guesty.Client {
	t.Helper()
	cfg.ClientID, cfg.ClientSecret = "client", "secret"
	c, err := guesty.New(cfg)
	require.NoError(t, err)
	return c
}

func signed(body string) pms.Delivery {
	h := http.Header{}
	h.Set("svix-id", "msg_1")
	h.Set("svix-timestamp", "1790000000")
	h.Set("svix-signature", sandbox.GuestySignature(hookSecret, "msg_1", "1790000000", []byte(body)))
	return pms.Delivery{Header: h, URL: "/hooks/guesty", Body: []byte(body), ReceivedAt: time.Unix(1790000000, 0)}
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, guesty.Config{WebhookSecret: hookSecret})
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	const stamp = `"publishedAt":"2026-11-21T09:30:00.000Z"`
	updated := pms.Event{
		Kind: pms.EventBookingUpdated, RawKind: "reservation.updated.v2", At: at, BookingIDs: []string{"r1"}, PropertyIDs: []string{"u1"},
	}
	cancelled := updated
	cancelled.Kind = pms.EventBookingCancelled
	for name, tt := range map[string]struct {
		body string
		want pms.Event
	}{
		"at the top":   {`{"event":"reservation.updated.v2",` + stamp + `,"reservationId":"r1","unitId":"u1","status":"confirmed"}`, updated},
		"in data":      {`{"event":"reservation.updated.v2",` + stamp + `,"data":{"reservationId":"r1","unitId":"u1"}}`, updated},
		"deeper":       {`{"event":"reservation.updated.v2","id":"evt_1","data":{` + stamp + `,"reservation":{"id":"r1","listingId":"u1"}}}`, updated},
		"id outside":   {`{"event":"reservation.updated.v2",` + stamp + `,"id":"evt_1","data":{"reservationId":"r1","reservation":{"unitId":"u1"}}}`, updated},
		"cancelled":    {`{"event":"reservation.updated.v2",` + stamp + `,"reservationId":"r1","unitId":"u1","status":"canceled"}`, cancelled},
		"declined":     {`{"event":"reservation.updated.v2",` + stamp + `,"data":{"reservationId":"r1","unitId":"u1","status":"declined"}}`, cancelled},
		"by type":      {`{"type":"reservation.updated.v2",` + stamp + `,"data":{"reservationId":"r1","unitId":"u1"}}`, updated},
		"created":      {`{"event":"reservation.created.v2","data":{"reservationId":"r1"}}`, pms.Event{Kind: pms.EventBookingCreated, RawKind: "reservation.created.v2", BookingIDs: []string{"r1"}}},
		"older event":  {`{"event":"reservation.updated","reservation":{"_id":"r1","listingId":"u1","accountId":"a1","status":"confirmed"}}`, pms.Event{Kind: pms.EventBookingUpdated, RawKind: "reservation.updated", AccountID: "a1", BookingIDs: []string{"r1"}, PropertyIDs: []string{"u1"}}},
		"older, new":   {`{"event":"reservation.new","reservation":{"_id":"r1"}}`, pms.Event{Kind: pms.EventBookingCreated, RawKind: "reservation.new", BookingIDs: []string{"r1"}}},
		"listing":      {`{"event":"listing.updated","listing":{"_id":"u1","accountId":"a1"}}`, pms.Event{Kind: pms.EventPropertyChanged, RawKind: "listing.updated", AccountID: "a1", PropertyIDs: []string{"u1"}}},
		"listing gone": {`{"event":"listing.removed","data":{"listing":{"_id":"u1"}}}`, pms.Event{Kind: pms.EventPropertyChanged, RawKind: "listing.removed", PropertyIDs: []string{"u1"}}},
		"calendar":     {`{"event":"listing.calendar.updated","data":{"listingId":"u1"}}`, pms.Event{Kind: pms.EventUnknown, RawKind: "listing.calendar.updated", PropertyIDs: []string{"u1"}}},
		"payment":      {`{"event":"payments.failed","data":{"reservationId":"r1"}}`, pms.Event{Kind: pms.EventPaymentChanged, RawKind: "payments.failed", BookingIDs: []string{"r1"}}},
		"task":         {`{"event":"task.updated","task":{"_id":"t1"},"by":{}}`, pms.Event{Kind: pms.EventUnknown, RawKind: "task.updated"}},
		"message":      {`{"event":"reservation.messageReceived","reservationId":"r1"}`, pms.Event{Kind: pms.EventUnknown, RawKind: "reservation.messageReceived", BookingIDs: []string{"r1"}}},
		"new kind":     {`{"event":"reservation.teleported.v3","data":{"reservationId":"r1"}}`, pms.Event{Kind: pms.EventUnknown, RawKind: "reservation.teleported.v3", BookingIDs: []string{"r1"}}},
		"no kind":      {`{}`, pms.Event{Kind: pms.EventUnknown}},
		"odd shapes":   {`{"event":"reservation.updated.v2","data":"x","reservation":[],` + stamp + `,"reservationId":7,"unitId":"u1"}`, pms.Event{Kind: pms.EventBookingUpdated, RawKind: "reservation.updated.v2", At: at, BookingIDs: []string{"7"}, PropertyIDs: []string{"u1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := c.ParseWebhook(signed(tt.body))
			require.NoError(t, err)
			tt.want.Vendor, tt.want.ID, tt.want.Trusted, tt.want.Raw = "guesty", "msg_1", true, []byte(tt.body)
			require.Equal(t, []pms.Event{tt.want}, events)
		})
	}
}

// A change of a reservation that does not name it is reported.
func TestParseWebhookWithoutID(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, guesty.Config{WebhookSecret: hookSecret})
	events, err := c.ParseWebhook(signed(`{"event":"reservation.updated.v2","data":{"status":"confirmed"}}`))
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.Len(t, events[0].Failed, 1)
	require.EqualError(t, events[0].Failed[0], "guesty: event msg_1: reservationId: missing")
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	const body = `{"event":"reservation.updated.v2","reservationId":"r1"}`
	for name, tt := range map[string]struct {
		cfg    guesty.Config
		change func(d *pms.Delivery)
		want   error
	}{
		"no secret configured": {guesty.Config{}, func(*pms.Delivery) {}, pms.ErrBadSignature},
		"another secret":       {guesty.Config{WebhookSecret: otherSecret}, func(*pms.Delivery) {}, pms.ErrBadSignature},
		"no header":            {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) { d.Header = nil }, pms.ErrBadSignature},
		"another body":         {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) { d.Body = append(d.Body, '\n') }, pms.ErrBadSignature},
		"stale":                {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) { d.ReceivedAt = d.ReceivedAt.Add(6 * time.Minute) }, pms.ErrBadSignature},
		"received now":         {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) { d.ReceivedAt = time.Time{} }, pms.ErrBadSignature},
		"during rotation, old": {guesty.Config{WebhookSecret: otherSecret, PreviousWebhookSecret: hookSecret}, func(*pms.Delivery) {}, nil},
		"several entries": {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) {
			d.Header.Set("svix-signature", "v1,b2xk "+d.Header.Get("svix-signature"))
		}, nil},
		"other headers": {guesty.Config{WebhookSecret: hookSecret}, func(d *pms.Delivery) {
			h := http.Header{}
			for name, values := range d.Header {
				h[http.CanonicalHeaderKey("webhook-"+name[len("svix-"):])] = values
			}
			d.Header = h
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := signed(body)
			tt.change(&d)
			events, err := webhookClient(t, tt.cfg).ParseWebhook(d)
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, guesty.Config{WebhookSecret: hookSecret})
	for _, body := range []string{"", "[]", "{", "<html>", `"x"`, "7", "{}}"} {
		_, err := c.ParseWebhook(signed(body))
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

// Deliveries that overtake one another are put in order by At, and one that is
// repeated has the same ID.
func TestDeliveriesInAnyOrder(t *testing.T) {
	t.Parallel()
	world := sandbox.NewWorld(7, sandbox.Options{Properties: 2, Stays: 3, Blocks: -1})
	var got []pms.Delivery
	stand := sandbox.NewGuesty(world, sandbox.GuestyOptions{
		WebhookSecret: hookSecret, OldHeaders: true, Webhooks: []string{"https://host.example/hooks/guesty"},
		HTTPClient: &http.Client{Transport: receiver(func(d pms.Delivery) { got = append(got, d) })},
	})
	defer stand.Close()
	id := world.Stays()[0].ID
	require.NoError(t, world.Extend(id, world.Stays()[0].Departure.AddDays(1)))
	world.Advance(time.Minute)
	require.NoError(t, world.Cancel(id))
	require.Len(t, got, 2)
	require.Len(t, stand.Sent(), 2)
	require.Equal(t, http.StatusOK, stand.Sent()[0].Status)

	c := webhookClient(t, guesty.Config{WebhookSecret: hookSecret})
	var events []pms.Event
	for _, d := range []pms.Delivery{got[1], got[0], got[1]} {
		d.ReceivedAt = world.Now()
		parsed, err := c.ParseWebhook(d)
		require.NoError(t, err)
		events = append(events, parsed...)
	}
	require.Equal(t, pms.EventBookingCancelled, events[0].Kind)
	require.True(t, events[1].At.Before(events[0].At))
	require.Equal(t, events[0].ID, events[2].ID)
	require.NotEqual(t, events[0].ID, events[1].ID)
}

// receiver takes what is posted.
type receiver func(pms.Delivery)

func (r receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r(pms.Delivery{Header: req.Header, URL: req.URL.Path, Body: body})
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, req.Body.Close()
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"event":"reservation.updated.v2","publishedAt":"2026-11-21T09:30:00.000Z","data":{"reservation":{"id":"r1"}}}`))
	f.Add([]byte(`{"event":"reservation.updated","reservation":{"_id":"r1"}}`))
	f.Add([]byte(`{"event":[],"data":null,"listing":{}}`))
	c := webhookClient(f, guesty.Config{WebhookSecret: hookSecret})
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(signed(string(body)))
		if err != nil {
			require.ErrorIs(t, err, pms.ErrDecode)
			return
		}
		require.Len(t, events, 1)
		require.Equal(t, "msg_1", events[0].ID)
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, guesty.Config{WebhookSecret: hookSecret})
	d := signed(`{"event":"reservation.updated.v2","data":{"reservationId":"r1","unitId":"u1","notes":"` + strings.Repeat("x", 10_000) + `"}}`)
	for b.Loop() {
		if _, err := c.ParseWebhook(d); err != nil {
			b.Fatal(err)
		}
	}
}
