package ownerrez

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapProperty maps a property with its details. Active is the list that it is
// in, and zone the account's, for a property that states none.
func mapProperty(p Property, active bool, zone pms.Text) pms.Property {
	return pms.Property{
		Vendor: vendor,
		ID:     string(p.ID),
		Name:   string(cmp.Or(p.Name, p.ExternalName)),
		Address: pms.Address{
			Street:     joined(", ", p.Address.Street1, p.Address.Street2),
			City:       string(p.Address.City),
			Region:     string(cmp.Or(p.Address.State, p.Address.Province)),
			PostalCode: string(p.Address.PostalCode),
			Country:    string(p.Address.Country),
		},
		Latitude:    decimal(p.Latitude),
		Longitude:   decimal(p.Longitude),
		TimeZone:    string(cmp.Or(p.TimeZone, zone)),
		CheckIn:     wire.ClockOrZero(p.CheckIn),
		CheckOut:    wire.ClockOrZero(p.CheckOut),
		Bedrooms:    wire.CountOrZero(p.Bedrooms),
		Bathrooms:   mapBathrooms(p),
		MaxGuests:   wire.CountOrZero(p.MaxGuests),
		Status:      mapActive(p.Active, active),
		Cleanliness: pms.CleanlinessUnknown,
		Raw:         p.Raw,
	}
}

// mapActive: false and a missing field read alike, so that the list decides.
func mapActive(said pms.Text, active bool) pms.PropertyStatus {
	switch {
	case said.Bool():
		return pms.PropertyActive
	case !active:
		return pms.PropertyInactive
	default:
		return pms.PropertyUnknown
	}
}

// mapBathrooms: the total counts half rooms as whole.
func mapBathrooms(p Property) float64 {
	if p.BathroomsFull == "" && p.BathroomsHalf == "" {
		return max(decimal(p.Bathrooms), 0)
	}
	return max(decimal(p.BathroomsFull)+decimal(p.BathroomsHalf)/2, 0)
}

func decimal(t pms.Text) float64 {
	n, err := strconv.ParseFloat(string(t), 64)
	if err != nil || !(n >= -1000 && n <= 1000) {
		return 0
	}
	return n
}

// mapReservation maps a row. With Config.TitledBlocks a block that has a title is
// a guest's stay.
func (c *Client) mapReservation(r Reservation) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	kind, status := mapKind(r), mapStatus(r)
	arrival, departure := f.Date("arrival", r.Arrival), f.Date("departure", r.Departure)
	f.Stay("arrival", "departure", arrival, departure)
	f.Required("id", r.ID)
	if err := f.Err(vendor, "booking", string(r.ID), r.Raw); err != nil {
		return pms.Booking{}, err
	}
	b := pms.Booking{
		Vendor:        vendor,
		ID:            string(r.ID),
		PropertyID:    string(r.PropertyID),
		Kind:          kind,
		Status:        status,
		RawStatus:     string(r.Status),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   wire.ClockOrZero(r.CheckIn),
		DepartureTime: wire.ClockOrZero(r.CheckOut),
		Guests:        mapGuests(r),
		Guest: pms.Guest{
			Name:  joined(" ", r.Guest.FirstName, r.Guest.LastName),
			Email: string(r.PlatformEmailAddress),
		},
		Channel:   wire.Channel(r.ListingSite),
		Code:      string(r.PlatformReservationNumber),
		Total:     mapTotal(r),
		Notes:     joined("\n", r.Title, r.Notes),
		CreatedAt: stamp(r.CreatedUTC),
		UpdatedAt: stamp(r.UpdatedUTC),
		Raw:       r.Raw,
	}
	if title := joined("", r.Title); c.cfg.TitledBlocks && title != "" && kind == pms.KindBlock && !isLinked(r) {
		b.Kind, b.Guest.Name, b.Notes = pms.KindGuest, title, joined("", r.Notes)
	}
	return b, nil
}

// plain is a word of the vendor in lower case and without the underscores, which
// not all answers have.
func plain(word pms.Text) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(string(word)), "_", ""))
}

// isLinked: the copy of a booking on a linked property.
func isLinked(r Reservation) bool { return plain(r.Type) == "linkedavailability" }

// mapKind reads type and flag together: a booking that nobody stays for is a
// block. An owner's stay is one whatever the flag says.
func mapKind(r Reservation) pms.Kind {
	switch plain(r.Type) {
	case "owner":
		return pms.KindOwner
	case "quotehold":
		return pms.KindGuest
	case "block", "linkedavailability":
		return pms.KindBlock
	case "booking":
		if !r.IsBlock.Bool() {
			return pms.KindGuest
		}
	}
	if r.IsBlock.Bool() {
		return pms.KindBlock
	}
	return pms.KindUnknown
}

// mapStatus: a quote that holds its dates is an offer as long as it stands.
func mapStatus(r Reservation) pms.Status {
	quote := plain(r.Type) == "quotehold"
	switch word := plain(r.Status); {
	case word == "canceled", word == "cancelled":
		return pms.StatusCancelled
	case quote && (word == "active" || word == "pending"):
		return pms.StatusInquiry
	case word == "active":
		return pms.StatusConfirmed
	case word == "pending":
		return pms.StatusTentative
	default:
		return pms.StatusUnknown
	}
}

// stamp reads an instant, which is UTC.
func stamp(t pms.Text) time.Time { return wire.TimeOrZero(t, time.UTC).UTC() }

// mapGuests: OwnerRez states no total.
func mapGuests(r Reservation) pms.Guests {
	g := pms.Guests{
		Adults:   wire.CountOrZero(r.Adults),
		Children: wire.CountOrZero(r.Children),
		Infants:  wire.CountOrZero(r.Infants),
		Pets:     wire.CountOrZero(r.Pets),
	}
	g.Total = g.Adults + g.Children + g.Infants
	return g
}

func mapTotal(r Reservation) pms.Money {
	amount := wire.DecimalOrEmpty(r.TotalAmount)
	if amount == "" {
		return pms.Money{}
	}
	return pms.Money{Amount: amount, Currency: string(r.CurrencyCode)}
}

// mapGuest maps a guest: the default address and number, or else the first.
func mapGuest(g Guest) pms.Guest {
	out := pms.Guest{Name: joined(" ", g.FirstName, g.LastName)}
	for _, mail := range g.EmailAddresses {
		if mail.Address != "" && (out.Email == "" || mail.IsDefault.Bool()) {
			out.Email = string(mail.Address)
		}
	}
	for _, phone := range g.Phones {
		if phone.Number != "" && (out.Phone == "" || phone.IsDefault.Bool()) {
			out.Phone = string(phone.Number)
		}
	}
	return out
}

// joined joins texts that are not blank.
func joined(separator string, texts ...pms.Text) string {
	var out string
	for _, text := range texts {
		part := strings.TrimSpace(string(text))
		if out != "" && part != "" {
			out += separator
		}
		out += part
	}
	return out
}
