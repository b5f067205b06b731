package sandbox_test

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// The signatures below were computed apart from this package, with the private
// key "PRIVATEKEY".
const (
	signList   = "001052138666c8f606df9f3c01014e48" // begin_date 2026-05-01, end_date 2026-05-03
	signCreate = "1df0dc1fcc323c9d0339c08a0aa64a14"
	signDelete = "9cba9e9dd96804b79deaf007b79ea0dc" // apartment_id 291102, id 500001
)

func newRealtyCalendar(t *testing.T, w *sandbox.World, o sandbox.RealtyCalendarOptions) (*sandbox.RealtyCalendar, *caller) {
	t.Helper()
	o.PrivateKey, o.PublicKey = "PRIVATEKEY", "PUBLIC"
	rc := sandbox.NewRealtyCalendar(w, o)
	t.Cleanup(rc.Close)
	return rc, newCaller(t, rc)
}

// lotWorld has the lot 291102 and stands on 2026-05-02, 23:30 in Moscow.
func lotWorld(t *testing.T) *sandbox.World {
	t.Helper()
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	w.SetNow(time.Date(2026, time.May, 2, 20, 30, 0, 0, time.UTC))
	_, err := w.AddProperty(sandbox.Property{ID: "291102", Name: "Лесная 5, студия", Address: pms.Address{Street: "Лесная ул., 5"}})
	require.NoError(t, err)
	return w
}

const createBody = `{"event_calendar":{"begin_date":"2026-06-01","end_date":"2026-06-04","status":5,"amount":12000,"notes":"",` +
	`"client_attributes":{"phone":"+79000000000","fio":"Ivan"}},"sign":"` + signCreate + `"}`

func TestRealtyCalendarSignatures(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	s := anna()
	s.UnitID, s.ID = "291102", "500001"
	addStay(t, w, s)
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})

	status, v := c.call(http.MethodPost, "/api/v1/bookings/PUBLIC", `{"end_date":"2026-05-03","begin_date":"2026-05-01","sign":"`+signList+`"}`)
	assert.Equal(t, 200, status)
	assert.Equal(t, []any{500001.0}, column(t, at(t, v, "bookings"), "id"))

	status, v = c.call(http.MethodPost, "/api/v1/apartments/291102/event_calendars", createBody)
	assert.Equal(t, 201, status)
	created := at(t, v, "id").(float64)
	assert.Equal(t, object{
		"id": created, "begin_date": "2026-06-01", "end_date": "2026-06-04", "amount": 12000.0, "status": "booked",
		"is_delete": false, "apartment_id": 291102.0, "prepayment": 0.0, "source": "manual",
	}, v)

	resp, body := c.raw(http.MethodDelete, "/api/v1/apartments/291102/event_calendars/500001?sign="+signDelete, nil)
	assert.Equal(t, 204, resp.StatusCode)
	assert.Empty(t, body)
	require.Len(t, w.Deleted(), 1)
	assert.Equal(t, "500001", w.Deleted()[0].ID)
}

func TestRealtyCalendarWrongSignature(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	s := anna()
	s.UnitID, s.ID = "291102", "500001"
	addStay(t, w, s)
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	tests := map[string]struct{ method, path, body string }{
		"list":              {"POST", "/bookings/PUBLIC", `{"begin_date":"2026-05-01","end_date":"2026-05-02","sign":"` + signList + `"}`},
		"list with a float": {"POST", "/bookings/PUBLIC", `{"begin_date":20260501.0,"end_date":"2026-05-02","sign":"` + signList + `"}`},
		"list unsigned":     {"POST", "/bookings/PUBLIC", `{"begin_date":"2026-05-01","end_date":"2026-05-03"}`},
		"list with null":    {"POST", "/bookings/PUBLIC", `{"begin_date":"2026-05-01","end_date":"2026-05-03","event_end_date_end":null,"sign":"` + signList + `"}`},
		"create":            {"POST", "/apartments/291102/event_calendars", `{"event_calendar":{"begin_date":"2026-06-01"},"sign":"` + signCreate + `"}`},
		"update":            {"PUT", "/apartments/291102/event_calendars/500001", `{"event_calendar":{"begin_date":"2026-06-01"},"sign":"` + signCreate + `"}`},
		"delete":            {"DELETE", "/apartments/291102/event_calendars/500001?sign=" + signList, ``},
		"delete unsigned":   {"DELETE", "/apartments/291102/event_calendars/500001", ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body := c.raw(tt.method, "/api/v1"+tt.path, tt.body)
			assert.Equal(t, 422, resp.StatusCode)
			assert.JSONEq(t, `{"errors":{"sign":["Sign key isn't correct"]}}`, body)
		})
	}
	assert.Len(t, w.Stays(), 1)
}

