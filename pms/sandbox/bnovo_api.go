package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// bnovoQuery reads query parameters and collects what is wrong with them.
type bnovoQuery struct {
	values url.Values
	zone   *time.Location
	known  []string
	fields map[string]string
}

func (b *Bnovo) query(r *http.Request) *bnovoQuery {
	return &bnovoQuery{values: r.URL.Query(), zone: b.world.Zone(), fields: map[string]string{}}
}

func (q *bnovoQuery) get(name string) string {
	q.known = append(q.known, name)
	return q.values.Get(name)
}

// errors returns the complaints, those about unknown parameters included.
func (q *bnovoQuery) errors() map[string]string {
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			q.fields[name] = bnovoWrong
		}
	}
	return q.fields
}

func (q *bnovoQuery) number(name string, least, most int) int {
	text := q.get(name)
	n, err := strconv.Atoi(text)
	switch {
	case text == "":
		q.fields[name] = bnovoRequired
	case err != nil:
		q.fields[name] = bnovoWrong
	case n < least:
		q.fields[name] = fmt.Sprintf(bnovoNotLess, least)
	case n > most:
		q.fields[name] = fmt.Sprintf(bnovoNotMore, most)
	}
	return n
}

// window reads date_from and date_to in one of the layouts.
func (q *bnovoQuery) window(layouts ...string) (from, to time.Time) {
	from, to = q.time("date_from", layouts), q.time("date_to", layouts)
	if len(q.fields) == 0 && !from.Before(to) {
		q.fields["date_from"] = bnovoBefore
	}
	return from, to
}

func (q *bnovoQuery) time(name string, layouts []string) time.Time {
	text := q.get(name)
	if text == "" {
		q.fields[name] = bnovoRequired
		return time.Time{}
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, q.zone); err == nil {
			return t
		}
	}
	q.fields[name] = bnovoDate
	return time.Time{}
}

// page is the part of items that limit and offset ask for, and its meta.
func page[T any](items []T, limit, offset int) (part []T, meta object) {
	meta = object{"total": len(items), "limit": limit, "offset": offset}
	start := min(offset, len(items))
	part = slices.Clone(items[start:min(start+limit, len(items))])
	if part == nil {
		part = []T{}
	}
	return part, meta
}

const (
	bnovoMaxPage      = 50
	bnovoMaxTypesPage = 30
	maxOffset         = 1 << 30
)

func (b *Bnovo) listBookings(w http.ResponseWriter, r *http.Request) {
	q := b.query(r)
	from, to := q.window(time.DateOnly, time.DateTime)
	limit, offset := q.number("limit", 1, bnovoMaxPage), q.number("offset", 0, maxOffset)
	dataType, given := q.get("data_type"), q.values.Has("data_type")
	selects, ok := bnovoSelect[dataType]
	if !ok || given && dataType == "" {
		q.fields["data_type"] = bnovoWrong
	}
	if invalid(w, q.errors()) {
		return
	}
	inside := func(t time.Time) bool { return !t.IsZero() && !t.Before(from) && !t.After(to) }
	view := b.view()
	stays := b.world.staysIf(func(s *Stay) bool {
		return s.Kind != pms.KindBlock && selects(view.dates(s), from, to, inside)
	})
	part, meta := page(stays, limit, offset)
	bookings := make([]bnovoBooking, len(part))
	for i := range part {
		bookings[i] = view.listItem(&part[i])
	}
	writeJSON(w, http.StatusOK, object{"data": object{"bookings": bookings, "meta": meta}})
}

// bnovoDates is what the windows of a list look at.
type bnovoDates struct {
	status                                       int
	arrival, departure, created, updated, cancel time.Time
}

// The status ids.
const (
	bnovoNew       = 1
	bnovoCancelled = 2
	bnovoCheckedIn = 3
	bnovoLeft      = 4
	bnovoVerified  = 5
	bnovoWaiting   = 6
)

