package escapia_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/escapia"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// server is a sandbox manager of Escapia and the requests that it saw.
type server struct {
	*sandbox.Escapia
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.EscapiaOptions) server {
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2})
	return serveWorld(world, o)
}

func serveWorld(world *sandbox.World, o sandbox.EscapiaOptions) server {
	stand := sandbox.NewEscapia(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) client(t testing.TB, change ...func(*escapia.Config)) *escapia.Client {
	t.Helper()
	cfg := escapia.Config{
		ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, PMCID: pms.Text(s.Options().PMCID),
		HTTPClient: &http.Client{Transport: s.seen},
	}
	for _, fn := range change {
		fn(&cfg)
	}
	c, err := escapia.New(cfg)
	require.NoError(t, err)
	return c
}

// calls returns method, name and query of what was sent, the token left out.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		call := r.Method + " " + strings.TrimPrefix(r.URL, "https://hsapi.escapia.com"+apiPath)
		if call != "GET auth/token" {
			all = append(all, call)
		}
	}
	return all
}

func (s server) logins() int { return len(s.seen.Seen()) - len(s.calls()) }

// rewrite changes the answers of the calls with this name.
func (s server) rewrite(name, old, replacement string) {
	s.seen.Add(sandbox.Rule{Match: ends("/" + name), Do: sandbox.Rewrite(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(old), []byte(replacement))
	})})
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]escapia.Config{
		"escapia: ClientID is required":                           {ClientSecret: "x", PMCID: "1"},
		"escapia: ClientSecret is required":                       {ClientID: "x", ClientSecret: " \n", PMCID: "1"},
		"escapia: PMCID is required":                              {ClientID: "x", ClientSecret: "x"},
		"escapia: PMCID must be a number":                         {ClientID: "x", ClientSecret: "x", PMCID: "one"},
		"escapia: ClientID must not hold a colon":                 {ClientID: "a:b", ClientSecret: "x", PMCID: "1"},
		"escapia: ClientSecret holds a line break":                {ClientID: "x", ClientSecret: "a\nb", PMCID: "1"},
		`escapia: TimeZone "Maui" is not an IANA zone known here`: {ClientID: "x", ClientSecret: "x", PMCID: "1", TimeZone: "Maui"},
		"escapia: BaseURL must begin with https:// or http://":    {ClientID: "x", ClientSecret: "x", PMCID: "1", BaseURL: "ftp://x"},
	} {
		_, err := escapia.New(cfg)
		require.EqualError(t, err, want)
	}
	_, err := escapia.New(escapia.Config{ClientID: " id ", ClientSecret: " key\n", PMCID: " 1020"})
	require.NoError(t, err, "what is pasted with spaces around it is trimmed")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`1020`, `"1020"`} {
		var cfg escapia.Config
		require.NoError(t, settings.Decode("escapia", []byte(`{"clientId":"i","clientSecret":"s","pmcid":`+id+
			`,"timeZone":"Pacific/Honolulu","checkIn":"16:00","checkOut":"10:00","cleanStatuses":{"clean":"Ready"},"cleaningTypeCode":"DEP"}`), &cfg))
		require.Equal(t, "16:00 10:00", cfg.CheckIn.String()+" "+cfg.CheckOut.String())
		cfg.CheckIn, cfg.CheckOut = pms.Clock{}, pms.Clock{}
		require.True(t, cfg == escapia.Config{ //nolint:testifylint // a Config prints as nothing
			ClientID: "i", ClientSecret: "s", PMCID: "1020", TimeZone: "Pacific/Honolulu",
			CleanStatuses: escapia.StatusNames{Clean: "Ready"}, CleaningTypeCode: "DEP",
		})
	}
	var cfg escapia.Config
	require.EqualError(t, settings.Decode("escapia", []byte(`{"pmcId":1,"apiKey":"k"}`), &cfg), `escapia: settings: unknown key "apiKey"`)
	require.Error(t, settings.Decode("escapia", []byte(`{"cleanStatuses":{"sparkling":"x"}}`), &cfg))
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := escapia.Config{ClientID: "canary-id", ClientSecret: "canary-secret", PMCID: "1020"}
	c, err := escapia.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		pmstest.NoSecrets(t, text, "canary-id", "canary-secret", "Y2FuYXJ5LWlkOmNhbmFyeS1zZWNyZXQ=")
	}
}

// Every call names version and system; the manager is named where there is one.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t)
	require.NoError(t, c.CheckCredentials(t.Context()))
	_, err := c.GetUnit(t.Context(), s.world.Units()[0].ID)
	require.NoError(t, err)
	seen := s.seen.Seen()
	require.Len(t, seen, 3)
	const prefix = "X-Homeaway-Hasp-Api-"
	token, list, unit := seen[0].Header, seen[1].Header, seen[2].Header
	require.Equal(t, "Basic c2FuZGJveC1lc2NhcGlhLWNsaWVudDpzYW5kYm94LWVzY2FwaWEtc2VjcmV0", token.Get("Authorization"))
	require.Empty(t, token.Get(prefix+"Pmcid"))
	for _, header := range []http.Header{list, unit} {
		require.Equal(t, "10", header.Get(prefix+"Version"))
		require.Equal(t, "EscapiaVRS", header.Get(prefix+"Endsystem"))
		require.Regexp(t, `^Bearer [A-Za-z0-9+/=]+$`, header.Get("Authorization"), "the encoded token, with one prefix")
	}
	require.Empty(t, list.Get(prefix+"Pmcid"))
	require.Equal(t, "1020", unit.Get(prefix+"Pmcid"))
}

