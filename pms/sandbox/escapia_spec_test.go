package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// escapiaSpec is the vendor's Swagger file, which is not part of the
// repository.
const escapiaSpec = "../../../shared/specs/escapia/escapia_hsapi_swagger2.json"

func loadEscapiaSpec(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile(escapiaSpec)
	if err != nil {
		t.Skip("no Swagger file of Escapia beside the repository")
	}
	var v2 openapi2.T
	require.NoError(t, json.Unmarshal(text, &v2))
	doc, err := openapi2conv.ToV3(&v2)
	require.NoError(t, err)
	// The zone of a date-time is missing in the samples of clients.
	doc.Components.Schemas["Reservation"].Value.Properties["createdAt"].Value.Format = ""
	doc.Components.Schemas["Note"].Value.Properties["modifiedOn"].Value.Format = ""
	return doc
}

// escapiaTransport checks every request and answer against the file.
//
// The file defines parameters, headers, bodies, types and enumerations. It does
// not say that fields may be null, though the vendor's answers have them, nor
// that there are no others: nulls and the members "$id" and "$ref" of Json.NET
// are taken out here, and the names of fields are compared. It has no answer
// for a reservation that does not exist; that is not checked.
type escapiaTransport struct {
	t    *testing.T
	doc  *openapi3.T
	next http.RoundTripper
}

func (s *escapiaTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/dragomanadapter")
	item := s.doc.Paths.Value(path)
	require.NotNil(s.t, item, "the file has no path %s", path)
	operation := item.GetOperation(req.Method)
	require.NotNil(s.t, operation, "the file has no %s %s", req.Method, path)
	input := &openapi3filter.RequestValidationInput{
		Request: req,
		Route:   &routers.Route{Spec: s.doc, Path: path, PathItem: item, Method: req.Method, Operation: operation},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	assert.NoError(s.t, openapi3filter.ValidateRequest(req.Context(), input), path) //nolint:testifylint // a RoundTripper goes on
	s.sentFields(req, operation, path)
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.check(operation, resp.StatusCode, body, path)
	return resp, nil
}

// sentFields compares the fields of a request body with those of the file.
func (s *escapiaTransport) sentFields(req *http.Request, operation *openapi3.Operation, path string) {
	if operation.RequestBody == nil {
		return
	}
	body, err := io.ReadAll(req.Body)
	require.NoError(s.t, err)
	req.Body = io.NopCloser(bytes.NewReader(body))
	var v any
	require.NoError(s.t, json.Unmarshal(body, &v))
	s.knownFields(operation.RequestBody.Value.Content["application/json"].Schema.Value, v, path+" (request)")
}

func (s *escapiaTransport) check(operation *openapi3.Operation, status int, body []byte, path string) {
	documented := operation.Responses.Status(status)
	if !assert.NotNil(s.t, documented, "the file has no answer %d of %s", status, path) || status != http.StatusOK {
		return
	}
	var v any
	require.NoError(s.t, json.Unmarshal(body, &v), path)
	if v == nil {
		return
	}
	v = escapiaPlain(v)
	schema := documented.Value.Content["application/json"].Schema.Value
	assert.NoError(s.t, schema.VisitJSON(v), "%s: %s", path, body) //nolint:testifylint // a RoundTripper goes on
	s.knownFields(schema, v, path)
}

// escapiaPlain takes out what the file does not know of: nulls and references.
func escapiaPlain(v any) any {
	switch v := v.(type) {
	case object:
		out := maps.Clone(v)
		maps.DeleteFunc(out, func(name string, item any) bool { return item == nil || name == "$id" || name == "$ref" })
		for name, item := range out {
			out[name] = escapiaPlain(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = escapiaPlain(item)
		}
		return out
	}
	return v
}

// knownFields checks that the file has all fields of v.
func (s *escapiaTransport) knownFields(schema *openapi3.Schema, v any, where string) {
	switch v := v.(type) {
	case object:
		for name, item := range v {
			property := schema.Properties[name]
			if assert.NotNil(s.t, property, "the file has no %s.%s", where, name) {
				s.knownFields(property.Value, item, where+"."+name)
			}
		}
	case []any:
		for _, item := range v {
			s.knownFields(schema.Items.Value, item, where+"[]")
		}
	}
}

func TestEscapiaSpeaksItsSpec(t *testing.T) {
	t.Parallel()
	doc := loadEscapiaSpec(t)
	w := sandbox.NewWorld(11, sandbox.Options{})
	e := sandbox.NewEscapia(w, sandbox.EscapiaOptions{})
	t.Cleanup(e.Close)
	c := newCaller(t, e)
	c.rt = &escapiaTransport{t: t, doc: doc, next: sandbox.Transport(e)}
	c.escapiaLogin(e)
	stay, unit := w.Stays()[0].ID, w.Units()[0].ID
	days := object{"startDate": "2026-01-01", "endDate": "2027-01-01"}
	for _, call := range []struct {
		target string
		body   any
	}{
		{"GET ListPmcs", nil},
		{"POST SearchReservationSummaries", object{"specification": object{"pmcid": "1020", "stayDateRangeSearchSpecification": object{"dateRange": days}}}},
		{"GET GetReservationById?id=" + stay, nil},
		{"GET GetReservationByNumber?reservationNumber=RES-" + stay, nil},
		{"GET GetReservationChanges?startVersion=0", nil},
		{"GET ListReservationTypes", nil},
		{"PUT UpdateReservationMetadata", object{"reservationId": stay, "doorCode": object{"value": "4411"}}},
		{"POST UpdateReservationOccupancyStatus?reservationId=" + stay + "&occupancyStateChange=CheckIn", nil},
		{"POST SearchUnitSummaries", object{"specification": object{"returnInactiveUnits": true}, "pageSize": 100, "pageNumber": 1}},
		{"GET GetUnitById?id=" + unit, nil},
		{"POST GetUnitsById", []string{unit}},
		{"GET GetHousekeepingStatusList", nil},
		{"GET GetUnitHousekeepingStatuses?PMCID=1020&nativeUnitIds=" + unit, nil},
		{"PUT SaveUnitHousekeepingStatus?nativeUnitId=" + unit, object{"name": "Clean", "nativePMSID": "51"}},
		{"POST CreateHousekeepingTask", object{"nativePMSUnitID": 300101, "scheduledDate": "2026-06-23"}},
		{"POST SearchHousekeepingTasks", object{"specification": object{"dateRange": days}}},
		{"PUT UpdateHousekeepingTask", object{"nativePMSUnitID": 300101, "scheduledDate": "2026-06-23", "nativePMSID": "90002"}},
		{"DELETE DeleteHousekeepingTask?taskId=90002", nil},
	} {
		method, name, _ := strings.Cut(call.target, " ")
		resp, _ := c.raw(method, escapiaPath+name, call.body)
		assert.Less(t, resp.StatusCode, 300, call.target)
	}
	c.header.Set("Authorization", "Bearer dead")
	resp, _ := c.raw(http.MethodGet, escapiaPath+"GetHousekeepingStatusList", nil)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}
