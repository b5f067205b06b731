package kigo_test

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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/kigo"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// server is a sandbox account of Kigo and the requests that it saw.
type server struct {
	*sandbox.Kigo
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.KigoOptions) server {
	return serveWorld(sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2}), o)
}

func serveWorld(world *sandbox.World, o sandbox.KigoOptions) server {
	stand := sandbox.NewKigo(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) client(t *testing.T, cfg kigo.Config) *kigo.Client {
	t.Helper()
	cfg.Username, cfg.Password = s.Options().Username, s.Options().Password
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{}
	}
	cfg.HTTPClient.Transport = s.seen
	c, err := kigo.New(cfg)
	require.NoError(t, err)
	return c
}

// calls returns method and body of what was sent.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		all = append(all, strings.TrimPrefix(r.URL, "https://app.kigo.net/api/ra/v1/")+" "+string(r.Body))
	}
	return all
}

// fails breaks all calls of one method.
func fails(method string, do sandbox.Fault) sandbox.Rule {
	return sandbox.Rule{Match: sandbox.Path("/api/ra/v1/" + method), Do: do}
}

// replies answers with an envelope.
func replies(code, text, reply string) sandbox.Fault {
	return sandbox.Status(http.StatusOK, nil, fmt.Sprintf(
		`{"API_VERSION":1,"API_REVISION":14,"API_METHOD":"x","API_CALL_ID":"c4ll","API_RESULT_CODE":%q,"API_RESULT_TEXT":%q,"API_REPLY":%s}`, code, text, reply))
}

func throttled() sandbox.Fault {
	return sandbox.Status(http.StatusConflict, http.Header{"Content-Type": {"text/plain"}}, "The rate limiting policy was triggered, please throttle.")
}

// canned is a client of a vendor that always does the same.
func canned(t require.TestingT, do sandbox.Fault, change ...func(*kigo.Config)) (*kigo.Client, *sandbox.Faults) {
	seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: do}}}
	cfg := kigo.Config{Username: "agency", Password: "secret", Limiter: unlimited{}, MaxRetries: -1, HTTPClient: &http.Client{Transport: seen}}
	for _, fn := range change {
		fn(&cfg)
	}
	c, err := kigo.New(cfg)
	require.NoError(t, err)
	return c, seen
}

type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]kigo.Config{
		"kigo: Username is required":                               {Password: "x"},
		"kigo: Password is required":                               {Username: "a", Password: " \n"},
		"kigo: Password holds a line break":                        {Username: "a", Password: "a\nb"},
		"kigo: Username must not hold a colon":                     {Username: "a:b", Password: "x"},
		`kigo: TimeZone "Florence" is not an IANA zone known here`: {Username: "a", Password: "x", TimeZone: "Florence"},
		"kigo: BaseURL must begin with https:// or http://":        {Username: "a", Password: "x", BaseURL: "ftp://x"},
	} {
		_, err := kigo.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := kigo.New(kigo.Config{Username: " agency ", Password: " secret:1\n"})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	var cfg kigo.Config
	require.NoError(t, settings.Decode("kigo", []byte(`{"username":"u","password":"p","details":true,"timeZone":"Europe/Rome","checkIn":"16:00","checkOut":"10:30"}`), &cfg))
	require.Equal(t, "u", cfg.Username)
	require.Equal(t, "p", cfg.Password)
	require.True(t, cfg.Details)
	require.Equal(t, "10:30", cfg.CheckOut.String())
	require.EqualError(t, settings.Decode("kigo", []byte(`{"apiKey":"k"}`), &cfg), `kigo: settings: unknown key "apiKey"`)
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := kigo.Config{Username: "canary-agency", Password: "canary-password"}
	c, err := kigo.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		require.NotContains(t, text, "canary")
	}
}