// token answers the call for a token with a body.
func (s server) token(body string) {
	s.seen.Add(sandbox.Rule{Match: ends("/auth/token"), Do: sandbox.Status(http.StatusOK, nil, body)})
}

func TestTokenForms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"authorizationHeaderValue":"Bearer b64","encodedId":"other","id":"raw"}`: "Bearer b64",
		`{"authorizationHeaderValue":"b64"}`:                                       "Bearer b64",
		`{"authorizationHeaderValue":null,"encodedId":"b64","id":"raw"}`:           "Bearer b64",
	} {
		s := serve(sandbox.EscapiaOptions{})
		s.token(body)
		require.ErrorIs(t, s.client(t).CheckCredentials(t.Context()), pms.ErrUnauthorized, "the token is not one of the sandbox")
		require.Equal(t, want, s.seen.Seen()[1].Header.Get("Authorization"))
		s.Close()
	}
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	s.token(`{"id":"raw"}`)
	err := s.client(t).CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrDecode, "the raw id is no token")
	require.EqualError(t, err, "escapia: Authenticate: 200 no token in the answer")
}

// A token is replaced a minute before it ends. One of which the end is unknown,
// or over by our clock, serves for half an hour.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		life      time.Duration
		forget    bool
		wait      time.Duration
		wantAfter int
	}{
		"in time":      {life: time.Hour, wait: 58 * time.Minute, wantAfter: 1},
		"a minute off": {life: time.Hour, wait: 59 * time.Minute, wantAfter: 2},
		"unknown":      {life: time.Hour, forget: true, wait: 28 * time.Minute, wantAfter: 1},
		"unknown, old": {life: time.Hour, forget: true, wait: 29 * time.Minute, wantAfter: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := serve(sandbox.EscapiaOptions{TokenLife: tt.life})
				defer s.Close()
				if tt.forget {
					s.rewrite("auth/token", "expiration", "other")
				}
				c := s.client(t)
				require.NoError(t, c.CheckCredentials(t.Context()))
				<-time.After(tt.wait)
				require.NoError(t, c.CheckCredentials(t.Context()))
				require.Equal(t, tt.wantAfter, s.logins())
				require.Len(t, s.calls(), 2, "no call was refused")
			})
		})
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	wrong := s.client(t, func(cfg *escapia.Config) { cfg.ClientSecret = "canary-wrong" })
	err := wrong.CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.EqualError(t, err, "escapia: Authenticate: 401 Unauthorized")

	other := s.client(t, func(cfg *escapia.Config) { cfg.PMCID = "1021" })
	require.ErrorIs(t, other.CheckCredentials(t.Context()), pms.ErrForbidden)
	_, err = other.ListBookings(t.Context(), pms.BookingQuery{})
	require.ErrorIs(t, err, pms.ErrForbidden)
	list, err := other.ListCompanies(t.Context())
	require.NoError(t, err, "who asks which managers there are need not know one")
	require.Equal(t, []escapia.Company{{PMCID: "1020", EndSystem: "EscapiaVRS", Name: "Sandbox Rentals"}}, list.Items)
}

// The search is asked for the window and the units, and what it finds is read
// by id, what is filtered out is not.
func TestListReadsEach(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t)
	day := s.world.Today()
	q := pms.BookingQuery{From: day, To: day.AddDays(3), PropertyIDs: []string{s.world.Units()[1].ID}, ExcludeBlocks: true}
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, q))
	require.NoError(t, err)
	require.Empty(t, failed)
	require.NotEmpty(t, items)
	calls := s.calls()
	require.Equal(t, "POST SearchReservationSummaries", calls[0])
	want := map[string]bool{}
	for _, b := range items {
		want["GET GetReservationById?id="+b.ID] = true
	}
	for _, call := range calls[1:] {
		require.True(t, want[call], call)
	}
	require.Len(t, calls, 1+len(want))
	require.JSONEq(t, fmt.Sprintf(`{"specification":{"stayDateRangeSearchSpecification":{"dateRange":{"startDate":"%s","endDate":"%s"},
		"dateRangeSearchMethod":"Overlap"},"unitNativePMSIDs":["%s"],"sortingMethod":"BookedChronological"},"pageSize":100,"pageNumber":1}`,
		day.AddDays(-1), day.AddDays(4), q.PropertyIDs[0]), string(s.seen.Seen()[1].Body))

	s.seen.Reset()
	_, err = c.ListBookings(t.Context(), pms.BookingQuery{From: day})
	require.NoError(t, err)
	require.Contains(t, string(s.seen.Seen()[0].Body), `{"startDate":"`+day.AddDays(-1).String()+`","endDate":"2100-01-01"}`)
}

// A cancelled reservation looks confirmed in the search.
func TestCancelled(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t)
	var id string
	for _, stay := range s.world.Stays() {
		if stay.Status == pms.StatusConfirmed {
			id = stay.ID
		}
	}
	require.NoError(t, s.world.Cancel(id))
	items, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
	require.NoError(t, err)
	i := slices.IndexFunc(items, func(b pms.Booking) bool { return b.ID == id })
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, pms.StatusCancelled, items[i].Status)
	items, _, err = pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{ExcludeCancelled: true}))
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(items, func(b pms.Booking) bool { return b.ID == id }))
}

// Words that nobody knows are delivered as such.
func TestUnknownWords(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	status := regexp.MustCompile(`"status":"\w+"`)
	strange, levitating := s.world.Stays()[0].ID, s.world.Stays()[1].ID
	s.one(strange, sandbox.Rewrite(func(body []byte) []byte { return status.ReplaceAll(body, []byte(`"status":"teleported"`)) }))
	s.one(levitating, sandbox.Rewrite(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"holdType":"None"`), []byte(`"holdType":"Levitating"`))
	}))
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), s.client(t), pms.BookingQuery{}))
	require.NoError(t, err)
	require.Empty(t, failed)
	got := map[string]pms.Booking{}
	for _, b := range items {
		got[b.ID] = b
	}
	require.Equal(t, pms.StatusUnknown, got[strange].Status)
	require.Equal(t, "teleported", got[strange].RawStatus)
	require.Equal(t, pms.KindUnknown, got[levitating].Kind)
	require.False(t, got[levitating].Occupies())
}

