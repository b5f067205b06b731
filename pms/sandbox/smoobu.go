package sandbox

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// SmoobuOptions is one Smoobu account. The zero value is an account with the
// credentials below that signs its requests.
type SmoobuOptions struct {
	// APIKey and APISecret are the pair made in the settings. Empty means
	// "usr_live_sandbox" and "sandbox-smoobu-secret".
	APIKey, APISecret string
	// UserID is the id of the user, which webhooks carry. Zero means 7.
	UserID int64
	// Legacy also accepts the header Api-Key without a signature, as Smoobu
	// does until autumn 2026.
	Legacy bool
	// MaxSkew is how far X-Timestamp may be from the world's clock. Zero means
	// that it is not checked: Smoobu states no bound.
	MaxSkew time.Duration
	// NoLimits switches the rate limit off.
	NoLimits bool
	// RetryInSeconds makes X-RateLimit-Retry-After a number of seconds. Without
	// it the header is a Unix time; readers of the documentation disagree.
	RetryInSeconds bool
	// Webhooks are the URLs that the account registered by hand.
	Webhooks []string
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
}

// Smoobu is the stand-in of Smoobu, by its documentation as independent clients
// read it.
//
// GET /api/me; GET /api/apartments and /api/apartments/{id}; GET and POST
// /api/reservations; GET, PUT and DELETE /api/reservations/{id}. It posts a
// webhook for every change of a reservation, and two for a cancellation.
//
// Decided here, because the documentation does not say (unverified): the list
// is in order of creation; the bounds from and to are outside of the window,
// all other bounds inside; stamps are on the clock of the account; a pageSize
// over 100 means 100; an apartmentId that does not exist gives an empty list; a
// query parameter or field that is not documented is 422; a nonce is never
// accepted twice; a reservation has the apartment of today. Inquiries are not
// listed. Holds and no-shows are reservations, owner stays are blocks, infants
// count as children: Smoobu has no words for them.
type Smoobu struct {
	world  *World
	opts   SmoobuOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()
	calls  limiter

	mu     sync.Mutex
	nonces map[string]bool
	// assistant holds the notes for the assistant, by reservation.
	assistant map[string]string
	hooks     []string
}

// smoobuPerMinute is the documented allowance.
const smoobuPerMinute = 1000

// NewSmoobu returns a stand-in for one account whose apartments are the units
// of the world. It follows the world until Close.
func NewSmoobu(world *World, o SmoobuOptions) *Smoobu {
	o.APIKey = cmp.Or(o.APIKey, "usr_live_sandbox")
	o.APISecret = cmp.Or(o.APISecret, "sandbox-smoobu-secret")
	o.UserID = cmp.Or(o.UserID, 7)
	s := &Smoobu{
		world: world, opts: o, mux: http.NewServeMux(), sender: newSender(o.HTTPClient),
		nonces: map[string]bool{}, assistant: map[string]string{}, hooks: slices.Clone(o.Webhooks),
	}
	if !o.NoLimits {
		s.calls.limits = []pms.Limit{{Requests: smoobuPerMinute, Window: time.Minute}}
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /api/me":                   s.me,
		"GET /api/apartments":           s.listApartments,
		"GET /api/apartments/{id}":      s.getApartment,
		"GET /api/reservations":         s.listReservations,
		"POST /api/reservations":        s.createReservation,
		"GET /api/reservations/{id}":    s.getReservation,
		"PUT /api/reservations/{id}":    s.updateReservation,
		"DELETE /api/reservations/{id}": s.cancelReservation,
	} {
		s.mux.HandleFunc(pattern, h)
	}
	s.cancel = world.Subscribe(s.notify)
	return s
}

// Options returns the account with its defaults filled in.
func (s *Smoobu) Options() SmoobuOptions { return s.opts }

// Close stops following the world.
func (s *Smoobu) Close() { s.cancel() }

// Sent returns the webhook deliveries so far.
func (s *Smoobu) Sent() []Sent { return s.sender.sent() }

// AddWebhook registers a URL, as an account does by hand.
func (s *Smoobu) AddWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, url)
}