// Methods without arguments take the literal null, and ids are numbers.
func TestNativeCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{})
		ctx := t.Context()
		unit, stay := s.world.Units()[1], s.world.Stays()[1]

		require.NoError(t, c.CheckCredentials(ctx))
		refs, err := c.ListPropertyRefs(ctx)
		require.NoError(t, err)
		require.Len(t, refs.Items, 4)
		require.Equal(t, pms.Text(unit.ID), refs.Items[1].ID)
		require.Equal(t, kigo.Provider{Type: "RA", RAID: "77"}, refs.Items[1].Provider)
		p, err := c.GetProperty(ctx, unit.ID)
		require.NoError(t, err)
		require.Equal(t, pms.Text(unit.Name), p.Info.Name)
		require.Equal(t, 3*time.Hour, p.Info.CleaningTime())
		list, err := c.ListCalendar(ctx, unit.ID, stay.Arrival, stay.Arrival)
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
		require.Equal(t, pms.Text(stay.ID), list.Items[0].ReservationID)
		all, err := c.DiffCalendar(ctx, "")
		require.NoError(t, err)
		require.Len(t, all.Items, len(s.world.Stays()))
		none, err := c.DiffCalendar(ctx, all.DiffID)
		require.NoError(t, err)
		require.Empty(t, none.Items)
		r, err := c.GetReservation(ctx, stay.ID)
		require.NoError(t, err)
		require.Equal(t, pms.Text(stay.Arrival.String()), r.CheckIn)
		require.Equal(t, pms.Text("7"), r.SourceID)

		require.Equal(t, []string{
			"ping null",
			"listProperties2 null",
			`readProperty2 {"PROP_ID":` + unit.ID + `}`,
			`listPropertyCalendarReservations {"PROP_ID":` + unit.ID + `,"LIST_START_DATE":"` + stay.Arrival.String() + `","LIST_END_DATE":"` + stay.Arrival.String() + `"}`,
			`diffPropertyCalendarReservations {"DIFF_ID":null}`,
			`diffPropertyCalendarReservations {"DIFF_ID":"` + all.DiffID + `"}`,
			`readReservation {"RES_ID":` + stay.ID + `}`,
		}, s.calls())
		for i, r := range s.seen.Seen() {
			require.Equal(t, http.MethodPost, r.Method)
			require.Equal(t, "application/json", r.Header.Get("Content-Type"))
			require.Equal(t, "application/json", r.Header.Get("Accept"))
			if i > 0 {
				require.GreaterOrEqual(t, r.At.Sub(s.seen.Seen()[i-1].At), time.Second, "one request a second, slow ones too")
			}
		}
	})
}

func TestIDsThatAreNoNumbersAreNotSent(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.KigoOptions{})
	defer s.Close()
	c := s.client(t, kigo.Config{})
	for _, id := range []string{"", "0", "-1", "loft", "1.5", "99999999999999999999"} {
		_, err := c.GetReservation(t.Context(), id)
		require.ErrorIs(t, err, pms.ErrNotFound)
		require.EqualError(t, err, "kigo: GetReservation: ids are numbers")
		_, err = c.GetProperty(t.Context(), id)
		require.ErrorIs(t, err, pms.ErrNotFound)
		_, err = c.ListCalendar(t.Context(), id, pms.Date{}, pms.Date{})
		require.ErrorIs(t, err, pms.ErrNotFound)
		require.ErrorIs(t, c.CancelReservation(t.Context(), id), pms.ErrNotFound)
	}
	_, err := c.CreateReservation(t.Context(), kigo.ReservationRequest{PropertyID: 1})
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.Empty(t, s.seen.Seen())
}

func TestWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{})
		from := s.world.Today().AddDays(300)
		request := kigo.ReservationRequest{
			PropertyID: 300101, CheckIn: from, CheckOut: from.AddDays(7), Adults: 2, Babies: 1,
			Guest: kigo.Guest{FirstName: "Mara", LastName: "Lind", Email: "mara@example.com", Country: "DE"}, Comment: "late",
		}
		id, err := c.CreateReservation(t.Context(), request)
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(
			`{"PROP_ID":300101,"RES_CHECK_IN":%q,"RES_CHECK_OUT":%q,"RES_N_ADULTS":2,"RES_N_CHILDREN":0,"RES_N_BABIES":1,"RES_COMMENT":"late","RES_COMMENT_GUEST":"",`+
				`"RES_GUEST":{"RES_GUEST_FIRSTNAME":"Mara","RES_GUEST_LASTNAME":"Lind","RES_GUEST_EMAIL":"mara@example.com","RES_GUEST_PHONE":"","RES_GUEST_COUNTRY":"DE"},"RES_UDRA":[]}`,
			from, from.AddDays(7)), string(s.seen.Seen()[0].Body))
		made, err := c.GetBooking(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, pms.Guests{Adults: 2, Infants: 1, Total: 3}, made[0].Guests)

		_, err = c.CreateReservation(t.Context(), request)
		require.ErrorIs(t, err, pms.ErrConflict)
		require.ErrorContains(t, err, "kigo: CreateReservation: 200 Dates not available (request call")
		require.NoError(t, c.CancelReservation(t.Context(), id))
		require.ErrorIs(t, c.CancelReservation(t.Context(), id), pms.ErrConflict)
		gone, err := c.GetBooking(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, pms.StatusCancelled, gone[0].Status)
	})
}

// A call that reads is repeated although it is a POST. A write is repeated only
// where it surely was not done.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do    sandbox.Fault
		write int
	}{
		"throttled": {throttled(), 2}, "429": {sandbox.TooManyRequests(""), 2}, "refused": {sandbox.Refuse(), 2},
		"reset": {sandbox.ResetBefore(), 1}, "503": {sandbox.HTMLError(), 1}, "HTML": {sandbox.HTML(), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := serve(sandbox.KigoOptions{})
				defer s.Close()
				c := s.client(t, kigo.Config{})
				id := s.world.Stays()[3].ID
				s.seen.Add(sandbox.Rule{Times: 1, Do: tt.do})
				_, err := c.GetReservation(t.Context(), id)
				require.NoError(t, err)
				require.Len(t, s.calls(), 2)

				s.seen.Reset()
				s.seen.Add(sandbox.Rule{Times: 1, Do: tt.do})
				err = c.CancelReservation(t.Context(), id)
				require.Len(t, s.calls(), tt.write)
				require.Equal(t, tt.write == 2, err == nil, "%v", err)
			})
		})
	}
}