// one breaks the reads of one reservation.
func (s server) one(id string, do sandbox.Fault) {
	s.seen.Add(sandbox.Rule{
		Match: func(r *http.Request) bool { return ends("/GetReservationById")(r) && r.URL.Query().Get("id") == id }, Do: do,
	})
}

// A reservation that is listed and cannot be read is reported; one that went
// meanwhile is left out; what is no fault of the reservation fails the list.
func TestRowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) sandbox.Fault {
		return sandbox.Status(status, http.Header{"Content-Type": {"application/json"}}, body)
	}
	for name, tt := range map[string]struct {
		do   sandbox.Fault
		want error
	}{
		"null":   {answer(200, "null"), pms.ErrNotFound},
		"404":    {answer(404, ""), pms.ErrNotFound},
		"204":    {answer(204, ""), pms.ErrNotFound},
		"reason": {answer(200, `{"failureDiagnosis":{"displayMessage":"Not for you","internalMessage":null},"nativePMSID":null}`), pms.ErrInvalid},
		"object": {answer(200, "{}"), pms.ErrDecode},
		"list":   {answer(200, "[]"), pms.ErrDecode},
		"other":  {answer(200, `{"nativePMSID":"1","stayDateRange":{"startDate":"2026-06-01","endDate":"2026-06-02"}}`), pms.ErrDecode},
		"500":    {answer(500, ""), pms.ErrUnavailable},
	} {
		s := serve(sandbox.EscapiaOptions{})
		id := s.world.Stays()[3].ID
		s.one(id, tt.do)
		c := s.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 })
		items, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
		require.NoError(t, err, name)
		require.Len(t, failed, 1, name)
		require.Equal(t, id, failed[0].ID)
		require.ErrorIs(t, failed[0], tt.want)
		require.Contains(t, string(failed[0].Raw), id)
		require.Len(t, items, len(s.world.Stays())-1)
		s.Close()
	}
	for name, do := range map[string]sandbox.Fault{
		"503": answer(503, ""), "html": answer(200, "<html>"), "403": answer(403, ""), "cut": answer(200, `{"nativePMSID":"1"`),
	} {
		s := serve(sandbox.EscapiaOptions{})
		s.one(s.world.Stays()[3].ID, do)
		page, err := s.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 }).ListBookings(t.Context(), pms.BookingQuery{})
		require.Error(t, err, name)
		require.NotErrorIs(t, err, pms.ErrNotFound)
		require.Empty(t, page.Items)
		s.Close()
	}
	down := serve(sandbox.EscapiaOptions{})
	defer down.Close()
	down.seen.Add(sandbox.Rule{Match: ends("/GetReservationById"), Do: answer(500, "")})
	page, err := down.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 }).ListBookings(t.Context(), pms.BookingQuery{})
	require.ErrorIs(t, err, pms.ErrUnavailable, "no reservation can be read: it is not their fault")
	require.Empty(t, page)
	page, err = down.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 }).ListBookings(t.Context(), pms.BookingQuery{Limit: 1})
	require.NoError(t, err, "one alone on its page may be bad")
	require.Len(t, page.Failed, 1)
	require.NotEmpty(t, page.Next)
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	id := s.world.Stays()[3].ID
	s.one(id, func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		_ = s.world.Delete(id)
		return next.RoundTrip(req)
	})
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), s.client(t), pms.BookingQuery{}))
	require.NoError(t, err)
	require.Empty(t, failed)
	require.Len(t, items, len(s.world.Stays()))
}

func TestGetBookingUnknown(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t)
	_, err := c.GetBooking(t.Context(), "7")
	require.EqualError(t, err, "escapia: GetBooking: 200 not found")
	_, err = c.GetReservationByNumber(t.Context(), "RES-7")
	require.ErrorIs(t, err, pms.ErrNotFound)
	r, err := c.GetReservationByNumber(t.Context(), "RES-"+s.world.Stays()[0].ID)
	require.NoError(t, err)
	require.Equal(t, pms.Text(s.world.Stays()[0].ID), r.NativePMSID)
}

