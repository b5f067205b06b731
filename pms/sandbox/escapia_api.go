package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// escapiaMaxPage is the largest page, and the one of a search that asks for
// none.
const escapiaMaxPage = 1000

// escapiaRead reads the body of a request. What is not documented is 400.
func escapiaRead(w http.ResponseWriter, r *http.Request, into any) bool {
	data, err := io.ReadAll(r.Body)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		err = dec.Decode(into)
	}
	if err != nil {
		escapiaFail(w, http.StatusBadRequest, "The request body is malformed")
	}
	return err == nil
}

// escapiaDays is a range of days. Both are required.
type escapiaDays struct {
	StartDate *pms.Date `json:"startDate"`
	EndDate   *pms.Date `json:"endDate"`
}

func (d *escapiaDays) valid() bool { return d == nil || d.StartDate != nil && d.EndDate != nil }

// escapiaSearch is what the searches have in common.
type escapiaSearch[T any] struct {
	Specification T   `json:"specification"`
	PageSize      int `json:"pageSize"`
	PageNumber    int `json:"pageNumber"`
}

// escapiaResults answers with one page of rows.
func escapiaResults[T any](w http.ResponseWriter, search escapiaSearch[T], rows []object) {
	size, number := min(cmp.Or(search.PageSize, escapiaMaxPage), escapiaMaxPage), cmp.Or(search.PageNumber, 1)
	if size < 1 || number < 1 {
		escapiaFail(w, http.StatusBadRequest, "Pages begin at 1")
		return
	}
	from := min((number-1)*size, len(rows))
	to := min(from+size, len(rows))
	results := []any{}
	for _, row := range rows[from:to] {
		results = append(results, row)
	}
	escapiaAnswer(w, object{
		"results": results, "totalCount": len(rows), "pageSize": size, "pageNumber": number, "fromIndex": from, "toIndex": to,
	})
}

type escapiaReservationSearch struct {
	PMCID string `json:"pmcid"`
	Range *struct {
		Days   *escapiaDays `json:"dateRange"`
		Method string       `json:"dateRangeSearchMethod"`
	} `json:"stayDateRangeSearchSpecification"`
	BookedOn  *escapiaDays `json:"bookedOnDateRange"`
	Units     []string     `json:"unitNativePMSIDs"`
	Types     []string     `json:"reservationTypeNativePMSIDs"`
	HoldTypes []string     `json:"holdTypes"`
	Sorting   string       `json:"sortingMethod"`
}

func (q *escapiaReservationSearch) valid() bool {
	return q.BookedOn.valid() && (q.Range == nil || q.Range.Days != nil && q.Range.Days.valid())
}

func (q *escapiaReservationSearch) matches(s *Stay, zone *time.Location) bool {
	if len(q.Units) > 0 && !slices.Contains(q.Units, s.UnitID) ||
		len(q.Types) > 0 && !slices.Contains(q.Types, escapiaTypeOf(s)) ||
		len(q.HoldTypes) > 0 && !slices.Contains(q.HoldTypes, escapiaHoldOf(s)) {
		return false
	}
	inside := func(day pms.Date, d *escapiaDays) bool { return !day.Before(*d.StartDate) && !day.After(*d.EndDate) }
	if q.BookedOn != nil && !inside(escapiaDayIn(s.CreatedAt, zone), q.BookedOn) {
		return false
	}
	if q.Range == nil {
		return true
	}
	switch q.Range.Method {
	case "StartDate":
		return inside(s.Arrival, q.Range.Days)
	case "EndDate":
		return inside(s.Departure, q.Range.Days)
	default:
		return s.Arrival.Before(*q.Range.Days.EndDate) && s.Departure.After(*q.Range.Days.StartDate)
	}
}

func (q *escapiaReservationSearch) compare(a, b Stay) int {
	byID := cmp.Compare(number(a.ID), number(b.ID))
	switch q.Sorting {
	case "BookedChronological":
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), byID)
	case "CheckOutChronological":
		return cmp.Or(a.Departure.Compare(b.Departure), byID)
	default:
		return cmp.Or(a.Arrival.Compare(b.Arrival), byID)
	}
}

