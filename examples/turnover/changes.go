package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// sources are where changes come from; webhooks come by themselves.
type sources struct {
	hotel, calendars pms.Connector
	vendors          *vendors
	window           pms.BookingQuery
}

// story is something that happens at a vendor's, and what a person has done to
// the jobs before.
type story struct {
	title string
	tell  func(*stage) (happened bool, err error)
}

var stories = []story{
	{"Guests cancel", (*stage).cancel},
	{"Guests stay two nights longer", (*stage).extend},
	{"New guests come on the day the last ones leave", (*stage).arriveSameDay},
	{"A booking is moved to another room", (*stage).moveRoom},
	{"Guests leave three days early", (*stage).leaveEarly},
	{"Guests stay a day longer, but a person has set the time of the job", (*stage).extendEdited},
	{"A late check-out is entered, but the cleaner has begun", (*stage).lateAfterStart},
	{"RealtyCalendar delivers its last webhook again", (*stage).repeatDelivery},
}

// step is how much later each change comes.
const step = 15 * time.Minute

// follow lets the bookings change, one story after the other, and brings the
// stored jobs in line after each.
func follow(ctx context.Context, out *report, h *host, w *worlds, s sources) error {
	out.heading("Bookings change, cleanings follow")
	known := map[string]bool{}
	w.hotel.Advance(step)
	w.cottage.Advance(step)
	for n, story := range stories {
		since := w.hotel.Now()
		w.hotel.Advance(step)
		w.cottage.Advance(step)
		st := &stage{ctx: ctx, host: h, worlds: w, sources: s}
		happened, err := story.tell(st)
		if err != nil {
			return err
		}
		if !happened {
			continue
		}
		arrived, err := h.sync(ctx, s, since)
		if err != nil {
			return err
		}
		out.story(n+1, story.title, arrived)

		// This is all that a host does after every change, whatever it was.
		now := w.hotel.Now()
		plan, _ := h.plan(now)
		diff := cleaning.Reconcile(h.jobs, plan, now)
		out.diff(h, diff, known)
		h.apply(diff.Changes)
	}
	now := w.hotel.Now()
	plan, _ := h.plan(now)
	again := cleaning.Reconcile(h.jobs, plan, now)
	out.line("")
	out.line("Reconciled once more: %s, %s held for a person.", count(len(again.Changes), "change"), count(len(again.Held), "job"))
	return nil
}

// sync brings in what has changed since an instant and says what came. There is
// no window of days in the query: a change may lead out of it.
func (h *host) sync(ctx context.Context, s sources, since time.Time) (string, error) {
	var came []string
	for _, event := range h.takeEvents() {
		came = append(came, "webhook "+string(event.Kind))
	}
	changed, err := h.pull(ctx, s.hotel, pms.BookingQuery{UpdatedSince: since})
	if err != nil {
		return "", err
	}
	if changed > 0 {
		came = append(came, fmt.Sprintf("pull since %s: %d changed", since.Format("15:04"), changed))
	}
	if err := h.refresh(ctx, s.calendars, s.window); err != nil {
		return "", err
	}
	if len(came) == 0 {
		return "nothing new", nil
	}
	return strings.Join(came, ", "), nil
}

// stage is where a story happens.
type stage struct {
	ctx    context.Context
	host   *host
	worlds *worlds
	sources
}

// find returns the first job after a departure, with its stay, that a vendor
// knows and the test accepts.
func (st *stage) find(vendor string, world *sandbox.World, test func(*cleaning.ExistingJob, sandbox.Stay) bool) (*cleaning.ExistingJob, sandbox.Stay) {
	for i := range st.host.jobs {
		job := &st.host.jobs[i]
		stay, ok := world.Stay(job.Key.Stay.ID)
		if ok && job.Key.Stay.Vendor == vendor && job.Key.Kind == cleaning.KindDeparture &&
			job.State == cleaning.StatePlanned && len(job.Edited) == 0 && len(stay.Moves) == 0 && test(job, stay) {
			return job, stay
		}
	}
	return nil, sandbox.Stay{}
}

func (st *stage) findHotel(test func(*cleaning.ExistingJob, sandbox.Stay) bool) (*cleaning.ExistingJob, sandbox.Stay) {
	return st.find("bnovo", st.worlds.hotel, test)
}

func (st *stage) findFlat(test func(*cleaning.ExistingJob, sandbox.Stay) bool) (*cleaning.ExistingJob, sandbox.Stay) {
	return st.find("realtycalendar", st.worlds.flats, test)
}

