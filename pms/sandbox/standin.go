package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// maxBody is the largest request body that a stand-in reads.
const maxBody = 1 << 20

// route serves r from mux. What the vendor does not have, path or method, goes
// to refuse with 404 or 405.
func route(mux *http.ServeMux, w http.ResponseWriter, r *http.Request, refuse func(status int)) {
	h, pattern := mux.Handler(r)
	if pattern != "" {
		mux.ServeHTTP(w, r)
		return
	}
	rec := newRecorder()
	h.ServeHTTP(rec, r)
	if allow := rec.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
	}
	refuse(rec.status)
}

// writeJSON answers with v. The stand-ins' values always marshal.
func writeJSON(w http.ResponseWriter, status int, v any) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimRight(body.Bytes(), "\n"))
}

// readJSON reads the body of r as an object. Numbers keep their text.
func readJSON(r *http.Request) (map[string]any, error) {
	dec := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("sandbox: body: %w", err)
	}
	return object, nil
}

// object is a JSON object.
type object = map[string]any

// integer returns the JSON number v, which must be whole.
func integer(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

// number returns an id as a number. Ids of a World are numbers, and the empty
// one is 0.
func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

func isNumber(id string) bool { return number(id) > 0 }

// stamp is a date-time without a zone, in the wall time of zone, or nil.
func stamp(t time.Time, zone *time.Location) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.In(zone).Format(time.DateTime))
}

// at returns the instant of a clock time on a day.
func at(day pms.Date, c pms.Clock, zone *time.Location) time.Time {
	return time.Date(day.Year, day.Month, day.Day, c.Hour(), c.Minute(), 0, 0, zone)
}

// clock is a clock time that is known to be one.
func clock(hour, minute int) pms.Clock {
	c, _ := pms.NewClock(hour, minute)
	return c
}

func firstClock(times ...pms.Clock) pms.Clock {
	for _, c := range times {
		if !c.IsZero() {
			return c
		}
	}
	return pms.Clock{}
}

// amount is decimal text as a JSON number, 0 for an empty or unreadable one.
func amount(text string) json.Number {
	rat, ok := new(big.Rat).SetString(text)
	switch {
	case !ok:
		return "0"
	case rat.IsInt():
		return json.Number(rat.RatString())
	default:
		return json.Number(rat.FloatString(2))
	}
}

// cents is decimal text in hundredths.
func cents(text string) int64 {
	rat, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0
	}
	rat.Mul(rat, big.NewRat(100, 1))
	return new(big.Int).Quo(rat.Num(), rat.Denom()).Int64()
}

// money is the decimal text of hundredths: "12", "12.50".
func money(cents int64) string {
	if cents%100 == 0 {
		return strconv.FormatInt(cents/100, 10)
	}
	return big.NewRat(cents, 100).FloatString(2)
}

// nights are the days of the nights of s with their share of the total. A stay
// without a night has its day.
type night struct {
	day    pms.Date
	unitID string
	price  int64 // hundredths
}

func (s *Stay) nights() []night {
	n := int64(max(s.Departure.DaysSince(s.Arrival), 1))
	total := cents(s.Total.Amount)
	share := total / n / 100 * 100
	out := make([]night, n)
	for i := range out {
		day := s.Arrival.AddDays(i)
		out[i] = night{day: day, unitID: s.unitOn(day), price: share}
	}
	out[n-1].price = total - share*(n-1)
	return out
}

// splitName splits a full name into first name and the rest.
func splitName(full string) (first, last string) {
	first, last, _ = strings.Cut(full, " ")
	return first, last
}

// codeFor makes up a confirmation code such as "77LEK-231225": five signs and
// the day of creation.
func codeFor(s Stay, zone *time.Location) string {
	const signs = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	n := uint64(number(s.ID)) * 2654435761 //nolint:gosec // ids are positive
	code := make([]byte, 5)
	for i := range code {
		code[i] = signs[n%uint64(len(signs))]
		n /= uint64(len(signs))
	}
	return string(code) + "-" + s.CreatedAt.In(zone).Format("020106")
}

// limiter counts the calls of one credential in sliding windows.
type limiter struct {
	mu     sync.Mutex
	limits []pms.Limit
	calls  []time.Time
}

// allow notes a call at now, unless it would exceed one of the limits.
func (l *limiter) allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	longest := time.Duration(0)
	for _, limit := range l.limits {
		longest = max(longest, limit.Window)
		if len(l.calls)-l.before(now.Add(-limit.Window)) >= limit.Requests {
			return false
		}
	}
	l.calls = append(l.calls[l.before(now.Add(-longest)):], now)
	return true
}

// before returns how many calls were made at t or before.
func (l *limiter) before(t time.Time) int {
	n, _ := slices.BinarySearchFunc(l.calls, t, func(call, t time.Time) int {
		if call.After(t) {
			return 1
		}
		return -1
	})
	return n
}

// Sent is one webhook delivery.
type Sent struct {
	URL  string
	Body []byte
	// Status is the answer's, 0 when none came; then Err says why.
	Status int
	Err    error
	At     time.Time
}

// sender posts webhooks and keeps a log of them.
type sender struct {
	client *http.Client
	mu     sync.Mutex
	log    []Sent
}

func newSender(client *http.Client) *sender {
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	return &sender{client: client}
}

// post sends body once. The vendors' repeats are not documented.
func (s *sender) post(ctx context.Context, url string, body []byte, now time.Time) {
	sent := Sent{URL: url, Body: body, At: now}
	sent.Status, sent.Err = s.do(ctx, url, body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, sent)
}

func (s *sender) do(ctx context.Context, url string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, nil
}

func (s *sender) sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// parseDay reads "2006-01-02".
func parseDay(text string) (pms.Date, bool) {
	day, err := civil.ParseDate(text)
	return day, err == nil
}
