package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// escapiaAnswer answers as Json.NET does that keeps references: every object has
// an "$id", and one that comes again is a "$ref".
func escapiaAnswer(w http.ResponseWriter, v any) {
	writeJSON(w, http.StatusOK, (&escapiaRefs{ids: map[uintptr]string{}}).number(v))
}

type escapiaRefs struct{ ids map[uintptr]string }

// number copies v with numbers. Objects are the same if they are one map.
func (refs *escapiaRefs) number(v any) any {
	switch v := v.(type) {
	case object:
		at := reflect.ValueOf(v).Pointer()
		if id, again := refs.ids[at]; again {
			return object{"$ref": id}
		}
		id := strconv.Itoa(len(refs.ids) + 1)
		refs.ids[at] = id
		out := make(object, len(v)+1)
		for _, name := range slices.Sorted(maps.Keys(v)) { // as they are written
			out[name] = refs.number(v[name])
		}
		out["$id"] = id
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = refs.number(item)
		}
		return out
	default:
		return v
	}
}

// record adds the ids that every entity has. Its id is always 0.
func (e *Escapia) record(id string, fields object) object {
	fields["id"], fields["pmcid"], fields["nativePMSID"] = 0, e.opts.PMCID, id
	return fields
}

func escapiaDayIn(t time.Time, zone *time.Location) pms.Date { return civil.DateOf(t.In(zone)) }

