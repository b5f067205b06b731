package operto

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/changeover-sdk/changeover/internal/rest"
)

// Names is the one table of what the public pages of the Connect API do not
// show: the names of most body fields, and the verbs and paths of the calls
// that write. An empty entry means the default, which is unverified. A host
// that has the real documentation sets what differs in [Config.Names].
//
// What is sent has the name of the table. What is received is also understood
// under names that mean the same: spelling (check_in, checkIn, CheckIn), a
// nested object (guest.name for guest_name) and common synonyms. As long as
// the names for sending are wrong, Operto does not answer with what was sent,
// and a [Keeper] hands out no code.
type Names struct {
	// The calls, a verb and a path in which {property} and {reservation} stand
	// for ids.
	CreateProperty     string `json:"createProperty,omitzero"`     // POST /v2/partners/properties
	CreateReservation  string `json:"createReservation,omitzero"`  // POST /v2/partners/properties/{property}/reservations
	UpdateReservation  string `json:"updateReservation,omitzero"`  // PUT /v2/partners/properties/{property}/reservations/{reservation}
	SetStatus          string `json:"setStatus,omitzero"`          // PUT, the same path
	TransferProperty   string `json:"transferProperty,omitzero"`   // PUT, the same path and /transfer
	TokenMethod        string `json:"tokenMethod,omitzero"`        // POST
	TokenField         string `json:"tokenField,omitzero"`         // token
	RoomStatus         string `json:"roomStatus,omitzero"`         // status
	CheckIn            string `json:"checkIn,omitzero"`            // check_in
	CheckOut           string `json:"checkOut,omitzero"`           // check_out
	LocalTimes         string `json:"localTimes,omitzero"`         // is_local_time
	GuestName          string `json:"guestName,omitzero"`          // guest_name
	GuestEmail         string `json:"guestEmail,omitzero"`         // guest_email
	GuestPhone         string `json:"guestPhone,omitzero"`         // guest_phone
	Status             string `json:"status,omitzero"`             // status
	NewProperty        string `json:"newProperty,omitzero"`        // property_id
	GuestCode          string `json:"guestCode,omitzero"`          // access_code
	CheckOutCode       string `json:"checkOutCode,omitzero"`       // check_out_code
	SubscriptionStatus string `json:"subscriptionStatus,omitzero"` // subscription_status

	// LocalAnswers says that times in answers are the property's wall time. They
	// are read as UTC otherwise, unless they carry an offset or the flag
	// LocalTimes.
	LocalAnswers bool `json:"localAnswers,omitzero"`
}

// The names that the vendor's pages do show.
const (
	partnerProperty    = "partner_id"
	partnerReservation = "partner_reservation_id"
	propertyName       = "name"
	propertyZone       = "timezone"
)

func (n Names) withDefaults() Names {
	const (
		properties   = "/v2/partners/properties"
		reservations = properties + "/{property}/reservations"
		reservation  = reservations + "/{reservation}"
	)
	return Names{
		CreateProperty:     cmp.Or(n.CreateProperty, "POST "+properties),
		CreateReservation:  cmp.Or(n.CreateReservation, "POST "+reservations),
		UpdateReservation:  cmp.Or(n.UpdateReservation, "PUT "+reservation),
		SetStatus:          cmp.Or(n.SetStatus, "PUT "+reservation),
		TransferProperty:   cmp.Or(n.TransferProperty, "PUT "+reservation+"/transfer"),
		TokenMethod:        cmp.Or(n.TokenMethod, http.MethodPost),
		TokenField:         cmp.Or(n.TokenField, "token"),
		RoomStatus:         cmp.Or(n.RoomStatus, "status"),
		CheckIn:            cmp.Or(n.CheckIn, "check_in"),
		CheckOut:           cmp.Or(n.CheckOut, "check_out"),
		LocalTimes:         cmp.Or(n.LocalTimes, "is_local_time"),
		GuestName:          cmp.Or(n.GuestName, "guest_name"),
		GuestEmail:         cmp.Or(n.GuestEmail, "guest_email"),
		GuestPhone:         cmp.Or(n.GuestPhone, "guest_phone"),
		Status:             cmp.Or(n.Status, "status"),
		NewProperty:        cmp.Or(n.NewProperty, "property_id"),
		GuestCode:          cmp.Or(n.GuestCode, "access_code"),
		CheckOutCode:       cmp.Or(n.CheckOutCode, "check_out_code"),
		SubscriptionStatus: cmp.Or(n.SubscriptionStatus, "subscription_status"),
		LocalAnswers:       n.LocalAnswers,
	}
}

// check reports calls that cannot be made.
func (n Names) check() error {
	for _, call := range []struct {
		name, text string
		needs      []string
	}{
		{"createProperty", n.CreateProperty, nil},
		{"createReservation", n.CreateReservation, []string{"{property}"}},
		{"updateReservation", n.UpdateReservation, []string{"{reservation}"}},
		{"setStatus", n.SetStatus, []string{"{reservation}"}},
		{"transferProperty", n.TransferProperty, []string{"{reservation}"}},
	} {
		verb, path, _ := strings.Cut(call.text, " ")
		if verb == "" || strings.ToUpper(verb) != verb || !strings.HasPrefix(path, "/") {
			return fmt.Errorf("%s: names: %s must be a verb and a path, such as \"PUT /v2/…\"", vendor, call.name)
		}
		for _, part := range call.needs {
			if !strings.Contains(path, part) {
				return fmt.Errorf("%s: names: %s must name %s", vendor, call.name, part)
			}
		}
	}
	return nil
}

// request makes a Call of an entry "VERB /path".
func request(op, entry string, property, reservation Ref) rest.Call {
	verb, path, _ := strings.Cut(entry, " ")
	path = strings.NewReplacer(
		"{property}", url.PathEscape(property.ID), "{reservation}", url.PathEscape(reservation.ID),
	).Replace(path)
	call := rest.Call{Op: op, Method: verb, Path: path}
	if property.Partner || reservation.Partner {
		call.Query = url.Values{"keyid": {"partner"}}
	}
	return call
}

// aliases are the names under which a field of an answer is understood, in the
// form of [plain]. All but those of the constants above are unverified.
type aliases []string

func readAs(name string, synonyms ...string) aliases {
	return append(aliases{plain(name)}, synonyms...)
}

// plain takes the spelling out of a name: check_in, checkIn and CHECK-IN are
// one.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(name))
}
