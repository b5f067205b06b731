package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// guestyStamp is an instant as Guesty writes it.
func guestyStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// guestyStatus is the word for the status. The progress of a stay is in
// guestStay.
func guestyStatus(s *Stay) string {
	switch s.Status {
	case pms.StatusInquiry:
		return "inquiry"
	case pms.StatusTentative:
		return "reserved"
	case pms.StatusCancelled:
		return "canceled"
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusNoShow, pms.StatusUnknown:
	}
	return "confirmed"
}

func guestyGuestStay(s *Stay) object {
	status := "not_set"
	switch s.Status {
	case pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusNoShow:
		status = string(s.Status)
	case pms.StatusInquiry, pms.StatusTentative, pms.StatusConfirmed, pms.StatusCancelled, pms.StatusUnknown:
	}
	return object{"status": status}
}

var guestyChannels = map[string]string{"airbnb": "airbnb2", "booking": "bookingCom", "vrbo": "homeaway2", "direct": "manual"}

func guestyChannel(s *Stay) string {
	if name, ok := guestyChannels[s.Channel]; ok {
		return name
	}
	return s.Channel
}

var guestyCleaning = map[pms.Cleanliness]string{pms.Clean: "clean", pms.Dirty: "dirty", pms.CleaningInProgress: "waitingForInspection"}

// unit returns a unit, or the defaults of the world for a stay without one.
func (g *Guesty) unit(id string) Property {
	if p, ok := g.world.Property(id); ok {
		return p
	}
	return g.world.withDefaults(Property{})
}

func (g *Guesty) listing(p Property) object {
	cleaning, ok := guestyCleaning[p.Cleanliness]
	if !ok {
		cleaning = "unknown"
	}
	l := object{
		"_id": p.ID, "accountId": g.opts.AccountID, "nickname": p.Name, "title": p.Name + " (public)", "type": "SINGLE",
		"active": !p.Inactive, "isListed": !p.Inactive, "isTest": false, "pms": object{"active": true},
		"timezone": p.Zone.String(), "defaultCheckInTime": p.CheckIn.String(), "defaultCheckOutTime": p.CheckOut.String(),
		"address": object{
			"full": p.Address.Street + ", " + p.Address.City, "street": p.Address.Street, "city": p.Address.City, "state": p.Address.Region,
			"zipcode": p.Address.PostalCode, "country": p.Address.Country, "lat": p.Latitude, "lng": p.Longitude,
		},
		"accommodates": p.Beds, "bedrooms": p.Bedrooms, "beds": p.Beds, "bathrooms": p.Bathrooms,
		"cleaningStatus": object{"value": cleaning},
		"cleaning":       object{"instructions": "Linen in the wardrobe"},
		"integrations":   []object{{"platform": "airbnb2", "airbnb2": object{"token": "channel-token-of-the-account"}}},
		"tags":           []string{}, "createdAt": "2026-01-10T08:00:00.000Z", "lastUpdatedAt": "2026-05-02T10:00:00.000Z",
	}
	return l
}

// guestyProject keeps the fields that are asked for, by their first name. Nothing
// asked for is everything.
func guestyProject(o object, fields string) object {
	if fields == "" {
		return o
	}
	out := object{"_id": o["_id"]}
	for field := range strings.FieldsSeq(fields) {
		name, _, _ := strings.Cut(field, ".")
		if v, ok := o[name]; ok {
			out[name] = v
		}
	}
	return out
}