// ServeHTTP implements [http.Handler].
func (s *Smoobu) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil || !s.authentic(r, body) {
		smoobuError(w, http.StatusUnauthorized, "verification error")
		return
	}
	w.Header().Set("X-Ratelimit-Limit", strconv.Itoa(smoobuPerMinute))
	now := s.world.Now()
	if !s.calls.allow(now) {
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.Header().Set("X-Ratelimit-Retry-After", s.retryAfter(now))
		smoobuError(w, http.StatusTooManyRequests, "too many requests")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	route(s.mux, w, r, func(status int) { smoobuError(w, status, http.StatusText(status)) })
}

func (s *Smoobu) retryAfter(now time.Time) string {
	if s.opts.RetryInSeconds {
		return "60"
	}
	return strconv.FormatInt(now.Add(time.Minute).Unix(), 10)
}

// smoobuError answers in the shape of the documented failed authentication.
func smoobuError(w http.ResponseWriter, status int, detail string) {
	writeJSON(w, status, object{"title": "Error occurred", "detail": detail})
}

// smoobuInvalid answers 422 with what is wrong by field, and reports true if
// there is anything.
func smoobuInvalid(w http.ResponseWriter, fields map[string][]string) bool {
	if len(fields) == 0 {
		return false
	}
	writeJSON(w, http.StatusUnprocessableEntity, fields)
	return true
}

// authentic checks the signature, or the key alone where that will do.
func (s *Smoobu) authentic(r *http.Request, body []byte) bool {
	if r.Header.Get("X-Signature") == "" {
		return s.opts.Legacy && r.Header.Get("Api-Key") == s.opts.APIKey
	}
	stamp, nonce := r.Header.Get("X-Timestamp"), r.Header.Get("X-Nonce")
	at, err := time.Parse("2006-01-02T15:04:05Z", stamp)
	if err != nil || nonce == "" || r.Header.Get("X-Api-Key") != s.opts.APIKey {
		return false
	}
	if s.opts.MaxSkew > 0 && s.world.Now().Sub(at).Abs() > s.opts.MaxSkew {
		return false
	}
	query, ok := smoobuQuery(r.URL.RawQuery)
	if !ok || query != r.URL.RawQuery {
		return false
	}
	want := smoobuSign(s.opts.APISecret, r.Method, r.URL.EscapedPath(), query, stamp, nonce, body, s.opts.APIKey)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Signature"))) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	used := s.nonces[nonce]
	s.nonces[nonce] = true
	return !used
}

