package crmimport

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/cleaning/phone"
	"github.com/changeover-sdk/changeover/pms"
)

// HandlerConfig configures a [Handler]. Authenticate is required.
type HandlerConfig struct {
	// Authenticate says whose a bearer token is. An error that wraps
	// [pms.ErrUnauthorized] is answered with 401, any other with 500. See
	// [StaticTokens].
	Authenticate func(ctx context.Context, token string) (Tenant, error)
	// Phones is as for an [Importer].
	Phones cleaning.PhoneNormalizer
	// MaxBytes is the largest body; 0 means 4 MiB. MaxRecords is the largest
	// batch; 0 means 1000.
	MaxBytes   int64
	MaxRecords int
	// Answers keeps the answers to requests with an Idempotency-Key. Nil means
	// a [MemoryAnswers] for the last 1000.
	Answers Answers
	// Logger gets the errors of the store; nil means silence.
	Logger *slog.Logger
}

// Tenant is the organisation that a token belongs to.
type Tenant struct {
	// Organisation is the host's id of it.
	Organisation string
	Store        Store
	// Source, if not empty, is the source of all records, whatever a batch says:
	// one system then cannot touch the ids of another.
	Source string
}

// Handler accepts records that another system pushes. Mount it with
// [http.StripPrefix].
//
//	POST /clients   {"version":1,"source":"1c","clients":[…]}
//	POST /places    {"version":1,"source":"1c","places":[…],"accounts":[…]}
//
// The form of the records is that of [JSONLayout]; the vendor's own is not
// published. A request has the header "Authorization: Bearer <token>", a body
// of type application/json, and may have an Idempotency-Key: a repetition with
// the same key and body gets the same answer and changes nothing.
//
// A batch that is not well-formed, or too large, is refused whole: 400, 413.
// Otherwise every record is taken on its own, and the answer 200 has a
// [RecordResult] for each, in order. When the store fails, the answer is 503:
// the results so far, with the other records not reached.
type Handler struct {
	cfg HandlerConfig
	mux *http.ServeMux
}

// NewHandler checks the configuration.
func NewHandler(cfg HandlerConfig) (*Handler, error) {
	if cfg.Authenticate == nil {
		return nil, errors.New("crmimport: Authenticate is required")
	}
	if cfg.Phones == nil {
		phones, err := phone.New("RU")
		if err != nil {
			return nil, err
		}
		cfg.Phones = phones
	}
	cfg.MaxBytes = cmp.Or(cfg.MaxBytes, 4<<20)
	cfg.MaxRecords = cmp.Or(cfg.MaxRecords, 1000)
	if cfg.Answers == nil {
		cfg.Answers = NewMemoryAnswers(1000)
	}
	h := &Handler{cfg: cfg, mux: http.NewServeMux()}
	clients, places := JSONLayout(), JSONLayout()
	clients.Places, clients.Accounts, places.Clients = Table{}, Table{}, Table{}
	h.mux.HandleFunc("POST /clients", func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, clients) })
	h.mux.HandleFunc("POST /places", func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, places) })
	return h, nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// StaticTokens is an Authenticate over a fixed table. All tokens are compared,
// each in constant time.
func StaticTokens(tenants map[string]Tenant) func(context.Context, string) (Tenant, error) {
	type entry struct {
		sum    [sha256.Size]byte
		tenant Tenant
	}
	var entries []entry
	for token, tenant := range tenants {
		if token != "" {
			entries = append(entries, entry{sha256.Sum256([]byte(token)), tenant})
		}
	}
	return func(_ context.Context, token string) (Tenant, error) {
		sum := sha256.Sum256([]byte(token))
		found := -1
		for i := range entries {
			if subtle.ConstantTimeCompare(sum[:], entries[i].sum[:]) == 1 {
				found = i
			}
		}
		if found < 0 {
			return Tenant{}, pms.ErrUnauthorized
		}
		return entries[found].tenant, nil
	}
}

