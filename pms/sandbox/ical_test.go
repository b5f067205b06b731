package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// lines are the unfolded lines of a feed.
func lines(text string) []string {
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n")
}

// values are the values of a property in all events, in order.
func values(text, property string) []string {
	var out []string
	for _, line := range lines(text) {
		if value, ok := strings.CutPrefix(line, property+":"); ok {
			out = append(out, value)
		}
	}
	return out
}

func fetch(t *testing.T, feeds *sandbox.ICal, url string) string {
	t.Helper()
	require.NotEmpty(t, url)
	resp, text := newCaller(t, feeds).raw(http.MethodGet, url, nil)
	require.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "text/calendar; charset=utf-8", resp.Header.Get("Content-Type"))
	return text
}

// feedWorld has a stay over Airbnb, a direct one, a block and some that no feed
// shows, all in 301.
func feedWorld(t *testing.T) *sandbox.World {
	t.Helper()
	w := newWorld(t)
	add := func(s sandbox.Stay) {
		s.UnitID = "301"
		addStay(t, w, s)
	}
	add(anna())
	add(sandbox.Stay{Arrival: june(23), Departure: june(25), Guest: pms.Guest{Name: "Zoë Müller"}, Channel: "vrbo"})
	add(sandbox.Stay{Kind: pms.KindBlock, Arrival: june(26), Departure: june(28)})
	add(sandbox.Stay{Arrival: june(1).AddDays(-9), Departure: june(1).AddDays(-1), Status: pms.StatusCheckedOut})
	add(sandbox.Stay{Arrival: june(5), Departure: june(6), Status: pms.StatusCancelled})
	add(sandbox.Stay{Arrival: june(6), Departure: june(7), Status: pms.StatusInquiry})
	add(sandbox.Stay{Arrival: june(7), Departure: june(8), Status: pms.StatusTentative, Channel: "vrbo", Guest: pms.Guest{Name: "Jo"}})
	add(sandbox.Stay{Arrival: june(8), Departure: june(8)})
	return w
}

func TestAirbnbFeed(t *testing.T) {
	t.Parallel()
	w := feedWorld(t)
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{})
	text := fetch(t, feeds, feeds.URL(sandbox.Airbnb, "301"))
	got := lines(text)
	uids := values(text, "UID")
	require.Len(t, uids, 3)
	assert.Regexp(t, `^1418fb94e984-[0-9a-f]{32}@airbnb.com$`, uids[0])
	assert.Regexp(t, `^7f662ec65913-[0-9a-f]{32}@airbnb.com$`, uids[1])
	assert.Equal(t, []string{
		"BEGIN:VCALENDAR", "PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN", "CALSCALE:GREGORIAN", "VERSION:2.0",
		"BEGIN:VEVENT", "DTSTAMP:20260601T060000Z", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "SUMMARY:Reserved", "UID:" + uids[0],
		`DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\nPhone Number (Last 4 Digits): 0001`, "END:VEVENT",
		"BEGIN:VEVENT", "DTSTAMP:20260601T060000Z", "DTSTART;VALUE=DATE:20260623", "DTEND;VALUE=DATE:20260625", "SUMMARY:Airbnb (Not available)", "UID:" + uids[1], "END:VEVENT",
		"BEGIN:VEVENT", "DTSTAMP:20260601T060000Z", "DTSTART;VALUE=DATE:20260626", "DTEND;VALUE=DATE:20260628", "SUMMARY:Airbnb (Not available)", "UID:" + uids[2], "END:VEVENT",
		"END:VCALENDAR",
	}, got)
	assert.Contains(t, text, "DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de\r\n tails/HMTEST1234", "folded at 75 octets")
}