func (g *Guesty) listListings(w http.ResponseWriter, r *http.Request) {
	limit, skip, ok := guestyPlace(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	wants := func(name string, is bool) bool { return (q.Get(name) != "false") == is }
	rows := []object{}
	for _, p := range g.world.Units() {
		if wants("active", !p.Inactive) && wants("listed", !p.Inactive) && wants("pmsActive", true) {
			rows = append(rows, guestyProject(g.listing(p), q.Get("fields")))
		}
	}
	part, _ := page(rows, limit, skip)
	writeJSON(w, http.StatusOK, object{"results": part, "count": len(rows), "limit": limit, "skip": skip})
}

// found answers 404 and reports false for a listing that does not exist.
func (g *Guesty) found(w http.ResponseWriter, r *http.Request) (Property, bool) {
	p, ok := g.world.Property(r.PathValue("id"))
	if !ok {
		guestyError(w, http.StatusNotFound, "LISTING_NOT_FOUND", "Listing not found")
	}
	return p, ok
}

func (g *Guesty) getListing(w http.ResponseWriter, r *http.Request) {
	if p, ok := g.found(w, r); ok {
		writeJSON(w, http.StatusOK, guestyProject(g.listing(p), r.URL.Query().Get("fields")))
	}
}

func (g *Guesty) putListing(w http.ResponseWriter, r *http.Request) {
	p, ok := g.found(w, r)
	if !ok {
		return
	}
	body, err := readJSON(r)
	status, _ := body["cleaningStatus"].(object)
	for state, word := range guestyCleaning {
		if err == nil && status["value"] == word {
			err = g.world.SetCleanliness(p.ID, state)
			p, _ = g.world.Property(p.ID)
		}
	}
	if err != nil {
		guestyError(w, http.StatusUnprocessableEntity, "ValidationError", "The body is not a listing")
		return
	}
	writeJSON(w, http.StatusOK, g.listing(p))
}

// guestySearch is a search: its filters, and what is wrong with it.
type guestySearch struct {
	filters []func(s *Stay) bool
	sort    string
	problem string
}

// guestyOps are the operators of each filter.
var guestyOps = map[string][]string{
	"status": {"eq", "ne", "in", "nin"}, "listingId": {"eq", "in"}, "confirmationCode": {"eq"}, "source": {"eq"},
	"checkIn": {"eq", "gte", "gt", "lte", "lt"}, "checkOut": {"eq", "gte", "gt", "lte", "lt"},
	"createdAt": {"eq", "gte", "gt", "lte", "lt"}, "lastUpdatedAt": {"eq", "gte", "gt", "lte", "lt"},
}

func readGuestySearch(q url.Values) guestySearch {
	search := guestySearch{sort: "-_id"}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		value := q.Get(name)
		switch {
		case name == "limit" || name == "skip":
		case name == "sort":
			search.sort = value
		case strings.HasPrefix(name, "filter["):
			search.filter(name, value)
		default:
			search.problem = "unknown parameter " + name
		}
	}
	switch strings.TrimPrefix(search.sort, "-") {
	case "_id", "checkIn", "checkOut", "createdAt":
	default:
		search.problem = "unsupported sort"
	}
	return search
}

func (s *guestySearch) filter(name, value string) {
	field, rest, _ := strings.Cut(strings.TrimPrefix(name, "filter["), "]")
	op := strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]")
	ops, known := guestyOps[field]
	dated := strings.HasPrefix(field, "check") || strings.HasSuffix(field, "At")
	if op == "" && !dated {
		op = "eq"
		if strings.Contains(value, ",") {
			op = "in"
		}
	}
	if !known || !slices.Contains(ops, op) {
		s.problem = "unsupported filter " + name
		return
	}
	switch field {
	case "checkIn", "checkOut":
		day, ok := parseDay(value)
		if !ok {
			s.problem = name + " must be YYYY-MM-DD"
			return
		}
		s.filters = append(s.filters, func(stay *Stay) bool {
			have := stay.Arrival
			if field == "checkOut" {
				have = stay.Departure
			}
			return guestyCompares(op, have.Compare(day))
		})
	case "createdAt", "lastUpdatedAt":
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			s.problem = name + " must be ISO 8601"
			return
		}
		s.filters = append(s.filters, func(stay *Stay) bool {
			have := stay.CreatedAt
			if field == "lastUpdatedAt" {
				have = stay.UpdatedAt
			}
			return guestyCompares(op, have.Compare(at))
		})
	default:
		s.filters = append(s.filters, func(stay *Stay) bool {
			have := map[string]string{
				"status": guestyStatus(stay), "listingId": stay.UnitID, "confirmationCode": stay.Code, "source": guestyChannel(stay),
			}[field]
			in := slices.Contains(strings.Split(value, ","), have)
			return in == (op == "eq" || op == "in")
		})
	}
}