// A 409 is waited out, by all calls of the account.
func TestThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{})
		s.seen.Add(sandbox.Rule{Times: 2, Do: throttled()})
		began := time.Now()
		_, err := c.ListBookings(t.Context(), pms.BookingQuery{})
		require.NoError(t, err)
		require.Equal(t, 20*time.Second, time.Since(began).Truncate(time.Second))

		s.seen.Reset()
		s.seen.Add(fails("diffPropertyCalendarReservations", throttled()))
		began = time.Now()
		_, err = c.ListBookings(t.Context(), pms.BookingQuery{})
		require.ErrorIs(t, err, pms.ErrRateLimited)
		require.EqualError(t, err, "kigo: ListBookings: 409 throttled (retry after 10s)")
		require.Len(t, s.calls(), 3)
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.GreaterOrEqual(t, time.Since(began), 20*time.Second)

		hasty := s.client(t, kigo.Config{MaxWait: time.Second})
		began = time.Now()
		_, err = hasty.ListBookings(t.Context(), pms.BookingQuery{})
		require.ErrorIs(t, err, pms.ErrRateLimited)
		require.Zero(t, time.Since(began))
	})
}

func TestErrorsOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		do      sandbox.Fault
		want    error
		message string
	}{
		{replies("E_INPUT", "DIFF_ID: invalid", "null"), pms.ErrInvalid, "200 DIFF_ID: invalid (request c4ll)"},
		{replies("E_NOSUCH", "No such thing", "null"), pms.ErrNotFound, "200 No such thing (request c4ll)"},
		{replies("E_NOSUCH", "", "[]"), pms.ErrNotFound, "200 E_NOSUCH (request c4ll)"},
		{replies("E_NOSUCH", "It was Deactivated", "null"), pms.ErrForbidden, "200 It was Deactivated (request c4ll)"},
		{replies("E_DEACTIVATED", "", `""`), pms.ErrForbidden, "200 E_DEACTIVATED (request c4ll)"},
		{replies("E_EMPTY", "No pricing", "null"), pms.ErrInvalid, "200 No pricing (request c4ll)"},
		{replies("E_CONFLICT", "Dates not available", "null"), pms.ErrConflict, "200 Dates not available (request c4ll)"},
		{replies("E_ALREADY", "", "null"), pms.ErrConflict, "200 E_ALREADY (request c4ll)"},
		{replies("E_LIMIT", "Limit", "null"), pms.ErrRateLimited, "200 Limit (request c4ll)"},
		{replies("E_NEW", "Something new", "null"), pms.ErrUnavailable, "200 Something new (request c4ll)"},
		{sandbox.Status(400, nil, `{"API_RESULT_CODE":"E_INPUT","API_RESULT_TEXT":"No","API_CALL_ID":7}`), pms.ErrInvalid, "400 No (request 7)"},
		{sandbox.Status(409, nil, `{"API_RESULT_CODE":"E_CONFLICT","API_RESULT_TEXT":"Dates not available"}`), pms.ErrConflict, "409 Dates not available"},
		{sandbox.Status(401, nil, "Unauthorized"), pms.ErrUnauthorized, "401 Unauthorized"},
		{sandbox.Status(403, nil, ""), pms.ErrForbidden, "403 Forbidden"},
		{sandbox.Status(404, nil, "<h1>404</h1>"), pms.ErrUnavailable, "404 no such address"},
		{sandbox.Status(410, nil, ""), pms.ErrUnavailable, "410 no such address"},
		{sandbox.Status(500, nil, ""), pms.ErrUnavailable, "500 Internal Server Error"},
		{replies("", "", "null"), pms.ErrDecode, "200 no API_RESULT_CODE in the answer"},
		{replies("E_OK", "", "null"), pms.ErrDecode, "200 no "},
		{replies("E_OK", "", "[]"), pms.ErrDecode, "200 "},
		{replies("E_OK", "", "{}"), pms.ErrDecode, "200 "},
		{replies("E_OK", "", `{"DIFF_ID":"q7k2"}`), pms.ErrDecode, "200 "},
		{replies("E_OK", "", `{"DIFF_ID":"q7k2","RES_LIST":null}`), pms.ErrDecode, "200 "},
		{replies("E_OK", "", `{"DIFF_ID":null,"RES_LIST":[]}`), pms.ErrDecode, "200 "},
	} {
		t.Run(tt.message, func(t *testing.T) {
			t.Parallel()
			c, _ := canned(t, tt.do)
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
			require.ErrorIs(t, err, tt.want)
			require.Contains(t, err.Error(), "kigo: ListBookings: "+tt.message)
			require.Empty(t, page)
			_, err = c.GetReservation(t.Context(), "1")
			require.Error(t, err)
			_, err = c.GetProperty(t.Context(), "1")
			require.Error(t, err)
			_, err = c.ListChanges(t.Context(), "")
			require.Error(t, err)
			_, err = c.CreateReservation(t.Context(), kigo.ReservationRequest{PropertyID: 1, CheckIn: day(1), CheckOut: day(2)})
			require.Error(t, err)
		})
	}
}

