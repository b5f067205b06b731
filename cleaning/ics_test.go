package cleaning_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestWriteICS(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, name("Ada Lovelace"), phone("+44 20 7946 0001")), nov("b", 5, 7, guests(3)))
	var out strings.Builder
	require.NoError(t, cleaning.WriteICS(&out, r.Jobs[:1], map[string]string{"flat": "Garden; Flat, 2\r\nBEGIN:VALARM"}, now))
	assert.Equal(t, strings.Join([]string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Changeover//Cleaning plan//EN",
		"BEGIN:VEVENT", "UID:flat/bnovo/a/departure@changeover", "DTSTAMP:20261102T080000Z",
		"DTSTART:20261105T100000Z", "DTEND:20261105T140000Z",
		`SUMMARY:Cleaning: Garden\; Flat\, 2\nBEGIN:VALARM`,
		`DESCRIPTION:The next guests arrive on the same day.\nPrepare for 3 guests.`,
		"END:VEVENT", "END:VCALENDAR", "",
	}, "\r\n"), out.String())
}

func TestWriteICS_FoldsAt75OctetsAndCutsNoCharacter(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5))
	long := strings.Repeat("Квартира на Невском проспекте ", 12)
	var out strings.Builder
	require.NoError(t, cleaning.WriteICS(&out, r.Jobs, map[string]string{"flat": long}, now))
	for line := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\r\n"), "\r\n") {
		assert.LessOrEqual(t, len(line), 75)
		assert.Equal(t, strings.ToValidUTF8(line, "?"), line)
	}
	assert.Contains(t, strings.ReplaceAll(out.String(), "\r\n ", ""), "SUMMARY:Cleaning: "+long+"\r\n")
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteICS_ReportsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, []pms.Booking{nov("a", 3, 5)}...)
	require.ErrorIs(t, cleaning.WriteICS(brokenWriter{}, r.Jobs, nil, now), errBroken)
}
