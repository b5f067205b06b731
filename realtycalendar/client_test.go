package realtycalendar_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

// server is a sandbox account of RealtyCalendar and the requests that it saw.
type server struct {
	*sandbox.RealtyCalendar
	world *sandbox.World
	seen  *sandbox.Faults
}

// serve starts an account at 9:00 in Moscow on 2026-06-01; call it in a bubble.
func serve(o sandbox.RealtyCalendarOptions) server {
	pass(time.Until(time.Date(2026, time.June, 1, 6, 0, 0, 0, time.UTC)))
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2})
	stand := sandbox.NewRealtyCalendar(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

// pass lets the clock of the bubble run.
func pass(d time.Duration) { <-time.After(d) }

func (s server) client(t *testing.T, cfg realtycalendar.Config) *realtycalendar.Client {
	t.Helper()
	if cfg.PublicKey == "" {
		cfg.PublicKey = s.Options().PublicKey
	}
	if cfg.PrivateKey == "" {
		cfg.PrivateKey = s.Options().PrivateKey
	}
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := realtycalendar.New(cfg)
	require.NoError(t, err)
	return c
}

// body is the body of the n-th request.
func (s server) body(t *testing.T, n int) map[string]any {
	t.Helper()
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewReader(s.seen.Seen()[n].Body))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&body))
	return body
}

// windows are the days of modification that were asked for.
func (s server) windows(t *testing.T) []string {
	t.Helper()
	var all []string
	for i := range s.seen.Seen() {
		body := s.body(t, i)
		all = append(all, fmt.Sprint(body["begin_date"], " ", body["end_date"]))
	}
	return all
}

func day(month time.Month, d int) pms.Date { return pms.Date{Year: 2026, Month: month, Day: d} }

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	const required = "realtycalendar: AccountID and WebhookSecret, or PublicKey and PrivateKey, are required"
	for want, cfgs := range map[string][]realtycalendar.Config{
		required: {{}, {AccountID: "20002"}, {PublicKey: " "}},
		"realtycalendar: AccountID is required with WebhookSecret":         {{WebhookSecret: webhookSecret}, {PublicKey: "a", PrivateKey: "b", PreviousWebhookSecret: webhookSecret, AccountID: " "}},
		"realtycalendar: PublicKey is required":                            {{PrivateKey: "x"}},
		"realtycalendar: PrivateKey is required":                           {{PublicKey: "x", AccountID: "20002", WebhookSecret: webhookSecret}},
		"realtycalendar: PrivateKey holds a line break":                    {{PublicKey: "x", PrivateKey: "a\nb"}},
		`realtycalendar: TimeZone "Moscow" is not an IANA zone known here`: {{PublicKey: "x", PrivateKey: "y", TimeZone: "Moscow"}},
		"realtycalendar: BaseURL must begin with https:// or http://":      {{PublicKey: "x", PrivateKey: "y", BaseURL: "ftp://x"}},
	} {
		for _, cfg := range cfgs {
			_, err := realtycalendar.New(cfg)
			require.EqualError(t, err, want)
		}
	}
	_, err := realtycalendar.New(realtycalendar.Config{PublicKey: " key ", PrivateKey: "key\n"})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`20002`, `"20002"`} {
		var cfg realtycalendar.Config
		require.NoError(t, settings.Decode("realtycalendar", []byte(`{"publicKey":"p","privateKey":"q","accountId":`+id+`,
			"webhookSecret":"s","previousWebhookSecret":"r","timeZone":"Asia/Yekaterinburg","checkIn":"14:00","checkOut":"12:00"}`), &cfg))
		require.Equal(t, pms.Text("20002"), cfg.AccountID)
		require.Equal(t, "14:00", cfg.CheckIn.String())
	}
	var cfg realtycalendar.Config
	require.EqualError(t, settings.Decode("realtycalendar", []byte(`{"publickKey":"k"}`), &cfg), `realtycalendar: settings: unknown key "publickKey"`)
}

func canaries() realtycalendar.Config {
	return realtycalendar.Config{
		PublicKey: "canary/public+key", PrivateKey: "canary private key", AccountID: "canary-account",
		WebhookSecret: "canary-webhook-secret", PreviousWebhookSecret: "canary-previous-secret",
	}
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := canaries()
	c, err := realtycalendar.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		require.NotContains(t, text, "canary")
	}
}