func day(n int) pms.Date { return pms.Date{Year: 2026, Month: time.July, Day: n} }

// A cancellation replies null, and the order of the envelope varies.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	c, _ := canned(t, sandbox.Status(http.StatusOK, nil,
		`{"API_REPLY":null,"API_DEPRECATED":"Use another one.","API_RESULT_TEXT":"","API_RESULT_CODE":"E_OK","API_VERSION":1}`))
	require.NoError(t, c.CancelReservation(t.Context(), "7"))
	require.NoError(t, c.CheckCredentials(t.Context()))
}

// The calendar of all properties takes minutes; nothing else may.
func TestSlowFirstDiff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{FirstDiff: 3 * time.Minute})
		defer s.Close()
		host := &http.Client{Timeout: 10 * time.Second}
		c := s.client(t, kigo.Config{HTTPClient: host})
		began := time.Now()
		page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
		require.NoError(t, err)
		require.Len(t, page.Items, len(s.world.Stays()))
		require.Equal(t, 3*time.Minute, time.Since(began))
		require.Equal(t, 10*time.Second, host.Timeout, "the host's own client stays as it is")

		changes, err := c.ListChanges(t.Context(), "")
		require.NoError(t, err)
		began = time.Now()
		_, err = c.ListChanges(t.Context(), changes.Next)
		require.NoError(t, err)
		require.Less(t, time.Since(began), 2*time.Second)

		s.seen.Add(sandbox.Rule{Do: sandbox.Slow(time.Minute)})
		once := s.client(t, kigo.Config{HTTPClient: &http.Client{Timeout: 10 * time.Second}, MaxRetries: -1})
		began = time.Now()
		require.ErrorIs(t, once.CheckCredentials(t.Context()), pms.ErrUnavailable)
		require.Equal(t, 10*time.Second, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{FirstDiff: time.Hour})
		defer s.Close()
		began := time.Now()
		_, err := s.client(t, kigo.Config{HTTPClient: &http.Client{Timeout: time.Second}, MaxRetries: -1}).ListChanges(t.Context(), "")
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.Equal(t, 200*time.Second, time.Since(began))
	})
}

// A list is one request, whatever the query; with details one more for each
// booking that answers it.
func TestListBookings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{NoLimits: true})
		defer s.Close()
		q := pms.BookingQuery{From: s.world.Today(), To: s.world.Today().AddDays(3), ExcludeCancelled: true, Limit: 1}
		plain, err := s.client(t, kigo.Config{}).ListBookings(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, []string{`diffPropertyCalendarReservations {"DIFF_ID":null}`}, s.calls())
		require.NotEmpty(t, plain.Items)
		require.Empty(t, plain.Next)
		for _, b := range plain.Items {
			require.True(t, q.Matches(b))
			require.Empty(t, b.Guest)
		}

		s.seen.Reset()
		whole, err := s.client(t, kigo.Config{Details: true}).ListBookings(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, whole.Items, len(plain.Items))
		stays := 0
		for i, b := range whole.Items {
			require.Equal(t, plain.Items[i].ID, b.ID)
			require.Equal(t, plain.Items[i].DepartureTime, b.DepartureTime)
			if b.Kind == pms.KindGuest {
				stays++
				require.NotEmpty(t, b.Guest.Name)
				require.Contains(t, string(b.Raw), "RES_N_ADULTS")
			}
		}
		require.Len(t, s.calls(), 1+stays)

		s.seen.Add(fails("readReservation", sandbox.Status(http.StatusForbidden, nil, "")))
		page, err := s.client(t, kigo.Config{Details: true}).ListBookings(t.Context(), q)
		require.ErrorIs(t, err, pms.ErrForbidden)
		require.Empty(t, page, "a list without the details that were asked for is no list")
	})
}