func (e *Escapia) searchReservations(w http.ResponseWriter, r *http.Request) {
	var search escapiaSearch[escapiaReservationSearch]
	if !escapiaRead(w, r, &search) {
		return
	}
	q := &search.Specification
	if !q.valid() || q.PMCID != "" && q.PMCID != e.opts.PMCID {
		escapiaFail(w, http.StatusBadRequest, "The search specification is malformed")
		return
	}
	stays := e.world.staysIf(func(s *Stay) bool {
		hidden := e.opts.HideCancelled && s.Status == pms.StatusCancelled
		return escapiaHas(s) && !hidden && q.matches(s, e.world.Zone())
	})
	slices.SortFunc(stays, q.compare)
	var rows []object
	for _, s := range stays {
		rows = append(rows, e.summary(&s))
	}
	escapiaResults(w, search, rows)
}

func (e *Escapia) getReservation(w http.ResponseWriter, r *http.Request) {
	s, ok := e.world.Stay(r.URL.Query().Get("id"))
	if !ok || !escapiaHas(&s) {
		escapiaAnswer(w, nil)
		return
	}
	escapiaAnswer(w, e.reservation(&s))
}

func (e *Escapia) getReservationByNumber(w http.ResponseWriter, r *http.Request) {
	for _, s := range e.world.Stays() {
		if escapiaHas(&s) && escapiaNumber(&s) == r.URL.Query().Get("reservationNumber") {
			escapiaAnswer(w, e.reservation(&s))
			return
		}
	}
	escapiaFail(w, http.StatusNotFound, "Not found")
}

func (e *Escapia) updateReservation(w http.ResponseWriter, r *http.Request) {
	type optional struct {
		Value string `json:"value"`
	}
	var body struct {
		ReservationID string    `json:"reservationId"`
		DoorCode      *optional `json:"doorCode"`
		CheckInTime   *optional `json:"checkInTime"`
	}
	if !escapiaRead(w, r, &body) {
		return
	}
	s, ok := e.world.Stay(body.ReservationID)
	if !ok || s.Status == pms.StatusCancelled {
		answer := object{}
		if ok {
			answer = e.reservation(&s)
		}
		answer["failureDiagnosis"] = escapiaDiagnosis("The reservation cannot be changed")
		escapiaAnswer(w, answer)
		return
	}
	if body.CheckInTime != nil {
		t, err := time.Parse("15:04:05.9999999", body.CheckInTime.Value)
		if err != nil {
			escapiaFail(w, http.StatusBadRequest, "checkInTime must be a time")
			return
		}
		_ = e.world.Update(s.ID, func(s *Stay) { s.ArrivalTime = clock(t.Hour(), t.Minute()) })
	}
	if body.DoorCode != nil {
		e.mu.Lock()
		e.doors[s.ID] = body.DoorCode.Value
		e.mu.Unlock()
	}
	s, _ = e.world.Stay(s.ID)
	escapiaAnswer(w, e.reservation(&s))
}

func escapiaDiagnosis(message string) object {
	return object{"displayMessage": message, "internalMessage": "HSAPI: " + message}
}

func (e *Escapia) updateOccupancy(w http.ResponseWriter, r *http.Request) {
	steps := map[string]struct{ from, to pms.Status }{
		"CheckIn":      {pms.StatusConfirmed, pms.StatusCheckedIn},
		"CheckOut":     {pms.StatusCheckedIn, pms.StatusCheckedOut},
		"UndoCheckIn":  {pms.StatusCheckedIn, pms.StatusConfirmed},
		"UndoCheckOut": {pms.StatusCheckedOut, pms.StatusCheckedIn},
	}
	step, known := steps[r.URL.Query().Get("occupancyStateChange")]
	if !known {
		escapiaFail(w, http.StatusBadRequest, "occupancyStateChange is unknown")
		return
	}
	s, _ := e.world.Stay(r.URL.Query().Get("reservationId"))
	if s.Status != step.from {
		escapiaAnswer(w, escapiaDiagnosis("The occupancy cannot be changed"))
		return
	}
	_ = e.world.Update(s.ID, func(s *Stay) { s.Status = step.to })
	escapiaAnswer(w, object{"displayMessage": nil, "internalMessage": nil})
}