// echo answers with the whole request, as a careless proxy does.
type echo struct{ status int }

func (e echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", r.URL.String())
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": e.status, "error": r.URL.String() + " canary private key canary-account"})
}

func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]http.RoundTripper{
		"echoed":  sandbox.Transport(echo{http.StatusBadRequest}),
		"refused": &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Refuse()}}},
		"moved":   &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Redirect(http.StatusFound, "http://other.example/canary-account")}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			cfg := canaries()
			cfg.HTTPClient, cfg.MaxRetries = &http.Client{Transport: transport}, -1
			cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c, err := realtycalendar.New(cfg)
			require.NoError(t, err)
			_, list := c.ListBookings(t.Context(), pms.BookingQuery{})
			_, create := c.CreateReservation(t.Context(), "345678", request())
			remove := c.DeleteReservation(t.Context(), "345678", "1")
			for _, err := range []error{list, create, remove} {
				var api *pms.APIError
				require.ErrorAs(t, err, &api)
				cfg.Logger.Info("failed", "err", err)
				require.NotContains(t, fmt.Sprintf("%v %s %s %s", err, api.URL, api.Body, api.RequestID), "canary")
			}
			require.Contains(t, log.String(), "/api/v1/bookings/[redacted]")
			require.NotContains(t, log.String(), "canary")
		})
	}
}

func request() realtycalendar.ReservationRequest {
	return realtycalendar.ReservationRequest{
		BeginDate: civil.DateTime{Date: day(time.June, 1)}, EndDate: civil.DateTime{Date: day(time.June, 4)},
		Status: realtycalendar.StatusBooked, Amount: 12000,
		Client: realtycalendar.ClientAttributes{FIO: "Ivan", Phone: "+79000000000"},
	}
}

// The signatures were computed by hand from the rule, with an invented key.
func TestSignature(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		s.seen.Next = sandbox.Transport(echo{http.StatusBadRequest})
		c := s.client(t, realtycalendar.Config{PrivateKey: "PRIVATEKEY"})

		_, err := c.ListReservations(t.Context(), realtycalendar.ReservationQuery{From: day(time.May, 1), To: day(time.May, 3)})
		require.ErrorIs(t, err, pms.ErrInvalid)
		assert.JSONEq(t, `{"begin_date":"2026-05-01","end_date":"2026-05-03","sign":"001052138666c8f606df9f3c01014e48"}`, string(s.seen.Seen()[0].Body))

		_, err = c.CreateReservation(t.Context(), "291102", request())
		require.ErrorIs(t, err, pms.ErrInvalid)
		assert.JSONEq(t, `{"event_calendar":{"amount":12000,"begin_date":"2026-06-01","client_attributes":{"fio":"Ivan","phone":"+79000000000"},
			"end_date":"2026-06-04","notes":"","status":5},"sign":"1df0dc1fcc323c9d0339c08a0aa64a14"}`, string(s.seen.Seen()[1].Body))

		err = c.DeleteReservation(t.Context(), "291102", "500001")
		require.ErrorIs(t, err, pms.ErrInvalid)
		assert.Equal(t, "https://realtycalendar.ru/api/v1/apartments/291102/event_calendars/500001?sign=9cba9e9dd96804b79deaf007b79ea0dc", s.seen.Seen()[2].URL)

		for _, r := range s.seen.Seen() {
			assert.Equal(t, "application/json", r.Header.Get("Accept"))
		}
	})
}

