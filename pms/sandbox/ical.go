package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// ICalDialect is the way in which a channel writes its feeds.
type ICalDialect string

// The dialects. AirbnbOld is Airbnb of 2020: other order of properties, no
// DTSTAMP, a parameter on PRODID. Abritel is Vrbo in French, with tentative
// stays.
const (
	Airbnb     ICalDialect = "airbnb"
	AirbnbOld  ICalDialect = "airbnb-old"
	BookingCom ICalDialect = "booking"
	Vrbo       ICalDialect = "vrbo"
	Abritel    ICalDialect = "abritel"
)

// ICalOptions are the settings of a host at the channels.
type ICalOptions struct {
	// EveryChannel shows every stay as a reservation of the feed's channel.
	// Otherwise the stays of other channels are blocks there, as they are when
	// a host keeps calendars in step.
	EveryChannel bool
	// AdvanceNotice and BookingWindow are days: Airbnb exports the days too
	// soon and the days too far off as blocks that move on every day, under a
	// new UID. Zero means none.
	AdvanceNotice, BookingWindow int
}

// ICal is the stand-in of the channels' calendar feeds: one feed per unit and
// dialect, under a secret URL ([ICal.URL]), with ETag and Last-Modified.
//
// Reservations keep their UID; a block has one made of its dates, so that it is
// another block when it moves. Stays that are over, cancelled or not yet
// confirmed are not in a feed, but for the tentative ones of Abritel. DTSTAMP
// is the time of the export. An unknown path or a wrong secret is 404
// (unverified).
type ICal struct {
	world *World
	opts  ICalOptions

	mu       sync.Mutex
	static   map[string][]byte
	versions map[string]version
}

// version is the last state of a feed that was served.
type version struct {
	etag     string
	modified time.Time
}

// NewICal returns a stand-in for the feeds of the world's units.
func NewICal(world *World, o ICalOptions) *ICal {
	return &ICal{world: world, opts: o, static: map[string][]byte{}, versions: map[string]version{}}
}

// LoadFeed serves what r holds, byte for byte, at the path, "/feeds/real.ics".
func (c *ICal) LoadFeed(path string, r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("sandbox: feed %s: %w", path, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.static[path] = body
	return nil
}

// URL returns path and query of the feed of a unit, in the form of the
// channel, the secret included. It is empty for an unknown dialect.
func (c *ICal) URL(d ICalDialect, propertyID string) string {
	secret := digest(string(d), propertyID)
	switch d {
	case Airbnb, AirbnbOld:
		return "/calendar/ical/" + propertyID + ".ics?s=" + secret
	case BookingCom:
		return "/v1/export?t=" + uuid(secret)
	case Vrbo, Abritel:
		return "/icalendar/" + secret + ".ics"
	default:
		return ""
	}
}

// digest makes 32 hex digits of its arguments.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func uuid(hex32 string) string {
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", hex32[:8], hex32[8:12], hex32[13:16], hex32[17:20], hex32[20:32])
}

// ServeHTTP implements [http.Handler].
func (c *ICal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	target := r.URL.RequestURI()
	if body, ok := c.loaded(r.URL.Path); ok {
		c.serve(w, r, body, digest(string(body)))
		return
	}
	for _, p := range c.world.Units() {
		for _, d := range []ICalDialect{Airbnb, AirbnbOld, BookingCom, Vrbo, Abritel} {
			if c.URL(d, p.ID) == target {
				body := c.feed(d, p, c.world.Now())
				c.serve(w, r, body, digest(string(c.feed(d, p, time.Time{}))))
				return
			}
		}
	}
	http.NotFound(w, r)
}

func (c *ICal) loaded(path string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok := c.static[path]
	return body, ok
}

// serve answers with body, or 304. The tag is that of the body without its
// time of export.
func (c *ICal) serve(w http.ResponseWriter, r *http.Request, body []byte, tag string) {
	v := c.version(r.URL.RequestURI(), `"`+tag+`"`)
	w.Header().Set("ETag", v.etag)
	w.Header().Set("Last-Modified", v.modified.UTC().Format(http.TimeFormat))
	if notModified(r, v) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write(body) //nolint:gosec // a calendar, not a page
}

