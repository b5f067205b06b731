package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// KigoOptions is one agency's account at Kigo. The zero value is an account
// with the credentials below.
type KigoOptions struct {
	// Username and Password are those of the API user. Empty means
	// "sandbox-agency" and "sandbox-kigo-password".
	Username, Password string
	// FirstDiff is how long a diff from null takes; Kigo's takes about three
	// minutes. Zero means no time.
	FirstDiff time.Duration
	// NestedGuest puts the guest of readReservation into RES_GUEST. Without it
	// the guest's fields stand beside the others; both were seen.
	NestedGuest bool
	// NoLimits switches the throttling off.
	NoLimits bool
}

// Kigo is the stand-in of Kigo's API for rental agencies, version 1, as
// independent clients of it know it. Every method is a POST to /api/ra/v1/ with
// a JSON body: ping, listProperties2, readProperty2,
// listPropertyCalendarReservations, diffPropertyCalendarReservations,
// readReservation, createConfirmedReservation and cancelReservation.
//
// Decided here, because no client tells (unverified): one request a second is
// allowed; wrong credentials are HTTP 401 and an unknown method is 404; an
// unknown DIFF_ID is E_INPUT; the list of a property holds what is not
// cancelled and checks in between its dates; a deleted reservation is in no
// diff; a block is an entry of another account; a reservation is in the property
// of today; creating one answers its RES_ID. Inquiries and stays without a unit
// are not listed. Owner stays, no-shows and guests in house are confirmed
// reservations: Kigo has no words for them.
type Kigo struct {
	world  *World
	opts   KigoOptions
	calls  limiter
	cancel func()

	mu sync.Mutex
	// changed are the ids of the stays that changed, in order; forgotten is how
	// many of them no DIFF_ID leads to any more.
	changed   []string
	forgotten int
	callID    int64
}

// NewKigo returns a stand-in for one account whose properties are the units of
// the world. It follows the world until Close.
func NewKigo(world *World, o KigoOptions) *Kigo {
	o.Username = cmp.Or(o.Username, "sandbox-agency")
	o.Password = cmp.Or(o.Password, "sandbox-kigo-password")
	k := &Kigo{world: world, opts: o}
	if !o.NoLimits {
		k.calls.limits = []pms.Limit{{Requests: 1, Window: time.Second}}
	}
	k.cancel = world.Subscribe(func(c Change) {
		if c.Kind == PropertyChanged || c.Kind == StayDeleted {
			return
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.changed = append(k.changed, c.After.ID)
	})
	return k
}

// Options returns the account with its defaults filled in.
func (k *Kigo) Options() KigoOptions { return k.opts }

// Close stops following the world.
func (k *Kigo) Close() { k.cancel() }

// ForgetDiffs makes every DIFF_ID that was given out so far unknown.
func (k *Kigo) ForgetDiffs() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changed = append(k.changed, "")
	k.forgotten = len(k.changed)
}

// kigoFault is a result that is not E_OK.
type kigoFault struct{ code, text string }

// kigoMethod answers the arguments of a call with its API_REPLY.
type kigoMethod func(r *http.Request, args object) (reply any, fault *kigoFault)

const kigoBase = "/api/ra/v1/"

// ServeHTTP implements [http.Handler].
func (k *Kigo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	username, password, ok := r.BasicAuth()
	name := strings.TrimPrefix(r.URL.Path, kigoBase)
	method := k.methods()[name]
	switch {
	case !ok || username != k.opts.Username || password != k.opts.Password:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case method == nil || r.URL.Path != kigoBase+name:
		http.Error(w, "Not Found", http.StatusNotFound)
	case r.Method != http.MethodPost:
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	case !k.calls.allow(k.world.Now()):
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, "The rate limiting policy was triggered, please throttle.")
	default:
		args, fault := kigoArguments(r)
		var reply any
		if fault == nil {
			reply, fault = method(r, args)
		}
		writeJSON(w, http.StatusOK, k.envelope(name, reply, fault))
	}
}