func TestRealtyCalendarNotFound(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	block, err := w.AddBlock("291102", june(1), june(2), "")
	require.NoError(t, err)
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	for _, call := range [][2]string{
		{"POST", "/api/v1/bookings/OTHER"}, {"GET", "/api/v1/bookings/PUBLIC"}, {"POST", "/api/v1/apartments/1/event_calendars"},
		{"PUT", "/api/v1/apartments/291102/event_calendars/1"}, {"DELETE", "/api/v1/apartments/291102/event_calendars/" + block},
		{"GET", "/api/v1/apartments"}, {"GET", "/"},
	} {
		resp, body := c.raw(call[0], call[1], createBody)
		assert.Equal(t, 404, resp.StatusCode, call)
		assert.JSONEq(t, `{"status":404,"error":"Not Found"}`, body, call)
	}
}

// sign signs a flat body, given as "key=value" in order of the keys.
func sign(pairs ...string) string {
	return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(pairs, "")+"PRIVATEKEY")))
}

func TestRealtyCalendarList(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	add := func(id string, arrival, departure int, status pms.Status) {
		s := anna()
		s.ID, s.UnitID, s.Arrival, s.Departure, s.Status = id, "291102", june(arrival), june(departure), status
		addStay(t, w, s)
	}
	add("1", 1, 4, pms.StatusConfirmed)
	add("2", 4, 8, pms.StatusTentative)
	w.Advance(time.Hour) // after midnight in Moscow
	add("3", 8, 12, pms.StatusCancelled)
	add("4", 12, 14, pms.StatusCheckedOut)
	require.NoError(t, w.Delete("4"))
	_, err := w.AddBlock("291102", june(20), june(22), "")
	require.NoError(t, err)
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	tests := map[string]struct {
		pairs []string
		want  []any
	}{
		"both days":        {[]string{"begin_date=2026-05-02", "end_date=2026-05-04"}, []any{1.0, 2.0, 3.0, 4.0}},
		"the first day":    {[]string{"begin_date=2026-05-02", "end_date=2026-05-02"}, []any{1.0, 2.0}},
		"the second day":   {[]string{"begin_date=2026-05-03", "end_date=2026-05-04"}, []any{3.0, 4.0}},
		"arrival after":    {[]string{"begin_date=2026-05-02", "end_date=2026-05-04", "event_begin_date_start=2026-06-04"}, []any{3.0, 4.0}},
		"arrival before":   {[]string{"begin_date=2026-05-02", "end_date=2026-05-04", "event_begin_date_end=2026-06-04"}, []any{1.0}},
		"departure after":  {[]string{"begin_date=2026-05-02", "end_date=2026-05-04", "event_end_date_start=2026-06-12"}, []any{4.0}},
		"departure before": {[]string{"begin_date=2026-05-02", "end_date=2026-05-04", "event_end_date_end=2026-06-08"}, []any{1.0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, v := c.call(http.MethodPost, "/api/v1/bookings/PUBLIC", signedBody(tt.pairs...))
			require.Equal(t, 200, status, v)
			assert.Equal(t, tt.want, column(t, at(t, v, "bookings"), "id"))
		})
	}
	_, v := c.call(http.MethodPost, "/api/v1/bookings/PUBLIC", signedBody("begin_date=2026-05-02", "end_date=2026-05-04"))
	rows := at(t, v, "bookings")
	assert.Equal(t, []any{"booked", "request", "canceled", "booked"}, column(t, rows, "status"))
	assert.Equal(t, []any{false, false, false, true}, column(t, rows, "is_delete"))
	assert.Equal(t, object{
		"id": 1.0, "apartment_id": 291102.0, "begin_date": "2026-06-01", "end_date": "2026-06-04", "amount": 18600.0,
		"status": "booked", "is_delete": false,
		"client": object{"fio": "Анна Тестова", "phone": "+7 900 000-00-01", "additional_phone": nil, "email": "anna@example.com"},
	}, at(t, rows, 0))
}

