package standin

import (
	"errors"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Happen is what happens in the world between two looks at it: of the coming
// stays the first is cancelled and the last becomes a night longer, and a new
// one is booked behind it.
func Happen(w *sandbox.World) error {
	var coming []sandbox.Stay
	for _, s := range w.Stays() {
		if s.Kind == pms.KindGuest && s.Status == pms.StatusConfirmed && s.Arrival.After(w.Today()) && len(s.Moves) == 0 && s.UnitID != "" {
			coming = append(coming, s)
		}
	}
	const fewest = 2
	if len(coming) < fewest {
		return errors.New("the sandbox has too few coming stays")
	}
	first, last := coming[0], coming[len(coming)-1]
	until := last.Departure.AddDays(1)
	_, err := w.AddStay(sandbox.Stay{
		UnitID: last.UnitID, Arrival: until, Departure: until.AddDays(3),
		Guest: pms.Guest{Name: "Nora Sample"}, Guests: pms.Guests{Total: 2, Adults: 2},
	})
	return errors.Join(err, w.Cancel(first.ID), w.Extend(last.ID, until))
}