// day returns the nth day from today on.
func (st *stage) day(n int) pms.Date { return civil.DateOf(st.worlds.hotel.Now()).AddDays(n) }

// free reports whether nobody else has a unit in the nights [from, to).
func free(w *sandbox.World, unit string, from, to pms.Date) bool {
	for _, s := range w.Stays() {
		if s.UnitID == unit && s.Status != pms.StatusCancelled && s.Arrival.Before(to) && from.Before(s.Departure) {
			return false
		}
	}
	return true
}

func (st *stage) cancel() (bool, error) {
	job, stay := st.findFlat(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool { return s.Arrival.After(st.day(2)) })
	if job == nil {
		return false, nil
	}
	return true, st.worlds.flats.Cancel(stay.ID)
}

func (st *stage) extend() (bool, error) {
	job, stay := st.findHotel(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool {
		return s.Departure.After(st.day(1)) && free(st.worlds.hotel, s.UnitID, s.Departure, s.Departure.AddDays(2))
	})
	if job == nil {
		return false, nil
	}
	return true, st.worlds.hotel.Extend(stay.ID, stay.Departure.AddDays(2))
}

func (st *stage) arriveSameDay() (bool, error) {
	job, stay := st.findFlat(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool {
		return s.Departure.After(st.day(1)) && free(st.worlds.flats, s.UnitID, s.Departure, s.Departure.AddDays(2))
	})
	if job == nil {
		return false, nil
	}
	_, err := st.worlds.flats.AddStay(sandbox.Stay{UnitID: stay.UnitID, Arrival: stay.Departure, Departure: stay.Departure.AddDays(2)})
	return true, err
}

func (st *stage) moveRoom() (bool, error) {
	var to string
	job, stay := st.findHotel(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool {
		if !s.Arrival.After(st.day(5)) {
			return false
		}
		for _, unit := range st.worlds.hotel.Units() {
			_, linked := st.host.links.Find(pms.Unit{Vendor: "bnovo", ID: unit.ID})
			if linked && free(st.worlds.hotel, unit.ID, s.Arrival, s.Departure) {
				to = unit.ID
				return true
			}
		}
		return false
	})
	if job == nil {
		return false, nil
	}
	return true, st.worlds.hotel.MoveUnit(stay.ID, to, stay.Arrival)
}

func (st *stage) leaveEarly() (bool, error) {
	job, stay := st.findHotel(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool {
		return s.Status == pms.StatusCheckedIn && s.Departure.After(st.day(3))
	})
	if job == nil {
		return false, nil
	}
	return true, st.worlds.hotel.Extend(stay.ID, stay.Departure.AddDays(-3))
}

func (st *stage) extendEdited() (bool, error) {
	job, stay := st.findHotel(func(_ *cleaning.ExistingJob, s sandbox.Stay) bool {
		return s.Departure.After(st.day(1)) && free(st.worlds.hotel, s.UnitID, s.Departure, s.Departure.AddDays(1))
	})
	if job == nil {
		return false, nil
	}
	job.Start = job.Start.Add(time.Hour)
	job.Edited = []cleaning.Field{cleaning.FieldStart}
	return true, st.worlds.hotel.Extend(stay.ID, stay.Departure.AddDays(1))
}

func (st *stage) lateAfterStart() (bool, error) {
	job, stay := st.findHotel(func(job *cleaning.ExistingJob, _ sandbox.Stay) bool { return job.Date == st.day(0) })
	if job == nil {
		return false, nil
	}
	job.State = cleaning.StateStarted
	return true, st.worlds.hotel.Update(stay.ID, func(s *sandbox.Stay) { s.DepartureTime = clock("13:00") })
}

func (st *stage) repeatDelivery() (bool, error) {
	sent := st.vendors.realty.Sent()
	if len(sent) == 0 {
		return false, nil
	}
	last := sent[len(sent)-1]
	req, err := http.NewRequestWithContext(st.ctx, http.MethodPost, last.URL, bytes.NewReader(last.Body))
	if err != nil {
		return false, errors.New("repeat the webhook: no request") // the address is a secret
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return false, err
	}
	return true, resp.Body.Close()
}

func (r *report) story(n int, title, arrived string) {
	r.line("")
	r.line("%d. %s  %s", n, r.paint(bold, title), r.paint(dim, "("+arrived+")"))
}

