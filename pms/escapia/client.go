package escapia

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	// MaxPage is the page of the searches. The largest is not documented; public
	// clients use 100 for units and 1000 for reservations (unverified).
	MaxPage = 100
	// MaxBatch is the most ids of GetUnits, as a public client has it
	// (unverified).
	MaxBatch = 25
)

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Total is the length of the whole list, 0 where the vendor does not say.
	Total int
}

// RangeMethod says what the days of a [ReservationQuery] bound.
type RangeMethod string

// The range methods. That the bounds of Overlap are inside is unverified.
const (
	Overlap   RangeMethod = "Overlap"   // the stay touches the range
	StartDate RangeMethod = "StartDate" // it begins in it
	EndDate   RangeMethod = "EndDate"   // it ends in it
)

// ReservationQuery selects reservations. Zero values select nothing out. The
// list is in order of booking, so that a new reservation comes last.
type ReservationQuery struct {
	// From and To bound the stay as Method says; both are set or none. An empty
	// Method is Overlap.
	From, To  pms.Date
	Method    RangeMethod
	UnitIDs   []string
	HoldTypes []HoldType
	// Page counts from 1; 0 means 1. Limit is at most MaxPage, zero means
	// MaxPage.
	Page, Limit int
}

// SearchReservations reads one page of summaries.
//
// https://developer.escapia.com, POST /hsapi/SearchReservationSummaries.
func (c *Client) SearchReservations(ctx context.Context, q ReservationQuery) (List[ReservationSummary], error) {
	page, err := c.reservationPage(ctx, "SearchReservations", q)
	return page.List, err
}

// GetReservation reads one reservation. An id that the manager does not have is
// [pms.ErrNotFound] (unverified how the vendor says so).
//
// https://developer.escapia.com, GET /hsapi/GetReservationById.
func (c *Client) GetReservation(ctx context.Context, id string) (Reservation, error) {
	return c.reservation(ctx, "GetReservation", id)
}

// GetReservationByNumber reads one reservation by the number that the guest
// knows. One that the manager does not have is [pms.ErrNotFound].
//
// https://developer.escapia.com, GET /hsapi/GetReservationByNumber.
func (c *Client) GetReservationByNumber(ctx context.Context, number string) (Reservation, error) {
	return c.oneReservation(ctx, rest.Call{
		Op: "GetReservationByNumber", Path: "GetReservationByNumber", Query: url.Values{"reservationNumber": {number}},
	})
}

// ChangeList is one answer of the list of changes.
type ChangeList struct {
	Changes []Change
	// Failed holds the changes that could not be decoded.
	Failed []*pms.RecordError
	// EndVersion is the version of the last change, to be asked for next.
	EndVersion int64
}

// ListReservationChanges reads changes behind a version, 0 for all that are
// known. An answer need not hold all of them: ask for EndVersion until nothing
// comes. Several changes of a reservation may have become one.
//
// https://developer.escapia.com, GET /hsapi/GetReservationChanges.
func (c *Client) ListReservationChanges(ctx context.Context, startVersion int64) (ChangeList, error) {
	return c.changes(ctx, "ListReservationChanges", startVersion)
}

// ReservationUpdate is what UpdateReservation sets. A nil DoorCode and a zero
// CheckInTime leave the reservation's as they are.
type ReservationUpdate struct {
	DoorCode    *string
	CheckInTime pms.Clock
}

// UpdateReservation sets the door code and the time of arrival. A reservation
// that the vendor does not change is [pms.ErrInvalid] with the vendor's reason,
// although the status is 200.
//
// https://developer.escapia.com, PUT /hsapi/UpdateReservationMetadata.
func (c *Client) UpdateReservation(ctx context.Context, id string, u ReservationUpdate) (Reservation, error) {
	type value struct {
		Value string `json:"value"` // its being there says that it is to be set
	}
	body := struct {
		ReservationID string `json:"reservationId"`
		DoorCode      *value `json:"doorCode,omitempty"`
		CheckInTime   *value `json:"checkInTime,omitempty"`
	}{ReservationID: id}
	call := rest.Call{Op: "UpdateReservation", Method: http.MethodPut, Path: "UpdateReservationMetadata"}
	if u.DoorCode != nil {
		body.DoorCode = &value{*u.DoorCode}
		call.Secrets = []string{*u.DoorCode}
	}
	if !u.CheckInTime.IsZero() {
		body.CheckInTime = &value{u.CheckInTime.String() + ":00"}
	}
	call.JSON = body
	return c.oneReservation(ctx, call)
}

