package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// The documented page sizes.
const (
	hospitablePage    = 10
	hospitableMaxPage = 100
)

// hospitableIncludes reads the includes, in both ways in which they are written.
// What is not known is ignored.
func hospitableIncludes(q url.Values) []string {
	names := slices.Clone(q["include[]"])
	for _, list := range q["include"] {
		names = append(names, strings.Split(list, ",")...)
	}
	return names
}

// includes reads the includes of reservations; false means that the token lacks
// the scope of one, which was answered.
func (h *Hospitable) includes(w http.ResponseWriter, q url.Values) ([]string, bool) {
	include := hospitableIncludes(q)
	for name, scope := range map[string]string{"financials": "financials:read", "properties": "property:read", "listings": "listing:read"} {
		if slices.Contains(include, name) && h.lacks(scope) {
			h.noScope(w)
			return nil, false
		}
	}
	return include, true
}

// place reads page and per_page; false means that an error was answered.
func (h *Hospitable) place(w http.ResponseWriter, r *http.Request) (number, size int, ok bool) {
	number, size = 1, hospitablePage
	for name, into := range map[string]*int{"page": &number, "per_page": &size} {
		if text := r.URL.Query().Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > maxOffset {
				n = -1
			}
			*into = n
		}
	}
	if number < 1 || size < 1 || size > hospitableMaxPage {
		hospitableError(w, http.StatusBadRequest, "Invalid pagination parameter supplied.", nil)
		return 0, 0, false
	}
	return number, size, true
}

// list answers with a page. Its links are plain http, as the live API's are.
func (h *Hospitable) list(w http.ResponseWriter, r *http.Request, rows []object, more object) {
	number, size, ok := h.place(w, r)
	if !ok {
		return
	}
	part, _ := page(rows, size, (number-1)*size)
	last := max((len(rows)+size-1)/size, 1)
	path := "http://" + r.Host + r.URL.Path
	link := func(n int) any {
		if n < 1 || n > last {
			return nil
		}
		return fmt.Sprintf("%s?page=%d", path, n)
	}
	numbered := []object{}
	for n := range last {
		numbered = append(numbered, object{"url": link(n + 1), "label": strconv.Itoa(n + 1), "active": n+1 == number})
	}
	meta := object{
		"current_page": number, "from": nil, "last_page": last, "path": path, "per_page": size, "to": nil, "total": len(rows), "links": numbered,
	}
	if len(part) > 0 {
		meta["from"], meta["to"] = (number-1)*size+1, (number-1)*size+len(part)
	}
	for name, value := range more {
		meta[name] = value
	}
	var links any = numbered
	if h.opts.Documented {
		links = object{"first": link(1), "last": link(last), "prev": link(number - 1), "next": link(number + 1)}
		for i := range numbered {
			numbered[i]["url"] = nil // the file has no other
		}
	}
	writeJSON(w, http.StatusOK, object{"data": part, "links": links, "meta": meta})
}

func (h *Hospitable) listProperties(w http.ResponseWriter, r *http.Request) {
	include := hospitableIncludes(r.URL.Query())
	rows := []object{}
	for _, p := range h.world.Units() {
		rows = append(rows, h.property(p, include))
	}
	h.list(w, r, rows, nil)
}

// found answers 404 and reports false for a property that does not exist.
func (h *Hospitable) found(w http.ResponseWriter, r *http.Request) (Property, bool) {
	p, ok := h.world.Property(r.PathValue("id"))
	if !ok {
		hospitableError(w, http.StatusNotFound, "Not Found", nil)
	}
	return p, ok
}

func (h *Hospitable) getProperty(w http.ResponseWriter, r *http.Request) {
	p, ok := h.found(w, r)
	if !ok {
		return
	}
	answer := h.property(p, hospitableIncludes(r.URL.Query()))
	if !h.opts.Documented { // the file has this one object bare
		answer = object{"data": answer}
	}
	writeJSON(w, http.StatusOK, answer)
}

// hospitableCalendarDays is the longest calendar, from today on.
const hospitableCalendarDays = 3 * 366

