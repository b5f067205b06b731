package remonlinetest

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	pageSize   = 50
	perSecond  = 3
	maxRequest = 1 << 20
)

type object = map[string]any

func (a *Account) routes() {
	a.mux = http.NewServeMux()
	for pattern, serve := range map[string]func(*call){
		"GET /v2/company":                       a.company,
		"GET /v2/company/locations":             a.listLocations,
		"GET /v2/company/employees":             a.listEmployees,
		"GET /v2/orders":                        a.listOrders,
		"POST /v2/orders":                       a.createOrder,
		"GET /v2/orders/statuses":               a.listStatuses,
		"GET /v2/orders/types":                  a.listTypes,
		"GET /v2/orders/custom-fields":          a.listFields,
		"GET /v2/orders/{id}":                   a.getOrder,
		"PATCH /v2/orders/{id}":                 a.updateOrder,
		"GET /v2/orders/{id}/items":             a.listItems,
		"POST /v2/orders/{id}/status":           a.setStatus,
		"GET /v2/contacts/people":               a.listContacts(false),
		"POST /v2/contacts/people":              a.createContact(false),
		"GET /v2/contacts/people/{id}":          a.getContact(false),
		"PATCH /v2/contacts/people/{id}":        a.updateContact(false),
		"GET /v2/contacts/organizations":        a.listContacts(true),
		"POST /v2/contacts/organizations":       a.createContact(true),
		"GET /v2/contacts/organizations/{id}":   a.getContact(true),
		"PATCH /v2/contacts/organizations/{id}": a.updateContact(true),
	} {
		a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			serve(&call{w: w, r: r})
		})
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&call{w: w, r: r}).fail(http.StatusNotFound, "Not found")
	})
}

// ServeHTTP implements [http.Handler].
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r}
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(key), []byte(a.opts.APIKey)) == 0 {
		c.fail(http.StatusUnauthorized, "Invalid API key")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.allow() {
		c.fail(http.StatusTooManyRequests, "Too many requests")
		return
	}
	a.mux.ServeHTTP(w, r)
}

// allow counts the requests of the last second. Refused ones do not count.
func (a *Account) allow() bool {
	now := a.opts.Clock()
	for len(a.calls) > 0 && now.Sub(a.calls[0]) >= time.Second {
		a.calls = a.calls[1:]
	}
	if !a.opts.NoLimits && len(a.calls) >= perSecond {
		return false
	}
	a.calls = append(a.calls, now)
	return true
}

// call is one request and its answer.
type call struct {
	w http.ResponseWriter
	r *http.Request
}

func (c *call) answer(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

func (c *call) fail(status int, message string) {
	c.answer(status, object{"message": message})
}

// invalid answers 422 with the field's text; here the message is an object.
func (c *call) invalid(field, text string) {
	c.answer(http.StatusUnprocessableEntity, object{
		"success": false, "code": 422,
		"message": object{"validation": object{field: []string{text}}},
	})
}

func (c *call) id() int64 { return number(c.r.PathValue("id")) }

// body reads the request as an object; numbers keep their text.
func (c *call) body() (object, bool) {
	dec := json.NewDecoder(io.LimitReader(c.r.Body, maxRequest))
	dec.UseNumber()
	var body object
	if err := dec.Decode(&body); err != nil {
		c.fail(http.StatusBadRequest, "Malformed JSON")
		return nil, false
	}
	return body, true
}

// page answers with one page of rows in the envelope of v2.
func page[T any](c *call, rows []T, wire func(T) object) {
	number := 1
	if text := c.r.URL.Query().Get("page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			c.invalid("page", "must be a positive number")
			return
		}
		number = n
	}
	pages := (len(rows) + pageSize - 1) / pageSize
	data := []object{}
	for _, row := range rows[min((number-1)*pageSize, len(rows)):min(number*pageSize, len(rows))] {
		data = append(data, wire(row))
	}
	c.answer(http.StatusOK, object{
		"data":   data,
		"paging": object{"page": number, "limit": pageSize, "total_pages": pages, "count": len(rows)},
	})
}

// bare answers with a bare array, as statuses and items come.
func bare[T any](c *call, rows []T, wire func(T) object) {
	data := []object{}
	for _, row := range rows {
		data = append(data, wire(row))
	}
	c.answer(http.StatusOK, data)
}

// within reads a date filter: one value is from, two are a range.
func (c *call) within(name string) (match func(time.Time) bool, ok bool) {
	values := c.r.URL.Query()[name+"[]"]
	var bounds []time.Time
	for _, v := range values {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			c.invalid(name, "must be a date and time in ISO 8601 with zone")
			return nil, false
		}
		bounds = append(bounds, t)
	}
	switch len(bounds) {
	case 0:
		return func(time.Time) bool { return true }, true
	case 1:
		return func(t time.Time) bool { return !t.IsZero() && !t.Before(bounds[0]) }, true
	case 2:
		return func(t time.Time) bool { return !t.IsZero() && !t.Before(bounds[0]) && !t.After(bounds[1]) }, true
	}
	c.invalid(name, "takes one or two values")
	return nil, false
}

// among reads an id filter.
func (c *call) among(name string) func(int64) bool {
	values := c.r.URL.Query()[name+"[]"]
	if len(values) == 0 {
		return func(int64) bool { return true }
	}
	set := map[int64]bool{}
	for _, v := range values {
		set[number(v)] = true
	}
	return func(id int64) bool { return set[id] }
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
