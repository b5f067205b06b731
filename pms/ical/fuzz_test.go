package ical

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func FuzzParse(f *testing.F) {
	for _, path := range feedFiles(f, "testdata") {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("BEGIN:VCALENDAR\rBEGIN:VEVENT\rDTSTART:20260620\rEND:VEVENT\rEND:VCALENDAR"))
	f.Add([]byte("\ufeffBEGIN:VCALENDAR\n \n\t\nBEGIN:VEVENT\nDTSTART;TZID=\"a:b\":20260620T000000\nDURATION:P1DT2H\nEND:VEVENT\nEND:VCALENDAR"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cal, err := Parse(data)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(cal.Events)+len(cal.Failed), cal.Count)
		var plain []Event
		for _, e := range cal.Events {
			require.NotEmpty(t, e.UID)
			require.NotEqual(t, FormNone, e.Start.Form)
			require.True(t, e.Start.Date.IsValid())
			require.True(t, utf8.ValidString(e.UID+e.Summary+e.Description))
			if e.writable() && utf8.ValidString(e.Status+e.RecurrenceID) {
				plain = append(plain, e)
			}
		}
		checkStays(t, cal)
		checkRewritten(t, plain)
	})
}

func checkStays(t *testing.T, cal Calendar) {
	t.Helper()
	for _, zone := range []*time.Location{nil, time.UTC, time.FixedZone("west", -11*3600)} {
		stays, failed := cal.Stays(zone)
		require.Len(t, cal.Events, len(stays)+len(failed))
		for _, s := range stays {
			require.False(t, s.Departure.Before(s.Arrival))
			require.True(t, s.Arrival.IsValid() && s.Departure.IsValid())
		}
	}
}

// checkRewritten writes the events and reads them again: the days and texts
// must be the same.
func checkRewritten(t *testing.T, events []Event) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, Calendar{Events: events}, stamp))
	again, err := Parse(b.Bytes())
	if err != nil {
		require.ErrorIs(t, err, pms.ErrTooLarge, "escapes and folds make a feed longer")
		return
	}
	require.Empty(t, again.Failed)
	if len(again.Events) != len(events) {
		return // control characters are not written, and were all that told two UIDs apart
	}
	for i, e := range again.Events {
		require.Equal(t, events[i].Start, e.Start)
		require.Equal(t, events[i].End, e.End)
		require.Equal(t, events[i].Duration, e.Duration)
	}
}

func FuzzClassify(f *testing.F) {
	for _, summary := range []string{
		"Reserved", "Airbnb (Not available)", "CLOSED – Not available", "Réservée - Zoé", "Provisoire - x", "RC(1)", "Check-in",
		"Anna (Booking.com) - by Hostaway", "Tripadvisor: x", "Anna (HMTEST1234)", "\xff\xfe", " - ", "(((",
	} {
		f.Add(summary, "Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\nCheck-in: 4 PM", "x@booking.com", "TENTATIVE", 3)
	}
	f.Fuzz(func(t *testing.T, summary, description, uid, status string, nights int) {
		start := pms.Date{Year: 2026, Month: time.June, Day: 20}
		stays := []Stay{{
			Event:   Event{UID: uid, Summary: summary, Description: description, Status: status},
			Arrival: start, Departure: start.AddDays(nights % 400),
		}}
		for _, source := range []Source{SourceUnknown, SourceAirbnb, SourceBooking, SourceVrbo, SourceSmoobu} {
			class := Rules{TrustTimes: true, Words: Words{Block: []string{"x"}}}.Classify(source, stays)[0]
			require.Contains(t, []pms.Kind{pms.KindGuest, pms.KindBlock, pms.KindUnknown}, class.Kind)
			require.NotEmpty(t, class.Status)
			require.NotEmpty(t, class.Rule)
			require.LessOrEqual(t, len(class.Guest.Name), maxName)
			if class.Kind != pms.KindGuest {
				require.Equal(t, pms.Guest{}, class.Guest)
			}
			require.Equal(t, class, Rules{TrustTimes: true, Words: Words{Block: []string{"x"}}}.Classify(source, stays)[0])
			private := Rules{DropPersonalData: true}.Classify(source, stays)[0]
			require.Equal(t, pms.Guest{}, private.Guest)
		}
		once := tidy(summary)
		require.Equal(t, once, tidy(once))
		require.Equal(t, fold(summary), fold(fold(summary)))
	})
}

// feedFiles lists the .ics files of a folder.
func feedFiles(tb testing.TB, dir string) []string {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.ics"))
	require.NoError(tb, err)
	return paths
}
