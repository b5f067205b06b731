package operto

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// teamsProperty is a property as Teams writes it. DoorCode, the static code of
// the unit, is neither read nor kept.
type teamsProperty struct {
	PropertyID                 pms.Text
	Active                     json.RawMessage // false differs from missing
	PropertyName               pms.Text
	Address                    pms.Text
	Lat                        json.Number
	Lon                        json.Number
	DefaultCheckInTime         pms.Text
	DefaultCheckInTimeMinutes  pms.Text
	DefaultCheckOutTime        pms.Text
	DefaultCheckOutTimeMinutes pms.Text
	RegionID                   pms.Text

	raw json.RawMessage
}

func propertyID(p *teamsProperty, raw json.RawMessage) string {
	p.raw = withoutDoorCode(raw)
	return string(p.PropertyID)
}

// withoutDoorCode returns the record without its door code.
func withoutDoorCode(raw json.RawMessage) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	for name := range object {
		if strings.EqualFold(name, "DoorCode") {
			delete(object, name)
		}
	}
	clean, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	return clean
}

func (t *Teams) mapProperty(p teamsProperty) pms.Property {
	lat, _ := p.Lat.Float64()
	lon, _ := p.Lon.Float64()
	status := pms.PropertyUnknown
	switch strings.Trim(string(p.Active), `"`) {
	case "true", "1":
		status = pms.PropertyActive
	case "false", "0":
		status = pms.PropertyInactive
	}
	return pms.Property{
		Vendor:      teamsVendor,
		ID:          string(p.PropertyID),
		Name:        string(p.PropertyName),
		Address:     pms.Address{Street: string(p.Address)},
		Latitude:    lat,
		Longitude:   lon,
		TimeZone:    t.cfg.TimeZone,
		CheckIn:     teamsClock(p.DefaultCheckInTime, p.DefaultCheckInTimeMinutes),
		CheckOut:    teamsClock(p.DefaultCheckOutTime, p.DefaultCheckOutTimeMinutes),
		Status:      status,
		Cleanliness: pms.CleanlinessUnknown,
		Raw:         p.raw,
	}
}

// teamsClock reads a whole hour and minutes. 99 was an older server's word for
// no time.
func teamsClock(hour, minute pms.Text) pms.Clock {
	if hour == "" {
		return pms.Clock{}
	}
	h, err := wire.Int(hour)
	m, err2 := wire.Int(minute)
	c, err3 := pms.NewClock(h, m)
	if err != nil || err2 != nil || err3 != nil {
		return pms.Clock{}
	}
	return c
}

// teamsBooking is a booking as Teams writes it. Every field is optional, and
// numbers may be strings.
type teamsBooking struct {
	PropertyBookingID   pms.Text
	PropertyID          pms.Text
	CheckIn             pms.Text
	CheckInTime         pms.Text
	CheckInTimeMinutes  pms.Text
	CheckOut            pms.Text
	CheckOutTime        pms.Text
	CheckOutTimeMinutes pms.Text
	Guest               pms.Text
	GuestEmail          pms.Text
	GuestPhone          pms.Text
	NumberOfGuest       pms.Text
	NumberOfChildren    pms.Text
	NumberOfPets        pms.Text
	IsOwner             pms.Text
	ImportBookingID     pms.Text
	PMSNote             pms.Text
	PMSHousekeepingNote pms.Text
	BookingNote         pms.Text
	Active              json.RawMessage
	CreateDate          pms.Text

	raw json.RawMessage
}

func (t *Teams) mapBooking(b teamsBooking) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	arrival, departure := f.Date("CheckIn", dashed(b.CheckIn)), f.Date("CheckOut", dashed(b.CheckOut))
	f.Stay("CheckIn", "CheckOut", arrival, departure)
	if err := f.Err(teamsVendor, "booking", string(b.PropertyBookingID), b.raw); err != nil {
		return pms.Booking{}, err
	}
	kind := pms.KindGuest
	if b.IsOwner.Bool() {
		kind = pms.KindOwner
	}
	status, raw := pms.StatusConfirmed, strings.Trim(string(b.Active), `"`)
	switch raw {
	case "1", "true", "", "null":
	case "0", "false":
		status = pms.StatusCancelled
	default:
		status = pms.StatusUnknown
	}
	guests := pms.Guests{
		Children: wire.CountOrZero(b.NumberOfChildren), Pets: wire.CountOrZero(b.NumberOfPets), Total: wire.CountOrZero(b.NumberOfGuest),
	}
	return pms.Booking{
		Vendor:        teamsVendor,
		ID:            string(b.PropertyBookingID),
		PropertyID:    string(b.PropertyID),
		Kind:          kind,
		Status:        status,
		RawStatus:     raw,
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   teamsClock(b.CheckInTime, b.CheckInTimeMinutes),
		DepartureTime: teamsClock(b.CheckOutTime, b.CheckOutTimeMinutes),
		TimeZone:      t.cfg.TimeZone,
		Guests:        guests,
		Guest:         pms.Guest{Name: string(b.Guest), Email: string(b.GuestEmail), Phone: string(b.GuestPhone)},
		Code:          string(b.ImportBookingID),
		Notes:         string(cmp.Or(b.BookingNote, b.PMSHousekeepingNote, b.PMSNote)),
		Raw:           b.raw,
	}, nil
}

// dashed turns YYYYMMDD into YYYY-MM-DD and leaves everything else.
func dashed(t pms.Text) pms.Text {
	if len(t) == 8 && !strings.ContainsAny(string(t), "-/.") {
		return t[:4] + "-" + t[4:6] + "-" + t[6:]
	}
	return t
}

// undashed is a day as queries have it.
func undashed(d pms.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// Staff is a person who works on tasks.
type Staff struct {
	ID     pms.Text `json:"StaffID"`
	Name   pms.Text
	Email  pms.Text
	Phone  pms.Text
	Active pms.Text
}

// TaskRule is a kind of task. Tasks belong to one.
type TaskRule struct {
	ID     pms.Text `json:"TaskRuleID"`
	Name   pms.Text `json:"TaskRule"`
	Active pms.Text
}

// Issue is what a cleaner has reported.
type Issue struct {
	ID         pms.Text `json:"IssueID"`
	PropertyID pms.Text
	// Type is 0 damage, 1 maintenance, 2 lost and found, 3 supplies, -1
	// unclassified.
	Type   pms.Text `json:"IssueType"`
	Text   pms.Text `json:"Issue"`
	Closed pms.Text `json:"ClosedDate"` // a day, or empty
}

// TeamsTask is a task as Teams writes it. Days come as YYYYMMDD or YYYY-MM-DD,
// hours as numbers or HH:MM.
type TeamsTask struct {
	ID          pms.Text `json:"TaskID"`
	RuleID      pms.Text `json:"TaskRuleID"`
	PropertyID  pms.Text
	BookingID   pms.Text `json:"PropertyBookingID"` // filled in by Operto, may be missing
	Name        pms.Text `json:"TaskName"`          // in lists, the rule's name is before it
	Description pms.Text `json:"TaskDescription"`
	Date        pms.Text `json:"TaskDate"`
	StartDate   pms.Text `json:"TaskStartDate"`
	StartTime   pms.Text `json:"TaskStartTime"`
	EndDate     pms.Text `json:"TaskCompleteByDate"`
	EndTime     pms.Text `json:"TaskCompleteByTime"`
	Completed   pms.Text
	Active      pms.Text
}