// Units share a housekeeping status in the vendor's answer: all but the first
// have a reference to it.
func TestReferencesAreResolved(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	for _, unit := range s.world.Units() {
		require.NoError(t, s.world.SetCleanliness(unit.ID, pms.Inspected))
	}
	items, failed, err := pms.Collect(pms.Properties(t.Context(), s.client(t), pms.PropertyQuery{}))
	require.NoError(t, err)
	require.Empty(t, failed)
	require.Len(t, items, 4)
	for _, p := range items {
		require.Equal(t, pms.Inspected, p.Cleanliness, p.ID)
		require.NotContains(t, string(p.Raw), "$ref")
	}
}

// A unit that goes between the search and the read is reported.
func TestUnitThatVanishes(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	s.rewrite("SearchUnitSummaries", s.world.Units()[2].ID, "555")
	items, failed, err := pms.Collect(pms.Properties(t.Context(), s.client(t), pms.PropertyQuery{}))
	require.NoError(t, err)
	require.Len(t, items, 3)
	require.Len(t, failed, 1)
	require.EqualError(t, failed[0], "escapia: property 555: nativePMSID: not found")
	_, err = s.client(t).GetUnits(t.Context(), make([]string, 26))
	require.ErrorIs(t, err, pms.ErrInvalid)
}

func TestUnitBatches(t *testing.T) {
	t.Parallel()
	world := sandbox.NewWorld(1, sandbox.Options{Properties: 130, Stays: -1, Blocks: -1})
	s := serveWorld(world, sandbox.EscapiaOptions{})
	defer s.Close()
	items, failed, err := pms.Collect(pms.Properties(t.Context(), s.client(t), pms.PropertyQuery{}))
	require.NoError(t, err)
	require.Empty(t, failed)
	require.Len(t, items, 130)
	const search, read = "POST SearchUnitSummaries", "POST GetUnitsById"
	require.Equal(t, []string{search, read, read, read, read, search, read, read}, s.calls())
}

func TestListChanges(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{ChangesPerCall: 8})
	defer s.Close()
	c := s.client(t, func(cfg *escapia.Config) { cfg.TimeZone = "Europe/Moscow" })
	ctx := t.Context()
	begin, err := pms.ListChanges(ctx, c, "")
	require.NoError(t, err)
	require.Equal(t, pms.ChangePage{Next: begin.Next}, begin)
	require.Equal(t, []string{
		"GET GetReservationChanges?startVersion=0", "GET GetReservationChanges?startVersion=64041537",
		"GET GetReservationChanges?startVersion=64041593", "GET GetReservationChanges?startVersion=64041635",
	}, s.calls(), "the past is passed over, and nothing of it is read")
	require.Equal(t, "version:1020:64041635", begin.Next)

	stays := s.world.Stays()
	require.NoError(t, s.world.Update(stays[0].ID, func(s *sandbox.Stay) { s.Notes = "changed" }))
	require.NoError(t, s.world.Update(stays[0].ID, func(s *sandbox.Stay) { s.Notes = "changed again" }))
	require.NoError(t, s.world.Cancel(stays[1].ID))
	require.NoError(t, s.world.Delete(stays[2].ID))
	s.seen.Reset()
	page, err := c.ListChanges(ctx, begin.Next)
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, "changed again", page.Items[0].Notes)
	require.WithinDuration(t, time.Now(), page.Items[0].UpdatedAt, time.Minute)
	require.Equal(t, pms.StatusCancelled, page.Items[1].Status)
	require.Equal(t, []string{stays[2].ID}, page.Gone)
	require.Empty(t, page.Failed)
	require.True(t, page.More)
	require.Len(t, s.calls(), 3, "two changes of one reservation are one, and a deleted one is not read")
	end, err := c.ListChanges(ctx, page.Next)
	require.NoError(t, err)
	require.Equal(t, pms.ChangePage{Next: page.Next}, end)

	for _, cursor := range []string{"version:1021:5", "version:1020:", "version:1020:-1", "version:1020:99999999999999999999", "5", "changes:1"} {
		_, err := c.ListChanges(ctx, cursor)
		require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
	}
}

// answerChanges answers the list of changes with a body.
func (s server) answerChanges(body string) {
	s.seen.Add(sandbox.Rule{Match: ends("/GetReservationChanges"), Do: sandbox.Status(http.StatusOK, nil, body)})
}

func TestChangeLists(t *testing.T) {
	t.Parallel()
	const from = "version:1020:100"
	for name, tt := range map[string]struct {
		body string
		next string // empty for an error
		err  error
		gone []string
		more bool
	}{
		"empty, version goes on":   {`{"startVersion":100,"endVersion":140,"changes":[]}`, "version:1020:140", nil, nil, false},
		"empty, without a version": {`{"startVersion":100,"endVersion":0,"changes":[]}`, from, nil, nil, false},
		"Deleted":                  {`{"endVersion":140,"changes":[{"nativePMSID":5,"changeType":"Deleted"}]}`, "version:1020:140", nil, []string{"5"}, true},
		"deleted in the end": {
			`{"endVersion":"140","changes":[{"nativePMSID":"5","changeType":"Create"},{"nativePMSID":"5","changeType":"Delete"}]}`,
			"version:1020:140", nil, []string{"5"}, true,
		},
		"no progress":       {`{"endVersion":100,"changes":[{"nativePMSID":"5","changeType":"Delete"}]}`, from, nil, []string{"5"}, false},
		"back":              {`{"endVersion":90,"changes":[]}`, "", pms.ErrBadCursor, nil, false},
		"no changes":        {`{"endVersion":140}`, "", pms.ErrDecode, nil, false},
		"no version":        {`{"changes":[]}`, "", pms.ErrDecode, nil, false},
		"nothing":           {`{}`, "", pms.ErrDecode, nil, false},
		"changes no list":   {`{"endVersion":140,"changes":{}}`, "", pms.ErrDecode, nil, false},
		"failure under 200": {`{"failureDiagnosis":{"displayMessage":"no"}}`, "", pms.ErrInvalid, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(sandbox.EscapiaOptions{})
			defer s.Close()
			s.answerChanges(tt.body)
			page, err := s.client(t).ListChanges(t.Context(), from)
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				require.Equal(t, pms.ChangePage{}, page)
				return
			}
			require.NoError(t, err)
			require.Equal(t, pms.ChangePage{Next: tt.next, Gone: tt.gone, More: tt.more}, page)
		})
	}
}

