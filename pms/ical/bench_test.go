package ical

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// largeFeed returns 1 000 all-day stays in the shape of Airbnb's feeds, some
// 300 bytes each.
func largeFeed() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("BEGIN:VCALENDAR")
	line("PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN")
	line("CALSCALE:GREGORIAN")
	line("VERSION:2.0")
	day := pms.Date{Year: 2026, Month: time.January, Day: 1}
	for i := range 1000 {
		line("BEGIN:VEVENT")
		line("DTSTAMP:20260601T080000Z")
		line("DTSTART;VALUE=DATE:%s", strings.ReplaceAll(day.AddDays(3*i).String(), "-", ""))
		line("DTEND;VALUE=DATE:%s", strings.ReplaceAll(day.AddDays(3*i+2).String(), "-", ""))
		line("SUMMARY:Reserved")
		line("UID:1418fb94e984-%032x@airbnb.com", i)
		line("DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de")
		line(` tails/HM%08d\nPhone (Last 4 Digits): %04d`, i, i%10000)
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return b.Bytes()
}

func TestLargeFeedIsReadAlikeByBothReaders(t *testing.T) {
	t.Parallel()
	data := largeFeed()
	cal, err := Parse(data)
	require.NoError(t, err)
	other, err := goical.NewDecoder(bytes.NewReader(data)).Decode()
	require.NoError(t, err)
	events := other.Events()
	require.Len(t, cal.Events, len(events))
	for i, want := range events {
		for name, got := range map[string]string{
			goical.PropUID:         cal.Events[i].UID,
			goical.PropSummary:     cal.Events[i].Summary,
			goical.PropDescription: cal.Events[i].Description,
		} {
			text, err := want.Props.Text(name)
			require.NoError(t, err)
			require.Equal(t, text, got)
		}
		start, err := want.DateTimeStart(time.UTC)
		require.NoError(t, err)
		require.Equal(t, start.Format("20060102"), cal.Events[i].Start.String())
	}
}

func BenchmarkParse(b *testing.B) {
	data := largeFeed()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGoICal(b *testing.B) {
	data := largeFeed()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := goical.NewDecoder(bytes.NewReader(data)).Decode(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseAgainstGoICal reads the same bytes with both readers in turn,
// so that a busy machine slows both, and reports how many times faster Parse is.
func BenchmarkParseAgainstGoICal(b *testing.B) {
	data := largeFeed()
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if _, err := goical.NewDecoder(bytes.NewReader(data)).Decode(); err != nil {
			b.Fatal(err)
		}
		ours += between.Sub(start)
		theirs += time.Since(between)
	}
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
}

// BenchmarkFeed is everything from bytes to classes.
func BenchmarkFeed(b *testing.B) {
	data := largeFeed()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		cal, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		stays, _ := cal.Stays(time.UTC)
		Rules{}.Classify(SourceAirbnb, stays)
	}
}

func BenchmarkClassify(b *testing.B) {
	cal, err := Parse(largeFeed())
	require.NoError(b, err)
	stays, _ := cal.Stays(time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		Rules{}.Classify(SourceAirbnb, stays)
	}
}
