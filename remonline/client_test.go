package remonline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

// server is a sandbox account and the requests that it saw.
type server struct {
	*remonlinetest.Account
	seen *sandbox.Faults
}

func serve(o remonlinetest.Options) server {
	account := remonlinetest.NewAccount(7, o)
	return server{account, &sandbox.Faults{Next: sandbox.Transport(account)}}
}

func (s server) open(t *testing.T, cfg remonline.Config) *remonline.Client {
	t.Helper()
	if cfg.APIKey == "" {
		cfg.APIKey = s.Options().APIKey
	}
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := remonline.New(cfg)
	require.NoError(t, err)
	return c
}

// calls returns method, path and query of what was sent.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		all = append(all, r.Method+" "+strings.TrimPrefix(r.URL, "https://api.roapp.io"))
	}
	return all
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]remonline.Config{
		"remonline: APIKey is required":                                                              {APIKey: " \n"},
		"remonline: APIKey holds a line break":                                                       {APIKey: "a\nb"},
		"remonline: BaseURL must begin with https:// or http://":                                     {APIKey: "k", BaseURL: "ftp://x"},
		"remonline: New: API must be v2: the same key opens it, and the token API is out of support": {APIKey: "k", API: remonline.APILegacy},
	} {
		_, err := remonline.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := remonline.New(remonline.Config{APIKey: "k", API: remonline.APILegacy})
	require.ErrorIs(t, err, pms.ErrNotSupported)
	_, err = remonline.New(remonline.Config{APIKey: " key\n", API: remonline.APIv2})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	cfg, err := remonline.ParseConfig([]byte(`{"apiKey":"k","webhookSecret":"s"}`))
	require.NoError(t, err)
	require.Equal(t, "k", cfg.APIKey)
	require.Equal(t, "s", cfg.WebhookSecret)
	_, err = remonline.ParseConfig([]byte(`{"apikey_":"k"}`))
	require.EqualError(t, err, `remonline: settings: unknown key "apikey_"`)
	for _, f := range remonline.Info().Credentials {
		_, err := remonline.ParseConfig([]byte(`{"` + f.Name + `":"x"}`))
		require.NoError(t, err)
	}
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := remonline.Config{APIKey: "canary-key", WebhookSecret: "canary-hook"}
	c, err := remonline.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	require.NotContains(t, log.String()+fmt.Sprintf("%v %+v %#v %v %+v %#v", cfg, cfg, cfg, c, c, c), "canary")
}

func TestNativeReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		c := s.open(t, remonline.Config{})
		ctx := t.Context()
		require.NoError(t, c.CheckCredentials(ctx))

		company, err := c.GetCompany(ctx)
		require.NoError(t, err)
		require.Equal(t, pms.Text("Europe/Moscow"), company.Timezone)

		orders, err := c.ListOrders(ctx, remonline.OrderQuery{Page: 3})
		require.NoError(t, err)
		require.Len(t, orders.Items, 20)
		require.Equal(t, []int{3, 3, 120}, []int{orders.Page, orders.TotalPages, orders.Total})
		require.True(t, orders.Last())
		require.Empty(t, orders.Failed)

		truth := s.Orders()[5]
		order, err := c.GetOrder(ctx, id(truth.ID))
		require.NoError(t, err)
		require.Equal(t, truth.Number, string(order.Number))
		require.Equal(t, id(truth.LocationID), string(order.BranchID))
		require.Equal(t, truth.CustomFields["f700101"], string(order.CustomFields["f700101"]))
		require.NotEmpty(t, order.Client.PhoneNumbers())
		require.NotEmpty(t, order.Raw)

		items, err := c.ListOrderItems(ctx, id(truth.ID))
		require.NoError(t, err)
		require.Len(t, items.Items, len(truth.Items))
		require.Equal(t, truth.Items[0].Title, string(items.Items[0].Entity.Title))

		statuses, err := c.ListStatuses(ctx)
		require.NoError(t, err)
		require.Len(t, statuses.Items, len(s.Statuses()))
		require.Equal(t, remonline.StatusGroup{Type: "7", Name: "Закрыт неуспешно"}, statuses.Items[9].Group)
		types, err := c.ListOrderTypes(ctx)
		require.NoError(t, err)
		require.Equal(t, "Гарантийный", types.Items[1].Label())
		fields, err := c.ListOrderFields(ctx)
		require.NoError(t, err)
		require.Equal(t, "f700101", fields.Items[0].Key())
		locations, err := c.ListLocations(ctx, 1)
		require.NoError(t, err)
		require.Equal(t, "Тверь", string(locations.Items[0].Name))
		employees, err := c.ListEmployees(ctx, 1)
		require.NoError(t, err)
		require.Equal(t, "Ирина Соколова", employees.Items[0].DisplayName())

		people, err := c.ListPeople(ctx, remonline.ContactQuery{})
		require.NoError(t, err)
		require.Len(t, people.Items, 50)
		person, err := c.GetPerson(ctx, string(people.Items[4].ID))
		require.NoError(t, err)
		require.Len(t, person.PhoneNumbers(), 2)
		organizations, err := c.ListOrganizations(ctx, remonline.ContactQuery{})
		require.NoError(t, err)
		require.True(t, organizations.Items[0].IsOrganization.Bool())
		organization, err := c.GetOrganization(ctx, string(organizations.Items[1].ID))
		require.NoError(t, err)
		require.Equal(t, "Отель Волга", organization.DisplayName())
	})
}

