package sandbox

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// GuestyOptions is one Guesty account.
type GuestyOptions struct {
	// ClientID and ClientSecret are the application's. Empty means
	// "0oasandboxguesty" and "sandbox-guesty-secret".
	ClientID, ClientSecret string
	// AccountID is empty for "5f0c1a2b3d4e6f0000000001".
	AccountID string
	// NoLimits switches the rate limits off, those of tokens included.
	NoLimits bool
	// Webhooks are URLs that are subscribed to all events from the start, with
	// WebhookSecret. An empty secret is made up.
	Webhooks      []string
	WebhookSecret string
	// SecretDelay is how long the secret of a new subscription answers 404.
	SecretDelay time.Duration
	// OldHeaders names the signature headers "webhook-..." instead of
	// "svix-...".
	OldHeaders bool
	// HTTPClient sends the webhooks. Nil means one with a timeout.
	HTTPClient *http.Client
}

// Guesty is the stand-in of Guesty's Open API (open-api.guesty.com), by the
// vendor's documentation of 2026.
//
// POST /oauth2/token; under /v1: GET /accounts/me, GET /listings, GET and PUT
// /listings/{id}, GET /reservations-v3/search, GET /reservations-v3, PUT
// /reservations-v3/{id}/notes, GET /guests-crud/{id}, GET
// /availability-pricing/api/calendar/listings/minified/{id}, the webhooks and
// their secret, and the tasks.
//
// Decided here, because the documentation does not say (unverified): a batch
// row has the status, the code and the stamp of creation of the reservation; an
// unknown id is left out of a batch; bookerId is the id of the guest; a unit with
// a parent is unitId and its parent unitTypeId; parameters that are not
// documented are 400 in the search and ignored elsewhere; the housekeeping
// status is written through the listing. Money is in none of the answers.
//
// Changes of stays and units are posted as v2 events at once. A deleted stay is
// posted to nobody: Guesty cancels.
type Guesty struct {
	world  *World
	opts   GuestyOptions
	mux    *http.ServeMux
	sender *sender
	cancel func()

	calls, logins limiter

	mu     sync.Mutex
	serial int
	tokens map[string]time.Time // the end of life of each token
	hooks  []guestyHook
	tasks  []object
	// notes are those that were written, over those of the world.
	notes map[string]object
}

// guestyHook is a subscription.
type guestyHook struct {
	id, url, secret string
	events          []string
	secretFrom      time.Time
}

// guestyTokenLife is expires_in of the documented answer.
const guestyTokenLife = 24 * time.Hour

// NewGuesty returns a stand-in for one account whose listings are the units of
// the world. It follows the world until Close.
func NewGuesty(world *World, o GuestyOptions) *Guesty {
	o.ClientID = cmp.Or(o.ClientID, "0oasandboxguesty")
	o.ClientSecret = cmp.Or(o.ClientSecret, "sandbox-guesty-secret")
	o.AccountID = cmp.Or(o.AccountID, "5f0c1a2b3d4e6f0000000001")
	g := &Guesty{
		world: world, opts: o, mux: http.NewServeMux(), sender: newSender(o.HTTPClient),
		tokens: map[string]time.Time{}, notes: map[string]object{},
	}
	if !o.NoLimits {
		g.logins.limits = []pms.Limit{{Requests: 5, Window: 24 * time.Hour}}
		g.calls.limits = []pms.Limit{
			{Requests: 15, Window: time.Second}, {Requests: 120, Window: time.Minute}, {Requests: 5000, Window: time.Hour},
		}
	}
	for _, url := range o.Webhooks {
		g.AddWebhook(url)
	}
	g.routes()
	g.cancel = world.Subscribe(g.notify)
	return g
}

// Options returns the account with its defaults filled in.
func (g *Guesty) Options() GuestyOptions { return g.opts }

// Close stops following the world.
func (g *Guesty) Close() { g.cancel() }

// Sent returns the webhook deliveries so far.
func (g *Guesty) Sent() []Sent { return g.sender.sent() }

