package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// newSmoobu is an account whose caller sends the key alone.
func newSmoobu(t *testing.T, w *sandbox.World, o sandbox.SmoobuOptions) (*sandbox.Smoobu, *caller) {
	t.Helper()
	o.Legacy = true
	s := sandbox.NewSmoobu(w, o)
	t.Cleanup(s.Close)
	c := newCaller(t, s)
	c.header.Set("Api-Key", s.Options().APIKey)
	return s, c
}

var smoobuRefused = object{"title": "Error occurred", "detail": "verification error"}

// The signature is the vendor's own example, computed apart from this package.
func TestSmoobuSignature(t *testing.T) {
	t.Parallel()
	const target = "/api/reservations?from=2026-04-01&to=2026-04-10"
	signed := map[string]string{
		"X-API-Key": "usr_live_abc123", "X-Timestamp": "2026-04-01T12:00:00Z", "X-Nonce": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		"X-Signature": "Bu2/61pneyRyjQejH7PoCJC2P8iRm3NnC9R6CGFOQho=",
	}
	for name, tt := range map[string]struct {
		header, value, target, body string
		skew                        time.Duration
		want                        int
	}{
		"as signed":                 {want: 200},
		"another key":               {header: "X-API-Key", value: "usr_live_abc124", want: 401},
		"another time":              {header: "X-Timestamp", value: "2026-04-01T12:00:01Z", want: 401},
		"time with milliseconds":    {header: "X-Timestamp", value: "2026-04-01T12:00:00.000Z", want: 401},
		"another nonce":             {header: "X-Nonce", value: "6ba7b810-9dad-11d1-80b4-00c04fd430c9", want: 401},
		"another signature":         {header: "X-Signature", value: "Au2/61pneyRyjQejH7PoCJC2P8iRm3NnC9R6CGFOQho=", want: 401},
		"no signature":              {header: "X-Signature", value: "", want: 401},
		"another query":             {target: "/api/reservations?from=2026-04-01&to=2026-04-11", want: 401},
		"query in another order":    {target: "/api/reservations?to=2026-04-10&from=2026-04-01", want: 401},
		"query encoded differently": {target: "/api/reservations?from=2026%2D04-01&to=2026-04-10", want: 401},
		"a body":                    {body: "{}", want: 401},
		"clock within the skew":     {skew: time.Minute, want: 200},
		"clock out of the skew":     {skew: time.Second, want: 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetNow(time.Date(2026, 4, 1, 12, 0, 30, 0, time.UTC))
			s := sandbox.NewSmoobu(w, sandbox.SmoobuOptions{APIKey: "usr_live_abc123", APISecret: "your_api_secret", MaxSkew: tt.skew})
			t.Cleanup(s.Close)
			c := newCaller(t, s)
			for header, value := range signed {
				c.header.Set(header, value)
			}
			if tt.header != "" {
				c.header.Set(tt.header, tt.value)
			}
			if tt.target == "" {
				tt.target = target
			}
			status, v := c.call(http.MethodGet, tt.target, tt.body)
			require.Equal(t, tt.want, status)
			if status == http.StatusUnauthorized {
				assert.Equal(t, smoobuRefused, v)
				return
			}
			status, _ = c.call(http.MethodGet, tt.target, tt.body)
			assert.Equal(t, 401, status, "a nonce serves once")
		})
	}
}

func TestSmoobuLegacyKey(t *testing.T) {
	t.Parallel()
	s := sandbox.NewSmoobu(newWorld(t), sandbox.SmoobuOptions{})
	t.Cleanup(s.Close)
	c := newCaller(t, s)
	c.header.Set("Api-Key", s.Options().APIKey)
	status, _ := c.call(http.MethodGet, "/api/me", nil)
	assert.Equal(t, 401, status, "the account signs")
	_, c = newSmoobu(t, newWorld(t), sandbox.SmoobuOptions{UserID: 9})
	status, v := c.call(http.MethodGet, "/api/me", nil)
	assert.Equal(t, 200, status)
	assert.InDelta(t, 9, at(t, v, "id"), 0)
	c.header.Set("Api-Key", "another")
	status, _ = c.call(http.MethodGet, "/api/me", nil)
	assert.Equal(t, 401, status)
}