// signedBody makes a signed body of "key=value" pairs in order of their keys.
func signedBody(pairs ...string) object {
	body := object{"sign": sign(pairs...)}
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		body[key] = value
	}
	return body
}

func TestRealtyCalendarListRefuses(t *testing.T) {
	t.Parallel()
	w := lotWorld(t) // 23:30 of May 2 in Moscow: tomorrow is May 3
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	tests := map[string]struct {
		pairs []string
		field string
	}{
		"later than tomorrow": {[]string{"begin_date=2026-05-02", "end_date=2026-05-04"}, "end_date"},
		"no end":              {[]string{"begin_date=2026-05-02"}, "end_date"},
		"no begin":            {[]string{"end_date=2026-05-02"}, "begin_date"},
		"with a time":         {[]string{"begin_date=2026-05-02 00:00:00", "end_date=2026-05-02"}, "begin_date"},
		"unknown parameter":   {[]string{"begin_date=2026-05-02", "end_date=2026-05-02", "page=2"}, "page"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, v := c.call(http.MethodPost, "/api/v1/bookings/PUBLIC", signedBody(tt.pairs...))
			assert.Equal(t, 422, status)
			assert.Contains(t, at(t, v, "errors"), tt.field)
		})
	}
	status, _ := c.call(http.MethodPost, "/api/v1/bookings/PUBLIC", signedBody("begin_date=2026-05-02", "end_date=2026-05-03"))
	assert.Equal(t, 200, status)
}

// event makes a signed body for a write; the pairs are of texts and whole
// numbers.
func event(fields object, pairs ...string) object {
	return object{"event_calendar": fields, "sign": sign(pairs...)}
}

func TestRealtyCalendarWrites(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	_, err := w.AddProperty(sandbox.Property{ID: "291103"})
	require.NoError(t, err)
	_, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	body := event(object{"begin_date": "2026-06-01 14:00:00", "end_date": "2026-06-04 12:00:00", "status": 4, "amount": 100},
		"amount=100", "begin_date=2026-06-01 14:00:00", "end_date=2026-06-04 12:00:00", "status=4")
	body["notes"] = "outside of the signature"
	status, v := c.call(http.MethodPost, "/api/v1/apartments/291102/event_calendars", body)
	require.Equal(t, 201, status, v)
	assert.Equal(t, "request", at(t, v, "status"))
	id := fmt.Sprintf("%.0f", at(t, v, "id"))
	s, _ := w.Stay(id)
	assert.Equal(t, "outside of the signature", s.Notes)
	assert.Equal(t, june(1), s.Arrival)
	assert.Equal(t, pms.StatusInquiry, s.Status)

	status, v = c.call(http.MethodPut, "/api/v1/apartments/291102/event_calendars/"+id,
		event(object{"apartment_id": 291103, "status": 5}, "apartment_id=291103", "status=5"))
	require.Equal(t, 200, status, v)
	assert.InDelta(t, 291103, at(t, v, "apartment_id"), 0)
	s, _ = w.Stay(id)
	assert.Equal(t, "291103", s.UnitID)
	assert.Equal(t, pms.StatusConfirmed, s.Status)

	path := "/api/v1/apartments/291103/event_calendars"
	for field, write := range map[string]struct {
		method, path string
		body         object
	}{
		"status":         {"PUT", path + "/" + id, event(object{"status": 9}, "status=9")},
		"end_date":       {"PUT", path + "/" + id, event(object{"end_date": "2026-05-01"}, "end_date=2026-05-01")},
		"begin_date":     {"POST", path, event(object{"end_date": "2026-05-01"}, "end_date=2026-05-01")},
		"apartment_id":   {"PUT", path + "/" + id, event(object{"apartment_id": 7}, "apartment_id=7")},
		"colour":         {"PUT", path + "/" + id, event(object{"colour": "red"}, "colour=red")},
		"event_calendar": {"PUT", path + "/" + id, object{"status": 5}},
	} {
		status, v = c.call(write.method, write.path, write.body)
		assert.Equal(t, 422, status, field)
		assert.Contains(t, at(t, v, "errors"), field)
	}
	again, _ := w.Stay(id)
	assert.Equal(t, s, again)
}

