package hospitable_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hospitable"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// server is a sandbox account of Hospitable and the requests that it saw.
type server struct {
	*sandbox.Hospitable
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.HospitableOptions) server {
	return serveWorld(sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2}), o)
}

func serveWorld(world *sandbox.World, o sandbox.HospitableOptions) server {
	stand := sandbox.NewHospitable(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) client(t testing.TB, cfg hospitable.Config) *hospitable.Client {
	t.Helper()
	if cfg.ClientID == "" {
		cfg.Token = s.Options().Token
	}
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := hospitable.New(cfg)
	require.NoError(t, err)
	return c
}

// app is a client of the sandbox's application, which a user connected earlier.
func (s server) app(t testing.TB, store oauth.TokenStore) *hospitable.Client {
	t.Helper()
	return s.client(t, hospitable.Config{ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, TokenStore: store})
}

// connected is the store of an account that was connected earlier.
func (s server) connected() *oauth.MemoryStore {
	return oauth.NewMemoryStore(&oauth2.Token{RefreshToken: s.RefreshToken()}, nil)
}

// calls returns method and URL of what was sent, and forgets it.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		address, err := url.QueryUnescape(strings.TrimPrefix(r.URL, "https://public.api.hospitable.com/v2"))
		if err != nil {
			address = r.URL
		}
		all = append(all, r.Method+" "+address)
	}
	s.seen.Reset()
	return all
}

func all(t *testing.T, c *hospitable.Client, q pms.BookingQuery) []pms.Booking {
	t.Helper()
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, q))
	require.NoError(t, err)
	require.Empty(t, failed)
	return items
}

func ids(bookings []pms.Booking) []string {
	out := make([]string, len(bookings))
	for i, b := range bookings {
		out[i] = b.ID
	}
	return out
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]hospitable.Config{
		"hospitable: Token is required":                                  {Token: " \n"},
		"hospitable: Token holds a line break":                           {Token: "a\nb"},
		"hospitable: ClientID is required":                               {ClientSecret: "x"},
		"hospitable: ClientSecret is required":                           {ClientID: "x"},
		`hospitable: TimeZone "Helsinki" is not an IANA zone known here`: {Token: "x", TimeZone: "Helsinki"},
		"hospitable: BaseURL must begin with https:// or http://":        {Token: "x", BaseURL: "ftp://x"},
		"hospitable: ClientSecret holds a line break":                    {ClientID: "x", ClientSecret: "a\nb"},
		"hospitable: BaseURL must hold no user and password":             {ClientID: "x", ClientSecret: "y", BaseURL: "https://a:b@host.example"},
		`hospitable: TimeZone "Local" is not an IANA zone known here`:    {Token: "x", TimeZone: "Local"},
		"hospitable: BaseURL must hold no query and no fragment":         {Token: "x", BaseURL: "https://host.example?x"},
	} {
		_, err := hospitable.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := hospitable.New(hospitable.Config{Token: " token\n"})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
	_, err = hospitable.NewFlow(hospitable.Config{ClientID: "x"})
	require.EqualError(t, err, "hospitable: ClientSecret is required")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	var cfg hospitable.Config
	require.NoError(t, settings.Decode("hospitable", []byte(`{"token":"t","email":"olga@example.com","timeZone":"Europe/Helsinki","blocks":true,"financials":true}`), &cfg))
	require.Equal(t, hospitable.Config{Token: "t", Email: "olga@example.com", TimeZone: "Europe/Helsinki", Blocks: true, Financials: true}, cfg)
	cfg = hospitable.Config{}
	require.NoError(t, settings.Decode("hospitable", []byte(`{"clientId":"i","clientSecret":"s","webhookSecret":"w","previousWebhookSecret":"p"}`), &cfg))
	require.Equal(t, hospitable.Config{ClientID: "i", ClientSecret: "s", WebhookSecret: "w", PreviousWebhookSecret: "p"}, cfg)
	require.EqualError(t, settings.Decode("hospitable", []byte(`{"tokens":"x"}`), &cfg), `hospitable: settings: unknown key "tokens"`)
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := hospitable.Config{
		Token: "canary-token", ClientID: "canary-id", ClientSecret: "canary-secret", WebhookSecret: "canary-hook", Email: "canary@example.com",
		TokenStore: oauth.NewMemoryStore(&oauth2.Token{AccessToken: "canary-access"}, nil),
	}
	personal, err := hospitable.New(cfg)
	require.NoError(t, err)
	cfg.Token = ""
	app, err := hospitable.New(cfg)
	require.NoError(t, err)
	flow, err := hospitable.NewFlow(cfg)
	require.NoError(t, err)
	code := hospitable.Enrichment{Key: "smartlock_code", Value: "canary-code"}
	for _, v := range []any{cfg, personal, app, flow, code} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("value", "v", v)
		require.NotContains(t, log.String()+fmt.Sprintf("%v %+v %#v %s", v, v, v, v), "canary")
	}
}

func TestNativeCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		c := s.client(t, hospitable.Config{})
		ctx := t.Context()

		require.NoError(t, c.CheckCredentials(ctx))
		user, err := c.GetUser(ctx)
		require.NoError(t, err)
		require.Equal(t, hospitable.User{ID: "5c05eb47-b6ec-54fe-b4b9-6e95f50b86d0", Email: "olga@example.com", Name: "Olga Owner"}, user)

		unit := s.world.Units()[0]
		property, err := c.GetProperty(ctx, unit.ID)
		require.NoError(t, err)
		require.Equal(t, pms.Text(unit.Name), property.Name)
		require.Equal(t, pms.Text("+0300"), property.TimeZone)
		require.NotEmpty(t, property.Raw)
		older := serve(sandbox.HospitableOptions{Documented: true})
		defer older.Close()
		bare, err := older.client(t, hospitable.Config{}).GetProperty(ctx, unit.ID)
		require.NoError(t, err)
		require.Equal(t, pms.Text(unit.Name), bare.Name, "without an envelope")

		s.calls()
		list, err := c.ListReservations(ctx, hospitable.ReservationQuery{
			PropertyIDs: []string{unit.ID}, StartDate: s.world.Today().AddDays(-60), EndDate: s.world.Today().AddDays(60),
			Statuses: []string{"accepted", "cancelled", "request"}, Page: 2, PerPage: 2,
		})
		require.NoError(t, err)
		require.Len(t, list.Items, 2)
		require.Equal(t, 5, list.Total)
		require.True(t, list.More)
		require.Equal(t, []string{
			"GET /reservations?date_query=checkin&end_date=" + s.world.Today().AddDays(60).String() + "&include=properties,guest&page=2&per_page=2" +
				"&properties[]=" + unit.ID + "&start_date=" + s.world.Today().AddDays(-60).String() + "&status[]=accepted&status[]=cancelled&status[]=request",
		}, s.calls())
		one, err := c.GetReservation(ctx, string(list.Items[0].ID))
		require.NoError(t, err)
		require.Equal(t, list.Items[0], one)
		plain, err := c.GetReservation(ctx, string(one.ID), hospitable.IncludeUser, hospitable.IncludeFinancials)
		require.NoError(t, err)
		require.Empty(t, plain.Properties[0].ID)
		require.Equal(t, pms.Text("RUB"), plain.Financials.Currency)
		found, err := c.ListReservations(ctx, hospitable.ReservationQuery{
			PropertyIDs: []string{unit.ID}, DateQuery: "checkout", StartDate: s.world.Today().AddDays(-60), EndDate: s.world.Today().AddDays(60),
			PlatformID: string(one.PlatformID),
		})
		require.NoError(t, err)
		require.Len(t, found.Items, 1)
		require.False(t, found.More)

		days, err := c.ListCalendar(ctx, unit.ID, s.world.Today(), s.world.Today().AddDays(6))
		require.NoError(t, err)
		require.Len(t, days.Items, 7)
		require.Equal(t, pms.Text(s.world.Today().String()), days.Items[0].Date)
	})
}

func TestTasks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		c := s.client(t, hospitable.Config{})
		stay, start := s.world.Stays()[0], s.world.Now().Add(48*time.Hour)
		s.AddTask(sandbox.HospitableTask{PropertyID: stay.UnitID, ReservationID: stay.ID, Name: "Turnover", Type: 1, Service: 1, Start: start, End: start.Add(3 * time.Hour)})
		s.AddTask(sandbox.HospitableTask{PropertyID: stay.UnitID, Name: "Boiler", Type: 5, Service: 8, Start: start.AddDate(0, 2, 0), End: start, Progress: "not_started"})
		q := hospitable.TaskQuery{PropertyIDs: []string{stay.UnitID}}
		list, err := c.ListTasks(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, list.Items, 1, "without days the next two weeks")
		task := list.Items[0]
		require.Equal(t, pms.Text(hospitable.TaskCleaning), task.TaskType)
		require.Equal(t, pms.Text("Europe/Moscow"), task.TimeZone)
		require.Equal(t, pms.Text(stay.ID), task.Reservation.ID)
		require.Equal(t, pms.Text("unassigned"), task.Assignment.Status)
		require.Empty(t, task.ProgressStatus)
		q.StartDate, q.EndDate = s.world.Today(), s.world.Today().AddDays(100)
		list, err = c.ListTasks(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, list.Items, 2)
		require.Equal(t, pms.Text(hospitable.TaskMaintenance), list.Items[1].TaskType, "5 is not the owner, as among the services")
		require.Equal(t, pms.Text(hospitable.ServiceMaintenance), list.Items[1].ServiceID)

		_, err = pms.WriteTask(t.Context(), c, pms.Task{})
		require.ErrorIs(t, err, pms.ErrNotSupported)
		_, err = pms.RegisterWebhook(t.Context(), c, "https://host.example/hook")
		require.ErrorIs(t, err, pms.ErrNotSupported)
	})
}

