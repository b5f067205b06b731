package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

type object = map[string]any

// caller sends requests to a stand-in.
type caller struct {
	t      *testing.T
	rt     http.RoundTripper
	header http.Header
}

func newCaller(t *testing.T, h http.Handler) *caller {
	return &caller{t: t, rt: sandbox.Transport(h), header: http.Header{}}
}

// call sends body, an object as JSON or a text as it is, and returns status and
// the JSON answer, or the text of one that is not JSON.
func (c *caller) call(method, target string, body any) (int, any) {
	c.t.Helper()
	resp, text := c.raw(method, target, body)
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return resp.StatusCode, text
	}
	return resp.StatusCode, v
}

func (c *caller) raw(method, target string, body any) (answer, string) {
	c.t.Helper()
	text, isText := body.(string)
	if body != nil && !isText {
		data, err := json.Marshal(body)
		require.NoError(c.t, err)
		text = string(data)
	}
	req := newRequest(c.t, c.t.Context(), method, "https://vendor.example"+target, text)
	req.Header = c.header.Clone()
	if !isText {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, read, err := do(c.t, c.rt, req)
	require.NoError(c.t, err)
	return resp, read
}

// at walks a JSON value by keys and indices.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, ok := v.(object)
			require.True(t, ok, "%v is no object at %q", v, step)
			require.Contains(t, o, step)
			v = o[step]
		case int:
			list, ok := v.([]any)
			require.True(t, ok, "%v is no list", v)
			require.Greater(t, len(list), step)
			v = list[step]
		}
	}
	return v
}

// column is one field of every item of a list.
func column(t *testing.T, list any, field string) []any {
	t.Helper()
	items, ok := list.([]any)
	require.True(t, ok, "%v is no list", list)
	out := []any{}
	for _, item := range items {
		out = append(out, at(t, item, field))
	}
	return out
}

// newBnovo is a stand-in and a caller with a token.
func newBnovo(t *testing.T, w *sandbox.World, o sandbox.BnovoOptions) (*sandbox.Bnovo, *caller) {
	t.Helper()
	b := sandbox.NewBnovo(w, o)
	t.Cleanup(b.Close)
	c := newCaller(t, b)
	c.login(b)
	return b, c
}

func (c *caller) login(b *sandbox.Bnovo) {
	c.t.Helper()
	status, v := c.call(http.MethodPost, "/api/v1/auth", object{"id": b.Options().ID, "password": b.Options().Password})
	require.Equal(c.t, http.StatusOK, status)
	c.header.Set("Authorization", "Bearer "+at(c.t, v, "data", "access_token").(string))
}

// apiError is the documented body of an error.
func apiError(code float64, message string) any {
	return object{"error": object{"code": code, "message": message}}
}

func TestBnovoAuth(t *testing.T) {
	t.Parallel()
	b := sandbox.NewBnovo(newWorld(t), sandbox.BnovoOptions{NoLimits: true, ID: 32145, Password: "key"})
	t.Cleanup(b.Close)
	required, wrong := "Поле обязательно для заполнения.", "Некорректное значение."
	validation := func(fields object) any {
		return object{"error": object{"code": 406.0, "message": "Validation error", "errors": fields}}
	}
	tests := map[string]struct {
		body   any
		status int
		want   any
	}{
		"unknown id":    {object{"id": 1, "password": "key"}, 404, apiError(404, "User not found")},
		"wrong key":     {object{"id": 32145, "password": "other"}, 404, apiError(404, "User not found")},
		"id is a text":  {object{"id": "32145", "password": "key"}, 406, validation(object{"id": wrong})},
		"no password":   {object{"id": 32145}, 406, validation(object{"password": required})},
		"nothing":       {object{}, 406, validation(object{"id": required, "password": required})},
		"not an object": {"id=1", 406, validation(object{"id": required, "password": required})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/api/v1/auth", "/api/v1/auth/token"} {
				status, v := newCaller(t, b).call(http.MethodPost, path, tt.body)
				assert.Equal(t, tt.status, status)
				assert.Equal(t, tt.want, v)
			}
		})
	}
}

func TestBnovoTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, c := newBnovo(t, w, sandbox.BnovoOptions{})
	me := func() int { status, _ := c.call(http.MethodGet, "/api/v1/auth/me", nil); return status }

	status, v := c.call(http.MethodPost, "/api/v1/auth", object{"id": 9001, "password": "sandbox-bnovo-key"})
	require.Equal(t, http.StatusOK, status)
	assert.Equal(t, "bearer", at(t, v, "data", "token_type"))
	assert.InDelta(t, 86400, at(t, v, "data", "expires_in"), 0)
	token := at(t, v, "data", "access_token").(string)
	assert.Len(t, strings.Split(token, "."), 3)
	c.header.Set("Authorization", "Bearer "+token)
	status, v = c.call(http.MethodGet, "/api/v1/auth/me", nil)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, object{"data": object{"id": 9001.0, "access_token": token}}, v)

	w.Advance(24*time.Hour - time.Second)
	assert.Equal(t, 200, me())
	w.Advance(time.Second)
	assert.Equal(t, 401, me(), "after 86400 seconds")

	c.login(b)
	assert.Equal(t, 200, me())
	b.ExpireTokens()
	status, v = c.call(http.MethodGet, "/api/v1/auth/me", nil)
	assert.Equal(t, 401, status)
	assert.Equal(t, apiError(401, "Unauthorized"), v)

	c.login(b)
	status, v = c.call(http.MethodGet, "/api/v1/auth/logout", nil)
	assert.Equal(t, 200, status)
	assert.Equal(t, object{"data": object{"message": "Successfully logged out"}}, v)
	assert.Equal(t, 401, me(), "after the logout")
	c.header.Del("Authorization")
	assert.Equal(t, 401, me(), "without a token")
}

func TestBnovoTariffs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{Free: true})
	id := addStay(t, w, anna())
	for _, call := range []string{
		"GET /api/v1/rooms?limit=1&offset=0", "GET /api/v1/roomtypes?limit=1&offset=0", "GET /api/v1/rooms/closed?date_from=2026-06-01&date_to=2026-06-02",
		"PUT /api/v1/bookings/" + id + "/status", "GET /api/v1/webhooks/subscribers", "DELETE /api/v1/webhooks/subscribers",
		"GET /api/v1/webhooks/messages/bookings/test", "GET /api/v1/webhooks/messages/plans/test",
	} {
		method, target, _ := strings.Cut(call, " ")
		status, v := c.call(method, target, object{"new_status_id": 4, "type": "booking"})
		assert.Equal(t, 403, status, call)
		assert.Equal(t, apiError(403, "Access denied"), v, call)
	}
	status, _ := c.call(http.MethodGet, "/api/v1/bookings/"+id, nil)
	assert.Equal(t, 200, status)
	s, _ := w.Stay(id)
	assert.Equal(t, pms.StatusConfirmed, s.Status)
}

func TestBnovoUnknownPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	block, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	tests := map[string]int{
		"GET /api/v2/bookings":                404,
		"GET /api/v1/bookings/1":              404,
		"GET /api/v1/bookings/" + block:       404, // a closure is not a booking
		"GET /api/v1/bookings/x":              406,
		"GET /api/v1/bookings/" + id + "?a=1": 406,
		"POST /api/v1/bookings":               405,
		"PUT /api/v1/bookings/" + id:          405,
		"POST /api/v1/webhooks/subscribers":   405, // creation is a manual step
		"PUT /api/v1/rooms/301":               404, // nothing writes a cleaning status
		"GET /planning/bookings":              405,
		"GET /nothing":                        404,
	}
	for call, want := range tests {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			method, target, _ := strings.Cut(call, " ")
			status, v := c.call(method, target, nil)
			assert.Equal(t, want, status)
			if strings.HasPrefix(target, "/api/") {
				assert.InDelta(t, want, at(t, v, "error", "code"), 0)
			}
		})
	}
}

