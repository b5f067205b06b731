package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// worlds is what the vendors' servers know: a hotel that is run with Bnovo,
// flats in RealtyCalendar and a cottage on Airbnb. All of it is invented.
type worlds struct {
	hotel, flats, cottage *sandbox.World
	// ours is the host's own list of properties, and feeds says which of them
	// have an Airbnb calendar, by the world and unit that it shows.
	ours  []pms.Property
	lots  map[string]string // our property by lot number
	feeds []feed
}

// feed is an Airbnb listing of one of our properties.
type feed struct {
	property string
	world    *sandbox.World
	unit     string
}

// firstDay is a Monday. The hotel's clock stands at 09:00 on it.
var firstDay = civil.Date{Year: 2026, Month: time.June, Day: 15}

func inventedWorlds() (*worlds, error) {
	w := &worlds{hotel: sandbox.NewEmptyWorld(sandbox.Options{Start: firstDay})}
	w.ours = []pms.Property{
		// The host spells some names in its own way: other case and punctuation, and
		// letters that only look alike.
		ourProperty("wood-1", "ЛЕСНАЯ 5 · студия №1"),
		ourProperty("wood-2", "Лесная 5, студия 2"),
		ourProperty("loft", "LОFT 12А"), // О and А are Cyrillic
		ourProperty("garden-7", "Садовая 3 – № 7"),
		ourProperty("cedar", "Кeдр"), // e is Latin
		ourProperty("tea", "чайный домик"),
		// Two of ours with one name: no rule can tell which one the hotel means.
		ourProperty("terrace-n", "Терраса"),
		ourProperty("terrace-s", "Терраса"),
		ourProperty("annex", "Флигель"), // nowhere on sale yet
	}
	units := []sandbox.Property{
		{ID: "300301", Name: "Лесная 5, студия 1", Beds: 3},
		{ID: "300302", Name: "Лесная 5, студия 2", Beds: 3},
		{ID: "300303", Name: "Loft 12A", Beds: 4},
		{ID: "300304", Name: "Садовая 3, №7", Beds: 4},
		{ID: "300305", Name: "Кедр", Beds: 6},
		{ID: "300306", Name: "Чайный домик", Beds: 2},
		{ID: "300307", Name: "Терраса", Beds: 2},
		{ID: "300308", Name: "Переговорная", Beds: 0},
	}
	if err := fill(w.hotel, units, hotelStays); err != nil {
		return nil, err
	}
	w.feeds = []feed{{"loft", w.hotel, "300303"}}
	return w, w.addFlatsAndCottage()
}

// addFlatsAndCottage adds what is not the hotel.
func (w *worlds) addFlatsAndCottage() error {
	// RealtyCalendar lists by day of modification and refuses a window that ends
	// later than tomorrow, so its clock is that of the machine.
	w.flats = sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
	w.cottage = sandbox.NewEmptyWorld(sandbox.Options{Start: firstDay})
	w.ours = append(w.ours,
		ourProperty("river-3", "Речная 14, кв. 3"),
		ourProperty("lake", "Озёрная 2"),
		ourProperty("mansard", "Mansard 21"),
		ourProperty("beacon", "Маяк"),
	)
	// RealtyCalendar does not list its lots: users type the lot number.
	w.lots = map[string]string{"345678": "river-3", "345679": "lake", "345680": "mansard"}
	w.feeds = append(w.feeds, feed{"beacon", w.cottage, "1001"})

	lots := []sandbox.Property{
		{ID: "345678", Name: "Речная 14-3"}, {ID: "345679", Name: "Озёрная 2"}, {ID: "345680", Name: "Мансарда"},
	}
	if err := fill(w.flats, lots, flatStays); err != nil {
		return err
	}
	return fill(w.cottage, []sandbox.Property{{ID: "1001", Name: "Lighthouse"}}, cottageStays)
}

// ourProperty is a property as the host has it: with zone and house rules.
func ourProperty(id, name string) pms.Property {
	return pms.Property{ID: id, Name: name, TimeZone: "Europe/Moscow", CheckIn: clock("14:00"), CheckOut: clock("12:00")}
}

func clock(text string) pms.Clock {
	c, err := pms.ParseClock(text)
	if err != nil {
		panic(err) // a constant of this program
	}
	return c
}

// plannedStay is a stay in days from firstDay.
type plannedStay struct {
	unit             string
	arrival, leaves  int
	channel          string
	adults, children int
	out              string // time of leaving, if it is not the usual one
	status           pms.Status
	kind             pms.Kind
	reason           string
}

