package smoobu_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/pms/smoobu"
)

// server is a sandbox account of Smoobu and the requests that it saw.
type server struct {
	*sandbox.Smoobu
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.SmoobuOptions) server {
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2})
	stand := sandbox.NewSmoobu(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) client(t *testing.T, cfg smoobu.Config) *smoobu.Client {
	t.Helper()
	if cfg.APIKey == "" {
		cfg.APIKey, cfg.APISecret = s.Options().APIKey, s.Options().APISecret
	}
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := smoobu.New(cfg)
	require.NoError(t, err)
	return c
}

// calls returns method, path and query of what was sent.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		all = append(all, r.Method+" "+strings.TrimPrefix(r.URL, "https://login.smoobu.com"))
	}
	return all
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]smoobu.Config{
		"smoobu: APIKey is required":                                      {APISecret: "x"},
		"smoobu: APIKey holds a line break":                               {APIKey: "a\nb"},
		"smoobu: APISecret holds a line break":                            {APIKey: "a", APISecret: "a\nb"},
		"smoobu: UserID is required with WebhookSecret: GetUser tells it": {APIKey: "a", PreviousWebhookSecret: "x"},
		`smoobu: TimeZone "Berlin" is not an IANA zone known here`:        {APIKey: "a", TimeZone: "Berlin"},
		"smoobu: BaseURL must begin with https:// or http://":             {APIKey: "a", BaseURL: "ftp://x"},
		"smoobu: BaseURL is not a URL":                                    {APIKey: "a", BaseURL: "https://%zz"},
	} {
		_, err := smoobu.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := smoobu.New(smoobu.Config{APIKey: " key ", APISecret: " secret\n", UserID: " 7", WebhookSecret: "0123456789abcdef"})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`7`, `"7"`} {
		var cfg smoobu.Config
		require.NoError(t, settings.Decode("smoobu", []byte(`{"apiKey":"k","apiSecret":"s","userId":`+id+`,"webhookSecret":"w","timeZone":"Europe/Berlin","checkIn":"15:00","checkOut":"10:00"}`), &cfg))
		require.Equal(t, pms.Text("7"), cfg.UserID)
		require.Equal(t, "15:00", cfg.CheckIn.String())
		require.Equal(t, "s", cfg.APISecret)
	}
	var cfg smoobu.Config
	require.EqualError(t, settings.Decode("smoobu", []byte(`{"apikey2":"k"}`), &cfg), `smoobu: settings: unknown key "apikey2"`)
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := smoobu.Config{APIKey: "canary-key", APISecret: "canary-secret", UserID: "7", WebhookSecret: "canary-webhook", PreviousWebhookSecret: "canary-previous"}
	c, err := smoobu.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		require.NotContains(t, text, "canary")
	}
}

func TestNativeCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{})
		defer s.Close()
		c := s.client(t, smoobu.Config{})
		ctx := t.Context()

		require.NoError(t, c.CheckCredentials(ctx))
		user, err := c.GetUser(ctx)
		require.NoError(t, err)
		require.Equal(t, smoobu.User{ID: "7", FirstName: "Olga", LastName: "Owner", Email: "olga@example.com"}, user)

		apartments, err := c.ListApartments(ctx)
		require.NoError(t, err)
		require.Len(t, apartments.Items, 4)
		unit := s.world.Units()[0]
		require.Equal(t, pms.Text(unit.ID), apartments.Items[0].ID)
		details, err := c.GetApartment(ctx, unit.ID)
		require.NoError(t, err)
		require.Equal(t, pms.Text("Europe/Moscow"), details.TimeZone)
		require.Equal(t, pms.Text("EUR"), details.Currency)

		list, err := c.ListReservations(ctx, smoobu.ReservationQuery{ShowCancellation: true, Page: 2, PageSize: 5})
		require.NoError(t, err)
		require.Len(t, list.Items, 5)
		require.Equal(t, len(s.world.Stays()), list.Total)
		require.Equal(t, pms.Text(s.world.Stays()[5].ID), list.Items[0].ID)
		one, err := c.GetReservation(ctx, string(list.Items[0].ID))
		require.NoError(t, err)
		require.Equal(t, list.Items[0], one)
	})
}

func TestWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{})
		defer s.Close()
		c := s.client(t, smoobu.Config{})
		ctx := t.Context()
		id := s.world.Stays()[3].ID
		before, err := c.GetBooking(ctx, id)
		require.NoError(t, err)

		time11, err := pms.NewClock(11, 5)
		require.NoError(t, err)
		s.seen.Reset()
		require.NoError(t, c.UpdateReservation(ctx, id, smoobu.ReservationUpdate{
			AssistantNotice: new("cleaned 11:20"), Notice: new(""), DepartureTime: new(time11), Adults: new(3), Price: new(json.Number("99.50")),
		}))
		require.Equal(t, []string{"PUT /api/reservations/" + id}, s.calls())
		require.JSONEq(t, `{"assistantNotice":"cleaned 11:20","notice":"","departureTime":"11:05","adults":3,"price":99.50}`, string(s.seen.Seen()[0].Body))
		after, err := c.GetBooking(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "cleaned 11:20", after[0].Notes)
		require.Equal(t, time11, after[0].DepartureTime)
		require.Equal(t, "99.50", after[0].Total.Amount)
		require.Equal(t, before[0].Departure, after[0].Departure)

		// A week in which nobody stays, closed for repair.
		from := s.world.Today().AddDays(300)
		request := smoobu.ReservationRequest{
			ArrivalDate: from, DepartureDate: from.AddDays(7), ApartmentID: 300101, ChannelID: smoobu.ChannelBlocked, Notice: "repair",
		}
		s.seen.Reset()
		block, err := c.CreateReservation(ctx, request)
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(`{"arrivalDate":%q,"departureDate":%q,"apartmentId":300101,"channelId":11,"notice":"repair"}`, from, from.AddDays(7)), string(s.seen.Seen()[0].Body))
		made, err := c.GetBooking(ctx, block)
		require.NoError(t, err)
		require.Equal(t, pms.KindBlock, made[0].Kind)
		require.Equal(t, "repair", made[0].Notes)
		_, err = c.CreateReservation(ctx, request)
		require.EqualError(t, err, "smoobu: CreateReservation: 400 The chosen dates are not available")

		require.NoError(t, c.CancelReservation(ctx, block))
		gone, err := c.GetBooking(ctx, block)
		require.NoError(t, err)
		require.Equal(t, pms.StatusCancelled, gone[0].Status)
	})
}

func TestWritesAreCheckedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.SmoobuOptions{})
	defer s.Close()
	c := s.client(t, smoobu.Config{})
	ctx := t.Context()
	for _, id := range []string{"", "-1", "..", "7/price-elements", "7?x=1", "7 ", "%37"} {
		_, err := c.GetReservation(ctx, id)
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.EqualError(t, err, "smoobu: GetReservation: the id must be a number")
		_, err = c.GetApartment(ctx, id)
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.ErrorIs(t, c.UpdateReservation(ctx, id, smoobu.ReservationUpdate{}), pms.ErrInvalid)
		require.ErrorIs(t, c.CancelReservation(ctx, id), pms.ErrInvalid)
	}
	_, err := c.CreateReservation(ctx, smoobu.ReservationRequest{ApartmentID: 1})
	require.EqualError(t, err, "smoobu: CreateReservation: ArrivalDate, DepartureDate and ApartmentID are required")
	require.Empty(t, s.seen.Seen())
}

// A write whose answer is lost may have happened; one that was refused with 429
// did not, and is sent again under a new signature.
func TestWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{})
		defer s.Close()
		c := s.client(t, smoobu.Config{})
		id := s.world.Stays()[3].ID
		s.seen.Add(sandbox.Rule{Do: sandbox.ResetBefore()})
		require.ErrorIs(t, c.CancelReservation(t.Context(), id), pms.ErrUnavailable)
		require.Len(t, s.seen.Seen(), 1)

		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Times: 1, Do: sandbox.TooManyRequests("2")})
		require.NoError(t, c.UpdateReservation(t.Context(), id, smoobu.ReservationUpdate{Notice: new("x")}))
		require.Len(t, s.seen.Seen(), 2)
		require.Equal(t, s.seen.Seen()[0].Body, s.seen.Seen()[1].Body)
	})
}