func TestEnrichment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		ctx, id := t.Context(), s.world.Stays()[0].ID
		c := s.app(t, s.connected())
		require.NoError(t, c.SetEnrichment(ctx, id, "smartlock_code", "4711#"))
		e, err := c.GetEnrichment(ctx, id, "smartlock_code")
		require.NoError(t, err)
		require.Equal(t, hospitable.Enrichment{Key: "smartlock_code", Value: "4711#"}, e)
		require.NoError(t, c.SetEnrichment(ctx, id, "smartlock_code", ""))
		writes := s.seen.Seen()
		require.JSONEq(t, `{"value":"4711#"}`, string(writes[1].Body))
		require.JSONEq(t, `{"value":null}`, string(writes[3].Body))
		e, err = c.GetEnrichment(ctx, id, "smartlock_code")
		require.NoError(t, err)
		require.Empty(t, e.Value)
		_, err = c.GetEnrichment(ctx, id, "doorbell")
		require.ErrorIs(t, err, pms.ErrNotFound)

		s.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPut), Do: sandbox.Status(http.StatusBadRequest, nil, `{"reason_phrase":"code canary-4711 is taken"}`)})
		err = c.SetEnrichment(ctx, id, "smartlock_code", "canary-4711")
		require.EqualError(t, err, "hospitable: SetEnrichment: 400 code [redacted] is taken")
		var api *pms.APIError
		require.ErrorAs(t, err, &api)
		require.Empty(t, api.Body)

		err = s.client(t, hospitable.Config{}).SetEnrichment(ctx, id, "guidebook", "x")
		require.ErrorIs(t, err, pms.ErrInvalid, "the rule above")
		s.seen.Reset()
		err = s.client(t, hospitable.Config{}).SetEnrichment(ctx, id, "guidebook", "x")
		require.ErrorIs(t, err, pms.ErrForbidden, "a personal token may not")
		require.EqualError(t, err, "hospitable: SetEnrichment: 403 Invalid scope(s) provided. (request trace-hospitable)")
	})
}

// Two messages a minute; the third waits for as long as the vendor says.
func TestMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		c, id := s.client(t, hospitable.Config{}), s.world.Stays()[0].ID
		began := time.Now()
		for n := range 3 {
			reference, err := c.SendMessage(t.Context(), id, "The cleaner comes at noon.")
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("sent-%s-%d", id, n+1), reference)
		}
		require.Equal(t, time.Minute, time.Since(began))
		require.Len(t, s.calls(), 4)

		for _, answer := range []sandbox.Fault{sandbox.Status(http.StatusAccepted, nil, ""), sandbox.Status(http.StatusCreated, nil, "{}")} {
			s.seen.Reset()
			s.seen.Add(sandbox.Rule{Do: answer})
			reference, err := c.SendMessage(t.Context(), id, "Hello")
			require.NoError(t, err, "the body may be empty")
			require.Empty(t, reference)
		}
		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Do: sandbox.ResetBefore()})
		_, err := c.SendMessage(t.Context(), id, "Hello")
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.Len(t, s.calls(), 1, "a message is not sent twice")
		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Do: sandbox.Status(http.StatusBadRequest, nil, `{"reason_phrase":"No HTML: The door code is 4711."}`)})
		_, err = c.SendMessage(t.Context(), id, "The door code is 4711.")
		require.EqualError(t, err, "hospitable: SendMessage: 400 No HTML: [redacted]")
	})
}