func TestBnovoValidation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{NoLimits: true})
	const (
		required, wrong = "Поле обязательно для заполнения.", "Некорректное значение."
		before, noDate  = "Поле должно быть раньше date_to.", "Поле должно быть корректной датой."
	)
	ok := "date_from=2026-06-01&date_to=2026-06-02"
	tests := map[string]object{
		"/bookings": {"date_from": required, "date_to": required, "limit": required, "offset": required},
		"/bookings?limit=50&offset=0&date_from=2026-06-02&date_to=2026-06-01": {"date_from": before},
		"/bookings?limit=50&offset=0&date_from=2026-06-01&date_to=2026-06-01": {"date_from": before},
		"/bookings?limit=50&offset=0&date_from=01.06.2026&date_to=2026-06-01": {"date_from": noDate},
		"/bookings?offset=0&" + ok:                            {"limit": required},
		"/bookings?limit=51&offset=0&" + ok:                   {"limit": "Поле не должно превышать 50."},
		"/bookings?limit=0&offset=0&" + ok:                    {"limit": "Поле не должно быть меньше 1."},
		"/bookings?limit=50&offset=-1&" + ok:                  {"offset": "Поле не должно быть меньше 0."},
		"/bookings?limit=a&offset=0&" + ok:                    {"limit": wrong},
		"/bookings?limit=50&offset=0&data_type=arrived&" + ok: {"data_type": wrong},
		"/bookings?limit=50&offset=0&status=confirmed&" + ok:  {"status": wrong},
		"/rooms":                             {"limit": required, "offset": required},
		"/rooms?limit=51&offset=0":           {"limit": "Поле не должно превышать 50."},
		"/roomtypes?limit=31&offset=0":       {"limit": "Поле не должно превышать 30."},
		"/rooms/closed?date_from=2026-06-01": {"date_to": required},
		"/rooms/closed?date_from=2026-06-01%2000:00:00&date_to=2026-06-02": {"date_from": noDate},
	}
	for target, fields := range tests {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			status, v := c.call(http.MethodGet, "/api/v1"+target, nil)
			assert.Equal(t, 406, status)
			assert.Equal(t, object{"error": object{"code": 406.0, "message": "Validation error", "errors": fields}}, v)
		})
	}
}

func TestBnovoBooking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.DepartureTime = clock(t, "15:00")
	s.Moves = []sandbox.Move{{june(22), "302"}}
	id := addStay(t, w, s)
	code := w.Bookings()[0].Code
	w.Advance(time.Hour)
	require.NoError(t, w.Extend(id, june(24)))
	_, c := newBnovo(t, w, sandbox.BnovoOptions{CleanWords: map[pms.Cleanliness]string{pms.Clean: "clean"}})
	_, v := c.call(http.MethodGet, "/api/v1/bookings?limit=50&offset=0&data_type=checkmate&date_from=2026-06-22&date_to=2026-06-23", nil)
	assert.Equal(t, object{"total": 1.0, "limit": 50.0, "offset": 0.0}, at(t, v, "data", "meta"))
	b := at(t, v, "data", "bookings", 0)
	for field, want := range map[string]any{
		"number": code, "link_id": code, "provider_booking_id": "HMTEST1234", "amount": 18600.0, "hotel_id": 24.0,
		"room_id": 301.0, "room_name": "Лесная 5, студия 1", "room_type_id": 71.0, "current_room_clean_status": "clean",
		"early_check_in": false, "late_check_out": true, "notes": "Поздний выезд",
		"status": object{"id": 1.0, "name": "Новое", "color": "acd87f"},
		"extra":  object{"adults": 2.0, "children": 1.0},
		"dates": object{
			"create_date": "2026-06-01 09:00:00", "update_date": "2026-06-01 10:00:00", "cancel_date": nil,
			"arrival": "2026-06-20 14:00:00+03", "departure": "2026-06-24 12:00:00+03",
			"real_arrival": "2026-06-20 14:00:00+03", "real_departure": "2026-06-24 15:00:00+03",
			"original_arrival": nil, "original_departure": "2026-06-23 12:00:00+03",
		},
	} {
		assert.Equal(t, want, at(t, b, field), field)
	}
	customer := at(t, b, "customer")
	assert.Equal(t, "Анна", at(t, customer, "name"))
	assert.Equal(t, "Тестова", at(t, customer, "surname"))
	prices := at(t, b, "prices")
	assert.Equal(t, []any{"2026-06-20", "2026-06-21", "2026-06-22", "2026-06-23"}, column(t, prices, "date"))
	assert.Equal(t, []any{301.0, 301.0, 302.0, 302.0}, column(t, prices, "room_id"))
	assert.Equal(t, []any{4650.0, 4650.0, 4650.0, 4650.0}, column(t, prices, "price"))
}

func TestBnovoShowsTheRoomOfToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.Moves = []sandbox.Move{{june(22), "302"}}
	id := addStay(t, w, s)
	b, c := newBnovo(t, w, sandbox.BnovoOptions{})
	for day, room := range map[int]float64{19: 301, 21: 301, 22: 302, 30: 302} {
		w.SetNow(time.Date(2026, time.June, day, 9, 0, 0, 0, w.Zone()))
		b.ExpireTokens()
		c.login(b)
		_, v := c.call(http.MethodGet, "/api/v1/bookings/"+id, nil)
		assert.InDelta(t, room, at(t, v, "data", "room_id"), 0, "on June %d", day)
	}
}

func TestBnovoOffsets(t *testing.T) {
	t.Parallel()
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	for id, zone := range map[string]*time.Location{
		"1": time.FixedZone("Asia/Kolkata", 5*3600+1800), "2": time.FixedZone("America/New_York", -4*3600),
	} {
		_, err := w.AddProperty(sandbox.Property{ID: id, Zone: zone})
		require.NoError(t, err)
	}
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	for unit, want := range map[string]string{"1": "2026-06-20 14:00:00+05:30", "2": "2026-06-20 14:00:00-04"} {
		id := addStay(t, w, sandbox.Stay{UnitID: unit, Arrival: june(20), Departure: june(21)})
		_, v := c.call(http.MethodGet, "/api/v1/bookings/"+id, nil)
		assert.Equal(t, want, at(t, v, "data", "dates", "arrival"))
		assert.Nil(t, at(t, v, "data", "customer"), "a stay without a guest")
	}
}

func TestBnovoDataTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	add := func(from, to int, status pms.Status) string {
		return addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(from), Departure: june(to), Status: status})
	}
	// All are created on June 1; the window is June 10 to 14.
	before, in, over := add(5, 9, pms.StatusCheckedOut), add(11, 13, pms.StatusConfirmed), add(8, 20, pms.StatusCheckedIn)
	inside, left := add(11, 12, pms.StatusCheckedIn), add(9, 12, pms.StatusCheckedOut)
	waiting, gone := add(12, 15, pms.StatusTentative), add(11, 13, pms.StatusConfirmed)
	w.SetNow(time.Date(2026, time.June, 12, 10, 0, 0, 0, w.Zone()))
	require.NoError(t, w.Cancel(gone))
	fresh := add(25, 27, pms.StatusConfirmed)
	verified := add(26, 27, pms.StatusConfirmed)
	require.NoError(t, w.Update(verified, func(s *sandbox.Stay) { s.Verified = true }))
	_, err := w.AddBlock("302", june(11), june(13), "repair")
	require.NoError(t, err)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})

	tests := map[string][]string{
		"":           {fresh, verified},
		"checkmate":  {in, over, inside, left, waiting, gone},
		"new":        {fresh},
		"living":     {inside},
		"checkedIn":  {in, waiting},
		"checkedOut": {in, inside},
		"exited":     {left},
		"cancelled":  {gone},
		"changed":    {gone, fresh, verified},
	}
	assert.NotEmpty(t, before)
	for dataType, want := range tests {
		t.Run("data_type="+dataType, func(t *testing.T) {
			t.Parallel()
			q := url.Values{"limit": {"50"}, "offset": {"0"}, "date_from": {"2026-06-10"}, "date_to": {"2026-06-14 23:59:59"}}
			if dataType != "" {
				q.Set("data_type", dataType)
			}
			_, v := c.call(http.MethodGet, "/api/v1/bookings?"+q.Encode(), nil)
			got := []string{}
			for _, id := range column(t, at(t, v, "data", "bookings"), "id") {
				got = append(got, fmt.Sprintf("%.0f", id))
			}
			assert.Equal(t, want, got)
		})
	}
}

// A bound without a time is midnight: an arrival at 14:00 of the last day is
// outside.
func TestBnovoBoundsWithoutTimeAreMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	addStay(t, w, anna())
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	for to, want := range map[string]float64{"2026-06-20": 0, "2026-06-20%2014:00:00": 1, "2026-06-21": 1} {
		_, v := c.call(http.MethodGet, "/api/v1/bookings?limit=1&offset=0&data_type=checkmate&date_from=2026-06-10&date_to="+to, nil)
		assert.InDelta(t, want, at(t, v, "data", "meta", "total"), 0, to)
	}
}

func TestBnovoBoundsAreInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	addStay(t, w, anna()) // from June 20, 14:00, to June 23, 12:00
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	tests := map[string]float64{
		"date_from=2026-06-23%2012:00:00&date_to=2026-06-30": 1,
		"date_from=2026-06-23%2012:00:01&date_to=2026-06-30": 0,
		"date_from=2026-06-01&date_to=2026-06-20%2014:00:00": 1,
		"date_from=2026-06-01&date_to=2026-06-20%2013:59:59": 0,
	}
	for window, want := range tests {
		_, v := c.call(http.MethodGet, "/api/v1/bookings?limit=1&offset=0&data_type=checkmate&"+window, nil)
		assert.InDelta(t, want, at(t, v, "data", "meta", "total"), 0, window)
	}
}

func TestBnovoPages(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(3, sandbox.Options{Properties: 53, Stays: 120})
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	for path, want := range map[string][]int{
		"/rooms?": {50, 3, 0}, "/bookings?data_type=checkmate&date_from=2026-01-01&date_to=2027-01-01&": {50, 50, 20, 0},
	} {
		seen := map[any]bool{}
		var sizes []int
		for offset := 0; offset < 50*len(want); offset += 50 {
			_, v := c.call(http.MethodGet, fmt.Sprintf("/api/v1%slimit=50&offset=%d", path, offset), nil)
			data := at(t, v, "data").(object)
			delete(data, "meta")
			for _, list := range data {
				ids := column(t, list, "id")
				sizes = append(sizes, len(ids))
				for _, id := range ids {
					seen[id] = true
				}
			}
		}
		assert.Equal(t, want, sizes)
		total := 0
		for _, n := range want {
			total += n
		}
		assert.Len(t, seen, total)
	}
	_, v := c.call(http.MethodGet, "/api/v1/roomtypes?limit=30&offset=0", nil)
	assert.InDelta(t, 18, at(t, v, "data", "meta", "total"), 0)
}

func TestBnovoClosuresHaveNoWrapper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.AddStay(sandbox.Stay{UnitID: "302", Kind: pms.KindBlock, Arrival: june(3), Departure: june(5), Reason: "repair", Notes: "Плановый ремонт"})
	require.NoError(t, err)
	gone, err := w.AddBlock("302", june(3), june(5), "repair")
	require.NoError(t, err)
	require.NoError(t, w.Cancel(gone))
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	_, v := c.call(http.MethodGet, "/api/v1/rooms/closed?date_from=2026-06-04&date_to=2026-06-10", nil)
	assert.Equal(t, object{"closures": []any{object{
		"id": asFloat(t, id), "hotel_id": 24.0, "room_id": 302.0, "reason": "repair", "comment": "Плановый ремонт",
		"date_from": "2026-06-03 14:00:00", "date_to": "2026-06-05 12:00:00",
	}}}, v)
	_, v = c.call(http.MethodGet, "/api/v1/rooms/closed?date_from=2026-06-06&date_to=2026-06-10", nil)
	assert.Equal(t, object{"closures": []any{}}, v)
}

func asFloat(t *testing.T, id string) float64 {
	t.Helper()
	f, err := json.Number(id).Float64()
	require.NoError(t, err)
	return f
}

func TestBnovoStatusWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	tests := map[int]pms.Status{
		1: pms.StatusConfirmed, 2: pms.StatusCancelled, 3: pms.StatusCheckedIn, 4: pms.StatusCheckedOut, 5: pms.StatusConfirmed, 6: pms.StatusTentative,
	}
	for id, want := range tests {
		stay := addStay(t, w, anna())
		resp, body := c.raw(http.MethodPut, "/api/v1/bookings/"+stay+"/status", object{"new_status_id": id})
		assert.Equal(t, 204, resp.StatusCode)
		assert.Empty(t, body)
		s, _ := w.Stay(stay)
		assert.Equal(t, want, s.Status)
		_, v := c.call(http.MethodGet, "/api/v1/bookings/"+stay, nil)
		assert.InDelta(t, id, at(t, v, "data", "status", "id"), 0)
	}
	for name, body := range map[string]object{"missing": {}, "too large": {"new_status_id": 7}, "a text": {"new_status_id": "4"}} {
		status, _ := c.call(http.MethodPut, "/api/v1/bookings/"+addStay(t, w, anna())+"/status", body)
		assert.Equal(t, 406, status, name)
	}
	status, v := c.call(http.MethodPut, "/api/v1/bookings/1/status", object{"new_status_id": 4})
	assert.Equal(t, 404, status)
	assert.Equal(t, apiError(404, "User not found"), v)
}

