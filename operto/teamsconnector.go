package operto

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector     = (*Teams)(nil)
	_ pms.BookingGetter = (*Teams)(nil)
)

// TeamsInfo describes Operto Teams.
func TeamsInfo() pms.Info {
	return pms.Info{
		Name:     teamsVendor,
		Title:    "Operto Teams",
		Docs:     "https://teams.operto.com/api",
		Access:   "Operto Teams: a key pair is made in the account, with levels of access per resource",
		Auth:     "key pair for a token of an hour (scheme VRS) and a refresh token of a day",
		Limits:   []pms.Limit{{Requests: 50, Window: 2 * time.Minute}},
		Evidence: "B",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "apiKey", Label: "API key", Help: "The key of a pair made in Operto Teams", Secret: true},
			{Name: "apiValue", Label: "API value", Help: "The value of the pair", Secret: true},
			{Name: "taskRuleId", Label: "Task rule", Help: "The rule that tasks of this application belong to", Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Unverified,
			pms.CanUpdatedSince:    pms.No,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.Unverified,
			pms.CanWebhook:         pms.No,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.Unverified,
			pms.HasBlocks:          pms.No,
			pms.HasOwnerStays:      pms.Unverified,
			pms.HasStayTimes:       pms.Unverified,
			pms.HasGuestCounts:     pms.Unverified,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"Cancelled bookings vanish from lists; blocks are not told apart from stays.",
			"50 requests in 2 minutes: a sweep of a large account takes its time.",
		},
	}
}

// Info implements [pms.Connector].
func (t *Teams) Info() pms.Info { return TeamsInfo() }

// ListProperties implements [pms.Connector].
//
// https://teams.operto.com/api, GET /properties.
func (t *Teams) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	read, err := readTeams(ctx, t, "ListProperties", "/properties", "property", url.Values{}, q.Cursor, q.Limit, propertyID)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: read.Failed, Next: read.next}
	for _, p := range read.Items {
		page.Items = append(page.Items, t.mapProperty(p))
	}
	return page, nil
}

// ListBookings implements [pms.Connector]. The vendor filters by the window and
// by property; it tells no change stamps, so UpdatedSince leaves nothing out.
//
// https://teams.operto.com/api, GET /propertybookings (fields unverified).
func (t *Teams) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	query := url.Values{}
	if !q.From.IsZero() {
		query.Set("checkoutstartdate", undashed(q.From))
	}
	if !q.To.IsZero() {
		query.Set("checkinenddate", undashed(q.To))
	}
	if len(q.PropertyIDs) > 0 {
		query.Set("propertyid", strings.Join(q.PropertyIDs, ","))
	}
	return t.bookings(ctx, "ListBookings", query, q)
}

func (t *Teams) bookings(ctx context.Context, op string, query url.Values, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	read, err := readTeams(ctx, t, op, "/propertybookings", "booking", query, q.Cursor, q.Limit, bookingID)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := pms.Page[pms.Booking]{Failed: read.Failed, Next: read.next}
	for _, native := range read.Items {
		b, bad := t.mapBooking(native)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			page.Items = append(page.Items, b)
		}
	}
	return page, nil
}

func bookingID(b *teamsBooking, raw json.RawMessage) string {
	b.raw = raw
	return string(b.PropertyBookingID)
}

// GetBooking implements [pms.BookingGetter].
//
// https://teams.operto.com/api, GET /propertybookings/{id} (fields unverified).
func (t *Teams) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	id, _, _ = strings.Cut(id, "#")
	resp, err := t.do(ctx, rest.Call{Op: "GetBooking", Path: teamsPath + "/propertybookings/" + url.PathEscape(id)})
	if err != nil {
		return nil, err
	}
	raw := json.RawMessage(resp.Body)
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(resp.Body, &envelope) == nil && len(envelope.Data) > 0 {
		raw = envelope.Data
		var rows wire.Records
		if json.Unmarshal(raw, &rows) == nil && len(rows) == 1 {
			raw = rows[0]
		}
	}
	var native teamsBooking
	if err := wire.Decode(raw, &native); err != nil || bookingID(&native, raw) == "" {
		return nil, withoutBody(resp.Unreadable("no booking in the answer", nil))
	}
	b, bad := t.mapBooking(native)
	if bad != nil {
		return nil, bad
	}
	return []pms.Booking{b}, nil
}

// ListDepartures reads all bookings with a check-out from one day to another,
// both included: the window by which [CompareBookings] notices cancellations.
func (t *Teams) ListDepartures(ctx context.Context, from, to pms.Date) (List[pms.Booking], error) {
	query := url.Values{"checkoutstartdate": {undashed(from)}, "checkoutenddate": {undashed(to)}}
	var list List[pms.Booking]
	var q pms.BookingQuery
	for {
		page, err := t.bookings(ctx, "ListDepartures", query, q)
		if err != nil {
			return List[pms.Booking]{}, err
		}
		list.Items, list.Failed = append(list.Items, page.Items...), append(list.Failed, page.Failed...)
		if page.Next == "" {
			return list, nil
		}
		q.Cursor = page.Next
	}
}

// BookingDiff is what [CompareBookings] finds.
type BookingDiff struct {
	Added, Changed []pms.Booking
	// Vanished are not in the second reading. Cancelled bookings vanish; so do
	// those whose check-out has moved out of the window, which GetBooking still
	// finds.
	Vanished []pms.Booking
	// Suspicious says that the second reading is empty and the first was not: a
	// host then believes it only after another one.
	Suspicious bool
}

// CompareBookings compares two readings of one window, in any order. It is pure.
func CompareBookings(before, after []pms.Booking) BookingDiff {
	diff := BookingDiff{Suspicious: len(before) > 0 && len(after) == 0}
	old := make(map[pms.Key]pms.Booking, len(before))
	for _, b := range before {
		old[b.Key()] = b
	}
	seen := make(map[pms.Key]bool, len(after))
	for _, b := range after {
		was, known := old[b.Key()]
		switch {
		case seen[b.Key()]:
		case !known:
			diff.Added = append(diff.Added, b)
		case b.Supersedes(was):
			diff.Changed = append(diff.Changed, b)
		}
		seen[b.Key()] = true
	}
	for _, b := range before {
		if !seen[b.Key()] {
			seen[b.Key()] = true
			diff.Vanished = append(diff.Vanished, b)
		}
	}
	return diff
}
