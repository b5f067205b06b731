package pms

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func digest(t require.TestingT, b Booking) uint64 {
	d, err := digestOf(b)
	require.NoError(t, err)
	return d
}

// A digest is stored for years: it must not depend on the version, and every
// field that means something must be in it.
func TestDigest(t *testing.T) {
	t.Parallel()
	b := Booking{
		Vendor: "bnovo", ID: "77#2", GroupID: "77", PropertyID: "101", Kind: KindGuest, Status: StatusConfirmed, RawStatus: "3",
		Arrival: Date{Year: 2026, Month: 11, Day: 21}, Departure: Date{Year: 2026, Month: 11, Day: 24},
		ArrivalTime: Clock{value: 901}, DepartureTime: Clock{value: 661}, TimeZone: "Europe/Moscow",
		Guests: Guests{1, 2, 3, 4, 6}, Guest: Guest{"Vera", "v@example.org", "+7900", "ru"},
		Channel: "airbnb", Code: "HM", Total: Money{"18600.50", "RUB"}, Notes: "late",
		CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(2, 0), Raw: json.RawMessage("{}"),
	}
	base := digest(t, b)
	require.Equal(t, uint64(0xe00e9a67349b55e1), base, "stored digests must stay valid")
	require.Equal(t, uint64(0x9312b1bc76d77b9d), digest(t, Booking{}), "stored digests must stay valid")
	without := map[string]bool{"CreatedAt": true, "UpdatedAt": true, "Raw": true}
	walkFields(reflect.ValueOf(&b).Elem(), "", func(field reflect.Value, name string) {
		old := reflect.New(field.Type()).Elem()
		old.Set(field)
		require.False(t, field.IsZero(), "%s is not in the test", name)
		field.SetZero()
		require.Equal(t, without[name], digest(t, b) == base, name)
		field.Set(old)
	})
	require.Equal(t, base, digest(t, b))
}

func walkFields(v reflect.Value, path string, visit func(reflect.Value, string)) {
	for i := range v.NumField() {
		name := path + v.Type().Field(i).Name
		switch field := v.Field(i); field.Interface().(type) {
		case Guests, Guest, Money:
			walkFields(field, name+".", visit)
		default:
			visit(field, name)
		}
	}
}

func TestSyncEntryText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.Custom(func(t *rapid.T) Date {
			if rapid.Bool().Draw(t, "unknown") {
				return Date{}
			}
			return Date{Year: 2026, Month: 1, Day: 1}.AddDays(rapid.IntRange(-9999, 9999).Draw(t, "day"))
		})
		e := syncEntry{
			digest: rapid.Uint64().Draw(t, "digest"), arrival: day.Draw(t, "arrival"), departure: day.Draw(t, "departure"),
			part: rapid.Bool().Draw(t, "part"), cancelled: rapid.Bool().Draw(t, "cancelled"), misses: rapid.IntRange(0, 99).Draw(t, "misses"),
		}
		if e.misses > 0 {
			e.missedAt = rapid.Int64().Draw(t, "missed at")
		}
		text, err := e.MarshalText()
		require.NoError(t, err)
		var read syncEntry
		require.NoError(t, read.UnmarshalText(text))
		require.Equal(t, e, read)
	})
	text, err := syncEntry{digest: 35, arrival: Date{Year: 2026, Month: 6, Day: 1}, part: true, cancelled: true, misses: 2, missedAt: 1790000000}.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "z 2026-06-01 - p c m2@1790000000", string(text))
}

func TestReservationOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, group, want string }{
		{"77", "", "77"},
		{"77#2", "77", "77"},
		{"77#2#3", "77", "77"},
		{"77", "G", "77"},
		{"loft/uid#1", "", "loft/uid#1"}, // a UID may hold a "#"
		{"77#2", "7", "77#2"},
	} {
		b := Booking{ID: c.id, GroupID: c.group}
		require.Equal(t, c.want, reservationOf(b))
		e, err := newSyncEntry(b)
		require.NoError(t, err)
		require.Equal(t, c.want, e.reservation(c.id))
	}
}

// A checkpoint comes from storage: whatever is in there, it is refused or it is
// read, and what is read is written again as it was.
func FuzzSyncCheckpoint(f *testing.F) {
	f.Add([]byte(`{"version":1,"vendor":"v","cursor":"7","scanned":"2026-11-21T09:00:00Z","bookings":{"101":{"a":"z 2026-06-01 -","b#1":"1 - - p c m2@17"}}}`))
	f.Add([]byte(`{"version":1,"vendor":"v","bookings":{"":{"":"0 - -"}}}`))
	f.Add([]byte(`{"version":1,"vendor":"v","bookings":{"1":{"a":"z 2026-06-01 - x"},"2":{"a":"z - - m@"}}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		state, err := decodeSyncState(data, "v")
		if err != nil {
			require.ErrorIs(t, err, ErrBadCheckpoint)
			return
		}
		first, err := state.encode()
		if err != nil {
			return // a year that RFC 3339 cannot write
		}
		again, err := decodeSyncState(first, "v")
		require.NoError(t, err)
		second, err := again.encode()
		require.NoError(t, err)
		require.JSONEq(t, string(first), string(second))
	})
}

// The index of parts follows the bookings.
func TestSyncStateParts(t *testing.T) {
	t.Parallel()
	s, err := decodeSyncState(nil, "v")
	require.NoError(t, err)
	s.put("x#B", syncEntry{part: true})
	s.put("x#A", syncEntry{part: true})
	s.put("x", syncEntry{})
	s.put("y", syncEntry{})
	require.Equal(t, []string{"x", "x#A", "x#B"}, s.of("x"))
	s.drop("x#A")
	s.drop("x")
	s.drop("none")
	require.Equal(t, []string{"x#B"}, s.of("x"))
	s.put("x#B", syncEntry{}) // no part any more
	require.Empty(t, s.of("x"))
	require.Empty(t, s.parts)
	require.Equal(t, []string{"x#B"}, s.of("x#B"))
	require.Equal(t, []string{"y"}, s.of("y"))
	require.Empty(t, s.of(fmt.Sprint(1)))
}