func (h *Hospitable) calendar(w http.ResponseWriter, r *http.Request) {
	if h.lacks("property:read") { // beside calendar:read
		h.noScope(w)
		return
	}
	p, ok := h.found(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	from, ok1 := parseDay(q.Get("start_date"))
	to, ok2 := parseDay(q.Get("end_date"))
	switch {
	case !ok1 || !ok2 || to.Before(from):
		hospitableWrong(w, "start_date", "The start date is not a valid date.")
		return
	case to.DaysSince(h.world.Today()) > hospitableCalendarDays:
		hospitableWrong(w, "end_date", "The end date is more than three years ahead.")
		return
	}
	stays := h.world.staysIf(func(s *Stay) bool {
		return s.UnitID == p.ID && s.Status != pms.StatusCancelled && s.Status != pms.StatusInquiry
	})
	days := []object{}
	for day := from; !day.After(to); day = day.AddDays(1) {
		days = append(days, h.day(day, stays))
	}
	writeJSON(w, http.StatusOK, object{"data": object{
		"listing_id": "64129" + p.ID, "provider": "airbnb", "start_date": from.String(), "end_date": to.String(), "days": days,
	}})
}

// reservations are the stays that are reservations, in order of arrival.
func (h *Hospitable) reservations() []Stay {
	stays := h.world.staysIf(func(s *Stay) bool {
		return s.Kind != pms.KindBlock && s.Status != pms.StatusInquiry && s.UnitID != ""
	})
	slices.SortStableFunc(stays, func(a, b Stay) int { return a.Arrival.Compare(b.Arrival) })
	return stays
}

func (h *Hospitable) listReservations(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	include, ok := h.includes(w, q)
	if !ok {
		return
	}
	units, ok := h.wantedUnits(w, q)
	if !ok {
		return
	}
	inside, ok := h.window(w, q)
	if !ok {
		return
	}
	statuses := q["status[]"]
	rows := []object{}
	for _, s := range h.reservations() {
		category := hospitableStatus(&s)
		switch {
		case !slices.Contains(units, s.UnitID), !inside(&s),
			len(statuses) > 0 && !slices.Contains(statuses, category),
			q.Get("platform_id") != "" && q.Get("platform_id") != hospitableCode(&s),
			q.Get("conversation_id") != "" && q.Get("conversation_id") != hospitableConversation(s.ID):
			continue
		}
		rows = append(rows, h.reservation(&s, include))
	}
	h.list(w, r, rows, nil)
}

// wantedUnits reads properties[], which is required; false means that an error
// was answered.
func (h *Hospitable) wantedUnits(w http.ResponseWriter, q url.Values) ([]string, bool) {
	units := q["properties[]"]
	if len(units) == 0 {
		hospitableWrong(w, "properties", "The properties field is required.")
		return nil, false
	}
	for i, id := range units {
		if _, ok := h.world.Property(id); !ok {
			field := fmt.Sprintf("properties.%d", i)
			hospitableWrong(w, field, "The selected "+field+" is invalid.")
			return nil, false
		}
	}
	return units, true
}

// window reads the bounds, which are outside of the window; false means that an
// error was answered.
func (h *Hospitable) window(w http.ResponseWriter, q url.Values) (func(*Stay) bool, bool) {
	by := q.Get("date_query")
	if by != "" && by != "checkin" && by != "checkout" {
		hospitableWrong(w, "date_query", "The selected date query is invalid.")
		return nil, false
	}
	today := h.world.Today()
	from, to := today.AddDays(-1), today.AddDays(15)
	if by != "" && q.Has("start_date") && q.Has("end_date") {
		var ok1, ok2 bool
		from, ok1 = parseDay(q.Get("start_date"))
		to, ok2 = parseDay(q.Get("end_date"))
		if !ok1 || !ok2 {
			hospitableWrong(w, "start_date", "The start date does not match the format Y-m-d.")
			return nil, false
		}
	} else {
		by = "checkin"
	}
	return func(s *Stay) bool {
		day := s.Arrival
		if by == "checkout" {
			day = s.Departure
		}
		return day.After(from) && day.Before(to)
	}, true
}

// stay returns the reservation of the path, or answers 404.
func (h *Hospitable) stay(w http.ResponseWriter, r *http.Request) (Stay, bool) {
	for _, s := range h.reservations() {
		if s.ID == r.PathValue("id") {
			return s, true
		}
	}
	hospitableError(w, http.StatusNotFound, "Not Found", nil)
	return Stay{}, false
}

func (h *Hospitable) getReservation(w http.ResponseWriter, r *http.Request) {
	include, ok := h.includes(w, r.URL.Query())
	if !ok {
		return
	}
	if s, ok := h.stay(w, r); ok {
		writeJSON(w, http.StatusOK, object{"data": h.reservation(&s, include)})
	}
}

// hospitableKeys are the keys of the enrichment, each with its description.
var hospitableKeys = []string{"guidebook", "rental_agreement", "smartlock_code", "upsell"}

func (h *Hospitable) shortcode(stayID, key string) object {
	h.mu.Lock()
	defer h.mu.Unlock()
	return object{
		"key": key, "value": h.enrichment[stayID+"/"+key],
		"meta": object{"description": "Fills the short code %" + key + "%.", "example": "Your " + key},
	}
}

func (h *Hospitable) listEnrichment(w http.ResponseWriter, r *http.Request) {
	s, ok := h.stay(w, r)
	if !ok {
		return
	}
	rows := []object{}
	for _, key := range hospitableKeys {
		rows = append(rows, h.shortcode(s.ID, key))
	}
	writeJSON(w, http.StatusOK, object{"data": rows})
}

// enrich reads or writes one key.
func (h *Hospitable) enrich(w http.ResponseWriter, r *http.Request) {
	s, ok := h.stay(w, r)
	if !ok {
		return
	}
	key := r.PathValue("key")
	if !slices.Contains(hospitableKeys, key) {
		hospitableError(w, http.StatusNotFound, "Not Found", nil)
		return
	}
	if r.Method == http.MethodPut {
		body, err := readJSON(r)
		value, isText := body["value"].(string)
		if err != nil || !isText && body["value"] != nil || len([]rune(value)) > 255 {
			hospitableWrong(w, "value", "The value must be a string of at most 255 characters.")
			return
		}
		h.mu.Lock()
		h.enrichment[s.ID+"/"+key] = body["value"]
		h.mu.Unlock()
	}
	writeJSON(w, http.StatusOK, object{"data": h.shortcode(s.ID, key)})
}

// allowed notes a call that has an allowance; false means that 429 was answered.
// It needs the lock.
func (h *Hospitable) allowed(w http.ResponseWriter, key string, limit pms.Limit) bool {
	now := h.world.Now()
	if h.allowances[key] == nil {
		h.allowances[key] = &limiter{limits: []pms.Limit{limit}}
	}
	w.Header().Set("X-Ratelimit-Limit", strconv.Itoa(limit.Requests))
	if h.allowances[key].allow(now) {
		return true
	}
	w.Header().Set("X-Ratelimit-Remaining", "0")
	w.Header().Set("Retry-After", strconv.Itoa(int(limit.Window/time.Second)))
	w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(now.Add(limit.Window).Unix(), 10))
	hospitableError(w, http.StatusTooManyRequests, "Too Many Attempts.", nil)
	return false
}