// What the vendor would ignore silently, or take for another call, is refused.
func TestCallsAreCheckedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.HospitableOptions{})
	defer s.Close()
	c, ctx := s.client(t, hospitable.Config{}), t.Context()
	one := []string{"p-1"}
	for want, q := range map[string]hospitable.ReservationQuery{
		"PropertyIDs must name 1 to 50 properties": {},
		"DateQuery must be checkin or checkout":    {PropertyIDs: one, DateQuery: "departure"},
		"an include that Hospitable does not have": {PropertyIDs: one, Include: []string{"guests"}},
	} {
		_, err := c.ListReservations(ctx, q)
		require.EqualError(t, err, "hospitable: ListReservations: "+want)
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	_, err := c.ListReservations(ctx, hospitable.ReservationQuery{PropertyIDs: make([]string, 51)})
	require.ErrorIs(t, err, pms.ErrInvalid)
	_, err = c.GetReservation(ctx, "r-1", "guests")
	require.ErrorIs(t, err, pms.ErrInvalid)
	_, err = c.ListTasks(ctx, hospitable.TaskQuery{})
	require.ErrorIs(t, err, pms.ErrInvalid)
	for _, id := range []string{"", "..", "1/messages", "7?x=1", "7 ", "%37", "é"} {
		_, err := c.GetReservation(ctx, id)
		require.EqualError(t, err, "hospitable: GetReservation: the id is none of Hospitable's")
		_, err = c.GetProperty(ctx, id)
		require.ErrorIs(t, err, pms.ErrInvalid)
		_, err = c.ListCalendar(ctx, id, pms.Date{}, pms.Date{})
		require.ErrorIs(t, err, pms.ErrInvalid)
		_, err = c.SendMessage(ctx, id, "Hello")
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.ErrorIs(t, c.SetEnrichment(ctx, id, "guidebook", "x"), pms.ErrInvalid)
		require.ErrorIs(t, c.SetEnrichment(ctx, "r-1", id, "x"), pms.ErrInvalid)
		_, err = c.GetEnrichment(ctx, "r-1", id)
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	_, err = c.SendMessage(ctx, "r-1", " \n")
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.ErrorIs(t, c.SetEnrichment(ctx, "r-1", "guidebook", strings.Repeat("é", 256)), pms.ErrInvalid)
	require.Empty(t, s.seen.Seen())
}

// A small account costs two requests.
func TestPlainList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		today := s.world.Today()
		items := all(t, s.client(t, hospitable.Config{}), pms.BookingQuery{From: today, To: today.AddDays(7)})
		require.NotEmpty(t, items)
		for _, b := range items {
			require.Empty(t, b.Total)
			require.Empty(t, b.TimeZone)
			require.Zero(t, b.UpdatedAt)
			require.NotEqual(t, pms.KindBlock, b.Kind)
		}
		var units string
		for _, unit := range s.world.Units() {
			units += "&properties[]=" + unit.ID
		}
		require.Equal(t, []string{
			"GET /properties?page=1&per_page=50",
			"GET /reservations?date_query=checkout&end_date=2099-12-31&include=properties,guest&page=1&per_page=100" + units + "&start_date=" + today.AddDays(-2).String(),
		}, s.calls())
	})
}

// Properties are asked for fifty at a time, and only those of the query.
func TestManyProperties(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serveWorld(sandbox.NewWorld(3, sandbox.Options{Clock: time.Now, Properties: 120, Stays: 500}), sandbox.HospitableOptions{})
		defer s.Close()
		c := s.client(t, hospitable.Config{Blocks: true})
		items := all(t, c, pms.BookingQuery{})
		stays, blocks := 0, 0
		for _, stay := range s.world.Stays() {
			if stay.Kind == pms.KindBlock {
				blocks++
			} else {
				stays++
			}
		}
		require.Len(t, ids(items), stays+blocks)
		var named, properties, calendars int
		for _, r := range s.seen.Seen() {
			u, err := url.Parse(r.URL)
			require.NoError(t, err)
			require.Equal(t, "https", u.Scheme, "the links of the vendor are http")
			require.Less(t, len(u.RawQuery), 4000)
			switch {
			case u.Path == "/v2/reservations":
				units := u.Query()["properties[]"]
				require.LessOrEqual(t, len(units), 50)
				if u.Query().Get("page") == "1" {
					named += len(units)
				}
			case u.Path == "/v2/properties":
				properties++
			case strings.HasSuffix(u.Path, "/calendar"):
				calendars++
			}
		}
		require.Equal(t, 120, named)
		require.Equal(t, 3+12, properties)
		require.GreaterOrEqual(t, calendars, 120)

		units := s.world.Units()
		s.calls()
		wanted := pms.BookingQuery{PropertyIDs: []string{units[119].ID, "gone", units[3].ID}, ExcludeBlocks: true}
		for _, b := range all(t, c, wanted) {
			require.Contains(t, wanted.PropertyIDs, b.PropertyID)
		}
		var asked []string
		for _, call := range s.calls() {
			if strings.Contains(call, "/reservations?") {
				asked = append(asked, call[strings.Index(call, "&properties"):strings.Index(call, "&start_date")])
			}
		}
		require.Equal(t, []string{"&properties[]=" + units[3].ID, "&properties[]=" + units[119].ID}, asked)
		s.calls()
		require.Empty(t, all(t, c, pms.BookingQuery{PropertyIDs: []string{"gone"}, ExcludeBlocks: true}))
		require.Len(t, s.calls(), 3)
	})
}

