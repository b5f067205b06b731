package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// bnovoSpec is the vendor's OpenAPI file, which is not part of the repository.
const bnovoSpec = "../../../shared/specs/bnovo/openapi.yaml"

// bnovoNull finds the properties that the file shows as null: it has no
// "nullable" in answers, only examples.
var bnovoNull = regexp.MustCompile(`(?m)^( +)(type: \w+)\n +example: null$`)

func loadBnovoSpec(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile(bnovoSpec)
	if err != nil {
		t.Skip("no OpenAPI file of Bnovo beside the repository")
	}
	text = bnovoNull.ReplaceAll(text, []byte("${1}${2}\n${1}nullable: true"))
	doc, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	return doc
}

// specTransport checks every request and answer against the file.
//
// The file defines the types of all fields, required parameters and request
// bodies. It does not define which fields of an answer are required or that
// there are no others: fields are compared with the properties by name here.
// It writes whole numbers for amounts, so the world's amounts are whole. It
// says nothing of headers, of the order of items, of the formats of dates
// (examples only), nor of the shape of linked bookings. It has no answer 404
// for a booking that does not exist and 406 for one subscriber list; those are
// not checked.
type specTransport struct {
	t    *testing.T
	doc  *openapi3.T
	next http.RoundTripper
	// badRequest expects the request to contradict the file.
	badRequest bool
}

func (s *specTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	input := s.input(req)
	err := openapi3filter.ValidateRequest(req.Context(), input)
	if s.badRequest {
		assert.Error(s.t, err, "%s %s", req.Method, req.URL) //nolint:testifylint // a RoundTripper goes on
	} else {
		assert.NoError(s.t, err, "%s %s", req.Method, req.URL) //nolint:testifylint // a RoundTripper goes on
	}
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.check(req.Context(), input, resp, body)
	return resp, nil
}

func (s *specTransport) input(req *http.Request) *openapi3filter.RequestValidationInput {
	path, params := s.path(req.URL.Path)
	item := s.doc.Paths.Value(path)
	require.NotNil(s.t, item, "the file has no path %s", path)
	operation := item.GetOperation(req.Method)
	require.NotNil(s.t, operation, "the file has no %s %s", req.Method, path)
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params,
		Route:   &routers.Route{Spec: s.doc, Path: path, PathItem: item, Method: req.Method, Operation: operation},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
}

// path turns the id in a path into its name.
func (s *specTransport) path(path string) (string, map[string]string) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part != "" && strings.Trim(part, "0123456789") == "" {
			parts[i] = "{id}"
			return strings.Join(parts, "/"), map[string]string{"id": part}
		}
	}
	return path, nil
}

func (s *specTransport) check(ctx context.Context, input *openapi3filter.RequestValidationInput, resp *http.Response, body []byte) {
	err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	assert.NoError(s.t, err, "%s %s: %s", input.Request.Method, input.Request.URL, body) //nolint:testifylint // a RoundTripper goes on
	documented := input.Route.Operation.Responses.Status(resp.StatusCode)
	if len(body) == 0 || documented == nil || documented.Value.Content["application/json"] == nil {
		return
	}
	var v any
	if assert.NoError(s.t, json.Unmarshal(body, &v)) {
		s.sameFields(documented.Value.Content["application/json"].Schema.Value, v, input.Request.URL.Path)
	}
}

// sameFields compares the names of the fields of v with those of the schema.
func (s *specTransport) sameFields(schema *openapi3.Schema, v any, where string) {
	switch v := v.(type) {
	case map[string]any:
		if strings.HasSuffix(where, ".errors") || strings.HasSuffix(where, ".prices") {
			return // keyed by the names of fields and by ids
		}
		got, want := slices.Sorted(maps.Keys(v)), slices.Sorted(maps.Keys(schema.Properties))
		assert.Equal(s.t, want, got, "fields of %s", where)
		for name, item := range v {
			if property := schema.Properties[name]; property != nil {
				s.sameFields(property.Value, item, where+"."+name)
			}
		}
	case []any:
		for _, item := range v {
			s.sameFields(schema.Items.Value, item, where+"[]")
		}
	}
}

