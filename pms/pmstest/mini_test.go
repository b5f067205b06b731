package pmstest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// mini is a vendor that can say everything, with a connector that can be told
// to lie.

const miniKey = "canary/mini+key=5d1e"

func miniLimits() []pms.Limit { return []pms.Limit{{Requests: 20, Window: 10 * time.Second}} }

// miniVendor is the stand-in.
type miniVendor struct {
	world *sandbox.World
	hooks *http.Client
	mux   *http.ServeMux

	mu     sync.Mutex
	tokens int
	calls  []time.Time
}

func newMiniVendor(w *sandbox.World, hooks *http.Client) http.Handler {
	v := &miniVendor{world: w, hooks: hooks, mux: http.NewServeMux()}
	v.mux.HandleFunc("POST /token", v.login)
	v.mux.HandleFunc("GET /v1/bookings", v.secured(func(r *http.Request) (any, int) { return miniPage(r, w.Bookings()), http.StatusOK }))
	v.mux.HandleFunc("GET /v1/properties", v.secured(func(r *http.Request) (any, int) { return miniPage(r, w.Properties()), http.StatusOK }))
	v.mux.HandleFunc("GET /v1/bookings/{id}", v.secured(v.get))
	v.mux.HandleFunc("PUT /v1/properties/{id}", v.secured(v.put))
	w.Subscribe(v.post)
	return v.mux
}

func (v *miniVendor) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Key string `json:"key"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Key != miniKey {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens++
	_ = json.NewEncoder(w).Encode(map[string]string{"token": v.token(v.tokens)})
}

func (v *miniVendor) token(n int) string { return fmt.Sprintf("canary-token-%04d", n) }

func (v *miniVendor) secured(next func(*http.Request) (any, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		known := false
		for n := range v.tokens {
			known = known || r.Header.Get("Authorization") == "Bearer "+v.token(n+1)
		}
		now := time.Now()
		v.calls = slices.DeleteFunc(append(v.calls, now), func(t time.Time) bool { return now.Sub(t) >= 10*time.Second })
		busy := len(v.calls) > 20
		v.mu.Unlock()
		answer, status := any(struct{}{}), http.StatusUnauthorized
		switch {
		case busy:
			status = http.StatusTooManyRequests
		case known:
			answer, status = next(r)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func miniPage[T any](r *http.Request, all []T) any {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	start := min(offset, len(all))
	return map[string]any{"items": append([]T{}, all[start:min(start+limit, len(all))]...), "total": len(all)}
}

func (v *miniVendor) get(r *http.Request) (any, int) {
	found := slices.DeleteFunc(v.world.Bookings(), func(b pms.Booking) bool { return reservation(b) != r.PathValue("id") })
	if len(found) == 0 {
		return struct{}{}, http.StatusNotFound
	}
	return map[string]any{"items": found}, http.StatusOK
}

func (v *miniVendor) put(r *http.Request) (any, int) {
	var body struct {
		Cleanliness pms.Cleanliness `json:"cleanliness"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || v.world.SetCleanliness(r.PathValue("id"), body.Cleanliness) != nil {
		return struct{}{}, http.StatusNotFound
	}
	return struct{}{}, http.StatusOK
}

func (v *miniVendor) post(c sandbox.Change) {
	if c.After.ID == "" {
		return
	}
	body := []byte(`{"booking":"` + c.After.ID + `"}`)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://host.example/hook", strings.NewReader(string(body)))
	if err != nil {
		return
	}
	req.Header.Set("X-Signature", miniSign(body))
	if resp, err := v.hooks.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

func miniSign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(miniKey))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// miniConnector is honest unless lie names one of the lies of liars_test.go.
type miniConnector struct {
	rest *rest.Client
	lie  string
	zone *time.Location
}

func connectMini(lie string) func(Knobs) (pms.Connector, error) {
	return func(k Knobs) (pms.Connector, error) {
		c := &miniConnector{lie: lie, zone: k.World.Zone()}
		opts := rest.Options{
			Vendor: "mini", BaseURL: k.BaseURL, DefaultURL: "https://mini.example", HTTPClient: k.HTTPClient, Logger: k.Logger,
			Limiter: k.Limiter, Limits: miniLimits(), MaxRetries: k.MaxRetries, MaxWait: k.MaxWait,
			Secrets: []string{miniKey},
		}
		opts.Auth = rest.NewTokens(c.login, rest.Bearer)
		c.distort(&opts)
		var err error
		c.rest, err = rest.New(opts)
		if lie == "connects early" {
			_, _ = c.login(context.Background())
		}
		return c, err
	}
}