// What changed and cannot be read is reported, and the cursor moves on; what is
// no fault of the reservation keeps the cursor.
func TestChangesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 })
	id := s.world.Stays()[0].ID
	s.answerChanges(`{"endVersion":140,"changes":[{"nativePMSID":"5","changeType":"Update"},{"changeType":"Update"},{"nativePMSID":"` + id + `","changeType":"Merged"}]}`)
	page, err := c.ListChanges(t.Context(), "version:1020:100")
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "a change of an unknown sort is read again")
	require.Equal(t, id, page.Items[0].ID)
	require.Len(t, page.Failed, 2)
	require.EqualError(t, page.Failed[0], "escapia: change #2: id: missing")
	require.Equal(t, "5", page.Failed[1].ID)
	require.ErrorIs(t, page.Failed[1], pms.ErrNotFound)
	require.Equal(t, "version:1020:140", page.Next)

	s.one(id, sandbox.Status(http.StatusServiceUnavailable, nil, ""))
	page, err = c.ListChanges(t.Context(), "version:1020:100")
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Equal(t, pms.ChangePage{}, page)
}

// A reservation that the vendor fails over holds up no other change and is not
// passed over: the cursor has it until it can be read.
func TestChangesAreReadAgain(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t, func(cfg *escapia.Config) { cfg.MaxRetries = -1 })
	ctx := t.Context()
	bad, good, gone := s.world.Stays()[0].ID, s.world.Stays()[1].ID, s.world.Stays()[2].ID
	begin, err := c.ListChanges(ctx, "")
	require.NoError(t, err)
	change := func(id string) {
		require.NoError(t, s.world.Update(id, func(s *sandbox.Stay) { s.Notes += " changed" }))
	}
	follow := func(cursor string, items, failed, vanished []string) string {
		t.Helper()
		page, err := c.ListChanges(ctx, cursor)
		require.NoError(t, err)
		var got, unread []string
		for _, b := range page.Items {
			got = append(got, b.ID)
		}
		for _, record := range page.Failed {
			unread = append(unread, record.ID)
		}
		require.Equal(t, [][]string{items, failed, vanished}, [][]string{got, unread, page.Gone})
		return page.Next
	}
	for _, id := range []string{bad, gone} {
		s.one(id, sandbox.Status(http.StatusInternalServerError, nil, ""))
		change(id)
	}
	change(good)
	next := follow(begin.Next, []string{good}, []string{bad, gone}, nil)
	require.Regexp(t, `^version:1020:\d+:`+bad+":"+gone+"$", next)
	next = follow(next, nil, []string{bad, gone}, nil)
	require.NoError(t, s.world.Delete(gone))
	change(good)
	next = follow(next, []string{good}, []string{bad}, []string{gone})
	change(bad)
	next = follow(next, nil, []string{bad}, nil)
	s.seen.Reset()
	next = follow(next, []string{bad}, nil, nil)
	require.Regexp(t, `^version:1020:\d+$`, next)
	require.Equal(t, next, follow(next, nil, nil, nil))

	var many []string
	for i := range 101 {
		id := fmt.Sprint(9000 + i)
		many = append(many, `{"nativePMSID":"`+id+`","changeType":"Update"}`)
	}
	s.answerChanges(`{"endVersion":99000000,"changes":[` + strings.Join(many, ",") + `]}`)
	s.seen.Add(sandbox.Rule{Match: ends("/GetReservationById"), Do: sandbox.Status(http.StatusInternalServerError, nil, "")})
	page, err := c.ListChanges(ctx, next)
	require.ErrorIs(t, err, pms.ErrUnavailable, "more than a cursor keeps")
	require.Equal(t, pms.ChangePage{}, page)
}

// TestSync: the feed and the scan say the same of a booking, so that a pass
// emits what changed and nothing else.
func TestSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { syncs(t, false) })
}

// A search without cancelled reservations makes none of them come back or go.
func TestSyncWithoutCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { syncs(t, true) })
}

