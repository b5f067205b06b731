package domyland_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/changeover-sdk/changeover/crmimport/domyland"
	"github.com/changeover-sdk/changeover/pms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	email    = "staff@uo.example"
	password = "marker-password"
)

// crm is the vendor's server: it checks login and headers, and answers GETs.
type crm struct {
	t       *testing.T
	answers map[string][]string // by path and query, in turn; the last one stays
	tokens  int
	valid   string

	mu     sync.Mutex
	seen   []string
	inside int
}

func (c *crm) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.inside++
	assert.Equal(c.t, 1, c.inside, "one request at a time")
	c.seen = append(c.seen, req.Method+" "+req.URL.RequestURI())
	c.mu.Unlock()
	recorder := httptest.NewRecorder()
	c.serve(recorder, req)
	c.mu.Lock()
	c.inside--
	c.mu.Unlock()
	resp := recorder.Result()
	resp.Request = req
	return resp, req.Context().Err()
}

func (c *crm) serve(w http.ResponseWriter, req *http.Request) {
	assert.Equal(c.t, "Changeover test", req.Header.Get("AppName"))
	assert.Equal(c.t, "Europe/Moscow", req.Header.Get("TimeZone"))
	if req.Method == http.MethodPost {
		assert.Equal(c.t, "/api/auth", req.URL.Path)
		body, err := io.ReadAll(req.Body)
		assert.NoError(c.t, err)
		if string(body) != fmt.Sprintf(`{"email":%q,"password":%q,"tenantName":"uo-7"}`, email, password) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"userMessages":["Неверный логин или пароль"]}`)
			return
		}
		c.tokens++
		c.valid = fmt.Sprint("marker-token-", c.tokens)
		_, _ = fmt.Fprintf(w, `{"token":%q}`, c.valid)
		return
	}
	if req.Header.Get("Authorization") != c.valid || c.valid == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	path := strings.TrimPrefix(req.URL.RequestURI(), "/api")
	answers := c.answers[path]
	if len(answers) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if len(answers) > 1 {
		c.answers[path] = answers[1:]
	}
	if status := 0; len(answers[0]) > 3 && answers[0][3] == ' ' {
		_, err := fmt.Sscanf(answers[0], "%d", &status)
		assert.NoError(c.t, err)
		w.WriteHeader(status)
		answers[0] = answers[0][4:]
	}
	_, _ = io.WriteString(w, answers[0])
}

func client(t *testing.T, server *crm, change func(*domyland.Config)) *domyland.Client {
	t.Helper()
	server.t = t
	cfg := domyland.Config{
		Email: email, Password: password, TenantName: "uo-7", AppName: "Changeover test", TimeZone: "Europe/Moscow",
		BaseURL: "https://uo-7.domyland.ru/api", HTTPClient: &http.Client{Transport: server},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := domyland.New(cfg)
	require.NoError(t, err)
	return c
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	good := domyland.Config{Email: "e", Password: "p", TenantName: "t", AppName: "a"}
	_, err := domyland.New(good)
	require.NoError(t, err)
	for want, change := range map[string]func(*domyland.Config){
		"domyland: Email is required":                                func(c *domyland.Config) { c.Email = "" },
		"domyland: Password is required":                             func(c *domyland.Config) { c.Password = " " },
		"domyland: TenantName is required":                           func(c *domyland.Config) { c.TenantName = "" },
		"domyland: AppName is required":                              func(c *domyland.Config) { c.AppName = "" },
		"domyland: AppName holds a line break":                       func(c *domyland.Config) { c.AppName = "a\nb" },
		`domyland: TimeZone "Moscow" is not an IANA zone known here`: func(c *domyland.Config) { c.TimeZone = "Moscow" },
		"domyland: BaseURL must begin with https:// or http://":      func(c *domyland.Config) { c.BaseURL = "uo.domyland.ru" },
	} {
		cfg := good
		change(&cfg)
		_, err := domyland.New(cfg)
		require.EqualError(t, err, want)
	}
}

func TestCustomersOverPages(t *testing.T) {
	t.Parallel()
	server := &crm{answers: map[string][]string{
		"/customers?fromRow=0":   {`{"items":[{"id":88121,"firstName":"Вера","lastName":"Орлова","phoneNumber":"79035550102","sex":null,"lastActivity":null}, 7],"nextRow":50}`},
		"/customers?fromRow=50":  {`{"items":[],"nextRow":100}`},
		"/customers?fromRow=100": {`{"items":[{"id":"88122","fullName":"Ким"}],"nextRow":-1}`},
	}}
	c := client(t, server, nil)
	var got []string
	for customer, err := range c.Customers(t.Context()) {
		var bad *pms.RecordError
		if errors.As(err, &bad) {
			got = append(got, "bad "+bad.ID)
			continue
		}
		require.NoError(t, err)
		got = append(got, string(customer.ID+" "+customer.LastName+customer.FullName+" "+customer.PhoneNumber+customer.LastActivity))
		assert.True(t, json.Valid(customer.Raw))
	}
	assert.Equal(t, []string{"88121 Орлова 79035550102", "bad #2", "88122 Ким "}, got)
	assert.Equal(t, []string{"POST /api/auth", "GET /api/customers?fromRow=0", "GET /api/customers?fromRow=50", "GET /api/customers?fromRow=100"}, server.seen)
}

func TestBreakAsksForNoMorePages(t *testing.T) {
	t.Parallel()
	server := &crm{answers: map[string][]string{"/buildings?fromRow=0": {`{"items":[{"id":1,"title":"x"}],"nextRow":50}`}}}
	for building, err := range client(t, server, nil).Buildings(t.Context()) {
		require.NoError(t, err)
		assert.JSONEq(t, `{"id":1,"title":"x"}`, string(building.Raw))
		break
	}
	assert.Len(t, server.seen, 2)
}

func TestBadPages(t *testing.T) {
	t.Parallel()
	for answer, kind := range map[string]error{
		`{"items":[],"nextRow":0}`:  pms.ErrBadCursor,
		`{"items":[],"nextRow":-7}`: pms.ErrBadCursor,
		`{"items":[]}`:              pms.ErrDecode,
		`{"nextRow":-1}`:            pms.ErrDecode,
		`{"items":{},"nextRow":-1}`: pms.ErrDecode,
		`<html></html>`:             pms.ErrDecode,
		``:                          pms.ErrDecode,
	} {
		server := &crm{answers: map[string][]string{"/places?fromRow=0": {answer}}}
		c := client(t, server, func(cfg *domyland.Config) { cfg.MaxRetries = -1 })
		n := 0
		for _, err := range c.Places(t.Context(), domyland.PlaceQuery{}) {
			n++
			require.ErrorIs(t, err, kind, answer)
		}
		assert.Equal(t, 1, n)
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	server := &crm{answers: map[string][]string{
		"/orders?buildingId=7&fromRow=0&orderStatusId=2&updatedAt=28.02.2026-01.03.2026": {`{"items":[{"id":5,"orderStatusId":2,"createdAt":1772323200,"placeExtId":"P-1001",
			"orderElements":[{"elementTitle":"Комментарий","valueTitle":"Течёт кран"}]}],"nextRow":-1}`},
		"/orders/5":     {`{"id":5,"orderStatusId":"3","createdAt":""}`},
		"/orders/6":     {`{}`},
		"/orders/a%2Fb": {`{"id":"a/b"}`},
	}}
	c := client(t, server, nil)
	q := domyland.OrderQuery{BuildingID: "7", Status: domyland.OrderInProgress, Updated: domyland.Days{
		From: pms.Date{Year: 2026, Month: time.February, Day: 28}, To: pms.Date{Year: 2026, Month: time.March, Day: 1},
	}}
	page, err := c.ListOrders(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	order := page.Items[0]
	assert.Equal(t, domyland.OrderInProgress, order.Status)
	assert.Equal(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), order.CreatedAt.Time())
	assert.Equal(t, pms.Text("Течёт кран"), order.Elements[0].ValueTitle)
	assert.Equal(t, domyland.End, page.Next)

	order, err = c.GetOrder(t.Context(), "5")
	require.NoError(t, err)
	assert.Equal(t, domyland.OrderDone, order.Status)
	assert.True(t, order.CreatedAt.Time().IsZero())
	_, err = c.GetOrder(t.Context(), "6")
	require.ErrorIs(t, err, pms.ErrDecode)
	_, err = c.GetOrder(t.Context(), "a/b")
	require.NoError(t, err)
	_, err = c.GetOrder(t.Context(), "9")
	require.ErrorIs(t, err, pms.ErrNotFound)
	q.Created = q.Updated
	_, err = c.ListOrders(t.Context(), q)
	require.ErrorIs(t, err, pms.ErrInvalid)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	server := &crm{answers: map[string][]string{"/buildings?fromRow=0": {`{"items":[],"nextRow":-1}`}}}
	c := client(t, server, nil)
	require.NoError(t, c.CheckCredentials(t.Context()))
	server.valid = "another" // the token has expired
	require.NoError(t, c.CheckCredentials(t.Context()))
	assert.Equal(t, 2, server.tokens)
	assert.Len(t, server.seen, 5)

	wrong := client(t, server, func(cfg *domyland.Config) { cfg.Password = "wrong-password" })
	err := wrong.CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.EqualError(t, err, "domyland: Authenticate: 400 Неверный логин или пароль")
}

func TestRefusalsAndOutages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &crm{answers: map[string][]string{
			"/customers?fromRow=0": {`422 {"userMessages":["Поле \"serviceId\" обязательно для заполнения","Ещё"]}`},
			"/buildings?fromRow=0": {`503 `, `429 `, `{"items":[],"nextRow":-1}`},
		}}
		c := client(t, server, nil)
		_, err := c.ListCustomers(t.Context(), 0)
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.EqualError(t, err, `domyland: ListCustomers: 422 Поле "serviceId" обязательно для заполнения; Ещё`)
		_, err = c.ListBuildings(t.Context(), 0)
		require.NoError(t, err)
		assert.Len(t, server.seen, 5)
	})
}

func TestOneRequestAtATime(t *testing.T) {
	t.Parallel()
	server := &crm{answers: map[string][]string{"/buildings?fromRow=0": {`{"items":[],"nextRow":-1}`}}}
	c := client(t, server, nil)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { assert.NoError(t, c.CheckCredentials(t.Context())) })
	}
	group.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.CheckCredentials(ctx), context.Canceled)
}

func TestNoSecretLeaks(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := &crm{answers: map[string][]string{"/buildings?fromRow=0": {`500 marker-password staff@uo.example marker-token-1`}}}
	var cfg domyland.Config
	c := client(t, server, func(c *domyland.Config) {
		c.Logger, c.MaxRetries = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), -1
		cfg = *c
	})
	err := c.CheckCredentials(t.Context())
	var failed *pms.APIError
	require.ErrorAs(t, err, &failed)
	all := fmt.Sprintf("%v %+v %s %v %#v %+v %v", err, *failed, failed.Body, cfg, cfg, c, slog.AnyValue(cfg).Resolve()) + log.String()
	assert.NotEmpty(t, log.String())
	for _, secret := range []string{password, email, "marker-token"} {
		assert.NotContains(t, all, secret)
	}
}
