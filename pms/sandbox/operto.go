package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// OpertoOptions is one Operto Connect account. The zero value is an account with
// the credentials below whose properties are the units of the world.
type OpertoOptions struct {
	// ClientID and ClientSecret are the API key and secret. Empty means
	// "sandbox-operto-key" and "sandbox-operto-secret".
	ClientID, ClientSecret string
	// TokenPath is the path of the token call, which the vendor's pages do not
	// name. Empty means "/v2/sandbox/token".
	TokenPath string
	// TokenHeader is the header that carries the token. Empty means
	// Authorization with Bearer.
	TokenHeader string
	// Empty is an account without properties.
	Empty bool
	// CodeDelay is how long after a reservation was made, moved or confirmed its
	// codes are there.
	CodeDelay time.Duration
	// Rename gives fields other names than the ones below, in both directions.
	Rename map[string]string
	// Local answers with times in the property's zone in place of UTC.
	Local bool
}

// Operto is the stand-in of the Operto Connect partner API under
// /v2/partners: properties (list, get, create, update) and reservations (list
// by property, get, create, update, status, transfer), by Operto's ids or, with
// keyid=partner, by the partner's.
//
// Decided here, because the vendor's pages do not say (unverified): the verbs
// and paths of the calls that write; the names check_in, check_out,
// is_local_time, guest_name, guest_email, guest_phone, status, property_id,
// access_code, check_out_code, and the envelope of lists; that a second create
// with the same partner id makes a second reservation with codes of its own;
// that answers carry UTC; that both codes open from check-in until check-out;
// that confirming after a cancellation makes new codes; and that a deleted
// property takes its reservations with it.
type Operto struct {
	world *World
	opts  OpertoOptions
	mux   *http.ServeMux

	mu           sync.Mutex
	serial       int64
	codes        int
	tokens       map[string]bool
	properties   []*OpertoProperty
	reservations []*opertoReservation
}

// OpertoProperty is a property of the account.
type OpertoProperty struct {
	// ID is a number as text. [Operto.AddProperty] sets an empty one.
	ID string
	// PartnerID is the id that a partner gave, or empty.
	PartnerID string
	Name      string
	// TimeZone is an IANA name.
	TimeZone string
	// Status is the room status.
	Status string
}

type opertoReservation struct {
	id, partnerID      string
	property           *OpertoProperty
	checkIn, checkOut  time.Time
	name, email, phone string
	cancelled          bool
	code, out          string
	codesAt            time.Time
}

// OpertoGrant is a pair of codes that the locks of a property accept.
type OpertoGrant struct {
	PropertyID, PropertyPartnerID       string
	ReservationID, ReservationPartnerID string
	Code, CheckOutCode                  string
	// From and To are the instants between which the codes open, To excluded, in
	// the property's zone.
	From, To time.Time
}

// NewOperto returns a stand-in for one account. It takes the units of the world
// as they are now, and reads the clock of the world from then on.
func NewOperto(world *World, o OpertoOptions) *Operto {
	s := &Operto{world: world, opts: o.withDefaults(), mux: http.NewServeMux(), serial: 70000, tokens: map[string]bool{}}
	if !o.Empty {
		for _, unit := range world.Units() {
			s.AddProperty(OpertoProperty{Name: unit.Name, TimeZone: unit.Zone.String()})
		}
	}
	s.routes()
	return s
}

func (o OpertoOptions) withDefaults() OpertoOptions {
	if o.ClientID == "" {
		o.ClientID = "sandbox-operto-key"
	}
	if o.ClientSecret == "" {
		o.ClientSecret = "sandbox-operto-secret"
	}
	if o.TokenPath == "" {
		o.TokenPath = "/v2/sandbox/token"
	}
	return o
}

// Options returns the account with its defaults filled in.
func (s *Operto) Options() OpertoOptions { return s.opts }

// AddProperty adds a property, as a person does in Operto, and returns its id.
func (s *Operto) AddProperty(p OpertoProperty) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addProperty(p).ID
}

func (s *Operto) addProperty(p OpertoProperty) *OpertoProperty {
	if p.ID == "" {
		p.ID = s.newID()
	}
	if p.Status == "" {
		p.Status = "clean-available"
	}
	s.properties = append(s.properties, &p)
	return &p
}

func (s *Operto) newID() string {
	s.serial++
	return strconv.FormatInt(s.serial, 10)
}

// Properties returns all properties.
func (s *Operto) Properties() []OpertoProperty {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]OpertoProperty, len(s.properties))
	for i, p := range s.properties {
		out[i] = *p
	}
	return out
}