// escapiaText is null for an empty text.
func escapiaText(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// escapiaDouble writes a whole number as Json.NET writes a double.
func escapiaDouble(f float64) json.Number {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if f == float64(int64(f)) {
		text += ".0"
	}
	return json.Number(text)
}

func escapiaCode(unitID string) string { return "U" + unitID }

func escapiaNumber(s *Stay) string { return "RES-" + s.ID }

func escapiaHoldOf(s *Stay) string {
	switch s.Kind {
	case pms.KindOwner:
		return "Owner"
	case pms.KindBlock:
		return "Maintenance"
	case pms.KindGuest, pms.KindUnknown:
	}
	return "None"
}

// escapiaTypeOf is the id of the reservation type.
func escapiaTypeOf(s *Stay) string {
	if s.Kind == pms.KindOwner {
		return "1"
	}
	return "0"
}

func escapiaStatusOf(s *Stay) (status, occupancy string) {
	status, occupancy = "Confirmed", "AwaitingCheckIn"
	switch s.Status {
	case pms.StatusCancelled:
		status = "Cancelled"
	case pms.StatusTentative:
		status = "Unconfirmed"
	case pms.StatusCheckedIn:
		occupancy = "CheckedIn"
	case pms.StatusCheckedOut:
		occupancy = "CheckedOut"
	case pms.StatusConfirmed, pms.StatusNoShow, pms.StatusInquiry, pms.StatusUnknown:
	}
	return status, occupancy
}

// escapiaTime is a clock time with seconds, on odd ids with their fraction.
func escapiaTime(s *Stay, c pms.Clock) any {
	switch {
	case c.IsZero():
		return nil
	case number(s.ID)%2 == 1:
		return c.String() + ":00.0000001"
	default:
		return c.String() + ":00"
	}
}

// summary is a row of the search: it tells neither status nor times.
func (e *Escapia) summary(s *Stay) object {
	var guest any
	if s.Guest != (pms.Guest{}) {
		guest = e.guest(s, true)
	}
	return e.record(s.ID, object{
		"reservationNumber": escapiaNumber(s), "stayDateRange": escapiaRange(s), "unitNativePMSID": escapiaText(s.UnitID),
		"primaryGuest": guest, "guestCount": s.Guests.Total, "rent": amount(s.Total.Amount), "total": amount(s.Total.Amount),
		"paymentTotal": amount(s.Paid), "holdType": escapiaHoldOf(s), "confirmed": s.Status != pms.StatusTentative,
		"paymentStatus": escapiaPaid(s), "depositStatus": "NotPaid", "marketingCategoryNativePMSID": nil,
		"reservationTypeNativePMSID": escapiaTypeOf(s), "bookedByTravelAgent": false, "isLockOff": false,
		"netRentToOwner": json.Number("0.0"), "ownerNativePMSIDs": []any{}, "housekeepingNotes": nil, "reservationGroup": nil,
	})
}

func escapiaRange(s *Stay) object {
	return object{"startDate": s.Arrival.String(), "endDate": s.Departure.String()}
}

func escapiaPaid(s *Stay) string {
	switch paid, total := cents(s.Paid), cents(s.Total.Amount); {
	case paid == 0:
		return "Unpaid"
	case paid < total:
		return "PartiallyPaid"
	default:
		return "FullyPaid"
	}
}

// reservation is the detail of a reservation.
func (e *Escapia) reservation(s *Stay) object {
	status, occupancy := escapiaStatusOf(s)
	guests := []any{}
	if s.Guest != (pms.Guest{}) {
		if s.Guests.Adults > 1 {
			guests = append(guests, e.companion(s))
		}
		guests = append(guests, e.guest(s, true))
	}
	var channel any
	if s.Channel != "" && s.Channel != "direct" {
		channel = e.record("", object{"displayName": escapiaChannel(s.Channel), "value": s.Channel})
	}
	return e.record(s.ID, object{
		"failureDiagnosis": nil, "reservationNumber": escapiaNumber(s), "stayDateRange": escapiaRange(s),
		"unitNativePMSID": escapiaText(s.UnitID), "guests": guests, "doorCode": escapiaText(e.DoorCode(s.ID)),
		"adults": s.Guests.Adults, "children": s.Guests.Children + s.Guests.Infants, "reservationGroup": nil,
		"rent": amount(s.Total.Amount), "tax": json.Number("0.0"), "discount": json.Number("0.0"), "total": amount(s.Total.Amount),
		"paymentTotal": amount(s.Paid), "serviceFee": json.Number("0.0"), "notes": e.notes(s), "holdType": escapiaHoldOf(s),
		"reservationTypeNativePMSID": escapiaTypeOf(s), "kabaLockCode": nil, "immovable": false,
		"status": status, "occupancyStatus": occupancy, "paymentStatus": escapiaPaid(s), "depositStatus": "NotPaid",
		"bookingChannel": channel, "bookedByTravelAgent": false, "createdBy": "sandbox",
		"createdAt": s.CreatedAt.In(e.world.Zone()).Format("2006-01-02T15:04:05"), "isLockOff": false,
		"packages": []any{}, "extras": []any{}, "addOns": []any{}, "additionalProperties": []any{},
		"partnerID": nil, "partnerName": nil,
		"checkInTime": escapiaTime(s, s.ArrivalTime), "checkOutTime": escapiaTime(s, s.DepartureTime),
	})
}

func escapiaChannel(word string) string {
	if word == "booking" {
		return "Booking.com"
	}
	return word
}

// notes of a block are its reason.
func (e *Escapia) notes(s *Stay) []any {
	list := []any{}
	for _, text := range []string{s.Notes, s.Reason} {
		if text != "" {
			list = append(list, e.record("", object{"text": text, "modifiedOn": s.UpdatedAt.In(e.world.Zone()).Format("2006-01-02T15:04:05")}))
		}
	}
	return list
}

var escapiaPhone = regexp.MustCompile(`^\+(\d+) (\d+) (\S.*)$`)

func (e *Escapia) guest(s *Stay, primary bool) object {
	first, last := splitName(s.Guest.Name)
	phones, emails := []any{}, []any{}
	if s.Guest.Phone != "" {
		country, area, local := "", "", s.Guest.Phone
		if parts := escapiaPhone.FindStringSubmatch(s.Guest.Phone); parts != nil {
			country, area, local = parts[1], parts[2], parts[3]
		}
		phones = append(phones, e.record("", object{
			"countryCode": escapiaText(country), "areaCode": escapiaText(area), "number": local, "extension": nil, "isPrimary": true,
		}))
	}
	if s.Guest.Email != "" {
		emails = append(emails, e.record("", object{"address": s.Guest.Email, "isPrimary": true}))
	}
	return e.record("g"+s.ID, object{
		"firstName": first, "middleName": nil, "lastName": escapiaText(last), "addresses": []any{}, "phones": phones, "emails": emails,
		"isPrimaryGuest": primary, "isVIP": false, "isWarn": false, "notes": nil, "fullNameFirstLast": s.Guest.Name,
	})
}

// companion is a second guest, who comes first in the list.
func (e *Escapia) companion(s *Stay) object {
	other := *s
	other.Guest = pms.Guest{Name: "Companion Example"}
	return e.guest(&other, false)
}

// escapiaStatus is a housekeeping status of the manager.
type escapiaStatus struct {
	id, name string
	means    pms.Cleanliness
}

// statuses have ids that are the manager's own.
func (e *Escapia) statuses() []escapiaStatus {
	var out []escapiaStatus
	for i, means := range []pms.Cleanliness{pms.Dirty, pms.CleaningInProgress, pms.Clean, pms.Inspected} {
		if name := e.opts.CleanWords[means]; name != "" {
			out = append(out, escapiaStatus{strconv.FormatInt(number(e.opts.PMCID)%97+int64(i), 10), name, means})
		}
	}
	return out
}

// escapiaStatusTypes are the statuses of one answer: units share them.
type escapiaStatusTypes map[pms.Cleanliness]object

func (e *Escapia) statusTypes() escapiaStatusTypes {
	out := escapiaStatusTypes{}
	for _, s := range e.statuses() {
		out[s.means] = e.record(s.id, object{"name": s.name})
	}
	return out
}

func (t escapiaStatusTypes) of(c pms.Cleanliness) any {
	if status, ok := t[c]; ok {
		return status
	}
	return nil
}

// occupied reports whether somebody is in the unit today.
func (e *Escapia) occupied(unitID string) bool {
	today := e.world.Today()
	return len(e.world.staysIf(func(s *Stay) bool {
		return s.UnitID == unitID && s.Status != pms.StatusCancelled && !s.Arrival.After(today) && s.Departure.After(today)
	})) > 0
}

func (e *Escapia) unitSummary(p Property, statuses escapiaStatusTypes) object {
	return e.record(p.ID, object{
		"code": escapiaCode(p.ID), "name": p.Name, "headline": nil, "sleeps": escapiaDouble(float64(p.Beds)), "bedGroups": []any{},
		"bedrooms": escapiaDouble(float64(p.Bedrooms)), "bathrooms": escapiaDouble(p.Bathrooms),
		"unitHousekeepingStatusType": statuses.of(p.Cleanliness), "available": !e.occupied(p.ID),
		"address": p.Address.Street + ", " + p.Address.City, "featureGroups": []any{},
	})
}

func (e *Escapia) unit(p Property, statuses escapiaStatusTypes) object {
	occupied := e.occupied(p.ID)
	return e.record(p.ID, object{
		"unitName": p.Name, "unitCode": escapiaCode(p.ID), "unitComplex": escapiaText(p.ParentName), "unitHeadline": nil,
		"address": e.record("", object{
			"street1": escapiaText(p.Address.Street), "street2": "", "city": escapiaText(p.Address.City), "state": escapiaText(p.Address.Region),
			"province": nil, "zip": escapiaText(p.Address.PostalCode), "country": escapiaText(p.Address.Country), "isPrimary": true,
		}),
		"latitude": escapiaDouble(p.Latitude), "longitude": escapiaDouble(p.Longitude),
		"bedrooms": escapiaDouble(float64(p.Bedrooms)), "bathrooms": escapiaDouble(p.Bathrooms), "sleeps": escapiaDouble(float64(p.Beds)),
		"bedGroups": []any{}, "featureGroups": []any{}, "isActive": !p.Inactive, "available": !occupied, "occupied": occupied,
		"unitVacancyStatus": nil, "unitHousekeepingStatusType": statuses.of(p.Cleanliness), "housekeepingNotes": nil, "keycode": nil,
		"owners": []any{}, "phones": []any{}, "scaledImages": []any{}, "additionalProperties": []any{},
	})
}
