package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// NewWorld returns a World of invented properties, stays and blocks around its
// clock: the same for the same seed and options. Past stays are checked out,
// guests in house checked in; of the coming ones some are tentative or
// cancelled. About half of the departures have an arrival on the same day, some
// stays have times of their own, a few change rooms. Confirmed stays never
// overlap. What not every vendor can say (owner stays, inquiries, no-shows,
// infants, pets, languages) is left to the caller.
func NewWorld(seed uint64, o Options) *World {
	w := NewEmptyWorld(o)
	g := generator{World: w, rng: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // a seeded world is repeatable
	g.makeUnits(count(o.Properties, 12))
	g.makeStays(count(o.Stays, 80))
	g.makeBlocks(count(o.Blocks, 4))
	return w
}

func count(n, usual int) int {
	if n == 0 {
		return usual
	}
	return max(n, 0)
}

type generator struct {
	*World
	rng *rand.Rand
	// free is the first free day of every unit.
	free map[string]pms.Date
}

// firstDay is how many days before the world's clock the bookings begin.
const firstDay = 21

func (g *generator) makeUnits(n int) {
	const perType = 3
	g.free = make(map[string]pms.Date, n)
	for i := range n {
		kind := i / perType
		room := roomTypes[kind%len(roomTypes)]
		street := streets[kind%len(streets)]
		p := Property{
			ID:       strconv.Itoa(300101 + i),
			Name:     fmt.Sprintf("%s %d, %s %d", street, 3+2*kind, room.short, i%perType+1),
			ParentID: strconv.Itoa(771 + kind), ParentName: room.name,
			Address:  pms.Address{Street: fmt.Sprintf("%s, %d", street, 3+2*kind), City: "Москва", Country: "RU"},
			Latitude: 55.70 + float64(g.rng.IntN(1000))/10000, Longitude: 37.50 + float64(g.rng.IntN(2000))/10000,
			CheckIn: clock(14, 0), CheckOut: clock(12, 0),
			Bedrooms: room.bedrooms, Bathrooms: 1, Beds: room.beds, Cleanliness: pms.Clean,
		}
		if _, err := g.AddProperty(p); err == nil {
			g.free[p.ID] = g.Today().AddDays(g.rng.IntN(4) - firstDay)
		}
	}
}

// makeStays fills the units in turn, so that all reach about as far.
func (g *generator) makeStays(n int) {
	units := g.Units()
	if len(units) == 0 {
		return
	}
	for i := range n {
		unit := units[i%len(units)]
		s := g.stay(unit)
		id, err := g.AddStay(s)
		if err != nil || !occupies(s) {
			continue
		}
		g.free[unit.ID] = s.Departure
		if g.oneIn(25) && s.Arrival.After(g.Today()) {
			g.moveRoom(id, s)
		}
	}
}

func (g *generator) stay(unit Property) Stay {
	gap := 0
	if g.oneIn(2) {
		gap = 1 + g.rng.IntN(3)
	}
	arrival := g.free[unit.ID].AddDays(gap)
	s := Stay{
		UnitID: unit.ID, Arrival: arrival, Departure: arrival.AddDays(1 + g.rng.IntN(6)),
		Guest: g.guest(), Channel: pick(g.rng, channels),
	}
	s.Guests = pms.Guests{Adults: 1 + g.rng.IntN(max(unit.Beds-1, 1)), Children: g.rng.IntN(2)}
	if s.Channel != "direct" {
		s.ChannelCode = g.channelCode(s.Channel)
	}
	nights := s.Departure.DaysSince(s.Arrival)
	s.Total = pms.Money{Amount: strconv.Itoa(nights * (2500 + 100*g.rng.IntN(60))), Currency: "RUB"}
	if g.oneIn(8) {
		s.DepartureTime = clock(15, 0)
	}
	if g.oneIn(10) {
		s.ArrivalTime = clock(11, 30)
	}
	if g.oneIn(6) {
		s.Notes = pick(g.rng, notes)
	}
	return g.withStatus(s)
}

// withStatus sets status and stamps as they are at the world's time.
func (g *generator) withStatus(s Stay) Stay {
	now := g.Now()
	today := g.Today()
	s.CreatedAt = now.AddDate(0, 0, min(s.Arrival.DaysSince(today), 0)-1-g.rng.IntN(30)).
		Add(time.Duration(g.rng.IntN(600)) * time.Minute * -1).Truncate(time.Second)
	s.UpdatedAt = s.CreatedAt
	switch {
	case g.oneIn(10):
		s.Status = pms.StatusCancelled
		s.UpdatedAt = s.CreatedAt.Add(time.Duration(1+g.rng.IntN(20)) * time.Hour)
		s.CancelledAt = s.UpdatedAt
	case s.Departure.Before(today):
		s.Status = pms.StatusCheckedOut
		s.UpdatedAt = at(s.Departure, clock(12, 5), g.zone)
	case s.Arrival.Before(today):
		s.Status = pms.StatusCheckedIn
		s.UpdatedAt = at(s.Arrival, clock(14, 20), g.zone)
	case g.oneIn(16):
		s.Status = pms.StatusTentative
	default:
		s.Status = pms.StatusConfirmed
	}
	return s
}

func occupies(s Stay) bool { return s.Status != pms.StatusCancelled }

// moveRoom moves the last night of a stay to a unit of the same type, if one is
// free on that night.
func (g *generator) moveRoom(id string, s Stay) {
	last := s.Departure.AddDays(-1)
	home, _ := g.Property(s.UnitID)
	for _, unit := range g.Units() {
		if unit.ID == home.ID || unit.ParentID != home.ParentID || g.free[unit.ID].After(last) || !last.After(s.Arrival) {
			continue
		}
		_ = g.Update(id, func(s *Stay) {
			s.Moves = []Move{{Date: last, UnitID: unit.ID}}
		})
		g.free[unit.ID] = s.Departure
		return
	}
}

func (g *generator) makeBlocks(n int) {
	units := g.Units()
	if len(units) == 0 {
		return
	}
	for i := range n {
		unit := units[(i*5)%len(units)]
		from := g.free[unit.ID].AddDays(1 + g.rng.IntN(3))
		to := from.AddDays(1 + g.rng.IntN(3))
		if _, err := g.AddBlock(unit.ID, from, to, "repair"); err == nil {
			g.free[unit.ID] = to
		}
	}
}

func (g *generator) guest() pms.Guest { return inventGuest(g.rng) }

// inventGuest makes up a person. Phones are of ranges that no one has.
func inventGuest(rng *rand.Rand) pms.Guest {
	name := pick(rng, guestNames)
	return pms.Guest{
		Name:  name.full,
		Email: fmt.Sprintf("%s%d@example.com", name.mail, rng.IntN(1000)),
		Phone: fmt.Sprintf(name.phone, rng.IntN(100), rng.IntN(100)),
	}
}

// channelCode makes up a confirmation code in the channel's form.
func (g *generator) channelCode(channel string) string {
	if channel == "airbnb" {
		const signs = "ABCDEFGHJKMNPQRSTWXYZ2345689"
		var code strings.Builder
		code.WriteString("HM")
		for range 8 {
			code.WriteByte(signs[g.rng.IntN(len(signs))])
		}
		return code.String()
	}
	return strconv.Itoa(4000000000 + g.rng.IntN(999999999))
}

func (g *generator) oneIn(n int) bool { return g.rng.IntN(n) == 0 }

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

var (
	channels = []string{"direct", "direct", "airbnb", "booking", "ostrovok", "avito", "vrbo"}
	streets  = []string{"Лесная", "Садовая", "Речная", "Кленовая", "Polevaya", "Озёрная"}
	notes    = []string{"Поздний выезд", "Нужна детская кроватка", "Will arrive by night train; please leave the key", "Прибудут с собакой,\nпредупреждены"}

	roomTypes = []struct {
		name, short    string
		bedrooms, beds int
	}{
		{"Студия с балконом", "студия", 0, 2},
		{"Апартаменты с одной спальней", "апартаменты", 1, 4},
		{"Семейный дом", "дом", 3, 7},
		{"Loft", "loft", 1, 3},
	}

	guestNames = []struct{ full, mail, phone string }{
		{"Анна Тестова", "anna", "+7 900 000-%02d-%02d"},
		{"Пётр Примеров", "petr", "8(900)000-%02d-%02d"},
		{"Мария Образцова-Пробная", "maria", "+7(900)000%02d%02d"},
		{"Ёлкин Щукарь", "elkin", "7900000%02d%02d"},
		{"John Sample", "john", "+1 202-555-01%02d ext. %02d"},
		{"Zoë Müller-Beispiel", "zoe", "+49 30 23125%02d%02d"},
		{"Maria da Silva Exemplo", "silva", "+351 900 000 %02d%02d"},
		{"Siobhán O'Example", "siobhan", "+44 7700 900%02d%d"},
		{"王 小明", "wang", "+86 100 0000 %02d%02d"},
		{"Айгуль", "aigul", "+7 900 000 %02d %02d"},
	}
)