// OccupancyChange is a step of a stay.
type OccupancyChange string

// The steps of a stay.
const (
	CheckIn      OccupancyChange = "CheckIn"
	CheckOut     OccupancyChange = "CheckOut"
	UndoCheckIn  OccupancyChange = "UndoCheckIn"
	UndoCheckOut OccupancyChange = "UndoCheckOut"
)

// UpdateOccupancy says that a guest came or left. A step that the vendor does
// not take is [pms.ErrInvalid] with the vendor's reason, although the status is
// 200.
//
// https://developer.escapia.com, POST /hsapi/UpdateReservationOccupancyStatus.
func (c *Client) UpdateOccupancy(ctx context.Context, reservationID string, change OccupancyChange) error {
	_, err := c.do(ctx, rest.Call{
		Op: "UpdateOccupancy", Method: http.MethodPost, Path: "UpdateReservationOccupancyStatus",
		Query: url.Values{"reservationId": {reservationID}, "occupancyStateChange": {string(change)}},
	})
	return err
}

// SearchUnits reads one page of all units, let or not; page counts from 1 and
// limit is at most MaxPage, zero means MaxPage.
//
// https://developer.escapia.com, POST /hsapi/SearchUnitSummaries.
func (c *Client) SearchUnits(ctx context.Context, page, limit int) (List[UnitSummary], error) {
	list, err := c.unitPage(ctx, "SearchUnits", page, limit)
	return list.List, err
}

// GetUnit reads one unit. An id that the manager does not have is
// [pms.ErrNotFound].
//
// https://developer.escapia.com, GET /hsapi/GetUnitById.
func (c *Client) GetUnit(ctx context.Context, id string) (Unit, error) {
	return c.unit(ctx, "GetUnit", id)
}

// GetUnits reads units by their ids, at most MaxBatch at a time. What the
// vendor does with an id that the manager does not have is unverified: it may be
// missing in the list.
//
// https://developer.escapia.com, POST /hsapi/GetUnitsById.
func (c *Client) GetUnits(ctx context.Context, ids []string) (List[Unit], error) {
	return c.units(ctx, "GetUnits", ids)
}

// ListCompanies reads the property managers who granted the partner access.
// Config.PMCID plays no part in it.
//
// https://developer.escapia.com, GET /hsapi/ListPmcs.
func (c *Client) ListCompanies(ctx context.Context) (List[Company], error) {
	return c.companies(ctx, "ListCompanies")
}

// CheckCredentials makes the cheapest call that needs a token. A manager who
// has not granted the partner access is [pms.ErrForbidden].
//
// https://developer.escapia.com, GET /hsapi/ListPmcs.
func (c *Client) CheckCredentials(ctx context.Context) error {
	const op = "CheckCredentials"
	list, err := c.companies(ctx, op)
	if err != nil {
		return err
	}
	for _, company := range list.Items {
		if company.PMCID == c.cfg.PMCID {
			return nil
		}
	}
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrForbidden, Message: "the property manager has not granted access"}
}

// tokenLife stands in where the token does not say when it ends.
const tokenLife = 30 * time.Minute

// authenticate gets a token.
//
// https://developer.escapia.com, GET /hsapi/auth/token.
func (c *Client) authenticate(ctx context.Context) (rest.Token, error) {
	resp, err := c.api.Do(ctx, rest.Call{
		Op: "Authenticate", Path: apiPath + "auth/token", Header: http.Header{"Authorization": {"Basic " + c.basic}}, Anonymous: true,
	})
	if err != nil {
		return rest.Token{}, err
	}
	var answer struct {
		Expiration pms.Text `json:"expiration"`
		// EncodedID is the token, ID the token before it was encoded.
		EncodedID pms.Text `json:"encodedId"`
		// AuthorizationHeaderValue is the token with "Bearer " in front.
		AuthorizationHeaderValue pms.Text `json:"authorizationHeaderValue"`
	}
	if err := resp.Decode(&answer); err != nil {
		return rest.Token{}, err
	}
	value := strings.TrimSpace(strings.TrimPrefix(string(answer.AuthorizationHeaderValue), "Bearer "))
	value = cmp.Or(value, string(answer.EncodedID))
	if value == "" {
		return rest.Token{}, resp.Unreadable("no token in the answer", nil)
	}
	return rest.Lasting(value, time.Until(wire.TimeOrZero(answer.Expiration, time.UTC)), tokenLife), nil
}

// do sends a call of the manager.
func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	call.Header = c.headers()
	call.Header.Set("X-Homeaway-Hasp-Api-Pmcid", string(c.cfg.PMCID))
	return c.send(ctx, call)
}

