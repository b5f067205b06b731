package crmimport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/pms"
)

const token = "marker-token-of-uo-7"

func handler(t *testing.T, store crmimport.Store, change func(*crmimport.HandlerConfig)) http.Handler {
	t.Helper()
	cfg := crmimport.HandlerConfig{Authenticate: crmimport.StaticTokens(map[string]crmimport.Tenant{
		token: {Organisation: "uo-7", Store: store}, "": {Organisation: "nobody", Store: store},
	})}
	if change != nil {
		change(&cfg)
	}
	h, err := crmimport.NewHandler(cfg)
	require.NoError(t, err)
	return http.StripPrefix("/import", h)
}

// post sends a batch with headers given as name and value in turn.
func post(t *testing.T, h http.Handler, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/import"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, req)
	return recorder
}

func batch(lists string) string { return `{"version":1,"source":"1c",` + lists + `}` }

func TestHandlerTakesBatches(t *testing.T) {
	t.Parallel()
	store := crmimport.NewMemoryStore()
	h := handler(t, store, nil)
	got := post(t, h, "/places", batch(`"places":[{"extId":"P","number":"12"},{"extId":"Q"}]`))
	assert.Equal(t, 200, got.Code)
	assert.JSONEq(t, `{"results":[{"kind":"place","extId":"P","outcome":"created"},
		{"kind":"place","extId":"Q","outcome":"refused","code":"bad_record","message":"number: missing"}]}`, got.Body.String())
	got = post(t, h, "/clients", batch(`"clients":[
		{"extId":"C","lastName":"Орлова","phoneNumber":"8 903 555-01-02","places":[{"extId":"P"}]},
		{"extId":"D","lastName":"Ким","places":[{"extId":"X"}]},
		{"extId":"E","lastName":"Ким","phoneNumber":"12345"},
		{"extId":"F","lastName":"Орлова"}], "places":[{"extId":"Z","number":"1"}]`))
	assert.Equal(t, 200, got.Code)
	assert.JSONEq(t, `{"results":[{"kind":"client","extId":"C","outcome":"created"},
		{"kind":"client","extId":"D","outcome":"refused","code":"unknown_place","message":"place.extId: no such premise in the file so far, nor stored"},
		{"kind":"client","extId":"E","outcome":"refused","code":"bad_phone","message":"the phone is unusable"},
		{"kind":"client","extId":"F","outcome":"created","warnings":["no_phone"]}],
		"warnings":[{"line":5,"column":49,"code":"unknown_element","message":"unknown element places"}]}`, got.Body.String())
	got = post(t, h, "/places", batch(`"accounts":[{"extId":"A","number":"007","placeExtId":"P","clientExtIds":["C"]}]`))
	assert.JSONEq(t, `{"results":[{"kind":"account","extId":"A","outcome":"created"}]}`, got.Body.String())
	got = post(t, h, "/places", batch(`"accounts":[{"extId":"A","number":"007","placeExtId":"P","clientExtIds":["C"]}]`))
	assert.JSONEq(t, `{"results":[{"kind":"account","extId":"A","outcome":"unchanged"}]}`, got.Body.String())
	client, ok := store.Client(cleaning.ExternalID{Source: "1c", ID: "C"})
	require.True(t, ok)
	assert.Equal(t, []cleaning.ExternalID{{Source: "1c", ID: "A"}}, client.Accounts)
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	good := batch(`"clients":[{"extId":"C","lastName":"A"}]`)
	tests := map[string]struct {
		path, body string
		headers    []string
		status     int
		code       string
	}{
		"no token":       {"/clients", good, []string{"Authorization", ""}, 401, crmimport.CodeUnauthorized},
		"empty token":    {"/clients", good, []string{"Authorization", "Bearer "}, 401, crmimport.CodeUnauthorized},
		"Basic":          {"/clients", good, []string{"Authorization", "Basic " + token}, 401, crmimport.CodeUnauthorized},
		"wrong token":    {"/clients", good, []string{"Authorization", "Bearer x" + token}, 401, crmimport.CodeUnauthorized},
		"a form":         {"/clients", good, []string{"Content-Type", "text/plain"}, 415, crmimport.CodeContentType},
		"compressed":     {"/clients", good, []string{"Content-Encoding", "gzip"}, 415, crmimport.CodeContentType},
		"too long":       {"/clients", good + strings.Repeat(" ", 2000), nil, 413, crmimport.CodeTooLarge},
		"too many":       {"/clients", batch(`"clients":[{},{},{},{},{},{}]`), nil, 413, crmimport.CodeTooLarge},
		"too deep":       {"/clients", strings.Repeat("[", 100), nil, 413, crmimport.CodeTooLarge},
		"not JSON":       {"/clients", `{"version":1,`, nil, 400, crmimport.CodeSyntax},
		"empty":          {"/clients", ``, nil, 400, crmimport.CodeSyntax},
		"two values":     {"/clients", good + good, nil, 400, crmimport.CodeSyntax},
		"no version":     {"/clients", `{"source":"s","clients":[{}]}`, nil, 400, crmimport.CodeNotImport},
		"version 2":      {"/clients", `{"version":2}`, nil, 400, crmimport.CodeNotImport},
		"XML":            {"/clients", sampleXML, nil, 400, crmimport.CodeSyntax},
		"bad UTF-8":      {"/clients", batch("\"clients\":[{\"extId\":\"\xff\"}]"), nil, 400, crmimport.CodeEncoding},
		"last is broken": {"/clients", batch(`"clients":[{"extId":"C","lastName":"A"},]`), nil, 400, crmimport.CodeSyntax},
		"long key":       {"/clients", good, []string{"Idempotency-Key", strings.Repeat("k", 500)}, 400, crmimport.CodeKeyReused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := crmimport.NewMemoryStore()
			h := handler(t, store, func(c *crmimport.HandlerConfig) { c.MaxBytes, c.MaxRecords = 2000, 5 })
			got := post(t, h, test.path, test.body, test.headers...)
			assert.Equal(t, test.status, got.Code, got.Body.String())
			var answer crmimport.ErrorAnswer
			require.NoError(t, json.Unmarshal(got.Body.Bytes(), &answer))
			assert.Equal(t, test.code, answer.Error.Code)
			assert.NotContains(t, got.Body.String(), token)
			assert.Equal(t, test.status == 401, got.Header().Get("WWW-Authenticate") != "")
			assert.Empty(t, store.All())
		})
	}
	h := handler(t, crmimport.NewMemoryStore(), nil)
	assert.Equal(t, 404, post(t, h, "/orders", good).Code)
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/import/clients", http.NoBody))
	assert.Equal(t, 405, recorder.Code)
}

