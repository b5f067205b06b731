package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// BnovoOptions is one Bnovo account: one hotel. The zero value is an account
// of the tariff "Профессионал" with the credentials below.
type BnovoOptions struct {
	// ID and Password are the API key of the open API. Zero means 9001 and
	// "sandbox-bnovo-key".
	ID       int64
	Password string
	// Username and UserPassword are those of a custom app of the session API.
	// Empty means "5f0c1a2b3d4e6+<HotelID>@customapp.bnovo.ru" and
	// "0123456789abcdef".
	Username, UserPassword string
	// HotelID is hotel_id. Zero means 24.
	HotelID int64
	// Free is the tariff "Старт": every endpoint but bookings answers 403.
	Free bool
	// NoLimits switches the rate limits off.
	NoLimits bool
	// CleanWords are the words of clean_status. They are not documented; a
	// status without a word is null, the only value that the documentation
	// shows.
	CleanWords map[pms.Cleanliness]string
	// Webhooks are the subscribers, which an account sets up by hand.
	Webhooks []BnovoWebhook
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
	// Extra answers the paths that Bnovo is not known to have, once the request
	// has a valid token (under /api/) or session. Nil means 404.
	Extra http.Handler
}

// BnovoWebhook is a subscriber. Type is "booking" or "plans_data_update".
type BnovoWebhook struct {
	Type string
	URL  string
}

// Bnovo is the stand-in of Bnovo: the open API of api.pms.bnovo.ru by its
// OpenAPI file (version 1.0.0) and, on the same handler, the session API of
// online.bnovo.ru (undocumented; as public clients use it).
//
// Open API: POST /api/v1/auth and /auth/token, GET /auth/me and /auth/logout;
// GET /bookings and /bookings/{id}, PUT /bookings/{id}/status; GET /rooms,
// /rooms/closed and /roomtypes; GET and DELETE /webhooks/subscribers, GET
// /webhooks/messages/bookings/test and /plans/test. Session API: POST /,
// /planning/bookings, /room and /booking/general/{id}, GET /dashboard.
//
// Decided here, because the documentation does not say (unverified): a bound of
// a window without a clock time is midnight; "waiting" is status 6; room_id is
// the room of today; a booking that does not exist is 404 "User not found"; a
// query parameter that is not documented is 406; a failed login to the session
// API is 200 with the login page. An owner stay is a booking, a no-show is
// cancelled, infants count as children: Bnovo has no words for them.
//
// Bookings post {"hotel_id", "booking_ids"} to the subscribers at once; Bnovo
// takes up to 24 hours to begin.
type Bnovo struct {
	world  *World
	opts   BnovoOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()

	calls, auths, tests limiter

	mu       sync.Mutex
	serial   int
	tokens   map[string]time.Time // the end of life of each token
	sessions map[string]bool
	webhooks []BnovoWebhook
}

// bnovoTokenLife is expires_in of the documented answer.
const bnovoTokenLife = 24 * time.Hour

// NewBnovo returns a stand-in for one account whose hotel is the world. It
// follows the world until Close.
func NewBnovo(world *World, o BnovoOptions) *Bnovo {
	b := &Bnovo{
		world: world, opts: o.withDefaults(), mux: http.NewServeMux(), sender: newSender(o.HTTPClient),
		tokens: map[string]time.Time{}, sessions: map[string]bool{}, webhooks: slices.Clone(o.Webhooks),
	}
	if !o.NoLimits {
		b.auths.limits = []pms.Limit{{Requests: 10, Window: time.Minute}}
		b.tests.limits = []pms.Limit{{Requests: 3, Window: time.Minute}}
		b.calls.limits = []pms.Limit{
			{Requests: 30, Window: 10 * time.Second}, {Requests: 300, Window: 5 * time.Minute},
			{Requests: 1000, Window: time.Hour}, {Requests: 10000, Window: 24 * time.Hour},
		}
	}
	b.routes()
	b.sessionRoutes()
	b.cancel = world.Subscribe(b.notify)
	return b
}

func (o BnovoOptions) withDefaults() BnovoOptions {
	if o.ID == 0 {
		o.ID = 9001
	}
	if o.Password == "" {
		o.Password = "sandbox-bnovo-key"
	}
	if o.HotelID == 0 {
		o.HotelID = 24
	}
	if o.Username == "" {
		o.Username = fmt.Sprintf("5f0c1a2b3d4e6+%d@customapp.bnovo.ru", o.HotelID)
	}
	if o.UserPassword == "" {
		o.UserPassword = "0123456789abcdef"
	}
	return o
}

// Options returns the account with its defaults filled in.
func (b *Bnovo) Options() BnovoOptions { return b.opts }

// Close stops following the world.
func (b *Bnovo) Close() { b.cancel() }

// Sent returns the webhook deliveries so far.
func (b *Bnovo) Sent() []Sent { return b.sender.sent() }

// ExpireTokens revokes all tokens and sessions, as a renewed API key does.
func (b *Bnovo) ExpireTokens() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.tokens)
	clear(b.sessions)
}

// AddWebhook adds a subscriber, as an account does by hand.
func (b *Bnovo) AddWebhook(kind, url string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.webhooks = append(b.webhooks, BnovoWebhook{Type: kind, URL: url})
}

// ServeHTTP implements [http.Handler].
func (b *Bnovo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route(b.mux, w, r, func(status int) { b.unknown(w, r, status) })
}