// diff prints what becomes of the jobs. Jobs that are held stand until a person
// has decided, so they are told once.
func (r *report) diff(h *host, diff cleaning.Diff, known map[string]bool) {
	told := 0
	for _, c := range diff.Changes {
		r.change(h, c)
		told++
	}
	for _, held := range diff.Held {
		if id := held.Key.String() + string(held.Reason); !known[id] {
			known[id] = true
			r.held(h, held)
			told++
		}
	}
	if told == 0 {
		r.line("   nothing to do")
	}
}

var changeStyles = map[cleaning.ChangeKind]style{
	cleaning.ChangeCreate: green, cleaning.ChangeRestore: green,
	cleaning.ChangeMove: yellow, cleaning.ChangeUpdate: blue, cleaning.ChangeCancel: red,
}

func (r *report) change(h *host, c cleaning.Change) {
	var text string
	switch c.Kind {
	case cleaning.ChangeCancel:
		text = fmt.Sprintf("%s: %s", span(c.Job), reasonText(c.Reason))
		if c.Other != (cleaning.Key{}) {
			text += " " + h.name(c.Other.PropertyID)
		}
	case cleaning.ChangeMove:
		text = fmt.Sprintf("%s → %s", span(h.job(c.ID).Job), span(c.Job))
	case cleaning.ChangeUpdate:
		text = fmt.Sprintf("%s: %s", span(c.Job), fieldsText(c.Fields))
	case cleaning.ChangeCreate, cleaning.ChangeRestore:
		text = span(c.Job)
		if c.Other != (cleaning.Key{}) {
			text += ", in place of the one in " + h.name(c.Other.PropertyID)
		}
	}
	r.entry(changeStyles[c.Kind], string(c.Kind), h.name(c.Key.PropertyID), text)
	// What a person has edited is explained where it is held.
	if c.Kind != cleaning.ChangeCancel && len(h.job(c.ID).Edited) == 0 {
		r.explain(c.Job)
	}
}

func (r *report) held(h *host, held cleaning.Held) {
	text := span(h.job(held.ID).Job) + " stays: " + reasonText(held.Reason)
	if len(held.Fields) > 0 {
		text += "; the bookings call for another " + fieldsText(held.Fields)
	}
	r.entry(amberBold, "held", h.name(held.Key.PropertyID), text)
	if held.Wanted != nil {
		r.explain(*held.Wanted)
	}
}

func (r *report) entry(s style, verb, property, text string) {
	r.line("   %s %s %s", r.paint(s, fit(verb, 7)), fit(property, nameWidth), text)
}

// explain prints why a job is what it is. The first line of the explanation is
// what the entry says already.
func (r *report) explain(job cleaning.Job) {
	_, why, _ := strings.Cut(cleaning.Explain(job), "\n")
	for _, line := range wrap(why, 92) {
		r.line("           %s", r.paint(dim, line))
	}
}

// job returns the stored job with the id.
func (h *host) job(id string) cleaning.ExistingJob {
	for _, job := range h.jobs {
		if job.ID == id {
			return job
		}
	}
	return cleaning.ExistingJob{}
}

// span is "Fri 19 Jun 12:00–14:00".
func span(job cleaning.Job) string {
	return job.Start.Format("Mon 2 Jan ") + strings.TrimSpace(windowText(job))
}

// fieldsText names fields in words. That the provenance changes goes without
// saying.
func fieldsText(fields []cleaning.Field) string {
	var words []string
	for _, f := range fields {
		if f != cleaning.FieldWhy {
			words = append(words, fieldWords.Replace(string(f)))
		}
	}
	return strings.Join(words, ", ")
}

var fieldWords = strings.NewReplacer(
	"nextArrival", "next arrival", "nextGuests", "next guests", "departingGuests", "departing guests",
	"sameDay", "same-day mark", "tooShort", "too-short mark",
)

func reasonText(reason cleaning.Reason) string {
	switch reason {
	case cleaning.ReasonCancelled:
		return "the booking is cancelled"
	case cleaning.ReasonMoved:
		return "the stay is now in"
	case cleaning.ReasonEdited:
		return "a person has set it"
	case cleaning.ReasonStarted:
		return "somebody is at work"
	case cleaning.ReasonVanished:
		return "no record of the stay is left"
	default:
		return strings.ReplaceAll(string(reason), "_", " ")
	}
}