func (c *miniConnector) login(ctx context.Context) (rest.Token, error) {
	answer, err := rest.JSON[struct{ Token string }](ctx, c.rest, rest.Call{
		Op: "Login", Method: http.MethodPost, Path: "/token", JSON: map[string]string{"key": miniKey}, Read: true, Anonymous: true,
	})
	if err == nil && answer.Token == "" {
		err = &pms.APIError{Vendor: "mini", Op: "Login", Kind: pms.ErrDecode, StatusCode: http.StatusOK}
	}
	return rest.Lasting(answer.Token, time.Hour, time.Hour), err
}

func (c *miniConnector) Info() pms.Info {
	info := (&Fake{Vendor: "mini"}).Info()
	info.Limits = miniLimits()
	info.Credentials = []pms.Field{{Name: "key", Label: "Key", Secret: true}}
	switch c.lie {
	case "denies a power":
		info.Capabilities[pms.CanGetBooking] = pms.No
	case "denies owner stays":
		info.Capabilities[pms.HasOwnerStays] = pms.No
	case "forgets a credential":
		info.Credentials = nil
	}
	return info
}

type miniList struct {
	items wire.Records
	read  paging.Read
	place paging.Offset
	resp  *rest.Response
}

func (c *miniConnector) list(ctx context.Context, op, path, cursor string, limit int) (miniList, error) {
	var out miniList
	var err error
	if out.place, err = paging.Parse(cursor, "all"); err != nil && c.lie != "takes any cursor" {
		return out, &pms.APIError{Vendor: "mini", Op: op, Kind: pms.ErrBadCursor}
	}
	if limit <= 0 || limit > 50 {
		limit = 50
	}
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(out.place.Offset)}}
	if out.resp, err = c.rest.Do(ctx, rest.Call{Op: op, Path: path, Query: query}); err != nil {
		return out, err
	}
	var body struct {
		Items wire.Records `json:"items"`
		Total int          `json:"total"`
	}
	if err := out.resp.Decode(&body); err != nil {
		return out, err
	}
	if body.Items == nil {
		return out, out.resp.Unreadable("no items", nil)
	}
	if len(body.Items) == 0 && out.place.Offset < body.Total && c.lie != "ends at an empty page" {
		return out, out.resp.Unreadable("an empty page before the end", nil)
	}
	out.items, out.read = body.Items, paging.Read{Records: len(body.Items), Limit: limit, Total: body.Total}
	return out, nil
}

func (l *miniList) next(c *miniConnector, op, first string) (string, error) {
	l.read.First = first
	if c.lie == "follows a page that repeats" {
		l.place.First = ""
	}
	if c.lie == "ignores what was deleted" {
		l.place.Total = l.read.Total
	}
	if c.lie == "ends at an empty page" && l.read.Records == 0 {
		return "", nil
	}
	next, more, err := l.place.Next(l.read)
	switch {
	case err != nil:
		return "", &pms.APIError{Vendor: "mini", Op: op, Kind: pms.ErrBadCursor}
	case more:
		return next.String(), nil
	}
	return "", nil
}

func (c *miniConnector) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	list, err := c.list(ctx, op, "/v1/properties", q.Cursor, q.Limit)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	decoded := wire.DecodeAll("mini", "property", list.items, func(p *pms.Property, raw json.RawMessage) string {
		p.Vendor, p.Raw = "mini", raw
		return p.ID
	})
	page := pms.Page[pms.Property]{Items: decoded.Items, Failed: decoded.Failed}
	page.Next, err = list.next(c, op, decoded.First)
	return page, err
}

// miniRecord is an id and the rest, which fails on its own.
type miniRecord struct {
	ID  pms.Text `json:"id"`
	raw json.RawMessage
}

func (r miniRecord) booking() (pms.Booking, *pms.RecordError) {
	// An outer id hides the one of the booking, which takes no number.
	var fields struct {
		ID pms.Text `json:"id"`
		pms.Booking
	}
	err := json.Unmarshal(r.raw, &fields)
	if err == nil && (!fields.Arrival.IsValid() || !fields.Departure.IsValid()) {
		err = errors.New("a day is missing")
	}
	if err != nil {
		return pms.Booking{}, &pms.RecordError{Vendor: "mini", Record: "booking", ID: string(r.ID), Err: err, Raw: r.raw}
	}
	b := fields.Booking
	b.Vendor, b.ID, b.Raw, b.RawStatus = "mini", string(r.ID), r.raw, string(b.Status)
	known := []pms.Status{
		pms.StatusInquiry, pms.StatusTentative, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut,
		pms.StatusCancelled, pms.StatusNoShow,
	}
	if !slices.Contains(known, b.Status) {
		b.Status = pms.StatusUnknown
	}
	return b, nil
}