func TestBnovoLinkedBookings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.Group = "GROUP-010626"
	first := addStay(t, w, s)
	s.UnitID = "302"
	second := addStay(t, w, s)
	_, c := newBnovo(t, w, sandbox.BnovoOptions{})
	_, v := c.call(http.MethodGet, "/api/v1/bookings/"+first+"?with_linked=true", nil)
	assert.Equal(t, []any{asFloat(t, second)}, column(t, at(t, v, "data", "linked_bookings"), "id"))
	assert.Equal(t, "GROUP-010626", at(t, v, "data", "link_id"))
	_, v = c.call(http.MethodGet, "/api/v1/bookings/"+first+"?with_linked=false", nil)
	assert.NotContains(t, at(t, v, "data"), "linked_bookings")
}

func TestBnovoLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit  int
		pause  time.Duration // between two calls
		window time.Duration
	}{
		"10 seconds": {30, 0, 10 * time.Second},
		"5 minutes":  {300, 400 * time.Millisecond, 5 * time.Minute},
		"an hour":    {1000, 1100 * time.Millisecond, time.Hour},
		"a day":      {10000, 3700 * time.Millisecond, 24 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, c := newBnovo(t, w, sandbox.BnovoOptions{})
			start := w.Now()
			allowed := 0
			for {
				resp, body := c.raw(http.MethodGet, "/api/v1/auth/me", nil)
				if resp.StatusCode != 200 {
					assert.Equal(t, 429, resp.StatusCode)
					assert.JSONEq(t, `{"error":{"code":429,"message":"Too many requests"}}`, body)
					assert.Empty(t, resp.Header.Get("Retry-After"))
					break
				}
				allowed++
				w.Advance(tt.pause)
			}
			assert.Equal(t, tt.limit, allowed)
			w.SetNow(start.Add(tt.window - time.Millisecond))
			status, _ := c.call(http.MethodGet, "/api/v1/auth/me", nil)
			assert.Equal(t, 429, status)
			w.Advance(time.Millisecond)
			status, _ = c.call(http.MethodGet, "/api/v1/auth/me", nil)
			assert.NotEqual(t, 429, status)
		})
	}
}

func TestBnovoLimitOfAuth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := sandbox.NewBnovo(sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now}), sandbox.BnovoOptions{})
		defer b.Close()
		c := newCaller(t, b)
		for range 10 {
			c.login(b)
		}
		status, v := c.call(http.MethodPost, "/api/v1/auth/token", object{"id": 9001, "password": "sandbox-bnovo-key"})
		assert.Equal(t, 429, status)
		assert.Equal(t, apiError(429, "Too many requests"), v)
		<-time.After(time.Minute)
		c.login(b)
	})
}

func TestBnovoNoLimits(t *testing.T) {
	t.Parallel()
	_, c := newBnovo(t, newWorld(t), sandbox.BnovoOptions{NoLimits: true})
	for range 100 {
		status, _ := c.call(http.MethodGet, "/api/v1/auth/me", nil)
		require.Equal(t, 200, status)
	}
}

// inbox is a host that takes webhooks.
type inbox struct{ bodies []string }

