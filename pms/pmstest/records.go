package pmstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Records says where a vendor's JSON has what matters. Names are joined with
// dots: "data.bookings".
type Records struct {
	// List is the list of bookings in the answer. Empty means that the answer
	// is the list.
	List string
	// ID is the id in a record.
	ID string
	// Arrival are the fields of a record that state the day of arrival. Without
	// them the record cannot be read.
	Arrival []string
	// Status are the fields that state the status.
	Status []string
}

func recordScenarios() []scenario {
	return []scenario{
		{name: "bad-record", play: badRecord, needs: func(h Harness) string {
			if h.BreakRecord != nil {
				return needsHTTP(h)
			}
			return needsJSON(h)
		}},
		{name: "unknown-status", play: unknownStatus, needs: func(h Harness) string {
			if h.UnknownStatus != nil {
				return needsHTTP(h)
			}
			return needsJSON(h)
		}},
		{name: "record-no-object", play: recordNoObject, needs: needsJSON},
		{name: "record-without-id", play: recordWithoutID, needs: needsJSON},
		{name: "record-ids-as-text", play: recordIDs, needs: needsJSON},
		{name: "record-new-fields", play: recordNewFields, needs: needsJSON},
		{name: "record-null-fields", play: recordNullFields, needs: needsJSON},
		{name: "byte-order-mark", play: byteOrderMark, needs: needsJSON},
	}
}

// badRecord: a record that cannot be read is reported with its id, and all
// others are delivered.
func badRecord(s *scene) {
	ways := []func([]byte) ([]byte, string){s.h.BreakRecord}
	if s.h.BreakRecord == nil {
		ways = nil
		for _, value := range []any{"the day after tomorrow", nil, "2026-02-31", -1} {
			ways = append(ways, s.h.Records.breaks(value))
		}
	}
	for _, way := range ways {
		s.reset()
		var broken string
		s.breaks(s.h.IsBookings, 0, 0, sandbox.Rewrite(func(body []byte) []byte {
			if broken != "" {
				return body
			}
			body, broken = way(body)
			return body
		}))
		items, failed, err := s.list(s.connect(), s.paged())
		require.NoError(s, err, "one bad record fails the list")
		require.NotEmpty(s, broken, "no record was broken: the Harness does not find them")
		require.Len(s, failed, 1, "records that could not be read")
		assert.Equal(s, broken, failed[0].ID, "id of the bad record")
		assert.NotEmpty(s, failed[0].Vendor)
		assert.NotEmpty(s, failed[0].Record)
		assert.NotEmpty(s, failed[0].Raw, "raw form of the bad record")
		s.sameBookings(items, s.bookingsBut(broken))
	}
}

// bookingsBut is the truth without one reservation.
func (s *scene) bookingsBut(id string) []pms.Booking {
	return slices.DeleteFunc(s.bookings(pms.BookingQuery{}), func(b pms.Booking) bool { return reservation(b) == id })
}

// unknownStatus: a word that nobody knows is delivered as such.
func unknownStatus(s *scene) {
	const word = "teleported"
	change := s.h.UnknownStatus
	if change == nil {
		change = s.h.Records.status
	}
	var id string
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Rewrite(func(body []byte) []byte {
		if id != "" {
			return body
		}
		body, id = change(body, word)
		return body
	}))
	items, failed, err := s.list(s.connect(), s.paged())
	require.NoError(s, err)
	assert.Empty(s, failed)
	require.NotEmpty(s, id, "no status was changed: the Harness does not find it")
	found := false
	for _, b := range items {
		if reservation(b) != id {
			continue
		}
		found = true
		assert.Equal(s, pms.StatusUnknown, b.Status, "booking %s: status", b.ID)
		assert.Equal(s, word, b.RawStatus, "booking %s: raw status", b.ID)
	}
	assert.True(s, found, "booking %s with the unknown status was not delivered", id)
	s.sameBookings(slices.DeleteFunc(items, func(b pms.Booking) bool { return reservation(b) == id }), s.bookingsBut(id))
}

// edited lists bookings while the records of every answer are changed.
func (s *scene) edited(fn func(records []any) []any) ([]pms.Booking, []*pms.RecordError, error) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Rewrite(func(body []byte) []byte { return s.h.Records.edit(body, fn) }))
	return s.list(s.connect(), s.paged())
}

// recordNoObject: what is no record at all is reported too.
func recordNoObject(s *scene) {
	for _, junk := range []any{7, "x", []any{1}, nil} {
		s.reset()
		var id string
		items, failed, err := s.edited(func(records []any) []any {
			if i := len(records) / 2; id == "" && len(records) > 0 {
				id = s.h.Records.id(records[i])
				records[i] = junk
			}
			return records
		})
		require.NoError(s, err, "%v among the records fails the list", junk)
		if assert.Len(s, failed, 1, "reports of %v among the records", junk) {
			assert.NotEmpty(s, failed[0].ID)
		}
		s.sameBookings(items, s.bookingsBut(id))
	}
}