// UpdateProperty changes a property, as a person does in Operto. It reports
// whether there is one. Fn must not call the stand-in.
func (s *Operto) UpdateProperty(id string, fn func(*OpertoProperty)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.property(id, false)
	if p != nil {
		fn(p)
	}
	return p != nil
}

// DeleteProperty deletes a property with its reservations, as a person does in
// Operto.
func (s *Operto) DeleteProperty(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.properties = slices.DeleteFunc(s.properties, func(p *OpertoProperty) bool { return p.ID == id })
	s.reservations = slices.DeleteFunc(s.reservations, func(r *opertoReservation) bool { return r.property.ID == id })
}

// ExpireTokens revokes all tokens.
func (s *Operto) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Grants returns what the locks accept, now or later: the codes of all
// confirmed reservations, also those that the API does not show yet.
func (s *Operto) Grants() []OpertoGrant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []OpertoGrant
	for _, r := range s.reservations {
		if !r.cancelled {
			zone := opertoZone(r.property)
			out = append(out, OpertoGrant{
				PropertyID: r.property.ID, PropertyPartnerID: r.property.PartnerID,
				ReservationID: r.id, ReservationPartnerID: r.partnerID,
				Code: r.code, CheckOutCode: r.out, From: r.checkIn.In(zone), To: r.checkOut.In(zone),
			})
		}
	}
	return out
}

// Opens reports whether the code opens the door of the property at the time.
func (s *Operto) Opens(propertyID, code string, at time.Time) bool {
	return slices.ContainsFunc(s.Grants(), func(g OpertoGrant) bool {
		return g.PropertyID == propertyID && g.Code == code && !at.Before(g.From) && at.Before(g.To)
	})
}

// ServeHTTP implements [http.Handler].
func (s *Operto) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == s.opts.TokenPath {
		s.token(w, r)
		return
	}
	if !s.authorized(r) {
		opertoRefuse(w, http.StatusUnauthorized, "invalid token")
		return
	}
	if key, ok := r.URL.Query()["keyid"]; ok && (len(key) != 1 || key[0] != "partner") {
		opertoRefuse(w, http.StatusBadRequest, "invalid keyid")
		return
	}
	route(s.mux, w, r, func(status int) { opertoRefuse(w, status, http.StatusText(status)) })
}

func opertoRefuse(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, object{"message": message})
}

func (s *Operto) token(w http.ResponseWriter, r *http.Request) {
	user, password, ok := r.BasicAuth()
	if !ok || user != s.opts.ClientID || password != s.opts.ClientSecret {
		opertoRefuse(w, http.StatusUnauthorized, "invalid credentials")
		return
	}
	token := fmt.Sprintf("operto-token-%d", len(s.tokens)+1)
	s.tokens[token] = true
	writeJSON(w, http.StatusOK, object{s.named("token"): token})
}

func (s *Operto) authorized(r *http.Request) bool {
	if header := s.opts.TokenHeader; header != "" {
		return s.tokens[r.Header.Get(header)]
	}
	const scheme = "Bearer "
	value := r.Header.Get("Authorization")
	return len(value) > len(scheme) && value[:len(scheme)] == scheme && s.tokens[value[len(scheme):]]
}

func (s *Operto) routes() {
	const properties = "/v2/partners/properties"
	const reservation = properties + "/{property}/reservations/{reservation}"
	s.mux.HandleFunc("GET "+properties, func(w http.ResponseWriter, _ *http.Request) {
		list := make([]object, len(s.properties))
		for i, p := range s.properties {
			list[i] = s.propertyJSON(p)
		}
		writeJSON(w, http.StatusOK, object{"properties": list})
	})
	s.mux.HandleFunc("POST "+properties, s.createProperty)
	s.mux.HandleFunc("GET "+properties+"/{property}", s.withProperty(func(w http.ResponseWriter, _ *http.Request, p *OpertoProperty) {
		writeJSON(w, http.StatusOK, s.propertyJSON(p))
	}))
	s.mux.HandleFunc("PUT "+properties+"/{property}", s.withProperty(s.updateProperty))
	s.mux.HandleFunc("GET "+properties+"/{property}/reservations", s.withProperty(s.list))
	s.mux.HandleFunc("POST "+properties+"/{property}/reservations", s.withProperty(s.create))
	s.mux.HandleFunc("PUT "+reservation, s.withReservation(s.update))
	s.mux.HandleFunc("PUT "+reservation+"/transfer", s.withReservation(s.transfer))
	s.mux.HandleFunc("GET /v2/partners/reservations/{reservation}", func(w http.ResponseWriter, r *http.Request) {
		if found := s.reservation(r.PathValue("reservation"), byPartner(r)); found != nil {
			writeJSON(w, http.StatusOK, s.reservationJSON(found))
			return
		}
		opertoRefuse(w, http.StatusNotFound, "unknown reservation")
	})
}

