package cleaning_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// account makes properties with bookings in random order that follow one another
// after 0 to 3 free nights, from tomorrow on.
func account(properties, bookings int) []cleaning.Property {
	rng := rand.New(rand.NewPCG(1, 2))
	list := make([]cleaning.Property, properties)
	for i := range list {
		p := cleaning.Property{ID: fmt.Sprintf("unit-%05d", i), TimeZone: "Europe/Paris"}
		day := today.AddDays(1)
		for n := range bookings {
			b := stay(fmt.Sprintf("%d-%d", i, n), day.String(), day.AddDays(1+rng.IntN(5)).String())
			b.Guest.Name = "Guest"
			day = b.Departure.AddDays(rng.IntN(4))
			p.Bookings = append(p.Bookings, b)
		}
		rng.Shuffle(len(p.Bookings), func(a, b int) { p.Bookings[a], p.Bookings[b] = p.Bookings[b], p.Bookings[a] })
		list[i] = p
	}
	return list
}

func BenchmarkPlanAll(b *testing.B) {
	for _, size := range []struct{ properties, bookings int }{{100, 100}, {10_000, 100}} {
		b.Run(fmt.Sprintf("bookings=%d", size.properties*size.bookings), func(b *testing.B) {
			properties := account(size.properties, size.bookings)
			b.ReportAllocs()
			for b.Loop() {
				if r := cleaning.PlanAll(properties, cleaning.Policy{}, now); len(r.Jobs) != size.properties*size.bookings {
					b.Fatal(len(r.Jobs))
				}
			}
		})
	}
}

// BenchmarkSortAlone is the least that a plan takes: the same bookings put in the
// order of unit and departure, and swept once.
func BenchmarkSortAlone(b *testing.B) {
	for _, size := range []struct{ properties, bookings int }{{100, 100}, {10_000, 100}} {
		b.Run(fmt.Sprintf("bookings=%d", size.properties*size.bookings), func(b *testing.B) {
			type row struct{ unit, departure, arrival int }
			var rows []row
			for i, p := range account(size.properties, size.bookings) {
				for _, booking := range p.Bookings {
					rows = append(rows, row{i, booking.Departure.DaysSince(today), booking.Arrival.DaysSince(today)})
				}
			}
			work := make([]row, len(rows))
			for b.Loop() {
				copy(work, rows)
				slices.SortFunc(work, func(a, b row) int {
					return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.departure, b.departure))
				})
				sameDay := 0
				for i := 1; i < len(work); i++ {
					if work[i-1].unit == work[i].unit && work[i-1].departure == work[i].arrival {
						sameDay++
					}
				}
				if sameDay == 0 {
					b.Fatal("no same-day turnover")
				}
			}
		})
	}
}

func BenchmarkReconcile(b *testing.B) {
	plan := cleaning.PlanAll(account(1000, 100), cleaning.Policy{}, now)
	existing := cleaning.Apply(nil, cleaning.Reconcile(nil, plan, now).Changes)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(existing), func(i, j int) { existing[i], existing[j] = existing[j], existing[i] })
	for i := range existing {
		if i%100 == 0 {
			existing[i].End = existing[i].End.Add(time.Hour)
		}
	}
	b.Run("jobs=100000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d := cleaning.Reconcile(existing, plan, now); len(d.Changes) != 1000 || d.Changes[0].Kind != cleaning.ChangeMove {
				b.Fatal(len(d.Changes))
			}
		}
	})
}

func BenchmarkInstant(b *testing.B) {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	eleven, _ := pms.NewClock(11, 0)
	b.ReportAllocs()
	for b.Loop() {
		cleaning.Instant(today, eleven, loc)
	}
}
