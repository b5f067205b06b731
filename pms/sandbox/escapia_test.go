package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const escapiaPath = "/dragomanadapter/hsapi/"

// newEscapia is a stand-in and a caller with a token and the headers.
func newEscapia(t *testing.T, w *sandbox.World, o sandbox.EscapiaOptions) (*sandbox.Escapia, *caller) {
	t.Helper()
	e := sandbox.NewEscapia(w, o)
	t.Cleanup(e.Close)
	c := newCaller(t, e)
	c.escapiaLogin(e)
	return e, c
}

func (c *caller) escapiaLogin(e *sandbox.Escapia) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, "https://hsapi.escapia.com", nil)
	require.NoError(c.t, err)
	req.SetBasicAuth(e.Options().ClientID, e.Options().ClientSecret)
	c.header = req.Header
	status, v := c.call(http.MethodGet, escapiaPath+"auth/token", nil)
	require.Equal(c.t, http.StatusOK, status)
	c.header = http.Header{}
	for name, value := range map[string]string{
		"Authorization": at(c.t, v, "authorizationHeaderValue").(string), "X-Homeaway-Hasp-Api-Version": "10",
		"X-Homeaway-Hasp-Api-Endsystem": "EscapiaVRS", "X-Homeaway-Hasp-Api-Pmcid": e.Options().PMCID,
	} {
		c.header.Set(name, value)
	}
}

func TestEscapiaTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := sandbox.NewEscapia(w, sandbox.EscapiaOptions{})
	t.Cleanup(e.Close)
	c := newCaller(t, e)
	status, _ := c.call(http.MethodGet, escapiaPath+"auth/token", nil)
	assert.Equal(t, http.StatusUnauthorized, status, "without Basic")
	c.header.Set("Authorization", "Basic c29tZW9uZTplbHNl")
	status, _ = c.call(http.MethodGet, escapiaPath+"auth/token", nil)
	assert.Equal(t, http.StatusUnauthorized, status)

	c.escapiaLogin(e)
	types := func() int {
		status, _ := c.call(http.MethodGet, escapiaPath+"ListReservationTypes", nil)
		return status
	}
	assert.Equal(t, http.StatusOK, types())
	w.Advance(time.Hour - time.Second)
	assert.Equal(t, http.StatusOK, types())
	w.Advance(time.Second)
	assert.Equal(t, http.StatusUnauthorized, types(), "at the expiration")
	c.escapiaLogin(e)
	assert.Equal(t, http.StatusOK, types())
	e.ExpireTokens()
	assert.Equal(t, http.StatusUnauthorized, types())
}

func TestEscapiaHeaders(t *testing.T) {
	t.Parallel()
	_, c := newEscapia(t, newWorld(t), sandbox.EscapiaOptions{})
	for name, want := range map[string]int{"Version": 400, "Endsystem": 400, "Pmcid": 400} {
		whole := c.header.Clone()
		c.header.Del("X-Homeaway-Hasp-Api-" + name)
		status, _ := c.call(http.MethodGet, escapiaPath+"ListReservationTypes", nil)
		assert.Equal(t, want, status, name)
		c.header = whole
	}
	c.header.Set("X-Homeaway-Hasp-Api-Pmcid", "1021")
	status, _ := c.call(http.MethodGet, escapiaPath+"ListReservationTypes", nil)
	assert.Equal(t, http.StatusForbidden, status)
	status, v := c.call(http.MethodGet, escapiaPath+"ListPmcs", nil)
	assert.Equal(t, http.StatusOK, status, "the list of managers is of no manager")
	assert.Equal(t, "1020", at(t, v, 0, "pmcid"))
}

func TestEscapiaSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := addStay(t, w, anna())
	second := addStay(t, w, sandbox.Stay{UnitID: "302", Arrival: june(23), Departure: june(25), Status: pms.StatusTentative})
	addStay(t, w, sandbox.Stay{UnitID: "302", Arrival: june(1), Departure: june(2), Status: pms.StatusInquiry})
	require.NoError(t, w.Cancel(first))
	search := func(c *caller, body object) []any {
		status, v := c.call(http.MethodPost, escapiaPath+"SearchReservationSummaries", body)
		require.Equal(t, http.StatusOK, status)
		return column(t, at(t, v, "results"), "nativePMSID")
	}
	_, c := newEscapia(t, w, sandbox.EscapiaOptions{})
	assert.Equal(t, []any{first, second}, search(c, object{}), "an inquiry is no reservation")
	assert.Equal(t, []any{second}, search(c, object{"pageSize": 1, "pageNumber": 2}))
	assert.Empty(t, search(c, object{"pageSize": 1, "pageNumber": 3}))
	days := func(method, from, to string) object {
		return object{"specification": object{"stayDateRangeSearchSpecification": object{
			"dateRange": object{"startDate": from, "endDate": to}, "dateRangeSearchMethod": method,
		}}}
	}
	assert.Equal(t, []any{first}, search(c, days("Overlap", "2026-06-22", "2026-06-23")), "the bounds are outside")
	assert.Equal(t, []any{second}, search(c, days("StartDate", "2026-06-23", "2026-06-23")))
	assert.Equal(t, []any{first}, search(c, days("EndDate", "2026-06-23", "2026-06-23")))
	assert.Equal(t, []any{second}, search(c, object{"specification": object{"unitNativePMSIDs": []string{"302"}}}))

	_, v := c.call(http.MethodPost, escapiaPath+"SearchReservationSummaries", object{})
	assert.InDelta(t, 2, at(t, v, "totalCount"), 0)
	assert.Equal(t, true, at(t, v, "results", 0, "confirmed"), "a cancelled reservation looks confirmed")
	assert.Equal(t, false, at(t, v, "results", 1, "confirmed"))
	assert.NotContains(t, at(t, v, "results", 0), "status")

	_, c = newEscapia(t, w, sandbox.EscapiaOptions{HideCancelled: true})
	assert.Equal(t, []any{second}, search(c, object{}))
}

func TestEscapiaReservation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, c := newEscapia(t, w, sandbox.EscapiaOptions{})
	id := addStay(t, w, anna())
	status, v := c.call(http.MethodGet, escapiaPath+"GetReservationById?id="+id, nil)
	require.Equal(t, http.StatusOK, status)
	assert.Equal(t, "Companion", at(t, v, "guests", 0, "firstName"), "the primary guest need not be the first")
	assert.Equal(t, true, at(t, v, "guests", 1, "isPrimaryGuest"))
	assert.Equal(t, "000-00-01", at(t, v, "guests", 1, "phones", 0, "number"))
	assert.Equal(t, "2026-06-01T09:00:00", at(t, v, "createdAt"))
	assert.Equal(t, "RES-"+id, at(t, v, "reservationNumber"))
	assert.Equal(t, "1", at(t, v, "$id"))
	_, byNumber := c.call(http.MethodGet, escapiaPath+"GetReservationByNumber?reservationNumber=RES-"+id, nil)
	assert.Equal(t, v, byNumber)
	status, v = c.call(http.MethodGet, escapiaPath+"GetReservationById?id=7", nil)
	assert.Equal(t, http.StatusOK, status)
	assert.Nil(t, v)
	status, _ = c.call(http.MethodGet, escapiaPath+"GetReservationByNumber?reservationNumber=7", nil)
	assert.Equal(t, http.StatusNotFound, status)

	door := object{"reservationId": id, "doorCode": object{"value": "4411"}, "checkInTime": object{"value": "16:30:00"}}
	_, v = c.call(http.MethodPut, escapiaPath+"UpdateReservationMetadata", door)
	assert.Equal(t, "4411", at(t, v, "doorCode"))
	assert.Equal(t, "4411", e.DoorCode(id))
	s, _ := w.Stay(id)
	assert.Equal(t, clock(t, "16:30"), s.ArrivalTime)
	change := escapiaPath + "UpdateReservationOccupancyStatus?reservationId=" + id + "&occupancyStateChange="
	_, v = c.call(http.MethodPost, change+"CheckOut", nil)
	assert.Equal(t, "The occupancy cannot be changed", at(t, v, "displayMessage"), "a failure under 200")
	_, v = c.call(http.MethodPost, change+"CheckIn", nil)
	assert.Nil(t, at(t, v, "displayMessage"))
	s, _ = w.Stay(id)
	assert.Equal(t, pms.StatusCheckedIn, s.Status)
	require.NoError(t, w.Cancel(id))
	status, v = c.call(http.MethodPut, escapiaPath+"UpdateReservationMetadata", door)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "The reservation cannot be changed", at(t, v, "failureDiagnosis", "displayMessage"))
	assert.Equal(t, "Cancelled", at(t, v, "status"), "beside the reservation as it is")
}

func TestEscapiaChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := addStay(t, w, anna())
	_, c := newEscapia(t, w, sandbox.EscapiaOptions{ChangesPerCall: 2})
	second := addStay(t, w, sandbox.Stay{UnitID: "302", Arrival: june(23), Departure: june(25)})
	third := addStay(t, w, sandbox.Stay{UnitID: "303", Arrival: june(23), Departure: june(25)})
	changes := func(start string) (end string, ids, kinds []any) {
		status, v := c.call(http.MethodGet, escapiaPath+"GetReservationChanges?startVersion="+start, nil)
		require.Equal(t, http.StatusOK, status)
		list := at(t, v, "changes")
		return jsonText(t, at(t, v, "endVersion")), column(t, list, "nativePMSID"), column(t, list, "changeType")
	}
	end, ids, kinds := changes("0")
	assert.Equal(t, []any{first, second}, ids)
	assert.Equal(t, []any{"Create", "Create"}, kinds)
	end, ids, _ = changes(end)
	assert.Equal(t, []any{third}, ids)
	again, ids, _ := changes(end)
	assert.Equal(t, end, again)
	assert.Empty(t, ids)
	require.NoError(t, w.Extend(third, june(26)))
	require.NoError(t, w.Cancel(third))
	require.NoError(t, w.Delete(second))
	_, ids, kinds = changes(end)
	assert.Equal(t, []any{third, second}, ids, "two changes collapse into one")
	assert.Equal(t, []any{"Update", "Delete"}, kinds)
	status, _ := c.call(http.MethodGet, escapiaPath+"GetReservationChanges?startVersion=x", nil)
	assert.Equal(t, http.StatusBadRequest, status)
}

func TestEscapiaUnits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.UpdateProperty("303", func(p *sandbox.Property) { p.Inactive, p.Cleanliness = true, pms.Clean }))
	addStay(t, w, sandbox.Stay{UnitID: "302", Arrival: june(1), Departure: june(2)})
	_, c := newEscapia(t, w, sandbox.EscapiaOptions{})
	search := func(spec object) any {
		status, v := c.call(http.MethodPost, escapiaPath+"SearchUnitSummaries", object{"specification": spec, "pageSize": 10, "pageNumber": 1})
		require.Equal(t, http.StatusOK, status)
		return at(t, v, "results")
	}
	assert.Equal(t, []any{"301"}, column(t, search(object{}), "nativePMSID"), "neither taken nor inactive ones")
	all := search(object{"returnUnavailableUnits": true, "returnInactiveUnits": true})
	assert.Equal(t, []any{"301", "302", "303"}, column(t, all, "nativePMSID"))
	status := at(t, all, 0, "unitHousekeepingStatusType")
	assert.Equal(t, "Clean", at(t, status, "name"))
	assert.Equal(t, object{"$ref": at(t, status, "$id")}, at(t, all, 2, "unitHousekeepingStatusType"), "what comes again is a reference")

	_, v := c.call(http.MethodPost, escapiaPath+"GetUnitsById", []string{"303", "7"})
	assert.Len(t, v, 1)
	assert.Equal(t, false, at(t, v, 0, "isActive"))
	assert.InDelta(t, 0, at(t, v, 0, "id"), 0)
	code, _ := c.call(http.MethodGet, escapiaPath+"GetUnitById?id=7", nil)
	assert.Equal(t, http.StatusNotFound, code)
}