func TestDialects(t *testing.T) {
	t.Parallel()
	w := feedWorld(t)
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{})
	tests := map[sandbox.ICalDialect]struct {
		prodid    string
		summaries []string
		uids      []string // patterns
		first     []string // names in the first event
	}{
		sandbox.AirbnbOld: {
			"PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 0.8.8//EN",
			[]string{"Reserved", "Airbnb (Not available)", "Airbnb (Not available)"},
			[]string{`^1418fb94e984-`, `^6fec1092d3fa-`, `^6fec1092d3fa-`},
			[]string{"DTEND", "DTSTART", "UID", "DESCRIPTION", "SUMMARY"},
		},
		sandbox.BookingCom: {
			`PRODID:-//admin.booking.com\\\, b.v.//NONSGML v1.0//EN`,
			[]string{"CLOSED - Not available", "CLOSED - Not available", "CLOSED - Not available"},
			[]string{`^[0-9a-f]{32}@booking.com$`, `^[0-9a-f]{32}@booking.com$`, `^[0-9a-f]{32}@booking.com$`},
			[]string{"DTSTAMP", "DTSTART", "DTEND", "UID", "SUMMARY", "ORGANIZER"},
		},
		sandbox.Vrbo: {
			"PRODID:-//HomeAway.com, Inc.//EN",
			[]string{"Blocked", "Reserved - Zoë", "Blocked"},
			[]string{`^06202026-0620-2026-0623-202606232026$`, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, `^06262026-0626-2026-0628-202606282026$`},
			[]string{"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"},
		},
		sandbox.Abritel: {
			"PRODID:-//HomeAway.com, Inc.//EN",
			[]string{"Indisponible", "Réservée - Zoë", "Indisponible", "Provisoire - Jo"},
			[]string{`^06202026-`, `^[0-9a-f]{8}-`, `^06262026-`, `^[0-9a-f]{8}-`},
			[]string{"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"},
		},
	}
	for dialect, tt := range tests {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			text := fetch(t, feeds, feeds.URL(dialect, "301"))
			assert.Contains(t, lines(text), tt.prodid)
			assert.Equal(t, tt.summaries, values(text, "SUMMARY"))
			uids := values(text, "UID")
			require.Len(t, uids, len(tt.uids))
			for i, pattern := range tt.uids {
				assert.Regexp(t, pattern, uids[i])
			}
			var names []string
			for _, line := range lines(text[strings.Index(text, "BEGIN:VEVENT")+len("BEGIN:VEVENT\r\n"):]) {
				if line == "END:VEVENT" {
					break
				}
				names = append(names, line[:strings.IndexAny(line, ":;")])
			}
			assert.Equal(t, tt.first, names)
			other := fetch(t, feeds, feeds.URL(dialect, "302"))
			assert.Empty(t, values(other, "UID"), "another unit")
		})
	}
}

func TestFoldingCutsCharacters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := "x" + strings.Repeat("Ж", 120)
	addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(20), Departure: june(23), Guest: pms.Guest{Name: name}})
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{EveryChannel: true})
	text := fetch(t, feeds, feeds.URL(sandbox.Vrbo, "301"))
	for line := range strings.SplitSeq(text, "\r\n") {
		assert.LessOrEqual(t, len(line), 75)
	}
	assert.Equal(t, []string{"Reserved - " + name}, values(text, "SUMMARY"))
	assert.NotEqual(t, text, strings.ToValidUTF8(text, ""), "a character is cut in two")
}

func TestFeedOfEveryChannel(t *testing.T) {
	t.Parallel()
	feeds := sandbox.NewICal(feedWorld(t), sandbox.ICalOptions{EveryChannel: true})
	assert.Equal(t, []string{"Reserved", "Reserved", "Airbnb (Not available)"},
		values(fetch(t, feeds, feeds.URL(sandbox.Airbnb, "301")), "SUMMARY"))
}

func TestFeedEscapesText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(20), Departure: june(23), Guest: pms.Guest{Name: `A,b;c\d`}})
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{EveryChannel: true})
	assert.Equal(t, []string{`Reserved - A\,b\;c\\d`}, values(fetch(t, feeds, feeds.URL(sandbox.Vrbo, "301")), "SUMMARY"))
}

func TestFeedOfRoomChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.Moves = []sandbox.Move{{june(21), "302"}}
	addStay(t, w, s)
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{})
	first, second := fetch(t, feeds, feeds.URL(sandbox.Airbnb, "301")), fetch(t, feeds, feeds.URL(sandbox.Airbnb, "302"))
	assert.Equal(t, []string{"20260621"}, values(first, "DTEND;VALUE=DATE"))
	assert.Equal(t, []string{"20260621"}, values(second, "DTSTART;VALUE=DATE"))
	assert.NotEqual(t, values(first, "UID"), values(second, "UID"))
}