// unknown answers what Bnovo does not have. The open API has an error body; of
// the session API nothing is known.
func (b *Bnovo) unknown(w http.ResponseWriter, r *http.Request, status int) {
	api := strings.HasPrefix(r.URL.Path, "/api/")
	switch {
	case api && b.opts.Extra != nil:
		b.secured(b.opts.Extra.ServeHTTP)(w, r)
	case api:
		bnovoError(w, status, nil)
	case b.opts.Extra != nil:
		b.inSession(b.opts.Extra.ServeHTTP)(w, r)
	default:
		http.Error(w, http.StatusText(status), status)
	}
}

func (b *Bnovo) routes() {
	b.mux.HandleFunc("POST /api/v1/auth", b.auth)
	b.mux.HandleFunc("POST /api/v1/auth/token", b.auth)
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /api/v1/auth/me":       b.me,
		"GET /api/v1/auth/logout":   b.logout,
		"GET /api/v1/bookings":      b.listBookings,
		"GET /api/v1/bookings/{id}": b.getBooking,
	} {
		b.mux.HandleFunc(pattern, b.secured(h))
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"PUT /api/v1/bookings/{id}/status":            b.putStatus,
		"GET /api/v1/rooms":                           b.rooms,
		"GET /api/v1/rooms/closed":                    b.closed,
		"GET /api/v1/roomtypes":                       b.roomTypes,
		"GET /api/v1/webhooks/subscribers":            b.subscribers,
		"DELETE /api/v1/webhooks/subscribers":         b.unsubscribe,
		"GET /api/v1/webhooks/messages/bookings/test": b.testBookings,
		"GET /api/v1/webhooks/messages/plans/test":    b.testPlans,
	} {
		b.mux.HandleFunc(pattern, b.secured(b.professional(h)))
	}
}

// bnovoMessages are the documented texts of the errors.
var bnovoMessages = map[int]string{
	http.StatusUnauthorized:    "Unauthorized",
	http.StatusForbidden:       "Access denied",
	http.StatusNotFound:        "User not found",
	http.StatusNotAcceptable:   "Validation error",
	http.StatusTooManyRequests: "Too many requests",
}

func bnovoError(w http.ResponseWriter, status int, fields map[string]string) {
	message, ok := bnovoMessages[status]
	if !ok {
		message = http.StatusText(status)
	}
	e := object{"code": status, "message": message}
	if len(fields) > 0 {
		e["errors"] = fields
	}
	writeJSON(w, status, object{"error": e})
}

// invalid answers 406 and reports true if there is anything to complain of.
func invalid(w http.ResponseWriter, fields map[string]string) bool {
	if len(fields) == 0 {
		return false
	}
	bnovoError(w, http.StatusNotAcceptable, fields)
	return true
}

// The documented texts of a validation.
const (
	bnovoRequired = "Поле обязательно для заполнения."
	bnovoNotLess  = "Поле не должно быть меньше %d."
	bnovoNotMore  = "Поле не должно превышать %d."
	bnovoBefore   = "Поле должно быть раньше date_to."
	bnovoDate     = "Поле должно быть корректной датой."
	// bnovoWrong stands for the texts that are not documented.
	bnovoWrong = "Некорректное значение."
)

func (b *Bnovo) auth(w http.ResponseWriter, r *http.Request) {
	if !b.auths.allow(b.world.Now()) {
		bnovoError(w, http.StatusTooManyRequests, nil)
		return
	}
	body, err := readJSON(r)
	if err != nil {
		body = object{}
	}
	fields := map[string]string{}
	id, isInt := integer(body["id"])
	password, isText := body["password"].(string)
	for name, state := range map[string]struct{ given, ok bool }{
		"id": {body["id"] != nil, isInt}, "password": {body["password"] != nil && body["password"] != "", isText},
	} {
		switch {
		case !state.given:
			fields[name] = bnovoRequired
		case !state.ok:
			fields[name] = bnovoWrong
		}
	}
	if invalid(w, fields) {
		return
	}
	if id != b.opts.ID || password != b.opts.Password {
		bnovoError(w, http.StatusNotFound, nil)
		return
	}
	writeJSON(w, http.StatusOK, object{"data": object{
		"access_token": b.issue(), "token_type": "bearer", "expires_in": int(bnovoTokenLife / time.Second),
	}})
}

// issue makes a token of the shape of a JWT, which only this stand-in accepts.
func (b *Bnovo) issue() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.world.Now()
	end := now.Add(bnovoTokenLife)
	b.serial++
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"sub":"%d","iat":%d,"exp":%d,"jti":"%d"}`, b.opts.ID, now.Unix(), end.Unix(), b.serial)
	head := encode([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, []byte(b.opts.Password))
	mac.Write([]byte(head))
	token := head + "." + encode(mac.Sum(nil))
	b.tokens[token] = end
	return token
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// secured asks for a token and counts the call.
func (b *Bnovo) secured(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := b.world.Now()
		b.mu.Lock()
		end, ok := b.tokens[bearer(r)]
		b.mu.Unlock()
		switch {
		case !ok || !now.Before(end):
			bnovoError(w, http.StatusUnauthorized, nil)
		case !b.calls.allow(now):
			bnovoError(w, http.StatusTooManyRequests, nil)
		default:
			next(w, r)
		}
	}
}

// professional refuses accounts of the free tariff.
func (b *Bnovo) professional(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if b.opts.Free {
			bnovoError(w, http.StatusForbidden, nil)
			return
		}
		next(w, r)
	}
}

func (b *Bnovo) me(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, object{"data": object{"id": b.opts.ID, "access_token": bearer(r)}})
}

func (b *Bnovo) logout(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	delete(b.tokens, bearer(r))
	b.mu.Unlock()
	writeJSON(w, http.StatusOK, object{"data": object{"message": "Successfully logged out"}})
}
