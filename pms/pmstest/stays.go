package pmstest

import (
	"path"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// sortOfStay is a stay that connectors get wrong.
type sortOfStay struct {
	name string
	add  func(w *sandbox.World, units []sandbox.Property) error
}

// of is a sort with stays that begin so many days from today, in the first
// unit unless they name one.
func of(name string, inDays, nights int, change func(s *sandbox.Stay, units []sandbox.Property)) sortOfStay {
	return sortOfStay{name, func(w *sandbox.World, units []sandbox.Property) error {
		arrival := w.Today().AddDays(inDays)
		s := sandbox.Stay{
			UnitID: units[0].ID, Arrival: arrival, Departure: arrival.AddDays(nights),
			Guest:  pms.Guest{Name: "Вера Выдуманная", Email: "vera@example.com", Phone: "+7 900 000-11-22"},
			Guests: pms.Guests{Adults: 2}, Total: pms.Money{Amount: "12500.50", Currency: "RUB"},
		}
		change(&s, units)
		_, err := w.AddStay(s)
		return err
	}}
}

func withStatus(status pms.Status) func(*sandbox.Stay, []sandbox.Property) {
	return func(s *sandbox.Stay, _ []sandbox.Property) { s.Status = status }
}

func ofKind(kind pms.Kind, status pms.Status) func(*sandbox.Stay, []sandbox.Property) {
	return func(s *sandbox.Stay, _ []sandbox.Property) {
		s.Kind, s.Status = kind, status
		if kind == pms.KindBlock {
			s.Guest, s.Guests, s.Total, s.Reason = pms.Guest{}, pms.Guests{}, pms.Money{}, "repair"
		}
	}
}

func sortsOfStay() []sortOfStay {
	at := func(hour, minute int) pms.Clock {
		c, _ := pms.NewClock(hour, minute)
		return c
	}
	return []sortOfStay{
		of("confirmed", 50, 2, withStatus(pms.StatusConfirmed)),
		of("inquiry", 53, 2, withStatus(pms.StatusInquiry)),
		of("tentative", 56, 2, withStatus(pms.StatusTentative)),
		of("cancelled", 59, 2, withStatus(pms.StatusCancelled)),
		of("no-show", -12, 2, withStatus(pms.StatusNoShow)),
		of("checked-in", -1, 3, withStatus(pms.StatusCheckedIn)),
		of("checked-out", -9, 2, withStatus(pms.StatusCheckedOut)),
		of("leaves-today", -2, 2, withStatus(pms.StatusCheckedIn)),
		of("owner", 62, 3, ofKind(pms.KindOwner, pms.StatusConfirmed)),
		of("block", 66, 3, ofKind(pms.KindBlock, pms.StatusConfirmed)),
		of("block-lifted", 70, 3, ofKind(pms.KindBlock, pms.StatusCancelled)),
		of("day-use", 74, 0, withStatus(pms.StatusConfirmed)),
		of("long", 80, 400, withStatus(pms.StatusConfirmed)),
		of("same-day-arrival", 52, 1, withStatus(pms.StatusConfirmed)), // when "confirmed" leaves
		of("no-unit-yet", 90, 2, func(s *sandbox.Stay, _ []sandbox.Property) { s.UnitID = "" }),
		of("room-change", 93, 5, func(s *sandbox.Stay, units []sandbox.Property) {
			s.Moves = []sandbox.Move{{Date: s.Arrival.AddDays(2), UnitID: units[1].ID}}
		}),
		of("room-change-and-back", 99, 6, func(s *sandbox.Stay, units []sandbox.Property) {
			s.Moves = []sandbox.Move{
				{Date: s.Arrival.AddDays(2), UnitID: units[1].ID}, {Date: s.Arrival.AddDays(4), UnitID: units[0].ID},
			}
		}),
		of("times", 106, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.ArrivalTime, s.DepartureTime = at(9, 30), at(23, 45)
		}),
		of("midnight", 109, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.ArrivalTime, s.DepartureTime = at(0, 0), at(0, 30)
		}),
		of("family", 112, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.Guests = pms.Guests{Adults: 2, Children: 3, Infants: 1, Pets: 2}
		}),
		of("no-guest-data", 115, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.Guest, s.Guests, s.Total = pms.Guest{}, pms.Guests{}, pms.Money{}
		}),
		of("channel", 118, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.Channel, s.ChannelCode = "airbnb", "HMABCDEFGH"
		}),
		of("odd-text", 121, 2, func(s *sandbox.Stay, _ []sandbox.Property) {
			s.Guest.Name = `Óscar "Ozzy" <b>O'Пример</b> שלום 🙂`
			s.Notes = "line one\nline two; a, b\\c \"quoted\" <i>html</i> & more"
		}),
	}
}