func guestyCompares(op string, order int) bool {
	switch op {
	case "gte":
		return order >= 0
	case "gt":
		return order > 0
	case "lte":
		return order <= 0
	case "lt":
		return order < 0
	default:
		return order == 0
	}
}

func (g *Guesty) search(w http.ResponseWriter, r *http.Request) {
	search := readGuestySearch(r.URL.Query())
	if search.problem != "" {
		guestyWrapped(w, http.StatusBadRequest, search.problem)
		return
	}
	limit, skip, ok := guestyPlace(w, r)
	if !ok {
		return
	}
	stays := g.world.staysIf(func(s *Stay) bool {
		if s.Kind == pms.KindBlock {
			return false
		}
		for _, keep := range search.filters {
			if !keep(s) {
				return false
			}
		}
		return true
	})
	slices.SortStableFunc(stays, func(a, b Stay) int { return guestyOrder(search.sort, &a, &b) })
	part, _ := page(stays, limit, skip)
	rows := make([]object, len(part))
	for i := range part {
		rows[i] = g.searchRow(&part[i])
	}
	writeJSON(w, http.StatusOK, object{
		"results":    rows,
		"pagination": object{"skip": skip, "limit": limit, "hasMore": skip+len(rows) < len(stays)},
	})
}

func guestyOrder(sort string, a, b *Stay) int {
	field, sign := strings.CutPrefix(sort, "-")
	order := 0
	switch field {
	case "checkIn":
		order = a.Arrival.Compare(b.Arrival)
	case "checkOut":
		order = a.Departure.Compare(b.Departure)
	case "createdAt":
		order = a.CreatedAt.Compare(b.CreatedAt)
	default:
		order = strings.Compare(a.ID, b.ID)
	}
	if sign {
		return -order
	}
	return order
}

func guestyGuests(s *Stay) object {
	return object{
		"numberOfAdults": s.Guests.Adults, "numberOfChildren": s.Guests.Children,
		"numberOfInfants": s.Guests.Infants, "numberOfPets": s.Guests.Pets,
	}
}

// searchRow is a row of the search. The notes are left out when there are none.
func (g *Guesty) searchRow(s *Stay) object {
	home := g.unit(s.UnitID)
	row := object{
		"reservationId": s.ID, "confirmationCode": s.Code, "status": guestyStatus(s),
		"checkIn":              guestyStamp(at(s.Arrival, firstClock(s.ArrivalTime, home.CheckIn), home.Zone)),
		"checkOut":             guestyStamp(at(s.Departure, firstClock(s.DepartureTime, home.CheckOut), home.Zone)),
		"checkInDateLocalized": s.Arrival.String(), "checkOutDateLocalized": s.Departure.String(),
		"source": guestyChannel(s), "channel": guestyChannel(s), "createdAt": guestyStamp(s.CreatedAt), "bookingDate": guestyStamp(s.CreatedAt),
	}
	g.common(s, row, "guestId")
	stay := []object{}
	for _, seg := range s.segments() {
		p := g.unit(seg.unitID)
		part := object{
			"checkIn": guestyStamp(at(seg.from, p.CheckIn, p.Zone)), "checkOut": guestyStamp(at(seg.to, p.CheckOut, p.Zone)),
			"checkInDateLocalized": seg.from.String(), "checkOutDateLocalized": seg.to.String(),
			"guestsCount": s.Guests.Total, "numberOfGuests": guestyGuests(s),
		}
		if seg.unitID != "" {
			part["listingId"], part["parentListingId"] = seg.unitID, p.ParentID
		}
		stay = append(stay, part)
	}
	row["stay"] = stay
	return row
}