// BatchAnswer is the body of an answer to a batch.
type BatchAnswer struct {
	Results []RecordResult `json:"results"`
	// Warnings are about the batch, not about one record.
	Warnings []Warning `json:"warnings,omitempty"`
}

// RecordResult is what became of one record.
type RecordResult struct {
	Kind    Kind    `json:"kind"`
	ExtID   string  `json:"extId,omitzero"`
	Outcome Outcome `json:"outcome"`
	// Code and Message say why a record was refused, as in [Failure].
	Code     string   `json:"code,omitzero"`
	Message  string   `json:"message,omitzero"`
	Warnings []string `json:"warnings,omitempty"`
}

// ErrorAnswer is the body of an answer that refuses a whole request.
type ErrorAnswer struct {
	Error Failure `json:"error"`
}

// The codes with which whole requests are refused, beside those of [Failure].
const (
	CodeUnauthorized = "unauthorized"
	CodeContentType  = "bad_content_type"
	CodeKeyInUse     = "idempotency_key_in_use"
	CodeKeyReused    = "idempotency_key_reused"
	CodeInternal     = "internal"
)

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, layout Layout) {
	tenant, refusal := h.authenticate(r)
	if refusal != nil {
		refusal.write(w)
		return
	}
	body, refusal := h.body(w, r)
	if refusal != nil {
		refusal.write(w)
		return
	}
	answer := func(ctx context.Context) reply { return h.batch(ctx, tenant, layout, body) }
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		answer(r.Context()).write(w)
		return
	}
	h.once(r.Context(), tenant.Organisation+" "+r.URL.Path+" "+key, body, answer).write(w)
}

// reply is an answer before it is written.
type reply struct {
	status   int
	body     []byte
	replayed bool
}

func (a reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if a.replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone asks again
}

func jsonReply(status int, value any) reply {
	body, err := json.Marshal(value)
	if err != nil { // none of our answers
		return reply{status: http.StatusInternalServerError, body: []byte(`{}`)}
	}
	return reply{status: status, body: body}
}

func refused(status int, code, message string) *reply {
	return new(jsonReply(status, ErrorAnswer{Failure{Code: code, Message: message}}))
}

func (h *Handler) authenticate(r *http.Request) (Tenant, *reply) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Tenant{}, refused(http.StatusUnauthorized, CodeUnauthorized, "a bearer token is required")
	}
	tenant, err := h.cfg.Authenticate(r.Context(), strings.TrimSpace(token))
	switch {
	case errors.Is(err, pms.ErrUnauthorized):
		return Tenant{}, refused(http.StatusUnauthorized, CodeUnauthorized, "the token is unknown")
	case err != nil || tenant.Store == nil:
		h.log(r.Context(), "authenticate", err)
		return Tenant{}, refused(http.StatusInternalServerError, CodeInternal, "the token could not be checked")
	}
	return tenant, nil
}

func (h *Handler) log(ctx context.Context, what string, err error) {
	if h.cfg.Logger != nil {
		h.cfg.Logger.ErrorContext(ctx, "crmimport: "+what, "error", err)
	}
}

func (h *Handler) body(w http.ResponseWriter, r *http.Request) ([]byte, *reply) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.Header.Get("Content-Encoding") != "" {
		return nil, refused(http.StatusUnsupportedMediaType, CodeContentType, "the body must be application/json, without compression")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.cfg.MaxBytes))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refused(http.StatusRequestEntityTooLarge, CodeTooLarge, fmt.Sprintf("a body of more than %d bytes", h.cfg.MaxBytes))
	case err != nil:
		return nil, refused(http.StatusBadRequest, CodeCut, "the body has not come whole")
	}
	return body, nil
}

// item is a record of a batch, or why it cannot be one.
type item struct {
	record Record
	bad    *RecordError
}