func (i *inbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	i.bodies = append(i.bodies, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type")+" "+string(body))
}

func (i *inbox) client() *http.Client { return &http.Client{Transport: sandbox.Transport(i)} }

func TestBnovoWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host := &inbox{}
	b, c := newBnovo(t, w, sandbox.BnovoOptions{
		HTTPClient: host.client(), Webhooks: []sandbox.BnovoWebhook{{Type: "booking", URL: "https://host.example/hook"}},
	})
	b.AddWebhook("plans_data_update", "https://host.example/plans")
	id := addStay(t, w, anna())
	status, _ := c.call(http.MethodPut, "/api/v1/bookings/"+id+"/status", object{"new_status_id": 3})
	require.Equal(t, 204, status)
	require.NoError(t, w.Delete(id))
	_, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)
	require.NoError(t, w.SetCleanliness("301", pms.Dirty))
	message := `POST /hook application/json {"booking_ids":[` + id + `],"hotel_id":24}`
	assert.Equal(t, []string{message, message, message}, host.bodies, "created, updated, deleted; no closures, no rooms")
	require.Len(t, b.Sent(), 3)
	assert.Equal(t, 200, b.Sent()[0].Status)

	status, v := c.call(http.MethodGet, "/api/v1/webhooks/subscribers", nil)
	assert.Equal(t, 201, status)
	assert.Equal(t, object{"data": []any{
		object{"external_hotel_id": 24.0, "url": "https://host.example/hook", "type": "booking"},
		object{"external_hotel_id": 24.0, "url": "https://host.example/plans", "type": "plans_data_update"},
	}}, v)

	for body, want := range map[string]int{`{}`: 406, `{"type":"rooms"}`: 406, `{"type":"booking"}`: 204} {
		resp, _ := c.raw(http.MethodDelete, "/api/v1/webhooks/subscribers", body)
		assert.Equal(t, want, resp.StatusCode, body)
	}
	addStay(t, w, anna())
	assert.Len(t, b.Sent(), 3, "nobody is subscribed any more")
	b.Close()
}

func TestBnovoTestMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	host := &inbox{}
	b, c := newBnovo(t, w, sandbox.BnovoOptions{HTTPClient: host.client()})
	status, _ := c.call(http.MethodGet, "/api/v1/webhooks/messages/bookings/test", nil)
	assert.Equal(t, 406, status, "there is no subscriber")
	b.AddWebhook("booking", "https://host.example/hook")
	status, v := c.call(http.MethodGet, "/api/v1/webhooks/messages/bookings/test", nil)
	assert.Equal(t, 201, status)
	assert.Equal(t, object{"data": object{"hotel_id": 24.0, "booking_ids": []any{asFloat(t, id)}}}, v)
	b.AddWebhook("plans_data_update", "https://host.example/plans")
	status, _ = c.call(http.MethodGet, "/api/v1/webhooks/messages/plans/test", nil)
	assert.Equal(t, 201, status)
	assert.Equal(t, []string{
		`POST /hook application/json {"booking_ids":[` + id + `],"hotel_id":24}`,
		`POST /plans application/json {"hotel_id":24,"prices":{"29":{"71":["2026-06-01"]}}}`,
	}, host.bodies)
	status, _ = c.call(http.MethodGet, "/api/v1/webhooks/messages/bookings/test", nil)
	assert.Equal(t, 429, status, "three a minute")
}

func TestWebhookThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &sandbox.Faults{Next: sandbox.Transport(&inbox{}), Rules: []sandbox.Rule{{Do: sandbox.Refuse()}}}
	b, _ := newBnovo(t, w, sandbox.BnovoOptions{HTTPClient: &http.Client{Transport: f}})
	b.AddWebhook("booking", "https://host.example/hook")
	addStay(t, w, anna())
	require.Len(t, b.Sent(), 1)
	assert.Zero(t, b.Sent()[0].Status)
	require.ErrorContains(t, b.Sent()[0].Err, "connection refused")
	assert.Len(t, f.Seen(), 1, "sent once")
}

func TestBnovoExtraPaths(t *testing.T) {
	t.Parallel()
	extra := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method+" "+r.URL.Path) })
	b, c := newBnovo(t, newWorld(t), sandbox.BnovoOptions{Extra: extra})
	_, v := c.call(http.MethodPut, "/api/v1/rooms/301/clean", nil)
	assert.Equal(t, "PUT /api/v1/rooms/301/clean", v)
	_, v = c.call(http.MethodPost, "/room/clean", nil)
	assert.Equal(t, "session_expired", v, "a token is no session")
	b.ExpireTokens()
	status, _ := c.call(http.MethodPut, "/api/v1/rooms/301/clean", nil)
	assert.Equal(t, 401, status)
}
