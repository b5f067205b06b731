package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// sessionRoutes are the calls of online.bnovo.ru that public clients make. The
// vendor documents none of them.
func (b *Bnovo) sessionRoutes() {
	b.mux.HandleFunc("POST /{$}", b.login)
	for pattern, h := range map[string]http.HandlerFunc{
		"POST /planning/bookings":    b.planning,
		"POST /room":                 b.sessionRooms,
		"GET /dashboard":             b.dashboard,
		"POST /booking/general/{id}": b.general,
	} {
		b.mux.HandleFunc(pattern, b.inSession(h))
	}
}

// login answers 302 with a SID cookie.
func (b *Bnovo) login(w http.ResponseWriter, r *http.Request) {
	fields, err := readFields(r)
	if err != nil || fields.Get("username") != b.opts.Username || fields.Get("password") != b.opts.UserPassword {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><body><form method=\"post\" action=\"/\">Вход</form></body></html>\n")
		return
	}
	b.mu.Lock()
	b.serial++
	sid := fmt.Sprintf("%032x", b.serial)
	b.sessions[sid] = true
	b.mu.Unlock()
	w.Header().Set("Set-Cookie", "SID="+sid+"; path=/; HttpOnly")
	w.Header().Set("Location", "/planning")
	w.WriteHeader(http.StatusFound)
}

// inSession asks for a SID. Without a live one the whole answer is a text under
// 200.
func (b *Bnovo) inSession(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("SID")
		b.mu.Lock()
		live := err == nil && b.sessions[cookie.Value]
		b.mu.Unlock()
		if !live {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "session_expired")
			return
		}
		next(w, r)
	}
}

// readFields reads a body as JSON, as a form or as multipart, by its
// Content-Type.
func readFields(r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("sandbox: content type: %w", err)
	}
	r.Body = io.NopCloser(io.LimitReader(r.Body, maxBody))
	switch kind {
	case "application/json":
		values := url.Values{}
		body, err := readJSON(r)
		for name, v := range body {
			values.Set(name, fmt.Sprint(v))
		}
		return values, err
	case "multipart/form-data":
		err := r.ParseMultipartForm(maxBody)
		return r.PostForm, err
	default:
		err := r.ParseForm()
		return r.PostForm, err
	}
}

// sessionError stands for the errors of the session API, which are not
// documented.
func sessionError(w http.ResponseWriter, text string) {
	writeJSON(w, http.StatusBadRequest, object{"errors": []string{text}})
}

// planning is the grid: bookings of every status and closures that touch the
// days.
func (b *Bnovo) planning(w http.ResponseWriter, r *http.Request) {
	fields, err := readFields(r)
	from, ok := parseDay(fields.Get("dfrom"))
	to, ok2 := parseDay(fields.Get("dto"))
	if err != nil || !ok || !ok2 {
		sessionError(w, "dfrom, dto")
		return
	}
	view := b.view()
	result, closures := []object{}, []object{}
	for _, s := range b.world.staysIf(func(s *Stay) bool { return !s.Arrival.After(to) && !s.Departure.Before(from) }) {
		switch {
		case isClosure(&s):
			closures = append(closures, object{
				"id": s.ID, "room_id": s.UnitID, "reason": view.closure(&s).Reason,
				"date_from": dashed(s.Arrival), "date_to": dashed(s.Departure),
			})
		case s.Kind != pms.KindBlock:
			result = append(result, view.row(&s))
		}
	}
	writeJSON(w, http.StatusOK, object{"result": result, "closures": closures, "errors": []string{}})
}

// dashed is a day as closures have it.
func dashed(day pms.Date) string { return fmt.Sprintf("%02d-%02d-%04d", day.Day, day.Month, day.Year) }

// either is an id as text or as number: the lists mix both.
func either(id string, text bool) any {
	if text {
		return id
	}
	return number(id)
}

// spaced is an amount as the cabinet prints it: "56 700.00".
func spaced(text string) string {
	c := cents(text)
	whole := strconv.FormatInt(c/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + " " + whole[i:]
	}
	return fmt.Sprintf("%s.%02d", whole, c%100)
}