// twiceAMinute is the allowance of messages to, and of reading those of, a
// reservation.
func twiceAMinute() pms.Limit { return pms.Limit{Requests: 2, Window: time.Minute} }

// listMessages is not paged and has no meta.
func (h *Hospitable) listMessages(w http.ResponseWriter, r *http.Request) {
	s, ok := h.stay(w, r)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.allowed(w, "read "+s.ID, twiceAMinute()) {
		return
	}
	rows := h.messages[s.ID]
	if rows == nil {
		rows = []object{}
	}
	writeJSON(w, http.StatusOK, object{"data": rows})
}

// sendMessage takes two messages a minute to a reservation, and 50 in five
// minutes.
func (h *Hospitable) sendMessage(w http.ResponseWriter, r *http.Request) {
	s, ok := h.stay(w, r)
	if !ok {
		return
	}
	body, err := readJSON(r)
	text, _ := body["body"].(string)
	if err != nil || text == "" {
		hospitableWrong(w, "body", "The body field is required.")
		return
	}
	now := h.world.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.allowed(w, "send "+s.ID, twiceAMinute()) || !h.allowed(w, "send", pms.Limit{Requests: 50, Window: 5 * time.Minute}) {
		return
	}
	h.messages[s.ID] = append(h.messages[s.ID], object{
		"platform": "airbnb", "platform_id": len(h.messages[s.ID]) + 1, "conversation_id": hospitableConversation(s.ID),
		"reservation_id": s.ID, "content_type": "text/plain", "body": text, "attachments": []object{}, "sender_type": "host",
		"sender_role": "host", "created_at": now.UTC().Format(time.RFC3339),
	})
	if h.opts.Documented {
		writeJSON(w, http.StatusCreated, object{})
		return
	}
	writeJSON(w, http.StatusAccepted, object{"data": object{"sent_reference_id": fmt.Sprintf("sent-%s-%d", s.ID, len(h.messages[s.ID]))}})
}

// listTasks keeps tasks that begin in a window of days, both included; without
// one, the next fourteen days.
func (h *Hospitable) listTasks(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	units, ok := h.wantedUnits(w, q)
	if !ok {
		return
	}
	from, to := h.world.Today(), h.world.Today().AddDays(14)
	for name, into := range map[string]*pms.Date{"start_date": &from, "end_date": &to} {
		if !q.Has(name) {
			continue
		}
		day, ok := parseDay(q.Get(name))
		if !ok || day.DaysSince(h.world.Today()) > hospitableCalendarDays {
			hospitableWrong(w, name, "The "+name+" is invalid.")
			return
		}
		*into = day
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	rows := []object{}
	for i, task := range h.tasks {
		if row, day := h.task(i, task); slices.Contains(units, task.PropertyID) && !day.Before(from) && !day.After(to) {
			rows = append(rows, row)
		}
	}
	h.list(w, r, rows, object{
		"task_types":          object{"1": "Cleaning", "2": "Check-in", "3": "Concierge", "4": "Check-out", "5": "Maintenance"},
		"service_types":       object{"1": "Cleaning", "2": "Check-in", "3": "Concierge", "4": "Check-out", "5": "Owner", "6": "Manager", "7": "Laundry", "8": "Maintenance"},
		"assignment_statuses": []string{"pending", "accepted", "rejected", "cancelled", "unassigned"},
		"progress_statuses":   []string{"not_started", "on_the_way", "arrived", "in_progress", "completed", "cancelled"},
	})
}
