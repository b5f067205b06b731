package escapia

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector         = (*Client)(nil)
	_ pms.BookingGetter     = (*Client)(nil)
	_ pms.ChangeLister      = (*Client)(nil)
	_ pms.CleanlinessWriter = (*Client)(nil)
	_ pms.TaskWriter        = (*Client)(nil)
)

// Info describes Escapia.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "Escapia",
		Docs:     "https://developer.escapia.com",
		Access:   "Certified partners of Escapia only; the property manager grants the partner access",
		Auth:     "client id and secret for a token that states its end; the property manager in a header",
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "clientId", Label: "Client ID", Help: "The partner's"},
			{Name: "clientSecret", Label: "Client secret", Help: "The partner's", Secret: true},
			{Name: "pmcid", Label: "Company ID", Help: "The number of the property manager, shown in Escapia as Company ID"},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.No,
			pms.CanListChanges:     pms.Yes,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.No,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.Yes,
			pms.CanWriteTasks:      pms.Unverified,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.Yes,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.Yes,
		},
		Notes: []string{
			"Each booking of a list is read by its id; the feed of changes reads only what changed.",
			"Housekeeping statuses are the manager's own and are found by name.",
			"No allowance is published.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

const (
	phaseUnits        = "units"
	phaseReservations = "reservations"
	// readsAtOnce is how many reservations are read at the same time.
	readsAtOnce = 4
)

// ListProperties implements [pms.Connector]: all units, let or not. A page of
// 100 takes five requests. A unit that vanishes meanwhile is a
// [pms.RecordError].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	place, err := paging.ParsePage(q.Cursor, q.Limit, MaxPage, phaseUnits)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	list, err := c.unitPage(ctx, op, place.Number, place.Size)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: list.Failed}
	for first := 0; first < len(list.Items); first += MaxBatch {
		if err := c.addUnits(ctx, op, &page, list.Items[first:min(first+MaxBatch, len(list.Items))]); err != nil {
			return pms.Page[pms.Property]{}, err
		}
	}
	next, more, err := place.Next(readOf(list))
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// addUnits reads the details of units.
func (c *Client) addUnits(ctx context.Context, op string, page *pms.Page[pms.Property], rows []UnitSummary) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = string(row.NativePMSID)
	}
	units, err := c.units(ctx, op, ids)
	if err != nil {
		return err
	}
	known := make(map[pms.Text]Unit, len(units.Items))
	for _, u := range units.Items {
		known[u.NativePMSID] = u
	}
	for _, row := range rows {
		u, ok := known[row.NativePMSID]
		if !ok {
			page.Failed = append(page.Failed, &pms.RecordError{
				Vendor: vendor, Record: "property", ID: string(row.NativePMSID), Field: "nativePMSID", Err: pms.ErrNotFound, Raw: row.Raw,
			})
			continue
		}
		page.Items = append(page.Items, c.mapUnit(u))
	}
	return nil
}

// ListBookings implements [pms.Connector]: reservations, holds among them. The
// search finds those of the window and the units; what it does not tell of each
// is read by its id. UpdatedSince leaves nothing out: the vendor does not date
// changes. One that vanishes meanwhile is left out; one that is listed and
// cannot be read is a [pms.RecordError].
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	place, err := paging.ParsePage(q.Cursor, q.Limit, MaxPage, phaseReservations)
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	query := native(q)
	query.Page, query.Limit = place.Number, place.Size
	list, err := c.reservationPage(ctx, op, query)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page, err := c.bookings(ctx, op, list.List, q)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	next, more, err := place.Next(readOf(list))
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

func readOf[T any](page nativePage[T]) paging.Read {
	return paging.Read{Records: page.records, Limit: page.size, Total: page.Total, First: page.first}
}

// The days that stand for an open end of a window; the vendor requires both.
// That it takes windows this wide is unverified.
var (
	firstDay = pms.Date{Year: 1970, Month: time.January, Day: 1}
	lastDay  = pms.Date{Year: 2100, Month: time.January, Day: 1}
)

// native returns what the vendor can filter of q: the units, and the window a
// day wider on both sides, for it is not verified that its bounds are inside.
func native(q pms.BookingQuery) ReservationQuery {
	query := ReservationQuery{UnitIDs: q.PropertyIDs}
	if q.From.IsZero() && q.To.IsZero() {
		return query
	}
	query.From, query.To = firstDay, lastDay
	if !q.From.IsZero() {
		query.From = q.From.AddDays(-1)
	}
	if !q.To.IsZero() {
		query.To = q.To.AddDays(1)
	}
	return query
}