func (k *Kigo) methods() map[string]kigoMethod {
	return map[string]kigoMethod{
		"ping":                             func(*http.Request, object) (any, *kigoFault) { return nil, nil },
		"listProperties2":                  k.listProperties,
		"readProperty2":                    k.readProperty,
		"listPropertyCalendarReservations": k.listCalendar,
		"diffPropertyCalendarReservations": k.diffCalendar,
		"readReservation":                  k.readReservation,
		"createConfirmedReservation":       k.createReservation,
		"cancelReservation":                k.cancelReservation,
	}
}

// kigoArguments reads the body: an object, or the literal null where a method
// takes no arguments.
func kigoArguments(r *http.Request) (object, *kigoFault) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var args object
	if err != nil || dec.Decode(&args) != nil || r.Header.Get("Content-Type") != "application/json" {
		return nil, &kigoFault{"E_INPUT", "Invalid JSON"}
	}
	return args, nil
}

// envelope is the same around every reply. Some replies say that their method
// is deprecated.
func (k *Kigo) envelope(method string, reply any, fault *kigoFault) object {
	k.mu.Lock()
	k.callID++
	id := "call" + strconv.FormatInt(k.callID, 36)
	k.mu.Unlock()
	e := object{
		"API_VERSION": 1, "API_REVISION": 14, "API_METHOD": method, "API_CALL_ID": id,
		"API_RESULT_CODE": "E_OK", "API_RESULT_TEXT": "", "API_REPLY": reply,
	}
	if method == "readReservation" {
		e["API_DEPRECATED"] = "This method is deprecated."
	}
	if fault != nil {
		e["API_RESULT_CODE"], e["API_RESULT_TEXT"], e["API_REPLY"] = fault.code, fault.text, nil
	}
	return e
}

func (k *Kigo) listProperties(*http.Request, object) (any, *kigoFault) {
	list := []object{}
	for _, p := range k.world.Units() {
		list = append(list, object{"PROP_ID": number(p.ID), "PROP_PROVIDER": kigoProvider(), "PROP_NAME": p.Name})
	}
	return list, nil
}

func (k *Kigo) readProperty(_ *http.Request, args object) (any, *kigoFault) {
	p, fault := k.property(args)
	if fault != nil {
		return nil, fault
	}
	return kigoPropertyOf(p), nil
}

// property returns the property that the arguments name. Ids are numbers; as
// texts they are refused.
func (k *Kigo) property(args object) (Property, *kigoFault) {
	id, ok := integer(args["PROP_ID"])
	if !ok {
		return Property{}, &kigoFault{"E_INPUT", "PROP_ID: must be an integer"}
	}
	p, known := k.world.Property(strconv.FormatInt(id, 10))
	switch {
	case !known:
		return p, &kigoFault{"E_NOSUCH", "No such property"}
	case p.Inactive:
		return p, &kigoFault{"E_DEACTIVATED", "This property is deactivated"}
	}
	return p, nil
}

func (k *Kigo) listCalendar(_ *http.Request, args object) (any, *kigoFault) {
	p, fault := k.property(args)
	if fault != nil {
		return nil, fault
	}
	from, to, fault := kigoDays(args, "LIST_START_DATE", "LIST_END_DATE")
	if fault != nil {
		return nil, fault
	}
	list := []kigoEntry{}
	for _, s := range k.entries(func(*Stay) bool { return true }) {
		inside := !s.Arrival.Before(from) && !s.Arrival.After(to)
		if s.Status == pms.StatusCancelled || k.unit(&s).ID != p.ID || !inside {
			continue
		}
		e := k.entryOf(&s)
		e.PropID = 0 // not told: it is the one that was asked for
		list = append(list, e)
	}
	return list, nil
}

// entries are the stays that a calendar knows, of those that keep selects.
func (k *Kigo) entries(keep func(*Stay) bool) []Stay {
	stays := k.world.staysIf(func(s *Stay) bool { return s.Status != pms.StatusInquiry && keep(s) })
	return slices.DeleteFunc(stays, func(s Stay) bool { return k.unit(&s).ID == "" })
}

func (k *Kigo) unit(s *Stay) Property {
	p, _ := k.world.Property(s.unitOn(k.world.Today()))
	return p
}