// headers are those of every call but the one for a token.
func (c *Client) headers() http.Header {
	return http.Header{"X-Homeaway-Hasp-Api-Version": {"10"}, "X-Homeaway-Hasp-Api-Endsystem": {"EscapiaVRS"}}
}

// send sends a call and resolves the references in its answer.
func (c *Client) send(ctx context.Context, call rest.Call) (*rest.Response, error) {
	call.Path = apiPath + call.Path
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	body, err := resolveRefs(resp.Body)
	if err != nil {
		return nil, resp.Unreadable("", err)
	}
	resp.Body = body
	return resp, nil
}

// nativePage is a native list with what paging needs to know about it.
type nativePage[T any] struct {
	List[T]
	records int
	size    int // as the vendor states it
	first   string
}

// searched sends a search.
func searched[T any](ctx context.Context, c *Client, call rest.Call, record string, keep func(*T, json.RawMessage) string) (nativePage[T], error) {
	var page nativePage[T]
	call.Method, call.Read = http.MethodPost, true
	resp, err := c.do(ctx, call)
	if err != nil {
		return page, err
	}
	var answer results
	if err := resp.Decode(&answer); err != nil {
		return page, err
	}
	if answer.Results == nil {
		return page, resp.Unreadable("no results in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, answer.Results, keep)
	page.List = List[T]{Items: decoded.Items, Failed: decoded.Failed, Total: max(wire.IntOrZero(answer.TotalCount), 0)}
	page.records, page.first, page.size = len(answer.Results), decoded.First, max(wire.IntOrZero(answer.PageSize), 0)
	return page, nil
}

// listed reads an answer that is a plain list.
func listed[T any](resp *rest.Response, record string, keep func(*T, json.RawMessage) string) (List[T], error) {
	var records wire.Records
	if err := resp.Decode(&records); err != nil {
		return List[T]{}, err
	}
	if records == nil {
		return List[T]{}, resp.Unreadable("no list in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, records, keep)
	return List[T]{Items: decoded.Items, Failed: decoded.Failed}, nil
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (nativePage[ReservationSummary], error) {
	type stayRange struct {
		DateRange dayRange    `json:"dateRange"`
		Method    RangeMethod `json:"dateRangeSearchMethod"`
	}
	type specification struct {
		Stay      *stayRange `json:"stayDateRangeSearchSpecification,omitempty"`
		UnitIDs   []string   `json:"unitNativePMSIDs,omitempty"`
		HoldTypes []HoldType `json:"holdTypes,omitempty"`
		Sorting   string     `json:"sortingMethod"`
	}
	spec := specification{UnitIDs: q.UnitIDs, HoldTypes: q.HoldTypes, Sorting: "BookedChronological"}
	if !q.From.IsZero() || !q.To.IsZero() {
		spec.Stay = &stayRange{dayRange{q.From, q.To}, cmp.Or(q.Method, Overlap)}
	}
	return searched(ctx, c, rest.Call{
		Op: op, Path: "SearchReservationSummaries",
		JSON: search[specification]{spec, pageSize(q.Limit), max(q.Page, 1)},
	}, "booking", keepSummary)
}

func keepSummary(s *ReservationSummary, raw json.RawMessage) string {
	s.Raw = raw
	return string(s.NativePMSID)
}

func pageSize(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

func (c *Client) reservation(ctx context.Context, op, id string) (Reservation, error) {
	r, err := c.oneReservation(ctx, rest.Call{Op: op, Path: "GetReservationById", Query: url.Values{"id": {id}}})
	if err == nil && string(r.NativePMSID) != id {
		return Reservation{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrDecode, Err: errNoRecord}
	}
	return r, err
}

// oneReservation sends a call whose answer is a reservation. That nothing or
// null means that there is none is unverified.
func (c *Client) oneReservation(ctx context.Context, call rest.Call) (Reservation, error) {
	resp, err := c.do(ctx, call)
	if err != nil {
		return Reservation{}, err
	}
	if resp.Status == http.StatusNoContent || string(bytes.TrimSpace(resp.Body)) == "null" {
		return Reservation{}, resp.Fail(rest.Fault{Kind: pms.ErrNotFound})
	}
	var r Reservation
	r.Raw, err = decodeOne(resp, &r, func() pms.Text { return r.NativePMSID })
	return r, err
}

// errNoRecord is an answer that can be read and is not the record.
var errNoRecord = errors.New("not the record that was asked for")

// decodeOne decodes an answer that is one record, and returns its raw form.
func decodeOne(resp *rest.Response, into any, id func() pms.Text) (json.RawMessage, error) {
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return nil, err
	}
	if err := wire.Decode(raw, into); err != nil || id() == "" {
		return nil, resp.Unreadable("", errNoRecord)
	}
	return raw, nil
}

func (c *Client) changes(ctx context.Context, op string, startVersion int64) (ChangeList, error) {
	resp, err := c.do(ctx, rest.Call{
		Op: op, Path: "GetReservationChanges", Query: url.Values{"startVersion": {strconv.FormatInt(startVersion, 10)}},
	})
	if err != nil {
		return ChangeList{}, err
	}
	var answer struct {
		EndVersion pms.Text     `json:"endVersion"`
		Changes    wire.Records `json:"changes"`
	}
	if err := resp.Decode(&answer); err != nil {
		return ChangeList{}, err
	}
	end, err := strconv.ParseInt(string(answer.EndVersion), 10, 64)
	if err != nil || end < 0 || answer.Changes == nil {
		return ChangeList{}, resp.Unreadable("no changes or no endVersion in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "change", answer.Changes, func(change *Change, raw json.RawMessage) string {
		change.Raw = raw
		return string(change.NativePMSID)
	})
	return ChangeList{Changes: decoded.Items, Failed: decoded.Failed, EndVersion: end}, nil
}

func (c *Client) unitPage(ctx context.Context, op string, page, limit int) (nativePage[UnitSummary], error) {
	type specification struct {
		Unavailable bool   `json:"returnUnavailableUnits"`
		Inactive    bool   `json:"returnInactiveUnits"`
		Sorting     string `json:"sortingMethod"`
	}
	return searched(ctx, c, rest.Call{
		Op: op, Path: "SearchUnitSummaries",
		JSON: search[specification]{specification{true, true, "UnitCodeAlphabetical"}, pageSize(limit), max(page, 1)},
	}, "property", func(u *UnitSummary, raw json.RawMessage) string {
		u.Raw = raw
		return string(u.NativePMSID)
	})
}

func (c *Client) unit(ctx context.Context, op, id string) (Unit, error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: "GetUnitById", Query: url.Values{"id": {id}}})
	if err != nil {
		return Unit{}, err
	}
	var u Unit
	u.Raw, err = decodeOne(resp, &u, func() pms.Text { return u.NativePMSID })
	return u, err
}

func (c *Client) units(ctx context.Context, op string, ids []string) (List[Unit], error) {
	if len(ids) > MaxBatch {
		return List[Unit]{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "more than MaxBatch ids"}
	}
	resp, err := c.do(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "GetUnitsById", JSON: ids, Read: true})
	if err != nil {
		return List[Unit]{}, err
	}
	return listed(resp, "property", func(u *Unit, raw json.RawMessage) string {
		u.Raw = raw
		return string(u.NativePMSID)
	})
}

func (c *Client) companies(ctx context.Context, op string) (List[Company], error) {
	resp, err := c.send(ctx, rest.Call{Op: op, Path: "ListPmcs", Header: c.headers()})
	if err != nil {
		return List[Company]{}, err
	}
	return listed(resp, "company", func(company *Company, _ json.RawMessage) string { return string(company.PMCID) })
}

// classify reads the diagnosis that says, under status 200, that a call failed.
// A diagnosis without a message is none.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if !bytes.Contains(body, []byte(`"displayMessage"`)) && !bytes.Contains(body, []byte(`"internalMessage"`)) {
		return nil
	}
	var answer struct {
		diagnosis
		FailureDiagnosis diagnosis `json:"failureDiagnosis"`
	}
	if wire.Decode(body, &answer) != nil {
		return nil
	}
	inner := answer.FailureDiagnosis
	message := cmp.Or(answer.DisplayMessage, answer.InternalMessage, inner.DisplayMessage, inner.InternalMessage)
	if message == "" {
		return nil
	}
	fault := &rest.Fault{Message: string(message)}
	if status < 300 {
		fault.Kind = pms.ErrInvalid
	}
	return fault
}

// ofRecord reports whether a failed read says something of the record alone: the
// vendor does not have it, refuses it under status 200, answers something else or
// fails over it.
func ofRecord(err error) bool {
	var api *pms.APIError
	switch {
	case errors.Is(err, pms.ErrNotFound), errors.Is(err, errNoRecord):
		return true
	case !errors.As(err, &api):
		return false
	}
	return api.StatusCode == http.StatusInternalServerError || api.StatusCode == http.StatusOK && errors.Is(err, pms.ErrInvalid)
}