// The sandbox takes no nonce twice, so that a repeat must be signed anew.
func TestEveryAttemptIsSignedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{MaxSkew: time.Second})
		defer s.Close()
		// The answers are lost after the vendor has seen the requests.
		s.seen.Add(sandbox.Rule{Times: 2, Do: sandbox.ResetBefore()})
		page, err := s.client(t, smoobu.Config{}).ListBookings(t.Context(), pms.BookingQuery{})
		require.NoError(t, err)
		require.NotEmpty(t, page.Items)
		seen := s.seen.Seen()
		require.Len(t, seen, 3)
		for _, header := range []string{"X-Nonce", "X-Signature"} {
			values := map[string]bool{}
			for _, r := range seen {
				values[r.Header.Get(header)] = true
			}
			require.Len(t, values, 3, header)
		}
		require.Equal(t, seen[0].URL, seen[2].URL)
		require.Empty(t, seen[0].Header.Get("Api-Key"))
	})
}

// Without a secret the key is sent alone, as old accounts do.
func TestLegacyKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{Legacy: true, APIKey: "canary-legacy"})
		defer s.Close()
		c := s.client(t, smoobu.Config{APIKey: "canary-legacy"})
		require.NoError(t, c.CheckCredentials(t.Context()))
		page, err := c.ListBookings(t.Context(), pms.BookingQuery{PropertyIDs: []string{"300101"}})
		require.NoError(t, err)
		require.NotEmpty(t, page.Items)
		for _, r := range s.seen.Seen() {
			require.Equal(t, "canary-legacy", r.Header.Get("Api-Key"))
			require.Empty(t, r.Header.Get("X-Signature"))
			require.Empty(t, r.Header.Get("X-Api-Key"))
		}
		s.seen.Add(sandbox.Rule{Do: sandbox.Status(http.StatusBadRequest, nil, `{"detail":"canary-legacy is unknown"}`)})
		err = c.CheckCredentials(t.Context())
		require.EqualError(t, err, "smoobu: CheckCredentials: 400 [redacted] is unknown")
	})
}

func TestWrongKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{APIKey: "key", APISecret: "secret", MaxSkew: 5 * time.Minute})
		defer s.Close()
		require.NoError(t, s.client(t, smoobu.Config{}).CheckCredentials(t.Context()))
		for _, cfg := range []smoobu.Config{
			{APIKey: "another", APISecret: "secret"}, {APIKey: "key", APISecret: "another"}, {APIKey: "key"},
		} {
			s.seen.Reset()
			err := s.client(t, cfg).CheckCredentials(t.Context())
			require.ErrorIs(t, err, pms.ErrUnauthorized)
			require.EqualError(t, err, "smoobu: CheckCredentials: 401 verification error")
			require.Len(t, s.seen.Seen(), 1, "a refused key is not tried again")
		}

		// A clock that is wrong is named, if the vendor tells its own.
		s.world.Advance(6 * time.Minute)
		s.seen.Add(sandbox.Rule{Do: func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil {
				resp.Header.Set("Date", s.world.Now().UTC().Format(http.TimeFormat))
			}
			return resp, err
		}})
		err := s.client(t, smoobu.Config{}).CheckCredentials(t.Context())
		require.ErrorIs(t, err, pms.ErrUnauthorized)
		require.EqualError(t, err, "smoobu: CheckCredentials: 401 verification error (the clock of this machine is -6m0s from the vendor's)")
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
		{401, `{"title":"Error occurred","detail":"verification error"}`, pms.ErrUnauthorized, "401 verification error"},
		{200, `{"title":"Error occurred","detail":"verification error"}`, pms.ErrUnauthorized, "200 verification error"},
		{401, ``, pms.ErrUnauthorized, "401 Unauthorized"},
		{403, `{"title":"Error occurred"}`, pms.ErrForbidden, "403 Error occurred"},
		{404, `{"detail":"no such reservation"}`, pms.ErrNotFound, "404 no such reservation"},
		{409, `{}`, pms.ErrConflict, "409 Conflict"},
		{422, `{"guestEmail":["vera@example.com is not valid"],"adults":["x"]}`, pms.ErrInvalid, "422 refused: adults, guestEmail"},
		{422, `["x"]`, pms.ErrInvalid, "422 Unprocessable Entity"},
		{302, `{}`, pms.ErrUnavailable, "302 a redirect, which a signed request does not follow"},
		{500, `oops`, pms.ErrUnavailable, "500 Internal Server Error"},
		{200, `{"page":1}`, pms.ErrDecode, "200 no bookings in the answer"},
		{200, `{"bookings":null}`, pms.ErrDecode, "200 no bookings in the answer"},
		{200, `{"bookings":{}}`, pms.ErrDecode, "200 unreadable answer"},
		{200, `{"apartments":[]}`, pms.ErrDecode, "200 no bookings in the answer"},
		{200, `[]`, pms.ErrDecode, "200 unreadable answer"},
	} {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			c, err := smoobu.New(smoobu.Config{
				APIKey: "key", APISecret: "secret", MaxRetries: -1,
				HTTPClient: &http.Client{Transport: &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(tt.status, nil, tt.body)}}}},
			})
			require.NoError(t, err)
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
			require.ErrorIs(t, err, tt.want)
			require.Contains(t, err.Error(), "smoobu: ListBookings: "+tt.message)
			require.Empty(t, page)
			require.Error(t, c.CheckCredentials(t.Context()))
			_, err = c.GetReservation(t.Context(), "1")
			require.Error(t, err)
			_, err = c.GetApartment(t.Context(), "1")
			require.Error(t, err)
		})
	}
}

// A redirect would carry a signature for another path.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.SmoobuOptions{})
	defer s.Close()
	s.seen.Add(sandbox.Rule{Times: 1, Do: sandbox.Redirect(http.StatusTemporaryRedirect, "/api/me")})
	err := s.client(t, smoobu.Config{MaxRetries: -1}).CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Len(t, s.seen.Seen(), 1)
}

// The header of the wait is a Unix time or a number of seconds; both are waited
// out.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	for _, inSeconds := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			<-time.After(time.Until(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC))) // a bubble begins when Unix times were short
			s := serve(sandbox.SmoobuOptions{RetryInSeconds: inSeconds})
			defer s.Close()
			c := s.client(t, smoobu.Config{Limiter: unlimited{}})
			began := time.Now()
			for range 1000 {
				require.NoError(t, c.CheckCredentials(t.Context()))
			}
			require.Zero(t, time.Since(began))
			require.NoError(t, c.CheckCredentials(t.Context()), "the 1001st waits")
			require.Equal(t, time.Minute, time.Since(began))
			require.Len(t, s.seen.Seen(), 1002)
		})
	}
}

type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

// Changes come by whole days and whatever zone the vendor's stamps are in: none
// is lost, and at most two days are too many.
func TestListSinceAChange(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "UTC"} {
		for _, configured := range []string{"", "Europe/Berlin"} {
			synctest.Test(t, func(t *testing.T) {
				location, err := time.LoadLocation(zone)
				require.NoError(t, err)
				world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Zone: location, Stays: 60})
				stand := sandbox.NewSmoobu(world, sandbox.SmoobuOptions{})
				defer stand.Close()
				s := server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
				c := s.client(t, smoobu.Config{TimeZone: configured})
				for step := range 24 {
					instant := world.Now().Add(-time.Duration(step*13) * time.Hour)
					q := pms.BookingQuery{UpdatedSince: instant, Limit: 50}
					items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, q))
					require.NoError(t, err)
					require.Empty(t, failed)
					got := map[string]bool{}
					for _, b := range items {
						got[b.ID] = true
					}
					for _, stay := range world.Stays() {
						age := instant.Sub(stay.UpdatedAt)
						require.True(t, age > 0 || got[stay.ID], "%s changed %s after", stay.ID, -age)
						require.False(t, age > 48*time.Hour && got[stay.ID], "%s changed %s before", stay.ID, age)
					}
				}
			})
		}
	}
}