func (k *Kigo) diffCalendar(r *http.Request, args object) (any, *kigoFault) {
	given, stated := args["DIFF_ID"]
	if !stated {
		return nil, &kigoFault{"E_INPUT", "DIFF_ID: missing"}
	}
	k.mu.Lock()
	next := len(k.changed)
	var since map[string]bool
	ok := true
	if given != nil {
		since, ok = k.changedSince(given)
	}
	k.mu.Unlock()
	switch {
	case !ok:
		return nil, &kigoFault{"E_INPUT", "DIFF_ID: invalid"}
	case given == nil && !kigoTakesTime(r, k.opts.FirstDiff):
		return nil, &kigoFault{"E_INPUT", "nobody waits any more"}
	}
	list := []kigoEntry{}
	for _, s := range k.entries(func(s *Stay) bool { return given == nil || since[s.ID] }) {
		list = append(list, k.entryOf(&s))
	}
	return object{"DIFF_ID": kigoDiffID(next), "RES_LIST": list}, nil
}

// kigoTakesTime waits as long as a slow vendor takes, and reports whether the caller
// did as well.
func kigoTakesTime(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// kigoDiffID is a place in the changes, as text that tells nothing.
func kigoDiffID(place int) string { return "q" + strconv.FormatInt(int64(place)*7+100_000, 36) }

// changedSince returns the stays that changed behind a DIFF_ID.
func (k *Kigo) changedSince(id any) (map[string]bool, bool) {
	for place := k.forgotten; place <= len(k.changed); place++ {
		if id != kigoDiffID(place) {
			continue
		}
		since := map[string]bool{}
		for _, stay := range k.changed[place:] {
			since[stay] = true
		}
		return since, true
	}
	return nil, false
}

// stay returns the reservation that the arguments name. An entry of another
// account cannot be read.
func (k *Kigo) stay(args object) (Stay, *kigoFault) {
	id, ok := integer(args["RES_ID"])
	if !ok {
		return Stay{}, &kigoFault{"E_INPUT", "RES_ID: must be an integer"}
	}
	found := k.entries(func(s *Stay) bool { return number(s.ID) == id && s.Kind != pms.KindBlock })
	if len(found) == 0 {
		return Stay{}, &kigoFault{"E_NOSUCH", "No such reservation"}
	}
	return found[0], nil
}

func (k *Kigo) readReservation(_ *http.Request, args object) (any, *kigoFault) {
	s, fault := k.stay(args)
	if fault != nil {
		return nil, fault
	}
	return k.reservationOf(&s), nil
}

func (k *Kigo) cancelReservation(_ *http.Request, args object) (any, *kigoFault) {
	s, fault := k.stay(args)
	switch {
	case fault != nil:
		return nil, fault
	case s.Status == pms.StatusCancelled:
		return nil, &kigoFault{"E_ALREADY", "The reservation is already canceled"}
	case k.world.Cancel(s.ID) != nil:
		return nil, &kigoFault{"E_NOSUCH", "No such reservation"}
	}
	return nil, nil
}

func (k *Kigo) createReservation(_ *http.Request, args object) (any, *kigoFault) {
	p, fault := k.property(args)
	if fault != nil {
		return nil, fault
	}
	from, to, fault := kigoDays(args, "RES_CHECK_IN", "RES_CHECK_OUT")
	if fault != nil {
		return nil, fault
	}
	s, fault := kigoStay(args)
	if fault != nil {
		return nil, fault
	}
	s.UnitID, s.Arrival, s.Departure = p.ID, from, to
	taken := k.entries(func(o *Stay) bool {
		return o.Status != pms.StatusCancelled && o.Arrival.Before(to) && from.Before(o.Departure)
	})
	if slices.ContainsFunc(taken, func(o Stay) bool { return k.unit(&o).ID == p.ID }) {
		return nil, &kigoFault{"E_CONFLICT", "Dates not available"}
	}
	id, err := k.world.AddStay(s)
	if err != nil {
		return nil, &kigoFault{"E_INPUT", "RES_CHECK_OUT: invalid"}
	}
	return object{"RES_ID": number(id)}, nil
}