func syncs(t *testing.T, hideCancelled bool) {
	t.Helper()
	s := serve(sandbox.EscapiaOptions{ChangesPerCall: 3, TokenLife: 30 * 24 * time.Hour, HideCancelled: hideCancelled})
	defer s.Close()
	c := s.client(t, func(cfg *escapia.Config) { cfg.TimeZone = "Europe/Moscow" })
	var checkpoint json.RawMessage
	pass := func() map[string]pms.SyncKind {
		t.Helper()
		got := map[string]pms.SyncKind{}
		next, err := pms.Sync(t.Context(), c, checkpoint, func(_ context.Context, change pms.SyncChange) error {
			require.Nil(t, change.Record)
			got[change.Booking.ID] = change.Kind
			return nil
		})
		require.NoError(t, err)
		checkpoint = next
		return got
	}
	listed := slices.DeleteFunc(s.world.Stays(), func(s sandbox.Stay) bool { return hideCancelled && s.Status == pms.StatusCancelled })
	require.Len(t, pass(), len(listed))
	require.Empty(t, pass())
	var coming []string
	for _, stay := range s.world.Stays() {
		if stay.Arrival.After(s.world.Today()) && stay.Status == pms.StatusConfirmed {
			coming = append(coming, stay.ID)
		}
	}
	require.GreaterOrEqual(t, len(coming), 3)
	require.NoError(t, s.world.Cancel(coming[0]))
	require.NoError(t, s.world.Delete(coming[1]))
	stay, _ := s.world.Stay(coming[2])
	require.NoError(t, s.world.Extend(coming[2], stay.Departure.AddDays(1)))
	made, err := s.world.AddStay(sandbox.Stay{UnitID: stay.UnitID, Arrival: stay.Arrival.AddDays(90), Departure: stay.Arrival.AddDays(92)})
	require.NoError(t, err)
	s.seen.Reset()
	want := map[string]pms.SyncKind{coming[0]: pms.SyncUpsert, coming[1]: pms.SyncGone, coming[2]: pms.SyncUpsert, made: pms.SyncUpsert}
	require.Equal(t, want, pass())
	require.Len(t, s.calls(), 6, "three lists of changes and three reservations")
	for range 3 {
		<-time.After(25 * time.Hour)
		require.Empty(t, pass(), "the daily scan finds nothing new")
	}
}

func TestSetCleanliness(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{CleanWords: map[pms.Cleanliness]string{pms.Clean: "Ready", pms.Dirty: "dirty"}})
	defer s.Close()
	unit := s.world.Units()[0].ID
	is := func(want pms.Cleanliness) {
		t.Helper()
		p, _ := s.world.Property(unit)
		require.Equal(t, want, p.Cleanliness)
	}
	c := s.client(t)
	require.NoError(t, c.SetCleanliness(t.Context(), unit, pms.Dirty), "the case of a name does not matter")
	is(pms.Dirty)
	seen := s.seen.Seen()
	require.JSONEq(t, `{"name":"dirty","nativePMSID":"50"}`, string(seen[len(seen)-1].Body))
	err := c.SetCleanliness(t.Context(), unit, pms.Clean)
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.EqualError(t, err, `escapia: SetCleanliness: the manager has no housekeeping status "Clean" but "dirty", "Ready"`)
	is(pms.Dirty)

	named := s.client(t, func(cfg *escapia.Config) { cfg.CleanStatuses.Clean = " ready " })
	require.NoError(t, named.SetCleanliness(t.Context(), unit, pms.Clean))
	is(pms.Clean)
	for _, client := range []*escapia.Client{c, named} {
		want := pms.CleanlinessUnknown
		if client == named {
			want = pms.Clean
		}
		list, err := client.ListProperties(t.Context(), pms.PropertyQuery{})
		require.NoError(t, err)
		require.Equal(t, want, list.Items[0].Cleanliness)
	}
	err = c.SetCleanliness(t.Context(), "7", pms.Dirty)
	require.ErrorIs(t, err, pms.ErrInvalid, "false under 200 is no success")
	require.EqualError(t, err, "escapia: SetCleanliness: 200 the vendor did not save it")
}

// Ids of statuses are the manager's own: two managers with the same names.
func TestStatusesOfTwoManagers(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, pmcid := range []string{"1020", "2050"} {
		s := serve(sandbox.EscapiaOptions{PMCID: pmcid})
		require.NoError(t, s.client(t).SetCleanliness(t.Context(), s.world.Units()[0].ID, pms.Dirty))
		seen := s.seen.Seen()
		ids[string(seen[len(seen)-1].Body)] = true
		s.Close()
	}
	require.Len(t, ids, 2)
}