func TestNewHandlerNeedsAuthentication(t *testing.T) {
	t.Parallel()
	_, err := crmimport.NewHandler(crmimport.HandlerConfig{})
	require.EqualError(t, err, "crmimport: Authenticate is required")
}

func TestTenantsSourceWins(t *testing.T) {
	t.Parallel()
	store := crmimport.NewMemoryStore()
	h := handler(t, store, func(c *crmimport.HandlerConfig) {
		c.Authenticate = func(context.Context, string) (crmimport.Tenant, error) {
			return crmimport.Tenant{Organisation: "o", Store: store, Source: "theirs"}, nil
		}
	})
	assert.Equal(t, 200, post(t, h, "/clients", batch(`"clients":[{"extId":"C","lastName":"A"}]`)).Code)
	_, ok := store.Client(cleaning.ExternalID{Source: "theirs", ID: "C"})
	assert.True(t, ok)
}

func TestAuthenticateThatFails(t *testing.T) {
	t.Parallel()
	h := handler(t, nil, func(c *crmimport.HandlerConfig) {
		c.Authenticate = func(context.Context, string) (crmimport.Tenant, error) {
			return crmimport.Tenant{}, errors.New("database: secret")
		}
	})
	got := post(t, h, "/clients", batch(`"clients":[]`))
	assert.Equal(t, 500, got.Code)
	assert.NotContains(t, got.Body.String(), "database")
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	store := crmimport.NewMemoryStore()
	database := &failing{store, 1, errors.New("down")}
	h := handler(t, database, nil)
	body := batch(`"clients":[{"extId":"C","lastName":"A","phoneNumber":"+79031000001"},{"extId":"D","lastName":"A","phoneNumber":"+79031000002"},{"extId":"E","lastName":"A"}]`)
	got := post(t, h, "/clients", body, "Idempotency-Key", "k1")
	assert.Equal(t, 503, got.Code)
	assert.JSONEq(t, `{"results":[{"kind":"client","extId":"C","outcome":"created"},
		{"kind":"client","extId":"D","outcome":"not_reached","code":"store_failed","message":"try again later"},
		{"kind":"client","extId":"E","outcome":"not_reached"}]}`, got.Body.String())

	database.left = 100
	first := post(t, h, "/clients", body, "Idempotency-Key", "k1")
	assert.Equal(t, 200, first.Code, "what failed is tried again")
	assert.Contains(t, first.Body.String(), `"outcome":"unchanged"`)
	assert.Empty(t, first.Header().Get("Idempotent-Replayed"))
	left := database.left

	again := post(t, h, "/clients", body, "Idempotency-Key", "k1")
	assert.Equal(t, first.Body.String(), again.Body.String())
	assert.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	assert.Equal(t, left, database.left)

	other := post(t, h, "/clients", batch(`"clients":[]`), "Idempotency-Key", "k1")
	assert.Equal(t, 422, other.Code)
	assert.Contains(t, other.Body.String(), crmimport.CodeKeyReused)
	assert.Equal(t, 200, post(t, h, "/places", batch(`"places":[]`), "Idempotency-Key", "k1").Code, "keys are of one path")
}

