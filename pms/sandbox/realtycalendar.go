package sandbox

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// RealtyCalendarOptions is one RealtyCalendar account.
type RealtyCalendarOptions struct {
	// PublicKey stands in the path of API v1, PrivateKey signs. Empty means 32
	// invented hex digits each.
	PublicKey, PrivateKey string
	// AgencyID is the account, UserID the user in it. Zero means 20002 and
	// 40001.
	AgencyID, UserID int64
	// MultiUnitLots is an account whose lots have rooms: realty_id is the
	// parent of the unit and realty_room_id the unit. Otherwise the unit is the
	// lot.
	MultiUnitLots bool
	// Webhooks are the registered URLs.
	Webhooks []string
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
	// Extra answers the paths that RealtyCalendar is not known to have. Nil
	// means 404.
	Extra http.Handler
}

// RealtyCalendar is the stand-in of RealtyCalendar, by what public clients and
// real webhook bodies show; no complete document of the vendor is public.
//
// It answers the signed API v1: POST /api/v1/bookings/{key} (list by day of
// modification), POST /api/v1/apartments/{lot}/event_calendars, PUT and DELETE
// /api/v1/apartments/{lot}/event_calendars/{id}, and GET
// /apartments/export.ics?q= or ?r= (iCalendar). It posts a webhook for every
// change of a booking.
//
// Decided here (unverified): errors of the fields and of the signature are 422;
// a null or boolean cannot be signed; a parameter that is not known is an
// error; the iCalendar PRODID and the summary of closed dates. A booking has
// one lot: with room changes inside the stay it is in the room of today.
// Tentative stays and inquiries are requests. Closed dates are in the
// iCalendar export only.
type RealtyCalendar struct {
	world  *World
	opts   RealtyCalendarOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()

	mu    sync.Mutex
	hooks []string
}

// NewRealtyCalendar returns a stand-in for one account whose lots are the units
// of the world. It follows the world until Close.
func NewRealtyCalendar(world *World, o RealtyCalendarOptions) *RealtyCalendar {
	if o.PublicKey == "" {
		o.PublicKey = "00000000000000000000000000000a11"
	}
	if o.PrivateKey == "" {
		o.PrivateKey = "00000000000000000000000000000b22"
	}
	if o.AgencyID == 0 {
		o.AgencyID = 20002
	}
	if o.UserID == 0 {
		o.UserID = 40001
	}
	rc := &RealtyCalendar{
		world: world, opts: o, mux: http.NewServeMux(), sender: newSender(o.HTTPClient), hooks: slices.Clone(o.Webhooks),
	}
	rc.mux.HandleFunc("POST /api/v1/bookings/{key}", rc.list)
	rc.mux.HandleFunc("POST /api/v1/apartments/{lot}/event_calendars", rc.create)
	rc.mux.HandleFunc("PUT /api/v1/apartments/{lot}/event_calendars/{id}", rc.update)
	rc.mux.HandleFunc("DELETE /api/v1/apartments/{lot}/event_calendars/{id}", rc.remove)
	rc.mux.HandleFunc("GET /apartments/export.ics", rc.export)
	rc.cancel = world.Subscribe(rc.notify)
	return rc
}

// Options returns the account with its defaults filled in.
func (rc *RealtyCalendar) Options() RealtyCalendarOptions { return rc.opts }

// Close stops following the world.
func (rc *RealtyCalendar) Close() { rc.cancel() }

// Sent returns the webhook deliveries so far.
func (rc *RealtyCalendar) Sent() []Sent { return rc.sender.sent() }

// AddWebhook registers a URL.
func (rc *RealtyCalendar) AddWebhook(url string) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.hooks = append(rc.hooks, url)
}

// ServeHTTP implements [http.Handler].
func (rc *RealtyCalendar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route(rc.mux, w, r, func(int) {
		if rc.opts.Extra != nil {
			rc.opts.Extra.ServeHTTP(w, r)
			return
		}
		rcNotFound(w)
	})
}