func (c *miniConnector) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	list, err := c.list(c.context(ctx), op, "/v1/bookings", q.Cursor, q.Limit)
	if err != nil {
		return pms.Page[pms.Booking]{}, c.lieAbout(err, q)
	}
	page, first := c.bookings(list.items)
	page.Items = slices.DeleteFunc(page.Items, func(b pms.Booking) bool { return !c.matches(q, b) })
	if len(page.Failed) > 0 && c.lie == "fails for one bad record" {
		return pms.Page[pms.Booking]{}, list.resp.Unreadable("a bad record", nil)
	}
	page.Next, err = list.next(c, op, first)
	if c.lie == "ends at a page of others" && len(page.Items) == 0 {
		page.Next = ""
	}
	return page, err
}

func (c *miniConnector) bookings(records wire.Records) (page pms.Page[pms.Booking], first string) {
	decoded := wire.DecodeAll("mini", "booking", records, func(r *miniRecord, raw json.RawMessage) string {
		r.raw = raw
		return string(r.ID)
	})
	page.Failed = decoded.Failed
	for _, r := range decoded.Items {
		if b, bad := r.booking(); bad != nil {
			page.Failed = append(page.Failed, bad)
		} else {
			page.Items = append(page.Items, b)
		}
	}
	c.change(&page)
	return page, decoded.First
}

func (c *miniConnector) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	id, _, _ = strings.Cut(id, "#")
	if id == "" || id == ".." {
		return nil, &pms.APIError{Vendor: "mini", Op: "GetBooking", Kind: pms.ErrNotFound}
	}
	resp, err := c.rest.Do(ctx, rest.Call{Op: "GetBooking", Path: "/v1/bookings/" + url.PathEscape(id)})
	if errors.Is(err, pms.ErrNotFound) && c.lie == "finds nothing and says nothing" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var body struct {
		Items wire.Records `json:"items"`
	}
	if err := resp.Decode(&body); err != nil {
		return nil, err
	}
	page, _ := c.bookings(body.Items)
	if c.lie == "denies blocks" && len(page.Items) > 0 && page.Items[0].Kind == pms.KindBlock {
		return nil, &pms.APIError{Vendor: "mini", Op: "GetBooking", Kind: pms.ErrNotFound}
	}
	if len(page.Items) == 0 {
		return nil, resp.Unreadable("no items", nil)
	}
	return page.Items, nil
}

func (c *miniConnector) SetCleanliness(ctx context.Context, id string, status pms.Cleanliness) error {
	if status != pms.Clean && status != pms.Dirty {
		return pms.NotSupported(c, "SetCleanliness")
	}
	_, err := c.rest.Do(ctx, rest.Call{
		Op: "SetCleanliness", Method: http.MethodPut, Path: "/v1/properties/" + url.PathEscape(id),
		JSON: map[string]pms.Cleanliness{"cleanliness": status}, Read: c.lie == "repeats writes",
	})
	return err
}

func (c *miniConnector) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	honest := d.Header.Get("X-Signature") == miniSign(d.Body)
	if !honest && c.lie != "believes any webhook" {
		return nil, &pms.APIError{Vendor: "mini", Op: "ParseWebhook", Kind: pms.ErrBadSignature}
	}
	var body struct {
		Booking string `json:"booking"`
	}
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return nil, &pms.APIError{Vendor: "mini", Op: "ParseWebhook", Kind: pms.ErrDecode}
	}
	return []pms.Event{{Vendor: "mini", Kind: pms.EventBookingChanged, BookingIDs: []string{body.Booking}, Trusted: true}}, nil
}

func (c *miniConnector) String() string {
	if c.lie == "shows its key" {
		return "mini " + miniKey
	}
	return "mini"
}

func (c *miniConnector) GoString() string { return c.String() }

func miniHarness(lie string) Harness {
	return Harness{
		Connect: connectMini(lie), Serve: newMiniVendor, Secrets: []string{miniKey},
		IsBookings: sandbox.Path("/v1/bookings"), IsLogin: sandbox.Path("/token"), IsWrite: sandbox.Method(http.MethodPut),
		Booking: func(_ *sandbox.World, _ sandbox.Stay, b *pms.Booking) bool {
			b.RawStatus = string(b.Status)
			return true
		},
		Records: Records{List: "items", ID: "id", Arrival: []string{"arrival"}, Status: []string{"status"}},
	}
}
