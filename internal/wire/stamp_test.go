package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func TestParseStamp(t *testing.T) {
	t.Parallel()
	at := func(s Stamp) Stamp {
		s.Date, s.HasTime = day(2025, 12, 23), true
		return s
	}
	const hour = 3600
	for in, want := range map[Text]Stamp{
		"":                                    {},
		" \n":                                 {},
		"0000-00-00":                          {},
		"0000-00-00 00:00:00":                 {},
		"0000-00-00T00:00:00Z":                {},
		"2025-12-23":                          {Date: day(2025, 12, 23)},
		"2025-12-23 14:00":                    at(Stamp{Hour: 14}),
		"2025-12-23T14:05":                    at(Stamp{Hour: 14, Minute: 5}),
		"2025-12-23t14:05:06z":                at(Stamp{Hour: 14, Minute: 5, Second: 6, HasOffset: true}),
		"2025-12-23 14:00:00+03":              at(Stamp{Hour: 14, HasOffset: true, Offset: 3 * hour}),
		"2025-12-23 14:00:00 +03":             at(Stamp{Hour: 14, HasOffset: true, Offset: 3 * hour}),
		"2025-12-23 14:00:00+0300":            at(Stamp{Hour: 14, HasOffset: true, Offset: 3 * hour}),
		"2025-12-23 14:00+03:00":              at(Stamp{Hour: 14, HasOffset: true, Offset: 3 * hour}),
		"2025-12-23T14:00:00-09:30":           at(Stamp{Hour: 14, HasOffset: true, Offset: -(9*hour + hour/2)}),
		"2025-12-23T14:00:00-00:00":           at(Stamp{Hour: 14, HasOffset: true}),
		"2025-12-23T14:00:00+14:00":           at(Stamp{Hour: 14, HasOffset: true, Offset: 14 * hour}),
		"2025-12-23T14:00:00Z":                at(Stamp{Hour: 14, HasOffset: true}),
		"2025-12-23T14:00:00.5Z":              at(Stamp{Hour: 14, Nanos: 500_000_000, HasOffset: true}),
		"2025-12-23T14:00:00.000001":          at(Stamp{Hour: 14, Nanos: 1000}),
		"2025-12-23T14:00:00.123456789987+03": at(Stamp{Hour: 14, Nanos: 123_456_789, HasOffset: true, Offset: 3 * hour}),
		"2025-12-23T23:59:60Z":                at(Stamp{Hour: 23, Minute: 59, Second: 60, HasOffset: true}),
		" 2025-12-23  00:00:00 ":              at(Stamp{}),
	} {
		got, err := ParseStamp(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
		assert.Equal(t, want == Stamp{}, got.IsZero(), string(in))
	}
	for _, in := range []Text{
		"2025", "2025-12", "2025-12-2", "2025/12/23", "20251223T140000Z", "23-12-2025", "2025-02-29", "2025-12-23X14:00",
		"2025-12-23T", "2025-12-23T14", "2025-12-23T1:00", "2025-12-23T14:0", "2025-12-23T14:00:", "2025-12-23T14:00:0", "2025-12-23T24:00", "2025-12-23T14:60", "2025-12-23T14:00:61",
		"2025-12-23T14:00:00.", "2025-12-23T14:00:00,5", "2025-12-23T14:00:00.5x", "2025-12-23T14:00:00x",
		"2025-12-23T14:00:00+", "2025-12-23T14:00:00+3", "2025-12-23T14:00:00+030", "2025-12-23T14:00:00+15:00", "2025-12-23T14:00:00+03:60", "2025-12-23T14:00:00+0:300", "2025-12-23T14:00:00+03:", "2025-12-23T14:00:00+03:00:00", "2025-12-23T14:00:00Z03", "2025-12-23T14:00:00+ab",
		"2025-12-23 2 PM", "1766488800", "null", "[]",
	} {
		got, err := ParseStamp(in)
		require.EqualError(t, err, "not a date and time", string(in))
		assert.Zero(t, got)
	}
}

func TestStampClock(t *testing.T) {
	t.Parallel()
	parse := func(in Text) Stamp {
		s, err := ParseStamp(in)
		require.NoError(t, err)
		return s
	}
	assert.Equal(t, clock(t, 14, 5), parse("2025-12-23 14:05:59+03").Clock())
	assert.Equal(t, clock(t, 0, 0), parse("2025-12-23 00:00").Clock(), "midnight is a time")
	assert.Zero(t, parse("2025-12-23").Clock())
	assert.Zero(t, Stamp{}.Clock())
	assert.Zero(t, Stamp{HasTime: true, Hour: 99}.Clock())
}

func TestStampTime(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("MSK", 3*3600)
	for in, want := range map[Text]string{
		"2025-12-23 14:00:00":       "2025-12-23T14:00:00+03:00",
		"2025-12-23 14:00:00Z":      "2025-12-23T14:00:00Z",
		"2025-12-23 14:00:00-05:30": "2025-12-23T14:00:00-05:30",
		"2025-12-23":                "2025-12-23T00:00:00+03:00",
		"2025-12-23T23:59:60Z":      "2025-12-24T00:00:00Z",
	} {
		assert.Equal(t, want, TimeOrZero(in, moscow).Format(time.RFC3339), string(in))
	}
	for _, in := range []Text{"", "0000-00-00", "yesterday"} {
		assert.Zero(t, TimeOrZero(in, moscow))
	}
	assert.Zero(t, TimeOrZero("2025-12-23 14:00:00", nil), "no zone is guessed")
	assert.False(t, TimeOrZero("2025-12-23 14:00:00Z", nil).IsZero())
}

func TestStampZone(t *testing.T) {
	t.Parallel()
	assert.Equal(t, time.UTC, Stamp{}.Zone(time.UTC))
	assert.Nil(t, Stamp{}.Zone(nil))
	_, offset := time.Unix(0, 0).In(Stamp{HasOffset: true, Offset: -5400}.Zone(time.UTC)).Zone()
	assert.Equal(t, -5400, offset)
}

func TestStampAgreesWithTimeParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset in minutes"))
		seconds := rapid.Int64Range(-62_135_500_000, 253_402_200_000).Draw(t, "seconds") // years 1 to 9999
		nanos := rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")
		layout := rapid.SampledFrom([]string{time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05.000Z07:00"}).Draw(t, "layout")
		text := time.Unix(seconds, nanos).In(zone).Format(layout)
		want, err := time.Parse(layout, text)
		if err != nil {
			t.Fatal(err)
		}
		stamp, err := ParseStamp(Text(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := stamp.Time(nil)
		_, gotOffset := got.Zone()
		_, wantOffset := want.Zone()
		if !got.Equal(want) || gotOffset != wantOffset {
			t.Fatalf("%s: got %s, want %s", text, got, want)
		}
		if year, month, d := want.Date(); stamp.Date != (pms.Date{Year: year, Month: month, Day: d}) {
			t.Fatalf("%s: day %s", text, stamp.Date)
		}
	})
}
