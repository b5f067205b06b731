package escapia

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapUnit maps a unit. Zone and clock times are the settings'.
func (c *Client) mapUnit(u Unit) pms.Property {
	return pms.Property{
		Vendor: vendor,
		ID:     string(u.NativePMSID),
		Name:   string(cmp.Or(u.UnitName, u.UnitCode)),
		Address: pms.Address{
			Street:     joined(", ", u.Address.Street1, u.Address.Street2),
			City:       string(u.Address.City),
			Region:     string(cmp.Or(u.Address.State, u.Address.Province)),
			PostalCode: string(u.Address.Zip),
			Country:    string(u.Address.Country),
		},
		Latitude:    decimal(u.Latitude),
		Longitude:   decimal(u.Longitude),
		TimeZone:    c.cfg.TimeZone,
		CheckIn:     c.cfg.CheckIn,
		CheckOut:    c.cfg.CheckOut,
		Bedrooms:    int(max(decimal(u.Bedrooms), 0)),
		Bathrooms:   max(decimal(u.Bathrooms), 0),
		MaxGuests:   wire.CountOrZero(u.Sleeps),
		Status:      mapPropertyStatus(string(u.IsActive)),
		Cleanliness: c.mapCleanliness(u.UnitHousekeepingStatusType.Name),
		Raw:         u.Raw,
	}
}

func mapPropertyStatus(active string) pms.PropertyStatus {
	switch active {
	case "true":
		return pms.PropertyActive
	case "false":
		return pms.PropertyInactive
	default:
		return pms.PropertyUnknown
	}
}

// statuses returns the manager's name of each status: the one of the settings,
// or the usual one.
func (names StatusNames) statuses() map[pms.Cleanliness]string {
	return map[pms.Cleanliness]string{
		pms.Clean:              cmp.Or(strings.TrimSpace(names.Clean), "Clean"),
		pms.Dirty:              cmp.Or(strings.TrimSpace(names.Dirty), "Dirty"),
		pms.Inspected:          cmp.Or(strings.TrimSpace(names.Inspected), "Inspected"),
		pms.CleaningInProgress: cmp.Or(strings.TrimSpace(names.InProgress), "In Progress"),
	}
}

func (c *Client) mapCleanliness(name pms.Text) pms.Cleanliness {
	names := c.cfg.CleanStatuses.statuses()
	for _, status := range []pms.Cleanliness{pms.Clean, pms.Dirty, pms.Inspected, pms.CleaningInProgress} {
		if sameName(name, names[status]) {
			return status
		}
	}
	return pms.CleanlinessUnknown
}

// sameName compares names of statuses.
func sameName(name pms.Text, want string) bool {
	return strings.EqualFold(strings.TrimSpace(string(name)), want)
}

// mapSummary maps what the search tells of a reservation, which is what filters
// ask for; its status is not known.
func mapSummary(s ReservationSummary) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	f.Required("nativePMSID", s.NativePMSID)
	arrival, departure := stay(&f, s.StayDateRange)
	if err := f.Err(vendor, "booking", string(s.NativePMSID), s.Raw); err != nil {
		return pms.Booking{}, err
	}
	return pms.Booking{
		Vendor:     vendor,
		ID:         string(s.NativePMSID),
		PropertyID: unitID(s.UnitNativePMSID),
		Kind:       mapKind(s.HoldType),
		Status:     pms.StatusUnknown,
		Arrival:    arrival,
		Departure:  departure,
		Raw:        s.Raw,
	}, nil
}

func stay(f *wire.Fields, days DateRange) (arrival, departure pms.Date) {
	const from, to = "stayDateRange.startDate", "stayDateRange.endDate"
	arrival, departure = f.Date(from, days.StartDate), f.Date(to, days.EndDate)
	f.Stay(from, to, arrival, departure)
	return arrival, departure
}

