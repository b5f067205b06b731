package wire

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"
)

// The fuzz targets hold two promises: no input panics, and what was read, once
// written again, is read as the same value.

func FuzzText(f *testing.F) {
	for _, seed := range []string{`"abc"`, `7`, `""`, `[]`, `{}`, `[ ]`, `null`, `false`, `true`, `"\u0434\\"`, "\"\xff\"", `{"a":[1,"]"]}`, `-1.5e3`, ``, `"`, ` `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var text Text
		if err := json.Unmarshal(data, &text); err != nil {
			if json.Valid(data) {
				t.Fatalf("%q is JSON and was refused: %v", data, err)
			}
			return
		}
		var plain string
		if json.Unmarshal(data, &plain) == nil && plain != string(text) {
			t.Fatalf("%q: got %q, want %q", data, text, plain)
		}
		quoted, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		var again Text
		if err := json.Unmarshal(quoted, &again); err != nil || (again != text && json.Valid([]byte(plain))) {
			t.Fatalf("%q: %q became %q, %v", data, text, again, err)
		}
		_ = text.Bool()
		_, _ = Int(text)
		_, _ = Count(text)
	})
}

func FuzzRecords(f *testing.F) {
	for _, seed := range []string{`[]`, `null`, `[1,"a,b",{"c":[2,3]}]`, `["\\\"]"]`, `[[[]]]`, "[\n1\t]", `{}`, `[1,]`, `["`, ``, "[\"\xff\"]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameRecords(t, data) })
}

// render writes a Stamp as RFC 3339 does, less what it does not state.
func render(s Stamp) Text {
	if s.IsZero() {
		return ""
	}
	text := s.Date.String()
	if s.HasTime {
		text += fmt.Sprintf("T%02d:%02d:%02d.%09d", s.Hour, s.Minute, s.Second, s.Nanos)
	}
	if s.HasOffset {
		sign, offset := '+', s.Offset
		if offset < 0 {
			sign, offset = '-', -offset
		}
		text += fmt.Sprintf("%c%02d:%02d", sign, offset/3600, offset%3600/60)
	}
	return Text(text)
}

func FuzzParseStamp(f *testing.F) {
	for _, seed := range []string{"", "2026-06-20", "0000-00-00 00:00:00", "2025-12-23 14:00:00+03", "2025-12-23T14:00:00.123456789Z", "2025-12-23t14:00 -0930", "2025-12-23T14:00:60Z", "2025-12-23T14:00:00+03:", "20.06.2026"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stamp, err := ParseStamp(Text(text))
		if err != nil {
			if stamp != (Stamp{}) {
				t.Fatalf("%q: %+v beside an error", text, stamp)
			}
			return
		}
		again, err := ParseStamp(render(stamp))
		if err != nil || again != stamp {
			t.Fatalf("%q: %+v, written as %q, is %+v, %v", text, stamp, render(stamp), again, err)
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil && stamp.HasOffset && !at.Equal(stamp.Time(nil)) {
			t.Fatalf("%q: %s, want %s", text, stamp.Time(nil), at)
		}
		if !stamp.IsZero() && !stamp.Date.IsValid() {
			t.Fatalf("%q: day %s", text, stamp.Date)
		}
		if stamp.HasTime && stamp.Clock().IsZero() {
			t.Fatalf("%q: no clock time", text)
		}
	})
}

func FuzzClock(f *testing.F) {
	for _, seed := range []string{"", "15:00", "9:30", "15:00:00", "3:00 PM", "12 am", "15", "24:00", "24", "900", "-1", ":", "AM", "15:", "ıAM"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clock, err := Clock(Text(text))
		if err != nil {
			return
		}
		again, err := Clock(Text(clock.String()))
		if err != nil || again != clock {
			t.Fatalf("%q: %s is read as %s, %v", text, clock, again, err)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"", "7", "-7.50", "56 700.00", "1\u00a0200", "1e3", "1,5", ".", "-", "5.", "--5"} {
		f.Add(seed)
	}
	plain := regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := Decimal(Text(text))
		if err != nil {
			return
		}
		if !plain.MatchString(amount) {
			t.Fatalf("%q gives %q", text, amount)
		}
		if again, err := Decimal(Text(amount)); err != nil || again != amount {
			t.Fatalf("%q: %q is read as %q, %v", text, amount, again, err)
		}
	})
}

func FuzzDateDMY(f *testing.F) {
	for _, seed := range []string{"", "20-06-2026", "20.06.2026", "00.00.0000", "29.02.2026", "20-06.2026", "31/12/2026"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		date, err := DateDMY(Text(text))
		if err != nil {
			return
		}
		written := fmt.Sprintf("%02d.%02d.%04d", date.Day, int(date.Month), date.Year)
		if again, err := DateDMY(Text(written)); err != nil || again != date {
			t.Fatalf("%q: %s is read as %s, %v", text, date, again, err)
		}
		if !date.IsZero() && !date.IsValid() {
			t.Fatalf("%q: %s", text, date)
		}
	})
}
