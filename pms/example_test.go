package pms_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/changeover-sdk/changeover/pms"
)

func ExampleBookings() {
	// A connector comes from a vendor package; this one answers two pages, with
	// a record that cannot be read on the first.
	pages := map[string]pms.Page[pms.Booking]{
		"": {
			Items:  []pms.Booking{{ID: "77", Status: pms.StatusConfirmed}},
			Failed: []*pms.RecordError{{Vendor: "fake", Record: "booking", ID: "78", Field: "arrival", Err: errors.New("not a date")}},
			Next:   "2",
		},
		"2": {Items: []pms.Booking{{ID: "79", Status: pms.StatusCancelled}}},
	}
	c := connector{bookings: func(_ context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
		return pages[q.Cursor], nil
	}}

	for b, err := range pms.Bookings(context.Background(), c, pms.BookingQuery{}) {
		var bad *pms.RecordError
		switch {
		case errors.As(err, &bad):
			fmt.Println("skipped:", bad)
		case err != nil:
			fmt.Println("the list is not complete:", err)
			return
		default:
			fmt.Println(b.ID, b.Status)
		}
	}
	// Output:
	// 77 confirmed
	// skipped: fake: booking 78: arrival: not a date
	// 79 cancelled
}

func ExampleLinkSet() {
	var links pms.LinkSet
	lot := pms.Unit{Vendor: "realtycalendar", Account: "main", ID: "121984"}
	for _, l := range []pms.Link{
		{Vendor: lot.Vendor, Account: lot.Account, UnitID: lot.ID, PropertyID: "flat-5"},
		{Vendor: "ical", UnitID: "airbnb-5", PropertyID: "flat-5"}, // a second calendar of the same flat
		{Vendor: lot.Vendor, Account: lot.Account, UnitID: lot.ID, PropertyID: "flat-6"},
	} {
		if err := links.Link(l); err != nil {
			fmt.Println(err)
		}
	}
	if err := links.SetAutoVisible(lot, false); err != nil {
		fmt.Println(err)
	}
	for _, l := range links.Units("flat-5") {
		fmt.Printf("%s, jobs hidden: %t\n", l.Unit(), l.Hidden)
	}

	grouped := links.Group("main", []pms.Booking{
		{Vendor: "realtycalendar", ID: "1", PropertyID: "121984"},
		{Vendor: "realtycalendar", ID: "2", PropertyID: "302285"},
	})
	fmt.Println(len(grouped.Properties["flat-5"]), "to import,", len(grouped.Unlinked), "of a unit without a link")
	// Output:
	// unit realtycalendar/main:121984 belongs to property "flat-5" and cannot belong to "flat-6": link contradicts
	// ical:airbnb-5, jobs hidden: false
	// realtycalendar/main:121984, jobs hidden: true
	// 1 to import, 1 of a unit without a link
}

func ExampleMatchProperties() {
	ours := []pms.Property{
		{ID: "flat-5", Name: "Квартира №5", Address: pms.Address{Street: "ул. Ленина, 15"}},
		{ID: "flat-12a", Name: "Loft 12A"},
		{ID: "villa", Name: "Villa Rosa"},
	}
	theirs := []pms.Property{
		{Vendor: "bnovo", ID: "1", Name: "кв. 5", Address: pms.Address{Street: "Ленина 15"}},
		{Vendor: "bnovo", ID: "2", Name: "LOFT, 12А"}, // a Cyrillic А
		{Vendor: "bnovo", ID: "3", Name: "Villa Rosa"},
		{Vendor: "bnovo", ID: "4", Name: "Villa Rosa"},
		{Vendor: "bnovo", ID: "5", Name: "кв. 6", Address: pms.Address{Street: "Ленина 15"}},
	}
	proposals := pms.MatchProperties(ours, theirs)
	for _, m := range proposals.Matches {
		fmt.Printf("%s = %s %s (%.2f: %s)\n", m.PropertyID, m.Vendor, m.UnitID, m.Score, m.Explain())
	}
	for _, c := range proposals.Choices {
		fmt.Printf("%s %s is %s: %s?\n", c.Vendor, c.UnitID, c.Why, c.Candidates[0].PropertyID)
	}
	for _, p := range proposals.UnmatchedTheirs {
		fmt.Println("no partner:", p.Name)
	}
	// Output:
	// flat-12a = bnovo 2 (0.95: same name, same number)
	// flat-5 = bnovo 1 (0.88: same number, same address)
	// bnovo 3 is contested: villa?
	// bnovo 4 is contested: villa?
	// no partner: кв. 6
}