func TestBnovoSpeaksItsSpec(t *testing.T) {
	t.Parallel()
	doc := loadBnovoSpec(t)
	w := sandbox.NewWorld(11, sandbox.Options{})
	id := w.Stays()[0].ID
	require.NoError(t, w.Extend(id, w.Stays()[0].Departure.AddDays(1)))
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Paid = "1000" }))
	b := sandbox.NewBnovo(w, sandbox.BnovoOptions{
		NoLimits: true, HTTPClient: (&inbox{}).client(),
		CleanWords: map[pms.Cleanliness]string{pms.Dirty: "dirty"},
		Webhooks:   []sandbox.BnovoWebhook{{Type: "booking", URL: "https://host.example/a"}, {Type: "plans_data_update", URL: "https://host.example/b"}},
	})
	t.Cleanup(b.Close)
	spec := &specTransport{t: t, doc: doc, next: sandbox.Transport(b)}
	c := &caller{t: t, rt: spec, header: http.Header{}}
	c.login(b)
	window := "date_from=2026-01-01&date_to=2027-01-01&limit=50&offset=0"
	for call, want := range map[string]int{
		"GET /auth/me": 200,
		"GET /bookings?data_type=checkmate&" + window:               200,
		"GET /bookings?data_type=changed&" + window:                 200,
		"GET /bookings?" + window:                                   200,
		"GET /bookings/" + id:                                       200,
		"GET /bookings/" + id + "?with_linked=false":                200,
		"PUT /bookings/" + id + "/status":                           204,
		"GET /rooms?limit=50&offset=0":                              200,
		"GET /roomtypes?limit=30&offset=0":                          200,
		"GET /rooms/closed?date_from=2026-01-01&date_to=2027-01-01": 200,
		"GET /webhooks/subscribers":                                 201,
		"GET /webhooks/messages/bookings/test":                      201,
		"GET /webhooks/messages/plans/test":                         201,
	} {
		method, target, _ := strings.Cut(call, " ")
		var body any
		if method == http.MethodPut {
			body = object{"new_status_id": 4}
		}
		resp, _ := c.raw(method, "/api/v1"+target, body)
		assert.Equal(t, want, resp.StatusCode, call)
	}
	_, v := c.call(http.MethodGet, "/api/v1/bookings?data_type=checkmate&"+window, nil)
	assert.Len(t, at(t, v, "data", "bookings"), 50)
	resp, _ := c.raw(http.MethodDelete, "/api/v1/webhooks/subscribers", object{"type": "booking"})
	assert.Equal(t, 204, resp.StatusCode)
}

func TestBnovoErrorsFollowItsSpec(t *testing.T) {
	t.Parallel()
	doc := loadBnovoSpec(t)
	w := sandbox.NewWorld(11, sandbox.Options{})
	b := sandbox.NewBnovo(w, sandbox.BnovoOptions{Free: true})
	t.Cleanup(b.Close)
	spec := &specTransport{t: t, doc: doc, next: sandbox.Transport(b)}
	c := &caller{t: t, rt: spec, header: http.Header{}}

	resp, _ := c.raw(http.MethodGet, "/api/v1/auth/me", nil)
	assert.Equal(t, 401, resp.StatusCode)
	resp, _ = c.raw(http.MethodPost, "/api/v1/auth", object{"id": 1, "password": "x"})
	assert.Equal(t, 404, resp.StatusCode)
	c.login(b)
	resp, _ = c.raw(http.MethodGet, "/api/v1/rooms?limit=1&offset=0", nil)
	assert.Equal(t, 403, resp.StatusCode)
	spec.badRequest = true
	resp, _ = c.raw(http.MethodPost, "/api/v1/auth", object{"id": "9001"})
	assert.Equal(t, 406, resp.StatusCode)
	resp, _ = c.raw(http.MethodGet, "/api/v1/bookings?limit=1", nil)
	assert.Equal(t, 406, resp.StatusCode)
	spec.badRequest = false
	for resp.StatusCode != http.StatusTooManyRequests {
		resp, _ = c.raw(http.MethodGet, "/api/v1/auth/me", nil)
		require.Contains(t, []int{200, 429}, resp.StatusCode)
	}
}
