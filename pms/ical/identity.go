package ical

import "github.com/changeover-sdk/changeover/pms"

// Reissued pairs bookings that vanished from a feed with new ones that are the
// same stay under another UID, as channel managers and Booking.com are reported
// to do (unverified). The result maps the key of a vanished booking to the key
// of its successor.
//
// Two bookings are the same stay when unit and kind are equal, no code and no
// guest's name contradicts, and either the codes are equal or the nights
// overlap and the arrival or the departure is the same day. Stays that follow
// one another share no night and never match. Blocks never match: theirs move
// every day. Whatever has several equally good candidates is left out.
func Reissued(vanished, appeared []pms.Booking) map[pms.Key]pms.Key {
	pairs := make(map[pms.Key]pms.Key)
	taken := make(map[pms.Key]bool)
	byUnit := make(map[string][]pms.Booking)
	for _, b := range appeared {
		byUnit[b.PropertyID] = append(byUnit[b.PropertyID], b)
	}
	oldByUnit := make(map[string][]pms.Booking)
	for _, b := range vanished {
		oldByUnit[b.PropertyID] = append(oldByUnit[b.PropertyID], b)
	}
	for _, level := range []likeness{sameCode, sameDates, sameEnd} {
		for unit, olds := range oldByUnit {
			matchUnit(level, olds, byUnit[unit], pairs, taken)
		}
	}
	return pairs
}

// matchUnit pairs what is alike at one level and unambiguous from both sides.
func matchUnit(level likeness, olds, news []pms.Booking, pairs map[pms.Key]pms.Key, taken map[pms.Key]bool) {
	candidates := make(map[pms.Key][]pms.Key) // by vanished key
	rivals := make(map[pms.Key]int)           // by appeared key
	for _, old := range olds {
		if _, done := pairs[old.Key()]; done {
			continue
		}
		for _, b := range news {
			if !taken[b.Key()] && alike(old, b) >= level {
				candidates[old.Key()] = append(candidates[old.Key()], b.Key())
				rivals[b.Key()]++
			}
		}
	}
	for old, found := range candidates {
		if len(found) == 1 && rivals[found[0]] == 1 {
			pairs[old] = found[0]
			taken[found[0]] = true
		}
	}
}

// likeness grades how sure it is that two bookings are one stay.
type likeness int

const (
	different likeness = iota
	sameEnd
	sameDates
	sameCode
)

func alike(a, b pms.Booking) likeness {
	switch {
	case a.Kind != b.Kind, a.Kind == pms.KindBlock,
		contradict(a.Code, b.Code), contradict(a.Guest.Name, b.Guest.Name):
		return different
	case a.Code != "" && a.Code == b.Code:
		return sameCode
	case a.Arrival == b.Arrival && a.Departure == b.Departure:
		return sameDates
	case !a.Arrival.Before(b.Departure), !b.Arrival.Before(a.Departure):
		return different
	case a.Arrival == b.Arrival, a.Departure == b.Departure:
		return sameEnd
	default:
		return different
	}
}

func contradict(a, b string) bool { return a != "" && b != "" && a != b }
