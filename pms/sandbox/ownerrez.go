package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// OwnerRezOptions is one OwnerRez account. The zero value is an account with the
// credentials below.
type OwnerRezOptions struct {
	// Username is the e-mail address of the login and Token a personal access
	// token. Empty means "owner@example.com" and "pt_sandboxownerrez".
	Username, Token string
	// ClientID and ClientSecret are those of an OAuth app, and RefreshToken is
	// what the app got when the account was connected. Code is the authorization
	// code of a login that is under way. Empty means "c_sandboxownerrez",
	// "s_sandboxownerrez", "rt_sandboxownerrez" and "code_sandboxownerrez".
	ClientID, ClientSecret, RefreshToken, Code string
	// LastingTokens is an app whose access tokens never end: there are no refresh
	// tokens.
	LastingTokens bool
	// UserID is the id of the account. Zero means 4711.
	UserID int64
	// NoZones is an account whose properties state no time zone: only the user
	// does.
	NoZones bool
	// Linked are the properties that a stay blocks beside its own.
	Linked map[string][]string
	// MostRows is the largest page. Zero means 100, the documented one.
	MostRows int
	// NoLimits switches the rate limit off.
	NoLimits bool
	// Webhooks are the URLs of the app. Deliveries carry WebhookUser and
	// WebhookPassword as HTTP Basic if both are set.
	Webhooks                     []string
	WebhookUser, WebhookPassword string
	// ThinWebhooks leaves the record out of deliveries and writes ids as text, as
	// older ones do.
	ThinWebhooks bool
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
}

// OwnerRez is the stand-in of the OwnerRez API v2, by the vendor's support
// articles and its Zapier app, and by public clients that measured it.
//
// Under /v2: GET /users/me; GET /properties and /properties/{id}; GET and POST
// /bookings, GET and PATCH /bookings/{id}; GET /guests/{id}; GET and POST
// /webhooksubscriptions, DELETE /webhooksubscriptions/{id}. POST
// /oauth/access_token and DELETE /oauth/access_token/{token}. It posts a webhook
// for every change of a booking or a property.
//
// Decided here, because it is not documented (unverified): lists are in order
// of creation; properties are the active ones unless others are asked for;
// since_utc includes its instant; to bounds the arrival; filters that come
// together hold together; one booking tells its guest only when asked, and
// webhooks never; a parameter or field that is not known is 400 or 422; a
// property that is not known has no bookings; requests for tokens do not count;
// a refresh token is not replaced; deliveries of a subscription carry the user
// and password of the app; a booking has the property of today, and one without
// a unit is not listed. Checked-in, checked-out and no-show are active bookings,
// inquiries are quote holds: OwnerRez has no other words for them.
type OwnerRez struct {
	world  *World
	opts   OwnerRezOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()
	calls  limiter

	mu     sync.Mutex
	serial int64
	// tokens are the access tokens with the end of their life, zero for never.
	tokens map[string]time.Time
	// cleanings are the cleaning dates, by booking.
	cleanings map[string]string
	subs      []ownerrezSub
}

// ownerrezSub is a subscription to one action on one type.
type ownerrezSub struct {
	ID         int64  `json:"id"`
	Type       string `json:"type"`
	Action     string `json:"action"`
	WebhookURL string `json:"webhook_url"`
}

const (
	ownerrezPage     = 20
	ownerrezMostRows = 100
	// ownerrezTokenLife is the standard policy of an app.
	ownerrezTokenLife = 30 * 24 * time.Hour
)

