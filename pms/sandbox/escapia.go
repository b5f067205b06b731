package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// EscapiaOptions is one property manager of Escapia and a partner who has
// access. The zero value has the credentials below.
type EscapiaOptions struct {
	// ClientID and ClientSecret are the partner's. Empty means
	// "sandbox-escapia-client" and "sandbox-escapia-secret".
	ClientID, ClientSecret string
	// PMCID is the property manager. Empty means "1020".
	PMCID string
	// TokenLife is how long a token serves. Zero means an hour; the vendor
	// states the end of each token and no length.
	TokenLife time.Duration
	// CleanWords are the manager's names of the housekeeping statuses. Nil means
	// Clean, Dirty and Inspected.
	CleanWords map[pms.Cleanliness]string
	// ChangesPerCall is how many changes an answer holds at most. Zero means 50.
	ChangesPerCall int
	// HideCancelled leaves cancelled reservations out of the search.
	HideCancelled bool
	// Limits are the allowances; the vendor publishes none. Nil means none.
	Limits []pms.Limit
}

// Escapia is the stand-in of Escapia's HSAPI (hsapi.escapia.com), by the
// vendor's Swagger file, version 10.
//
// GET auth/token and ListPmcs; POST SearchReservationSummaries, GET
// GetReservationById, GetReservationByNumber, GetReservationChanges and
// ListReservationTypes; PUT UpdateReservationMetadata, POST
// UpdateReservationOccupancyStatus; POST SearchUnitSummaries and GetUnitsById,
// GET GetUnitById; GET GetHousekeepingStatusList and
// GetUnitHousekeepingStatuses, PUT SaveUnitHousekeepingStatus; and the
// housekeeping tasks with SearchHousekeepingTasks, CreateHousekeepingTask,
// UpdateHousekeepingTask and DeleteHousekeepingTask.
//
// Decided here, because the documentation does not say (unverified): a
// reservation that does not exist is null under 200; cancelled ones are in the
// search and look confirmed there; the bounds of Overlap are outside of the
// window, and a search that names no method means it; a page holds 1000 records
// at most; GetUnitsById leaves out what does not exist; a wrong header is 400,
// another manager 403; a field that is not documented is 400; a change list is in
// order of versions and says startVersion when it is empty;
// UpdateHousekeepingTask clears what it is not sent; a write that changes nothing
// says false.
//
// What Escapia has no word for: inquiries are no reservations; a no-show is
// confirmed; infants are children; a direct booking has no channel; a stay that
// moves is in the unit of its first night. Blocks are holds for maintenance.
type Escapia struct {
	world  *World
	opts   EscapiaOptions
	mux    *http.ServeMux
	cancel func()
	calls  limiter

	mu      sync.Mutex
	serial  int64
	tokens  map[string]time.Time // by encodedId, with their end
	version int64
	changes []escapiaChange
	doors   map[string]string
	tasks   []escapiaTask
}

// escapiaChange is the latest change of a reservation.
type escapiaChange struct {
	id, kind string
	version  int64
	at       time.Time
}

// escapiaFirstVersion: versions are one sequence for all managers.
const (
	escapiaFirstVersion = 64041481
	escapiaVersionStep  = 7
)

// NewEscapia returns a stand-in for one manager whose units are those of the
// world. It follows the world until Close.
func NewEscapia(world *World, o EscapiaOptions) *Escapia {
	o.ClientID = cmp.Or(o.ClientID, "sandbox-escapia-client")
	o.ClientSecret = cmp.Or(o.ClientSecret, "sandbox-escapia-secret")
	o.PMCID = cmp.Or(o.PMCID, "1020")
	o.TokenLife = cmp.Or(o.TokenLife, time.Hour)
	o.ChangesPerCall = cmp.Or(o.ChangesPerCall, 50)
	if o.CleanWords == nil {
		o.CleanWords = map[pms.Cleanliness]string{pms.Clean: "Clean", pms.Dirty: "Dirty", pms.Inspected: "Inspected"}
	}
	e := &Escapia{
		world: world, opts: o, mux: http.NewServeMux(), calls: limiter{limits: o.Limits},
		tokens: map[string]time.Time{}, version: escapiaFirstVersion, doors: map[string]string{},
	}
	for _, s := range world.Stays() {
		e.note(&s, "Create", s.CreatedAt)
	}
	e.routes()
	e.cancel = world.Subscribe(e.follow)
	return e
}

// Options returns the account with its defaults filled in.
func (e *Escapia) Options() EscapiaOptions { return e.opts }

// Close stops following the world.
func (e *Escapia) Close() { e.cancel() }

// ExpireTokens revokes all tokens.
func (e *Escapia) ExpireTokens() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.tokens)
}

// DoorCode returns the door code of a reservation, or an empty text.
func (e *Escapia) DoorCode(reservationID string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.doors[reservationID]
}

// follow notes changes of stays.
func (e *Escapia) follow(c Change) {
	switch c.Kind {
	case StayCreated:
		e.note(&c.After, "Create", c.At)
	case StayUpdated, StayCancelled:
		e.note(&c.After, "Update", c.At)
	case StayDeleted:
		e.note(&c.After, "Delete", c.At)
	case PropertyChanged:
	}
}

