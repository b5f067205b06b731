package operto

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// fields are the scalars of one record by the plain form of their names. The
// fields of a nested object have its name in front.
type fields map[string]pms.Text

var (
	errNotObject = errors.New("not a JSON object")
	errNoID      = errors.New("missing")
)

// maxDepth is how deep nested objects are read.
const maxDepth = 3

func readFields(raw json.RawMessage) (fields, error) {
	f := fields{}
	if !f.add("", raw, 0) {
		return nil, errNotObject
	}
	return f, nil
}

func (f fields) add(prefix string, raw json.RawMessage, depth int) bool {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return false
	}
	for name, value := range object {
		key := prefix + plain(name)
		if depth < maxDepth && f.add(key, value, depth+1) {
			continue
		}
		var text pms.Text
		if err := text.UnmarshalJSON(value); err == nil && (text != "" || f[key] == "") {
			f[key] = text
		}
	}
	return true
}

// get returns the first of the names that has a value.
func (f fields) get(names aliases) string {
	for _, name := range names {
		if text := strings.TrimSpace(string(f[name])); text != "" {
			return text
		}
	}
	return ""
}

// mapProperty reads a property.
func (n Names) mapProperty(f fields) Property {
	return Property{
		ID:                 f.get(readAs("id", "propertyid", "opertoid")),
		PartnerID:          f.get(readAs(partnerProperty, "partnerpropertyid")),
		Name:               f.get(readAs(propertyName, "propertyname", "title")),
		TimeZone:           f.get(readAs(propertyZone, "timezonename", "tz")),
		RoomStatus:         RoomStatus(f.get(readAs(n.RoomStatus, "roomstatus", "propertystatus", "status"))),
		SubscriptionStatus: f.get(readAs(n.SubscriptionStatus, "subscriptionstate", "subscription")),
	}
}

// mapReservation reads a reservation. Zone is the property's, nil when it is
// not known.
func (n Names) mapReservation(f fields, zone *time.Location) Reservation {
	local := n.LocalAnswers || pms.Text(f.get(readAs(n.LocalTimes, "islocal", "localtime", "localtimes"))).Bool()
	return Reservation{
		ID:           f.get(readAs("id", "reservationid", "opertoid")),
		PartnerID:    f.get(readAs(partnerReservation, "partnerid")),
		PropertyID:   f.get(readAs(n.NewProperty, "propertyid", "property")),
		Status:       mapReservationStatus(f.get(readAs(n.Status, "reservationstatus"))),
		CheckIn:      instant(f.get(readAs(n.CheckIn, "checkin", "checkintime", "checkindate", "arrival", "start")), local, zone),
		CheckOut:     instant(f.get(readAs(n.CheckOut, "checkout", "checkouttime", "checkoutdate", "departure", "end")), local, zone),
		GuestName:    f.get(readAs(n.GuestName, "guestname", "guestfullname")),
		GuestEmail:   f.get(readAs(n.GuestEmail, "guestemail", "email")),
		GuestPhone:   f.get(readAs(n.GuestPhone, "guestphone", "guestphonenumber", "phone")),
		GuestCode:    NewCode(f.get(readAs(n.GuestCode, "accesscode", "guestaccesscode", "guestcode", "doorcode", "accesscodesguest", "doorcodesguest", "codesguest"))),
		CheckOutCode: NewCode(f.get(readAs(n.CheckOutCode, "checkoutcode", "checkoutaccesscode", "accesscodescheckout", "doorcodescheckout", "codescheckout"))),
	}
}

func mapReservationStatus(word string) ReservationStatus {
	switch strings.ToLower(word) {
	case "confirmed":
		return ReservationConfirmed
	case "cancelled", "canceled":
		return ReservationCancelled
	default:
		return ReservationStatus(word)
	}
}

// instant reads a time of an answer. It is zero when it is not told, or wall
// time in a zone that is not known.
func instant(text string, local bool, zone *time.Location) time.Time {
	read := time.UTC
	if local {
		read = zone
	}
	t := wire.TimeOrZero(pms.Text(text), read)
	if zone == nil || t.IsZero() {
		return t
	}
	return t.In(zone)
}

// records finds the list of an answer: the answer itself, or the list under one
// of the names of an envelope. False means that there is none.
func records(body []byte, names ...string) (wire.Records, bool) {
	var list wire.Records
	if json.Unmarshal(body, &list) == nil && list != nil {
		return list, true
	}
	var envelope map[string]json.RawMessage
	if json.Unmarshal(body, &envelope) != nil {
		return nil, false
	}
	for _, name := range append(names, "data", "items", "results") {
		if inner, ok := envelope[name]; ok {
			return records(inner, names...)
		}
	}
	return nil, false
}

// record finds the record of an answer: the answer itself, or the object under
// one of the names of an envelope.
func record(body []byte, names ...string) (fields, error) {
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, errNotObject
	}
	for _, name := range append(names, "data") {
		if inner, ok := envelope[name]; ok && len(inner) > 0 && inner[0] == '{' {
			return record(inner, names...)
		}
	}
	return readFields(body)
}

// decodeList decodes the records one by one. Raw forms are not kept: they hold
// codes and guests.
func decodeList[T any](kind string, raws wire.Records, decode func(fields) (T, bool)) List[T] {
	list := List[T]{Items: make([]T, 0, len(raws))}
	for i, raw := range raws {
		bad := &pms.RecordError{Vendor: vendor, Record: kind, ID: "#" + strconv.Itoa(i+1)}
		f, err := readFields(raw)
		if err != nil {
			bad.Err = err
			list.Failed = append(list.Failed, bad)
			continue
		}
		value, ok := decode(f)
		if !ok {
			bad.Field, bad.Err = "id", errNoID
			list.Failed = append(list.Failed, bad)
			continue
		}
		list.Items = append(list.Items, value)
	}
	return list
}

// phone returns the phone as E.164, or nothing.
func phone(text string) string {
	compact := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "", "\u00a0", "").Replace(text)
	if rest, ok := strings.CutPrefix(compact, "00"); ok {
		compact = "+" + rest
	}
	digits, ok := strings.CutPrefix(compact, "+")
	if !ok || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return compact
}