// common is what both kinds of rows have.
func (g *Guesty) common(s *Stay, row object, guestField string) {
	if s.Guest != (pms.Guest{}) {
		row[guestField] = guestyGuestID(s)
	}
	row["guestStay"] = guestyGuestStay(s)
	if s.Kind == pms.KindOwner {
		row["creationInfo"] = object{"owner": object{"_id": "owner-1", "fullName": s.Guest.Name, "email": s.Guest.Email, "phone": s.Guest.Phone}}
	}
	notes := object{}
	if s.Notes != "" {
		notes["cleaning"] = s.Notes
	}
	g.mu.Lock()
	maps.Copy(notes, g.notes[s.ID])
	g.mu.Unlock()
	if len(notes) > 0 {
		row["notes"] = notes
	}
}

func guestyGuestID(s *Stay) string { return "guest-" + s.ID }

// batchRow is a row of the batch get: it has no listing, no channel and no days
// of its own.
func (g *Guesty) batchRow(s *Stay) object {
	row := object{
		"_id": s.ID, "accountId": g.opts.AccountID, "confirmationCode": s.Code, "status": guestyStatus(s),
		"platform": guestyChannel(s), "source": guestyChannel(s), "createdAt": guestyStamp(s.CreatedAt),
		"reservedUntil": -1, "isAssigned": s.UnitID != "",
	}
	if !s.CancelledAt.IsZero() {
		row["canceledAt"], row["canceledBy"] = guestyStamp(s.CancelledAt), "GUEST"
	}
	g.common(s, row, "bookerId")
	segments := s.segments()
	stay := []object{}
	for i, seg := range segments {
		p := g.unit(seg.unitID)
		eta, etd := p.CheckIn, p.CheckOut
		if i == 0 {
			eta = firstClock(s.ArrivalTime, eta)
		}
		if i == len(segments)-1 {
			etd = firstClock(s.DepartureTime, etd)
		}
		part := object{
			"unitTypeId": p.ParentID, "checkInDateLocalized": seg.from.String(), "checkOutDateLocalized": seg.to.String(),
			"eta": guestyStamp(at(seg.from, eta, p.Zone)), "etd": guestyStamp(at(seg.to, etd, p.Zone)),
			"guestsCount": s.Guests.Total, "numberOfGuests": guestyGuests(s),
		}
		switch {
		case seg.unitID != "" && p.ParentID != "":
			part["unitId"] = seg.unitID
		case seg.unitID != "":
			part["unitTypeId"] = seg.unitID
		}
		stay = append(stay, part)
	}
	row["stay"] = stay
	return row
}

const guestyMaxBatch = 10

func (g *Guesty) batch(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ids := slices.Concat(q["reservationIds[]"], q["reservationIds"])
	if len(ids) == 0 || len(ids) > guestyMaxBatch {
		guestyWrapped(w, http.StatusBadRequest, "reservationIds must hold 1 to 10 ids")
		return
	}
	rows := []object{}
	for _, id := range ids {
		if s, ok := g.reservation(id); ok {
			rows = append(rows, g.batchRow(&s))
		}
	}
	writeJSON(w, http.StatusOK, rows)
}

func (g *Guesty) reservation(id string) (Stay, bool) {
	s, ok := g.world.Stay(id)
	return s, ok && s.Kind != pms.KindBlock
}

// putNotes changes the keys that it is given.
func (g *Guesty) putNotes(w http.ResponseWriter, r *http.Request) {
	s, ok := g.reservation(r.PathValue("id"))
	if !ok {
		guestyWrapped(w, http.StatusNotFound, "Reservation not found")
		return
	}
	body, err := readJSON(r)
	notes, isObject := body["notes"].(object)
	if err != nil || !isObject {
		guestyWrapped(w, http.StatusBadRequest, "notes must be an object")
		return
	}
	g.mu.Lock()
	if g.notes[s.ID] == nil {
		g.notes[s.ID] = object{}
	}
	maps.Copy(g.notes[s.ID], notes)
	g.mu.Unlock()
	writeJSON(w, http.StatusOK, object{"notes": notes})
}

