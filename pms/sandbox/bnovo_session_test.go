package sandbox_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// newSession is a stand-in and a caller with a SID cookie.
func newSession(t *testing.T, w *sandbox.World) (*sandbox.Bnovo, *caller) {
	t.Helper()
	b := sandbox.NewBnovo(w, sandbox.BnovoOptions{})
	t.Cleanup(b.Close)
	c := newCaller(t, b)
	resp, _ := c.raw(http.MethodPost, "/", object{"username": b.Options().Username, "password": b.Options().UserPassword})
	require.Equal(t, http.StatusFound, resp.StatusCode)
	require.Len(t, resp.Cookies, 1)
	c.header.Set("Cookie", "SID="+resp.Cookies[0].Value)
	return b, c
}

func TestBnovoSessionLogin(t *testing.T) {
	t.Parallel()
	b := sandbox.NewBnovo(newWorld(t), sandbox.BnovoOptions{HotelID: 77})
	t.Cleanup(b.Close)
	assert.Equal(t, "5f0c1a2b3d4e6+77@customapp.bnovo.ru", b.Options().Username)
	form := url.Values{"username": {b.Options().Username}, "password": {b.Options().UserPassword}, "mat": {""}}
	c := newCaller(t, b)
	c.header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, _ := c.raw(http.MethodPost, "/", form.Encode())
	assert.Equal(t, 302, resp.StatusCode)
	require.Len(t, resp.Cookies, 1)
	assert.Equal(t, "SID", resp.Cookies[0].Name)

	form.Set("password", "wrong")
	resp, body := c.raw(http.MethodPost, "/", form.Encode())
	assert.Equal(t, 200, resp.StatusCode, "the login page again")
	assert.Contains(t, body, "<form")
	assert.Empty(t, resp.Cookies)
}

func TestBnovoSessionExpires(t *testing.T) {
	t.Parallel()
	b, c := newSession(t, newWorld(t))
	resp, _ := c.raw(http.MethodPost, "/room", object{})
	assert.Contains(t, resp.Header.Get("Content-Type"), "application/json")
	b.ExpireTokens()
	for _, call := range [][2]string{{"POST", "/room"}, {"POST", "/planning/bookings"}, {"GET", "/dashboard"}, {"POST", "/booking/general/1"}} {
		resp, body := c.raw(call[0], call[1], object{})
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, "session_expired", body)
	}
}

func TestBnovoPlanning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.ID, s.DepartureTime, s.Total.Amount = "1000", clock(t, "15:00"), "56700"
	addStay(t, w, s)
	s.ID, s.UnitID = "1001", "302"
	addStay(t, w, s)
	_, err := w.AddBlock("303", june(21), june(25), "repair")
	require.NoError(t, err)
	_, err = w.AddStay(sandbox.Stay{UnitID: "303", Arrival: june(1), Departure: june(19)})
	require.NoError(t, err)
	_, c := newSession(t, w)
	status, v := c.call(http.MethodPost, "/planning/bookings", object{"dfrom": "2026-06-20", "dto": "2026-06-30"})
	require.Equal(t, 200, status)
	result := at(t, v, "result")
	assert.Equal(t, []any{"1000", "1001"}, column(t, result, "booking_id"))
	assert.Equal(t, []any{301.0, "302"}, column(t, result, "room_id"), "numbers and texts in one list")
	assert.Equal(t, []any{"1", 1.0}, column(t, result, "status_id"))
	assert.Equal(t, []any{"56 700.00", "56 700.00"}, column(t, result, "amount"))
	assert.Equal(t, "2026-06-20 14:00:00", at(t, result, 0, "real_arrival"))
	assert.Equal(t, "2026-06-23 15:00:00", at(t, result, 0, "real_departure"))
	assert.Equal(t, "1", at(t, result, 0, "is_late_departure"))
	closures := at(t, v, "closures")
	require.Len(t, closures, 1)
	assert.Equal(t, "303", at(t, closures, 0, "room_id"))
	assert.Equal(t, "21-06-2026", at(t, closures, 0, "date_from"))
	assert.Equal(t, "25-06-2026", at(t, closures, 0, "date_to"))
	assert.Equal(t, []any{}, at(t, v, "errors"))

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"dfrom": "2026-06-01", "dto": "2026-06-02", "daily": "0"} {
		require.NoError(t, form.WriteField(name, value))
	}
	require.NoError(t, form.Close())
	c.header.Set("Content-Type", form.FormDataContentType())
	_, v = c.call(http.MethodPost, "/planning/bookings", body.String())
	assert.Len(t, at(t, v, "result"), 1)
	status, _ = c.call(http.MethodPost, "/planning/bookings", object{"dfrom": "01.06.2026"})
	assert.Equal(t, 400, status)
}

