package pms

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"cloud.google.com/go/civil"
)

// SyncKind says what a [SyncChange] asks of the host.
type SyncKind string

// The kinds of changes.
const (
	// SyncUpsert is a booking that is new or differs from what the host has.
	// Cancelled ones come this way, too.
	SyncUpsert SyncKind = "upsert"
	// SyncGone is a booking that the vendor no longer has. Only Vendor, ID,
	// GroupID, PropertyID, Arrival and Departure are set, as last known.
	SyncGone SyncKind = "gone"
	// SyncFailed is a record that could not be read. It comes with every pass
	// that meets it.
	SyncFailed SyncKind = "failed"
)

// SyncChange is one change that [Sync] hands to the host.
type SyncChange struct {
	Kind    SyncKind `json:"kind"`
	Booking Booking  `json:"booking,omitzero"`
	// Record is set when Kind is SyncFailed.
	Record *RecordError `json:"-"`
}

// SyncOptions are the knobs of [SyncWith]. The zero value is what [Sync] uses.
type SyncOptions struct {
	// BackDays and AheadDays bound the window around today. A stay is inside
	// when any day of it is, so that guests in house never drop out. Today is
	// the day in UTC, and the window is a day wider on both sides, so that it
	// holds in every zone. BackDays 0 means 30, a negative one today; AheadDays
	// 0 means that the window has no end.
	BackDays, AheadDays int

	// ScanEvery is how often the whole window is read from a vendor that tells
	// changes, because it may not tell deletions. 0 means 24 hours, a negative
	// value every pass; a host that syncs once a day sets a little less than a
	// day. From other vendors every pass reads the window.
	ScanEvery time.Duration
	// ScanNow reads the whole window in this pass even if it is not due.
	ScanNow bool

	// MinAge is how long a booking must be missing before it is gone. 0 means
	// 24 hours, a negative value no time.
	MinAge time.Duration
	// Shrink is the share of the bookings that makes a scan suspicious when it
	// is missing at once. Values outside (0, 1] mean 0.5: half of them or more.
	// One or two missing bookings are suspicious only if nothing is left.
	Shrink float64
	// AcceptShrink says that a person confirmed that the bookings are really
	// gone. They are counted as missed in this pass, and the usual rules go on
	// from there.
	AcceptShrink bool

	// Known are bookings that the host has stored and the checkpoint may not
	// know, as they came: those of events since the last pass, or, when a
	// process died between a change and the store of its checkpoint, all that
	// the account has. Sync corrects them and reports them when they are gone.
	// Bookings of other vendors are left out.
	Known iter.Seq[Booking]

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Progress is called after every record and at the end, on the goroutine of
	// the pass. It should be quick.
	Progress func(SyncProgress)
}

// SyncProgress counts what a pass has done so far.
type SyncProgress struct {
	// Listed counts the bookings read, of which Upserts were new or changed.
	Listed  int `json:"listed"`
	Upserts int `json:"upserts"`
	Gone    int `json:"gone"`
	// Failed counts the records that could not be read. A scan with one does
	// not tell what is missing.
	Failed int `json:"failed"`
	// Missing counts the bookings that the scan missed and that are not gone
	// yet.
	Missing int `json:"missing"`
	// Scan says that the pass reads, or has read, the whole window.
	Scan bool `json:"scan"`
}

// syncOverlap is re-read with every list of changes: clocks differ, and a
// vendor's index may lag behind.
const syncOverlap = 10 * time.Minute

// Sync runs one pass over an account and hands emit what changed since the
// checkpoint, nil for the first pass. It returns the checkpoint to store, a
// JSON value without guest data, also with an error: it then holds exactly what
// emit has accepted, and the next pass repeats the rest. An error of emit ends
// the pass.
//
// The source is the best that the vendor has: a [ChangeLister], a list by time
// of change ([CanUpdatedSince] is [Yes]), or a scan of the window. What comes
// is compared with a digest of what emit has accepted, so that only new and
// changed bookings are emitted, whatever the vendor repeats; Raw, CreatedAt and
// UpdatedAt do not count. The first pass emits the whole window. The first
// pass, and every 24 hours one, scans the window whatever the source is.
//
// A booking that is not listed any more is emitted as [SyncGone] when two
// complete scans in a row miss it, the first of them 24 hours ago or more, and
// a [BookingGetter] does not find it either. A scan that ends in an error, or
// that has one record which cannot be read, counts nothing as missed. A scan
// that shrinks suddenly does not either: the pass ends with
// [ErrSuspiciousScan]. A stay of which the last day has come is gone only if a
// BookingGetter says so, for calendars drop what is over; a cancelled one, and
// one that left the window, is forgotten silently. What the vendor says itself
// is believed at once: a cancellation, [ChangePage.Gone], and parts that a
// reservation no longer has.
//
// Emitted changes repeat when a process dies before it stores the checkpoint.
// A host stores both in one transaction, or stores each change by
// [Booking.Key] and hands its bookings to the next pass as [SyncOptions.Known].
//
// A checkpoint of another vendor or an unknown version is [ErrBadCheckpoint].
// Passes of one account must not overlap.
func Sync(
	ctx context.Context, c Connector, checkpoint json.RawMessage,
	emit func(context.Context, SyncChange) error,
) (json.RawMessage, error) {
	return SyncWith(ctx, c, checkpoint, emit, SyncOptions{})
}