func rcNotFound(w http.ResponseWriter) {
	writeJSON(w, http.StatusNotFound, object{"status": http.StatusNotFound, "error": "Not Found"})
}

func rcInvalid(w http.ResponseWriter, field, message string) {
	writeJSON(w, http.StatusUnprocessableEntity, object{"errors": map[string][]string{field: {message}}})
}

// rcSign is the signature of API v1: the MD5 of "key=value" of all parameters
// in order of their keys, then the private key. Objects are written in the
// same way, numbers as they stand in the JSON.
func rcSign(params object, privateKey string) (string, error) {
	text, err := rcSigned(params)
	if err != nil {
		return "", err
	}
	sum := md5.Sum([]byte(text + privateKey))
	return hex.EncodeToString(sum[:]), nil
}

var errNotSignable = errors.New("sandbox: a value that cannot be signed")

func rcSigned(params object) (string, error) {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(params)) {
		text.WriteString(key + "=")
		switch v := params[key].(type) {
		case string:
			text.WriteString(v)
		case json.Number:
			text.WriteString(v.String())
		case object:
			nested, err := rcSigned(v)
			if err != nil {
				return "", err
			}
			text.WriteString(nested)
		default:
			return "", errNotSignable
		}
	}
	return text.String(), nil
}

// signed checks a signature, and answers if it is wrong.
func (rc *RealtyCalendar) signed(w http.ResponseWriter, params object, sign any) bool {
	want, err := rcSign(params, rc.opts.PrivateKey)
	if err == nil && sign == want {
		return true
	}
	rcInvalid(w, "sign", "Sign key isn't correct")
	return false
}

// list answers with the bookings that were changed on the days of the window,
// the deleted ones included.
func (rc *RealtyCalendar) list(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	if err != nil || r.PathValue("key") != rc.opts.PublicKey {
		rcNotFound(w)
		return
	}
	sign := body["sign"]
	delete(body, "sign")
	if !rc.signed(w, body, sign) {
		return
	}
	filter, field, message := rc.filter(body)
	if field != "" {
		rcInvalid(w, field, message)
		return
	}
	rows := []object{}
	for _, s := range append(rc.world.Stays(), rc.world.Deleted()...) {
		if s.Kind != pms.KindBlock && filter(&s) {
			row := rc.summary(&s)
			row["client"] = object{"fio": s.Guest.Name, "phone": s.Guest.Phone, "additional_phone": nil, "email": s.Guest.Email}
			rows = append(rows, row)
		}
	}
	writeJSON(w, http.StatusOK, object{"bookings": rows})
}

// filter reads the bounds. Those of the modification include both days, those
// of the stay neither.
func (rc *RealtyCalendar) filter(body object) (filter func(*Stay) bool, field, message string) {
	type bound struct {
		required bool
		wrong    func(s *Stay, day pms.Date) bool
	}
	bounds := map[string]bound{
		"begin_date":             {true, func(s *Stay, d pms.Date) bool { return rcDay(s.UpdatedAt).Before(d) }},
		"end_date":               {true, func(s *Stay, d pms.Date) bool { return rcDay(s.UpdatedAt).After(d) }},
		"event_begin_date_start": {false, func(s *Stay, d pms.Date) bool { return !s.Arrival.After(d) }},
		"event_begin_date_end":   {false, func(s *Stay, d pms.Date) bool { return !s.Arrival.Before(d) }},
		"event_end_date_start":   {false, func(s *Stay, d pms.Date) bool { return !s.Departure.After(d) }},
		"event_end_date_end":     {false, func(s *Stay, d pms.Date) bool { return !s.Departure.Before(d) }},
	}
	for name := range body {
		if _, ok := bounds[name]; !ok {
			return nil, name, "is not a parameter"
		}
	}
	var tests []func(*Stay) bool
	for _, name := range slices.Sorted(maps.Keys(bounds)) {
		b := bounds[name]
		text, given := body[name].(string)
		if body[name] == nil && !b.required {
			continue
		}
		day, ok := parseDay(text)
		if !given || !ok {
			return nil, name, "is invalid"
		}
		if name == "end_date" && day.After(rcDay(rc.world.Now()).AddDays(1)) {
			return nil, name, "can't be later than tomorrow"
		}
		tests = append(tests, func(s *Stay) bool { return !b.wrong(s, day) })
	}
	return func(s *Stay) bool {
		return !slices.ContainsFunc(tests, func(test func(*Stay) bool) bool { return !test(s) })
	}, "", ""
}