// A property that cannot be read hides its stays, so that the list says so.
func TestPropertyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.HospitableOptions{})
	defer s.Close()
	lost := s.world.Units()[1].ID
	for _, id := range []string{"null", `{"uuid":"p-2"}`, `"../user"`} {
		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/properties"), Do: sandbox.Rewrite(func(body []byte) []byte {
			return bytes.Replace(body, []byte(`"id":"`+lost+`"`), []byte(`"id":`+id), 1)
		})})
		items, failed, err := pms.Collect(pms.Bookings(t.Context(), s.client(t, hospitable.Config{Blocks: true}), pms.BookingQuery{}))
		require.NoError(t, err)
		require.Len(t, failed, 1)
		require.EqualError(t, failed[0], "hospitable: property #2: id: missing")
		require.NotEmpty(t, items)
		for _, b := range items {
			require.NotEqual(t, lost, b.PropertyID)
		}
	}
}

// An include that the vendor left out silently is no stay in no property.
func TestIncludeIgnored(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.HospitableOptions{})
	defer s.Close()
	s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/reservations"), Do: sandbox.Rewrite(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"properties":`), []byte(`"ignored":`))
	})})
	c := s.client(t, hospitable.Config{})
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
	require.NoError(t, err)
	require.Empty(t, items)
	require.Len(t, failed, 20)
	require.ErrorContains(t, failed[0], "properties: missing")
	_, err = c.GetBooking(t.Context(), s.world.Stays()[0].ID)
	require.ErrorContains(t, err, "properties: missing")
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
		unit, err := world.AddProperty(sandbox.Property{Name: "Loft"})
		require.NoError(t, err)
		today := world.Today()
		for _, nights := range [][2]int{{-200, -40}, {20, 40}, {1000, 1010}} { // the last is not told within three years
			_, err := world.AddBlock(unit, today.AddDays(nights[0]), today.AddDays(nights[1]), "repair")
			require.NoError(t, err)
		}
		s := serveWorld(world, sandbox.HospitableOptions{})
		defer s.Close()
		c := s.client(t, hospitable.Config{Blocks: true})
		first, second := "block-"+unit+"-"+today.AddDays(-200).String(), "block-"+unit+"-"+today.AddDays(20).String()
		for want, q := range map[string]pms.BookingQuery{
			first:                {From: today.AddDays(-60), To: today.AddDays(-50)},
			second:               {From: today.AddDays(25), To: today.AddDays(30)},
			first + "," + second: {From: today.AddDays(-40), To: today.AddDays(20)},
			"":                   {From: today.AddDays(3000)},
		} {
			got := all(t, c, q)
			require.Equal(t, want, strings.Join(ids(got), ","))
			for _, b := range got {
				require.Contains(t, []int{160, 20}, b.Nights(), "the block is whole, whatever the window")
				require.Equal(t, "repair", b.Notes)
			}
		}
		s.calls()
		_, err = c.GetBooking(t.Context(), first)
		require.EqualError(t, err, "hospitable: GetBooking: a block cannot be read alone")
		require.ErrorIs(t, err, pms.ErrNotSupported)
		require.Empty(t, s.calls())
		require.Empty(t, all(t, c, pms.BookingQuery{ExcludeBlocks: true}))
		require.Len(t, s.calls(), 2)
		_, err = s.client(t, hospitable.Config{}).ListBookings(t.Context(), pms.BookingQuery{Cursor: "blocks||stays:1:100:0:|properties:1:10:0:"})
		require.ErrorIs(t, err, pms.ErrBadCursor, "the blocks were switched off")
	})
}

// Money needs a scope of its own, and is left out unless it is wanted.
func TestFinancials(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.HospitableOptions{})
	defer s.Close()
	b := all(t, s.client(t, hospitable.Config{Financials: true}), pms.BookingQuery{})[0]
	stay, _ := s.world.Stay(b.ID)
	require.Equal(t, pms.Money{Amount: stay.Total.Amount + ".00", Currency: "RUB"}, b.Total)

	poor := serve(sandbox.HospitableOptions{MissingScopes: []string{"financials:read"}})
	defer poor.Close()
	require.NotEmpty(t, all(t, poor.client(t, hospitable.Config{}), pms.BookingQuery{}))
	_, err := poor.client(t, hospitable.Config{Financials: true}).ListBookings(t.Context(), pms.BookingQuery{})
	require.ErrorIs(t, err, pms.ErrForbidden)
}