func recordWithoutID(s *scene) {
	for _, empty := range []any{nil, "", false} {
		s.reset()
		var id string
		items, failed, err := s.edited(func(records []any) []any {
			if i := len(records) / 2; id == "" && len(records) > 0 {
				id = s.h.Records.id(records[i])
				put(records[i], s.h.Records.ID, empty)
			}
			return records
		})
		require.NoError(s, err)
		if assert.Len(s, failed, 1, "reports of a record with the id %v", empty) {
			assert.NotEmpty(s, failed[0].ID)
		}
		s.sameBookings(items, s.bookingsBut(id))
	}
}

// recordIDs: an id is the same id as a number and as text.
func recordIDs(s *scene) {
	s.use(s.everything())
	items, failed, err := s.edited(func(records []any) []any {
		for _, r := range records {
			switch id := get(r, s.h.Records.ID).(type) {
			case json.Number:
				put(r, s.h.Records.ID, id.String())
			case string:
				if _, err := strconv.ParseInt(id, 10, 64); err == nil {
					put(r, s.h.Records.ID, json.Number(id))
				}
			}
		}
		return records
	})
	require.NoError(s, err)
	assert.Empty(s, failed)
	s.sameBookings(items, s.bookings(pms.BookingQuery{}))
}

func recordNewFields(s *scene) {
	s.use(s.everything())
	items, failed, err := s.edited(func(records []any) []any {
		for i, r := range records {
			if object, ok := r.(map[string]any); ok {
				object["pmstest_new"] = []any{map[string]any{"since": "yesterday"}, i, nil}
			}
		}
		return records
	})
	require.NoError(s, err)
	assert.Empty(s, failed)
	s.sameBookings(items, s.bookings(pms.BookingQuery{}))
}

// recordNullFields empties the fields of the records in turn, in every way
// that vendors have: each record is delivered or reported, and none is lost.
func recordNullFields(s *scene) {
	for _, empty := range []any{nil, "", false, []any{}, map[string]any{}, json.Number("0")} {
		s.reset()
		n := 0
		items, failed, err := s.edited(func(records []any) []any {
			for _, r := range records {
				object, _ := r.(map[string]any)
				names := slices.DeleteFunc(slices.Sorted(maps.Keys(object)), s.h.Records.needs)
				if len(names) > 0 {
					object[names[n%len(names)]] = empty
					n++
				}
			}
			return records
		})
		require.NoError(s, err, "fields that are %v fail the list", empty)
		seen := map[string]bool{}
		for _, b := range items {
			seen[reservation(b)] = true
		}
		for _, bad := range failed {
			id, _, _ := strings.Cut(bad.ID, "#")
			seen[id] = true
		}
		for _, b := range s.bookings(pms.BookingQuery{}) {
			assert.True(s, seen[reservation(b)], "a field that is %v: booking %s is neither delivered nor reported", empty, b.ID)
		}
	}
}

func byteOrderMark(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Rewrite(func(body []byte) []byte { return append([]byte("\xef\xbb\xbf"), body...) }))
	s.complete(s.connect(), s.paged())
}

// edit changes the list of records in a body. A body without one stays as it
// is.
func (r Records) edit(body []byte, fn func([]any) []any) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var root any
	if err := dec.Decode(&root); err != nil {
		return body
	}
	records, ok := get(root, r.List).([]any)
	if !ok {
		return body
	}
	records = fn(records)
	if r.List == "" {
		root = records
	} else {
		put(root, r.List, records)
	}
	out, err := json.Marshal(root)
	if err != nil {
		return body
	}
	return out
}

func (r Records) empty(body []byte) []byte {
	return r.edit(body, func([]any) []any { return []any{} })
}

func (r Records) breaks(value any) func([]byte) ([]byte, string) {
	return func(body []byte) ([]byte, string) { return r.set(body, r.Arrival, value) }
}

func (r Records) status(body []byte, word string) ([]byte, string) {
	return r.set(body, r.Status, word)
}

// set gives fields of the record in the middle a value, and returns its id.
func (r Records) set(body []byte, fields []string, value any) (changed []byte, id string) {
	changed = r.edit(body, func(records []any) []any {
		if len(records) > 0 {
			middle := records[len(records)/2]
			id = r.id(middle)
			for _, field := range fields {
				put(middle, field, value)
			}
		}
		return records
	})
	return changed, id
}

func (r Records) id(record any) string { return fmt.Sprint(get(record, r.ID)) }

// needs reports whether a top-level field of a record holds its id or days.
func (r Records) needs(name string) bool {
	return slices.ContainsFunc(append([]string{r.ID}, r.Arrival...), func(path string) bool {
		first, _, _ := strings.Cut(path, ".")
		return first == name
	})
}

// get returns what is at a path of names, or nil.
func get(v any, path string) any {
	if path == "" {
		return v
	}
	for name := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// put sets what is at a path of names, if there is an object for it.
func put(v any, path string, value any) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		v, path = get(v, path[:i]), path[i+1:]
	}
	if object, ok := v.(map[string]any); ok {
		object[path] = value
	}
}