// A write fails under status 200, and door codes are in no error.
func TestFailureUnder200(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	var log bytes.Buffer
	c := s.client(t, func(cfg *escapia.Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	stay, err := s.world.AddStay(sandbox.Stay{UnitID: s.world.Units()[0].ID, Arrival: s.world.Today(), Departure: s.world.Today().AddDays(2)})
	require.NoError(t, err)
	arrival, err := pms.NewClock(16, 30)
	require.NoError(t, err)
	r, err := c.UpdateReservation(t.Context(), stay, escapia.ReservationUpdate{DoorCode: new("canary-4411"), CheckInTime: arrival})
	require.NoError(t, err)
	require.Equal(t, pms.Text("16:30:00.0000001"), r.CheckInTime)
	require.Equal(t, "canary-4411", s.DoorCode(stay))
	require.NoError(t, c.UpdateOccupancy(t.Context(), stay, escapia.CheckIn))
	err = c.UpdateOccupancy(t.Context(), stay, escapia.CheckIn)
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.EqualError(t, err, "escapia: UpdateOccupancy: 200 The occupancy cannot be changed")

	require.NoError(t, s.world.Cancel(stay))
	_, err = c.UpdateReservation(t.Context(), stay, escapia.ReservationUpdate{DoorCode: new("canary-9999")})
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.EqualError(t, err, "escapia: UpdateReservation: 200 The reservation cannot be changed")
	require.Equal(t, "canary-4411", s.DoorCode(stay))
	s.rewrite("UpdateReservationMetadata", "The reservation cannot be changed", "code canary-9999 refused")
	_, err = c.UpdateReservation(t.Context(), stay, escapia.ReservationUpdate{DoorCode: new("canary-9999")})
	require.Error(t, err)
	pmstest.NoSecrets(t, err.Error()+log.String(), "canary-4411", "canary-9999")
}

func TestWriteTask(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t, func(cfg *escapia.Config) { cfg.CleaningTypeCode, cfg.MaxRetries = "DEP", -1 })
	ctx := t.Context()
	unit := s.world.Units()[0].ID
	hawaii := time.FixedZone("", -10*60*60)
	task := pms.Task{
		PropertyID: unit, Name: "Check-out clean", Ref: "job-1",
		Start: time.Date(2026, 6, 5, 20, 0, 0, 0, hawaii), End: time.Date(2026, 6, 5, 22, 0, 0, 0, hawaii),
	}
	tasks := func() []escapia.HousekeepingTask {
		t.Helper()
		list, err := c.SearchTasks(ctx, escapia.TaskQuery{})
		require.NoError(t, err)
		return list.Items
	}
	never := task
	never.State = pms.TaskCancelled
	none, err := pms.WriteTask(ctx, c, never)
	require.NoError(t, err)
	require.Empty(t, none, "what was never created is not created to be cancelled")
	require.Empty(t, s.calls())

	_, err = c.CreateTask(ctx, escapia.HousekeepingTask{NativePMSUnitID: pms.Text(unit), ScheduledDate: "2026-06-05", CleaningTypeCode: "INSPECT"})
	require.NoError(t, err, "another sort of task on that day")
	s.seen.Add(sandbox.Rule{Match: ends("/CreateHousekeepingTask"), Times: 1, Do: sandbox.ResetBefore()})
	_, err = c.WriteTask(ctx, task)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	id, err := c.WriteTask(ctx, task)
	require.NoError(t, err)
	require.Len(t, tasks(), 2, "the answer was lost, the task was not")
	made := tasks()[1]
	require.Equal(t, pms.Text(id), made.NativePMSID)
	require.Equal(t, pms.Text("2026-06-05"), made.ScheduledDate, "the day of the unit, not of UTC")
	require.Equal(t, pms.Text("DEP"), made.CleaningTypeCode)

	made.AssignedToID, made.LaborHours, made.ReservationNumber = "77", "2.5", "18186"
	require.NoError(t, c.UpdateTask(ctx, made), "a person plans it")
	task.ID = id
	sent := len(s.calls())
	_, err = c.WriteTask(ctx, task)
	require.NoError(t, err)
	require.Equal(t, []string{"GET GetUnitById?id=" + unit, "POST SearchHousekeepingTasks"}, s.calls()[sent:], "nothing changes")
	task.Start, task.End = task.Start.AddDate(0, 0, 1), task.End.AddDate(0, 0, 1)
	_, err = c.WriteTask(ctx, task)
	require.NoError(t, err)
	moved := tasks()[1]
	require.Equal(t, pms.Text("2026-06-06"), moved.ScheduledDate)
	require.Equal(t, []pms.Text{"77", "2.5", "18186"}, []pms.Text{moved.AssignedToID, moved.LaborHours, moved.ReservationNumber}, "what the person planned stays")

	task.State = pms.TaskDone
	_, err = c.WriteTask(ctx, task)
	require.NoError(t, err)
	statuses, err := c.ListHousekeepingStatuses(ctx)
	require.NoError(t, err)
	require.Equal(t, pms.Text("Clean"), statuses.Items[1].Name)
	require.Equal(t, statuses.Items[1].NativeStatusID, tasks()[1].CleanStatusID)

	task.State = pms.TaskCancelled
	for range 2 {
		again, err := c.WriteTask(ctx, task)
		require.NoError(t, err, "a task that is gone is cancelled")
		require.Equal(t, id, again)
	}
	require.Len(t, tasks(), 1, "the other task of the day stays")
	task.State = pms.TaskOpen
	_, err = c.WriteTask(ctx, task)
	require.ErrorIs(t, err, pms.ErrNotFound)
	for _, wrong := range []pms.Task{
		{PropertyID: "x", Start: task.Start, End: task.End}, {PropertyID: unit, End: task.End}, {PropertyID: unit, Start: task.End, End: task.Start},
	} {
		_, err := c.WriteTask(ctx, wrong)
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	require.ErrorIs(t, c.UpdateTask(ctx, escapia.HousekeepingTask{NativePMSID: "7", NativePMSUnitID: pms.Text(unit), ScheduledDate: "2026-06-05"}), pms.ErrInvalid)
	require.ErrorIs(t, c.DeleteTask(ctx, "../x"), pms.ErrInvalid)
}

func TestNativeReads(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	c := s.client(t)
	ctx := t.Context()
	stay, unit := s.world.Stays()[0], s.world.Units()[0]
	list, err := c.SearchReservations(ctx, escapia.ReservationQuery{
		From: stay.Departure, To: stay.Departure, Method: escapia.EndDate, UnitIDs: []string{stay.UnitID}, Limit: 1,
	})
	require.NoError(t, err)
	require.Equal(t, 1, list.Total)
	require.Equal(t, pms.Text("RES-"+stay.ID), list.Items[0].ReservationNumber)
	r, err := c.GetReservation(ctx, stay.ID)
	require.NoError(t, err)
	require.Equal(t, list.Items[0].StayDateRange, r.StayDateRange)
	changes, err := c.ListReservationChanges(ctx, 0)
	require.NoError(t, err)
	require.Len(t, changes.Changes, 22)
	require.Equal(t, pms.Text(stay.ID), changes.Changes[0].NativePMSID)
	require.Equal(t, pms.Text("Create"), changes.Changes[0].ChangeType)

	units, err := c.SearchUnits(ctx, 2, 3)
	require.NoError(t, err)
	require.Equal(t, 4, units.Total)
	require.Len(t, units.Items, 1)
	require.Equal(t, pms.Text(s.world.Units()[3].Name), units.Items[0].Name)
	two, err := c.GetUnits(ctx, []string{unit.ID, "7"})
	require.NoError(t, err)
	require.Len(t, two.Items, 1)
	statuses, err := c.ListHousekeepingStatuses(ctx)
	require.NoError(t, err)
	require.NoError(t, c.SaveHousekeepingStatus(ctx, unit.ID, statuses.Items[2]))
	one, err := c.GetUnit(ctx, unit.ID)
	require.NoError(t, err)
	require.Equal(t, pms.Text("Inspected"), one.UnitHousekeepingStatusType.Name)
	_, err = c.GetUnit(ctx, "7")
	require.ErrorIs(t, err, pms.ErrNotFound)
}

// TestRequestsFollowTheSpec: what is sent is what the vendor's Swagger file
// says, which is not part of the repository.
func TestRequestsFollowTheSpec(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../shared/specs/escapia/escapia_hsapi_swagger2.json")
	if err != nil {
		t.Skip("no Swagger file of Escapia beside the repository")
	}
	var v2 openapi2.T
	require.NoError(t, json.Unmarshal(text, &v2))
	doc, err := openapi2conv.ToV3(&v2)
	require.NoError(t, err)
	s := serve(sandbox.EscapiaOptions{})
	defer s.Close()
	sent := map[string]bool{}
	s.seen.Next = asked{t, doc, sent, s.seen.Next}
	c := s.client(t)
	ctx := t.Context()
	day, unit := s.world.Today(), s.world.Units()[0].ID
	_, _, err = pms.Collect(pms.Bookings(ctx, c, pms.BookingQuery{From: day, To: day.AddDays(30), PropertyIDs: []string{unit}}))
	require.NoError(t, err)
	_, err = c.SearchReservations(ctx, escapia.ReservationQuery{HoldTypes: []escapia.HoldType{escapia.HoldOwner}})
	require.NoError(t, err)
	_, _, err = pms.Collect(pms.Properties(ctx, c, pms.PropertyQuery{}))
	require.NoError(t, err)
	_, err = c.ListChanges(ctx, "")
	require.NoError(t, err)
	require.NoError(t, c.CheckCredentials(ctx))
	require.NoError(t, c.SetCleanliness(ctx, unit, pms.Dirty))
	stay := s.world.Stays()[0].ID
	_, err = c.GetReservationByNumber(ctx, "RES-"+stay)
	require.NoError(t, err)
	checkIn, err := pms.NewClock(16, 0)
	require.NoError(t, err)
	_, _ = c.UpdateReservation(ctx, stay, escapia.ReservationUpdate{DoorCode: new("4411"), CheckInTime: checkIn})
	_ = c.UpdateOccupancy(ctx, stay, escapia.CheckIn)
	task := pms.Task{PropertyID: unit, Start: time.Date(2026, 6, 5, 10, 0, 0, 0, time.UTC), End: time.Date(2026, 6, 5, 12, 0, 0, 0, time.UTC)}
	for _, state := range []pms.TaskState{pms.TaskOpen, pms.TaskDone, pms.TaskCancelled} {
		task.State = state
		task.ID, err = c.WriteTask(ctx, task)
		require.NoError(t, err)
	}
	require.Len(t, slices.Collect(maps.Keys(sent)), 17, "the calls of this package")
}

// asked checks requests against the file, and notes their paths.
type asked struct {
	t    *testing.T
	doc  *openapi3.T
	sent map[string]bool
	next http.RoundTripper
}

func (a asked) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/dragomanadapter")
	item := a.doc.Paths.Value(path)
	require.NotNil(a.t, item, path)
	operation := item.GetOperation(req.Method)
	require.NotNil(a.t, operation, path)
	assert.NoError(a.t, openapi3filter.ValidateRequest(req.Context(), &openapi3filter.RequestValidationInput{ //nolint:testifylint // a RoundTripper goes on
		Request: req, Route: &routers.Route{Spec: a.doc, Path: path, PathItem: item, Method: req.Method, Operation: operation},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}), path)
	a.sent[path] = true
	return a.next.RoundTrip(req)
}
