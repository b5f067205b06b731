package guesty

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector         = (*Client)(nil)
	_ pms.BookingGetter     = (*Client)(nil)
	_ pms.WebhookParser     = (*Client)(nil)
	_ pms.WebhookRegistrar  = (*Client)(nil)
	_ pms.CleanlinessWriter = (*Client)(nil)
	_ pms.TaskWriter        = (*Client)(nil)
)

// Info describes Guesty.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "Guesty",
		Docs:   "https://open-api-docs.guesty.com",
		Access: "Guesty dashboard: Integrations, API & Webhooks (client id and secret)",
		Auth:   "OAuth client credentials; five tokens of 24 hours in 24 hours",
		Limits: []pms.Limit{
			{Requests: 15, Window: time.Second},
			{Requests: 120, Window: time.Minute},
			{Requests: 5000, Window: time.Hour},
		},
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "clientId", Label: "Client ID", Help: "Integrations, API & Webhooks"},
			{Name: "clientSecret", Label: "Client secret", Help: "Shown once, beside the client ID", Secret: true},
			{Name: "webhookSecret", Label: "Webhook secret", Help: "Made by Guesty when the webhook is registered", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.Yes,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.Yes,
			pms.CanSetCleanliness:  pms.Unverified,
			pms.CanWriteTasks:      pms.Yes,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.Yes,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.Yes,
			pms.HasCleanliness:     pms.Yes,
		},
		Notes: []string{
			"Guesty gives five tokens in 24 hours: keep them in a TokenStore.",
			"Names of guests, times of stays and blocks cost requests of their own: settings guests, times, blocks.",
			"Rows have no stamp of change and no money.",
			"That the cleaning status is written with the listing is unverified.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

// listingKinds are the lists that together hold every listing, by the names of
// their phases.
var listingKinds = []struct {
	phase string
	query ListingQuery
}{
	{"let", ListingQuery{Active: true, Listed: true, Unarchived: true}},
	{"unlisted", ListingQuery{Active: true, Unarchived: true}},
	{"inactive", ListingQuery{Listed: true, Unarchived: true}},
	{"off", ListingQuery{Unarchived: true}},
	{"archived", ListingQuery{Active: true, Listed: true}},
	{"archived-unlisted", ListingQuery{Active: true}},
	{"archived-inactive", ListingQuery{Listed: true}},
	{"archived-off", ListingQuery{}},
}

func listingPhases() []string {
	phases := make([]string, len(listingKinds))
	for i, kind := range listingKinds {
		phases[i] = kind.phase
	}
	return phases
}

// ListProperties implements [pms.Connector]: the listings of every kind.
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	list, next, err := c.listings(ctx, "ListProperties", q.Cursor, q.Limit)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: list.Failed, Next: next}
	for _, l := range list.Items {
		page.Items = append(page.Items, mapListing(l))
	}
	return page, nil
}

// listings reads one page of the listings of every kind.
func (c *Client) listings(ctx context.Context, op, cursor string, limit int) (List[Listing], string, error) {
	phases := listingPhases()
	at, err := paging.Parse(cursor, phases...)
	if err != nil {
		return List[Listing]{}, "", paging.Error(vendor, op, err)
	}
	i := slices.Index(phases, at.Phase)
	query := listingKinds[i].query
	query.Limit, query.Skip = limit, at.Offset
	page, err := c.listingPage(ctx, op, query)
	if err != nil {
		return List[Listing]{}, "", err
	}
	next, more, err := at.Next(paging.Read{Records: page.records, Limit: pageSize(limit), Total: page.Total, First: page.first})
	switch {
	case err != nil:
		return List[Listing]{}, "", paging.Error(vendor, op, err)
	case more:
		return page.List, next.String(), nil
	case i+1 < len(phases):
		return page.List, paging.Offset{Phase: phases[i+1]}.String(), nil
	}
	return page.List, "", nil
}

// The phases of ListBookings.
const (
	phaseStays  = "stays"
	phaseBlocks = "blocks"
)

// ListBookings implements [pms.Connector]: reservations and, with Config.Blocks,
// the blocks of the listings. The window and UpdatedSince are the vendor's
// filters. Blocks have no stamp of change and always come.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	blocks := c.cfg.Blocks && !q.ExcludeBlocks
	if cursor, ok := strings.CutPrefix(q.Cursor, phaseBlocks+"/"); ok && blocks {
		return c.listBlockedDays(ctx, op, q, cursor)
	}
	at, err := paging.ParseAnchor(q.Cursor, phaseStays)
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	page, next, more, err := c.stays(ctx, op, q, at)
	switch {
	case err != nil:
		return pms.Page[pms.Booking]{}, err
	case more:
		page.Next = next.String()
	case blocks:
		page.Next = phaseBlocks + "/"
	}
	return page, nil
}