func stayScenarios() []scenario {
	var out []scenario
	for _, sort := range sortsOfStay() {
		out = append(out, scenario{name: "stay-" + sort.name, play: func(s *scene) {
			w := sandbox.NewWorld(3, sandbox.Options{Clock: time.Now, Properties: 3, Stays: -1, Blocks: -1})
			if err := sort.add(w, w.Units()); err != nil {
				s.Errorf("world: %v", err)
			}
			s.use(w)
			s.complete(s.connect(), pms.BookingQuery{})
		}})
	}
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Pacific/Auckland", "Asia/Kathmandu"} {
		out = append(out, scenario{name: "clock-change-" + strings.ToLower(strings.ReplaceAll(path.Base(zone), "_", "-")), play: func(s *scene) { clockChange(s, zone) }})
	}
	return out
}

// clockChange: days stay the days of the hotel's calendar, wherever it is and
// whatever its clocks do.
func clockChange(s *scene, name string) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		s.Errorf("zone: %v", err)
		return
	}
	w := sandbox.NewWorld(3, sandbox.Options{Clock: time.Now, Zone: zone, Properties: 2, Stays: -1, Blocks: -1})
	late, _ := pms.NewClock(23, 45)
	early, _ := pms.NewClock(0, 15)
	// The nights around every change of offset in a year.
	for day := w.Today(); day.Before(w.Today().AddDays(370)); day = day.AddDays(1) {
		_, before := day.In(zone).Zone()
		_, after := day.AddDays(1).In(zone).Zone()
		if before == after && day.Day != 1 {
			continue
		}
		for nights := -1; nights <= 1; nights++ {
			arrival := day.AddDays(nights)
			for _, s1 := range []sandbox.Stay{
				{Arrival: arrival, Departure: arrival.AddDays(1)},
				{Arrival: arrival, Departure: arrival.AddDays(1), ArrivalTime: late, DepartureTime: late},
				{Arrival: arrival.AddDays(-1), Departure: arrival.AddDays(2), ArrivalTime: early, DepartureTime: early},
			} {
				if missing(zone, s1.Arrival, s1.ArrivalTime) || missing(zone, s1.Departure, s1.DepartureTime) {
					continue
				}
				s1.UnitID = w.Units()[0].ID
				if _, err := w.AddStay(s1); err != nil {
					s.Errorf("world: %v", err)
				}
			}
		}
	}
	s.use(w)
	c := s.connect()
	s.complete(c, pms.BookingQuery{})
	for _, day := range []int{1, 30, 120, 240, 300} {
		s.complete(c, pms.BookingQuery{From: w.Today().AddDays(day), To: w.Today().AddDays(day)})
	}
}

// missing reports whether the clocks of zone skip a time of a day.
func missing(zone *time.Location, day pms.Date, c pms.Clock) bool {
	if c.IsZero() {
		return false
	}
	t := time.Date(day.Year, day.Month, day.Day, c.Hour(), c.Minute(), 0, 0, zone)
	return t.Hour() != c.Hour() || t.Minute() != c.Minute()
}
