package pmstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// some is a world of three pages.
func (s *scene) some() *sandbox.World {
	return sandbox.NewWorld(1, sandbox.Options{Clock: time.Now, Properties: 4, Stays: max(18, 3*s.h.PageSize), Blocks: 2})
}

// everything is a world with every sort of stay.
func (s *scene) everything() *sandbox.World {
	w := sandbox.NewWorld(1, sandbox.Options{Clock: time.Now, Stays: max(60, 3*s.h.PageSize)})
	for _, sort := range sortsOfStay() {
		if err := sort.add(w, w.Units()); err != nil {
			s.Errorf("world: %s: %v", sort.name, err)
		}
	}
	return w
}

// bookings is what a list of the query must be.
func (s *scene) bookings(q pms.BookingQuery) []pms.Booking {
	var out []pms.Booking
	for _, b := range s.world.Bookings() {
		b.Vendor = s.vendor
		stay := s.stay(b)
		if s.h.Booking != nil && !s.h.Booking(s.world, stay, &b) {
			continue
		}
		if q.Matches(b) {
			out = append(out, b)
		}
	}
	return out
}

// details is what GetBooking must say of the bookings of the list that belong
// to one reservation.
func (s *scene) details(id string) []pms.Booking {
	var out []pms.Booking
	for _, b := range s.world.Bookings() {
		b.Vendor = s.vendor
		stay := s.stay(b)
		if s.h.Booking != nil && !s.h.Booking(s.world, stay, &b) || reservation(b) != id {
			continue
		}
		if s.h.Detail != nil {
			s.h.Detail(s.world, stay, &b)
		}
		out = append(out, b)
	}
	return out
}

// stay returns the stay behind a booking of the truth.
func (s *scene) stay(b pms.Booking) sandbox.Stay {
	id, _, _ := strings.Cut(b.ID, "#")
	stay, _ := s.world.Stay(id)
	return stay
}

// reservation is the vendor's id.
func reservation(b pms.Booking) string {
	if b.GroupID != "" {
		return b.GroupID
	}
	id, _, _ := strings.Cut(b.ID, "#")
	return id
}

func (s *scene) properties() []pms.Property {
	var out []pms.Property
	for _, p := range s.world.Properties() {
		p.Vendor = s.vendor
		if s.h.Property == nil || s.h.Property(s.world, &p) {
			out = append(out, p)
		}
	}
	return out
}

// sameBookings compares two lists in any order. A booking may come twice, as
// the contract allows, if it is the same both times.
func (s *scene) sameBookings(got, want []pms.Booking) bool {
	for _, b := range got {
		if len(b.Raw) == 0 || !json.Valid(b.Raw) {
			s.Errorf("booking %s: Raw is not the vendor's record as JSON", b.ID)
			return false
		}
	}
	return s.same("booking", fieldsOf(got), fieldsOf(want))
}

// record is a value of the model by its JSON names.
type record map[string]any

func fieldsOf[T pms.Booking | pms.Property](values []T) []record {
	out := make([]record, len(values))
	for i, v := range values {
		if b, ok := any(&v).(*pms.Booking); ok {
			b.CreatedAt, b.UpdatedAt = b.CreatedAt.UTC(), b.UpdatedAt.UTC()
		}
		data, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(data, &out[i])
		}
		if err != nil {
			out[i] = record{"id": fmt.Sprintf("#%d", i), "error": err.Error()}
		}
	}
	return out
}

// mostShown is how many differences are worth reading.
const mostShown = 12

func (s *scene) same(what string, got, want []record) bool {
	var wrong []string
	have := map[string]record{}
	for _, r := range got {
		id := fmt.Sprint(r["id"])
		if earlier, twice := have[id]; twice && !reflect.DeepEqual(earlier, r) {
			wrong = append(wrong, fmt.Sprintf("%s %s came twice and differs: %s", what, id, differences(r, earlier)))
		}
		have[id] = r
	}
	for _, r := range want {
		id := fmt.Sprint(r["id"])
		found, ok := have[id]
		delete(have, id)
		switch {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s %s is missing", what, id))
		case !reflect.DeepEqual(found, r):
			wrong = append(wrong, fmt.Sprintf("%s %s: %s", what, id, differences(found, r)))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(have)) {
		wrong = append(wrong, fmt.Sprintf("%s %s should not be there", what, id))
	}
	if len(wrong) == 0 {
		return true
	}
	if more := len(wrong) - mostShown; more > 0 {
		wrong = append(wrong[:mostShown], fmt.Sprintf("and %d more", more))
	}
	s.Errorf("%d came, %d expected:\n\t%s", len(got), len(want), strings.Join(wrong, "\n\t"))
	return false
}

func differences(got, want record) string {
	names := maps.Clone(got)
	maps.Copy(names, want)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reflect.DeepEqual(got[name], want[name]) {
			out = append(out, fmt.Sprintf("%s is %v, want %v", name, got[name], want[name]))
		}
	}
	return strings.Join(out, "; ")
}
