package guesty

import (
	"context"
	"errors"
	"net/url"
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
			pms.CanListProperties: pms.Yes,
			pms.CanListBookings:   pms.Yes,
			pms.CanUpdatedSince:   pms.Yes,
			pms.CanGetBooking:     pms.Yes,
			pms.CanWebhook:        pms.Yes,
			pms.CanSetCleanliness: pms.Unverified,
			pms.HasBlocks:         pms.Yes,
			pms.HasOwnerStays:     pms.Yes,
			pms.HasStayTimes:      pms.Yes,
			pms.HasGuestCounts:    pms.Yes,
			pms.HasTimeZone:       pms.Yes,
			pms.HasCleanliness:    pms.Yes,
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
		return List[Listing]{}, "", badCursor(op, err)
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
		return List[Listing]{}, "", badCursor(op, err)
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
		return pms.Page[pms.Booking]{}, badCursor(op, err)
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
	var rows reservationList
	known, next, more, err := at.Read(q.Limit, MaxPage, func(offset, limit int) (paging.Rows, error) {
		native.Skip, native.Limit = offset, limit
		var err error
		if rows, err = c.searchPage(ctx, op, native); err != nil {
			return paging.Rows{}, err
		}
		_, ids := decodeReservations(rows.Results)
		return paging.Rows{IDs: ids, More: rows.more(limit)}, nil
	})
	if err != nil {
		return pms.Page[pms.Booking]{}, next, false, badCursor(op, err)
	}
	decoded, _ := decodeReservations(rows.Results[known:])
	page, err := c.bookings(ctx, op, List[Reservation]{Items: decoded.Items, Failed: decoded.Failed}, q, false)
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
		if slices.ContainsFunc(parts, q.Matches) {
			wanted = append(wanted, r)
		}
	}
	d, err := c.readDetails(ctx, op, wanted, batched)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	for _, r := range wanted {
		parts, _ := mapReservation(r, d) // mapped once already
		for _, b := range parts {
			if q.Matches(b) {
				page.Items = append(page.Items, b)
			}
		}
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
	today := civil.DateOf(time.Now())
	from, to := q.From, q.To
	if from.IsZero() {
		from = today.AddDays(-calendarBack)
	}
	if to.IsZero() {
		to = today.AddDays(calendarAhead)
	}
	if to.Before(from) { // a window beyond the calendar's
		to = from
	}
	var page pms.Page[pms.Booking]
	if next != "" {
		page.Next = phaseBlocks + "/" + next
	}
	for _, id := range ids {
		list, err := c.listBlocks(ctx, op, id, from.AddDays(-1), to)
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

// calendars returns the listings whose calendars make the page.
func (c *Client) calendars(ctx context.Context, op string, wanted []string, cursor string) (ids []string, next string, err error) {
	if len(wanted) > 0 {
		at, err := paging.Parse(cursor, phaseBlocks)
		if err != nil {
			return nil, "", badCursor(op, err)
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

// GetBooking implements [pms.BookingGetter]. A block is no reservation and
// cannot be read alone.
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	notFound := &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound}
	if id == "" {
		return nil, notFound
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

// The events that are subscribed to.
func subscribedEvents() []string {
	return []string{eventReservationCreated, eventReservationUpdated, eventListingNew, eventListingUpdated, eventListingRemoved}
}

// secretWaits are the waits for the secret of a new subscription, which Guesty
// does not have at once (unverified how long it takes).
var secretWaits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// RegisterWebhook implements [pms.WebhookRegistrar], for changes of reservations
// and listings. It returns the secret that Guesty signs with; a new Client gets
// it as Config.WebhookSecret. It may wait half a minute for it. A subscription
// that has no secret, because it is older than signatures are, is made anew.
func (c *Client) RegisterWebhook(ctx context.Context, target string) (secret string, err error) {
	const op = "RegisterWebhook"
	if u, err := url.Parse(target); err != nil || u.Host == "" {
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "the address is not a URL"}
	}
	hooks, err := c.hooksOf(ctx, op, target)
	if err != nil {
		return "", err
	}
	if len(hooks) > 0 {
		if err := c.subscribeAll(ctx, op, hooks[0]); err != nil {
			return "", err
		}
		secret, err := c.webhookSecret(ctx, op, target)
		if !errors.Is(err, pms.ErrNotFound) {
			return secret, err
		}
		if err := c.UnregisterWebhook(ctx, target); err != nil {
			return "", err
		}
	}
	if err := c.writeWebhook(ctx, op, "POST", "/webhooks", webhookInput{target, subscribedEvents()}); err != nil {
		return "", err
	}
	for _, wait := range secretWaits {
		if secret, err = c.webhookSecret(ctx, op, target); !errors.Is(err, pms.ErrNotFound) {
			return secret, err
		}
		select {
		case <-ctx.Done():
			return "", &pms.APIError{Vendor: vendor, Op: op, Err: ctx.Err()}
		case <-time.After(wait):
		}
	}
	return c.webhookSecret(ctx, op, target)
}

// subscribeAll adds the events that a subscription lacks.
func (c *Client) subscribeAll(ctx context.Context, op string, hook Webhook) error {
	events := make([]string, 0, len(hook.Events))
	for _, event := range hook.Events {
		events = append(events, string(event))
	}
	had := len(events)
	for _, event := range subscribedEvents() {
		if !slices.Contains(events, event) {
			events = append(events, event)
		}
	}
	if len(events) == had {
		return nil
	}
	return c.writeWebhook(ctx, op, "PUT", "/webhooks/"+url.PathEscape(string(hook.ID)), webhookInput{string(hook.URL), events})
}

// UnregisterWebhook implements [pms.WebhookRegistrar].
func (c *Client) UnregisterWebhook(ctx context.Context, target string) error {
	const op = "UnregisterWebhook"
	hooks, err := c.hooksOf(ctx, op, target)
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		if err := c.deleteWebhook(ctx, op, string(hook.ID)); err != nil && !errors.Is(err, pms.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (c *Client) hooksOf(ctx context.Context, op, target string) ([]Webhook, error) {
	hooks, err := c.listWebhooks(ctx, op)
	return slices.DeleteFunc(hooks, func(h Webhook) bool { return string(h.URL) != target || h.ID == "" }), err
}

// badCursor is the error of a place in a list; those of the API are not of it.
func badCursor(op string, err error) error {
	var api *pms.APIError
	switch {
	case errors.As(err, &api):
		return err
	case errors.Is(err, pms.ErrDecode):
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrDecode, Err: err}
	}
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor, Err: err}
}