// ExpireTokens revokes all tokens.
func (g *Guesty) ExpireTokens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// AddWebhook subscribes a URL to all events and returns the secret.
func (g *Guesty) AddWebhook(url string) (secret string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hook := g.newHook(url, nil)
	hook.secret, hook.secretFrom = cmp.Or(g.opts.WebhookSecret, hook.secret), time.Time{}
	g.hooks = append(g.hooks, hook)
	return hook.secret
}

// newHook needs the lock.
func (g *Guesty) newHook(url string, events []string) guestyHook {
	id := g.nextID()
	sum := sha256.Sum256([]byte(g.opts.ClientSecret + id))
	return guestyHook{
		id: id, url: url, events: events, secret: "whsec_" + base64.StdEncoding.EncodeToString(sum[:]),
		secretFrom: g.world.Now().Add(g.opts.SecretDelay),
	}
}

// nextID makes up an id in the form of MongoDB's. It needs the lock.
func (g *Guesty) nextID() string {
	g.serial++
	return fmt.Sprintf("6540aa11bb22cc33dd%06x", g.serial)
}

// ServeHTTP implements [http.Handler].
func (g *Guesty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", "req-guesty")
	route(g.mux, w, r, func(status int) { guestyError(w, status, "NOT_FOUND", "Cannot "+r.Method+" the path") })
}

func (g *Guesty) routes() {
	g.mux.HandleFunc("POST /oauth2/token", g.token)
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /v1/accounts/me":                g.account,
		"GET /v1/listings":                   g.listListings,
		"GET /v1/listings/{id}":              g.getListing,
		"PUT /v1/listings/{id}":              g.putListing,
		"GET /v1/reservations-v3/search":     g.search,
		"GET /v1/reservations-v3":            g.batch,
		"PUT /v1/reservations-v3/{id}/notes": g.putNotes,
		"GET /v1/guests-crud/{id}":           g.guest,
		"GET /v1/availability-pricing/api/calendar/listings/minified/{id}": g.calendar,
		"GET /v1/webhooks":                           g.listHooks,
		"POST /v1/webhooks":                          g.createHook,
		"GET /v1/webhooks/{id}":                      g.getHook,
		"PUT /v1/webhooks/{id}":                      g.putHook,
		"DELETE /v1/webhooks/{id}":                   g.deleteHook,
		"GET /v1/webhooks-v2/secret":                 g.hookSecret,
		"GET /v1/tasks-open-api/tasks":               g.listTasks,
		"POST /v1/tasks-open-api/create-single-task": g.createTask,
		"GET /v1/tasks-open-api/{id}":                g.getTask,
		"PUT /v1/tasks-open-api/{id}":                g.putTask,
		"DELETE /v1/tasks-open-api/{id}":             g.deleteTask,
	} {
		g.mux.HandleFunc(pattern, g.secured(h))
	}
}

// guestyError is the shape of most errors; the documentation has others.
func guestyError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, object{"message": message, "code": code, "data": object{}, "requestId": w.Header().Get("X-Request-Id")})
}

// guestyWrapped is the shape of the errors of reservations.
func guestyWrapped(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, object{"error": object{"message": message, "code": "BAD_REQUEST", "status": status, "data": []any{}}})
}

// token counts the tokens that it gives.
func (g *Guesty) token(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, code, message string) {
		writeJSON(w, status, object{"error": code, "error_description": message})
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	switch {
	case r.ParseForm() != nil || r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("scope") != "open-api":
		fail(http.StatusBadRequest, "invalid_request", "The request is not a client credentials grant of the scope open-api.")
	case r.PostForm.Get("client_id") != g.opts.ClientID || r.PostForm.Get("client_secret") != g.opts.ClientSecret:
		fail(http.StatusUnauthorized, "invalid_client", "The client secret supplied for a confidential client is invalid.")
	case !g.logins.allow(g.world.Now()):
		w.Header().Set("Retry-After", guestyWait(&g.logins, g.world.Now()))
		fail(http.StatusTooManyRequests, "too_many_requests", "Too many token requests.")
	default:
		writeJSON(w, http.StatusOK, object{
			"token_type": "Bearer", "expires_in": int(guestyTokenLife / time.Second), "access_token": g.issue(), "scope": "open-api",
		})
	}
}