// SyncWith is [Sync] with options.
func SyncWith(
	ctx context.Context, c Connector, checkpoint json.RawMessage,
	emit func(context.Context, SyncChange) error, o SyncOptions,
) (json.RawMessage, error) {
	vendor := c.Info().Name
	state, err := decodeSyncState(checkpoint, vendor)
	if err != nil {
		return checkpoint, err
	}
	p := newSyncPass(c, vendor, state, emit, o)
	if err = p.learn(); err == nil {
		err = p.run(ctx)
	}
	p.report()
	p.forget()
	next, encodeErr := p.state.encode()
	if encodeErr != nil {
		return checkpoint, errors.Join(err, encodeErr)
	}
	return next, err
}

// syncPass is one run of SyncWith.
type syncPass struct {
	c      Connector
	getter BookingGetter // nil if the connector is none
	vendor string
	state  *syncState
	emit   func(context.Context, SyncChange) error
	o      SyncOptions

	now    time.Time
	today  Date
	window BookingQuery
	count  SyncProgress
	step   syncStep
}

// syncStep is one list within a pass: a page of changes, a list by time of
// change or a scan.
type syncStep struct {
	// seen are the ids that came, parts the reservations of which parts came.
	seen, parts map[string]bool
	listed      int
	failed      int
}

func newSyncPass(c Connector, vendor string, state *syncState, emit func(context.Context, SyncChange) error, o SyncOptions) *syncPass {
	p := &syncPass{c: c, vendor: vendor, state: state, emit: emit, o: o.withDefaults()}
	p.getter, _ = c.(BookingGetter)
	p.now = p.o.Now().UTC()
	p.today = civil.DateOf(p.now)
	p.window.From = p.today.AddDays(-p.o.BackDays - 1)
	if p.o.AheadDays != 0 {
		p.window.To = p.today.AddDays(p.o.AheadDays + 1)
	}
	return p
}

func (o SyncOptions) withDefaults() SyncOptions {
	const day = 24 * time.Hour
	o.BackDays = orDefault(o.BackDays, 30)
	o.AheadDays = max(o.AheadDays, 0)
	o.ScanEvery = orDefault(o.ScanEvery, day)
	o.MinAge = orDefault(o.MinAge, day)
	if !(o.Shrink > 0 && o.Shrink <= 1) {
		o.Shrink = 0.5
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(SyncProgress) {}
	}
	return o
}

// orDefault reads a knob: zero is the default, negative is none.
func orDefault[T int | time.Duration](v, byDefault T) T {
	if v == 0 {
		return byDefault
	}
	return max(v, 0)
}

// begin starts a list that should bring about so many bookings.
func (p *syncPass) begin(size int) {
	p.step = syncStep{seen: make(map[string]bool, size), parts: map[string]bool{}}
}

// learn takes over what the host has and the checkpoint does not know.
func (p *syncPass) learn() error {
	if p.o.Known == nil {
		return nil
	}
	for b := range p.o.Known {
		old, known := p.state.bookings[b.ID]
		if b.Vendor != p.vendor || (!known && !p.window.Matches(b)) {
			continue
		}
		e, err := newSyncEntry(b)
		if err != nil {
			return err
		}
		e.misses, e.missedAt = old.misses, old.missedAt
		p.state.put(b.ID, e)
	}
	return nil
}

// forget drops the stays that left the window into the past.
func (p *syncPass) forget() {
	for id, e := range p.state.bookings {
		if e.departure.IsValid() && e.departure.Before(p.window.From) {
			p.state.drop(id)
		}
	}
}

func (p *syncPass) run(ctx context.Context) error {
	tellsChanges, err := p.readChanges(ctx)
	if err != nil || (tellsChanges && !p.scanDue()) {
		return err
	}
	return p.scan(ctx)
}

// scanDue reports whether it is time to scan the window of a vendor that tells
// changes. A stamp from the future is a clock set back.
func (p *syncPass) scanDue() bool {
	last := p.state.Scanned
	return p.o.ScanNow || last.IsZero() || last.After(p.now) || p.now.Sub(last) >= p.o.ScanEvery
}

