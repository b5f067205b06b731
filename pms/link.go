package pms

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Unit identifies one unit of one vendor account. It is comparable and serves
// as a map key.
type Unit struct {
	Vendor string
	// Account is the host's name of the vendor account. Empty is a name too: a
	// host with one account per vendor needs no other.
	Account string
	// ID is the vendor's id of the unit, [Booking.PropertyID]. It is compared
	// exactly.
	ID string
}

// String returns "vendor:id", or "vendor/account:id".
func (u Unit) String() string {
	if u.Account == "" {
		return u.Vendor + ":" + u.ID
	}
	return u.Vendor + "/" + u.Account + ":" + u.ID
}

// Link says which unit of which vendor account is which property of the host.
// Both switches are named for their unusual state, so that a literal without
// them, and a stored link without them, imports bookings and shows new jobs.
type Link struct {
	Vendor  string `json:"vendor"`
	Account string `json:"account,omitzero"`
	// UnitID is the vendor's id of the unit, PropertyID the host's id of the
	// property.
	UnitID     string `json:"unitId"`
	PropertyID string `json:"propertyId"`
	// Paused keeps the link and imports nothing through it.
	Paused bool `json:"paused,omitzero"`
	// Hidden keeps new jobs from cleaners until a person shows them:
	// auto-visibility is off.
	Hidden bool `json:"hidden,omitzero"`
}

// Unit returns the vendor's side of the link.
func (l Link) Unit() Unit { return Unit{Vendor: l.Vendor, Account: l.Account, ID: l.UnitID} }

func (l Link) validate() error {
	for _, field := range []struct{ name, value string }{
		{"vendor", l.Vendor}, {"unitId", l.UnitID}, {"propertyId", l.PropertyID},
	} {
		if field.value == "" || strings.TrimSpace(field.value) != field.value {
			return fmt.Errorf("link: %s %q is empty or has white space around it: %w", field.name, field.value, ErrInvalid)
		}
	}
	return nil
}

// LinkSet holds the links of a host: each vendor unit belongs to at most one
// property, and a property may have several units (several calendars, or a
// unit that the vendor lists twice). The zero value is an empty set.
//
// Its JSON form is the list of its links in the order of [LinkSet.All].
//
// A copy of a LinkSet may share its links with the original; use
// [LinkSet.Clone]. Reading is safe for concurrent use, changing is not.
type LinkSet struct {
	links map[Unit]Link
}

// Link adds l. A unit that is linked to another property is refused with
// [ErrLinkContradicts] (unlink it first), a link without vendor, unit or
// property with [ErrInvalid]. Linking a unit to the same property again changes
// nothing, the switches of the link included, so that an automatic
// synchronisation may repeat without undoing what a person switched off.
func (s *LinkSet) Link(l Link) error {
	if err := l.validate(); err != nil {
		return err
	}
	if old, ok := s.links[l.Unit()]; ok {
		if old.PropertyID != l.PropertyID {
			return fmt.Errorf("unit %s belongs to property %q and cannot belong to %q: %w",
				l.Unit(), old.PropertyID, l.PropertyID, ErrLinkContradicts)
		}
		return nil
	}
	if s.links == nil {
		s.links = make(map[Unit]Link)
	}
	s.links[l.Unit()] = l
	return nil
}

// Unlink removes the link of the unit and reports whether there was one.
func (s *LinkSet) Unlink(u Unit) bool {
	_, ok := s.links[u]
	delete(s.links, u)
	return ok
}

// SetImport switches the import of the unit's bookings. A unit without a link
// is [ErrNotFound].
func (s *LinkSet) SetImport(u Unit, on bool) error {
	return s.change(u, func(l *Link) { l.Paused = !on })
}

// SetAutoVisible switches whether new jobs of the unit are shown to cleaners at
// once. A unit without a link is [ErrNotFound].
func (s *LinkSet) SetAutoVisible(u Unit, on bool) error {
	return s.change(u, func(l *Link) { l.Hidden = !on })
}

func (s *LinkSet) change(u Unit, set func(*Link)) error {
	l, ok := s.links[u]
	if !ok {
		return fmt.Errorf("link of unit %s: %w", u, ErrNotFound)
	}
	set(&l)
	s.links[u] = l
	return nil
}

// Find returns the link of a vendor unit, and with it the host's property.
func (s LinkSet) Find(u Unit) (Link, bool) {
	l, ok := s.links[u]
	return l, ok
}

// Units returns the links of a property in the order of [LinkSet.All]. It looks
// at every link of the set.
func (s LinkSet) Units(propertyID string) []Link {
	var links []Link
	for _, l := range s.links {
		if l.PropertyID == propertyID {
			links = append(links, l)
		}
	}
	slices.SortFunc(links, compareLinks)
	return links
}

// All returns every link, ordered by vendor, account and unit. The sequence
// walks the links that the set has when ranging begins.
func (s LinkSet) All() iter.Seq[Link] {
	return func(yield func(Link) bool) {
		for _, l := range slices.SortedFunc(maps.Values(s.links), compareLinks) {
			if !yield(l) {
				return
			}
		}
	}
}

func compareLinks(a, b Link) int {
	return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Account, b.Account), cmp.Compare(a.UnitID, b.UnitID))
}

// Clone returns a set that shares nothing with s.
func (s LinkSet) Clone() LinkSet { return LinkSet{links: maps.Clone(s.links)} }

// MarshalJSON implements [json.Marshaler]. An empty set is [].
func (s LinkSet) MarshalJSON() ([]byte, error) {
	return json.Marshal(slices.AppendSeq([]Link{}, s.All()))
}

// UnmarshalJSON implements [json.Unmarshaler]. It replaces the links of s, or
// leaves them as they are when the list holds an invalid link ([ErrInvalid]) or
// a unit twice in different links ([ErrLinkContradicts]).
func (s *LinkSet) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var links []Link
	if err := json.Unmarshal(data, &links); err != nil {
		return err
	}
	var set LinkSet
	for _, l := range links {
		if err := set.Link(l); err != nil {
			return err
		}
		if kept := set.links[l.Unit()]; kept != l {
			return fmt.Errorf("unit %s is listed twice with different switches: %w", l.Unit(), ErrLinkContradicts)
		}
	}
	*s = set
	return nil
}

// Grouped is what [LinkSet.Group] returns. Every booking is in exactly one
// place, in the order in which it came.
type Grouped struct {
	// Properties holds the bookings to import by the host's property.
	Properties map[string][]Booking
	// Paused holds the bookings of units whose import is off.
	Paused []Booking
	// Unlinked holds the bookings of units without a link, and those to which
	// the vendor has assigned no unit.
	Unlinked []Booking
}

// Group distributes bookings of one account (of one or several vendors) to the
// host's properties.
func (s LinkSet) Group(account string, bookings []Booking) Grouped {
	g := Grouped{Properties: make(map[string][]Booking)}
	for _, b := range bookings {
		l, ok := s.links[Unit{Vendor: b.Vendor, Account: account, ID: b.PropertyID}]
		switch {
		case !ok:
			g.Unlinked = append(g.Unlinked, b)
		case l.Paused:
			g.Paused = append(g.Paused, b)
		default:
			g.Properties[l.PropertyID] = append(g.Properties[l.PropertyID], b)
		}
	}
	return g
}