// The user connects an account; its tokens are renewed and saved in pairs.
func TestOAuth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		cfg := hospitable.Config{
			ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, HTTPClient: &http.Client{Transport: s.seen, CheckRedirect: toMe},
		}
		flow, err := hospitable.NewFlow(cfg)
		require.NoError(t, err)
		address, pending := flow.AuthURL()
		require.Equal(t, "https://auth.hospitable.com/oauth/authorize?client_id=sandbox-hospitable-app&response_type=code&state="+pending.State, address)
		callback, err := agree(t.Context(), cfg.HTTPClient, address)
		require.NoError(t, err)
		s.seen.Reset()
		token, err := flow.Exchange(t.Context(), pending, callback)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(token.AccessToken), 1000)
		require.Equal(t, 12*time.Hour, time.Until(token.Expiry))
		exchange := s.seen.Seen()[0]
		require.Equal(t, "https://auth.hospitable.com/oauth/token", exchange.URL)
		require.Equal(t, "application/json", exchange.Header.Get("Content-Type"))
		require.JSONEq(t, fmt.Sprintf(`{"client_id":"sandbox-hospitable-app","client_secret":"sandbox-hospitable-secret","grant_type":"authorization_code","code":%q}`,
			callback.Get("code")), string(exchange.Body))
		_, err = flow.Exchange(t.Context(), pending, callback)
		require.ErrorIs(t, err, pms.ErrUnauthorized, "a code serves once")

		var saved []string
		store := oauth.NewMemoryStore(token, func(_ context.Context, t *oauth2.Token) error {
			saved = append(saved, t.RefreshToken)
			return nil
		})
		c := s.app(t, store)
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.Empty(t, saved)
		for range 3 {
			<-time.After(12 * time.Hour)
			require.NoError(t, c.CheckCredentials(t.Context()))
		}
		s.ExpireTokens()
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.Len(t, saved, 4)
		require.Len(t, slices.Compact(saved), 4, "the refresh token is replaced each time")

		<-time.After(91 * 24 * time.Hour)
		err = c.CheckCredentials(t.Context())
		require.ErrorIs(t, err, pms.ErrUnauthorized, "the account must be connected again")
		err = s.app(t, nil).CheckCredentials(t.Context())
		require.EqualError(t, err, "hospitable: GetToken: there is no refresh token: connect the account again")
	})
}

func TestErrorsOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		body    string
		want    error
		message string
	}{
		{401, `{"message":"Unauthenticated."}`, pms.ErrUnauthorized, "401 Unauthenticated."},
		{403, `{"reason_phrase":"Invalid scope(s) provided.","status_code":403}`, pms.ErrForbidden, "403 Invalid scope(s) provided."},
		{400, `{"status_code":400,"reason_phrase":"The properties field is required.","errors":{"properties":["x"]}}`, pms.ErrInvalid, "400 The properties field is required."},
		{422, `{"errors":{"b":["vera@example.com"],"a":["x"]}}`, pms.ErrInvalid, "422 refused: a, b"},
		{400, `{"reason_phrase":"No.","errors":[]}`, pms.ErrInvalid, "400 No."},
		{404, `{}`, pms.ErrNotFound, "404 Not Found"},
		{410, `{"message":"The inquiry became a reservation."}`, pms.ErrNotFound, "410 The inquiry became a reservation."},
		{429, `{"status_code":429,"reason_phrase":"Too Many Attempts."}`, pms.ErrRateLimited, "429 Too Many Attempts."},
		{500, `oops`, pms.ErrUnavailable, "500 Internal Server Error"},
		{200, `{"meta":{"total":0}}`, pms.ErrDecode, "200 no data in the answer"},
		{200, `{"data":null,"meta":null}`, pms.ErrDecode, "200 no data in the answer"},
		{200, `{"data":{}}`, pms.ErrDecode, "200 unreadable answer"},
		{200, `[]`, pms.ErrDecode, "200 unreadable answer"},
	} {
		t.Run(strconv.Itoa(tt.status)+tt.body, func(t *testing.T) {
			t.Parallel()
			c, err := hospitable.New(hospitable.Config{
				Token: "token", MaxRetries: -1, Blocks: true,
				HTTPClient: &http.Client{Transport: &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(tt.status, http.Header{"X-Hospitable-Trace": {"t-1"}}, tt.body)}}}},
			})
			require.NoError(t, err)
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
			require.ErrorIs(t, err, tt.want)
			require.Contains(t, err.Error(), "hospitable: ListBookings: "+tt.message)
			require.Contains(t, err.Error(), "(request t-1)")
			require.Empty(t, page)
			require.Error(t, c.CheckCredentials(t.Context()))
			_, err = c.GetReservation(t.Context(), "1")
			require.Error(t, err)
			_, err = c.ListCalendar(t.Context(), "1", pms.Date{}, pms.Date{})
			require.Error(t, err)
		})
	}
}

// A 429 states its wait, or means a minute.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(sandbox.HospitableOptions{})
			defer s.Close()
			s.seen.Add(sandbox.Rule{Times: 1, Do: sandbox.TooManyRequests(header)})
			began := time.Now()
			require.NoError(t, s.client(t, hospitable.Config{}).CheckCredentials(t.Context()))
			require.Equal(t, want, time.Since(began))
		})
	}
}

// The end of a list is told by its length, or by the number of its last page.
func TestEndOfTheList(t *testing.T) {
	t.Parallel()
	row := func(n int) string {
		return fmt.Sprintf(`{"id":"r-%d","arrival_date":"2026-06-01T00:00:00Z","departure_date":"2026-06-02T00:00:00Z","properties":[{"id":"p-1"}]}`, n)
	}
	for name, tt := range map[string]struct {
		metas []string
		want  int
	}{
		"total":               {[]string{`{"total":2,"per_page":1}`, `{"total":2,"per_page":1}`}, 2},
		"last page":           {[]string{`{"current_page":1,"last_page":3}`, `{"current_page":2,"last_page":3}`, `{"current_page":"3","last_page":"3"}`}, 3},
		"links as an object":  {[]string{`{"current_page":1,"last_page":1,"total":1,"links":{"next":"http://thief.example/"}}`}, 1},
		"not told, last page": {[]string{`null`}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &sandbox.Faults{Rules: []sandbox.Rule{{
				Match: sandbox.Path("/v2/properties"), Do: sandbox.Status(http.StatusOK, nil, `{"data":[{"id":"p-1"}],"meta":{"total":1,"current_page":1,"last_page":1}}`),
			}}}
			for i, meta := range tt.metas {
				seen.Add(sandbox.Rule{Times: 1, Do: sandbox.Status(http.StatusOK, nil,
					fmt.Sprintf(`{"data":[%s],"meta":%s,"links":[{"url":"http://public.api.hospitable.com/v2/reservations?page=2"}]}`, row(i), meta))})
			}
			c, err := hospitable.New(hospitable.Config{Token: "token", HTTPClient: &http.Client{Transport: seen}})
			require.NoError(t, err)
			limit := 0
			if tt.want > 1 {
				limit = 1
			}
			require.Len(t, all(t, c, pms.BookingQuery{Limit: limit}), tt.want)
			require.Len(t, seen.Seen(), 1+tt.want)
			for _, r := range seen.Seen() {
				require.True(t, strings.HasPrefix(r.URL, "https://public.api.hospitable.com/v2/"), "no link is followed: %s", r.URL)
			}
		})
	}
}