// row is a booking in the grid and on the dashboard.
func (v bnovoView) row(s *Stay) object {
	even := number(s.ID)%2 == 0
	room := v.unit(s.unitOn(v.today))
	common := v.common(s)
	customer := bnovoCustomer{}
	if common.Customer != nil {
		customer = *common.Customer
	}
	return object{
		"booking_id": s.ID, "number": s.Code, "booking_number": s.Code,
		"status_id": either(strconv.Itoa(common.Status.ID), even), "status_name": common.Status.Name,
		"real_arrival": v.real(s, true), "real_departure": v.real(s, false),
		"room_id": either(room.ID, !even), "dual_roomtype_id": either(room.ParentID, even),
		"surname": customer.Surname, "name": customer.Name, "phone": customer.Phone, "email": customer.Email,
		"adults": either(strconv.Itoa(common.Extra.Adults), even), "children": either(strconv.Itoa(common.Extra.Children), even),
		"amount": spaced(s.Total.Amount), "source_id": strconv.FormatInt(common.Source.ID, 10), "source_name": common.Source.Name,
		"notes": s.Notes, "board": "", "is_early_arrival": flag(common.EarlyCheckIn), "is_late_departure": flag(common.LateCheckOut),
		"has_closure": false, "is_long": s.Departure.DaysSince(s.Arrival) > 30, "unread": false,
	}
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// real is the effective time of arrival or departure, without a zone.
func (v bnovoView) real(s *Stay, arrival bool) string {
	p := v.unit(s.UnitID)
	day, c := s.Departure, firstClock(s.DepartureTime, p.CheckOut)
	if arrival {
		day, c = s.Arrival, firstClock(s.ArrivalTime, p.CheckIn)
	}
	return at(day, c, p.Zone).Format(time.DateTime)
}

func (b *Bnovo) sessionRooms(w http.ResponseWriter, _ *http.Request) {
	view := b.view()
	rooms := []object{}
	for i, p := range b.world.Units() {
		room := view.room(p, i)
		rooms = append(rooms, object{
			"id": either(p.ID, i%2 == 0), "hotel_id": strconv.FormatInt(room.HotelID, 10), "room_type_id": either(p.ParentID, i%2 == 1),
			"room_type_name": room.RoomType, "room_type": room.RoomType, "name": room.Name, "tags": room.Tags,
			"sort_order": strconv.Itoa(i), "clean_status": room.CleanStatus,
		})
	}
	writeJSON(w, http.StatusOK, object{"rooms": rooms})
}

// dashboard lists bookings by arrival, departure or creation, newest first.
func (b *Bnovo) dashboard(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter, ok := dashboardFilter(q, b.world.Zone())
	size, pageNumber := positive(q.Get("c"), 100), positive(q.Get("page"), 1)
	if !ok || size == 0 || pageNumber == 0 {
		sessionError(w, "dashboard")
		return
	}
	stays := b.world.staysIf(func(s *Stay) bool { return s.Kind != pms.KindBlock && filter(s) })
	slices.SortStableFunc(stays, func(a, b Stay) int { return b.CreatedAt.Compare(a.CreatedAt) })
	part, _ := page(stays, size, (pageNumber-1)*size)
	view := b.view()
	bookings := make([]object, len(part))
	for i := range part {
		bookings[i] = view.row(&part[i])
		bookings[i]["create_date"] = stamp(part[i].CreatedAt, b.world.Zone())
	}
	total := (len(stays) + size - 1) / size
	var next any
	if pageNumber < total {
		next = pageNumber + 1
	}
	writeJSON(w, http.StatusOK, object{"bookings": bookings, "pages": object{"total_pages": total, "next_page": next}})
}

// positive reads a number of 1 or more, 0 for anything else.
func positive(text string, usual int) int {
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > maxOffset>>10 {
		return 0
	}
	return max(n, 0)
}

// dashboardFilter reads the bounds DD.MM.YYYY and the list of statuses.
func dashboardFilter(q url.Values, zone *time.Location) (func(*Stay) bool, bool) {
	dates := map[string]func(*Stay) pms.Date{
		"arrival":   func(s *Stay) pms.Date { return s.Arrival },
		"departure": func(s *Stay) pms.Date { return s.Departure },
		"create":    func(s *Stay) pms.Date { return civil.DateOf(s.CreatedAt.In(zone)) },
	}
	var tests []func(*Stay) bool
	for _, name := range slices.Sorted(maps.Keys(dates)) {
		day := dates[name]
		for suffix, wrong := range map[string]func(d, bound pms.Date) bool{"_from": pms.Date.Before, "_to": pms.Date.After} {
			text := q.Get(name + suffix)
			if text == "" {
				continue
			}
			bound, err := time.Parse("02.01.2006", text)
			if err != nil {
				return nil, false
			}
			tests = append(tests, func(s *Stay) bool { return !wrong(day(s), civil.DateOf(bound)) })
		}
	}
	if text := q.Get("status_ids"); text != "" {
		ids := strings.Split(strings.ReplaceAll(text, " ", ""), ",")
		tests = append(tests, func(s *Stay) bool { return slices.Contains(ids, strconv.Itoa(bnovoStatusID(s))) })
	}
	return func(s *Stay) bool {
		return !slices.ContainsFunc(tests, func(test func(*Stay) bool) bool { return !test(s) })
	}, true
}

// general is the wide record, its scalars as text.
func (b *Bnovo) general(w http.ResponseWriter, r *http.Request) {
	s, ok := b.booking(r.PathValue("id"))
	if !ok {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	view := b.view()
	detail := view.detail(&s)
	record := view.row(&s)
	maps.Copy(record, object{
		"id": s.ID, "hotel_id": b.opts.HotelID, "link_id": detail.LinkID, "provider_booking_id": detail.ProviderBookingID,
		"create_date": detail.Dates.CreateDate, "update_date": detail.Dates.UpdateDate, "cancel_date": detail.Dates.CancelDate,
		"customer": detail.Customer, "customers": detail.Customers, "prices": detail.Prices,
		"linked_bookings": view.linked(&s), "booking_notes": bookingNotes(s.Notes),
		"current_room_clean_status": detail.RoomCleanStatus, "payments_total": detail.PaymentsTotal,
	})
	writeJSON(w, http.StatusOK, object{"booking": textual(record)})
}

func bookingNotes(notes string) []object {
	if notes == "" {
		return []object{}
	}
	return []object{{"note": notes}}
}

// textual returns v with every number and boolean in it as text.
func textual(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil
	}
	return textOf(plain)
}

func textOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = textOf(item)
		}
		return v
	case []any:
		for i, item := range v {
			v[i] = textOf(item)
		}
		return v
	case json.Number:
		return v.String()
	case bool:
		return flag(v)
	default:
		return v
	}
}