// guestyWait is the Retry-After of a call that was refused at now.
func guestyWait(l *limiter, now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	longest := time.Second
	for _, limit := range l.limits {
		if n := len(l.calls) - limit.Requests; n >= 0 {
			longest = max(longest, l.calls[n].Add(limit.Window).Sub(now))
		}
	}
	return strconv.Itoa(int((longest + time.Second - 1) / time.Second))
}

// issue makes a token of the shape of a JWT, which only this stand-in accepts.
func (g *Guesty) issue() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	end := g.world.Now().Add(guestyTokenLife)
	encode := base64.RawURLEncoding.EncodeToString
	head := encode([]byte(`{"alg":"RS256"}`)) + "." + encode(fmt.Appendf(nil, `{"cid":%q,"jti":%q}`, g.opts.ClientID, g.nextID()))
	mac := hmac.New(sha256.New, []byte(g.opts.ClientSecret))
	mac.Write([]byte(head))
	token := head + "." + encode(mac.Sum(nil))
	g.tokens[token] = end
	return token
}

// secured asks for a token and counts the call.
func (g *Guesty) secured(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := g.world.Now()
		g.mu.Lock()
		end, ok := g.tokens[bearer(r)]
		g.mu.Unlock()
		w.Header().Set("X-RateLimit-Limit-Second", "15")
		w.Header().Set("X-RateLimit-Limit-Minute", "120")
		w.Header().Set("X-RateLimit-Limit-Hour", "5000")
		switch {
		case !ok || !now.Before(end):
			writeJSON(w, http.StatusUnauthorized, object{"error": "Unauthorized", "message": "The token is expired or invalid"})
		case !g.calls.allow(now):
			w.Header().Set("Retry-After", guestyWait(&g.calls, now))
			guestyError(w, http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "Too many requests")
		default:
			next(w, r)
		}
	}
}

func (g *Guesty) account(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, object{"_id": g.opts.AccountID, "name": "Sandbox"})
}

// guestyPlace reads limit and skip; false means that an error was answered.
func guestyPlace(w http.ResponseWriter, r *http.Request) (limit, skip int, ok bool) {
	limit, skip = 25, 0
	for name, into := range map[string]*int{"limit": &limit, "skip": &skip} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxOffset || name == "limit" && (n < 1 || n > 100) {
			guestyError(w, http.StatusBadRequest, "ValidationError", name+" is out of range")
			return 0, 0, false
		}
		*into = n
	}
	return limit, skip, true
}

// The webhooks.

func (h guestyHook) object(accountID string) object {
	return object{"_id": h.id, "accountId": accountID, "url": h.url, "events": h.events}
}

func (g *Guesty) listHooks(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := []object{}
	for _, hook := range g.hooks {
		list = append(list, hook.object(g.opts.AccountID))
	}
	writeJSON(w, http.StatusOK, list)
}