func byPartner(r *http.Request) bool { return r.URL.Query().Get("keyid") == "partner" }

func (s *Operto) property(id string, partner bool) *OpertoProperty {
	for _, p := range s.properties {
		if (partner && p.PartnerID == id) || (!partner && p.ID == id) {
			return p
		}
	}
	return nil
}

func (s *Operto) reservation(id string, partner bool) *opertoReservation {
	for _, r := range s.reservations {
		if (partner && r.partnerID == id) || (!partner && r.id == id) {
			return r
		}
	}
	return nil
}

func (s *Operto) withProperty(fn func(http.ResponseWriter, *http.Request, *OpertoProperty)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := s.property(r.PathValue("property"), byPartner(r))
		if p == nil {
			opertoRefuse(w, http.StatusNotFound, "unknown property")
			return
		}
		fn(w, r, p)
	}
}

func (s *Operto) withReservation(fn func(http.ResponseWriter, *http.Request, *opertoReservation)) http.HandlerFunc {
	return s.withProperty(func(w http.ResponseWriter, r *http.Request, p *OpertoProperty) {
		found := s.reservation(r.PathValue("reservation"), byPartner(r))
		if found == nil || found.property != p {
			opertoRefuse(w, http.StatusNotFound, "unknown reservation")
			return
		}
		fn(w, r, found)
	})
}

// named is the name of a field in this account's dialect.
func (s *Operto) named(field string) string {
	if other, ok := s.opts.Rename[field]; ok {
		return other
	}
	return field
}

// body reads the fields of a request. Answered is true when the body could not
// be read and that has been answered.
func (s *Operto) body(w http.ResponseWriter, r *http.Request) (get func(field string) any, answered bool) {
	body, err := readJSON(r)
	if err != nil {
		opertoRefuse(w, http.StatusBadRequest, "invalid JSON")
		return nil, true
	}
	return func(field string) any { return body[s.named(field)] }, false
}

func (s *Operto) propertyJSON(p *OpertoProperty) object {
	partner := any(p.PartnerID)
	if p.PartnerID == "" {
		partner = nil
	}
	return object{
		"id": number(p.ID), "partner_id": partner, "name": p.Name, "timezone": p.TimeZone,
		s.named("room_status"): p.Status, "subscription_status": "active",
	}
}

func (s *Operto) createProperty(w http.ResponseWriter, r *http.Request) {
	get, answered := s.body(w, r)
	if answered {
		return
	}
	id, _ := get("partner_id").(string)
	name, _ := get("name").(string)
	zone, _ := get("timezone").(string)
	if _, err := time.LoadLocation(zone); id == "" || name == "" || zone == "" || err != nil {
		opertoRefuse(w, http.StatusUnprocessableEntity, "partner_id, name and timezone are required")
		return
	}
	if s.property(id, true) != nil {
		opertoRefuse(w, http.StatusConflict, "partner_id is taken")
		return
	}
	p := s.addProperty(OpertoProperty{PartnerID: id, Name: name, TimeZone: zone})
	writeJSON(w, http.StatusCreated, s.propertyJSON(p))
}

// opertoStatuses are the room statuses of the documentation.
var opertoStatuses = []string{
	"clean-available", "guest-checking-in", "guest-checking-out", "cleaning-started", "cleaning-complete",
	"maintenance-started", "maintenance-complete",
}

func (s *Operto) updateProperty(w http.ResponseWriter, r *http.Request, p *OpertoProperty) {
	get, answered := s.body(w, r)
	if answered {
		return
	}
	name, _ := get("name").(string)
	zone, _ := get("timezone").(string)
	status, stated := get("status").(string)
	_, err := time.LoadLocation(zone)
	if name == "" || zone == "" || err != nil || (stated && !slices.Contains(opertoStatuses, status)) {
		opertoRefuse(w, http.StatusUnprocessableEntity, "invalid property")
		return
	}
	p.Name, p.TimeZone = name, zone
	if stated {
		p.Status = status
	}
	writeJSON(w, http.StatusOK, s.propertyJSON(p))
}

func (s *Operto) list(w http.ResponseWriter, _ *http.Request, p *OpertoProperty) {
	list := []object{}
	for _, r := range s.reservations {
		if r.property == p {
			list = append(list, s.reservationJSON(r))
		}
	}
	writeJSON(w, http.StatusOK, object{"reservations": list})
}