func (e *Escapia) searchUnits(w http.ResponseWriter, r *http.Request) {
	var search escapiaSearch[struct {
		UnitNameOrCode         string `json:"unitNameOrCode"`
		UnitCode               string `json:"unitCode"`
		ReturnUnavailableUnits bool   `json:"returnUnavailableUnits"`
		ReturnInactiveUnits    bool   `json:"returnInactiveUnits"`
		SortingMethod          string `json:"sortingMethod"`
	}]
	if !escapiaRead(w, r, &search) {
		return
	}
	q := search.Specification
	statuses := e.statusTypes()
	var rows []object
	for _, p := range e.world.Units() {
		switch code := escapiaCode(p.ID); {
		case p.Inactive && !q.ReturnInactiveUnits,
			e.occupied(p.ID) && !q.ReturnUnavailableUnits,
			q.UnitCode != "" && q.UnitCode != code,
			q.UnitNameOrCode != "" && q.UnitNameOrCode != code && q.UnitNameOrCode != p.Name:
		default:
			rows = append(rows, e.unitSummary(p, statuses))
		}
	}
	escapiaResults(w, search, rows)
}

func (e *Escapia) getUnit(w http.ResponseWriter, r *http.Request) {
	p, ok := e.world.Property(r.URL.Query().Get("id"))
	if !ok {
		escapiaFail(w, http.StatusNotFound, "Not found")
		return
	}
	escapiaAnswer(w, e.unit(p, e.statusTypes()))
}

func (e *Escapia) getUnits(w http.ResponseWriter, r *http.Request) {
	var ids []string
	if !escapiaRead(w, r, &ids) {
		return
	}
	statuses := e.statusTypes()
	units := []any{}
	for _, id := range ids {
		if p, ok := e.world.Property(id); ok {
			units = append(units, e.unit(p, statuses))
		}
	}
	escapiaAnswer(w, units)
}

func (e *Escapia) listStatuses(w http.ResponseWriter, _ *http.Request) {
	list := []any{}
	for _, s := range e.statuses() {
		list = append(list, e.record(s.id, object{
			"name": s.name, "nativeStatusId": number(s.id), "abbreviation": s.name[:1],
			"isDefaultOnCheckIn": s.means == pms.Clean, "isDefaultOnCheckOut": s.means == pms.Dirty,
		}))
	}
	escapiaAnswer(w, list)
}

func (e *Escapia) unitStatuses(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("PMCID") != e.opts.PMCID {
		escapiaFail(w, http.StatusBadRequest, "PMCID is missing")
		return
	}
	statuses := e.statusTypes()
	items, missing := []any{}, []any{}
	for _, id := range r.URL.Query()["nativeUnitIds"] {
		p, ok := e.world.Property(id)
		if !ok {
			missing = append(missing, id)
			continue
		}
		items = append(items, e.record(p.ID, object{
			"unitName": p.Name, "unitCode": escapiaCode(p.ID), "assignee": nil, "nextArrival": nil,
			"unitHousekeepingStatusType": statuses.of(p.Cleanliness),
		}))
	}
	escapiaAnswer(w, object{"items": items, "missingItemKeys": missing})
}

func (e *Escapia) saveStatus(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Name        string `json:"name"`
		ID          int    `json:"id"`
		PMCID       string `json:"pmcid"`
		NativePMSID string `json:"nativePMSID"`
	}
	if !escapiaRead(w, r, &body) {
		return
	}
	saved := false
	for _, s := range e.statuses() {
		if s.id == body.NativePMSID && s.name == body.Name {
			saved = e.world.SetCleanliness(r.URL.Query().Get("nativeUnitId"), s.means) == nil
		}
	}
	escapiaAnswer(w, saved)
}