// The sandbox has its own reading of the signature; what is hard to sign gets
// through.
func TestWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		lot, other := s.world.Units()[0].ID, s.world.Units()[1].ID
		r := request()
		r.BeginDate = civil.DateTime{Date: day(time.December, 1), Time: civil.Time{Hour: 14}}
		r.EndDate = civil.DateTime{Date: day(time.December, 4), Time: civil.Time{Hour: 12, Minute: 30}}
		r.Notes = "Поздний заезд & <ключ> у консьержа\n\xff"
		r.Client = realtycalendar.ClientAttributes{FIO: "Тестова Анна", Phone: "+7 900 000-00-01", Email: "anna@example.com"}

		created, err := c.CreateReservation(t.Context(), lot, r)
		require.NoError(t, err)
		assert.Equal(t, pms.Text("booked"), created.Status)
		assert.Equal(t, pms.Text(lot), created.ApartmentID)
		assert.NotEmpty(t, created.Raw)
		id := string(created.ID)
		event, _ := s.body(t, 0)["event_calendar"].(map[string]any)
		assert.Equal(t, "2026-12-01 14:00:00", event["begin_date"])
		assert.Equal(t, "2026-12-04 12:30:00", event["end_date"])
		stay, ok := s.world.Stay(id)
		require.True(t, ok)
		assert.Equal(t, day(time.December, 4), stay.Departure)
		assert.Equal(t, "Поздний заезд & <ключ> у консьержа\n\uFFFD", stay.Notes)
		assert.Equal(t, pms.Guest{Name: "Тестова Анна", Phone: "+7 900 000-00-01", Email: "anna@example.com"}, stay.Guest)

		r.Status = realtycalendar.StatusRequest
		updated, err := c.UpdateReservation(t.Context(), lot, id, r)
		require.NoError(t, err)
		assert.Equal(t, pms.Text("request"), updated.Status)

		require.ErrorIs(t, c.DeleteReservation(t.Context(), other, id), pms.ErrNotFound)
		require.NoError(t, c.DeleteReservation(t.Context(), lot, id))
		_, ok = s.world.Stay(id)
		assert.False(t, ok)
	})
}

// A lot to move to is a signed number; a create does not take it.
func TestMoveToAnotherLot(t *testing.T) {
	t.Parallel()
	seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(http.StatusOK, nil, `{"id":500001,"apartment_id":291103,"client":[]}`)}}}
	c, err := realtycalendar.New(realtycalendar.Config{PublicKey: "public", PrivateKey: "PRIVATEKEY", HTTPClient: &http.Client{Transport: seen}})
	require.NoError(t, err)
	r := request()
	r.Client, r.ApartmentID = realtycalendar.ClientAttributes{}, "291103"
	moved, err := c.UpdateReservation(t.Context(), "291102", "500001", r)
	require.NoError(t, err)
	require.Equal(t, pms.Text("291103"), moved.ApartmentID)
	_, err = c.CreateReservation(t.Context(), "291102", r)
	require.NoError(t, err)
	sum := md5.Sum([]byte("amount=12000apartment_id=291103begin_date=2026-06-01end_date=2026-06-04notes=status=5PRIVATEKEY"))
	require.Equal(t, http.MethodPut, seen.Seen()[0].Method)
	require.JSONEq(t, `{"event_calendar":{"amount":12000,"apartment_id":291103,"begin_date":"2026-06-01","end_date":"2026-06-04","notes":"","status":5},
		"sign":"`+hex.EncodeToString(sum[:])+`"}`, string(seen.Seen()[0].Body))
	require.NotContains(t, string(seen.Seen()[1].Body), "apartment_id")
}

func TestWriteAnswersThatAreUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", "[]", "<html>", `{"id":null}`, `{"id":1`} {
		c, err := realtycalendar.New(realtycalendar.Config{
			PublicKey: "public", PrivateKey: "private",
			HTTPClient: &http.Client{Transport: &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(http.StatusCreated, nil, body)}}}},
		})
		require.NoError(t, err)
		_, err = c.CreateReservation(t.Context(), "291102", request())
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

func TestWritesAreCheckedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		for want, change := range map[string]func(*realtycalendar.ReservationRequest){
			"BeginDate and EndDate are required":           func(r *realtycalendar.ReservationRequest) { r.EndDate = civil.DateTime{} },
			"EndDate is before BeginDate":                  func(r *realtycalendar.ReservationRequest) { r.EndDate.Date = day(time.May, 1) },
			"Status must be StatusRequest or StatusBooked": func(r *realtycalendar.ReservationRequest) { r.Status = 3 },
			"ApartmentID must be a number":                 func(r *realtycalendar.ReservationRequest) { r.ApartmentID = "345678/77" },
		} {
			r := request()
			change(&r)
			_, err := c.UpdateReservation(t.Context(), "345678", "1", r)
			require.ErrorIs(t, err, pms.ErrInvalid)
			require.EqualError(t, err, "realtycalendar: UpdateReservation: "+want)
		}
		for _, place := range [][2]string{{"", "1"}, {"345678", ""}, {"345678/77", "1"}, {"345678", "../1"}} {
			require.ErrorIs(t, c.DeleteReservation(t.Context(), place[0], place[1]), pms.ErrInvalid)
		}
		require.Empty(t, s.seen.Seen())
	})
}

func TestWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		r := request()
		r.BeginDate.Date, r.EndDate.Date = day(time.December, 1), day(time.December, 4)
		s.seen.Add(sandbox.Rule{Do: sandbox.ResetBefore()})
		_, err := c.CreateReservation(t.Context(), s.world.Units()[0].ID, r)
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.Len(t, s.seen.Seen(), 1)

		s.seen.Reset()
		s.seen.Add(sandbox.Rule{Times: 1, Do: sandbox.TooManyRequests("2")})
		_, err = c.CreateReservation(t.Context(), s.world.Units()[1].ID, r)
		require.NoError(t, err, "what was refused with 429 did not happen")
		require.Len(t, s.seen.Seen(), 2)
		require.Equal(t, s.seen.Seen()[0].Body, s.seen.Seen()[1].Body)
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
		{422, `{"errors":{"sign":["Sign key isn't correct"]}}`, pms.ErrUnauthorized, "422 sign: Sign key isn't correct"},
		{200, `{"errors":{"sign":["Sign key isn't correct"]}}`, pms.ErrUnauthorized, "200 sign: Sign key isn't correct"},
		{422, `{"errors":{"end_date":["is invalid","is late"],"begin_date":["is invalid"]}}`, pms.ErrInvalid, "422 begin_date: is invalid; end_date: is invalid; end_date: is late"},
		{200, `{"errors":{"end_date":["is invalid"]}}`, pms.ErrInvalid, "200 end_date: is invalid"},
		{200, `{"status":503,"error":"Down"}`, pms.ErrUnavailable, "200 Down"},
		{404, `{"status":404,"error":"Not Found"}`, pms.ErrUnauthorized, "404 Not Found"},
		{403, `{"errors":"no"}`, pms.ErrForbidden, "403 Forbidden"},
		{500, `oops`, pms.ErrUnavailable, "500 Internal Server Error"},
		{200, `{"status":200}`, pms.ErrDecode, "200 no bookings in the answer"},
		{200, `{"bookings":null}`, pms.ErrDecode, "200 no bookings in the answer"},
		{200, `{"bookings":{}}`, pms.ErrDecode, "200 unreadable answer"},
		{200, `[]`, pms.ErrDecode, "200 unreadable answer"},
		{200, `<html>`, pms.ErrDecode, "200 HTML in place of data"},
		{200, `{"bookings":[{"id":1`, pms.ErrDecode, "200 unreadable answer"},
	} {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			c, err := realtycalendar.New(realtycalendar.Config{
				PublicKey: "public", PrivateKey: "private", MaxRetries: -1,
				HTTPClient: &http.Client{Transport: &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(tt.status, nil, tt.body)}}}},
			})
			require.NoError(t, err)
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
			require.ErrorIs(t, err, tt.want)
			require.Contains(t, err.Error(), "realtycalendar: ListBookings: "+tt.message)
			require.Empty(t, page)
			require.ErrorIs(t, c.CheckCredentials(t.Context()), tt.want)
		})
	}
}

func TestWrongKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		require.NoError(t, s.client(t, realtycalendar.Config{}).CheckCredentials(t.Context()))
		require.ErrorIs(t, s.client(t, realtycalendar.Config{PublicKey: "another"}).CheckCredentials(t.Context()), pms.ErrUnauthorized)
		require.ErrorIs(t, s.client(t, realtycalendar.Config{PrivateKey: "another"}).CheckCredentials(t.Context()), pms.ErrUnauthorized)
	})
}