// readChanges reads what the vendor tells to have changed, and reports whether
// it tells at all.
func (p *syncPass) readChanges(ctx context.Context) (bool, error) {
	if lister, ok := p.c.(ChangeLister); ok {
		if err := p.followCursor(ctx, lister); !errors.Is(err, ErrNotSupported) {
			return true, err
		}
	}
	if p.c.Info().Supports(CanUpdatedSince) != Yes {
		return false, nil
	}
	return true, p.followStamps(ctx)
}

// followCursor reads the change feed to its present end. The cursor moves page
// by page. One that the vendor no longer knows begins anew, with a scan.
func (p *syncPass) followCursor(ctx context.Context, lister ChangeLister) error {
	if p.state.Cursor == "" {
		p.state.Scanned = time.Time{}
	}
	page, err := lister.ListChanges(ctx, p.state.Cursor)
	if errors.Is(err, ErrBadCursor) && p.state.Cursor != "" {
		p.state.Cursor, p.state.Scanned = "", time.Time{}
		page, err = lister.ListChanges(ctx, "")
	}
	passed := map[string]bool{}
	for {
		if err != nil {
			return err
		}
		if page.Next == "" || (page.More && passed[page.Next]) {
			return badCursor(p.c, "ListChanges")
		}
		passed[page.Next] = true
		if err := p.takeChanges(ctx, page); err != nil {
			return err
		}
		p.state.Cursor = page.Next
		if !page.More {
			return nil
		}
		page, err = lister.ListChanges(ctx, p.state.Cursor)
	}
}

func (p *syncPass) takeChanges(ctx context.Context, page ChangePage) error {
	p.begin(len(page.Items))
	for _, b := range page.Items {
		if err := p.take(ctx, b); err != nil {
			return err
		}
	}
	for _, bad := range page.Failed {
		if err := p.fail(ctx, bad); err != nil {
			return err
		}
	}
	for _, reservation := range page.Gone {
		if p.came(reservation) {
			continue
		}
		for _, id := range p.state.of(reservation) {
			if err := p.gone(ctx, id); err != nil {
				return err
			}
		}
	}
	return p.settleParts(ctx, len(page.Failed) == 0)
}

// followStamps lists what changed since the last pass, without a window, so
// that a stay which moved out of it is seen. The mark is the start of the pass
// by the own clock, so that no stamp of the vendor's can move it.
func (p *syncPass) followStamps(ctx context.Context) error {
	since := p.state.Since
	if since.IsZero() {
		return nil // the scan of the first pass sets it
	}
	mark := p.now.Add(-syncOverlap)
	if mark.Before(since) {
		since = mark
	}
	p.begin(0)
	if err := p.list(ctx, BookingQuery{UpdatedSince: since, Prefetch: true}); err != nil {
		return err
	}
	if err := p.settleParts(ctx, false); err != nil {
		return err
	}
	p.state.Since = mark
	return nil
}

func (p *syncPass) list(ctx context.Context, q BookingQuery) error {
	for b, err := range Bookings(ctx, p.c, q) {
		if bad, ok := err.(*RecordError); ok { //nolint:errorlint // one inside another error is not one record
			err = p.fail(ctx, bad)
		} else if err == nil {
			err = p.take(ctx, b)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take emits b unless the host has it as it is. A stay outside the window
// matters only if the host knows it.
func (p *syncPass) take(ctx context.Context, b Booking) error {
	p.step.listed++
	p.count.Listed++
	defer p.report()
	e, err := newSyncEntry(b)
	if err != nil {
		return err
	}
	p.step.seen[b.ID] = true
	if e.part {
		p.step.parts[e.reservation(b.ID)] = true
	}
	old, known := p.state.bookings[b.ID]
	if !known && !p.window.Matches(b) {
		return nil
	}
	if !known || old.digest != e.digest {
		if err := p.emit(ctx, SyncChange{Kind: SyncUpsert, Booking: b}); err != nil {
			return err
		}
		p.count.Upserts++
	}
	p.state.put(b.ID, e)
	return nil
}

func (p *syncPass) fail(ctx context.Context, bad *RecordError) error {
	p.step.failed++
	p.count.Failed++
	defer p.report()
	return p.emit(ctx, SyncChange{Kind: SyncFailed, Record: bad})
}

func (p *syncPass) gone(ctx context.Context, id string) error {
	e := p.state.bookings[id]
	b := Booking{Vendor: p.vendor, ID: id, PropertyID: e.property, Arrival: e.arrival, Departure: e.departure}
	if e.part {
		b.GroupID = e.reservation(id)
	}
	if err := p.emit(ctx, SyncChange{Kind: SyncGone, Booking: b}); err != nil {
		return err
	}
	p.state.drop(id)
	p.count.Gone++
	p.report()
	return nil
}

func (p *syncPass) report() { p.o.Progress(p.count) }

// came reports whether the step brought the reservation, whole or in parts.
func (p *syncPass) came(reservation string) bool {
	return p.step.seen[reservation] || p.step.parts[reservation]
}