// NewOwnerRez returns a stand-in for one account whose properties are the units
// of the world. It follows the world until Close.
func NewOwnerRez(world *World, o OwnerRezOptions) *OwnerRez {
	o.Username = cmp.Or(o.Username, "owner@example.com")
	o.Token = cmp.Or(o.Token, "pt_sandboxownerrez")
	o.ClientID = cmp.Or(o.ClientID, "c_sandboxownerrez")
	o.ClientSecret = cmp.Or(o.ClientSecret, "s_sandboxownerrez")
	o.RefreshToken = cmp.Or(o.RefreshToken, "rt_sandboxownerrez")
	o.Code = cmp.Or(o.Code, "code_sandboxownerrez")
	o.UserID = cmp.Or(o.UserID, 4711)
	o.MostRows = cmp.Or(o.MostRows, ownerrezMostRows)
	z := &OwnerRez{
		world: world, opts: o, mux: http.NewServeMux(), sender: newSender(o.HTTPClient),
		tokens: map[string]time.Time{}, cleanings: map[string]string{},
	}
	if !o.NoLimits {
		z.calls.limits = []pms.Limit{{Requests: 300, Window: 5 * time.Minute}}
	}
	z.routes()
	z.cancel = world.Subscribe(z.notify)
	return z
}

// Options returns the account with its defaults filled in.
func (z *OwnerRez) Options() OwnerRezOptions { return z.opts }

// Close stops following the world.
func (z *OwnerRez) Close() { z.cancel() }

// Sent returns the webhook deliveries so far. Their URLs hold user and password.
func (z *OwnerRez) Sent() []Sent { return z.sender.sent() }

// CleaningDate returns the cleaning date of a booking, or "".
func (z *OwnerRez) CleaningDate(bookingID string) string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.cleanings[bookingID]
}

// ExpireTokens ends the life of all access tokens.
func (z *OwnerRez) ExpireTokens() {
	z.mu.Lock()
	defer z.mu.Unlock()
	for token := range z.tokens {
		z.tokens[token] = time.Unix(1, 0)
	}
}

func (z *OwnerRez) routes() {
	z.mux.HandleFunc("POST /oauth/access_token", z.issue)
	z.mux.HandleFunc("DELETE /oauth/access_token/{token}", z.revoke)
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /v2/users/me":                     z.me,
		"GET /v2/properties":                   z.listProperties,
		"GET /v2/properties/{id}":              z.getProperty,
		"GET /v2/bookings":                     z.listBookings,
		"POST /v2/bookings":                    z.createBooking,
		"GET /v2/bookings/{id}":                z.getBooking,
		"PATCH /v2/bookings/{id}":              z.patchBooking,
		"GET /v2/guests/{id}":                  z.getGuest,
		"GET /v2/webhooksubscriptions":         z.listSubs,
		"POST /v2/webhooksubscriptions":        z.createSub,
		"DELETE /v2/webhooksubscriptions/{id}": z.deleteSub,
	} {
		z.mux.HandleFunc(pattern, z.secured(h))
	}
}

// ServeHTTP implements [http.Handler]. Without a User-Agent nothing is answered
// but 403.
func (z *OwnerRez) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Supported-Versions", "1.0, 2.0")
	if r.UserAgent() == "" {
		ownerrezError(w, http.StatusForbidden, "A User-Agent header is required.")
		return
	}
	route(z.mux, w, r, func(status int) { ownerrezError(w, status, http.StatusText(status)) })
}

// ownerrezWords are the words beside the status codes.
var ownerrezWords = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "forbidden",
	http.StatusNotFound: "not_found", http.StatusMethodNotAllowed: "method_not_allowed", http.StatusUnprocessableEntity: "unprocessable_entity",
}

func ownerrezError(w http.ResponseWriter, status int, messages ...string) {
	writeJSON(w, status, object{"messages": messages, "status": ownerrezWords[status], "status_code": status})
}

func ownerrezMissing(w http.ResponseWriter, entity, id string) {
	ownerrezError(w, http.StatusNotFound, fmt.Sprintf("Expected entity %s:Id:%s not found.", entity, id))
}

// secured asks for a personal token or an access token, and counts the call.
func (z *OwnerRez) secured(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := z.world.Now()
		user, token, basic := r.BasicAuth()
		z.mu.Lock()
		end, known := z.tokens[bearer(r)]
		z.mu.Unlock()
		switch ended := !end.IsZero() && !now.Before(end); {
		case basic && user == z.opts.Username && token == z.opts.Token, known && !ended:
		case known:
			w.Header().Set("WWW-Authenticate", `Bearer error="token_expired"`)
			ownerrezError(w, http.StatusUnauthorized, "The access token has expired.")
			return
		default:
			ownerrezError(w, http.StatusUnauthorized, "The credentials are not valid.")
			return
		}
		if !z.calls.allow(now) {
			writeJSON(w, http.StatusTooManyRequests, object{"code": http.StatusTooManyRequests, "error": "Rate limit exceeded."})
			return
		}
		next(w, r)
	}
}

