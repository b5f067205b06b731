package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// HostawayOptions is one Hostaway account. The zero value is an account with
// the credentials below.
type HostawayOptions struct {
	// AccountID is the client id. Zero means 40077.
	AccountID int64
	// ClientSecret is the API key. Empty means "sandbox-hostaway-secret".
	ClientSecret string
	// MultiUnit is an account whose listings are unit types: a listing is the
	// parent of units, which are its listing units. Stays of one [Stay.Group],
	// listing and dates are then one reservation. Otherwise each unit is a
	// listing.
	MultiUnit bool
	// WrappedToken puts the answer with the token into the envelope of all
	// others, as one public client expects it.
	WrappedToken bool
	// NoLimits switches the rate limits off.
	NoLimits bool
	// Webhooks are the unified webhooks.
	Webhooks []HostawayWebhook
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
}

// HostawayWebhook is a unified webhook. Login and Password are sent as HTTP
// Basic if both are set.
type HostawayWebhook struct {
	ID              int64
	Disabled        bool
	URL             string
	Login, Password string
}

// Hostaway is the stand-in of the Hostaway API by its documentation of
// 2026-07-23.
//
// It answers POST and DELETE /v1/accessTokens; GET /v1/listings and GET, PUT
// /v1/listings/{id}; GET /v1/listings/{id}/calendar; GET
// /v1/listingUnits/{id}; GET /v1/reservations and /v1/reservations/{id};
// /v1/webhooks/unifiedWebhooks and /v1/tasks with GET, POST and, by id, GET,
// PUT, DELETE. It posts a webhook for every new or changed reservation.
//
// Decided here, because the documentation does not say (unverified): a page
// holds 100 records at most; afterId of a reservation that is not in the list
// is answered with an empty result; bounds of days are included; a query
// parameter that is not documented is 400, unknown paths are 404 and wrong
// methods 405; cleannessStatus is 1 for clean and 2 for dirty; a webhook holds
// the record without supplementary resources.
//
// What Hostaway has no word for: minutes of a clock time are cut off; a stay
// that moves is on the listing of its first night; who is checked in, checked
// out or did not come is "new" or "modified"; a channel that is not Hostaway's
// is "partner". A block closes the days of a listing; with MultiUnit only when
// all its units are closed.
type Hostaway struct {
	world  *World
	opts   HostawayOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()
	calls  limiter

	mu     sync.Mutex
	serial int64
	tokens map[string]hostawayToken
	hooks  []HostawayWebhook
	tasks  []object
}

type hostawayToken struct{ from, to time.Time }

// The life of a token (expires_in of the documented answer), and the time that
// a new one takes to be known.
const (
	hostawayTokenLife = 15897600 * time.Second
	hostawayWarmUp    = time.Second
)

// NewHostaway returns a stand-in for one account whose listings are the units
// of the world. It follows the world until Close.
func NewHostaway(world *World, o HostawayOptions) *Hostaway {
	if o.AccountID == 0 {
		o.AccountID = 40077
	}
	if o.ClientSecret == "" {
		o.ClientSecret = "sandbox-hostaway-secret"
	}
	h := &Hostaway{
		world: world, opts: o, mux: http.NewServeMux(), sender: newSender(o.HTTPClient), tokens: map[string]hostawayToken{},
	}
	for _, hook := range o.Webhooks {
		h.AddWebhook(hook)
	}
	if !o.NoLimits {
		// Per address and per account; here they are the same caller.
		h.calls.limits = []pms.Limit{{Requests: 15, Window: 10 * time.Second}, {Requests: 20, Window: 10 * time.Second}}
	}
	h.routes()
	h.cancel = world.Subscribe(h.notify)
	return h
}

// Options returns the account with its defaults filled in.
func (h *Hostaway) Options() HostawayOptions { return h.opts }

// Close stops following the world.
func (h *Hostaway) Close() { h.cancel() }

// Sent returns the webhook deliveries so far. Their URLs hold login and
// password.
func (h *Hostaway) Sent() []Sent { return h.sender.sent() }

// ExpireTokens revokes all tokens.
func (h *Hostaway) ExpireTokens() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.tokens)
}

// AddWebhook adds a unified webhook and returns its id.
func (h *Hostaway) AddWebhook(hook HostawayWebhook) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serial++
	hook.ID = 7000 + h.serial
	h.hooks = append(h.hooks, hook)
	return hook.ID
}

