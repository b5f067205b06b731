package bnovo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// server is a sandbox account of Bnovo and the requests that it saw.
type server struct {
	*sandbox.Bnovo
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.BnovoOptions) server {
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2})
	stand := sandbox.NewBnovo(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) open(t *testing.T, cfg bnovo.Config) *bnovo.Client {
	t.Helper()
	cfg.ID, cfg.Password = "9001", s.Options().Password
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := bnovo.New(cfg)
	require.NoError(t, err)
	return c
}

func (s server) session(t *testing.T, cfg bnovo.Config) *bnovo.Client {
	t.Helper()
	cfg.Username, cfg.Password = s.Options().Username, s.Options().UserPassword
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := bnovo.New(cfg)
	require.NoError(t, err)
	return c
}

// calls returns method, path and query of what was sent, logins left out.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		if call := r.Method + " " + r.URL; !strings.Contains(call, "/auth") && !strings.HasSuffix(call, ".ru/") {
			all = append(all, strings.Replace(strings.Replace(call, "https://api.pms.bnovo.ru", "", 1), "https://online.bnovo.ru", "", 1))
		}
	}
	return all
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	call := bnovo.CleanlinessCall{Path: "/room/{room}/clean/{status}", Words: map[pms.Cleanliness]string{pms.Clean: "1", pms.Dirty: "0"}}
	for want, cfg := range map[string]bnovo.Config{
		"bnovo: ID or Username is required":                                        {Password: "x"},
		"bnovo: give ID (open API) or Username (session API), not both":            {ID: "1", Username: "u", Password: "x"},
		"bnovo: Password is required":                                              {ID: "1", Password: " \n"},
		"bnovo: Password holds a line break":                                       {ID: "1", Password: "a\nb"},
		"bnovo: ID must be a number":                                               {ID: "nine", Password: "x"},
		`bnovo: TimeZone "Moscow" is not an IANA zone known here`:                  {ID: "1", Password: "x", TimeZone: "Moscow"},
		"bnovo: BaseURL must begin with https:// or http://":                       {ID: "1", Password: "x", BaseURL: "ftp://x"},
		"bnovo: Cleanliness.Path must begin with /":                                {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: "room"}},
		"bnovo: Cleanliness.Path must have no query: put values into Path or Body": {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: "/room?id={room}"}},
		"bnovo: Cleanliness must name {room} in Path or Body":                      {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: "/room"}},
		"bnovo: Cleanliness must name {status} in Path or Body":                    {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: "/room/{room}"}},
		"bnovo: Cleanliness.Words must have clean and dirty":                       {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: call.Path}},
		"bnovo: Cleanliness.Body is not JSON":                                      {ID: "1", Password: "x", Cleanliness: &bnovo.CleanlinessCall{Path: call.Path, Words: call.Words, Body: []byte("{")}},
	} {
		_, err := bnovo.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := bnovo.New(bnovo.Config{ID: " 9001 ", Password: " key\n", Cleanliness: &call})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`9001`, `"9001"`} {
		var cfg bnovo.Config
		require.NoError(t, settings.Decode("bnovo", []byte(`{"id":`+id+`,"password":"k","timeZone":"Europe/Moscow","checkIn":"14:00","checkOut":"12:00"}`), &cfg))
		require.Equal(t, pms.Text("9001"), cfg.ID)
		require.Equal(t, "14:00", cfg.CheckIn.String())
	}
	var cfg bnovo.Config
	require.EqualError(t, settings.Decode("bnovo", []byte(`{"id":1,"passwort":"k"}`), &cfg), `bnovo: settings: unknown key "passwort"`)
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := bnovo.Config{ID: "918273645", Password: "canary-password", WebhookSecret: "canary-webhook-secret"}
	c, err := bnovo.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		require.NotContains(t, text, "canary")
		require.NotContains(t, text, "918273645")
	}
}