// escapiaTask is a housekeeping task as it is written. Its numbers of units and
// reservations are numbers.
type escapiaTask struct {
	Unit              int64       `json:"nativePMSUnitID"`
	ReservationNumber int64       `json:"reservationNumber"`
	CleaningTypeCode  string      `json:"cleaningTypeCode"`
	AssignedToID      int64       `json:"assignedToId"`
	DayOfWeek         string      `json:"dayOfWeek"`
	LaborHours        json.Number `json:"laborHours"`
	ScheduledDate     *pms.Date   `json:"scheduledDate"`
	CleanStatusID     int64       `json:"cleanStatusID"`
	ID                int         `json:"id"`
	PMCID             string      `json:"pmcid"`
	NativePMSID       string      `json:"nativePMSID"`
}

func (e *Escapia) taskRow(t escapiaTask) object {
	row := e.record(t.NativePMSID, object{
		"nativePMSUnitID": t.Unit, "reservationNumber": t.ReservationNumber, "cleaningTypeCode": t.CleaningTypeCode,
		"assignedToId": t.AssignedToID, "dayOfWeek": t.DayOfWeek, "laborHours": cmp.Or(t.LaborHours, "0"),
		"scheduledDate": nil, "cleanStatusID": t.CleanStatusID,
	})
	if t.ScheduledDate != nil {
		row["scheduledDate"] = t.ScheduledDate.String()
	}
	return row
}

func (e *Escapia) searchTasks(w http.ResponseWriter, r *http.Request) {
	var search escapiaSearch[struct {
		UnitCodes []string     `json:"unitCodes"`
		DateRange *escapiaDays `json:"dateRange"`
	}]
	if !escapiaRead(w, r, &search) {
		return
	}
	q := search.Specification
	if !q.DateRange.valid() {
		escapiaFail(w, http.StatusBadRequest, "The search specification is malformed")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var rows []object
	for _, t := range e.tasks {
		code := escapiaCode(strconv.FormatInt(t.Unit, 10))
		if len(q.UnitCodes) > 0 && !slices.Contains(q.UnitCodes, code) {
			continue
		}
		if d := q.DateRange; d != nil && (t.ScheduledDate == nil || t.ScheduledDate.Before(*d.StartDate) || t.ScheduledDate.After(*d.EndDate)) {
			continue
		}
		row := e.taskRow(t)
		row["cleaningTypeName"], row["assignedToName"] = "Type "+t.CleaningTypeCode, nil
		rows = append(rows, row)
	}
	escapiaResults(w, search, rows)
}

// readTask reads a task of a unit that exists.
func (e *Escapia) readTask(w http.ResponseWriter, r *http.Request) (escapiaTask, bool) {
	var t escapiaTask
	if !escapiaRead(w, r, &t) {
		return t, false
	}
	if _, ok := e.world.Property(strconv.FormatInt(t.Unit, 10)); !ok || t.ScheduledDate == nil {
		escapiaFail(w, http.StatusBadRequest, "A task needs a unit and a date")
		return t, false
	}
	return t, true
}

func (e *Escapia) createTask(w http.ResponseWriter, r *http.Request) {
	t, ok := e.readTask(w, r)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.serial++
	t.NativePMSID = strconv.FormatInt(90000+e.serial, 10)
	e.tasks = append(e.tasks, t)
	escapiaAnswer(w, e.taskRow(t))
}

func (e *Escapia) updateTask(w http.ResponseWriter, r *http.Request) {
	t, ok := e.readTask(w, r)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.tasks, func(old escapiaTask) bool { return old.NativePMSID == t.NativePMSID })
	if i >= 0 {
		e.tasks[i] = t
	}
	escapiaAnswer(w, i >= 0)
}

func (e *Escapia) deleteTask(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tasks = slices.DeleteFunc(e.tasks, func(t escapiaTask) bool { return t.NativePMSID == r.URL.Query().Get("taskId") })
	w.WriteHeader(http.StatusNoContent)
}