// posted returns the bodies that a host got.
func posted(t *testing.T, rc *sandbox.RealtyCalendar) []any {
	t.Helper()
	var out []any
	for _, sent := range rc.Sent() {
		var v any
		require.NoError(t, json.Unmarshal(sent.Body, &v))
		assert.Equal(t, 200, sent.Status)
		assert.Equal(t, "https://host.example/hook/secret", sent.URL)
		out = append(out, v)
	}
	return out
}

func TestRealtyCalendarWebhooks(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	rc, _ := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{HTTPClient: (&inbox{}).client()})
	rc.AddWebhook("https://host.example/hook/secret")
	s := anna()
	s.UnitID, s.Channel, s.ChannelCode, s.Status = "291102", "direct", "", pms.StatusTentative
	id := addStay(t, w, s)
	w.Advance(1500 * time.Millisecond)
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Status = pms.StatusConfirmed }))
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Paid = "4500" }))
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Departure, s.Guest.Phone = june(24), "+7 900 000-00-02" }))
	require.NoError(t, w.Cancel(id))
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Status = pms.StatusConfirmed }))
	require.NoError(t, w.Delete(id))
	_, err := w.AddBlock("291102", june(1), june(2), "")
	require.NoError(t, err)

	bodies := posted(t, rc)
	assert.Equal(t, []any{
		"create_booking", "update_booking", "update_booking", "update_booking", "cancel_booking", "update_booking", "delete_booking",
	}, column(t, bodies, "action"))
	assert.Equal(t, []any{"request", "booked", "booked", "booked", "canceled", "booked", "deleted"}, column(t, bodies, "status"))

	create := at(t, bodies, 0, "data", "booking")
	number := asFloat(t, id)
	for field, want := range map[string]any{
		"id": number, "begin_date": "2026-06-20", "end_date": "2026-06-23", "number_of_nights": 3.0, "number_of_days": 4.0,
		"arrival_time": nil, "departure_time": nil, "realty_id": 291102.0, "realty_room_id": nil, "status_cd": 4.0,
		"agency_id": 20002.0, "user_id": 40001.0, "is_delete": false, "closed": false, "source": "manual",
		"booking_origin": object{"id": nil, "title": nil}, "booked_date": "2026-05-02", "canceled_date": nil, "deleted_date": nil,
		"created_at": "2026-05-02T23:30:00.000+03:00", "updated_at": "2026-05-02T23:30:00.000+03:00", "sync_at": nil,
		"amount": 18600.0, "price_per_day": 6200.0, "balance_to_be_paid_1": 18600.0, "platform_tax": nil,
		"apartment": object{"id": 291102.0, "title": "Лесная 5, студия", "address": "Лесная ул., 5"}, "address": "Лесная ул., 5",
		"url": "https://realtycalendar.ru/event_calendars/" + id, "event_calendar_payments": []any{},
	} {
		assert.Equal(t, want, at(t, create, field), field)
	}
	assert.Equal(t, "Анна Тестова", at(t, create, "client", "fio"))
	assert.Equal(t, object{}, at(t, bodies, 0, "data", "changes"))

	assert.Equal(t, "2026-05-02T23:30:01.500+03:00", at(t, bodies, 1, "data", "booking", "updated_at"))
	assert.Equal(t, object{"event_calendar": object{"status_cd": []any{4.0, 5.0}}}, at(t, bodies, 1, "data", "changes"))
	payments := at(t, bodies, 2, "data", "changes").(object)
	assert.Len(t, payments, 1, "payments only")
	assert.Contains(t, payments, "event_calendar_payments")
	assert.InDelta(t, 4500, at(t, bodies, 2, "data", "booking", "payments_with_deleted", 0, "amount"), 0)
	assert.Equal(t, object{
		"event_calendar": object{"end_date": []any{"2026-06-23", "2026-06-24"}},
		"client":         object{"phone": []any{"+7 900 000-00-01", "+7 900 000-00-02"}},
	}, at(t, bodies, 3, "data", "changes"))
	assert.Equal(t, "2026-05-02", at(t, bodies, 4, "data", "booking", "canceled_date"))
	assert.InDelta(t, 3, at(t, bodies, 4, "data", "booking", "status_cd"), 0)

	deletion := at(t, bodies, 6, "data", "booking").(object)
	assert.InDelta(t, 5, deletion["status_cd"], 0, "a deletion keeps the status")
	assert.Equal(t, true, deletion["is_delete"])
	assert.Equal(t, "2026-05-02", deletion["deleted_date"])
	assert.InDelta(t, 291102, deletion["realty_id"], 0)
	for _, field := range []string{"client", "apartment", "address", "booking_origin", "number_of_nights", "number_of_days", "balance_to_be_paid_1"} {
		assert.NotContains(t, deletion, field)
	}
	assert.NotContains(t, at(t, bodies, 6, "data"), "changes")
}

