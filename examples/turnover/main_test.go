package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/realtycalendar"
)

var update = flag.Bool("update", false, "write the golden files")

// ran is what one run has written.
type ran struct{ stdout, html string }

func runProgram(t *testing.T, args ...string) ran {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	var stdout bytes.Buffer
	require.NoError(t, run(t.Context(), append(args, "-html", path), &stdout))
	html, err := os.ReadFile(path)
	require.NoError(t, err)
	return ran{stdout.String(), string(html)}
}

func TestRunTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	out := runProgram(t).stdout
	for _, line := range []string{
		"Bnovo            pull                               21 bookings",
		"Loft 12A             → LОFT 12А             0.95  same name, same number",
		"LОFT 12А has 2 calendars: bnovo and ical",
		"room Терраса: fits equally well: Терраса (terrace-n), Терраса (terrace-s)",
		"room Переговорная: none of our properties fits",
		"our Флигель (annex): no calendar is linked",
		"Today, Mon 15 Jun: 2 cleanings",
		"next Mon 15 Jun 14:00, 3 guests (1 of them a child)  same day",
		"Кeдр: double booking from Tue 23 Jun on",
		"the window is 75 minutes too short for the cleaning",
		"status “Лист ожидания” of bnovo:140000119 is not known",
		"Терраса: the room is linked to no property, 2 bookings without cleaning",
	} {
		assert.Contains(t, out, line)
	}
}

func TestChangesReachTheJobs(t *testing.T) {
	t.Parallel()
	out := runProgram(t).stdout
	_, stories, found := strings.Cut(out, "Bookings change, cleanings follow")
	require.True(t, found)
	for _, line := range []string{
		"1. Guests cancel  (webhook booking.cancelled)",
		"cancel  Mansard 21            Sat 27 Jun 12:00–Sun 14:00: the booking is cancelled",
		"move    Кeдр                  Fri 19 Jun 12:00–Sat 14:00 → Sun 21 Jun 12:00–13:45",
		"3. New guests come on the day the last ones leave  (webhook booking.created)",
		"create  Озёрная 2             Mon 22 Jun 12:00–Tue 14:00",
		"cancel  Садовая 3 – № 7       Thu 25 Jun 12:00–Fri 14:00: the stay is now in ЛЕСНАЯ 5 · студия №1",
		"in place of the one in Садовая 3 – № 7",
		"move    чайный домик          Wed 24 Jun 12:00–Thu 14:00 → Sun 21 Jun 12:00–Mon 14:00",
		"stays: a person has set it; the bookings call for another date, start, end",
		"stays: somebody is at work; the bookings call for another start",
		"8. RealtyCalendar delivers its last webhook again  (nothing new)\n   nothing to do",
		"Reconciled once more: 0 changes, 2 jobs held for a person.",
	} {
		assert.Contains(t, stories, line)
	}
}

func TestRunIsDeterministic(t *testing.T) {
	t.Parallel()
	first, second := runProgram(t), runProgram(t)
	// The path of the page is the only difference; its base name is the same.
	assert.Equal(t, first, second)
}

func TestBoardGolden(t *testing.T) {
	t.Parallel()
	_, rest, found := strings.Cut(runProgram(t).stdout, "no calendar is linked\n\n")
	require.True(t, found)
	board, _, found := strings.Cut(rest, "\nToday")
	require.True(t, found)
	golden := filepath.Join("testdata", "board.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(golden, []byte(board), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), board)
}

func TestPageIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, days := range []string{"2", "14", "31"} {
		html := runProgram(t, "-days", days).html
		decoder := xml.NewDecoder(strings.NewReader(html))
		elements := map[string]int{}
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			if start, ok := token.(xml.StartElement); ok {
				elements[start.Name.Local]++
			}
		}
		assert.Positive(t, elements["svg"])
		assert.Greater(t, elements["title"], 10, "tooltips")
		for _, text := range []string{"ZgotmplZ", "src=", "@import", "<script", "<link"} {
			assert.False(t, strings.Contains(html, text), text) //nolint:testifylint // the page is long
		}
	}
}

func TestPageShowsWhatMatters(t *testing.T) {
	t.Parallel()
	html := runProgram(t).html
	for _, text := range []string{
		`class="clash"`, `class="job alarm"`, `class="job turn"`, `class="job mid"`, `class="bar block"`, `class="bar undecided"`,
		`class="bar airbnb"`, "prefers-color-scheme: dark", "Cleaning after the departure of property loft", "ical:loft/",
	} {
		assert.True(t, strings.Contains(html, text), text) //nolint:testifylint // the page is long
	}
}

// Neither the terminal nor the page shows a credential, a secret address or a
// guest.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	w, err := inventedWorlds()
	require.NoError(t, err)
	v, err := startVendors(t.Context(), w)
	require.NoError(t, err)
	defer func() { assert.NoError(t, v.Close()) }()

	hotel, flats := v.bnovoSettings(), v.realtySettings()
	path, err := realtycalendar.NewWebhookPath(string(flats.AccountID), flats.WebhookSecret)
	require.NoError(t, err)
	secrets := []string{hotel.Password, flats.PublicKey, flats.PrivateKey, flats.WebhookSecret, path}
	for _, feed := range v.calendarSettings().Feeds {
		address, err := url.Parse(feed.URL)
		require.NoError(t, err)
		secrets = append(secrets, address.Query().Get("s"), address.Path)
	}
	secrets = append(secrets, guestNames...)
	secrets = append(secrets, "+7 900 000")

	out := runProgram(t)
	for _, secret := range secrets {
		require.NotEmpty(t, secret)
		assert.NotContains(t, out.stdout, secret)
		assert.False(t, strings.Contains(out.html, secret), "a secret or a guest in the page") //nolint:testifylint // the page is long
	}
	assert.NotContains(t, out.stdout, "127.0.0.1")
}

func TestRealBookings(t *testing.T) {
	t.Parallel()
	data := filepath.Join("..", "..", "..", "shared", "data", "hotel_bookings.csv.gz")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the real bookings are not here:", err)
	}
	out := runProgram(t, "-data", data, "-units", "30")
	assert.Contains(t, out.stdout, "Linked 144 rooms of the hotel by name")
	assert.Contains(t, out.stdout, "Reconciled once more: 0 changes")
	assert.Equal(t, 5, strings.Count(out.stdout, "Mon Tue Wed Thu Fri Sat Sun Mon"), "149 rows on boards of 30")
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-days", "1"}, {"-days", "61"}, {"-units", "0"}, {"surplus"}, {"-data", filepath.Join(t.TempDir(), "missing.csv")},
	} {
		assert.Error(t, run(t.Context(), args, io.Discard), "%q", args)
	}
}