// smoobuSign is the signature: HMAC-SHA256 of seven lines, in base64.
func smoobuSign(secret, method, path, query, stamp, nonce string, body []byte, key string) string {
	hash := sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join([]string{method, path, query, stamp, nonce, hex.EncodeToString(hash[:]), key}, "\n")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// smoobuQuery is the third line: the pairs percent-encoded by RFC 3986, in
// order of key and value.
func smoobuQuery(raw string) (string, bool) {
	if raw == "" {
		return "", true
	}
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, err := url.PathUnescape(name)
		value, err2 := url.PathUnescape(value)
		if err != nil || err2 != nil {
			return "", false
		}
		pairs = append(pairs, [2]string{rfc3986(name), rfc3986(value)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	parts := make([]string, len(pairs))
	for i, pair := range pairs {
		parts[i] = pair[0] + "=" + pair[1]
	}
	return strings.Join(parts, "&"), true
}

func rfc3986(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-_.~", b) >= 0:
			out.WriteByte(b)
		default:
			_, _ = fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

func (s *Smoobu) me(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, object{"id": s.opts.UserID, "firstName": "Olga", "lastName": "Owner", "email": "olga@example.com"})
}

func (s *Smoobu) listApartments(w http.ResponseWriter, _ *http.Request) {
	list := []smoobuRef{}
	for _, p := range s.world.Units() {
		list = append(list, smoobuRef{number(p.ID), p.Name})
	}
	writeJSON(w, http.StatusOK, object{"apartments": list})
}

func (s *Smoobu) getApartment(w http.ResponseWriter, r *http.Request) {
	p, ok := s.world.Property(r.PathValue("id"))
	if !ok {
		smoobuError(w, http.StatusNotFound, "apartment not found")
		return
	}
	writeJSON(w, http.StatusOK, smoobuApartmentOf(p))
}

// The documented page sizes.
const (
	smoobuPage    = 25
	smoobuMaxPage = 100
)

func (s *Smoobu) listReservations(w http.ResponseWriter, r *http.Request) {
	q := &smoobuFilter{values: r.URL.Query(), zone: s.world.Zone(), fields: map[string][]string{}}
	keep := q.keep()
	number, size := q.number("page", 1), min(q.number("pageSize", smoobuPage), smoobuMaxPage)
	if smoobuInvalid(w, q.errors()) {
		return
	}
	today := s.world.Today()
	stays := s.world.staysIf(func(stay *Stay) bool {
		return stay.Status != pms.StatusInquiry && keep(stay, stay.unitOn(today))
	})
	part, _ := page(stays, size, (number-1)*size)
	bookings := make([]smoobuReservation, len(part))
	for i := range part {
		bookings[i] = s.reservation(&part[i])
	}
	writeJSON(w, http.StatusOK, object{
		"page": number, "page_size": size, "page_count": (len(stays) + size - 1) / size, "total_items": len(stays), "bookings": bookings,
	})
}

// stay returns the stay of the path, or answers 404.
func (s *Smoobu) stay(w http.ResponseWriter, r *http.Request) (Stay, bool) {
	stay, ok := s.world.Stay(r.PathValue("id"))
	if !ok || stay.Status == pms.StatusInquiry {
		smoobuError(w, http.StatusNotFound, "reservation not found")
		return Stay{}, false
	}
	return stay, true
}

func (s *Smoobu) getReservation(w http.ResponseWriter, r *http.Request) {
	if stay, ok := s.stay(w, r); ok {
		writeJSON(w, http.StatusOK, s.reservation(&stay))
	}
}

func (s *Smoobu) cancelReservation(w http.ResponseWriter, r *http.Request) {
	stay, ok := s.stay(w, r)
	if !ok {
		return
	}
	if err := s.world.Cancel(stay.ID); err != nil {
		smoobuError(w, http.StatusNotFound, "reservation not found")
		return
	}
	writeJSON(w, http.StatusOK, object{"success": true})
}

// updateReservation changes what may be changed: neither days nor apartment.
func (s *Smoobu) updateReservation(w http.ResponseWriter, r *http.Request) {
	stay, ok := s.stay(w, r)
	if !ok {
		return
	}
	edit := smoobuBody(r)
	fns := edit.details()
	note, noted := edit.text("assistantNotice")
	if smoobuInvalid(w, edit.errors()) {
		return
	}
	if noted {
		s.mu.Lock()
		s.assistant[stay.ID] = note
		s.mu.Unlock()
	}
	err := s.world.Update(stay.ID, func(stay *Stay) {
		for _, fn := range fns {
			fn(stay)
		}
	})
	if err != nil {
		smoobuError(w, http.StatusNotFound, "reservation not found")
		return
	}
	writeJSON(w, http.StatusOK, object{"success": true})
}

// createReservation books an apartment, or blocks it on the channel 11.
func (s *Smoobu) createReservation(w http.ResponseWriter, r *http.Request) {
	edit := smoobuBody(r)
	stay := Stay{Arrival: edit.day("arrivalDate"), Departure: edit.day("departureDate"), Channel: "api default"}
	if unit, ok := edit.whole("apartmentId"); ok {
		stay.UnitID = strconv.FormatInt(unit, 10)
	}
	if _, ok := s.world.Property(stay.UnitID); !ok {
		edit.wrong("apartmentId")
	}
	if channel, ok := edit.whole("channelId"); ok {
		stay.Channel = smoobuChannelName(channel)
		if channel == smoobuBlockedID {
			stay.Kind, stay.Channel = pms.KindBlock, ""
		}
	}
	for _, fn := range edit.details() {
		fn(&stay)
	}
	note, _ := edit.text("assistantNotice")
	if smoobuInvalid(w, edit.errors()) {
		return
	}
	if s.taken(stay) {
		smoobuError(w, http.StatusBadRequest, "The chosen dates are not available")
		return
	}
	id, err := s.world.AddStay(stay)
	if err != nil {
		smoobuError(w, http.StatusUnprocessableEntity, "the dates are wrong")
		return
	}
	s.mu.Lock()
	s.assistant[id] = note
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, object{"id": json.Number(id)})
}

// taken reports whether another stay has one of the nights.
func (s *Smoobu) taken(stay Stay) bool {
	return len(s.world.staysIf(func(other *Stay) bool {
		return other.UnitID == stay.UnitID && other.Status != pms.StatusCancelled &&
			other.Arrival.Before(stay.Departure) && stay.Arrival.Before(other.Departure)
	})) > 0
}