func TestEscapiaHousekeeping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newEscapia(t, w, sandbox.EscapiaOptions{})
	_, other := newEscapia(t, w, sandbox.EscapiaOptions{PMCID: "2050"})
	_, list := c.call(http.MethodGet, escapiaPath+"GetHousekeepingStatusList", nil)
	assert.Equal(t, []any{"Dirty", "Clean", "Inspected"}, column(t, list, "name"))
	_, others := other.call(http.MethodGet, escapiaPath+"GetHousekeepingStatusList", nil)
	assert.NotEqual(t, column(t, list, "nativePMSID"), column(t, others, "nativePMSID"), "each manager has ids of his own")

	save := func(unit, name string, id any) any {
		_, v := c.call(http.MethodPut, escapiaPath+"SaveUnitHousekeepingStatus?nativeUnitId="+unit, object{"name": name, "nativePMSID": id})
		return v
	}
	dirty := at(t, list, 0, "nativePMSID")
	assert.Equal(t, true, save("301", "Dirty", dirty))
	assert.Equal(t, false, save("7", "Dirty", dirty))
	assert.Equal(t, false, save("301", "Dirty", "7"))
	_, v := c.call(http.MethodGet, escapiaPath+"GetUnitHousekeepingStatuses?PMCID=1020&nativeUnitIds=301&nativeUnitIds=7", nil)
	assert.Equal(t, "Dirty", at(t, v, "items", 0, "unitHousekeepingStatusType", "name"))
	assert.Equal(t, []any{"7"}, at(t, v, "missingItemKeys"))

	task := object{"nativePMSUnitID": 301, "scheduledDate": "2026-06-23", "cleaningTypeCode": "DEP"}
	_, made := c.call(http.MethodPost, escapiaPath+"CreateHousekeepingTask", task)
	tasks := func(unit string) any {
		body := object{"specification": object{"unitCodes": []string{unit}, "dateRange": object{"startDate": "2026-06-23", "endDate": "2026-06-23"}}}
		_, v := c.call(http.MethodPost, escapiaPath+"SearchHousekeepingTasks", body)
		return at(t, v, "results")
	}
	assert.Equal(t, []any{at(t, made, "nativePMSID")}, column(t, tasks("U301"), "nativePMSID"))
	assert.Empty(t, tasks("U302"))
	task["nativePMSID"], task["cleanStatusID"], task["cleaningTypeCode"] = at(t, made, "nativePMSID"), 3, ""
	_, v = c.call(http.MethodPut, escapiaPath+"UpdateHousekeepingTask", task)
	assert.Equal(t, true, v)
	assert.Empty(t, at(t, tasks("U301"), 0, "cleaningTypeCode"), "what is not sent is cleared")
	task["reservationNumber"] = "RES-1"
	code, _ := c.call(http.MethodPut, escapiaPath+"UpdateHousekeepingTask", task)
	assert.Equal(t, http.StatusBadRequest, code, "here the number of a reservation is a number")
	resp, _ := c.raw(http.MethodDelete, escapiaPath+"DeleteHousekeepingTask?taskId="+at(t, made, "nativePMSID").(string), nil)
	assert.Equal(t, http.StatusNoContent, resp.StatusCode)
	assert.Empty(t, tasks("U301"))
}

func TestEscapiaErrors(t *testing.T) {
	t.Parallel()
	_, c := newEscapia(t, newWorld(t), sandbox.EscapiaOptions{Limits: []pms.Limit{{Requests: 9, Window: time.Second}}}) // one is the token's
	for call, body := range map[string]string{
		"POST SearchReservationSummaries": `{"specification":{"updatedSince":"2026-06-01"}}`,
		"POST SearchUnitSummaries":        `{"pageNumber":-1}`,
		"POST GetUnitsById":               `{}`,
		"PUT UpdateReservationMetadata":   `{"doorCode":"4411"}`,
		"POST CreateHousekeepingTask":     `{"nativePMSUnitID":301}`,
		"POST SearchHousekeepingTasks":    `{"specification":{"dateRange":{"startDate":"2026-06-23"}}}`,
	} {
		method, name, _ := strings.Cut(call, " ")
		status, _ := c.call(method, escapiaPath+name, body)
		assert.Equal(t, http.StatusBadRequest, status, call)
	}
	status, _ := c.call(http.MethodGet, escapiaPath+"Nothing", nil)
	assert.Equal(t, http.StatusNotFound, status)
	status, _ = c.call(http.MethodGet, escapiaPath+"GetUnitsById", nil)
	assert.Equal(t, http.StatusMethodNotAllowed, status)
	resp, _ := c.raw(http.MethodGet, escapiaPath+"ListPmcs", nil)
	assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	assert.Equal(t, "1", resp.Header.Get("Retry-After"))
}