// A reservation keeps its UID when it is extended; the blocks of Airbnb slide
// and get another one on every day.
func TestUIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{AdvanceNotice: 2, BookingWindow: 180})
	url := feeds.URL(sandbox.Airbnb, "301")
	before := fetch(t, feeds, url)
	require.NoError(t, w.Extend(id, june(26)))
	w.Advance(24 * time.Hour)
	after := fetch(t, feeds, url)
	assert.Equal(t, []string{"20260620", "20260601", "20261128"}, values(before, "DTSTART;VALUE=DATE"))
	assert.Equal(t, []string{"20260620", "20260602", "20261129"}, values(after, "DTSTART;VALUE=DATE"))
	old, now := values(before, "UID"), values(after, "UID")
	assert.Equal(t, old[0], now[0])
	assert.NotEqual(t, old[1], now[1])
	assert.NotEqual(t, old[2], now[2])
	assert.Len(t, values(fetch(t, feeds, feeds.URL(sandbox.BookingCom, "301")), "UID"), 1, "only Airbnb exports its limits")
}

func TestConditionalFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{})
	url := feeds.URL(sandbox.BookingCom, "301")
	c := newCaller(t, feeds)
	first, body := c.raw(http.MethodGet, url, nil)
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	assert.Equal(t, "Mon, 01 Jun 2026 06:00:00 GMT", modified)
	require.NotEmpty(t, body)

	fetchIf := func(name, value string) (answer, string) {
		c.header = http.Header{name: {value}}
		return c.raw(http.MethodGet, url, nil)
	}
	w.Advance(time.Hour) // DTSTAMP alone is no change
	for name, value := range map[string]string{"If-None-Match": tag, "If-Modified-Since": modified} {
		resp, body := fetchIf(name, value)
		assert.Equal(t, 304, resp.StatusCode, name)
		assert.Empty(t, body)
		assert.Equal(t, tag, resp.Header.Get("ETag"))
	}
	require.NoError(t, w.Extend(id, june(24)))
	for name, value := range map[string]string{"If-None-Match": tag, "If-Modified-Since": modified} {
		resp, body := fetchIf(name, value)
		assert.Equal(t, 200, resp.StatusCode, name)
		assert.Contains(t, body, "20260624")
		assert.NotEqual(t, tag, resp.Header.Get("ETag"))
	}
	second, _ := c.raw(http.MethodGet, url, nil)
	require.NoError(t, w.Extend(id, june(25))) // within the same second
	resp, _ := fetchIf("If-Modified-Since", second.Header.Get("Last-Modified"))
	assert.Equal(t, 200, resp.StatusCode)
}

func TestFeedNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feeds := sandbox.NewICal(w, sandbox.ICalOptions{})
	c := newCaller(t, feeds)
	for _, url := range []string{"/", "/calendar/ical/301.ics", "/calendar/ical/301.ics?s=wrong", feeds.URL(sandbox.Airbnb, "9"), "/v1/export?t="} {
		resp, _ := c.raw(http.MethodGet, url, nil)
		assert.Equal(t, 404, resp.StatusCode, url)
	}
	resp, _ := c.raw(http.MethodPost, feeds.URL(sandbox.Airbnb, "301"), nil)
	assert.Equal(t, 405, resp.StatusCode)
	assert.Empty(t, feeds.URL("tripadvisor", "301"))
}

func TestLoadedFeedIsServedVerbatim(t *testing.T) {
	t.Parallel()
	feeds := sandbox.NewICal(newWorld(t), sandbox.ICalOptions{})
	body := "\ufeffBEGIN:VCALENDAR\nEND:VCALENDAR  \r"
	require.NoError(t, feeds.LoadFeed("/feeds/a.ics", strings.NewReader(body)))
	assert.Equal(t, body, fetch(t, feeds, "/feeds/a.ics"))
	assert.Equal(t, body, fetch(t, feeds, "/feeds/a.ics?s=any"))
}

func TestLoadRealFeeds(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../../shared/data/ical/*.ics")
	require.NoError(t, err)
	if len(names) == 0 {
		t.Skip("no feeds beside the repository")
	}
	feeds := sandbox.NewICal(newWorld(t), sandbox.ICalOptions{})
	for _, name := range names {
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, feeds.LoadFeed("/"+filepath.Base(name), strings.NewReader(string(want))))
		assert.Equal(t, string(want), fetch(t, feeds, "/"+filepath.Base(name)))
	}
}