// stays reads one page of reservations. The search does not tell how many there
// are, so that the end of each page is looked up again with the next one.
func (c *Client) stays(ctx context.Context, op string, q pms.BookingQuery, at paging.Anchor) (pms.Page[pms.Booking], paging.Anchor, bool, error) {
	native := ReservationQuery{CheckOutFrom: q.From, CheckInTo: q.To, UpdatedSince: q.UpdatedSince}
	var list List[Reservation]
	known, next, more, err := at.Read(q.Limit, MaxPage, func(offset, limit int) (paging.Rows, error) {
		native.Skip, native.Limit = offset, limit
		rows, err := c.searchPage(ctx, op, native)
		if err != nil {
			return paging.Rows{}, err
		}
		decoded, ids := decodeReservations(rows.Results)
		list = List[Reservation]{Items: decoded.Items, Failed: decoded.Failed}
		return paging.Rows{IDs: ids, More: rows.more(limit)}, nil
	})
	if err != nil {
		return pms.Page[pms.Booking]{}, next, false, paging.Error(vendor, op, err)
	}
	list.Items = list.Items[known:] // what is known has an id, and so was decoded
	page, err := c.bookings(ctx, op, list, q, false)
	return page, next, more, err
}

// bookings maps rows, filters them, and adds details to those that are left.
func (c *Client) bookings(ctx context.Context, op string, list List[Reservation], q pms.BookingQuery, batched bool) (pms.Page[pms.Booking], error) {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	var wanted []Reservation
	for _, r := range list.Items {
		parts, bad := mapReservation(r, details{})
		if bad != nil {
			page.Failed = append(page.Failed, bad)
		}
		parts = slices.DeleteFunc(parts, func(b pms.Booking) bool { return !q.Matches(b) })
		if len(parts) > 0 {
			wanted = append(wanted, r)
		}
		page.Items = append(page.Items, parts...)
	}
	if !c.cfg.Guests && !c.cfg.Times {
		return page, nil
	}
	d, err := c.readDetails(ctx, op, wanted, batched)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page.Items = page.Items[:0]
	for _, r := range wanted {
		parts, _ := mapReservation(r, d) // mapped once already
		parts = slices.DeleteFunc(parts, func(b pms.Booking) bool { return !q.Matches(b) })
		page.Items = append(page.Items, parts...)
	}
	return page, nil
}

// The calendar without a window: how far it is read back and ahead, in days.
const (
	calendarBack  = 90
	calendarAhead = 2 * 365
	// calendarsPerPage is how many calendars make a page.
	calendarsPerPage = 10
)

// listBlockedDays reads the calendars of some listings: those of the query, or
// of one page of all.
func (c *Client) listBlockedDays(ctx context.Context, op string, q pms.BookingQuery, cursor string) (pms.Page[pms.Booking], error) {
	ids, next, err := c.calendars(ctx, op, q.PropertyIDs, cursor)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	from, to := calendarDays(q, civil.DateOf(time.Now().UTC()))
	var page pms.Page[pms.Booking]
	if next != "" {
		page.Next = phaseBlocks + "/" + next
	}
	for _, id := range ids {
		list, err := c.listBlocks(ctx, op, id, from, to)
		if errors.Is(err, pms.ErrNotFound) {
			continue // of an archived listing, or of none
		}
		if err != nil {
			return pms.Page[pms.Booking]{}, err
		}
		page.Failed = append(page.Failed, list.Failed...)
		for _, block := range list.Items {
			b, ok, bad := mapBlock(block)
			switch {
			case bad != nil:
				page.Failed = append(page.Failed, bad)
			case ok && q.Matches(b):
				page.Items = append(page.Items, b)
			}
		}
	}
	return page, nil
}

// calendarDays returns the days of the calendar to read. It begins a day early:
// who leaves on a day was in the calendar until the day before.
func calendarDays(q pms.BookingQuery, today pms.Date) (from, to pms.Date) {
	from, to = q.From, q.To
	if from.IsZero() {
		from = today
		if !to.IsZero() && to.Before(today) {
			from = to
		}
		from = from.AddDays(-calendarBack)
	}
	if to.IsZero() {
		to = today
		if from.After(today) {
			to = from
		}
		to = to.AddDays(calendarAhead)
	}
	return from.AddDays(-1), to
}