func TestOrderQueryOnTheWire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		c := s.open(t, remonline.Config{})
		from := time.Date(2026, 5, 1, 3, 0, 0, 1, time.FixedZone("", 3*3600))
		_, err := c.ListOrders(t.Context(), remonline.OrderQuery{
			IDs: []string{"1"}, Numbers: []string{"TV-1"}, LocationIDs: []string{"40117", "40118"}, StatusIDs: []string{"3"},
			TypeIDs: []string{"4"}, ManagerIDs: []string{"5"}, ClientIDs: []string{"6"}, ClientNames: []string{"н"},
			ClientPhones: []string{"+7"}, AssetUIDs: []string{"u"},
			Created: remonline.Range{From: from}, Modified: remonline.Range{From: from, To: from}, Due: remonline.Range{To: from},
			Sort: remonline.SortModified,
		})
		require.NoError(t, err)
		query := s.seen.Seen()[0].URL
		for _, part := range []string{
			"branches%5B%5D=40117&branches%5B%5D=40118", "created_at%5B%5D=2026-05-01T00%3A00%3A00Z&",
			"modified_at%5B%5D=2026-05-01T00%3A00%3A00Z&modified_at%5B%5D=2026-05-01T00%3A00%3A01Z",
			"due_date%5B%5D=1970-01-01T00%3A00%3A00Z&due_date%5B%5D=2026-05-01T00%3A00%3A01Z",
			"clients_ids%5B%5D=6", "client_phones%5B%5D=%2B7", "asset_uid%5B%5D=u", "sort=modified_at", "page=1",
		} {
			require.Contains(t, query, part)
		}
		require.Equal(t, "Bearer "+s.Options().APIKey, s.seen.Seen()[0].Header.Get("Authorization"))
	})
}

func TestWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 1})
		c := s.open(t, remonline.Config{})
		ctx := t.Context()
		person, err := c.CreatePerson(ctx, remonline.PersonInput{FirstName: new("Инга"), Phones: []remonline.PhoneInput{{Phone: "+79030000000"}}})
		require.NoError(t, err)
		require.NoError(t, c.UpdatePerson(ctx, person, remonline.PersonInput{LastName: new("Розина")}))
		read, err := c.GetPerson(ctx, person)
		require.NoError(t, err)
		require.Equal(t, "Инга Розина", read.DisplayName())
		require.Equal(t, []string{"+79030000000"}, read.PhoneNumbers())

		company, err := c.CreateOrganization(ctx, remonline.OrganizationInput{Name: new("ИП Розина")})
		require.NoError(t, err)
		require.NoError(t, c.UpdateOrganization(ctx, company, remonline.OrganizationInput{TaxIdentificationNumber: new("690000000000")}))

		clientID, err := strconv.ParseInt(person, 10, 64)
		require.NoError(t, err)
		order, err := c.CreateOrder(ctx, remonline.OrderInput{
			LocationID: 40117, TypeID: 55001, ClientID: clientID, Malfunction: new("Замок"), Urgent: new(true),
			DueDate: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), CustomFields: map[string]any{"f700101": "кв. 3"},
		})
		require.NoError(t, err)
		require.NoError(t, c.UpdateOrder(ctx, order, remonline.OrderInput{EstimatedPrice: new("100-150")}))
		require.NoError(t, c.SetOrderStatus(ctx, order, 910003, "взял"))
		got, err := c.GetOrder(ctx, order)
		require.NoError(t, err)
		require.Equal(t, []pms.Text{"910003", "100-150", "кв. 3", "2026-06-01T12:00:00Z", "Замок", "true"},
			[]pms.Text{got.Status.ID, got.EstimatedPrice, got.CustomFields["f700101"], got.DueDate, got.Malfunction, got.Urgent})

		for _, call := range []func() error{
			func() error { _, err := c.CreateOrder(ctx, remonline.OrderInput{}); return err },
			func() error { _, err := c.CreatePerson(ctx, remonline.PersonInput{}); return err },
			func() error { _, err := c.CreateOrganization(ctx, remonline.OrganizationInput{}); return err },
			func() error { return c.UpdateOrder(ctx, order, remonline.OrderInput{LocationID: 1}) },
			func() error { return c.SetOrderStatus(ctx, order, 1, "") },
		} {
			require.ErrorIs(t, call(), pms.ErrInvalid)
		}
	})
}

func TestWritesAreNotRepeatedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: -1})
		c := s.open(t, remonline.Config{})
		s.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPost), Do: sandbox.ResetBefore()})
		_, err := c.CreateOrder(t.Context(), remonline.OrderInput{LocationID: 40117, TypeID: 55001, ClientID: 880101})
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.Len(t, s.Orders(), 1)
		require.Len(t, s.seen.Seen(), 1)
	})
}

func TestVendorErrors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"success":false,"code":7,"message":"Плохо"}`:                                         "remonline: GetCompany: 422 Плохо",
		`{"success":false,"code":7,"message":{"validation":{"b":["x"],"a":["required","y"]}}}`: "remonline: GetCompany: 422 a: required; b: x",
		`{"validation":{"a":"required"}}`:                                                      "remonline: GetCompany: 422 a: required",
		`{"errors":{"a":["required"]}}`:                                                        "remonline: GetCompany: 422 a: required",
		`{"errors":[]}`:                                                                        "remonline: GetCompany: 422 Unprocessable Entity",
		`oops`:                                                                                 "remonline: GetCompany: 422 Unprocessable Entity",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := serve(remonlinetest.Options{})
			c := s.open(t, remonline.Config{})
			s.seen.Add(sandbox.Rule{Do: sandbox.Status(http.StatusUnprocessableEntity, nil, body)})
			_, err := c.GetCompany(t.Context())
			require.EqualError(t, err, want)
			require.ErrorIs(t, err, pms.ErrInvalid)
		})
	}
}

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault sandbox.Fault
		want  error
		sent  int
	}{
		"bad key":            {sandbox.Unauthorized(), pms.ErrUnauthorized, 1},
		"no right":           {sandbox.Status(403, nil, `{"message":"Forbidden"}`), pms.ErrForbidden, 1},
		"old invalid token":  {sandbox.Status(403, nil, `{"success":false,"code":101,"message":"Invalid token"}`), pms.ErrUnauthorized, 1},
		"too long":           {sandbox.Status(414, nil, ""), pms.ErrInvalid, 1},
		"refused under 200":  {sandbox.Status(200, nil, `{"success":false,"code":5,"message":"No"}`), pms.ErrInvalid, 1},
		"HTML on 502":        {sandbox.Status(502, nil, "<html>"), pms.ErrUnavailable, 3},
		"HTML under 200":     {sandbox.HTML(), pms.ErrDecode, 3},
		"429 for ever":       {sandbox.TooManyRequests(""), pms.ErrRateLimited, 3},
		"429 with far date":  {sandbox.TooManyRequests("999999"), pms.ErrRateLimited, 1},
		"empty":              {sandbox.Empty(), pms.ErrDecode, 1},
		"no list":            {sandbox.Status(200, nil, `{"paging":{}}`), pms.ErrDecode, 1},
		"list is an object":  {sandbox.Status(200, nil, `{"data":{}}`), pms.ErrDecode, 1},
		"cut off":            {sandbox.Truncate(40), pms.ErrUnavailable, 3},
		"connection refused": {sandbox.Refuse(), pms.ErrUnavailable, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := serve(remonlinetest.Options{})
				s.seen.Add(sandbox.Rule{Do: tt.fault})
				list, err := s.open(t, remonline.Config{}).ListOrders(t.Context(), remonline.OrderQuery{})
				require.ErrorIs(t, err, tt.want)
				require.Empty(t, list.Items)
				require.Len(t, s.seen.Seen(), tt.sent)
			})
		})
	}
}

func TestAWrongKeyIsUnauthorized(t *testing.T) {
	t.Parallel()
	s := serve(remonlinetest.Options{})
	err := s.open(t, remonline.Config{APIKey: "canary-wrong-key"}).CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.EqualError(t, err, "remonline: CheckCredentials: 401 Invalid API key")
	require.Len(t, s.seen.Seen(), 1, "there is no other key to try")
}

func TestUnknownIDIsNotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		_, err := s.open(t, remonline.Config{}).GetOrder(t.Context(), "../company")
		require.ErrorIs(t, err, pms.ErrNotFound, "an id is one part of the path")
	})
}

func TestThreeRequestsASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		c := s.open(t, remonline.Config{})
		started := time.Now()
		for range 10 {
			require.NoError(t, c.CheckCredentials(t.Context()))
		}
		require.Len(t, s.seen.Seen(), 10, "none was refused")
		require.Less(t, time.Since(started), 3100*time.Millisecond)

		hasty := s.open(t, remonline.Config{Limiter: unlimited{}})
		for range 4 {
			require.NoError(t, hasty.CheckCredentials(t.Context()))
		}
		require.Greater(t, len(s.seen.Seen()), 14, "the fourth call of a second was refused and repeated")
	})
}

type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }

func TestOneBadRecordDoesNotFailAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 3})
		s.seen.Add(sandbox.Rule{Do: sandbox.Rewrite(func(body []byte) []byte {
			return bytes.Replace(body, []byte(`"data":[`), []byte(`"data":["canary-text",{"number":"X"},`), 1)
		})})
		var texts []string
		orders, failed, err := pms.Collect(remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{}))
		require.NoError(t, err)
		require.Len(t, orders, 3)
		for _, bad := range failed {
			texts = append(texts, bad.Error())
		}
		require.Equal(t, []string{"remonline: order #1: not a JSON object", "remonline: order #2: id: missing"}, texts)
	})
}

func TestOddShapes(t *testing.T) {
	t.Parallel()
	var order remonline.Order
	require.NoError(t, json.Unmarshal([]byte(`{"id":7,"total":4300.5,"client":{"id":1,"phone":["+7 1",{"phone":"+7 2"}],"phones":"+7 3"},"warranty_date":"2027-01-31"}`), &order))
	require.Equal(t, pms.Text("4300.5"), order.Total)
	require.Equal(t, []string{"+7 3", "+7 1", "+7 2"}, order.Client.PhoneNumbers())
	require.Equal(t, pms.Text("2027-01-31"), order.WarrantyDate)
	var contact remonline.Contact
	require.NoError(t, json.Unmarshal([]byte(`{"name":" ООО ","phones":null,"phone":[]}`), &contact))
	require.Empty(t, contact.PhoneNumbers())
	require.Equal(t, "ООО", contact.DisplayName())
}

func TestOrdersIsLazyAndRestartable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		seq := remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{})
		require.Empty(t, s.calls())
		for _, err := range seq {
			require.NoError(t, err)
			break
		}
		require.Len(t, s.calls(), 1)
		for range 2 {
			orders, failed, err := pms.Collect(seq)
			require.NoError(t, err)
			require.Empty(t, failed)
			require.Len(t, ids(orders), 120)
		}
	})
}

// ids returns the distinct ids in order.
func ids(orders []remonline.Order) []string {
	var all []string
	for _, o := range orders {
		if !slices.Contains(all, string(o.ID)) {
			all = append(all, string(o.ID))
		}
	}
	return all
}

func TestOrdersThatMoveWhileTheyAreReadAreNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 200})
		c := s.open(t, remonline.Config{})
		truth := s.Orders()
		slices.SortStableFunc(truth, func(a, b remonlinetest.Order) int { return a.ModifiedAt.Compare(b.ModifiedAt) })
		seen := map[string]int{}
		n := 0
		for o, err := range remonline.Orders(t.Context(), c, remonline.OrderQuery{}) {
			require.NoError(t, err)
			seen[string(o.ID)]++
			if n++; n <= 60 && n%3 == 0 { // an order already read changes and leaves its page
				s.UpdateOrder(truth[n/3].ID, func(o *remonlinetest.Order) { o.Paid++ })
			}
		}
		require.Len(t, seen, 200)
		require.Equal(t, 2, seen[id(truth[1].ID)], "a changed order comes again")
		require.Equal(t, 1, seen[id(truth[150].ID)])
	})
}

func TestOrdersOfOneSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: -1})
		at := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
		for i := range 131 {
			s.AddOrder(remonlinetest.Order{StatusID: 910001, TypeID: 55001, LocationID: 40117, ClientID: 880101, CreatedAt: at, Number: id(int64(i))})
		}
		orders, _, err := pms.Collect(remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{}))
		require.NoError(t, err)
		require.Len(t, orders, 131)
		require.Len(t, ids(orders), 131)
	})
}

func TestOrdersOfAVendorThatDoesNotSort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		s.seen.Add(sandbox.Rule{Do: func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
			query := req.URL.Query()
			query.Del("sort")
			req.URL.RawQuery = query.Encode()
			return next.RoundTrip(req)
		}})
		orders, _, err := pms.Collect(remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{}))
		require.NoError(t, err)
		require.Len(t, orders, 120)
		require.Len(t, ids(orders), 120)
		require.Len(t, s.calls(), 3)
	})
}

func TestASamePageForEverEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		s.seen.Add(sandbox.Rule{Do: func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
			req.URL.RawQuery = ""
			return next.RoundTrip(req)
		}})
		orders, _, err := pms.Collect(remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{}))
		require.ErrorIs(t, err, pms.ErrBadCursor)
		require.Len(t, orders, 50)
	})
}

func TestAWalkEndsWithItsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{})
		s.seen.Add(sandbox.Rule{Skip: 1, Do: sandbox.Status(403, nil, "")})
		orders, _, err := pms.Collect(remonline.Orders(t.Context(), s.open(t, remonline.Config{}), remonline.OrderQuery{}))
		require.ErrorIs(t, err, pms.ErrForbidden)
		require.Len(t, orders, 50)
		people, _, err := pms.Collect(remonline.People(t.Context(), s.open(t, remonline.Config{}), remonline.ContactQuery{}))
		require.ErrorIs(t, err, pms.ErrForbidden)
		require.Empty(t, people)
	})
}

// No error and no log line holds a credential or what belongs to a client.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	const key, hook = "canary-api-key-7c1d", "canary-hook-51f2"
	faults := map[string]sandbox.Fault{
		"echo": func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
			return sandbox.Status(400, nil, `{"message":"key `+req.Header.Get("Authorization")+` is bad"}`)(req, nil)
		},
		"redirect": sandbox.Redirect(http.StatusFound, "https://elsewhere.example/?k="+key),
		"reset":    sandbox.ResetBefore(),
		"html":     sandbox.HTMLError(),
		"bad total": sandbox.Rewrite(func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"total":"`), []byte(`"total":"canary-guest`))
		}),
		"bad list": sandbox.Rewrite(func(body []byte) []byte {
			return bytes.Replace(body, []byte(`[`), []byte(`["canary-guest",`), 1)
		}),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := serve(remonlinetest.Options{APIKey: key, WebhookSecret: hook, Orders: 3})
				c := s.open(t, remonline.Config{APIKey: key, WebhookSecret: hook, Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
				s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/orders"), Do: fault})
				settings := remonline.DealSettings{Funnel: remonline.Funnel{Containers: []remonline.Container{{Name: "Все", Marker: remonline.MarkerNone}}}}
				text := fmt.Sprint(c)
				note := func(err error) {
					var api *pms.APIError
					if errors.As(err, &api) {
						text += fmt.Sprintf("%v %s %v", api.LogValue(), api.URL, api.Message)
						pmstest.NoSecrets(t, string(api.Body), key, hook)
					}
					text += fmt.Sprintf("\n%v %+v", err, err)
				}
				for _, err := range remonline.Deals(t.Context(), c, settings) {
					note(err)
				}
				for _, err := range remonline.Orders(t.Context(), c, remonline.OrderQuery{ClientPhones: []string{"canary-guest"}}) {
					note(err)
				}
				_, err := c.CreateOrder(t.Context(), remonline.OrderInput{LocationID: 40117, TypeID: 55001, ClientID: 880101, Malfunction: new("canary-guest")})
				note(err)
				_, err = c.ParseWebhook(pms.Delivery{Header: http.Header{"X-Signature": {"00"}}, Body: []byte(`{"id":"canary-guest"}`)})
				note(err)
				require.NotContains(t, text+log.String(), "canary")
			})
		})
	}
}