// The day after tomorrow is refused here, by the calendar of Moscow.
func TestListEndsTomorrowInMoscow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{TimeZone: "Asia/Vladivostok"})
		list := func(from, to pms.Date) error {
			_, err := c.ListReservations(t.Context(), realtycalendar.ReservationQuery{From: from, To: to})
			return err
		}
		const late = "realtycalendar: ListReservations: To is later than tomorrow in Moscow"
		require.NoError(t, list(day(time.June, 1), day(time.June, 2)))
		require.EqualError(t, list(day(time.June, 1), day(time.June, 3)), late)
		pass(14*time.Hour + 59*time.Minute) // 23:59 in Moscow, 20:59 UTC
		require.EqualError(t, list(day(time.June, 1), day(time.June, 3)), late)
		pass(time.Minute)
		require.NoError(t, list(day(time.June, 1), day(time.June, 3)))
		require.EqualError(t, list(day(time.June, 2), day(time.June, 1)), "realtycalendar: ListReservations: To is before From")
		require.EqualError(t, list(pms.Date{}, day(time.June, 1)), "realtycalendar: ListReservations: From and To are required")
		require.Len(t, s.seen.Seen(), 2)
	})
}

func TestListIsReadInWindowsOldestFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		q := pms.BookingQuery{From: day(time.June, 1), To: day(time.June, 30)}
		bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, q))
		require.NoError(t, err)
		require.Empty(t, failed)
		require.NotEmpty(t, bookings)
		require.Equal(t, []string{
			"1970-01-01 2024-06-01", "2024-06-02 2024-11-30", "2024-12-01 2025-05-31", "2025-06-01 2025-11-29", "2025-11-30 2026-05-30",
			"2026-05-31 2026-06-02",
		}, s.windows(t))
		for i := range s.seen.Seen() {
			body := s.body(t, i)
			require.Equal(t, "2026-05-31", body["event_end_date_start"], "departure after")
			require.Equal(t, "2026-07-01", body["event_begin_date_end"], "arrival before")
			require.NotContains(t, body, "event_begin_date_start")
			require.NotContains(t, body, "event_end_date_end")
		}
	})
}

func TestListSinceAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		for since, want := range map[time.Time]string{
			time.Date(2026, 5, 30, 21, 10, 0, 0, time.UTC):  "2026-05-31 2026-06-02",
			time.Date(2026, 5, 30, 21, 4, 0, 0, time.UTC):   "2026-05-30 2026-06-02", // five minutes early
			time.Date(2026, 5, 30, 12, 10, 0, 0, time.UTC):  "2026-05-30 2026-06-02",
			time.Date(2026, 12, 30, 12, 10, 0, 0, time.UTC): "2026-06-02 2026-06-02",
		} {
			s.seen.Reset()
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{UpdatedSince: since})
			require.NoError(t, err)
			require.Empty(t, page.Next)
			require.Equal(t, []string{want}, s.windows(t))
		}
		var want []string
		for _, stay := range s.world.Stays() {
			if stay.Kind != pms.KindBlock && !civil.DateOf(stay.UpdatedAt.In(s.world.Zone())).Before(day(time.May, 25)) {
				want = append(want, stay.ID)
			}
		}
		page, err := c.ListBookings(t.Context(), pms.BookingQuery{UpdatedSince: time.Date(2026, 5, 25, 18, 0, 0, 0, time.UTC)})
		require.NoError(t, err)
		require.NotEmpty(t, want)
		require.Less(t, len(want), len(s.world.Stays())-2)
		require.ElementsMatch(t, want, ids(page.Items), "whole days")

		id := s.world.Stays()[0].ID
		require.NoError(t, s.world.Delete(id))
		page, err = c.ListBookings(t.Context(), pms.BookingQuery{UpdatedSince: time.Now()})
		require.NoError(t, err)
		require.Contains(t, statuses(page.Items), id+" cancelled", "deleted bookings are in the list")
		page, err = c.ListBookings(t.Context(), pms.BookingQuery{UpdatedSince: time.Now(), ExcludeCancelled: true})
		require.NoError(t, err)
		require.NotContains(t, statuses(page.Items), id+" cancelled")
	})
}

func ids(bookings []pms.Booking) []string {
	var all []string
	for _, b := range bookings {
		all = append(all, b.ID)
	}
	return all
}

func statuses(bookings []pms.Booking) []string {
	var all []string
	for _, b := range bookings {
		all = append(all, b.ID+" "+string(b.Status))
	}
	return all
}