// note keeps the latest change of a reservation: several collapse into one.
func (e *Escapia) note(s *Stay, kind string, at time.Time) {
	if !escapiaHas(s) {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.version += escapiaVersionStep
	e.changes = slices.DeleteFunc(e.changes, func(c escapiaChange) bool { return c.id == s.ID })
	e.changes = append(e.changes, escapiaChange{s.ID, kind, e.version, at})
}

// escapiaHas: an inquiry is no reservation.
func escapiaHas(s *Stay) bool { return s.Status != pms.StatusInquiry }

const escapiaPath = "/dragomanadapter/hsapi/"

func (e *Escapia) routes() {
	e.mux.HandleFunc("GET "+escapiaPath+"auth/token", e.issue)
	e.mux.HandleFunc("GET "+escapiaPath+"ListPmcs", e.secured(false, e.listPmcs))
	for pattern, handler := range map[string]http.HandlerFunc{
		"POST SearchReservationSummaries":       e.searchReservations,
		"GET GetReservationById":                e.getReservation,
		"GET GetReservationByNumber":            e.getReservationByNumber,
		"GET GetReservationChanges":             e.listChanges,
		"GET ListReservationTypes":              e.listReservationTypes,
		"PUT UpdateReservationMetadata":         e.updateReservation,
		"POST UpdateReservationOccupancyStatus": e.updateOccupancy,
		"POST SearchUnitSummaries":              e.searchUnits,
		"GET GetUnitById":                       e.getUnit,
		"POST GetUnitsById":                     e.getUnits,
		"GET GetHousekeepingStatusList":         e.listStatuses,
		"GET GetUnitHousekeepingStatuses":       e.unitStatuses,
		"PUT SaveUnitHousekeepingStatus":        e.saveStatus,
		"POST SearchHousekeepingTasks":          e.searchTasks,
		"POST CreateHousekeepingTask":           e.createTask,
		"PUT UpdateHousekeepingTask":            e.updateTask,
		"DELETE DeleteHousekeepingTask":         e.deleteTask,
	} {
		var method, name string
		_, _ = fmt.Sscan(pattern, &method, &name)
		e.mux.HandleFunc(method+" "+escapiaPath+name, e.secured(true, handler))
	}
}

// ServeHTTP implements [http.Handler].
func (e *Escapia) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.calls.allow(e.world.Now()) {
		w.Header().Set("Retry-After", "1")
		escapiaFail(w, http.StatusTooManyRequests, "Too many requests")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	route(e.mux, w, r, func(status int) { escapiaFail(w, status, http.StatusText(status)) })
}

// escapiaFail answers an error as ASP.NET Web API does; the vendor documents no
// body.
func escapiaFail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, object{"message": message})
}

func (e *Escapia) issue(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok || id != e.opts.ClientID || secret != e.opts.ClientSecret {
		escapiaFail(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	ends := e.world.Now().Add(e.opts.TokenLife)
	e.mu.Lock()
	e.serial++
	raw := fmt.Sprintf("%s:sandbox-token-%04d", e.opts.ClientID, e.serial)
	encoded := base64.StdEncoding.EncodeToString([]byte(raw))
	e.tokens[encoded] = ends
	e.mu.Unlock()
	escapiaAnswer(w, object{
		"expiration": ends.UTC().Format(time.RFC3339Nano), "id": raw, "encodedId": encoded, "authorizationHeaderValue": "Bearer " + encoded,
	})
}

// secured asks for a token and the headers of the vendor. The manager is not
// asked for where the documentation does not.
func (e *Escapia) secured(ofManager bool, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		ends, known := e.tokens[bearer(r)]
		e.mu.Unlock()
		const prefix = "X-Homeaway-Hasp-Api-"
		switch {
		case !known || !e.world.Now().Before(ends):
			escapiaFail(w, http.StatusUnauthorized, "Unauthorized")
		case r.Header.Get(prefix+"Version") != "10" || r.Header.Get(prefix+"Endsystem") != "EscapiaVRS":
			escapiaFail(w, http.StatusBadRequest, "A header is missing")
		case ofManager && r.Header.Get(prefix+"Pmcid") == "":
			escapiaFail(w, http.StatusBadRequest, "A header is missing")
		case ofManager && r.Header.Get(prefix+"Pmcid") != e.opts.PMCID:
			escapiaFail(w, http.StatusForbidden, "The manager has not granted access")
		default:
			next(w, r)
		}
	}
}

func (e *Escapia) listPmcs(w http.ResponseWriter, _ *http.Request) {
	escapiaAnswer(w, []any{object{
		"endSystem": "EscapiaVRS", "pmcid": e.opts.PMCID, "name": "Sandbox Rentals", "url": "https://rentals.example", "logoURL": "",
	}})
}

func (e *Escapia) listChanges(w http.ResponseWriter, r *http.Request) {
	start, err := strconv.ParseInt(r.URL.Query().Get("startVersion"), 10, 64)
	if err != nil || start < 0 {
		escapiaFail(w, http.StatusBadRequest, "startVersion must be a number")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	end, changes := start, []any{}
	for _, c := range e.changes {
		if c.version <= start || len(changes) == e.opts.ChangesPerCall {
			continue
		}
		end = c.version
		changes = append(changes, object{
			"nativePMSID": c.id, "changeType": c.kind, "changeTime": c.at.UTC().Format(time.RFC3339Nano),
		})
	}
	escapiaAnswer(w, object{"startVersion": start, "endVersion": end, "changes": changes})
}

func (e *Escapia) listReservationTypes(w http.ResponseWriter, _ *http.Request) {
	kinds := []any{}
	for i, owner := range []string{"None", "Owner", "GuestOfOwner"} {
		kinds = append(kinds, e.record(strconv.Itoa(i), object{"type": "Type " + owner, "isDefaultStay": i == 0, "ownerStayType": owner}))
	}
	escapiaAnswer(w, kinds)
}