// Of entries that do not say whose they are, the reservation tells. One that is
// said to be the account's and has none is not taken for a block silently.
func TestWhoseEntry(t *testing.T) {
	t.Parallel()
	const entry = `{"RES_ID":%d,"PROP_ID":7,"RES_STATUS":"CONFIRMED","RES_CHECK_IN":"2026-07-01","RES_CHECK_OUT":"2026-07-02"%s}`
	list := fmt.Sprintf(entry, 1, `,"RES_IS_FOR":true`) + "," + fmt.Sprintf(entry, 2, `,"RES_IS_FOR":false`) + "," +
		fmt.Sprintf(entry, 3, "") + "," + fmt.Sprintf(entry, 4, `,"RES_IS_FOR":null`)
	answer := func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		do := replies("E_NOSUCH", "No such reservation", "null")
		switch string(body) {
		case `{"DIFF_ID":null}`:
			do = replies("E_OK", "", `{"DIFF_ID":"q","RES_LIST":[`+list+`]}`)
		case `{"RES_ID":3}`:
			do = replies("E_OK", "", `{"RES_ID":3,"RES_N_ADULTS":2}`)
		}
		return do(req, next)
	}
	for details, want := range map[bool][]pms.Kind{
		false: {pms.KindGuest, pms.KindBlock, pms.KindUnknown, pms.KindUnknown},
		true:  {pms.KindUnknown, pms.KindBlock, pms.KindGuest, pms.KindBlock},
	} {
		c, seen := canned(t, answer, func(cfg *kigo.Config) { cfg.Details = details })
		page, err := c.ListBookings(t.Context(), pms.BookingQuery{})
		require.NoError(t, err)
		var kinds []pms.Kind
		for _, b := range page.Items {
			kinds = append(kinds, b.Kind)
			require.Equal(t, "7", b.PropertyID)
		}
		require.Equal(t, want, kinds)
		if details {
			require.Len(t, seen.Seen(), 4, "of another account's entry nothing is asked")
			page, err = c.ListBookings(t.Context(), pms.BookingQuery{ExcludeBlocks: true})
			require.NoError(t, err)
			require.Len(t, page.Items, 2)
		}
	}
}

// A reservation that the vendor does not show costs its details, and neither the
// stay nor the rest of the list. What is about the account fails the list.
func TestDetailsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	other := `{"RES_ID":2,"PROP_ID":7,"RES_N_ADULTS":2,"RES_GUEST_FIRSTNAME":"Mia"}`
	for name, tt := range map[string]struct {
		do     sandbox.Fault
		failed string
		err    error
	}{
		"input":       {replies("E_INPUT", "No", "null"), "kigo: booking 1: kigo: ListChanges: 200 No (request c4ll)", nil},
		"null":        {replies("E_OK", "", "null"), "kigo: booking 1: kigo: ListChanges: 200 the answer is not the reservation", nil},
		"a list":      {replies("E_OK", "", "[]"), "kigo: booking 1: kigo: ListChanges: 200 the answer is not the reservation", nil},
		"another one": {replies("E_OK", "", other), "kigo: booking 1: kigo: ListChanges: 200 the answer is not the reservation", nil},
		"400":         {sandbox.Status(http.StatusBadRequest, nil, ""), "kigo: booking 1: kigo: ListChanges: 400 Bad Request", nil},
		"deactivated": {replies("E_DEACTIVATED", "", "null"), "", nil},
		"limit":       {replies("E_LIMIT", "", "null"), "", pms.ErrRateLimited},
		"new code":    {replies("E_NEW", "", "null"), "", pms.ErrUnavailable},
		"forbidden":   {sandbox.Status(http.StatusForbidden, nil, ""), "", pms.ErrForbidden},
		"HTML":        {sandbox.HTML(), "", pms.ErrDecode},
		"404":         {sandbox.Status(http.StatusNotFound, nil, ""), "", pms.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const entry = `{"RES_ID":%d,"PROP_ID":7,"RES_STATUS":"CONFIRMED","RES_CHECK_IN":"2026-07-01","RES_CHECK_OUT":"2026-07-02","RES_IS_FOR":true}`
			diff := fmt.Sprintf(`{"DIFF_ID":"r","RES_LIST":[`+entry+","+entry+`]}`, 1, 2)
			c, seen := canned(t, replies("E_OK", "", other), func(cfg *kigo.Config) { cfg.Details = true })
			seen.Rules = append([]sandbox.Rule{
				{Match: sandbox.Path("/api/ra/v1/diff"), Do: replies("E_OK", "", diff)},
				{Match: sandbox.Path("/api/ra/v1/readReservation"), Times: 1, Do: tt.do},
			}, seen.Rules...)
			page, err := c.ListChanges(t.Context(), "q")
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				require.Empty(t, page)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "r", page.Next)
			require.Len(t, page.Items, 2)
			require.True(t, page.Items[0].Occupies())
			require.Equal(t, day(2), page.Items[0].Departure)
			require.Zero(t, page.Items[0].Guests)
			require.Equal(t, "Mia", page.Items[1].Guest.Name)
			if tt.failed == "" {
				require.Empty(t, page.Failed)
				return
			}
			require.Len(t, page.Failed, 1)
			require.EqualError(t, page.Failed[0], tt.failed)
			require.JSONEq(t, fmt.Sprintf(entry, 1), string(page.Failed[0].Raw))
		})
	}
}

