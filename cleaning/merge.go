package cleaning

import (
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// calendarVendor is the vendor of iCalendar feeds, which know less than an API.
const calendarVendor = "ical"

// merge turns records, ordered by compareRecords, into stays. Only records that
// share a night, or exactly their days, are compared.
func (b *buffers) merge() []*stay {
	b.stays = slices.Grow(b.stays[:0], len(b.people))
	b.arrivals = b.arrivals[:0]
	keys := make([]pms.Key, 0, len(b.people)) // stays in the result
	closeList := func(list *record) {
		b.stays = append(b.stays, stay{})
		s := &b.stays[len(b.stays)-1]
		s.init(list, &keys)
		b.arrivals = append(b.arrivals, s)
	}
	open := b.open[:0] // lists of records that may still meet the next one
	for _, r := range b.people {
		open = slices.DeleteFunc(open, func(list *record) bool {
			over := lastDay(list) < r.arr
			if over {
				closeList(list)
			}
			return over
		})
		if at := slices.IndexFunc(open, func(list *record) bool { return meets(list, r) }); at >= 0 {
			r.next, open[at] = open[at], r
		} else {
			open = append(open, r)
		}
	}
	for _, list := range open {
		closeList(list)
	}
	b.open = open
	return b.arrivals
}

func lastDay(list *record) int {
	day := list.dep
	for r := list.next; r != nil; r = r.next {
		day = max(day, r.dep)
	}
	return day
}

func meets(list, r *record) bool {
	for ; list != nil; list = list.next {
		if sameStay(list, r) {
			return true
		}
	}
	return false
}

// sameStay reports whether two records of one property show one stay.
func sameStay(a, b *record) bool {
	sameDays := a.arr == b.arr && a.dep == b.dep
	if !sameDays && (a.arr >= b.dep || b.arr >= a.dep) {
		return false
	}
	x, y := a.booking, b.booking
	identified := sameCode(x, y) || sameGuest(x.Guest, y.Guest)
	switch {
	case x.Vendor != y.Vendor:
		return identified || sameDays && !differentGuests(x.Guest, y.Guest)
	case x.Vendor == calendarVendor && x.Channel != y.Channel:
		// Two feeds of one property: a channel shows the nights that another one
		// sold as closed, without saying who comes.
		return identified || sameDays && (anonymous(x) || anonymous(y))
	default:
		// One vendor has two ids for one stay only when it has issued a new one.
		return sameCode(x, y) || a.arr == b.arr && sameGuest(x.Guest, y.Guest)
	}
}

func sameCode(a, b *pms.Booking) bool { return a.Code != "" && strings.EqualFold(a.Code, b.Code) }

func anonymous(b *pms.Booking) bool { return b.Code == "" && b.Guest == (pms.Guest{}) }

// sameGuest reports whether phone, e-mail or full name agree.
func sameGuest(a, b pms.Guest) bool {
	return a.Email != "" && strings.EqualFold(a.Email, b.Email) ||
		samePhone(a.Phone, b.Phone, 4) ||
		sameName(a.Name, b.Name)
}

// differentGuests reports whether both phones and names are stated and
// contradict each other.
func differentGuests(a, b pms.Guest) bool {
	return len(digits(a.Phone)) >= 7 && len(digits(b.Phone)) >= 7 && !samePhone(a.Phone, b.Phone, 7) &&
		a.Name != "" && b.Name != "" && !shareWord(a.Name, b.Name) &&
		(a.Email == "" || !strings.EqualFold(a.Email, b.Email))
}

// samePhone compares the national parts. A calendar feed may show the last four
// digits only.
func samePhone(a, b string, atLeast int) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = digits(a), digits(b)
	n := min(len(a), len(b), 10)
	return n >= atLeast && a[len(a)-n:] == b[len(b)-n:]
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// sameName compares the words of names in any order. One word alone ("Reserved",
// "Maria") proves nothing.
func sameName(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, y := words(a), words(b)
	return len(x) >= 2 && slices.Equal(x, y)
}

func shareWord(a, b string) bool {
	y := words(b)
	return slices.ContainsFunc(words(a), func(w string) bool { return slices.Contains(y, w) })
}

func words(s string) []string {
	w := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == ',' || r == '.' })
	slices.Sort(w)
	return w
}

// foldClosures takes out the anonymous calendar events that show several stays
// in a row as one closure, and gives their keys to the first of those stays. The
// nights must be exactly the same, so that a real stay is never taken for one.
// The stays are in order of arrival.
func foldClosures(stays []*stay) []*stay {
	folded := make(map[*stay]bool)
	for _, c := range stays {
		if !c.closure() {
			continue
		}
		if first := covered(stays, c); first != nil {
			first.keys = append(first.keys, c.key())
			folded[c] = true
		}
	}
	return slices.DeleteFunc(stays, func(s *stay) bool { return folded[s] })
}

// closure reports whether s is known from one calendar event alone that says
// nothing about a guest.
func (s *stay) closure() bool {
	return len(s.keys) == 1 && s.lead.booking.Vendor == calendarVendor && anonymous(s.lead.booking)
}

// covered returns the first of the stays whose nights, one after the other, are
// those of c, or nil.
func covered(stays []*stay, c *stay) *stay {
	var first *stay
	day := c.arr
	for _, s := range stays[firstFrom(stays, c.arr):] {
		if s.arr > day || day >= c.dep {
			break
		}
		if s.arr != day || s.dep == day || s.closure() {
			continue
		}
		if first == nil {
			first = s
		}
		day = s.dep
	}
	if day != c.dep {
		return nil
	}
	return first
}

// firstFrom returns the index of the first of the stays, in order of arrival,
// that arrives on day or later.
func firstFrom(stays []*stay, day int) int {
	at, _ := slices.BinarySearchFunc(stays, day, func(s *stay, day int) int { return s.arr - day })
	return at
}

// joinSameGuest makes one stay of stays of the same guest without a free night
// between them. The stays are in order of arrival.
func joinSameGuest(stays []*stay) []*stay {
	var last *stay
	return slices.DeleteFunc(stays, func(s *stay) bool {
		if last == nil || !last.wanted() || !s.wanted() || s.arr != last.dep ||
			!sameGuest(last.tail.booking.Guest, s.lead.booking.Guest) {
			last = s
			return false
		}
		last.keys = append(last.keys, s.keys...)
		last.dep, last.depart, last.departEdge = s.dep, s.depart, s.departEdge
		last.guests, last.tail = s.guests, s.tail
		return true
	})
}