// calendars returns the listings whose calendars make the page.
func (c *Client) calendars(ctx context.Context, op string, wanted []string, cursor string) (ids []string, next string, err error) {
	if len(wanted) > 0 {
		at, err := paging.Parse(cursor, phaseBlocks)
		if err != nil {
			return nil, "", paging.Error(vendor, op, err)
		}
		from := min(at.Offset, len(wanted))
		to := min(from+calendarsPerPage, len(wanted))
		if to < len(wanted) {
			next = paging.Offset{Phase: phaseBlocks, Offset: to}.String()
		}
		return wanted[from:to], next, nil
	}
	list, next, err := c.listings(ctx, op, cursor, calendarsPerPage)
	if err != nil {
		return nil, "", err
	}
	for _, l := range list.Items {
		ids = append(ids, string(l.ID))
	}
	return ids, next, nil
}

// GetBooking implements [pms.BookingGetter]. A block is no reservation: reading
// one is [pms.ErrNotSupported].
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	notFound := &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound}
	switch {
	case id == "":
		return nil, notFound
	case strings.HasPrefix(id, blockPrefix):
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "a block cannot be read alone"}
	}
	list, err := c.batchGet(ctx, op, []string{id})
	if err != nil {
		return nil, err
	}
	page, err := c.bookings(ctx, op, list, pms.BookingQuery{}, true)
	switch {
	case err != nil:
		return nil, err
	case len(page.Items) == 0 && len(page.Failed) > 0:
		return nil, page.Failed[0]
	case len(page.Items) == 0:
		return nil, notFound
	}
	return page.Items, nil
}

// SetCleanliness implements [pms.CleanlinessWriter] for clean and dirty
// (unverified, see [Client.SetCleaningStatus]).
func (c *Client) SetCleanliness(ctx context.Context, propertyID string, status pms.Cleanliness) error {
	const op = "SetCleanliness"
	word := map[pms.Cleanliness]string{pms.Clean: wordClean, pms.Dirty: wordDirty}[status]
	if word == "" {
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "Guesty has no word for " + string(status)}
	}
	return c.setCleaningStatus(ctx, op, propertyID, word)
}

// The words of a task that WriteTask writes.
const (
	taskCleaning  = "cleaning"
	taskDone      = "completed"
	taskCancelled = "canceled"
)

// WriteTask implements [pms.TaskWriter]: a cleaning task of a listing, with the
// window of the work. Guesty keeps no key of the host: a task without an ID is
// looked for among the open ones, by name, listing and window, before it is
// created. The state of an open task is left as it is.
func (c *Client) WriteTask(ctx context.Context, t pms.Task) (id string, err error) {
	const op = "WriteTask"
	input := TaskInput{Title: t.Name, Description: t.Description, Type: taskCleaning, ListingID: t.PropertyID}
	switch {
	case t.PropertyID == "" || t.Name == "":
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "a task needs a PropertyID and a Name"}
	case t.Start.IsZero() || t.End.Before(t.Start):
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "a task needs a Start and an End behind it"}
	}
	input.CanStartAfter, input.MustFinishBefore = t.Start.Format(time.RFC3339), t.End.Format(time.RFC3339)
	switch t.State {
	case pms.TaskDone:
		input.Status = taskDone
	case pms.TaskCancelled:
		input.Status = taskCancelled
	case pms.TaskOpen, "":
	}
	id = t.ID
	if id == "" {
		if id, err = c.findTask(ctx, op, t); err != nil {
			return "", err
		}
	}
	switch {
	case id == "" && input.Status != "":
		return "", nil // never created
	case id == "":
		made, err := c.writeTask(ctx, op, http.MethodPost, "/tasks-open-api/create-single-task", input)
		return string(made.ID), err
	}
	_, err = c.writeTask(ctx, op, http.MethodPut, taskPath(id), input)
	if errors.Is(err, pms.ErrNotFound) && input.Status != "" {
		return id, nil // somebody has removed it
	}
	return id, err
}

// mostTaskPages is how many pages of open tasks are looked through.
const mostTaskPages = 50

// findTask looks for a task whose creation went unanswered.
func (c *Client) findTask(ctx context.Context, op string, t pms.Task) (id string, err error) {
	q := TaskQuery{ExcludeStatuses: []string{taskDone, taskCancelled}}
	for range mostTaskPages {
		list, err := c.taskPage(ctx, op, q)
		if err != nil {
			return "", err
		}
		for _, row := range list.Items {
			if isTask(row, t) {
				return string(row.ID), nil
			}
		}
		if !list.More {
			break
		}
		q.Skip += MaxPage
	}
	return "", nil
}

// isTask compares what both know, the window to the second.
func isTask(row TaskRow, t pms.Task) bool {
	window := row.ScheduledFor
	return string(row.Title.Children) == t.Name && string(row.Listing.ListingID) == t.PropertyID &&
		row.Status.Children != taskDone && row.Status.Children != taskCancelled &&
		instant(window.CanStartAfter).Equal(t.Start.Truncate(time.Second)) &&
		instant(window.MustFinishBefore).Equal(t.End.Truncate(time.Second))
}