func (g *Guesty) guest(w http.ResponseWriter, r *http.Request) {
	id, _ := strings.CutPrefix(r.PathValue("id"), "guest-")
	s, ok := g.world.Stay(id)
	if !ok {
		guestyError(w, http.StatusNotFound, "NOT_FOUND", "Guest not found")
		return
	}
	first, last := splitName(s.Guest.Name)
	writeJSON(w, http.StatusOK, object{
		"_id": r.PathValue("id"), "fullName": s.Guest.Name, "firstName": first, "lastName": last, "email": s.Guest.Email, "phone": s.Guest.Phone,
	})
}

// calendar is the minified calendar: its days, and with view=full the blocks
// behind them. A block that was lifted is not there.
func (g *Guesty) calendar(w http.ResponseWriter, r *http.Request) {
	p, ok := g.found(w, r)
	if !ok {
		return
	}
	from, okFrom := parseDay(r.URL.Query().Get("startDate"))
	to, okTo := parseDay(r.URL.Query().Get("endDate"))
	if !okFrom || !okTo || to.Before(from) {
		guestyError(w, http.StatusUnprocessableEntity, "ValidationError", "startDate and endDate are required")
		return
	}
	days := object{"listingId": p.ID, "startDate": from.String(), "endDate": to.String(), "currency": "EUR", "calendar": []object{}}
	if r.URL.Query().Get("view") == "full" {
		blocks := object{}
		for _, s := range g.world.staysIf(func(s *Stay) bool { return guestyBlocks(s, p.ID, from, to) }) {
			blocks[s.ID] = g.block(&s, p.ID)
		}
		days["blocks"] = blocks
	}
	writeJSON(w, http.StatusOK, object{"days": days})
}

// guestyBlocks reports whether a stay stands in the calendar of a unit between
// two days, both included.
func guestyBlocks(s *Stay, unitID string, from, to pms.Date) bool {
	if s.UnitID != unitID || s.Status == pms.StatusCancelled || s.Status == pms.StatusInquiry {
		return false
	}
	return !s.Arrival.After(to) && s.Departure.After(from)
}

func (g *Guesty) block(s *Stay, unitID string) object {
	b := object{
		"_id": s.ID, "listingId": unitID, "type": "m", "note": s.Notes,
		"startDate": s.Arrival.String() + "T00:00:00.000Z", "endDate": s.Departure.AddDays(-1).String() + "T00:00:00.000Z",
		"createdAt": guestyStamp(s.CreatedAt),
	}
	switch {
	case s.Kind == pms.KindOwner:
		b["type"], b["reservationId"] = "o", s.ID
	case s.Kind != pms.KindBlock && s.Status == pms.StatusTentative:
		b["type"], b["reservationId"] = "r", s.ID
	case s.Kind != pms.KindBlock:
		b["type"], b["reservationId"] = "b", s.ID
	}
	return b
}

// The tasks.