// A vendor that ignores its own filters changes nothing.
func TestFiltersThatTheVendorIgnores(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.SmoobuOptions{})
		defer s.Close()
		deaf := &sandbox.Faults{Rules: []sandbox.Rule{{Do: func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
			all, err := s.client(t, smoobu.Config{}).ListReservations(req.Context(), smoobu.ReservationQuery{ShowCancellation: true})
			if err != nil {
				return nil, err
			}
			rows := make([]json.RawMessage, len(all.Items))
			for i, r := range all.Items {
				rows[i] = r.Raw
			}
			body, err := json.Marshal(map[string]any{"bookings": rows, "page_count": 1, "page_size": 100, "total_items": len(rows), "page": 1})
			if err != nil {
				return nil, err
			}
			return sandbox.Status(http.StatusOK, nil, string(body))(req, nil)
		}}}}
		c, err := smoobu.New(smoobu.Config{APIKey: "key", APISecret: "secret", HTTPClient: &http.Client{Transport: deaf}})
		require.NoError(t, err)
		honest := s.client(t, smoobu.Config{})
		today, units := s.world.Today(), s.world.Units()
		for _, q := range []pms.BookingQuery{
			{From: today, To: today.AddDays(3)}, {From: today.AddDays(2)}, {To: today}, {PropertyIDs: []string{units[1].ID}},
			{PropertyIDs: []string{units[1].ID, units[2].ID}, ExcludeBlocks: true}, {ExcludeCancelled: true, From: today}, {ExcludeBlocks: true, To: today.AddDays(9)},
		} {
			want, err := honest.ListBookings(t.Context(), q)
			require.NoError(t, err)
			require.NotEmpty(t, want.Items)
			got, err := c.ListBookings(t.Context(), q)
			require.NoError(t, err)
			require.Equal(t, want.Items, got.Items)
			for _, b := range got.Items {
				require.True(t, q.Matches(b))
			}
		}
		page, err := c.ListBookings(t.Context(), pms.BookingQuery{UpdatedSince: s.world.Now().AddDate(1, 0, 0)})
		require.NoError(t, err)
		require.Empty(t, page.Items, "what is surely older is left out")
	})
}

// Lists are read whole by what the vendor tells of their length, little as it
// may be.
func TestPagesOfAnAnswerThatTellsLittle(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]string{
		"number of pages": `"page_count":3,`,
		"size of a page":  `"page_size":2,`,
		"length":          `"total_items":5,`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := []string{"[1,2]", "[3,4]", "[5]", "[]"}
			seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
				n := int(req.URL.Query().Get("page")[0] - '1')
				var ids []int
				if err := json.Unmarshal([]byte(rows[n]), &ids); err != nil {
					return nil, err
				}
				var records []string
				for _, id := range ids {
					records = append(records, fmt.Sprintf(`{"id":%d,"type":"reservation","arrival":"2026-12-01","departure":"2026-12-02"}`, id))
				}
				return sandbox.Status(http.StatusOK, nil, `{`+tell+`"bookings":[`+strings.Join(records, ",")+`]}`)(req, next)
			}}}}
			c, err := smoobu.New(smoobu.Config{APIKey: "key", APISecret: "secret", HTTPClient: &http.Client{Transport: seen}})
			require.NoError(t, err)
			items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
			require.NoError(t, err)
			require.Empty(t, failed)
			require.Len(t, items, 5)
		})
	}
}