// Every request is checked against the vendor's own specification; the sandbox's
// answers are checked against it where the sandbox is tested.
func TestNativeCallsKeepToTheSpecification(t *testing.T) {
	t.Parallel()
	router := specification(t)
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{Webhooks: []sandbox.BnovoWebhook{{Type: "booking", URL: "https://host.example/hook"}}, HTTPClient: &http.Client{Transport: accept{}}})
		defer s.Close()
		s.seen.Next = specified{t, router, s.seen.Next}
		c := s.open(t, bnovo.Config{})
		ctx := t.Context()

		require.NoError(t, c.CheckCredentials(ctx))
		list, err := c.ListReservations(ctx, bnovo.ReservationQuery{
			From: civil.DateTime{Date: s.world.Today().AddDays(-40)}, To: civil.DateTime{Date: s.world.Today().AddDays(40)},
			DataType: bnovo.DataCheckmate, Limit: 5, Offset: 3,
		})
		require.NoError(t, err)
		require.Len(t, list.Items, 5)
		require.Equal(t, len(s.world.Stays())-2, list.Total)
		id := string(list.Items[0].ID)
		one, err := c.GetReservation(ctx, id, true)
		require.NoError(t, err)
		require.Equal(t, id, string(one.ID))
		rooms, err := c.ListRooms(ctx, 0, 0)
		require.NoError(t, err)
		require.Len(t, rooms.Items, 4)
		_, err = c.ListRoomTypes(ctx, 0, 0)
		require.NoError(t, err)
		closures, err := c.ListClosures(ctx, s.world.Today().AddDays(-100), s.world.Today().AddDays(100))
		require.NoError(t, err)
		require.Len(t, closures.Items, 2)
		require.NoError(t, c.SetReservationStatus(ctx, id, 4))
		stay, _ := s.world.Stay(id)
		require.Equal(t, pms.StatusCheckedOut, stay.Status)
		subscribers, err := c.ListSubscribers(ctx)
		require.NoError(t, err)
		require.Equal(t, []bnovo.Subscriber{{ExternalHotelID: "24", URL: "https://host.example/hook", Type: "booking"}}, subscribers)
		require.NoError(t, c.SendTestWebhook(ctx))
		require.NoError(t, c.DeleteSubscriber(ctx, "booking"))
		subscribers, err = c.ListSubscribers(ctx)
		require.NoError(t, err)
		require.Empty(t, subscribers)
	})
}

func TestVendorErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{Free: true})
		defer s.Close()
		c := s.open(t, bnovo.Config{})
		_, err := c.ListRooms(t.Context(), 0, 0)
		require.ErrorIs(t, err, pms.ErrForbidden)
		require.EqualError(t, err, "bnovo: ListRooms: 403 Access denied")
		_, err = c.GetReservation(t.Context(), "1", false)
		require.ErrorIs(t, err, pms.ErrNotFound)
		_, err = c.ListReservations(t.Context(), bnovo.ReservationQuery{})
		require.EqualError(t, err, "bnovo: ListReservations: From must be before To, and both are required")
		require.ErrorIs(t, err, pms.ErrInvalid)
		_, err = c.ListReservations(t.Context(), bnovo.ReservationQuery{
			From: civil.DateTime{Date: s.world.Today()}, To: civil.DateTime{Date: s.world.Today().AddDays(1)}, DataType: "guessed",
		})
		require.ErrorIs(t, err, pms.ErrInvalid)
		var api *pms.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, http.StatusNotAcceptable, api.StatusCode)
		require.Contains(t, api.Message, "Validation error; ")

		stranger, err := bnovo.New(bnovo.Config{ID: "9999", Password: "canary-password", HTTPClient: &http.Client{Transport: s.seen}})
		require.NoError(t, err)
		err = stranger.CheckCredentials(t.Context())
		require.ErrorIs(t, err, pms.ErrUnauthorized)
		require.NotErrorIs(t, err, pms.ErrNotFound)
	})
}