func (h *Handler) batch(ctx context.Context, tenant Tenant, layout Layout, body []byte) reply {
	var answer BatchAnswer
	items, err := h.read(tenant, layout, body, func(w Warning) { answer.Warnings = append(answer.Warnings, w) })
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, ErrLimit) {
			status = http.StatusRequestEntityTooLarge
		}
		return jsonReply(status, ErrorAnswer{*failure(err, "", Record{})})
	}
	status := http.StatusOK
	answer.Results = make([]RecordResult, 0, len(items))
	to := &applier{store: tenant.Store, phones: h.cfg.Phones, file: cleaning.NewClientFile(len(items))}
	for _, item := range items {
		if status != http.StatusOK {
			answer.Results = append(answer.Results, RecordResult{Kind: item.kind(), ExtID: item.id(), Outcome: NotReached})
			continue
		}
		result, err := item.apply(ctx, to)
		if err != nil {
			h.log(ctx, "batch", err)
			status = http.StatusServiceUnavailable
		}
		answer.Results = append(answer.Results, result)
	}
	return jsonReply(status, answer)
}

func (h *Handler) read(tenant Tenant, layout Layout, body []byte, warn func(Warning)) ([]item, error) {
	var items []item
	opts := Options{Layout: &layout, Source: tenant.Source, Limits: Limits{Records: h.cfg.MaxRecords}, OnWarning: warn}
	for record, err := range ReadJSON(bytes.NewReader(body), opts) {
		var bad *RecordError
		if err != nil && !errors.As(err, &bad) {
			return nil, err
		}
		items = append(items, item{record, bad})
	}
	return items, nil
}

func (i item) kind() Kind {
	if i.bad != nil {
		return i.bad.Kind
	}
	return i.record.Kind
}

func (i item) id() string {
	if i.bad != nil {
		return i.bad.ExtID
	}
	return i.record.ID().ID
}

// apply puts the record into the store. The error is the store's.
func (i item) apply(ctx context.Context, to *applier) (RecordResult, error) {
	result := RecordResult{Kind: i.kind(), ExtID: i.id()}
	to.warn = func(w Warning) { result.Warnings = append(result.Warnings, w.Code) }
	outcome, err := Refused, error(i.bad)
	if i.bad == nil {
		outcome, err = to.apply(ctx, i.record)
	}
	var store *StoreError
	switch {
	case err == nil:
		result.Outcome = outcome
		return result, nil
	case errors.As(err, &store):
		result.Outcome, result.Code, result.Message = NotReached, CodeStore, "try again later"
		return result, err
	}
	f := failure(err, "", i.record)
	result.Outcome, result.Code, result.Message = Refused, f.Code, f.Message
	return result, nil
}

// once answers a request with a key: for the first time, or as the first time.
func (h *Handler) once(ctx context.Context, key string, body []byte, answer func(context.Context) reply) reply {
	if len(key) > 400 {
		return *refused(http.StatusBadRequest, CodeKeyReused, "the Idempotency-Key is too long")
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	saved, err := h.cfg.Answers.Begin(ctx, key, digest)
	switch {
	case errors.Is(err, ErrKeyInUse):
		return *refused(http.StatusConflict, CodeKeyInUse, "the request with this Idempotency-Key is under way")
	case err != nil:
		h.log(ctx, "idempotency", err)
		return *refused(http.StatusInternalServerError, CodeInternal, "the Idempotency-Key could not be checked")
	case saved != nil && saved.Digest != digest:
		return *refused(http.StatusUnprocessableEntity, CodeKeyReused, "the Idempotency-Key came with another body")
	case saved != nil:
		return reply{status: saved.Status, body: saved.Body, replayed: true}
	}
	out := reply{status: http.StatusInternalServerError}
	// Only a complete answer is kept: what failed in the store may be tried again.
	defer func() {
		keep := &Answer{Digest: digest, Status: out.status, Body: out.body}
		if out.status >= http.StatusInternalServerError {
			keep = nil
		}
		if err := h.cfg.Answers.End(context.WithoutCancel(ctx), key, keep); err != nil {
			h.log(ctx, "idempotency", err)
		}
	}()
	out = answer(ctx)
	return out
}