// Webhooks returns the unified webhooks.
func (h *Hostaway) Webhooks() []HostawayWebhook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.hooks)
}

func (h *Hostaway) routes() {
	h.mux.HandleFunc("POST /v1/accessTokens", h.issue)
	h.mux.HandleFunc("DELETE /v1/accessTokens", h.revoke)
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /v1/listings":                         h.listListings,
		"GET /v1/listings/{id}":                    h.getListing,
		"PUT /v1/listings/{id}":                    h.putListing,
		"GET /v1/listings/{id}/calendar":           h.calendar,
		"GET /v1/listingUnits/{id}":                h.listUnits,
		"GET /v1/reservations":                     h.listReservations,
		"GET /v1/reservations/{id}":                h.getReservation,
		"GET /v1/webhooks/unifiedWebhooks":         h.listHooks,
		"POST /v1/webhooks/unifiedWebhooks":        h.createHook,
		"GET /v1/webhooks/unifiedWebhooks/{id}":    h.changeHook,
		"PUT /v1/webhooks/unifiedWebhooks/{id}":    h.changeHook,
		"DELETE /v1/webhooks/unifiedWebhooks/{id}": h.changeHook,
		"GET /v1/tasks":                            h.listTasks,
		"POST /v1/tasks":                           h.createTask,
		"GET /v1/tasks/{id}":                       h.changeTask,
		"PUT /v1/tasks/{id}":                       h.changeTask,
		"DELETE /v1/tasks/{id}":                    h.changeTask,
	} {
		h.mux.HandleFunc(pattern, h.secured(handler))
	}
}

// ServeHTTP implements [http.Handler]. Every request counts, those for tokens
// too.
func (h *Hostaway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.calls.allow(h.world.Now()) {
		writeJSON(w, http.StatusTooManyRequests, object{"status": "fail", "message": "Too many requests"})
		return
	}
	route(h.mux, w, r, func(status int) { hostawayFail(w, status, http.StatusText(status)) })
}

func hostawayFail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, object{"status": "fail", "result": message})
}

func hostawayOK(w http.ResponseWriter, result any) {
	writeJSON(w, http.StatusOK, object{"status": "success", "result": result})
}

// hostawayList answers with a page of a list.
func hostawayList(w http.ResponseWriter, items []object, limit, offset, total int) {
	if items == nil {
		items = []object{}
	}
	writeJSON(w, http.StatusOK, object{
		"status": "success", "result": items, "limit": limit, "offset": offset, "count": total,
		"page": offset/limit + 1, "totalPages": (total + limit - 1) / limit,
	})
}

func (h *Hostaway) issue(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	form := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	switch {
	case !form, r.ParseForm() != nil:
		hostawayFail(w, http.StatusBadRequest, "The request is not a form")
		return
	case r.PostForm.Get("grant_type") != "client_credentials", r.PostForm.Get("scope") != "general":
		hostawayFail(w, http.StatusBadRequest, "The grant or the scope is not supported")
		return
	case r.PostForm.Get("client_id") != fmt.Sprint(h.opts.AccountID), r.PostForm.Get("client_secret") != h.opts.ClientSecret:
		hostawayFail(w, http.StatusUnauthorized, "Client authentication failed")
		return
	}
	now := h.world.Now()
	h.mu.Lock()
	h.serial++
	token := fmt.Sprintf("eyJ0eXAiOiJKV1QifQ.sandbox-%d-%d.hostaway", h.opts.AccountID, h.serial)
	h.tokens[token] = hostawayToken{now.Add(hostawayWarmUp), now.Add(hostawayTokenLife)}
	h.mu.Unlock()
	answer := object{"token_type": "Bearer", "expires_in": int(hostawayTokenLife / time.Second), "access_token": token}
	if h.opts.WrappedToken {
		hostawayOK(w, answer)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (h *Hostaway) revoke(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	delete(h.tokens, r.URL.Query().Get("token"))
	h.mu.Unlock()
	hostawayOK(w, []object{})
}

// secured asks for a token that is known already and not over. A dead one is
// 403, not 401.
func (h *Hostaway) secured(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := h.world.Now()
		h.mu.Lock()
		token, ok := h.tokens[bearer(r)]
		h.mu.Unlock()
		if !ok || now.Before(token.from) || !now.Before(token.to) {
			hostawayFail(w, http.StatusForbidden, "The resource owner or authorization server denied the request.")
			return
		}
		next(w, r)
	}
}