func TestFreeTariffLearnsRoomsFromBookings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{Free: true})
		defer s.Close()
		c := s.open(t, bnovo.Config{CheckIn: clockOf(t, "14:00")})
		page, err := c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Next)
		want := map[string]string{}
		for _, b := range s.world.Bookings() {
			if p, ok := s.world.Property(b.PropertyID); ok && b.Kind != pms.KindBlock {
				want[p.ID] = p.Name
			}
		}
		got := map[string]string{}
		for _, p := range page.Items {
			got[p.ID] = p.Name
			require.Equal(t, "14:00", p.CheckIn.String())
		}
		require.Equal(t, want, got)
		// Closures are not in the tariff; the reservations all come.
		bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
		require.NoError(t, err)
		require.Empty(t, failed)
		require.NotEmpty(t, bookings)
	})
}

func TestBookingWindowsAndPhases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{})
		defer s.Close()
		c := s.open(t, bnovo.Config{TimeZone: "Europe/Moscow"})
		from := pms.Date{Year: 2000, Month: time.January, Day: 10}
		_, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{From: from, To: from}))
		require.NoError(t, err)
		since := time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC)
		_, _, err = pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{UpdatedSince: since, ExcludeBlocks: true}))
		require.NoError(t, err)
		require.Equal(t, []string{
			"GET /api/v1/bookings?data_type=checkmate&date_from=2000-01-09+00%3A00%3A00&date_to=2000-01-11+23%3A59%3A59&limit=50&offset=0",
			"GET /api/v1/rooms/closed?date_from=2000-01-09&date_to=2000-01-11",
			// Early enough for a hotel in any zone.
			"GET /api/v1/bookings?data_type=changed&date_from=2000-01-01+14%3A59%3A05&date_to=2100-01-01+23%3A59%3A59&limit=50&offset=0",
			"GET /api/v1/bookings?data_type=cancelled&date_from=2000-01-01+14%3A59%3A05&date_to=2100-01-01+23%3A59%3A59&limit=50&offset=0",
		}, s.calls())
	})
}