// issue hands out access tokens.
func (z *OwnerRez) issue(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	id, secret := ownerrezClient(r)
	if r.ParseForm() != nil || id != z.opts.ClientID || secret != z.opts.ClientSecret {
		writeJSON(w, http.StatusUnauthorized, object{"error": "invalid_client"})
		return
	}
	form := r.PostForm
	byCode := form.Get("grant_type") == "authorization_code" && form.Get("code") == z.opts.Code
	byRefresh := form.Get("grant_type") == "refresh_token" && form.Get("refresh_token") == z.opts.RefreshToken && !z.opts.LastingTokens
	if !byCode && !byRefresh {
		writeJSON(w, http.StatusBadRequest, object{"error": "invalid_grant"})
		return
	}
	answer := object{"token_type": "bearer", "scope": "full", "user_id": z.opts.UserID}
	end := time.Time{}
	if !z.opts.LastingTokens {
		end = z.world.Now().Add(ownerrezTokenLife)
		answer["expires_in"], answer["refresh_token"] = int(ownerrezTokenLife/time.Second), z.opts.RefreshToken
	}
	z.mu.Lock()
	z.serial++
	token := fmt.Sprintf("at_sandbox%04downerrez", z.serial)
	z.tokens[token] = end
	z.mu.Unlock()
	answer["access_token"] = token
	writeJSON(w, http.StatusOK, answer)
}

// ownerrezClient reads the client's id and secret, each encoded as RFC 6749 wants
// them.
func ownerrezClient(r *http.Request) (id, secret string) {
	user, password, _ := r.BasicAuth()
	id, err := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(password)
	if err != nil || err2 != nil {
		return "", ""
	}
	return id, secret
}

func (z *OwnerRez) revoke(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.tokens, r.PathValue("token"))
	w.WriteHeader(http.StatusNoContent)
}

func (z *OwnerRez) me(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, object{
		"id": z.opts.UserID, "first_name": "Olga", "last_name": "Owner", "email_address": z.opts.Username, "time_zone": z.world.Zone().String(),
	})
}

func (z *OwnerRez) listSubs(w http.ResponseWriter, r *http.Request) {
	if q := ownerrezQuery(w, r, z.opts.MostRows); q != nil {
		z.mu.Lock()
		rows := slices.Clone(z.subs)
		z.mu.Unlock()
		ownerrezList(w, r, q, rows)
	}
}

// ownerrezActions are what a subscription may be to.
var ownerrezActions = []string{"EntityCreate", "EntityUpdate", "EntityDelete"}

func (z *OwnerRez) createSub(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	sub := ownerrezSub{Type: textIn(body, "type"), Action: textIn(body, "action"), WebhookURL: textIn(body, "webhook_url")}
	switch {
	case err != nil, sub.WebhookURL == "":
		ownerrezError(w, http.StatusUnprocessableEntity, "The webhook_url field is required.")
		return
	case sub.Type != "Booking" && sub.Type != "Property", !slices.Contains(ownerrezActions, sub.Action):
		ownerrezError(w, http.StatusUnprocessableEntity, "The type or the action is not valid.")
		return
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.serial++
	sub.ID = 600 + z.serial
	z.subs = append(z.subs, sub)
	writeJSON(w, http.StatusOK, sub)
}

func (z *OwnerRez) deleteSub(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	i := slices.IndexFunc(z.subs, func(s ownerrezSub) bool { return strconv.FormatInt(s.ID, 10) == r.PathValue("id") })
	if i < 0 {
		ownerrezMissing(w, "WebhookSubscription", r.PathValue("id"))
		return
	}
	z.subs = slices.Delete(z.subs, i, i+1)
	w.WriteHeader(http.StatusNoContent)
}