func (s *Operto) reservationJSON(r *opertoReservation) object {
	zone := time.UTC
	if s.opts.Local {
		zone = opertoZone(r.property)
	}
	status, code, out := "confirmed", any(r.code), any(r.out)
	if r.cancelled {
		status = "cancelled"
	}
	if r.cancelled || s.world.Now().Before(r.codesAt) {
		code, out = nil, nil
	}
	partner := any(r.partnerID)
	if r.partnerID == "" {
		partner = nil
	}
	return object{
		"id": number(r.id), "partner_reservation_id": partner, "property_id": number(r.property.ID),
		s.named("status"):     status,
		s.named("check_in"):   r.checkIn.In(zone).Format(time.DateTime),
		s.named("check_out"):  r.checkOut.In(zone).Format(time.DateTime),
		s.named("guest_name"): r.name, s.named("guest_email"): r.email, s.named("guest_phone"): r.phone,
		s.named("access_code"): code, s.named("check_out_code"): out,
	}
}

func opertoZone(p *OpertoProperty) *time.Location {
	if zone, err := time.LoadLocation(p.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// stay reads times and guest. Times are the property's if the flag is set, else
// UTC.
func (s *Operto) stay(get func(string) any, r *opertoReservation) error {
	zone := time.UTC
	if local, _ := get("is_local_time").(bool); local {
		zone = opertoZone(r.property)
	}
	for field, into := range map[string]*time.Time{"check_in": &r.checkIn, "check_out": &r.checkOut} {
		text, _ := get(field).(string)
		t, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			return fmt.Errorf("%s: %w", field, pms.ErrInvalid)
		}
		*into = t
	}
	if !r.checkIn.Before(r.checkOut) {
		return fmt.Errorf("check_out before check_in: %w", pms.ErrInvalid)
	}
	for field, into := range map[string]*string{"guest_name": &r.name, "guest_email": &r.email, "guest_phone": &r.phone} {
		if text, ok := get(field).(string); ok {
			*into = text
		}
	}
	if r.phone != "" && !e164.MatchString(r.phone) {
		return fmt.Errorf("guest_phone: %w", pms.ErrInvalid)
	}
	return nil
}

func (s *Operto) create(w http.ResponseWriter, r *http.Request, p *OpertoProperty) {
	get, answered := s.body(w, r)
	if answered {
		return
	}
	made := opertoReservation{property: p}
	made.partnerID, _ = get("partner_reservation_id").(string)
	if err := s.stay(get, &made); err != nil || made.partnerID == "" {
		opertoRefuse(w, http.StatusUnprocessableEntity, "invalid reservation")
		return
	}
	made.id = s.newID()
	s.makeCodes(&made)
	s.reservations = append(s.reservations, &made)
	writeJSON(w, http.StatusCreated, s.reservationJSON(&made))
}

// makeCodes gives codes that no other reservation has had.
func (s *Operto) makeCodes(r *opertoReservation) {
	next := func() string {
		s.codes++
		return fmt.Sprintf("%06d", (s.codes*7919+104729)%1000000)
	}
	r.code, r.out = next(), next()
	r.codesAt = s.world.Now().Add(s.opts.CodeDelay)
}

func (s *Operto) update(w http.ResponseWriter, r *http.Request, found *opertoReservation) {
	get, answered := s.body(w, r)
	if answered {
		return
	}
	changed := *found
	if get("check_in") != nil || get("check_out") != nil {
		if err := s.stay(get, &changed); err != nil {
			opertoRefuse(w, http.StatusUnprocessableEntity, "invalid reservation")
			return
		}
	}
	switch get("status") {
	case nil:
	case "cancelled":
		changed.cancelled = true
	case "confirmed":
		if changed.cancelled {
			s.makeCodes(&changed)
		}
		changed.cancelled = false
	default:
		opertoRefuse(w, http.StatusUnprocessableEntity, "invalid status")
		return
	}
	*found = changed
	writeJSON(w, http.StatusOK, s.reservationJSON(found))
}

func (s *Operto) transfer(w http.ResponseWriter, r *http.Request, found *opertoReservation) {
	get, answered := s.body(w, r)
	if answered {
		return
	}
	id, _ := get("property_id").(string)
	to := s.property(id, false)
	if to == nil {
		opertoRefuse(w, http.StatusUnprocessableEntity, "unknown property")
		return
	}
	if to != found.property {
		found.property = to
		s.makeCodes(found)
	}
	writeJSON(w, http.StatusOK, s.reservationJSON(found))
}
