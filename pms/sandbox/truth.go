package sandbox

import (
	"strconv"

	"github.com/changeover-sdk/changeover/pms"
)

// Properties returns the units in the shared model, without a vendor.
func (w *World) Properties() []pms.Property {
	units := w.Units()
	out := make([]pms.Property, len(units))
	for i, p := range units {
		out[i] = p.truth()
	}
	return out
}

func (p Property) truth() pms.Property {
	status := pms.PropertyActive
	if p.Inactive {
		status = pms.PropertyInactive
	}
	return pms.Property{
		ID: p.ID, ParentID: p.ParentID, Name: p.Name,
		Address: p.Address, Latitude: p.Latitude, Longitude: p.Longitude,
		TimeZone: p.Zone.String(), CheckIn: p.CheckIn, CheckOut: p.CheckOut,
		Bedrooms: p.Bedrooms, Bathrooms: p.Bathrooms, MaxGuests: p.Beds,
		Status: status, Cleanliness: p.Cleanliness,
	}
}

// Bookings returns the stays and blocks in the shared model, without a vendor:
// what a connector would deliver of a vendor that can say everything.
//
// A stay with room changes becomes one Booking per room, with the ID
// "<stay>#<unit>" and the stay's id as GroupID; when the guest comes back to a
// room, the later Booking is "<stay>#<unit>.2". Each of them carries the total
// of the whole stay; only the first has its arrival time, only the last its
// departure time. Times are those agreed for the stay, not the defaults of the
// unit. A block is confirmed.
func (w *World) Bookings() []pms.Booking {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]pms.Booking, 0, len(w.stays.items))
	for i := range w.stays.items {
		out = append(out, w.truth(&w.stays.items[i])...)
	}
	return out
}

func (w *World) truth(s *Stay) []pms.Booking {
	segments := s.segments()
	out := make([]pms.Booking, 0, len(segments))
	seen := map[string]int{}
	for i, seg := range segments {
		b := pms.Booking{
			ID: s.ID, PropertyID: seg.unitID, Kind: s.Kind, Status: s.Status,
			Arrival: seg.from, Departure: seg.to,
			Guests: s.Guests, Guest: s.Guest, Channel: s.Channel, Code: s.Code, Total: s.Total, Notes: s.Notes,
			CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
		}
		if p, err := w.properties.get(seg.unitID); err == nil {
			b.TimeZone = p.Zone.String()
		}
		if i == 0 {
			b.ArrivalTime = s.ArrivalTime
		}
		if i == len(segments)-1 {
			b.DepartureTime = s.DepartureTime
		}
		if len(segments) > 1 {
			b.ID, b.GroupID = s.ID+"#"+seg.unitID, s.ID
			seen[seg.unitID]++
			if n := seen[seg.unitID]; n > 1 {
				b.ID += "." + strconv.Itoa(n)
			}
		}
		out = append(out, b)
	}
	return out
}

// segment is a run of nights [from, to) in one unit.
type segment struct {
	unitID   string
	from, to pms.Date
}

// segments returns the runs of nights in order. A stay has at least one, also
// without a night. Moves outside the stay and moves to the same unit count for
// nothing.
func (s *Stay) segments() []segment {
	out := []segment{{unitID: s.UnitID, from: s.Arrival, to: s.Departure}}
	for _, m := range s.Moves {
		last := &out[len(out)-1]
		if !m.Date.Before(s.Departure) || m.Date.Before(last.from) || m.UnitID == last.unitID {
			continue
		}
		if m.Date == last.from {
			last.unitID = m.UnitID
			if n := len(out); n > 1 && out[n-2].unitID == m.UnitID {
				out = out[:n-1]
				out[n-2].to = s.Departure
			}
			continue
		}
		last.to = m.Date
		out = append(out, segment{unitID: m.UnitID, from: m.Date, to: s.Departure})
	}
	return out
}

// unitOn returns the unit of the night of day: the first one before the stay,
// the last one after it.
func (s *Stay) unitOn(day pms.Date) string {
	segments := s.segments()
	unit := segments[0].unitID
	for _, seg := range segments[1:] {
		if !day.Before(seg.from) {
			unit = seg.unitID
		}
	}
	return unit
}