// listTasks has the rows of a report: cells, and not objects.
func (g *Guesty) listTasks(w http.ResponseWriter, r *http.Request) {
	limit, skip, ok := guestyPlace(w, r)
	if !ok {
		return
	}
	if r.URL.Query().Get("columns") == "" {
		guestyError(w, http.StatusBadRequest, "ValidationError", "columns is required")
		return
	}
	var filters struct {
		Status struct {
			Without []string `json:"@nin"`
		} `json:"status"`
	}
	if text := r.URL.Query().Get("filters"); text != "" && json.Unmarshal([]byte(text), &filters) != nil {
		guestyError(w, http.StatusBadRequest, "ValidationError", "filters is not JSON")
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	rows := []object{}
	for _, t := range g.tasks {
		if slices.Contains(filters.Status.Without, guestyText(t["status"])) {
			continue
		}
		title := ""
		if p, ok := g.world.Property(guestyText(t["listingId"])); ok {
			title = p.Name
		}
		rows = append(rows, object{
			"id": t["_id"], "status": object{"children": t["status"]}, "taskTitle": object{"children": t["title"]},
			"listing": object{"listingId": t["listingId"], "title": title},
			"scheduledFor": object{
				"startTime": t["startTime"], "canStartAfter": t["canStartAfter"], "mustFinishBefore": t["mustFinishBefore"],
			},
			"assignee": object{"assigneeId": t["assigneeId"]},
		})
	}
	part, _ := page(rows, limit, skip)
	writeJSON(w, http.StatusOK, object{"data": part, "limit": limit, "skip": skip})
}

func guestyText(v any) string {
	text, _ := v.(string)
	return text
}

// guestyReadTask reads a task; false means that an error was answered.
func guestyReadTask(w http.ResponseWriter, r *http.Request) (object, bool) {
	body, err := readJSON(r)
	switch {
	case err != nil:
		guestyError(w, http.StatusBadRequest, "ValidationError", "The body is not a task")
		return nil, false
	case body["startTime"] != nil && (body["canStartAfter"] != nil || body["mustFinishBefore"] != nil):
		guestyError(w, http.StatusUnprocessableEntity, "ValidationError", "startTime and canStartAfter exclude one another")
		return nil, false
	}
	return body, true
}

func (g *Guesty) createTask(w http.ResponseWriter, r *http.Request) {
	body, ok := guestyReadTask(w, r)
	if !ok {
		return
	}
	if guestyText(body["title"]) == "" {
		guestyError(w, http.StatusUnprocessableEntity, "ValidationError", "title is required")
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	body["_id"], body["status"] = g.nextID(), "pending"
	g.tasks = append(g.tasks, body)
	writeJSON(w, http.StatusOK, g.task(body))
}

// task is the object of a task.
func (g *Guesty) task(t object) object {
	timing := object{"type": "none"}
	switch {
	case t["startTime"] != nil:
		timing = object{"type": "specific", "startTime": t["startTime"]}
	case t["canStartAfter"] != nil:
		timing = object{"type": "flexible", "canStartAfter": t["canStartAfter"], "mustFinishBefore": t["mustFinishBefore"]}
	}
	apply := object{"type": "listing", "listingId": t["listingId"]}
	if t["reservationId"] != nil {
		apply["type"], apply["reservationId"] = "reservation", t["reservationId"]
	}
	out := object{
		"_id": t["_id"], "shortTaskId": "T-1", "title": t["title"], "status": t["status"], "timing": timing, "apply": apply,
	}
	for _, name := range []string{"type", "description", "assigneeId", "plannedDuration"} {
		if t[name] != nil {
			out[name] = t[name]
		}
	}
	return out
}

// withTask calls fn with the index of the task of the path, under the lock.
func (g *Guesty) withTask(w http.ResponseWriter, r *http.Request, fn func(i int)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.tasks, func(t object) bool { return t["_id"] == r.PathValue("id") })
	if i < 0 {
		guestyError(w, http.StatusNotFound, "NOT_FOUND", "Task not found")
		return
	}
	fn(i)
}

func (g *Guesty) getTask(w http.ResponseWriter, r *http.Request) {
	g.withTask(w, r, func(i int) { writeJSON(w, http.StatusOK, g.task(g.tasks[i])) })
}

func (g *Guesty) putTask(w http.ResponseWriter, r *http.Request) {
	body, ok := guestyReadTask(w, r)
	if !ok {
		return
	}
	g.withTask(w, r, func(i int) {
		id := g.tasks[i]["_id"]
		maps.Copy(g.tasks[i], body)
		g.tasks[i]["_id"] = id
		writeJSON(w, http.StatusOK, g.task(g.tasks[i]))
	})
}

func (g *Guesty) deleteTask(w http.ResponseWriter, r *http.Request) {
	g.withTask(w, r, func(i int) {
		g.tasks = slices.Delete(g.tasks, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	})
}
