package main

import (
	"time"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const timeZone = "Europe/Paris"

// world is the truth behind both vendors.
type world struct {
	*sandbox.World
	// rooms are the ids of the hotel's rooms, in the order of the host's lodgings.
	rooms []string
	ids   map[string]string // stays by the first name of the guest
}

// chapter is something that happens.
type chapter struct {
	title  string
	change func() error
}

// order is what a guest has booked.
type order struct {
	guest string
	items operto.Order
}

func day(n int) pms.Date { return pms.Date{Year: 2026, Month: time.June, Day: n} }

func newWorld() (*world, error) {
	zone, err := time.LoadLocation(timeZone)
	if err != nil {
		return nil, err
	}
	w := &world{World: sandbox.NewEmptyWorld(sandbox.Options{Start: day(1), Zone: zone}), ids: map[string]string{}}
	for _, name := range []string{"Apartment 1", "Apartment 2", "Attic"} {
		id, err := w.AddProperty(sandbox.Property{Name: name})
		if err != nil {
			return nil, err
		}
		w.rooms = append(w.rooms, id)
	}
	return w, nil
}

func (w *world) book(guest string, room, from, to int) error {
	id, err := w.AddStay(sandbox.Stay{
		UnitID: w.rooms[room], Arrival: day(from), Departure: day(to),
		Guest: pms.Guest{Name: guest + " Lind", Email: guest + "@example.com", Phone: "+46701234567"},
	})
	w.ids[guest] = id
	return err
}

func (w *world) story() []chapter {
	return []chapter{
		{"Four bookings", func() error {
			for _, b := range []struct {
				guest          string
				room, from, to int
			}{{"nora", 0, 3, 6}, {"ivo", 1, 3, 5}, {"una", 0, 7, 9}, {"max", 2, 4, 7}} {
				if err := w.book(b.guest, b.room, b.from, b.to); err != nil {
					return err
				}
			}
			return nil
		}},
		{"Nothing new", func() error { return nil }},
		{"Ivo stays a day longer", func() error { return w.Extend(w.ids["ivo"], day(6)) }},
		{"Una comes a day earlier, and so to the other apartment", func() error {
			if err := w.Update(w.ids["una"], func(s *sandbox.Stay) { s.Arrival = day(6) }); err != nil {
				return err
			}
			return w.MoveUnit(w.ids["una"], w.rooms[1], pms.Date{})
		}},
		{"Nora and Ivo swap", func() error {
			if err := w.MoveUnit(w.ids["nora"], w.rooms[1], pms.Date{}); err != nil {
				return err
			}
			return w.MoveUnit(w.ids["ivo"], w.rooms[0], pms.Date{})
		}},
		{"Una cancels", func() error { return w.Cancel(w.ids["una"]) }},
	}
}

func (w *world) orders() []order {
	item := func(guest string) operto.Item {
		return operto.Item{ID: guest, Stay: pms.Key{Vendor: "bnovo", ID: w.ids[guest]}}
	}
	return []order{
		{"Nora", operto.Order{Items: []operto.Item{item("nora"), item("ivo")}}},
		{"Max", operto.Order{Items: []operto.Item{item("max")}}},
	}
}