// bookings reads and maps the reservations of a page that answer the query.
func (c *Client) bookings(ctx context.Context, op string, list List[ReservationSummary], q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	var rows []pms.Booking
	var ids []string
	for _, row := range list.Items {
		b, bad := mapSummary(row)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			rows, ids = append(rows, b), append(ids, b.ID)
		}
	}
	readings, err := c.readEach(ctx, op, ids)
	if err == nil {
		err = outage(readings)
	}
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	for i, read := range readings {
		b, bad := c.mapReading(read, ids[i], rows[i].Raw)
		listed := true
		if errors.Is(read.err, pms.ErrNotFound) {
			if listed, err = c.stillListed(ctx, op, rows[i]); err != nil {
				return pms.Page[pms.Booking]{}, err
			}
		}
		switch {
		case !listed:
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			page.Items = append(page.Items, b)
		}
	}
	return page, nil
}

// stillListed reports whether the search has a reservation that it had before,
// by the day of departure and one on both sides.
func (c *Client) stillListed(ctx context.Context, op string, row pms.Booking) (bool, error) {
	query := ReservationQuery{From: row.Departure.AddDays(-1), To: row.Departure.AddDays(1), Method: EndDate}
	if row.PropertyID != "" {
		query.UnitIDs = []string{row.PropertyID}
	}
	list, err := c.reservationPage(ctx, op, query)
	if err != nil {
		return false, err
	}
	for _, other := range list.Items {
		if string(other.NativePMSID) == row.ID {
			return true, nil
		}
	}
	return list.Total > list.records, nil // it may be on another page
}

// reading is one reservation as it was read, or why it was not.
type reading struct {
	reservation Reservation
	err         error
}

// outage returns the failure of the vendor if several reservations were read and
// all of them failed: it is not their fault. One alone may be.
func outage(readings []reading) (failed error) {
	if len(readings) < 2 {
		return nil
	}
	for _, read := range readings {
		if !errors.Is(read.err, pms.ErrUnavailable) {
			return nil
		}
		failed = read.err
	}
	return failed
}

// readEach reads reservations by their ids, a few at a time. What says something
// of a reservation alone is that reading's error; any other failure ends all of
// it.
func (c *Client) readEach(ctx context.Context, op string, ids []string) ([]reading, error) {
	readings := make([]reading, len(ids))
	err := rest.Each(ctx, len(ids), readsAtOnce, func(ctx context.Context, i int) error {
		r, err := c.reservation(ctx, op, ids[i])
		readings[i] = reading{r, err}
		if err != nil && ofRecord(err) {
			return nil
		}
		return err
	})
	return readings, err
}

// mapReading maps a reservation that was read by the id in raw.
func (c *Client) mapReading(read reading, id string, raw json.RawMessage) (pms.Booking, *pms.RecordError) {
	if read.err != nil {
		return pms.Booking{}, &pms.RecordError{Vendor: vendor, Record: "booking", ID: id, Err: read.err, Raw: raw}
	}
	return c.mapReservation(read.reservation)
}

// GetBooking implements [pms.BookingGetter].
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	if id == "" {
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound}
	}
	r, err := c.reservation(ctx, op, id)
	if err != nil {
		return nil, err
	}
	b, bad := c.mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	return []pms.Booking{b}, nil
}