// bnovoSelect holds the documented conditions of each data_type.
var bnovoSelect = map[string]func(d bnovoDates, from, to time.Time, inside func(time.Time) bool) bool{
	"": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.created)
	},
	"checkmate": func(d bnovoDates, from, to time.Time, _ func(time.Time) bool) bool {
		return !d.arrival.After(to) && !d.departure.Before(from)
	},
	"new": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.created) && d.isOne(bnovoNew, bnovoWaiting)
	},
	"living": func(d bnovoDates, from, to time.Time, _ func(time.Time) bool) bool {
		return !d.departure.After(to) && !d.arrival.Before(from) && d.isOne(bnovoCheckedIn)
	},
	"checkedIn": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.arrival) && d.isOne(bnovoNew, bnovoWaiting)
	},
	"checkedOut": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.departure) && d.isOne(bnovoNew, bnovoWaiting, bnovoCheckedIn)
	},
	"cancelled": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.cancel) && d.isOne(bnovoCancelled)
	},
	"exited": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.departure) && d.isOne(bnovoLeft)
	},
	"changed": func(d bnovoDates, _, _ time.Time, inside func(time.Time) bool) bool {
		return inside(d.updated)
	},
}

func (d bnovoDates) isOne(status ...int) bool { return slices.Contains(status, d.status) }

func (b *Bnovo) getBooking(w http.ResponseWriter, r *http.Request) {
	q := b.query(r)
	linked := q.get("with_linked")
	if !slices.Contains([]string{"", "true", "false", "1", "0"}, linked) {
		q.fields["with_linked"] = bnovoWrong
	}
	if !isNumber(r.PathValue("id")) {
		q.fields["id"] = bnovoWrong
	}
	if invalid(w, q.errors()) {
		return
	}
	s, ok := b.booking(r.PathValue("id"))
	if !ok {
		bnovoError(w, http.StatusNotFound, nil)
		return
	}
	view := b.view()
	detail := view.detail(&s)
	if linked == "true" || linked == "1" {
		detail.Linked = view.linked(&s)
	}
	writeJSON(w, http.StatusOK, object{"data": detail})
}

// booking returns a stay that is one to Bnovo: closures are not bookings.
func (b *Bnovo) booking(id string) (Stay, bool) {
	s, ok := b.world.Stay(id)
	return s, ok && s.Kind != pms.KindBlock
}

// putStatus is the only write of bookings.
func (b *Bnovo) putStatus(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	status, ok := integer(body["new_status_id"])
	fields := map[string]string{}
	switch {
	case err != nil || body["new_status_id"] == nil:
		fields["new_status_id"] = bnovoRequired
	case !ok || status < bnovoNew || status > bnovoWaiting:
		fields["new_status_id"] = bnovoWrong
	}
	if invalid(w, fields) {
		return
	}
	s, ok := b.booking(r.PathValue("id"))
	if !ok {
		bnovoError(w, http.StatusNotFound, nil)
		return
	}
	if err := b.world.Update(s.ID, func(s *Stay) {
		s.Status, s.Verified = bnovoStatusOf[status], status == bnovoVerified
	}); err != nil {
		bnovoError(w, http.StatusNotFound, nil)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

var bnovoStatusOf = map[int64]pms.Status{
	bnovoNew: pms.StatusConfirmed, bnovoCancelled: pms.StatusCancelled, bnovoCheckedIn: pms.StatusCheckedIn,
	bnovoLeft: pms.StatusCheckedOut, bnovoVerified: pms.StatusConfirmed, bnovoWaiting: pms.StatusTentative,
}

func (b *Bnovo) rooms(w http.ResponseWriter, r *http.Request) {
	q := b.query(r)
	limit, offset := q.number("limit", 1, bnovoMaxPage), q.number("offset", 0, maxOffset)
	if invalid(w, q.errors()) {
		return
	}
	rooms := []bnovoRoom{}
	view := b.view()
	for i, p := range b.world.Units() {
		rooms = append(rooms, view.room(p, i))
	}
	part, meta := page(rooms, limit, offset)
	writeJSON(w, http.StatusOK, object{"data": object{"rooms": part, "meta": meta}})
}

func (b *Bnovo) roomTypes(w http.ResponseWriter, r *http.Request) {
	q := b.query(r)
	limit, offset := q.number("limit", 1, bnovoMaxTypesPage), q.number("offset", 0, maxOffset)
	if invalid(w, q.errors()) {
		return
	}
	types := []bnovoRoomType{}
	for _, p := range b.world.Units() {
		if p.ParentID == "" || slices.ContainsFunc(types, func(t bnovoRoomType) bool { return t.ID == number(p.ParentID) }) {
			continue
		}
		types = append(types, bnovoRoomType{
			ID: number(p.ParentID), HotelID: b.opts.HotelID, Name: p.ParentName, Type: "1",
			Adults: p.Beds, Price: "0.00", Board: "0",
		})
	}
	part, meta := page(types, limit, offset)
	writeJSON(w, http.StatusOK, object{"data": object{"room_types": part, "meta": meta}})
}

// closed has no wrapper around it, other than all the rest.
func (b *Bnovo) closed(w http.ResponseWriter, r *http.Request) {
	q := b.query(r)
	from, to := q.window(time.DateOnly)
	if invalid(w, q.errors()) {
		return
	}
	view := b.view()
	closures := []bnovoClosure{}
	for _, s := range b.world.staysIf(isClosure) {
		if d := view.dates(&s); !d.arrival.After(to) && !d.departure.Before(from) {
			closures = append(closures, view.closure(&s))
		}
	}
	writeJSON(w, http.StatusOK, object{"closures": closures})
}

// isClosure reports whether s is a block that stands. Bnovo shows no cancelled
// closures.
func isClosure(s *Stay) bool { return s.Kind == pms.KindBlock && s.Status != pms.StatusCancelled }

func (b *Bnovo) subscribers(w http.ResponseWriter, _ *http.Request) {
	list := []object{}
	for _, hook := range b.hooks("") {
		list = append(list, object{"external_hotel_id": b.opts.HotelID, "url": hook.URL, "type": hook.Type})
	}
	writeJSON(w, http.StatusCreated, object{"data": list})
}

// hooks returns the subscribers of one type, or all.
func (b *Bnovo) hooks(kind string) []BnovoWebhook {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.webhooks), func(h BnovoWebhook) bool { return kind != "" && h.Type != kind })
}

const (
	bnovoHookBooking = "booking"
	bnovoHookPlans   = "plans_data_update"
)

func (b *Bnovo) unsubscribe(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	fields := map[string]string{}
	switch {
	case err != nil || body["type"] == nil:
		fields["type"] = bnovoRequired
	case body["type"] != bnovoHookBooking && body["type"] != bnovoHookPlans:
		fields["type"] = bnovoWrong
	}
	if invalid(w, fields) {
		return
	}
	b.mu.Lock()
	b.webhooks = slices.DeleteFunc(b.webhooks, func(h BnovoWebhook) bool { return h.Type == body["type"] })
	b.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (b *Bnovo) testBookings(w http.ResponseWriter, r *http.Request) {
	ids := []int64{}
	for _, s := range b.world.Stays() {
		if s.Kind != pms.KindBlock {
			ids = append(ids, number(s.ID))
			break
		}
	}
	b.test(w, r, bnovoHookBooking, object{"hotel_id": b.opts.HotelID, "booking_ids": ids})
}

func (b *Bnovo) testPlans(w http.ResponseWriter, r *http.Request) {
	prices := object{strconv.Itoa(bnovoPlanID): object{"71": []string{b.world.Today().String()}}}
	b.test(w, r, bnovoHookPlans, object{"hotel_id": b.opts.HotelID, "prices": prices})
}

// test sends message to the subscribers of a type, which must exist, and
// echoes it.
func (b *Bnovo) test(w http.ResponseWriter, r *http.Request, kind string, message object) {
	if !b.tests.allow(b.world.Now()) {
		bnovoError(w, http.StatusTooManyRequests, nil)
		return
	}
	if len(b.hooks(kind)) == 0 {
		invalid(w, map[string]string{"type": bnovoRequired})
		return
	}
	b.send(r.Context(), kind, message)
	writeJSON(w, http.StatusCreated, object{"data": message})
}

// notify tells the subscribers of a change of a booking.
func (b *Bnovo) notify(c Change) {
	if c.Kind == PropertyChanged || c.After.Kind == pms.KindBlock {
		return
	}
	b.send(context.Background(), bnovoHookBooking, object{"hotel_id": b.opts.HotelID, "booking_ids": []int64{number(c.After.ID)}})
}

func (b *Bnovo) send(ctx context.Context, kind string, message object) {
	body, err := json.Marshal(message)
	if err != nil {
		return
	}
	for _, hook := range b.hooks(kind) {
		b.sender.post(ctx, hook.URL, body, b.world.Now())
	}
}