// An empty page in front of the last one is no end.
func TestEmptyPage(t *testing.T) {
	t.Parallel()
	const unit = `{"data":[{"id":"p-1"}],"meta":%s}`
	for name, tt := range map[string]struct{ first, second string }{
		"total":     {`{"total":3,"per_page":1,"last_page":3}`, `{"total":3,"per_page":1,"current_page":2,"last_page":3}`},
		"last page": {`{"current_page":1,"last_page":3}`, `{"current_page":2,"last_page":3}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &sandbox.Faults{Rules: []sandbox.Rule{
				{Times: 1, Do: sandbox.Status(http.StatusOK, nil, fmt.Sprintf(unit, tt.first))},
				{Times: 1, Do: sandbox.Status(http.StatusOK, nil, `{"data":[],"meta":`+tt.second+`}`)},
			}}
			c, err := hospitable.New(hospitable.Config{Token: "token", HTTPClient: &http.Client{Transport: seen}})
			require.NoError(t, err)
			items, _, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{Limit: 1}))
			require.ErrorIs(t, err, pms.ErrDecode)
			require.Len(t, items, 1)
		})
	}
}

// A pass over the account finds what changed, though the vendor cannot say it.
func TestSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.HospitableOptions{})
		defer s.Close()
		c := s.client(t, hospitable.Config{})
		var got []string
		emit := func(_ context.Context, change pms.SyncChange) error {
			got = append(got, string(change.Kind)+" "+change.Booking.ID)
			return nil
		}
		checkpoint, err := pms.Sync(t.Context(), c, nil, emit)
		require.NoError(t, err)
		require.Len(t, got, 20)
		got = nil
		changed := s.world.Stays()[12]
		require.NoError(t, s.world.Extend(changed.ID, changed.Departure.AddDays(1)))
		_, err = pms.Sync(t.Context(), c, checkpoint, emit)
		require.NoError(t, err)
		require.Equal(t, []string{"upsert " + changed.ID}, got)
	})
}

// The requests of the client are those of the vendor's OpenAPI file, which is not
// part of the repository.
func TestRequestsFollowTheSpec(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../shared/specs/hospitable/public-api-v2.openapi.json")
	if err != nil {
		t.Skip("no OpenAPI file of Hospitable beside the repository")
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	s := serve(sandbox.HospitableOptions{Documented: true})
	defer s.Close()
	ctx, stay := t.Context(), s.world.Stays()[0]
	c := s.client(t, hospitable.Config{Blocks: true, Financials: true})
	require.NotEmpty(t, all(t, c, pms.BookingQuery{}))
	require.NotEmpty(t, all(t, c, pms.BookingQuery{To: s.world.Today(), Limit: 5}))
	_, _, err = pms.Collect(pms.Properties(ctx, c, pms.PropertyQuery{Limit: 2}))
	require.NoError(t, err)
	_, err = c.GetBooking(ctx, stay.ID)
	require.NoError(t, err)
	_, err = c.GetProperty(ctx, stay.UnitID)
	require.NoError(t, err)
	_, err = c.SendMessage(ctx, stay.ID, "Hello")
	require.NoError(t, err)
	require.NoError(t, c.CheckCredentials(ctx))
	app := s.app(t, s.connected())
	require.NoError(t, app.SetEnrichment(ctx, stay.ID, "smartlock_code", "4711"))
	_, err = app.GetEnrichment(ctx, stay.ID, "smartlock_code")
	require.NoError(t, err)

	operations := map[*openapi3.Operation]bool{}
	for _, sent := range s.seen.Seen() {
		if strings.HasSuffix(sent.URL, "/oauth/token") {
			continue
		}
		req, err := http.NewRequestWithContext(ctx, sent.Method, sent.URL, bytes.NewReader(sent.Body))
		require.NoError(t, err)
		req.Header = sent.Header
		parts, params := strings.Split(strings.TrimPrefix(req.URL.Path, "/v2"), "/"), map[string]string{}
		for i, name := range map[int]string{2: "uuid", 4: "key"} {
			if i < len(parts) {
				params[name], parts[i] = parts[i], "{"+name+"}"
			}
		}
		path := strings.Join(parts, "/")
		item := doc.Paths.Value(path)
		require.NotNil(t, item, "the file has no path %s", path)
		operation := item.GetOperation(sent.Method)
		require.NotNil(t, operation, "the file has no %s %s", sent.Method, path)
		for name := range req.URL.Query() {
			require.NotNil(t, operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name), "the file has no parameter %s of %s", name, path)
		}
		require.NoError(t, openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
			Request: req, PathParams: params,
			Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: sent.Method, Operation: operation},
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		}), "%s %s", sent.Method, sent.URL)
		operations[operation] = true
	}
	require.Len(t, operations, 9)
}

// BenchmarkPage lists 100 reservations of 2 KB each.
func BenchmarkPage(b *testing.B) {
	body := benchPage(b, 100)
	b.Run("connector", func(b *testing.B) {
		c, err := hospitable.New(hospitable.Config{Token: "token", TimeZone: "Europe/Helsinki", Financials: true, HTTPClient: &http.Client{Transport: canned(body)}})
		require.NoError(b, err)
		// Behind the page of properties.
		q := pms.BookingQuery{Cursor: "stays|p-1|stays:1:100:0:|end"}
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			page, err := c.ListBookings(b.Context(), q)
			if err != nil || len(page.Items) != 100 {
				b.Fatal(len(page.Items), err)
			}
		}
	})
	b.Run("net/http and encoding/json", func(b *testing.B) {
		client := &http.Client{Transport: canned(body)}
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://public.api.hospitable.com/v2/reservations", nil)
			require.NoError(b, err)
			resp, err := client.Do(req)
			require.NoError(b, err)
			data, err := io.ReadAll(resp.Body)
			require.NoError(b, err)
			_ = resp.Body.Close()
			var list struct {
				Data []hospitable.Reservation `json:"data"`
			}
			if err := json.Unmarshal(data, &list); err != nil || len(list.Data) != 100 {
				b.Fatal(err)
			}
		}
	})
}

// benchPage is a page of n reservations.
func benchPage(b *testing.B, n int) []byte {
	b.Helper()
	data, err := os.ReadFile("testdata/reservations.json")
	require.NoError(b, err)
	var records []json.RawMessage
	require.NoError(b, json.Unmarshal(data, &records))
	var record map[string]any
	require.NoError(b, json.Unmarshal(records[0], &record))
	record["properties"].([]any)[0].(map[string]any)["description"] = strings.Repeat("x", 250)
	rows := make([]any, n)
	for i := range rows {
		rows[i] = record
	}
	list, err := json.Marshal(rows)
	require.NoError(b, err)
	return fmt.Appendf(nil, `{"data":%s,"links":[],"meta":{"current_page":1,"last_page":1,"per_page":%d,"total":%d}}`, list, n, n)
}

// canned answers everything with one body.
type canned []byte

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c)), ContentLength: int64(len(c)), Request: req,
	}, nil
}