func TestRealtyCalendarDeliveryOfChannels(t *testing.T) {
	t.Parallel()
	w := lotWorld(t)
	s := anna()
	s.UnitID = "291102"
	id := addStay(t, w, s)
	rc, _ := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	stay, _ := w.Stay(id)
	body, ok := rc.Delivery(sandbox.Change{Kind: sandbox.StayUpdated, Before: stay, After: stay})
	require.True(t, ok)
	var v any
	require.NoError(t, json.Unmarshal(body, &v))
	booking := at(t, v, "data", "booking")
	assert.Equal(t, "airbnb", at(t, booking, "source"))
	assert.Equal(t, "1860.0", at(t, booking, "platform_tax"), "a number as text")
	assert.InDelta(t, 3, at(t, booking, "partner_guests_count"), 0)
	assert.Equal(t, object{}, at(t, v, "data", "changes"))

	_, ok = rc.Delivery(sandbox.Change{Kind: sandbox.PropertyChanged})
	assert.False(t, ok)
	require.NoError(t, json.Unmarshal(rc.BasketDelivery(), &v))
	assert.Equal(t, "create_basket", at(t, v, "action"))
	assert.NotContains(t, at(t, v, "data"), "booking")
}

func TestRealtyCalendarLotsWithRooms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.UnitID = "302"
	id := addStay(t, w, s)
	rc, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{MultiUnitLots: true})
	stay, _ := w.Stay(id)
	body, _ := rc.Delivery(sandbox.Change{Kind: sandbox.StayCreated, After: stay})
	var v any
	require.NoError(t, json.Unmarshal(body, &v))
	assert.InDelta(t, 71, at(t, v, "data", "booking", "realty_id"), 0)
	assert.InDelta(t, 302, at(t, v, "data", "booking", "realty_room_id"), 0)
	assert.Equal(t, "/apartments/export.ics?r=MzAyCg%3D%3D", rc.ICalURL("302"))
	_, text := c.raw(http.MethodGet, rc.ICalURL("302"), nil)
	assert.Contains(t, text, "SUMMARY:RC("+id+")\r\n")
	_, text = c.raw(http.MethodGet, rc.ICalURL("301"), nil)
	assert.NotContains(t, text, "RC(")
}

func TestRealtyCalendarExport(t *testing.T) {
	t.Parallel()
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	_, err := w.AddProperty(sandbox.Property{ID: "312053"})
	require.NoError(t, err)
	id := addStay(t, w, sandbox.Stay{UnitID: "312053", Arrival: june(20), Departure: june(23)})
	addStay(t, w, sandbox.Stay{UnitID: "312053", Arrival: june(25), Departure: june(26), Status: pms.StatusCancelled})
	rc, c := newRealtyCalendar(t, w, sandbox.RealtyCalendarOptions{})
	assert.Equal(t, "/apartments/export.ics?q=MzEyMDUzCg%3D%3D", rc.ICalURL("312053"))
	want := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//RealtyCalendar//EN\r\nCALSCALE:GREGORIAN\r\nBEGIN:VEVENT\r\n" +
		"UID:" + id + "@realtycalendar.ru\r\nDTSTART;VALUE=DATE:20260620\r\nDTEND;VALUE=DATE:20260623\r\nSUMMARY:RC(" + id + ")\r\n" +
		"CREATED:20260601T060000Z\r\nLAST-MODIFIED:20260601T060000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	for _, query := range []string{"q=MzEyMDUz", "q=MzEyMDUzCg%3D%3D"} {
		resp, text := c.raw(http.MethodGet, "/apartments/export.ics?"+query, nil)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, "text/calendar; charset=utf-8", resp.Header.Get("Content-Type"))
		assert.Equal(t, want, text)
	}
	for _, query := range []string{"", "q=MQ%3D%3D", "q=***", "r=MzEyMDUz"} {
		resp, _ := c.raw(http.MethodGet, "/apartments/export.ics?"+query, nil)
		assert.Equal(t, 404, resp.StatusCode, query)
	}
}