// A window too large for one answer is made shorter until it is not.
func TestLargeWindowIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		large := func(times int) {
			s.seen.Reset()
			s.seen.Add(sandbox.Rule{Times: times, Do: sandbox.Status(http.StatusOK, nil, strings.Repeat(" ", 33<<20))})
		}
		large(2)
		since := pms.BookingQuery{UpdatedSince: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
		page, err := c.ListBookings(t.Context(), since)
		require.NoError(t, err)
		require.Equal(t, "2026-01-11", page.Next)
		require.Equal(t, []string{"2026-01-01 2026-06-02", "2026-01-01 2026-02-08", "2026-01-01 2026-01-10"}, s.windows(t))

		large(0)
		_, err = c.ListBookings(t.Context(), since)
		require.ErrorIs(t, err, pms.ErrTooLarge, "a window this short is not cut")
		require.Len(t, s.seen.Seen(), 3)
	})
}

func TestCursorsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	c, err := realtycalendar.New(realtycalendar.Config{PublicKey: "public", PrivateKey: "private"})
	require.NoError(t, err)
	for _, cursor := range []string{"2", "2026-13-01", "9999-01-01", "stays:0:0:"} {
		_, err := c.ListBookings(t.Context(), pms.BookingQuery{Cursor: cursor})
		require.ErrorIs(t, err, pms.ErrBadCursor)
		_, err = c.ListProperties(t.Context(), pms.PropertyQuery{Cursor: cursor})
		require.ErrorIs(t, err, pms.ErrBadCursor)
	}
}

func TestLotsAreLearntFromBookings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.RealtyCalendarOptions{})
		defer s.Close()
		c := s.client(t, realtycalendar.Config{})
		page, err := c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Next)
		require.Empty(t, page.Failed)
		var got, want []string
		for _, p := range page.Items {
			got = append(got, p.ID)
			require.Equal(t, "Europe/Moscow", p.TimeZone)
		}
		for _, unit := range s.world.Units() {
			want = append(want, unit.ID)
		}
		require.ElementsMatch(t, want, got)
		require.IsIncreasing(t, got)
		require.Len(t, s.seen.Seen(), 6)

		s.seen.Add(sandbox.Rule{Skip: 2, Do: sandbox.Status(http.StatusForbidden, nil, "{}")})
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.ErrorIs(t, err, pms.ErrForbidden, "half a list is no list")
		require.Empty(t, page)
	})
}

// An account with webhooks only says what it lacks.
func TestWebhooksOnly(t *testing.T) {
	t.Parallel()
	c, err := realtycalendar.New(realtycalendar.Config{AccountID: "20002", WebhookSecret: webhookSecret})
	require.NoError(t, err)
	for op, call := range map[string]func(context.Context) error{
		"ListBookings":     func(ctx context.Context) error { _, err := c.ListBookings(ctx, pms.BookingQuery{}); return err },
		"ListProperties":   func(ctx context.Context) error { _, err := c.ListProperties(ctx, pms.PropertyQuery{}); return err },
		"CheckCredentials": c.CheckCredentials,
		"ListReservations": func(ctx context.Context) error {
			_, err := c.ListReservations(ctx, realtycalendar.ReservationQuery{})
			return err
		},
		"CreateReservation": func(ctx context.Context) error { _, err := c.CreateReservation(ctx, "1", request()); return err },
		"UpdateReservation": func(ctx context.Context) error { _, err := c.UpdateReservation(ctx, "1", "2", request()); return err },
		"DeleteReservation": func(ctx context.Context) error { return c.DeleteReservation(ctx, "1", "2") },
	} {
		err := call(t.Context())
		require.ErrorIs(t, err, pms.ErrNotSupported)
		require.EqualError(t, err, "realtycalendar: "+op+": this account is connected by webhooks only: lists and writes need PublicKey and PrivateKey")
	}
	_, err = pms.GetBooking(t.Context(), c, "140000101")
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorIs(t, pms.SetCleanliness(t.Context(), c, "345678", pms.Clean), pms.ErrNotSupported)
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	c, err := realtycalendar.New(realtycalendar.Config{
		PublicKey: "public", PrivateKey: "private",
		HTTPClient: &http.Client{Transport: sandbox.Transport(http.NotFoundHandler())},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.ListBookings(ctx, pms.BookingQuery{})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, pms.ErrUnauthorized)
	require.True(t, strings.HasPrefix(err.Error(), "realtycalendar: ListBookings: "))
}