var hotelStays = []plannedStay{
	{unit: "300301", arrival: -2, leaves: 1, channel: "booking", adults: 2},
	{unit: "300301", arrival: 1, leaves: 4, channel: "direct", adults: 2, children: 1},
	{unit: "300301", arrival: 4, leaves: 7, channel: "ostrovok", adults: 1},
	{unit: "300301", arrival: 11, leaves: 13, channel: "booking", adults: 3},

	{unit: "300302", arrival: -3, leaves: 0, channel: "airbnb", adults: 2},
	{unit: "300302", arrival: 0, leaves: 3, channel: "booking", adults: 2, children: 1},
	{unit: "300302", arrival: 5, leaves: 9, channel: "direct", adults: 2},
	{unit: "300302", arrival: 10, leaves: 12, kind: pms.KindBlock, reason: "repair"},

	// The loft is on Airbnb too: its calendar shows the same stays again.
	{unit: "300303", arrival: -1, leaves: 2, channel: "airbnb", adults: 2},
	{unit: "300303", arrival: 2, leaves: 6, channel: "airbnb", adults: 4},
	{unit: "300303", arrival: 8, leaves: 11, channel: "booking", adults: 2},

	// A late check-out half an hour before the next guests come.
	{unit: "300304", arrival: -4, leaves: 1, channel: "direct", adults: 1, out: "13:30"},
	{unit: "300304", arrival: 1, leaves: 5, channel: "booking", adults: 2, children: 2},
	{unit: "300304", arrival: 7, leaves: 10, channel: "airbnb", adults: 4},

	// Two channels have sold the same nights.
	{unit: "300305", arrival: 0, leaves: 4, channel: "direct", adults: 5},
	{unit: "300305", arrival: 6, leaves: 10, channel: "booking", adults: 4, children: 2},
	{unit: "300305", arrival: 8, leaves: 12, channel: "airbnb", adults: 6},

	// Two weeks, with a cleaning in between.
	{unit: "300306", arrival: -5, leaves: 9, channel: "direct", adults: 2},
	{unit: "300306", arrival: 11, leaves: 13, channel: "direct", adults: 1, status: unheardOf},

	{unit: "300307", arrival: 1, leaves: 3, channel: "booking", adults: 2},
	{unit: "300307", arrival: 4, leaves: 8, channel: "airbnb", adults: 2},
}

var flatStays = []plannedStay{
	{unit: "345678", arrival: -2, leaves: 1, channel: "avito"},
	{unit: "345678", arrival: 1, leaves: 4, channel: "direct"},
	{unit: "345678", arrival: 6, leaves: 9, channel: "avito"},
	{unit: "345679", arrival: 0, leaves: 5, channel: "booking"},
	{unit: "345679", arrival: 9, leaves: 11, channel: "direct", status: pms.StatusInquiry},
	{unit: "345680", arrival: -1, leaves: 3, channel: "direct"},
	{unit: "345680", arrival: 5, leaves: 12, channel: "avito"},
}

var cottageStays = []plannedStay{
	{unit: "1001", arrival: -2, leaves: 0, channel: "airbnb"},
	{unit: "1001", arrival: 1, leaves: 4, channel: "airbnb"},
	{unit: "1001", arrival: 4, leaves: 8, channel: "airbnb"},
	{unit: "1001", arrival: 10, leaves: 13, channel: "airbnb"},
}

func fill(w *sandbox.World, units []sandbox.Property, stays []plannedStay) error {
	for _, unit := range units {
		if _, err := w.AddProperty(unit); err != nil {
			return err
		}
	}
	for i, s := range stays {
		if _, err := w.AddStay(s.stay(i)); err != nil {
			return err
		}
	}
	return nil
}

func (s plannedStay) stay(i int) sandbox.Stay {
	out := sandbox.Stay{
		UnitID: s.unit, Kind: s.kind, Status: s.status, Reason: s.reason, Channel: s.channel,
		Arrival: firstDay.AddDays(s.arrival), Departure: firstDay.AddDays(s.leaves), DepartureTime: clock(s.out),
	}
	if s.kind == pms.KindBlock {
		return out
	}
	if s.status == unheardOf {
		out.Status, out.Verified = pms.StatusConfirmed, true
	}
	if out.Status == "" && s.arrival < 0 {
		out.Status = pms.StatusCheckedIn
	}
	out.Guests = pms.Guests{Adults: s.adults, Children: s.children}
	out.Guest = pms.Guest{
		Name:  guestNames[i%len(guestNames)],
		Phone: fmt.Sprintf("+7 900 000-%02d-%02d", len(s.unit), i),
	}
	if s.channel == "airbnb" {
		out.ChannelCode = fmt.Sprintf("HMEXAMPL%s%02d", s.unit[len(s.unit)-1:], i)
	}
	return out
}

// unheardOf marks a stay to which the hotel's system gives a status that the
// connector does not know; see vendors.go.
const unheardOf pms.Status = "unheard of"

var guestNames = []string{
	"Анна Тестова", "Пётр Примеров", "John Sample", "Zoë Müller-Beispiel", "Мария Образцова", "Siobhán O'Example",
}

// realWorlds replaces the invented hotel with real bookings, moved to begin
// around firstDay.
func realWorlds(path string) (*worlds, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	hotel, err := sandbox.LoadHotelCSV(file, sandbox.HotelCSVOptions{Hotel: "Resort Hotel", Limit: realBookings, Around: firstDay})
	if err != nil {
		return nil, err
	}
	w := &worlds{hotel: hotel}
	for _, unit := range hotel.Units() {
		p := ourProperty("room-"+unit.Name, unit.Name)
		p.TimeZone = hotel.Zone().String()
		w.ours = append(w.ours, p)
	}
	slices.SortFunc(w.ours, func(a, b pms.Property) int { return strings.Compare(a.Name, b.Name) })
	first := hotel.Units()[0]
	w.feeds = []feed{{"room-" + first.Name, hotel, first.ID}}
	return w, w.addFlatsAndCottage()
}

// realBookings is how many rows of the file are read: some weeks around
// firstDay.
const realBookings = 2000
