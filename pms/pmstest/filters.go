package pmstest

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func filterScenarios() []scenario {
	today := func(w *sandbox.World, days int) pms.Date { return w.Today().AddDays(days) }
	filters := []struct {
		name  string
		query func(w *sandbox.World) pms.BookingQuery
	}{
		{"window", func(w *sandbox.World) pms.BookingQuery { return pms.BookingQuery{From: today(w, -2), To: today(w, 14)} }},
		{"window-one-day", func(w *sandbox.World) pms.BookingQuery { return pms.BookingQuery{From: today(w, 0), To: today(w, 0)} }},
		{"window-past", func(w *sandbox.World) pms.BookingQuery {
			return pms.BookingQuery{From: today(w, -15), To: today(w, -8)}
		}},
		{"window-empty", func(w *sandbox.World) pms.BookingQuery {
			return pms.BookingQuery{From: today(w, 3000), To: today(w, 3001)}
		}},
		{"from", func(w *sandbox.World) pms.BookingQuery { return pms.BookingQuery{From: today(w, 5)} }},
		{"to", func(w *sandbox.World) pms.BookingQuery { return pms.BookingQuery{To: today(w, 5)} }},
		{"units", func(w *sandbox.World) pms.BookingQuery {
			units := w.Units()
			return pms.BookingQuery{PropertyIDs: []string{units[1].ID, units[7].ID}}
		}},
		{"unit-unknown", func(*sandbox.World) pms.BookingQuery { return pms.BookingQuery{PropertyIDs: []string{"1"}} }},
		{"updated-since", func(w *sandbox.World) pms.BookingQuery {
			return pms.BookingQuery{UpdatedSince: w.Now().Add(-72 * time.Hour)}
		}},
		{"updated-since-exact", func(w *sandbox.World) pms.BookingQuery {
			return pms.BookingQuery{UpdatedSince: w.Stays()[20].UpdatedAt.In(time.FixedZone("", -11*60*60))}
		}},
		{"exclude-cancelled", func(*sandbox.World) pms.BookingQuery { return pms.BookingQuery{ExcludeCancelled: true} }},
		{"exclude-blocks", func(*sandbox.World) pms.BookingQuery { return pms.BookingQuery{ExcludeBlocks: true} }},
	}
	var out []scenario
	for _, f := range filters {
		out = append(out, scenario{name: "filter-" + f.name, play: func(s *scene) {
			s.use(s.everything())
			q := f.query(s.world)
			c := s.connect()
			if s.complete(c, q) {
				q.Limit = s.paged().Limit
				s.complete(c, q)
			}
		}})
	}
	return append(out, scenario{name: "filter-combined", play: filterCombined})
}

// filterCombined draws combinations of filters, and strips one that fails to
// what it takes.
func filterCombined(s *scene) {
	s.use(s.everything())
	c := s.connect()
	rng := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same draws in every run
	for range 30 {
		q := drawQuery(rng, s.world, s.paged().Limit)
		quiet := &scene{report: &report{}, ctx: s.ctx, h: s.h, world: s.world, net: s.net, vendor: s.vendor}
		if quiet.complete(c, q) {
			continue
		}
		for again := true; again; {
			again = false
			for _, smaller := range without(q) {
				if !quiet.complete(c, smaller) {
					q, again = smaller, true
					break
				}
			}
		}
		text, _ := json.Marshal(q)
		s.Errorf("query %s", text)
		s.complete(c, q)
		return
	}
}

func drawQuery(rng *rand.Rand, w *sandbox.World, limit int) pms.BookingQuery {
	var q pms.BookingQuery
	coin := func() bool { return rng.IntN(2) == 0 }
	if coin() {
		q.From = w.Today().AddDays(rng.IntN(90) - 30)
	}
	if coin() {
		q.To = w.Today().AddDays(rng.IntN(90) - 20)
		if q.To.Before(q.From) {
			q.From, q.To = q.To, q.From
		}
	}
	if coin() {
		for _, unit := range w.Units() {
			if rng.IntN(3) == 0 {
				q.PropertyIDs = append(q.PropertyIDs, unit.ID)
			}
		}
	}
	if coin() {
		q.UpdatedSince = w.Now().Add(-time.Duration(rng.IntN(60*24*60)) * time.Minute)
	}
	q.ExcludeCancelled, q.ExcludeBlocks, q.Prefetch = coin(), coin(), coin()
	if coin() {
		q.Limit = limit
	}
	return q
}

// without returns q less one of its filters each.
func without(q pms.BookingQuery) []pms.BookingQuery {
	var out []pms.BookingQuery
	for i, there := range []bool{
		!q.From.IsZero(), !q.To.IsZero(), len(q.PropertyIDs) > 0, !q.UpdatedSince.IsZero(),
		q.ExcludeCancelled, q.ExcludeBlocks, q.Prefetch, q.Limit != 0,
	} {
		if !there {
			continue
		}
		smaller := q
		switch i {
		case 0:
			smaller.From = pms.Date{}
		case 1:
			smaller.To = pms.Date{}
		case 2:
			smaller.PropertyIDs = nil
		case 3:
			smaller.UpdatedSince = time.Time{}
		case 4:
			smaller.ExcludeCancelled = false
		case 5:
			smaller.ExcludeBlocks = false
		case 6:
			smaller.Prefetch = false
		default:
			smaller.Limit = 0
		}
		out = append(out, smaller)
	}
	return out
}