// The times of a stay are in the calendar only.
func TestGetBooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
		unit, err := w.AddProperty(sandbox.Property{ID: "101500"})
		require.NoError(t, err)
		late, err := pms.NewClock(16, 30)
		require.NoError(t, err)
		id, err := w.AddStay(sandbox.Stay{UnitID: unit, Arrival: day(10), Departure: day(14), DepartureTime: late})
		require.NoError(t, err)
		s := serveWorld(w, sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{})
		got, err := c.GetBooking(t.Context(), id+"#1")
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, late, got[0].DepartureTime)
		require.Equal(t, "14:00", got[0].ArrivalTime.String())
		require.Equal(t, []string{
			`readReservation {"RES_ID":` + id + `}`,
			`listPropertyCalendarReservations {"PROP_ID":101500,"LIST_START_DATE":"2026-07-09","LIST_END_DATE":"2026-07-15"}`,
		}, s.calls())

		// Whatever the vendor says of the calendar, the reservation is there.
		for _, do := range []sandbox.Fault{
			replies("E_DEACTIVATED", "", "null"), replies("E_NOSUCH", "", "null"), replies("E_EMPTY", "", "null"), replies("E_INPUT", "", "null"),
			sandbox.Status(http.StatusBadRequest, nil, ""), replies("E_OK", "", "[]"),
		} {
			s.seen.Reset()
			s.seen.Add(fails("listPropertyCalendarReservations", do))
			got, err = c.GetBooking(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, day(14), got[0].Departure)
			require.Zero(t, got[0].DepartureTime)
		}
		s.seen.Reset()
		s.seen.Add(fails("listPropertyCalendarReservations", sandbox.Status(http.StatusForbidden, nil, "")))
		_, err = c.GetBooking(t.Context(), id)
		require.ErrorIs(t, err, pms.ErrForbidden, "without its times it would look as if it changed")

		// Sync drops what is not found; what is deactivated is not that.
		for _, do := range []sandbox.Fault{replies("E_DEACTIVATED", "", "null"), replies("E_NOSUCH", "The property is deactivated", "null")} {
			s.seen.Reset()
			s.seen.Add(fails("readReservation", do))
			_, err = c.GetBooking(t.Context(), id)
			require.ErrorIs(t, err, pms.ErrForbidden)
			require.NotErrorIs(t, err, pms.ErrNotFound)
		}

		s.seen.Reset()
		require.NoError(t, w.Cancel(id))
		got, err = c.GetBooking(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, pms.StatusCancelled, got[0].Status)
		require.Len(t, s.calls(), 1)

		block, err := w.AddBlock(unit, day(20), day(21), "repair")
		require.NoError(t, err)
		_, err = c.GetBooking(t.Context(), block)
		require.ErrorIs(t, err, pms.ErrNotFound)
	})
}

// A reservation whose property is not told, or not readable, is a reservation.
func TestGetBookingWithoutAProperty(t *testing.T) {
	t.Parallel()
	for _, property := range []string{"null", `""`, `"loft"`, "0"} {
		c, seen := canned(t, replies("E_OK", "", `{"RES_ID":7,"PROP_ID":`+property+`,"RES_STATUS":"CONFIRMED","RES_CHECK_IN":"2026-07-01","RES_CHECK_OUT":"2026-07-02"}`))
		got, err := c.GetBooking(t.Context(), "7")
		require.NoError(t, err)
		require.Equal(t, day(1), got[0].Arrival)
		require.Len(t, seen.Seen(), 1)
	}
	c, _ := canned(t, replies("E_OK", "", `{"RES_ID":7,"RES_CHECK_IN":"soon","RES_CHECK_OUT":"2026-07-02"}`))
	_, err := c.GetBooking(t.Context(), "7")
	require.EqualError(t, err, "kigo: booking 7: RES_CHECK_IN: not a date and time")
}

func TestListChanges(t *testing.T) {
	t.Parallel()
	for _, details := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(sandbox.KigoOptions{})
			defer s.Close()
			c := s.client(t, kigo.Config{Details: details})
			page, err := c.ListChanges(t.Context(), "")
			require.NoError(t, err)
			require.Empty(t, page.Items, "what is there already is no change")
			require.NotEmpty(t, page.Next)
			require.False(t, page.More)
			require.Len(t, s.calls(), 1)
			start := page.Next

			stay := s.world.Stays()[5]
			require.NoError(t, s.world.Cancel(stay.ID))
			for range 2 { // the same until the cursor is left
				s.seen.Reset()
				page, err = c.ListChanges(t.Context(), start)
				require.NoError(t, err)
				require.Len(t, page.Items, 1)
				require.Equal(t, stay.ID, page.Items[0].ID)
				require.Equal(t, pms.StatusCancelled, page.Items[0].Status)
				require.Equal(t, details, page.Items[0].Guest.Name == stay.Guest.Name)
				require.NotEqual(t, start, page.Next)
			}
			require.Equal(t, `diffPropertyCalendarReservations {"DIFF_ID":"`+start+`"}`, s.calls()[0])

			page, err = c.ListChanges(t.Context(), page.Next)
			require.NoError(t, err)
			require.Empty(t, page.Items)

			s.seen.Add(fails("readReservation", sandbox.Status(http.StatusForbidden, nil, "")))
			_, err = c.ListChanges(t.Context(), start)
			require.Equal(t, details, err != nil, "a page without its details does not move the cursor")

			s.ForgetDiffs()
			_, err = c.ListChanges(t.Context(), page.Next)
			require.ErrorIs(t, err, pms.ErrBadCursor)
			require.NotErrorIs(t, err, pms.ErrInvalid)
			require.ErrorContains(t, err, "kigo: ListChanges: 200 DIFF_ID: invalid")
		})
	}
}