func TestSetCleanliness(t *testing.T) {
	t.Parallel()
	words := map[pms.Cleanliness]string{pms.Clean: "чисто", pms.Dirty: "грязно"}
	for name, tt := range map[string]struct {
		call *bnovo.CleanlinessCall
		want string
		body string
	}{
		"word in the path": {&bnovo.CleanlinessCall{Method: "PUT", Path: "/rooms/{room}/status/{status}", Words: words}, "PUT /rooms/30511/status/%D1%87%D0%B8%D1%81%D1%82%D0%BE", ""},
		"word in the body": {
			&bnovo.CleanlinessCall{Path: "/rooms/clean", Body: []byte(`{"rooms":[{"id":"{room}","to":"{status}"}],"n":1}`), Words: words},
			"POST /rooms/clean", `{"n":1,"rooms":[{"id":"30511","to":"чисто"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := serve(sandbox.BnovoOptions{Extra: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
				defer s.Close()
				for _, c := range []*bnovo.Client{s.open(t, bnovo.Config{Cleanliness: tt.call}), s.session(t, bnovo.Config{Cleanliness: tt.call})} {
					s.seen.Reset()
					require.NoError(t, c.SetCleanliness(t.Context(), "30511", pms.Clean))
					require.Equal(t, []string{tt.want}, s.calls())
					last := s.seen.Seen()[len(s.seen.Seen())-1]
					require.Equal(t, tt.body, string(last.Body))
					err := c.SetCleanliness(t.Context(), "30511", pms.Inspected)
					require.ErrorIs(t, err, pms.ErrNotSupported)
					require.ErrorContains(t, err, "no word for inspected")
				}
			})
		})
	}
}

func TestSetCleanlinessSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	c, err := bnovo.New(bnovo.Config{ID: "9001", Password: "test-key"})
	require.NoError(t, err)
	err = pms.SetCleanliness(t.Context(), c, "30511", pms.Clean)
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorContains(t, err, "describe it in Config.Cleanliness")
}

func TestEachInterfaceRefusesTheOthersCalls(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.BnovoOptions{})
	defer s.Close()
	_, err := s.session(t, bnovo.Config{}).ListRooms(t.Context(), 0, 0)
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorContains(t, err, "needs ID and Password")
	_, err = s.open(t, bnovo.Config{}).GetPlanning(t.Context(), s.world.Today(), s.world.Today())
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorContains(t, err, "needs Username and Password")
	require.Empty(t, s.seen.Seen())
}

// Three unreadable bookings must not look like an account without rooms.
func TestFreeTariffReportsBookingsItCannotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{Free: true})
		defer s.Close()
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/api/v1/bookings"), Do: sandbox.Status(http.StatusOK, nil, `{"data":{"bookings":[1,[],{}],"meta":{"total":3}}}`)})
		page, err := s.open(t, bnovo.Config{}).ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
		require.Len(t, page.Failed, 3)
	})
}

// The vendor does not say on which clock its stamps of change are. A hotel in
// Vladivostok whose stamps are Moscow's loses no change.
func TestChangesAreFoundInAnyZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{})
		defer s.Close()
		time.Sleep(100 * 24 * time.Hour) //nolint:forbidigo // the bubble's clock
		since := time.Now()
		id := s.world.Stays()[0].ID
		require.NoError(t, s.world.Cancel(id))
		for _, zone := range []string{"", "Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka", "Europe/Kaliningrad"} {
			c := s.open(t, bnovo.Config{TimeZone: zone})
			bookings, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{UpdatedSince: since, ExcludeBlocks: true}))
			require.NoError(t, err)
			ids := map[string]bool{}
			for _, b := range bookings {
				ids[b.ID] = true
			}
			require.Equal(t, map[string]bool{id: true}, ids, "zone %q", zone)
		}
	})
}

func TestSessionChessboardThatFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want error
	}{
		"errors":      {`{"result":[],"closures":[],"errors":["access denied"]}`, pms.ErrInvalid},
		"no closures": {`{"result":[],"errors":[]}`, pms.ErrDecode},
		"no result":   {`{"closures":[]}`, pms.ErrDecode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := serve(sandbox.BnovoOptions{})
				defer s.Close()
				s.seen.Add(sandbox.Rule{Match: sandbox.Path("/planning/bookings"), Do: sandbox.Status(http.StatusOK, nil, tt.body)})
				_, err := s.session(t, bnovo.Config{}).ListBookings(t.Context(), pms.BookingQuery{})
				require.ErrorIs(t, err, tt.want)
			})
		})
	}
}

func TestSessionSaysWhatItRestsOn(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.BnovoOptions{})
	defer s.Close()
	info := s.session(t, bnovo.Config{}).Info()
	require.Equal(t, "B", info.Evidence)
	require.Equal(t, pms.No, info.Supports(pms.CanUpdatedSince))
	require.Equal(t, pms.Unverified, info.Supports(pms.CanListBookings))
	require.Equal(t, pms.Yes, s.open(t, bnovo.Config{}).Info().Supports(pms.CanUpdatedSince))
}

func TestGetBookingRefusesWhatIsNoReservation(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.BnovoOptions{})
	defer s.Close()
	c := s.open(t, bnovo.Config{Cleanliness: &bnovo.CleanlinessCall{
		Path: "/{room}/{status}", Words: map[pms.Cleanliness]string{pms.Clean: "c", pms.Dirty: "d"},
	}})
	_, err := c.GetBooking(t.Context(), "")
	require.ErrorIs(t, err, pms.ErrInvalid)
	_, err = c.GetBooking(t.Context(), "closure-71")
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorIs(t, c.SetCleanliness(t.Context(), "", pms.Clean), pms.ErrInvalid)
	require.Empty(t, s.seen.Seen())
}

func TestSessionEndsAndBeginsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.BnovoOptions{})
		defer s.Close()
		c := s.session(t, bnovo.Config{})
		require.NoError(t, c.CheckCredentials(t.Context()))
		s.ExpireTokens() // the next answer is the text session_expired under 200
		rooms, err := c.ListSessionRooms(t.Context())
		require.NoError(t, err)
		require.Len(t, rooms.Items, 4)
		require.Equal(t, []string{"POST /room", "POST /room", "POST /room"}, s.calls())
	})
}

func clockOf(t *testing.T, text string) pms.Clock {
	t.Helper()
	c, err := pms.ParseClock(text)
	require.NoError(t, err)
	return c
}

// specification loads the vendor's OpenAPI file or skips the test.
func specification(t *testing.T) routers.Router {
	t.Helper()
	data, err := os.ReadFile("../../shared/specs/bnovo/openapi.yaml")
	if err != nil {
		t.Skip("the vendor's OpenAPI file is not here: it is not part of this repository")
	}
	spec, err := openapi3.NewLoader().LoadFromData(data)
	require.NoError(t, err)
	spec.Servers = openapi3.Servers{{URL: "https://api.pms.bnovo.ru"}}
	router, err := gorillamux.NewRouter(spec)
	require.NoError(t, err)
	return router
}

// specified checks each request against the specification.
type specified struct {
	t      *testing.T
	router routers.Router
	next   http.RoundTripper
}

func (s specified) RoundTrip(req *http.Request) (*http.Response, error) {
	route, params, err := s.router.FindRoute(req)
	if !assert.NoError(s.t, err, "%s %s", req.Method, req.URL.Path) {
		return s.next.RoundTrip(req)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error { return nil },
		},
	}
	assert.NoError(s.t, openapi3filter.ValidateRequest(req.Context(), input))
	return s.next.RoundTrip(req)
}

// accept answers every webhook with 200.
type accept struct{}

func (accept) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{}, Request: req}, nil
}

func BenchmarkListBookings100Rows(b *testing.B) {
	body := page(b, 100)
	b.Run("connector", func(b *testing.B) {
		c, err := bnovo.New(bnovo.Config{ID: "9001", Password: "test-key", Limiter: unlimited{}, HTTPClient: &http.Client{Transport: canned(body)}})
		require.NoError(b, err)
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			page, err := c.ListBookings(b.Context(), pms.BookingQuery{})
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
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://api.pms.bnovo.ru/api/v1/bookings", nil)
			require.NoError(b, err)
			resp, err := client.Do(req)
			require.NoError(b, err)
			data, err := io.ReadAll(resp.Body)
			require.NoError(b, err)
			_ = resp.Body.Close()
			var list struct {
				Data struct {
					Bookings []bnovo.Reservation `json:"bookings"`
				} `json:"data"`
			}
			if err := json.Unmarshal(data, &list); err != nil || len(list.Data.Bookings) != 100 {
				b.Fatal(err)
			}
		}
	})
}

// page is a list of n reservations of about 2 KB each.
func page(b *testing.B, n int) []byte {
	b.Helper()
	data, err := os.ReadFile("testdata/reservations.json")
	require.NoError(b, err)
	var records []map[string]any
	require.NoError(b, json.Unmarshal(data, &records))
	record := records[0]
	record["filler"] = strings.Repeat("x", 500)
	nights := record["prices"].([]any)
	record["prices"] = append(append(nights, nights...), nights...)
	rows := make([]any, n)
	for i := range rows {
		rows[i] = record
	}
	body, err := json.Marshal(map[string]any{"data": map[string]any{"bookings": rows, "meta": map[string]any{"total": n, "limit": n, "offset": 0}}})
	require.NoError(b, err)
	return body
}

// canned answers logins with a token and everything else with one body.
type canned []byte

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte(c)
	if req.Method == http.MethodPost {
		body = []byte(`{"data":{"access_token":"t","expires_in":86400}}`)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: req,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }
