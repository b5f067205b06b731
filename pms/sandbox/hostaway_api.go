package sandbox

import (
	"cmp"
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

// hostawayMaxPage is the default page, and here the largest.
const hostawayMaxPage = 100

// hostawayQuery checks the names of the query and reads limit and offset.
func hostawayQuery(w http.ResponseWriter, r *http.Request, names ...string) (q url.Values, limit, offset int, ok bool) {
	q = r.URL.Query()
	for name := range q {
		if !slices.Contains(names, name) {
			hostawayFail(w, http.StatusBadRequest, "Unknown parameter "+name)
			return nil, 0, 0, false
		}
	}
	number := func(name string, usual int) int {
		if q.Get(name) == "" {
			return usual
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 {
			return -1
		}
		return n
	}
	limit, offset = number("limit", hostawayMaxPage), number("offset", 0)
	if limit < 1 || offset < 0 {
		hostawayFail(w, http.StatusBadRequest, "limit and offset must be numbers")
		return nil, 0, 0, false
	}
	return q, min(limit, hostawayMaxPage), offset, true
}

func hostawayPage(w http.ResponseWriter, rows []object, limit, offset int) {
	part, _ := page(rows, limit, offset)
	hostawayList(w, part, limit, offset, len(rows))
}

func (h *Hostaway) listListings(w http.ResponseWriter, r *http.Request) {
	_, limit, offset, ok := hostawayQuery(w, r, "limit", "offset", "sortOrder", "includeResources")
	if !ok {
		return
	}
	var rows []object
	for _, l := range h.listings() {
		rows = append(rows, l.row())
	}
	hostawayPage(w, rows, limit, offset)
}

// found returns the listing of the path, and answers 404 if there is none.
func (h *Hostaway) found(w http.ResponseWriter, r *http.Request) (hostawayListing, bool) {
	for _, l := range h.listings() {
		if fmt.Sprint(l.id) == r.PathValue("id") {
			return l, true
		}
	}
	hostawayFail(w, http.StatusNotFound, "Listing not found")
	return hostawayListing{}, false
}

func (h *Hostaway) getListing(w http.ResponseWriter, r *http.Request) {
	if l, ok := h.found(w, r); ok {
		hostawayOK(w, l.row())
	}
}

// putListing takes cleannessStatus, as a number or a text of one.
func (h *Hostaway) putListing(w http.ResponseWriter, r *http.Request) {
	l, ok := h.found(w, r)
	if !ok {
		return
	}
	body, err := readJSON(r)
	status, known := map[string]pms.Cleanliness{"1": pms.Clean, "2": pms.Dirty}[fmt.Sprint(body["cleannessStatus"])]
	if err != nil || !known || len(body) != 1 {
		hostawayFail(w, http.StatusBadRequest, "The listing could not be updated")
		return
	}
	for _, unit := range l.units {
		if err := h.world.SetCleanliness(unit.ID, status); err != nil {
			hostawayFail(w, http.StatusNotFound, "Listing not found")
			return
		}
	}
	h.getListing(w, r)
}

func (h *Hostaway) listUnits(w http.ResponseWriter, r *http.Request) {
	l, ok := h.found(w, r)
	if !ok {
		return
	}
	rows := []object{}
	for _, unit := range l.units {
		if !l.multi {
			break
		}
		rows = append(rows, object{"id": number(unit.ID), "name": unit.Name, "ground": nil, "unitNumber": nil, "listingMapIdUnit": nil})
	}
	hostawayOK(w, rows)
}

// hostawayCalendarDays is the longest calendar.
const hostawayCalendarDays = 4000

func (h *Hostaway) calendar(w http.ResponseWriter, r *http.Request) {
	l, ok := h.found(w, r)
	if !ok {
		return
	}
	q, _, _, ok := hostawayQuery(w, r, "startDate", "endDate", "includeResources")
	if !ok {
		return
	}
	from, ok1 := parseDay(q.Get("startDate"))
	to, ok2 := parseDay(q.Get("endDate"))
	if !ok1 || !ok2 || to.Before(from) || to.DaysSince(from) > hostawayCalendarDays {
		hostawayFail(w, http.StatusBadRequest, "startDate and endDate must be dates")
		return
	}
	stays := h.world.staysIf(func(s *Stay) bool { return l.has(s.UnitID) && s.Status != pms.StatusCancelled })
	days := []object{}
	for day := from; !day.After(to); day = day.AddDays(1) {
		days = append(days, l.day(day, stays))
	}
	hostawayOK(w, days)
}

func (h *Hostaway) listReservations(w http.ResponseWriter, r *http.Request) {
	q, limit, offset, ok := hostawayQuery(w, r, "limit", "offset", "afterId", "sortOrder", "listingId",
		"arrivalStartDate", "arrivalEndDate", "departureStartDate", "departureEndDate", "includeResources")
	if !ok {
		return
	}
	keep, ok := hostawayFilter(q)
	if !ok {
		hostawayFail(w, http.StatusBadRequest, "Invalid filter")
		return
	}
	all := slices.DeleteFunc(h.reservations(), func(res hostawayReservation) bool { return !keep(res) })
	slices.SortFunc(all, func(a, b hostawayReservation) int {
		order := cmp.Or(hostawayStamp(a.UpdatedAt, b.UpdatedAt), cmp.Compare(number(a.ID), number(b.ID)))
		if q.Get("sortOrder") == "updatedOn" {
			return order
		}
		return -order
	})
	total := len(all)
	if after := q.Get("afterId"); after != "" {
		at := slices.IndexFunc(all, func(res hostawayReservation) bool { return res.ID == after })
		offset = at + 1
		if at < 0 {
			offset = total
		}
	}
	part, _ := page(all, limit, offset)
	rows := []object{}
	for _, res := range part {
		rows = append(rows, h.row(res, q.Get("includeResources") == "1"))
	}
	hostawayList(w, rows, limit, offset, total)
}

// hostawayStamp compares instants by the second, as updatedOn has them.
func hostawayStamp(a, b time.Time) int { return cmp.Compare(a.Unix(), b.Unix()) }

// hostawayFilter reads the filters of the list.
func hostawayFilter(q url.Values) (keep func(hostawayReservation) bool, ok bool) {
	bounds := map[string]func(res hostawayReservation, day pms.Date) bool{
		"arrivalStartDate":   func(res hostawayReservation, day pms.Date) bool { return !res.Arrival.Before(day) },
		"arrivalEndDate":     func(res hostawayReservation, day pms.Date) bool { return !res.Arrival.After(day) },
		"departureStartDate": func(res hostawayReservation, day pms.Date) bool { return !res.Departure.Before(day) },
		"departureEndDate":   func(res hostawayReservation, day pms.Date) bool { return !res.Departure.After(day) },
	}
	var tests []func(hostawayReservation) bool
	for name, inside := range bounds {
		if q.Get(name) == "" {
			continue
		}
		day, valid := parseDay(q.Get(name))
		if !valid {
			return nil, false
		}
		tests = append(tests, func(res hostawayReservation) bool { return inside(res, day) })
	}
	if id := q.Get("listingId"); id != "" {
		tests = append(tests, func(res hostawayReservation) bool { return fmt.Sprint(res.listing) == id })
	}
	if order := q.Get("sortOrder"); order != "" && order != "updatedOn" {
		return nil, false // the others are not played here
	}
	return func(res hostawayReservation) bool {
		return !slices.ContainsFunc(tests, func(test func(hostawayReservation) bool) bool { return !test(res) })
	}, true
}

func (h *Hostaway) getReservation(w http.ResponseWriter, r *http.Request) {
	for _, res := range h.reservations() {
		if res.ID != r.PathValue("id") {
			continue
		}
		full := r.URL.Query().Get("includeResources") == "1"
		row := h.row(res, full)
		if full && res.Status == pms.StatusNoShow {
			row["bookingcomNoShowReportedAt"] = stamp(res.UpdatedAt, h.world.Zone())
			row["bookingcomNoShowFeeWaived"] = false
		}
		hostawayOK(w, row)
		return
	}
	hostawayFail(w, http.StatusNotFound, "Reservation not found")
}

func (h *Hostaway) hookRow(hook HostawayWebhook) object {
	enabled := 1
	if hook.Disabled {
		enabled = 0
	}
	return object{
		"id": hook.ID, "isEnabled": enabled, "url": hook.URL, "login": textOrNil(hook.Login),
		"password": textOrNil(hook.Password), "alertingEmailAddress": nil,
	}
}

func (h *Hostaway) listHooks(w http.ResponseWriter, _ *http.Request) {
	rows := []object{}
	for _, hook := range h.Webhooks() {
		rows = append(rows, h.hookRow(hook))
	}
	hostawayOK(w, rows)
}

// readHook reads a webhook, and answers if it is wrong.
func readHook(w http.ResponseWriter, r *http.Request) (hook HostawayWebhook, ok bool) {
	body, err := readJSON(r)
	enabled, isInt := integer(body["isEnabled"])
	hook = HostawayWebhook{
		Disabled: enabled == 0, URL: textIn(body, "url"), Login: textIn(body, "login"), Password: textIn(body, "password"),
	}
	if err != nil || !isInt || hook.URL == "" {
		hostawayFail(w, http.StatusBadRequest, "url and isEnabled are required")
		return hook, false
	}
	return hook, true
}

func (h *Hostaway) createHook(w http.ResponseWriter, r *http.Request) {
	if hook, ok := readHook(w, r); ok {
		hook.ID = h.AddWebhook(hook)
		hostawayOK(w, h.hookRow(hook))
	}
}

// changeHook reads, replaces or deletes a webhook.
func (h *Hostaway) changeHook(w http.ResponseWriter, r *http.Request) {
	var fresh HostawayWebhook
	if r.Method == http.MethodPut {
		var ok bool
		if fresh, ok = readHook(w, r); !ok {
			return
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.hooks, func(hook HostawayWebhook) bool { return fmt.Sprint(hook.ID) == r.PathValue("id") })
	switch {
	case i < 0:
		hostawayFail(w, http.StatusNotFound, "Webhook not found")
		return
	case r.Method == http.MethodDelete:
		h.hooks = slices.Delete(h.hooks, i, i+1)
		hostawayOK(w, []object{})
		return
	case r.Method == http.MethodPut:
		fresh.ID = h.hooks[i].ID
		h.hooks[i] = fresh
	}
	hostawayOK(w, h.hookRow(h.hooks[i]))
}

func (h *Hostaway) listTasks(w http.ResponseWriter, r *http.Request) {
	q, limit, offset, ok := hostawayQuery(w, r, "limit", "offset", "reservationId", "status", "match", "channelId",
		"canStartFromEvent", "shouldEndByEvent", "canStartFromStart", "canStartFromEnd", "shouldEndByStart", "shouldEndByEnd")
	if !ok {
		return
	}
	h.mu.Lock()
	rows := slices.Clone(h.tasks)
	h.mu.Unlock()
	rows = slices.DeleteFunc(rows, func(task object) bool {
		return q.Get("reservationId") != "" && fmt.Sprint(task["reservationId"]) != q.Get("reservationId") ||
			q.Get("status") != "" && task["status"] != q.Get("status")
	})
	hostawayPage(w, rows, limit, offset)
}

// hostawayTaskStates are the documented states of a task.
var hostawayTaskStates = []any{"pending", "confirmed", "inProgress", "completed", "cancelled"}

// readTask reads a task, and answers if it is wrong.
func readTask(w http.ResponseWriter, r *http.Request) (object, bool) {
	body, err := readJSON(r)
	state, given := body["status"]
	if err != nil || given && !slices.Contains(hostawayTaskStates, state) {
		hostawayFail(w, http.StatusBadRequest, "The task is not valid")
		return nil, false
	}
	return body, true
}

func (h *Hostaway) createTask(w http.ResponseWriter, r *http.Request) {
	task, ok := readTask(w, r)
	if !ok {
		return
	}
	if textIn(task, "title") == "" {
		hostawayFail(w, http.StatusBadRequest, "title is required")
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serial++
	task["id"] = 9000 + h.serial
	if task["status"] == nil {
		task["status"] = "pending"
	}
	h.tasks = append(h.tasks, task)
	hostawayOK(w, task)
}

// changeTask reads, changes or deletes a task.
func (h *Hostaway) changeTask(w http.ResponseWriter, r *http.Request) {
	changes := object{}
	if r.Method == http.MethodPut {
		var ok bool
		if changes, ok = readTask(w, r); !ok {
			return
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.tasks, func(task object) bool { return fmt.Sprint(task["id"]) == r.PathValue("id") })
	if i < 0 {
		hostawayFail(w, http.StatusNotFound, "Task not found")
		return
	}
	if r.Method == http.MethodDelete {
		h.tasks = slices.Delete(h.tasks, i, i+1)
		hostawayOK(w, []object{})
		return
	}
	task := object{}
	for _, part := range []object{h.tasks[i], changes} {
		for name, v := range part {
			task[name] = v
		}
	}
	h.tasks[i] = task
	hostawayOK(w, task)
}

// notify posts new and changed reservations. Deletions are not told.
func (h *Hostaway) notify(c Change) {
	if c.Kind == PropertyChanged || c.Kind == StayDeleted || c.After.Kind == pms.KindBlock {
		return
	}
	event := "reservation.updated"
	if c.Kind == StayCreated {
		event = "reservation.created"
	}
	for _, res := range h.reservations() {
		if !slices.ContainsFunc(res.parts, func(s Stay) bool { return s.ID == c.After.ID }) {
			continue
		}
		body, err := json.Marshal(object{
			"object": "reservation", "event": event, "accountId": h.opts.AccountID, "data": h.row(res, false),
		})
		if err == nil {
			h.post(body)
		}
	}
}

func (h *Hostaway) post(body []byte) {
	for _, hook := range h.Webhooks() {
		target, err := url.Parse(hook.URL)
		if err != nil || hook.Disabled {
			continue
		}
		if hook.Login != "" && hook.Password != "" {
			target.User = url.UserPassword(hook.Login, hook.Password)
		}
		h.sender.post(context.Background(), target.String(), body, h.world.Now())
	}
}