// version returns the stamps of a feed. A feed that changes twice in a second
// is a second younger, as Last-Modified has no fractions.
func (c *ICal) version(target, etag string) version {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, known := c.versions[target]
	if known && old.etag == etag {
		return old
	}
	v := version{etag: etag, modified: c.world.Now().Truncate(time.Second)}
	if known && !v.modified.After(old.modified) {
		v.modified = old.modified.Add(time.Second)
	}
	c.versions[target] = v
	return v
}

func notModified(r *http.Request, v version) bool {
	if match := r.Header.Get("If-None-Match"); match != "" {
		return match == v.etag || match == "*"
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !v.modified.After(since)
}

// icalEvent is what a dialect says of some nights.
type icalEvent struct {
	stay     *Stay // nil for a block that no one made
	n        int   // the segment of the stay
	from, to pms.Date
}

func (c *ICal) feed(d ICalDialect, p Property, now time.Time) []byte {
	cal := newCalendar(icalHead[d]...)
	for _, e := range c.events(d, p) {
		cal.add(c.event(d, p, e, now)...)
	}
	cal.add("END:VCALENDAR")
	return cal.body
}

var icalHead = map[ICalDialect][]string{
	Airbnb: {"BEGIN:VCALENDAR", "PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN", "CALSCALE:GREGORIAN", "VERSION:2.0"},
	AirbnbOld: {
		"BEGIN:VCALENDAR", "PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 0.8.8//EN", "CALSCALE:GREGORIAN", "VERSION:2.0",
	},
	BookingCom: {
		"BEGIN:VCALENDAR", "VERSION:2.0", `PRODID:-//admin.booking.com\\\, b.v.//NONSGML v1.0//EN`, "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
	},
	Vrbo:    {"BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "PRODID:-//HomeAway.com, Inc.//EN"},
	Abritel: {"BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "PRODID:-//HomeAway.com, Inc.//EN"},
}

// events are the nights of a unit that are taken, from today on.
func (c *ICal) events(d ICalDialect, p Property) []icalEvent {
	today := civil.DateOf(c.world.Now().In(p.Zone))
	var out []icalEvent
	for _, s := range c.world.staysIf(func(s *Stay) bool { return !s.Departure.Before(today) && shown(d, s) }) {
		for n, seg := range s.segments() {
			if seg.unitID == p.ID && !seg.to.Before(today) && seg.from.Before(seg.to) {
				out = append(out, icalEvent{stay: &s, n: n, from: seg.from, to: seg.to})
			}
		}
	}
	if d != Airbnb && d != AirbnbOld {
		return out
	}
	if c.opts.AdvanceNotice > 0 {
		out = append(out, icalEvent{from: today, to: today.AddDays(c.opts.AdvanceNotice)})
	}
	if c.opts.BookingWindow > 0 {
		from := today.AddDays(c.opts.BookingWindow)
		out = append(out, icalEvent{from: from, to: from.AddDays(365)})
	}
	return out
}

func shown(d ICalDialect, s *Stay) bool {
	switch s.Status {
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut:
		return true
	case pms.StatusTentative:
		return d == Abritel
	case pms.StatusInquiry, pms.StatusCancelled, pms.StatusNoShow, pms.StatusUnknown:
	}
	return false
}

// channelOf is the channel whose bookings are reservations in a dialect.
var channelOf = map[ICalDialect]string{
	Airbnb: "airbnb", AirbnbOld: "airbnb", BookingCom: "booking", Vrbo: "vrbo", Abritel: "vrbo",
}

func (c *ICal) isBlock(d ICalDialect, e icalEvent) bool {
	return e.stay == nil || e.stay.Kind == pms.KindBlock || !c.opts.EveryChannel && e.stay.Channel != channelOf[d]
}

func (c *ICal) event(d ICalDialect, p Property, e icalEvent, now time.Time) []string {
	block := c.isBlock(d, e)
	start, end := "DTSTART;VALUE=DATE:"+compact(e.from), "DTEND;VALUE=DATE:"+compact(e.to)
	export := "DTSTAMP:" + utcStamp(now)
	uid := "UID:" + icalUID(d, p, e, block)
	summary := "SUMMARY:" + icalSummary(d, e, block)
	switch d {
	case Airbnb:
		lines := []string{"BEGIN:VEVENT", export, start, end, summary, uid}
		if !block {
			lines = append(lines, "DESCRIPTION:"+airbnbText(e.stay, "https://www.airbnb.com/hosting/reservations/details/"))
		}
		return append(lines, "END:VEVENT")
	case AirbnbOld:
		lines := []string{"BEGIN:VEVENT", end, start, uid}
		if !block {
			lines = append(lines, "DESCRIPTION:"+airbnbText(e.stay, "https://www.airbnb.com/reservation/itinerary?code="))
		}
		return append(lines, summary, "END:VEVENT")
	case BookingCom:
		return []string{"BEGIN:VEVENT", export, start, end, uid, summary, "ORGANIZER:mailto:noreply@booking.com", "END:VEVENT"}
	case Vrbo, Abritel:
		return []string{"BEGIN:VEVENT", uid, export, start, end, summary, "END:VEVENT"}
	default:
		return nil
	}
}

// airbnbText is the description of a reservation.
func airbnbText(s *Stay, link string) string {
	code := s.ChannelCode
	if code == "" {
		code = strings.ToUpper("HM" + digest("code", s.ID)[:8])
	}
	var digits []rune
	for _, r := range s.Guest.Phone {
		if r >= '0' && r <= '9' {
			digits = append(digits, r)
		}
	}
	last := "0000"
	if len(digits) >= 4 {
		last = string(digits[len(digits)-4:])
	}
	return "Reservation URL: " + link + code + `\nPhone Number (Last 4 Digits): ` + last
}

// icalUID is stable for a reservation, and made of the dates for a block of
// Airbnb and Vrbo.
func icalUID(d ICalDialect, p Property, e icalEvent, block bool) string {
	days := digest(p.ID, e.from.String(), e.to.String())
	own := days
	if e.stay != nil {
		own = digest(p.ID, e.stay.ID, fmt.Sprint(e.n))
	}
	switch {
	case d == BookingCom:
		return own + "@booking.com"
	case d == Airbnb && block:
		return "7f662ec65913-" + days + "@airbnb.com"
	case d == AirbnbOld && block:
		return "6fec1092d3fa-" + days + "@airbnb.com"
	case d == Airbnb, d == AirbnbOld:
		return "1418fb94e984-" + own + "@airbnb.com"
	case block:
		a, b := e.from, e.to
		return fmt.Sprintf("%02d%02d%04d-%02d%02d-%04d-%02d%02d-%04d%02d%02d%04d",
			a.Month, a.Day, a.Year, a.Month, a.Day, a.Year, b.Month, b.Day, b.Year, b.Month, b.Day, b.Year)
	default:
		return uuid(own)
	}
}

func icalSummary(d ICalDialect, e icalEvent, block bool) string {
	switch {
	case d == BookingCom:
		return "CLOSED - Not available"
	case (d == Airbnb || d == AirbnbOld) && block:
		return "Airbnb (Not available)"
	case d == Airbnb, d == AirbnbOld:
		return "Reserved"
	case d == Abritel && block:
		return "Indisponible"
	case block:
		return "Blocked"
	}
	word := "Reserved"
	switch {
	case d == Abritel && e.stay.Status == pms.StatusTentative:
		word = "Provisoire"
	case d == Abritel:
		word = "Réservée"
	}
	if name, _ := splitName(e.stay.Guest.Name); name != "" {
		return word + " - " + escapeText(name)
	}
	return word
}

// escapeText writes a TEXT value.
func escapeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`).Replace(s)
}

func compact(day pms.Date) string { return fmt.Sprintf("%04d%02d%02d", day.Year, day.Month, day.Day) }

func utcStamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// calendar is an iCalendar text: lines end with CRLF and are folded at 75
// octets, in the middle of a character if that is where it falls.
type calendar struct{ body []byte }

func newCalendar(lines ...string) *calendar {
	c := &calendar{}
	c.add(lines...)
	return c
}

func (c *calendar) add(lines ...string) {
	const octets = 75
	var out bytes.Buffer
	for _, line := range lines {
		for room := octets; len(line) > room; room = octets - 1 {
			out.WriteString(line[:room] + "\r\n ")
			line = line[room:]
		}
		out.WriteString(line + "\r\n")
	}
	c.body = append(c.body, out.Bytes()...)
}