func TestBnovoSessionRooms(t *testing.T) {
	t.Parallel()
	_, c := newSession(t, newWorld(t))
	_, v := c.call(http.MethodPost, "/room", object{})
	rooms := at(t, v, "rooms")
	assert.Equal(t, []any{"301", 302.0, "303"}, column(t, rooms, "id"))
	assert.Equal(t, []any{71.0, "71", 72.0}, column(t, rooms, "room_type_id"))
	assert.Equal(t, []any{nil, nil, nil}, column(t, rooms, "clean_status"))
	assert.Equal(t, "Студия", at(t, rooms, 0, "room_type_name"))
}

func TestBnovoDashboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, day := range []int{3, 5, 7, 9} {
		s := sandbox.Stay{ID: string(rune('1' + i)), UnitID: "301", Arrival: june(day), Departure: june(day + 2)}
		if day == 7 {
			s.Status = pms.StatusCancelled
		}
		addStay(t, w, s)
		w.Advance(24 * time.Hour)
	}
	_, c := newSession(t, w)
	tests := map[string][]any{
		"arrival_from=05.06.2026&arrival_to=07.06.2026":                     {"3", "2"},
		"arrival_from=05.06.2026&status_ids=1%2C+3%2C+4%2C+5%2C+6":          {"4", "2"},
		"departure_from=05.06.2026&departure_to=05.06.2026":                 {"1"},
		"create_from=02.06.2026&create_to=03.06.2026&advanced_search=2":     {"3", "2"},
		"arrival_from=01.06.2026&c=3&page=2&order_by=create_date.desc":      {"1"},
		"arrival_from=01.06.2026&arrival_to=30.06.2026&c=100&page=1&foo=ba": {"4", "3", "2", "1"},
	}
	for query, want := range tests {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			_, v := c.call(http.MethodGet, "/dashboard?"+query, nil)
			assert.Equal(t, want, column(t, at(t, v, "bookings"), "booking_id"))
		})
	}
	_, v := c.call(http.MethodGet, "/dashboard?c=3&page=1", nil)
	assert.Equal(t, object{"total_pages": 2.0, "next_page": 2.0}, at(t, v, "pages"))
	_, v = c.call(http.MethodGet, "/dashboard?c=3&page=2", nil)
	assert.Equal(t, object{"total_pages": 2.0, "next_page": nil}, at(t, v, "pages"))
	for _, wrong := range []string{"arrival_from=2026-06-01", "c=x", "page=0"} {
		status, _ := c.call(http.MethodGet, "/dashboard?"+wrong, nil)
		assert.Equal(t, 400, status, wrong)
	}
}

func TestBnovoGeneral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.Moves = []sandbox.Move{{june(22), "302"}}
	id := addStay(t, w, s)
	_, c := newSession(t, w)
	_, v := c.call(http.MethodPost, "/booking/general/"+id, nil)
	booking := at(t, v, "booking")
	assert.Equal(t, id, at(t, booking, "id"))
	assert.Equal(t, "1", at(t, booking, "status_id"))
	assert.Equal(t, []any{"301", "301", "302"}, column(t, at(t, booking, "prices"), "room_id"))
	assert.Equal(t, "Анна", at(t, booking, "customer", "name"))
	assert.Equal(t, []any{}, at(t, booking, "linked_bookings"))
	resp, _ := c.raw(http.MethodPost, "/booking/general/1", nil)
	assert.Equal(t, 404, resp.StatusCode)
}