// rcDay is the day of an instant in Moscow, where RealtyCalendar counts.
func rcDay(t time.Time) pms.Date { return civil.DateOf(t.In(moscow())) }

// summary is a booking as API v1 has it.
func (rc *RealtyCalendar) summary(s *Stay) object {
	lot, _ := rc.lot(s)
	return object{
		"id": number(s.ID), "apartment_id": lot, "begin_date": s.Arrival.String(), "end_date": s.Departure.String(),
		"amount": amount(s.Total.Amount), "status": rcStatus(s), "is_delete": !s.DeletedAt.IsZero(),
	}
}

// lot returns realty_id and realty_room_id of the unit of today.
func (rc *RealtyCalendar) lot(s *Stay) (lot, room any) {
	id := s.unitOn(rc.world.Today())
	p, ok := rc.world.Property(id)
	switch {
	case !ok:
		return nil, nil
	case rc.opts.MultiUnitLots && p.ParentID != "":
		return number(p.ParentID), number(p.ID)
	default:
		return number(p.ID), nil
	}
}

// The words of the status.
const (
	rcBooked   = "booked"
	rcRequest  = "request"
	rcCanceled = "canceled"
	rcDeleted  = "deleted"
)

// rcStatus is the status; a deleted booking keeps the one it had.
func rcStatus(s *Stay) string {
	switch s.Status {
	case pms.StatusCancelled, pms.StatusNoShow:
		return rcCanceled
	case pms.StatusInquiry, pms.StatusTentative:
		return rcRequest
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusUnknown:
	}
	return rcBooked
}

// rcStatusCodes are status_cd; that of canceled comes from a mock server.
var rcStatusCodes = map[string]int{rcCanceled: 3, rcRequest: 4, rcBooked: 5}

// event reads event_calendar and its signature, and answers if they are wrong.
func (rc *RealtyCalendar) event(w http.ResponseWriter, r *http.Request) (object, bool) {
	body, err := readJSON(r)
	event, ok := body["event_calendar"].(object)
	if err != nil || !ok {
		rcInvalid(w, "event_calendar", "is missing")
		return nil, false
	}
	if !rc.signed(w, event, body["sign"]) {
		return nil, false
	}
	// One client with logged answers sends notes beside the event.
	if notes, ok := body["notes"]; ok && event["notes"] == nil {
		event["notes"] = notes
	}
	return event, true
}

func (rc *RealtyCalendar) create(w http.ResponseWriter, r *http.Request) {
	unit, ok := rc.unit(r.PathValue("lot"))
	if !ok {
		rcNotFound(w)
		return
	}
	event, ok := rc.event(w, r)
	if !ok {
		return
	}
	for _, name := range []string{"begin_date", "end_date", "status"} {
		if event[name] == nil {
			rcInvalid(w, name, "can't be blank")
			return
		}
	}
	edit, wrong := rc.edits(event)
	if wrong != "" {
		rcInvalid(w, wrong, "is invalid")
		return
	}
	s := Stay{UnitID: unit}
	edit(&s)
	id, err := rc.world.AddStay(s)
	if err != nil {
		rcInvalid(w, "end_date", "is invalid")
		return
	}
	s, _ = rc.world.Stay(id)
	writeJSON(w, http.StatusCreated, rc.written(&s))
}

// written is the answer to a write.
func (rc *RealtyCalendar) written(s *Stay) object {
	row := rc.summary(s)
	row["prepayment"], row["source"] = amount(s.Paid), rcSource(s)
	return row
}