// Passes of Sync leave the host with what the account has, also when the vendor
// has forgotten its DIFF_ID.
func TestSync(t *testing.T) {
	t.Parallel()
	for _, details := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(sandbox.KigoOptions{FirstDiff: 3 * time.Minute})
			defer s.Close()
			c := s.client(t, kigo.Config{Details: details})
			stored := map[string]pms.Booking{}
			emitted := 0
			emit := func(_ context.Context, ch pms.SyncChange) error {
				emitted++
				switch ch.Kind {
				case pms.SyncGone:
					delete(stored, ch.Booking.ID)
				case pms.SyncUpsert:
					stored[ch.Booking.ID] = ch.Booking
				case pms.SyncFailed:
					return ch.Record
				}
				return nil
			}
			var checkpoint json.RawMessage
			pass := func() {
				t.Helper()
				var err error
				emitted = 0
				s.seen.Reset()
				checkpoint, err = pms.Sync(t.Context(), c, checkpoint, emit)
				require.NoError(t, err)
			}
			pass()
			page, err := c.ListBookings(t.Context(), pms.BookingQuery{From: s.world.Today().AddDays(-31)})
			require.NoError(t, err)
			require.Len(t, stored, len(page.Items))
			for _, b := range page.Items {
				require.Equal(t, b, stored[b.ID])
			}
			pass()
			require.Zero(t, emitted, "nothing changed")
			require.Len(t, s.calls(), 1)

			<-time.After(time.Hour)
			stays := s.world.Stays()
			require.NoError(t, s.world.Cancel(stays[12].ID))
			require.NoError(t, s.world.Delete(stays[13].ID))
			pass()
			require.Equal(t, 1, emitted)
			require.Equal(t, pms.StatusCancelled, stored[stays[12].ID].Status)

			s.ForgetDiffs()
			require.NoError(t, s.world.Extend(stays[14].ID, stays[14].Departure.AddDays(1)))
			pass()
			require.Equal(t, stays[14].Departure.AddDays(1), stored[stays[14].ID].Departure)
			for range 3 { // the deletion shows in the daily scans
				<-time.After(25 * time.Hour)
				pass()
			}
			require.NotContains(t, stored, stays[13].ID)
		})
	}
}

func TestListProperties(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 45, Stays: -1, Blocks: -1})
		s := serveWorld(w, sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{})
		page, err := c.ListProperties(t.Context(), pms.PropertyQuery{Limit: 1000})
		require.NoError(t, err)
		require.Len(t, page.Items, 20)
		require.Len(t, s.calls(), 21)
		require.Equal(t, "properties:300120", page.Next)

		// Between two pages one property in front goes and one behind comes.
		ids := map[string]bool{}
		_, err = w.AddProperty(sandbox.Property{ID: "300999"})
		require.NoError(t, err)
		items, failed, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{Cursor: page.Next}))
		require.NoError(t, err)
		require.Empty(t, failed)
		for _, p := range append(page.Items, items...) {
			require.False(t, ids[p.ID], p.ID)
			ids[p.ID] = true
			require.Equal(t, pms.PropertyActive, p.Status)
		}
		require.Len(t, ids, 46)

		for _, cursor := range []string{"properties:", "properties:0", "properties:-1", "properties:x", "300120"} {
			_, err = c.ListProperties(t.Context(), pms.PropertyQuery{Cursor: cursor})
			require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
		}
	})
}