func TestMemoryAnswers(t *testing.T) {
	t.Parallel()
	ctx, answers := t.Context(), crmimport.NewMemoryAnswers(2)
	for i := range 3 {
		key := fmt.Sprint(i)
		kept, err := answers.Begin(ctx, key, "d")
		require.NoError(t, err)
		assert.Nil(t, kept)
		_, err = answers.Begin(ctx, key, "d")
		require.ErrorIs(t, err, crmimport.ErrKeyInUse)
		require.NoError(t, answers.End(ctx, key, &crmimport.Answer{Digest: "d", Status: i}))
	}
	kept, err := answers.Begin(ctx, "0", "d")
	require.NoError(t, err)
	assert.Nil(t, kept, "the oldest is forgotten")
	require.NoError(t, answers.End(ctx, "0", nil))
	kept, err = answers.Begin(ctx, "2", "d")
	require.NoError(t, err)
	assert.Equal(t, &crmimport.Answer{Digest: "d", Status: 2}, kept)
}

func TestStaticTokens(t *testing.T) {
	t.Parallel()
	authenticate := crmimport.StaticTokens(map[string]crmimport.Tenant{"a": {Organisation: "1"}, "b": {Organisation: "2"}, "": {Organisation: "3"}})
	for given, want := range map[string]string{"a": "1", "b": "2"} {
		tenant, err := authenticate(t.Context(), given)
		require.NoError(t, err)
		assert.Equal(t, want, tenant.Organisation)
	}
	for _, given := range []string{"", "c", "A"} {
		_, err := authenticate(t.Context(), given)
		require.ErrorIs(t, err, pms.ErrUnauthorized)
	}
}

func FuzzHandler(f *testing.F) {
	for _, seed := range []string{batch(`"clients":[{"extId":"C","lastName":"A"}]`), `{}`, sampleJSON, `[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := handler(t, crmimport.NewMemoryStore(), nil)
		got := post(t, h, "/clients", body)
		require.Contains(t, []int{200, 400, 413}, got.Code)
		require.True(t, json.Valid(got.Body.Bytes()))
	})
}
