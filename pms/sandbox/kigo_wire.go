package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// kigoEntry is an entry of a calendar.
type kigoEntry struct {
	ResID    int64  `json:"RES_ID"`
	PropID   int64  `json:"PROP_ID,omitempty"`
	Status   string `json:"RES_STATUS"`
	CheckIn  string `json:"RES_CHECK_IN"`
	CheckOut string `json:"RES_CHECK_OUT"`
	IsFor    bool   `json:"RES_IS_FOR"`
}

// entryOf is the entry of a stay: days and expected times in the wall time of
// the property.
func (k *Kigo) entryOf(s *Stay) kigoEntry {
	p := k.unit(s)
	return kigoEntry{
		ResID: number(s.ID), PropID: number(p.ID), Status: kigoStatus(s.Status),
		CheckIn:  kigoStamp(s.Arrival, firstClock(s.ArrivalTime, p.CheckIn)),
		CheckOut: kigoStamp(s.Departure, firstClock(s.DepartureTime, p.CheckOut)),
		IsFor:    s.Kind != pms.KindBlock,
	}
}

func kigoStamp(day pms.Date, c pms.Clock) string {
	return fmt.Sprintf("%s %02d:%02d:00", day, c.Hour(), c.Minute())
}

func kigoStatus(status pms.Status) string {
	switch status {
	case pms.StatusCancelled:
		return "CANCELED"
	case pms.StatusTentative:
		return "HOLD"
	default:
		return "CONFIRMED"
	}
}

// reservationOf is the answer of readReservation, which states days only.
func (k *Kigo) reservationOf(s *Stay) object {
	first, last := splitName(s.Guest.Name)
	r := object{
		"RES_ID": number(s.ID), "PROP_ID": number(k.unit(s).ID), "RES_STATUS": kigoStatus(s.Status),
		"RES_CREATE":   s.CreatedAt.In(k.world.Zone()).Format("2006-01-02"),
		"RES_CHECK_IN": s.Arrival.String(), "RES_CHECK_OUT": s.Departure.String(),
		"RES_N_ADULTS": s.Guests.Adults, "RES_N_CHILDREN": s.Guests.Children, "RES_N_BABIES": s.Guests.Infants,
		"RES_COMMENT": s.Notes, "RES_COMMENT_GUEST": "", "RES_UDRA": []object{}, "BOOKING_SOURCE_ID": 7,
	}
	guest := object{
		"RES_GUEST_FIRSTNAME": first, "RES_GUEST_LASTNAME": last, "RES_GUEST_EMAIL": s.Guest.Email,
		"RES_GUEST_PHONE": s.Guest.Phone, "RES_GUEST_COUNTRY": "",
	}
	if k.opts.NestedGuest {
		r["RES_GUEST"] = guest
		return r
	}
	for name, value := range guest {
		r[name] = value
	}
	return r
}

func kigoProvider() object { return object{"PROVIDER_TYPE": "RA", "RA_ID": 77} }

// kigoPropertyOf is the answer of readProperty2: coordinates are texts, some
// counts as well, and a map without entries is an empty list.
func kigoPropertyOf(p Property) object {
	info := object{
		"PROP_NAME": p.Name, "PROP_STREETNO": "", "PROP_ADDR1": p.Address.Street, "PROP_ADDR2": "", "PROP_ADDR3": "", "PROP_APTNO": "",
		"PROP_POSTCODE": p.Address.PostalCode, "PROP_CITY": p.Address.City, "PROP_REGION": p.Address.Region, "PROP_COUNTRY": p.Address.Country,
		"PROP_LATLNG": nil, "PROP_PHONE": "", "PROP_AXSCODE": "0000",
		"PROP_BEDROOMS": p.Bedrooms, "PROP_BEDS": p.Beds, "PROP_BED_TYPES": []int{}, "PROP_BATHROOMS": int(p.Bathrooms),
		"PROP_TYPE_ID": 12, "PROP_SIZE": "80", "PROP_SIZE_UNIT": "SQMETER", "PROP_FLOOR": 1, "PROP_MAXGUESTS": strconv.Itoa(p.Beds),
		"PROP_CIN_TIME": p.CheckIn.String(), "PROP_COUT_TIME": p.CheckOut.String(), "PROP_CLEAN_TIME": "03:00",
		"PROP_NAME_ALL": []string{}, "PROP_DESCRIPTION_ALL": []string{},
	}
	if p.Latitude != 0 || p.Longitude != 0 {
		info["PROP_LATLNG"] = object{
			"LATITUDE": strconv.FormatFloat(p.Latitude, 'f', 6, 64), "LONGITUDE": strconv.FormatFloat(p.Longitude, 'f', 6, 64),
		}
	}
	return object{
		"PROP_ID": number(p.ID), "PROP_PROVIDER": kigoProvider(), "PROP_INSTANT_BOOK": false, "PROP_INFO": info,
		"PROP_RATE": object{"PROP_RATE_CURRENCY": "EUR", "PROP_RATE_NIGHTLY_FROM": "80.00"}, "PROP_PHOTOS": []object{}, "PROP_UDPA": []object{},
	}
}

// kigoDays reads two days, the second not before the first.
func kigoDays(args object, first, second string) (from, to pms.Date, fault *kigoFault) {
	days := [2]pms.Date{}
	for i, name := range []string{first, second} {
		text, _ := args[name].(string)
		day, ok := parseDay(text)
		if !ok || i == 1 && day.Before(days[0]) {
			return from, to, &kigoFault{"E_INPUT", name + ": invalid date"}
		}
		days[i] = day
	}
	return days[0], days[1], nil
}

// kigoStay reads the guests of a new reservation.
func kigoStay(args object) (Stay, *kigoFault) {
	var s Stay
	for name, count := range map[string]*int{
		"RES_N_ADULTS": &s.Guests.Adults, "RES_N_CHILDREN": &s.Guests.Children, "RES_N_BABIES": &s.Guests.Infants,
	} {
		n, ok := integer(args[name])
		if !ok || n < 0 || n > 100 {
			return Stay{}, &kigoFault{"E_INPUT", name + ": must be an integer"}
		}
		*count = int(n)
	}
	guest, ok := args["RES_GUEST"].(object)
	if !ok {
		return Stay{}, &kigoFault{"E_INPUT", "RES_GUEST: missing"}
	}
	text := func(of object, name string) string {
		value, _ := of[name].(string)
		return value
	}
	s.Guest = pms.Guest{
		Name:  strings.TrimSpace(text(guest, "RES_GUEST_FIRSTNAME") + " " + text(guest, "RES_GUEST_LASTNAME")),
		Email: text(guest, "RES_GUEST_EMAIL"), Phone: text(guest, "RES_GUEST_PHONE"),
	}
	s.Notes = text(args, "RES_COMMENT")
	return s, nil
}
