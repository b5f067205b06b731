package realtycalendar

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector     = (*Client)(nil)
	_ pms.WebhookParser = (*Client)(nil)
)

// Info describes RealtyCalendar.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "RealtyCalendar",
		Docs:     "https://realtycalendar.helpdeskeddy.com/ru/knowledge_base/art/208/cat/25/opisanie-webhook",
		Access:   "Settings, \"CRM-интеграции\", \"Webhooks\": add the address made of the account id; keys of the API are issued to the account",
		Auth:     "secret in the webhook's URL; MD5 signature with a private key",
		Evidence: "B",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "accountId", Label: "Account ID", Help: "Webhooks: the number at the top right of the main page", Optional: true},
			{Name: "webhookSecret", Label: "Webhook secret", Help: "Makes the webhook URL unguessable", Secret: true, Optional: true},
			{Name: "publicKey", Label: "Public key", Help: "Signed API: with it bookings can be listed, too", Secret: true, Optional: true},
			{Name: "privateKey", Label: "Private key", Help: "Signed API: belongs to the public key", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.No,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.Yes,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.No,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Unverified,
			pms.HasOwnerStays:      pms.No,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Unverified,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"Lots are linked by their number; they are learnt from bookings where keys are given.",
			"Lists need the keys of the signed API; webhooks alone bring every change.",
			"Records of the list may lack the room of a lot with rooms, and stay times.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

// ListProperties implements [pms.Connector]. The vendor lists no lots: they are
// learnt from the bookings between 90 days ago and a year ahead, and come on one
// page. Failed holds the bookings that could not be read. Without keys it is
// [pms.ErrNotSupported].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	if q.Cursor != "" {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	today := c.today()
	window := pms.BookingQuery{From: today.AddDays(-90), To: today.AddDays(365)}
	var page pms.Page[pms.Property]
	units := map[string]pms.Property{}
	for more := true; more; more = window.Cursor != "" {
		list, next, err := c.scan(ctx, op, window)
		if err != nil {
			return pms.Page[pms.Property]{}, err
		}
		page.Failed = append(page.Failed, list.Failed...)
		for _, r := range list.Items {
			c.learnUnit(units, r)
		}
		window.Cursor = next
	}
	for _, unit := range units {
		page.Items = append(page.Items, unit)
	}
	slices.SortFunc(page.Items, func(a, b pms.Property) int { return strings.Compare(a.ID, b.ID) })
	return page, nil
}

// learnUnit adds the unit that a reservation names. The newest one that has a
// title tells the name.
func (c *Client) learnUnit(units map[string]pms.Property, r Reservation) {
	unit := c.mapUnit(r)
	if known, ok := units[unit.ID]; unit.ID != "" && (!ok || unit.Name != "" || known.Name == "") {
		units[unit.ID] = unit
	}
}

// ListBookings implements [pms.Connector] with the signed API, which lists by
// day of modification. With UpdatedSince it begins on that day, without it
// before the first booking there can be. A page is a window of such days,
// oldest first; Limit has no effect. Without keys it is [pms.ErrNotSupported].
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	list, next, err := c.scan(ctx, "ListBookings", q)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := c.bookings(list, q)
	page.Next = next
	return page, nil
}

// bookings maps and filters a native list.
func (c *Client) bookings(list List[Reservation], q pms.BookingQuery) pms.Page[pms.Booking] {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, r := range list.Items {
		b, bad := c.mapReservation("", r)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			page.Items = append(page.Items, b)
		}
	}
	return page
}

// firstDay is before every booking. That the vendor takes a window this wide is
// unverified.
var firstDay = pms.Date{Year: 1970, Month: time.January, Day: 1}

// The windows of modification that a list is read in. What nobody touched for
// recentDays comes in one window, the rest in windows of windowDays. A window
// whose answer is too large is cut to a quarter while it has leastDays.
const (
	recentDays = 2 * 365
	windowDays = 182
	leastDays  = 31
)

// scan reads the window of modification at q.Cursor and returns the cursor of
// the next one.
func (c *Client) scan(ctx context.Context, op string, q pms.BookingQuery) (list List[Reservation], next string, err error) {
	if err := c.needKeys(op); err != nil {
		return list, "", err
	}
	last := c.today().AddDays(1)
	begin := c.firstModified(q)
	if q.Cursor != "" {
		if begin, err = civil.ParseDate(q.Cursor); err != nil || begin.After(last) {
			return list, "", paging.Error(vendor, op, pms.ErrBadCursor)
		}
	}
	native := stayWindow(q)
	native.From, native.To = begin, windowEnd(begin, last)
	list, err = c.reservationList(ctx, op, native)
	for errors.Is(err, pms.ErrTooLarge) && native.To.DaysSince(begin) >= leastDays {
		native.To = begin.AddDays(native.To.DaysSince(begin) / 4)
		list, err = c.reservationList(ctx, op, native)
	}
	if err == nil && native.To.Before(last) {
		next = native.To.AddDays(1).String()
	}
	return list, next, err
}

// overlap is re-read with every list of changes, against clocks that differ.
const overlap = 5 * time.Minute

// firstModified is the first day of modification to ask for, tomorrow at the
// latest.
func (c *Client) firstModified(q pms.BookingQuery) pms.Date {
	if q.UpdatedSince.IsZero() {
		return firstDay
	}
	day := civil.DateOf(q.UpdatedSince.Add(-overlap).In(c.moscow))
	if last := c.today().AddDays(1); day.After(last) {
		return last
	}
	return day
}

// windowEnd returns the last day of the window that begins on a day.
func windowEnd(begin, last pms.Date) pms.Date {
	recent := last.AddDays(-recentDays)
	switch end := begin.AddDays(windowDays - 1); {
	case begin.Before(recent):
		return recent.AddDays(-1)
	case end.After(last):
		return last
	default:
		return end
	}
}

// stayWindow is the window of the stay, one day wider on both sides: the
// vendor's bounds are not inside.
func stayWindow(q pms.BookingQuery) (native ReservationQuery) {
	if !q.From.IsZero() {
		native.DepartureAfter = q.From.AddDays(-1)
	}
	if !q.To.IsZero() {
		native.ArrivalBefore = q.To.AddDays(1)
	}
	return native
}