// ListChanges implements [pms.ChangeLister] with the vendor's versions. A page
// is one answer of the vendor, and each reservation of it is read by its id:
// its stamp of change is UpdatedAt. A reservation that is said to have changed
// and cannot be read is a [pms.RecordError]; unless the vendor does not have it,
// it is read again with every page until it can be. An empty cursor passes over
// what the vendor has from the past, which may take many requests. A cursor of
// another manager is [pms.ErrBadCursor], and so is one that the vendor answers
// with an earlier version.
func (c *Client) ListChanges(ctx context.Context, cursor string) (pms.ChangePage, error) {
	const op = "ListChanges"
	if cursor == "" {
		version, err := c.lastVersion(ctx, op)
		if err != nil {
			return pms.ChangePage{}, err
		}
		return pms.ChangePage{Next: c.cursor(version, nil)}, nil
	}
	start, unread, ok := c.parseCursor(cursor)
	if !ok {
		return pms.ChangePage{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	list, more, err := c.changesBehind(ctx, op, start)
	if err != nil {
		return pms.ChangePage{}, err
	}
	page, unread, err := c.changed(ctx, op, list, unread)
	if err != nil {
		return pms.ChangePage{}, err
	}
	page.Next, page.More = c.cursor(list.EndVersion, unread), more
	return page, nil
}

// cursor names the manager, for versions of two managers do not compare, and
// the reservations that are to be read again.
func (c *Client) cursor(version int64, unread []string) string {
	cursor := fmt.Sprintf("version:%s:%d", c.cfg.PMCID, version)
	for _, id := range unread {
		cursor += ":" + url.QueryEscape(id)
	}
	return cursor
}

func (c *Client) parseCursor(cursor string) (version int64, unread []string, ok bool) {
	text, ok := strings.CutPrefix(cursor, "version:"+string(c.cfg.PMCID)+":")
	parts := strings.Split(text, ":")
	if !ok || !isNumber(parts[0]) {
		return 0, nil, false
	}
	version, err := strconv.ParseInt(parts[0], 10, 64)
	for _, part := range parts[1:] {
		id, bad := url.QueryUnescape(part)
		if bad != nil || id == "" {
			return 0, nil, false
		}
		unread = append(unread, id)
	}
	return version, unread, err == nil
}

// lastVersion follows the versions to their end.
func (c *Client) lastVersion(ctx context.Context, op string) (int64, error) {
	version, more := int64(0), true
	for more {
		list, again, err := c.changesBehind(ctx, op, version)
		if err != nil {
			return 0, err
		}
		version, more = list.EndVersion, again
	}
	return version, nil
}

// changesBehind reads one answer. More says that others may wait behind it: the
// vendor tells the end only by having nothing more. An empty answer may have no
// version of its own; one that goes back means that the vendor counts anew.
func (c *Client) changesBehind(ctx context.Context, op string, start int64) (list ChangeList, more bool, err error) {
	list, err = c.changes(ctx, op, start)
	if err != nil {
		return list, false, err
	}
	records := len(list.Changes) + len(list.Failed)
	if records == 0 && list.EndVersion == 0 {
		list.EndVersion = start
	}
	if list.EndVersion < start {
		return list, false, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor, Message: "the versions of the vendor went back"}
	}
	return list, records > 0 && list.EndVersion > start, nil
}

// mostUnread is how many reservations a cursor keeps to be read again.
const mostUnread = 100

// changed reads the reservations of changes and those that could not be read
// before, and returns the ids of those that cannot be read now.
func (c *Client) changed(ctx context.Context, op string, list ChangeList, before []string) (page pms.ChangePage, unread []string, err error) {
	page.Failed = list.Failed
	var changes []Change
	var ids []string
	for _, change := range latestChanges(list, before) {
		if deleted(change.ChangeType) {
			page.Gone = append(page.Gone, string(change.NativePMSID))
			continue
		}
		changes, ids = append(changes, change), append(ids, string(change.NativePMSID))
	}
	readings, err := c.readEach(ctx, op, ids)
	if err != nil {
		return pms.ChangePage{}, nil, err
	}
	for i, read := range readings {
		b, bad := c.mapReading(read, ids[i], changes[i].Raw)
		if read.err != nil && !errors.Is(read.err, pms.ErrNotFound) {
			if unread = append(unread, ids[i]); len(unread) > mostUnread {
				return pms.ChangePage{}, nil, read.err
			}
		}
		if bad != nil {
			page.Failed = append(page.Failed, bad)
			continue
		}
		b.UpdatedAt = wire.TimeOrZero(changes[i].ChangeTime, c.zone)
		page.Items = append(page.Items, b)
	}
	return page, unread, nil
}

// latestChanges returns one change a reservation, the last, and one for each of
// the ids.
func latestChanges(list ChangeList, ids []string) []Change {
	at := map[pms.Text]int{}
	var latest []Change
	add := func(change Change) {
		i, again := at[change.NativePMSID]
		if !again {
			at[change.NativePMSID], latest = len(latest), append(latest, change)
			return
		}
		latest[i] = change
	}
	for _, id := range ids {
		add(Change{NativePMSID: pms.Text(id)})
	}
	for _, change := range list.Changes {
		add(change)
	}
	return latest
}

// deleted: the vendor's word is "Delete", a public client has met "Deleted".
func deleted(changeType pms.Text) bool {
	return strings.HasPrefix(strings.ToLower(string(changeType)), "delete")
}