func TestSmoobuApartments(t *testing.T) {
	t.Parallel()
	_, c := newSmoobu(t, newWorld(t), sandbox.SmoobuOptions{})
	_, v := c.call(http.MethodGet, "/api/apartments", nil)
	assert.Equal(t, object{"apartments": []any{
		object{"id": 301.0, "name": "Лесная 5, студия 1"}, object{"id": 302.0, "name": "Лесная 5, студия 2"}, object{"id": 303.0, "name": "Loft"},
	}}, v)
	_, v = c.call(http.MethodGet, "/api/apartments/303", nil)
	assert.Equal(t, object{"street": "Садовая, 1", "zip": nil, "city": "Москва", "country": nil, "latitude": nil, "longitude": nil}, at(t, v, "location"))
	assert.Equal(t, "Europe/Moscow", at(t, v, "timeZone"))
	assert.InDelta(t, 4, at(t, v, "rooms", "maxOccupancy"), 0)
	assert.NotContains(t, v, "id")
	assert.NotContains(t, v, "name")
	status, _ := c.call(http.MethodGet, "/api/apartments/304", nil)
	assert.Equal(t, 404, status)
}

func TestSmoobuReservation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stay := anna()
	stay.ID, stay.DepartureTime = "500002", clock(t, "15:30")
	addStay(t, w, stay)
	_, c := newSmoobu(t, w, sandbox.SmoobuOptions{})
	_, v := c.call(http.MethodGet, "/api/reservations/500002", nil)
	assert.Equal(t, object{
		"id": 500002.0, "reference-id": "HMTEST1234", "type": "reservation", "arrival": "2026-06-20", "departure": "2026-06-23",
		"created-at": "2026-06-01 09:00", "modifiedAt": "2026-06-01 09:00:00",
		"apartment": object{"id": 301.0, "name": "Лесная 5, студия 1"}, "channel": object{"id": 465614.0, "name": "Airbnb"},
		"guest-name": "Анна Тестова", "firstname": "Анна", "lastname": "Тестова", "email": "anna@example.com", "phone": "+7 900 000-00-01",
		"adults": 2.0, "children": 1.0, "check-in": nil, "check-out": "15:30", "notice": "Поздний выезд", "assistant-notice": nil,
		"price": 18600.0, "price-details": "", "price-paid": "No", "commission-included": 0.0, "prepayment": 0.0, "prepayment-paid": "No",
		"deposit": 0.0, "deposit-paid": "No", "language": "", "guest-app-url": "https://guest.smoobu.example/?t=500002",
		"is-blocked-booking": false, "guestId": 1500002.0, "related": []any{},
	}, v)

	w.Advance(time.Minute)
	require.NoError(t, w.Extend("500002", june(24)))
	_, v = c.call(http.MethodGet, "/api/reservations/500002", nil)
	assert.Equal(t, "modification of booking", at(t, v, "type"))
	block, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)
	_, v = c.call(http.MethodGet, "/api/reservations/"+block, nil)
	assert.Equal(t, true, at(t, v, "is-blocked-booking"))
	assert.Equal(t, object{"id": 11.0, "name": "Blocked channel"}, at(t, v, "channel"))
	assert.Equal(t, "repair", at(t, v, "notice"))
	assert.Nil(t, at(t, v, "guestId"))
	assert.Equal(t, "2026-06-01 09:01", at(t, v, "modifiedAt"), "the form without seconds occurs, too")
	status, v := c.call(http.MethodGet, "/api/reservations/7", nil)
	assert.Equal(t, 404, status)
	assert.Equal(t, "Error occurred", at(t, v, "title"))
}

// smoobuWorld has three stays, one of them cancelled, and a block.
func smoobuWorld(t *testing.T) *sandbox.World {
	t.Helper()
	w := newWorld(t)
	for i, s := range []sandbox.Stay{
		{ID: "1", UnitID: "301", Arrival: june(1), Departure: june(4)},
		{ID: "2", UnitID: "302", Arrival: june(4), Departure: june(8), Status: pms.StatusCancelled},
		{ID: "3", UnitID: "301", Arrival: june(8), Departure: june(12), Status: pms.StatusTentative},
		{ID: "4", UnitID: "301", Arrival: june(12), Departure: june(14), Kind: pms.KindBlock},
		{ID: "5", UnitID: "301", Arrival: june(12), Departure: june(14), Status: pms.StatusInquiry},
	} {
		s.CreatedAt = w.Now().AddDate(0, 0, i)
		addStay(t, w, s)
	}
	return w
}

