package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func day(year int, month time.Month, day int) pms.Date {
	return pms.Date{Year: year, Month: month, Day: day}
}

func clock(t *testing.T, hour, minute int) pms.Clock {
	t.Helper()
	c, err := pms.NewClock(hour, minute)
	require.NoError(t, err)
	return c
}

func TestInt(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]int{
		"": 0, " ": 0, "0": 0, "7": 7, "-7": -7, "007": 7, "7.0": 7, "7.000": 7, " 1 200 ": 1200,
		"1\u00a0200": 1200, "1\u202f200": 1200, "-1 200.00": -1200, "9223372036854775807": 9223372036854775807,
	} {
		got, err := Int(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
	}
	for _, in := range []Text{"7.5", "7.0x", "1e3", "seven", "true", "7,0", "0x7", "9223372036854775808", ".", "-", "[1]", `{"a":1}`, "٧"} {
		got, err := Int(in)
		require.EqualError(t, err, "not a whole number", string(in))
		assert.Zero(t, got)
		assert.Zero(t, IntOrZero(in))
	}
	assert.Equal(t, 7, IntOrZero("7.0"))
}

func TestCount(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]int{"": 0, "0": 0, "2": 2, "2.0": 2, "1000": 1000} {
		got, err := Count(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
		assert.Equal(t, want, CountOrZero(in), string(in))
	}
	for _, in := range []Text{"-1", "1001", "10000", "two", "2.5"} {
		_, err := Count(in)
		require.EqualError(t, err, "not a whole number", string(in))
		assert.Zero(t, CountOrZero(in))
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]string{
		"": "", " ": "", "0": "0", "7": "7", "-7.50": "-7.50", "56 700.00": "56700.00", "56\u00a0700.00": "56700.00",
		"1\u202f234\u202f567.8": "1234567.8", "- 5": "-5", "12345678901234567890.123456789": "12345678901234567890.123456789", "0.10": "0.10",
	} {
		got, err := Decimal(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
		assert.Equal(t, want, DecimalOrEmpty(in), string(in))
	}
	for _, in := range []Text{"1e3", "1,5", "1.234,56", "5.", ".5", "-", "--5", "+5", "5-", "NaN", "Infinity", "$5", "5 RUB", "1.2.3", "true", "[5]", "٥"} {
		got, err := Decimal(in)
		require.EqualError(t, err, "not an amount", string(in))
		assert.Empty(t, got)
		assert.Empty(t, DecimalOrEmpty(in))
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]pms.Date{
		"": {}, " ": {}, "0000-00-00": {}, "0000-00-00 00:00:00": {},
		"2026-06-20":                day(2026, 6, 20),
		" 2026-06-20 ":              day(2026, 6, 20),
		"2024-02-29":                day(2024, 2, 29),
		"2026-12-31T00:00:00Z":      day(2026, 12, 31),
		"2026-12-31T23:59:59-11:00": day(2026, 12, 31),
		"2026-12-31T00:00:00+14:00": day(2026, 12, 31),
		"2026-12-31 14:00":          day(2026, 12, 31),
	} {
		got, err := Date(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
	}
	for _, in := range []Text{"2026-02-29", "2026-13-01", "2026-00-10", "2026-06-31", "0000-01-01", "31/12/2026", "20-06-2026", "2026-6-2", "20260620", "2026-06-20x", "2026-06-20T", "tomorrow", "1750377600", "-026-06-20", "2026-06-2٠"} {
		got, err := Date(in)
		require.EqualError(t, err, "not a date", string(in))
		assert.Zero(t, got)
	}
}

func TestDateDMY(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]pms.Date{
		"": {}, " ": {}, "00-00-0000": {}, "00.00.0000": {},
		"20-06-2026": day(2026, 6, 20), "20.06.2026": day(2026, 6, 20), " 01.02.2026\n": day(2026, 2, 1), "29.02.2024": day(2024, 2, 29),
	} {
		got, err := DateDMY(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
	}
	for _, in := range []Text{"31/12/2026", "20-06.2026", "2026-06-20", "29.02.2026", "32.01.2026", "01.13.2026", "1.2.2026", "20.06.26", "20.06.2026 14:00", "01.01.0000", "дд.мм.гг"} {
		got, err := DateDMY(in)
		require.EqualError(t, err, "not a date", string(in))
		assert.Zero(t, got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]pms.Clock{
		"": {}, " ": {}, "24:00": {}, "24:00:00": {},
		"00:00": clock(t, 0, 0), "0:00": clock(t, 0, 0), "15:00": clock(t, 15, 0), "9:30": clock(t, 9, 30), "15:00:00": clock(t, 15, 0), "15:30:59": clock(t, 15, 30), "15": clock(t, 15, 0), "0": clock(t, 0, 0), " 15:00 ": clock(t, 15, 0),
		"3:00 PM": clock(t, 15, 0), "3:00pm": clock(t, 15, 0), "3 PM": clock(t, 15, 0), "03:05 am": clock(t, 3, 5), "12:00 AM": clock(t, 0, 0), "12:30 PM": clock(t, 12, 30), "12 am": clock(t, 0, 0), "11:59:59 PM": clock(t, 23, 59),
	} {
		got, err := Clock(in)
		require.NoError(t, err, string(in))
		assert.Equal(t, want, got, string(in))
		assert.Equal(t, want, ClockOrZero(in), string(in))
	}
	for _, in := range []Text{"24", "25:00", "24:01", "-1", "900", "1500", "15:60", "15:0", "15:", "15:00:", "15:00:60", "15::00", ":30", "15:00:00:00", "15.5", "15-00", "0:30 AM", "13:00 PM", "AM", "PM", "noon", "15:00Z", "true", "15:0٠"} {
		got, err := Clock(in)
		require.EqualError(t, err, "not a clock time", string(in))
		assert.Zero(t, got)
		assert.Zero(t, ClockOrZero(in))
	}
}