// A property that is deactivated is inactive, one that vanished fails alone, and
// a wrong address is neither.
func TestPropertiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.KigoOptions{})
		defer s.Close()
		c := s.client(t, kigo.Config{TimeZone: "Europe/Rome"})
		units := s.world.Units()
		require.NoError(t, s.world.UpdateProperty(units[1].ID, func(p *sandbox.Property) { p.Inactive = true }))
		page, err := c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Len(t, page.Items, 4)
		assert.Equal(t, pms.PropertyActive, page.Items[0].Status)
		inactive := page.Items[1]
		require.JSONEq(t, `{"PROP_ID":300102,"PROP_NAME":"`+units[1].Name+`","PROP_PROVIDER":{"PROVIDER_TYPE":"RA","RA_ID":77}}`, string(inactive.Raw))
		inactive.Raw = nil
		assert.Equal(t, pms.Property{
			Vendor: "kigo", ID: units[1].ID, Name: units[1].Name, TimeZone: "Europe/Rome",
			Status: pms.PropertyInactive, Cleanliness: pms.CleanlinessUnknown,
		}, inactive)

		s.seen.Add(fails("readProperty2", replies("E_NOSUCH", "The property was Deactivated", "null")))
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		for _, p := range page.Items {
			assert.Equal(t, pms.PropertyInactive, p.Status)
		}
		require.Len(t, page.Items, 4)

		s.seen.Reset()
		s.seen.Add(fails("readProperty2", replies("E_NOSUCH", "No such property", "null")))
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
		require.Len(t, page.Failed, 4)
		require.ErrorIs(t, page.Failed[0], pms.ErrNotFound)
		require.EqualError(t, page.Failed[0], "kigo: property 300101: kigo: ListProperties: 200 No such property (request c4ll)")

		for _, do := range []sandbox.Fault{
			replies("E_INPUT", "", "null"), replies("E_OK", "", "null"), replies("E_OK", "", "[]"), replies("E_OK", "", `{"PROP_ID":300999}`),
		} {
			s.seen.Reset()
			s.seen.Add(sandbox.Rule{Match: sandbox.Path("/api/ra/v1/readProperty2"), Times: 1, Do: do})
			page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
			require.NoError(t, err)
			require.Len(t, page.Items, 3, "one property fails alone")
			require.Len(t, page.Failed, 1)
			require.Equal(t, units[0].ID, page.Failed[0].ID)
		}

		s.seen.Reset()
		s.seen.Add(fails("readProperty2", sandbox.Status(http.StatusNotFound, nil, "")))
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.Empty(t, page)

		s.seen.Reset()
		s.seen.Add(fails("listProperties2", replies("E_OK", "", `[{"PROP_ID":"300101","PROP_NAME":"x"},{"PROP_ID":300101},{"PROP_ID":"loft"},{"PROP_ID":null},7]`)))
		page, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Len(t, page.Failed, 3)
	})
}

// What the vendor repeats of credentials and guests is masked.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	echo := func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(fmt.Sprint("refused: ", req.Header, string(body)))
		if err != nil {
			return nil, err
		}
		return sandbox.Status(http.StatusOK, nil, `{"API_RESULT_CODE":"E_INPUT","API_CALL_ID":`+string(text)+`,"API_RESULT_TEXT":`+string(text)+`}`)(req, next)
	}
	c, seen := canned(t, echo, func(cfg *kigo.Config) {
		cfg.Username, cfg.Password = "canary-agency", "canary-password"
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	guest := kigo.Guest{FirstName: "Veronika", LastName: "Vymyslena", Email: "vera@example.com", Phone: "+7 900 000-11-22"}
	_, err := c.CreateReservation(t.Context(), kigo.ReservationRequest{PropertyID: 1, CheckIn: day(1), CheckOut: day(2), Guest: guest, Comment: "canary-comment", CommentGuest: "canary-wish"})
	var api *pms.APIError
	require.ErrorAs(t, err, &api)
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.Contains(t, api.Message, "refused: ")
	_, sent, _ := strings.Cut(seen.Seen()[0].Header.Get("Authorization"), " ")
	require.NotEmpty(t, sent)
	pmstest.NoSecrets(t, fmt.Sprintf("%s %+v %s %s", err, *api, api.Body, &log), "canary-agency", "canary-password", sent,
		string(guest.FirstName), string(guest.LastName), string(guest.Email), string(guest.Phone), "canary-comment", "canary-wish")
}

// BenchmarkPage decodes and maps 100 entries of 200 KB.
func BenchmarkPage(b *testing.B) {
	body := benchmarkPage(b)
	b.Run("connector", func(b *testing.B) {
		c, err := kigo.New(kigo.Config{
			Username: "agency", Password: "secret", Limiter: unlimited{},
			HTTPClient: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: http.StatusOK, Header: http.Header{}, Request: req,
					Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
				}, nil
			})},
		})
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
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var answer struct {
				Reply struct {
					Entries []kigo.CalendarEntry `json:"RES_LIST"`
				} `json:"API_REPLY"`
			}
			if err := json.Unmarshal(body, &answer); err != nil || len(answer.Reply.Entries) != 100 {
				b.Fatal(err)
			}
		}
	})
}

func benchmarkPage(b *testing.B) []byte {
	b.Helper()
	entries := make([]map[string]any, 100)
	for i := range entries {
		entries[i] = map[string]any{
			"RES_ID": 23190001 + i, "PROP_ID": 101500, "RES_STATUS": "CONFIRMED", "RES_IS_FOR": true,
			"RES_CHECK_IN": "2026-08-01 15:00:00", "RES_CHECK_OUT": "2026-08-08 10:00:00", "filler": strings.Repeat("x", 1850),
		}
	}
	body, err := json.Marshal(map[string]any{
		"API_RESULT_CODE": "E_OK", "API_RESULT_TEXT": "", "API_REPLY": map[string]any{"DIFF_ID": "q7k2", "RES_LIST": entries},
	})
	require.NoError(b, err)
	return body
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