// guestyReadHook reads a subscription; false means that an error was answered.
func guestyReadHook(w http.ResponseWriter, r *http.Request) (url string, events []string, ok bool) {
	var body struct {
		URL    string   `json:"url"`
		Events []string `json:"events"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil || body.URL == "" || len(body.Events) == 0 {
		guestyError(w, http.StatusBadRequest, "ValidationError", "url and events are required")
		return "", nil, false
	}
	return body.URL, body.Events, true
}

func (g *Guesty) createHook(w http.ResponseWriter, r *http.Request) {
	url, events, ok := guestyReadHook(w, r)
	if !ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	hook := g.newHook(url, events)
	g.hooks = append(g.hooks, hook)
	writeJSON(w, http.StatusOK, hook.object(g.opts.AccountID))
}

// hook calls fn with the index of the subscription of the path, under the lock.
func (g *Guesty) hook(w http.ResponseWriter, r *http.Request, fn func(i int)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.hooks, func(h guestyHook) bool { return h.id == r.PathValue("id") })
	if i < 0 {
		guestyError(w, http.StatusNotFound, "NOT_FOUND", "Webhook not found")
		return
	}
	fn(i)
}

func (g *Guesty) getHook(w http.ResponseWriter, r *http.Request) {
	g.hook(w, r, func(i int) { writeJSON(w, http.StatusOK, g.hooks[i].object(g.opts.AccountID)) })
}

func (g *Guesty) putHook(w http.ResponseWriter, r *http.Request) {
	url, events, ok := guestyReadHook(w, r)
	if !ok {
		return
	}
	g.hook(w, r, func(i int) {
		g.hooks[i].url, g.hooks[i].events = url, events
		writeJSON(w, http.StatusOK, g.hooks[i].object(g.opts.AccountID))
	})
}

func (g *Guesty) deleteHook(w http.ResponseWriter, r *http.Request) {
	g.hook(w, r, func(i int) {
		g.hooks = slices.Delete(g.hooks, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	})
}

// hookSecret has the secret of the newest subscription of a URL, a while after
// it was made.
func (g *Guesty) hookSecret(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, hook := range slices.Backward(g.hooks) {
		if hook.url == r.URL.Query().Get("url") && !g.world.Now().Before(hook.secretFrom) {
			writeJSON(w, http.StatusOK, object{"key": hook.secret})
			return
		}
	}
	guestyError(w, http.StatusNotFound, "NOT_FOUND", "Endpoint not found")
}

// notify tells the subscribers of a change.
func (g *Guesty) notify(c Change) {
	event := "reservation.updated.v2"
	switch c.Kind {
	case StayDeleted:
		return
	case PropertyChanged:
		g.post("listing.updated", c.At, object{"listing": object{"_id": c.Property.ID, "accountId": g.opts.AccountID}})
		return
	case StayCreated:
		event = "reservation.created.v2"
	case StayUpdated, StayCancelled:
	}
	if c.After.Kind == pms.KindBlock {
		g.post("listing.calendar.updated", c.At, object{"data": object{"listingId": c.After.UnitID}})
		return
	}
	s := &c.After
	g.post(event, c.At, object{"data": object{
		"reservationId": s.ID, "unitId": s.UnitID, "confirmationCode": s.Code, "status": guestyStatus(s),
		"checkInDateLocalized": s.Arrival.String(), "checkOutDateLocalized": s.Departure.String(), "guestsCount": s.Guests.Total,
	}})
}

// post signs an event and sends it to those who subscribed to it.
func (g *Guesty) post(event string, now time.Time, message object) {
	message["event"], message["publishedAt"] = event, guestyStamp(now)
	body, err := json.Marshal(message)
	if err != nil {
		return
	}
	g.mu.Lock()
	hooks := slices.Clone(g.hooks)
	g.serial++
	id := fmt.Sprintf("msg_%06x", g.serial)
	g.mu.Unlock()
	for _, hook := range hooks {
		if hook.events != nil && !slices.Contains(hook.events, event) {
			continue
		}
		sent := Sent{URL: hook.url, Body: body, At: now}
		sent.Status, sent.Err = g.deliver(hook, id, now, body)
		g.sender.mu.Lock()
		g.sender.log = append(g.sender.log, sent)
		g.sender.mu.Unlock()
	}
}

func (g *Guesty) deliver(hook guestyHook, id string, now time.Time, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, hook.url, strings.NewReader(string(body)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	prefix := "svix-"
	if g.opts.OldHeaders {
		prefix = "webhook-"
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set(prefix+"id", id)
	req.Header.Set(prefix+"timestamp", stamp)
	req.Header.Set(prefix+"signature", GuestySignature(hook.secret, id, stamp, body))
	resp, err := g.sender.client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// GuestySignature is the signature header of a delivery: one entry of the
// version v1. The secret is "whsec_" and base64.
func GuestySignature(secret, id, stamp string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