// unit returns the unit of a lot: the first one of it if it has rooms.
func (rc *RealtyCalendar) unit(lot string) (string, bool) {
	for _, p := range rc.world.Units() {
		if p.ID == lot && (!rc.opts.MultiUnitLots || p.ParentID == "") || rc.opts.MultiUnitLots && p.ParentID == lot {
			return p.ID, true
		}
	}
	return "", false
}

// edits reads event_calendar: what to do to a stay, or the field that is wrong.
func (rc *RealtyCalendar) edits(event object) (edit func(*Stay), wrong string) {
	var edits []func(*Stay)
	for _, name := range slices.Sorted(maps.Keys(event)) {
		edit, ok := rc.edit(name, event[name])
		if !ok {
			return nil, name
		}
		edits = append(edits, edit)
	}
	return func(s *Stay) {
		for _, edit := range edits {
			edit(s)
		}
	}, ""
}

func (rc *RealtyCalendar) edit(name string, v any) (edit func(*Stay), ok bool) {
	switch name {
	case "begin_date":
		day, ok := rcParseDay(v)
		return func(s *Stay) { s.Arrival = day }, ok
	case "end_date":
		day, ok := rcParseDay(v)
		return func(s *Stay) { s.Departure = day }, ok
	case "status":
		n, _ := integer(v)
		status, ok := map[int64]pms.Status{4: pms.StatusInquiry, 5: pms.StatusConfirmed}[n]
		return func(s *Stay) { s.Status = status }, ok
	case "amount":
		n, ok := v.(json.Number)
		return func(s *Stay) { s.Total = pms.Money{Amount: amount(n.String()).String(), Currency: "RUB"} }, ok
	case "notes":
		text, ok := v.(string)
		return func(s *Stay) { s.Notes = text }, ok
	case "apartment_id":
		unit, ok := rc.unit(fmt.Sprint(v))
		return func(s *Stay) { s.UnitID, s.Moves = unit, nil }, ok
	case "client_attributes":
		client, ok := v.(object)
		return func(s *Stay) {
			s.Guest.Name, s.Guest.Phone, s.Guest.Email = textIn(client, "fio"), textIn(client, "phone"), textIn(client, "email")
		}, ok
	default:
		return nil, false
	}
}

func textIn(o object, name string) string {
	text, _ := o[name].(string)
	return text
}

// rcParseDay reads "2006-01-02", also with a time behind it.
func rcParseDay(v any) (pms.Date, bool) {
	text, _ := v.(string)
	day, clock, timed := strings.Cut(text, " ")
	if _, err := time.Parse(time.TimeOnly, clock); timed && err != nil {
		return pms.Date{}, false
	}
	return parseDay(day)
}

// found returns the booking of a path, and answers if there is none in the lot.
func (rc *RealtyCalendar) found(w http.ResponseWriter, r *http.Request) (Stay, bool) {
	s, ok := rc.world.Stay(r.PathValue("id"))
	lot, _ := rc.lot(&s)
	if !ok || s.Kind == pms.KindBlock || fmt.Sprint(lot) != r.PathValue("lot") {
		rcNotFound(w)
		return Stay{}, false
	}
	return s, true
}

func (rc *RealtyCalendar) update(w http.ResponseWriter, r *http.Request) {
	s, ok := rc.found(w, r)
	if !ok {
		return
	}
	event, ok := rc.event(w, r)
	if !ok {
		return
	}
	edit, wrong := rc.edits(event)
	if wrong != "" {
		rcInvalid(w, wrong, "is invalid")
		return
	}
	if err := rc.world.Update(s.ID, edit); err != nil {
		rcInvalid(w, "end_date", "is invalid")
		return
	}
	s, _ = rc.world.Stay(s.ID)
	writeJSON(w, http.StatusOK, rc.written(&s))
}

func (rc *RealtyCalendar) remove(w http.ResponseWriter, r *http.Request) {
	s, ok := rc.found(w, r)
	if !ok {
		return
	}
	params := object{"apartment_id": r.PathValue("lot"), "id": r.PathValue("id")}
	if !rc.signed(w, params, r.URL.Query().Get("sign")) {
		return
	}
	if err := rc.world.Delete(s.ID); err != nil {
		rcNotFound(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