func TestListProperties(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 120, Stays: -1, Blocks: -1})
		stand := sandbox.NewSmoobu(world, sandbox.SmoobuOptions{})
		defer stand.Close()
		s := server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
		c := s.client(t, smoobu.Config{})

		page, err := c.ListProperties(t.Context(), pms.PropertyQuery{Limit: 1000})
		require.NoError(t, err)
		require.Len(t, page.Items, 50)
		require.Len(t, s.calls(), 51)
		items, failed, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
		require.NoError(t, err)
		require.Empty(t, failed)
		for i, unit := range world.Units() {
			require.Equal(t, unit.ID, items[i].ID, "in the order of the list")
		}

		// One that vanishes between the list and its details fails alone.
		gone := world.Units()[7].ID
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/api/apartments/" + gone), Do: sandbox.Status(http.StatusNotFound, nil, "{}")})
		items, failed, err = pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
		require.NoError(t, err)
		require.Len(t, items, 119)
		require.Len(t, failed, 1)
		require.EqualError(t, failed[0], "smoobu: property "+gone+": id: not found")

		// Anything else fails the list, and the requests behind it are not sent.
		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/api/apartments/"), Skip: 20, Do: sandbox.Status(http.StatusForbidden, nil, "{}")})
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.ErrorIs(t, err, pms.ErrForbidden)
		require.Empty(t, page)
		require.Less(t, len(s.calls()), 40)

		s.seen.Reset()
		ctx, cancel := context.WithCancel(t.Context())
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/api/apartments/"), Skip: 20, Do: sandbox.Slow(time.Hour)})
		time.AfterFunc(time.Second, cancel)
		_, err = c.ListProperties(ctx, pms.PropertyQuery{})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "smoobu: ListProperties: ")
	})
}

func TestApartmentWithAnIDThatIsNone(t *testing.T) {
	t.Parallel()
	list := `{"apartments":[{"id":"../me","name":"x"},{"id":null,"name":"y"},7]}`
	seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(http.StatusOK, nil, list)}}}
	c, err := smoobu.New(smoobu.Config{APIKey: "key", APISecret: "secret", HTTPClient: &http.Client{Transport: seen}})
	require.NoError(t, err)
	page, err := c.ListProperties(t.Context(), pms.PropertyQuery{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Len(t, page.Failed, 3)
	require.Len(t, seen.Seen(), 1)
}

// Nothing of a credential or a signature is in what is printed, even if the
// vendor repeats the request's headers.
func TestSignatureStaysHidden(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	echo := func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		text, err := json.Marshal(fmt.Sprint(req.Header))
		if err != nil {
			return nil, err
		}
		return sandbox.Status(http.StatusBadRequest, nil, `{"title":"Error occurred","detail":`+string(text)+`}`)(req, next)
	}
	seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: echo}}}
	c, err := smoobu.New(smoobu.Config{
		APIKey: "canary-api-key", APISecret: "canary-api-secret", HTTPClient: &http.Client{Transport: seen},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	err = c.CheckCredentials(t.Context())
	var api *pms.APIError
	require.ErrorAs(t, err, &api)
	require.Contains(t, api.Message, "[redacted]")
	header := seen.Seen()[0].Header
	pmstest.NoSecrets(t, fmt.Sprintf("%s %+v %s %s", err, *api, api.Body, &log), "canary-api-key", "canary-api-secret", header.Get("X-Signature"))
}

func BenchmarkListBookings100Rows(b *testing.B) {
	world := sandbox.NewWorld(7, sandbox.Options{Stays: 100, Blocks: -1})
	stand := sandbox.NewSmoobu(world, sandbox.SmoobuOptions{NoLimits: true, Legacy: true})
	defer stand.Close()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://login.smoobu.com/api/reservations?pageSize=100&showCancellation=true", nil)
	require.NoError(b, err)
	req.Header.Set("Api-Key", stand.Options().APIKey)
	resp, err := sandbox.Transport(stand).RoundTrip(req)
	require.NoError(b, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.NoError(b, resp.Body.Close())
	canned := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
	})}
	c, err := smoobu.New(smoobu.Config{APIKey: "key", APISecret: "secret", Limiter: unlimited{}, HTTPClient: canned})
	require.NoError(b, err)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := c.ListBookings(b.Context(), pms.BookingQuery{})
		if err != nil || len(page.Items) != 100 {
			b.Fatal(len(page.Items), err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