// mapReservation maps a reservation. It is in one unit.
func (c *Client) mapReservation(r Reservation) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	f.Required("nativePMSID", r.NativePMSID)
	arrival, departure := stay(&f, r.StayDateRange)
	if err := f.Err(vendor, "booking", string(r.NativePMSID), r.Raw); err != nil {
		return pms.Booking{}, err
	}
	status, word := mapStatus(r.Status, r.OccupancyStatus)
	return pms.Booking{
		Vendor:        vendor,
		ID:            string(r.NativePMSID),
		PropertyID:    unitID(r.UnitNativePMSID),
		Kind:          mapKind(r.HoldType),
		Status:        status,
		RawStatus:     string(word),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   clock(r.CheckInTime),
		DepartureTime: clock(r.CheckOutTime),
		TimeZone:      c.cfg.TimeZone,
		Guests:        mapGuests(r.Adults, r.Children),
		Guest:         mapGuest(primary(r.Guests)),
		Channel:       wire.Channel(cmp.Or(r.BookingChannel.DisplayName, r.BookingChannel.Value)),
		Code:          string(r.ReservationNumber),
		Total:         pms.Money{Amount: wire.DecimalOrEmpty(r.Total)},
		Notes:         notes(r.Notes),
		CreatedAt:     wire.TimeOrZero(r.CreatedAt, c.zone),
		Raw:           r.Raw,
	}, nil
}

// mapKind: holds of nobody are blocks.
func mapKind(hold pms.Text) pms.Kind {
	switch HoldType(hold) {
	case HoldNone:
		return pms.KindGuest
	case HoldOwner, HoldGuestOfOwner:
		return pms.KindOwner
	case HoldMaintenance, HoldSoftBlock, HoldGroupSoftBlock, HoldUnavailable:
		return pms.KindBlock
	default:
		return pms.KindUnknown
	}
}

// mapStatus returns the status and the word that says so. Whether the guest is
// in the house says more than whether the stay was confirmed.
func mapStatus(status, occupancy pms.Text) (pms.Status, pms.Text) {
	switch status {
	case "Cancelled":
		return pms.StatusCancelled, status
	case "Confirmed", "Unconfirmed", "":
	default:
		return pms.StatusUnknown, status
	}
	switch {
	case occupancy == "CheckedIn":
		return pms.StatusCheckedIn, occupancy
	case occupancy == "CheckedOut":
		return pms.StatusCheckedOut, occupancy
	case status == "Confirmed":
		return pms.StatusConfirmed, status
	case status == "Unconfirmed":
		return pms.StatusTentative, status
	default:
		return pms.StatusUnknown, status
	}
}

func mapGuests(adults, children pms.Text) pms.Guests {
	g := pms.Guests{Adults: wire.CountOrZero(adults), Children: wire.CountOrZero(children)}
	g.Total = g.Adults + g.Children
	return g
}

// primary is the primary guest, or the first one where nobody is.
func primary(guests []Guest) Guest {
	for _, g := range guests {
		if g.IsPrimaryGuest.Bool() {
			return g
		}
	}
	if len(guests) > 0 {
		return guests[0]
	}
	return Guest{}
}

func mapGuest(g Guest) pms.Guest {
	guest := pms.Guest{Name: cmp.Or(joined(" ", g.FirstName, g.LastName), string(g.FullNameFirstLast))}
	for i, e := range g.Emails {
		if i == 0 || e.IsPrimary.Bool() {
			guest.Email = strings.TrimSpace(string(e.Address))
		}
		if e.IsPrimary.Bool() {
			break
		}
	}
	for i, p := range g.Phones {
		if i == 0 || p.IsPrimary.Bool() {
			guest.Phone = phone(p)
		}
		if p.IsPrimary.Bool() {
			break
		}
	}
	return guest
}

// phone joins the parts of a number as they are written.
func phone(p Phone) string {
	country := p.CountryCode
	if country != "" && !strings.HasPrefix(string(country), "+") {
		country = "+" + country
	}
	text := joined(" ", country, p.AreaCode, p.Number)
	if text != "" && p.Extension != "" {
		text += " ext. " + string(p.Extension)
	}
	return text
}

func notes(list []Note) string {
	texts := make([]pms.Text, len(list))
	for i, note := range list {
		texts[i] = note.Text
	}
	return joined("\n", texts...)
}

// joined joins the texts that are not empty.
func joined(separator string, texts ...pms.Text) string {
	parts := make([]string, 0, len(texts))
	for _, t := range texts {
		if s := strings.TrimSpace(string(t)); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, separator)
}

// unitID: 0 is no unit.
func unitID(t pms.Text) string {
	if t == "0" {
		return ""
	}
	return string(t)
}

// clock reads a clock time whose seconds may have a fraction.
func clock(t pms.Text) pms.Clock {
	whole, _, _ := strings.Cut(string(t), ".")
	return wire.ClockOrZero(pms.Text(whole))
}

// decimal reads a number with a fraction; an unreadable one is 0.
func decimal(t pms.Text) float64 {
	n, err := strconv.ParseFloat(wire.DecimalOrEmpty(t), 64)
	if err != nil {
		return 0
	}
	return n
}