func TestSmoobuFilters(t *testing.T) {
	t.Parallel()
	_, c := newSmoobu(t, smoobuWorld(t), sandbox.SmoobuOptions{})
	for query, want := range map[string][]any{
		"":                      {1.0, 3.0, 4.0},
		"showCancellation=true": {1.0, 2.0, 3.0, 4.0},
		"excludeBlocked=true&showCancellation=false":         {1.0, 3.0},
		"from=2026-06-04&to=2026-06-12":                      {3.0},
		"from=2026-06-03&to=2026-06-13":                      {1.0, 3.0, 4.0},
		"arrivalFrom=2026-06-08&arrivalTo=2026-06-08":        {3.0},
		"departureFrom=2026-06-12&departureTo=2026-06-14":    {3.0, 4.0},
		"modifiedFrom=2026-06-03":                            {3.0, 4.0},
		"modifiedTo=2026-06-03":                              {1.0, 3.0},
		"created_from=2026-06-04&created_to=2026-06-04":      {4.0},
		"apartmentId=301&includeRelated=true":                {1.0, 3.0, 4.0},
		"apartmentId=302&showCancellation=true":              {2.0},
		"apartmentId=7":                                      {},
		"includePriceElements=true&departureTo=2026-06-04":   {1.0},
		"departureFrom=2026-06-12&arrivalTo=2026-06-08":      {3.0},
		"page=2&pageSize=2":                                  {4.0},
		"page=2":                                             {},
		"pageSize=1000&apartmentId=301&arrivalTo=2026-06-01": {1.0},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			status, v := c.call(http.MethodGet, "/api/reservations?"+query, nil)
			require.Equal(t, 200, status, v)
			assert.Equal(t, want, column(t, at(t, v, "bookings"), "id"))
		})
	}
	for _, wrong := range []string{"from=4.6.2026", "modifiedFrom=2026-06-04T12:00:00Z", "page=0", "pageSize=x", "showCancellation=1", "apartmentId=x", "limit=5"} {
		status, v := c.call(http.MethodGet, "/api/reservations?"+wrong, nil)
		assert.Equal(t, 422, status)
		name, _, _ := strings.Cut(wrong, "=")
		assert.Contains(t, v, name)
	}
}

func TestSmoobuPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 130 {
		addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(1).AddDays(i), Departure: june(2).AddDays(i)})
	}
	_, c := newSmoobu(t, w, sandbox.SmoobuOptions{})
	for query, want := range map[string]object{
		"":                    {"page": 1.0, "page_size": 25.0, "page_count": 6.0, "total_items": 130.0},
		"page=6":              {"page": 6.0, "page_size": 25.0, "page_count": 6.0, "total_items": 130.0},
		"page=2&pageSize=500": {"page": 2.0, "page_size": 100.0, "page_count": 2.0, "total_items": 130.0},
	} {
		_, v := c.call(http.MethodGet, "/api/reservations?"+query, nil)
		got := v.(object)
		rows := len(got["bookings"].([]any))
		delete(got, "bookings")
		assert.Equal(t, want, got)
		assert.Equal(t, map[string]int{"": 25, "page=6": 5, "page=2&pageSize=500": 30}[query], rows, query)
	}
}

func TestSmoobuWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newSmoobu(t, w, sandbox.SmoobuOptions{})
	body := object{
		"arrivalDate": "2026-06-10", "departureDate": "2026-06-12", "apartmentId": 301, "firstName": "Mara", "lastName": "Lind",
		"email": "mara@example.com", "adults": 2, "price": 120.5, "arrivalTime": "16:00",
	}
	status, v := c.call(http.MethodPost, "/api/reservations", body)
	require.Equal(t, 200, status, v)
	id := fmt.Sprintf("%.0f", at(t, v, "id"))
	s, _ := w.Stay(id)
	assert.Equal(t, "Mara Lind", s.Guest.Name)
	assert.Equal(t, "120.5", s.Total.Amount)
	_, v = c.call(http.MethodGet, "/api/reservations/"+id, nil)
	assert.Equal(t, object{"id": 70.0, "name": "API default"}, at(t, v, "channel"))
	status, _ = c.call(http.MethodPost, "/api/reservations", body)
	assert.Equal(t, 400, status, "the nights are taken")
	body["arrivalDate"], body["departureDate"], body["channelId"] = "2026-06-12", "2026-06-14", 11
	_, v = c.call(http.MethodPost, "/api/reservations", body)
	s, _ = w.Stay(fmt.Sprintf("%.0f", at(t, v, "id")))
	assert.Equal(t, pms.KindBlock, s.Kind)

	status, _ = c.call(http.MethodPut, "/api/reservations/"+id, object{
		"assistantNotice": "towels", "guestName": "M. Lind", "departureTime": "09:30", "children": 1, "language": "de",
	})
	require.Equal(t, 200, status)
	_, v = c.call(http.MethodGet, "/api/reservations/"+id, nil)
	assert.Equal(t, "towels", at(t, v, "assistant-notice"))
	assert.Equal(t, "M. Lind", at(t, v, "guest-name"))
	assert.Equal(t, "09:30", at(t, v, "check-out"))
	assert.Equal(t, "de", at(t, v, "language"))

	for field, write := range map[string]struct{ method, path, body string }{
		"arrivalDate":   {"PUT", "/" + id, `{"arrivalDate":"2026-06-11"}`},
		"adults":        {"PUT", "/" + id, `{"adults":"two"}`},
		"arrivalTime":   {"PUT", "/" + id, `{"arrivalTime":"late"}`},
		"guestName":     {"PUT", "/" + id, `{"guestName":5}`},
		"apartmentId":   {"POST", "", `{"arrivalDate":"2026-07-11","departureDate":"2026-07-12","apartmentId":7}`},
		"body":          {"POST", "", `[`},
		"departureDate": {"POST", "", `{"arrivalDate":"2026-07-11","apartmentId":301}`},
	} {
		status, v := c.call(write.method, "/api/reservations"+write.path, write.body)
		assert.Equal(t, 422, status, write.body)
		assert.Contains(t, v, field)
	}
	status, _ = c.call(http.MethodDelete, "/api/reservations/"+id, nil)
	assert.Equal(t, 200, status)
	s, _ = w.Stay(id)
	assert.Equal(t, pms.StatusCancelled, s.Status)
	for _, method := range []string{"PUT", "DELETE"} {
		status, _ = c.call(method, "/api/reservations/7", "{}")
		assert.Equal(t, 404, status)
	}
	status, _ = c.call(http.MethodPatch, "/api/reservations/"+id, "{}")
	assert.Equal(t, 405, status)
}

func TestSmoobuLimit(t *testing.T) {
	t.Parallel()
	for _, inSeconds := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
			_, c := newSmoobu(t, w, sandbox.SmoobuOptions{RetryInSeconds: inSeconds})
			for range 1000 {
				status, _ := c.call(http.MethodGet, "/api/me", nil)
				require.Equal(t, 200, status)
			}
			resp, _ := c.raw(http.MethodGet, "/api/me", nil)
			require.Equal(t, 429, resp.StatusCode)
			assert.Equal(t, "1000", resp.Header.Get("X-RateLimit-Limit"))
			assert.Equal(t, "0", resp.Header.Get("X-RateLimit-Remaining"))
			want := fmt.Sprint(time.Now().Add(time.Minute).Unix())
			if inSeconds {
				want = "60"
			}
			assert.Equal(t, want, resp.Header.Get("X-RateLimit-Retry-After"))
			<-time.After(time.Minute)
			status, _ := c.call(http.MethodGet, "/api/me", nil)
			assert.Equal(t, 200, status)
		})
	}
}

func TestSmoobuWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host := &inbox{}
	s, _ := newSmoobu(t, w, sandbox.SmoobuOptions{HTTPClient: host.client(), Webhooks: []string{"https://host.example/hook"}})
	id := addStay(t, w, anna())
	require.NoError(t, w.Extend(id, june(25)))
	require.NoError(t, w.Cancel(id))
	require.NoError(t, w.Delete(id))
	inquiry := anna()
	inquiry.Status = pms.StatusInquiry
	addStay(t, w, inquiry)
	require.NoError(t, w.SetCleanliness("301", pms.Dirty))
	want := []string{
		`"newReservation"`, `"updateReservation"`, `"updateReservation"`, `"cancelReservation"`, `"deleteReservation"`,
	}
	require.Len(t, host.bodies, len(want))
	for i, body := range host.bodies {
		assert.True(t, strings.HasPrefix(body, `POST /hook application/json {"action":`+want[i]), body)
		assert.Contains(t, body, `"user":7`)
		assert.Contains(t, body, `"id":`+id)
		assert.Equal(t, want[i] == `"updateReservation"`, strings.Contains(body, "priceElements"))
		assert.Equal(t, i >= 2, strings.Contains(body, `"type":"cancellation"`), body)
	}
	require.Len(t, s.Sent(), 5)
	s.AddWebhook("https://host.example/second")
	_, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)
	assert.Len(t, s.Sent(), 7, "blocks are reservations")
}
