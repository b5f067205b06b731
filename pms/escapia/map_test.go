package escapia

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

// records reads a file as the client reads an answer.
func records(t testing.TB, name string) wire.Records {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".json")
	require.NoError(t, err)
	data, err = resolveRefs(data)
	require.NoError(t, err)
	var list wire.Records
	require.NoError(t, json.Unmarshal(data, &list))
	return list
}

func newClient(t testing.TB, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{ClientID: "id", ClientSecret: "secret", PMCID: "1020", TimeZone: "Pacific/Honolulu"}
	change(&cfg)
	c, err := New(cfg)
	require.NoError(t, err)
	return c
}

func keepReservation(r *Reservation, raw json.RawMessage) string {
	r.Raw = raw
	return string(r.NativePMSID)
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(*Config) {})
	decoded := wire.DecodeAll(vendor, "booking", records(t, "reservations"), keepReservation)
	out := pmstest.MappedOf[pms.Booking](nil, decoded.Failed)
	for _, r := range decoded.Items {
		b, bad := c.mapReservation(r)
		if bad != nil {
			out.Failed = append(out.Failed, bad.Error())
			continue
		}
		require.NotEmpty(t, b.Raw)
		out.Items = append(out.Items, b)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", out)
}

func TestMapUnits(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(cfg *Config) {
		cfg.CleanStatuses.Clean = "Ready"
		cfg.CheckIn, cfg.CheckOut = clock("16:00"), clock("10:00")
	})
	decoded := wire.DecodeAll(vendor, "property", records(t, "units"), func(u *Unit, raw json.RawMessage) string {
		u.Raw = raw
		return string(u.NativePMSID)
	})
	out := pmstest.MappedOf[pms.Property](nil, decoded.Failed)
	for _, u := range decoded.Items {
		out.Items = append(out.Items, c.mapUnit(u))
	}
	pmstest.Golden(t, "testdata/units.golden.json", out)
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status, occupancy pms.Text
		want              pms.Status
		word              pms.Text
	}{
		{"Confirmed", "AwaitingCheckIn", pms.StatusConfirmed, "Confirmed"},
		{"Confirmed", "", pms.StatusConfirmed, "Confirmed"},
		{"Confirmed", "Sleeping", pms.StatusConfirmed, "Confirmed"},
		{"Confirmed", "CheckedIn", pms.StatusCheckedIn, "CheckedIn"},
		{"Confirmed", "CheckedOut", pms.StatusCheckedOut, "CheckedOut"},
		{"Unconfirmed", "AwaitingCheckIn", pms.StatusTentative, "Unconfirmed"},
		{"Unconfirmed", "CheckedIn", pms.StatusCheckedIn, "CheckedIn"},
		{"Cancelled", "AwaitingCheckIn", pms.StatusCancelled, "Cancelled"},
		{"Cancelled", "CheckedIn", pms.StatusCancelled, "Cancelled"},
		{"", "CheckedIn", pms.StatusCheckedIn, "CheckedIn"},
		{"", "AwaitingCheckIn", pms.StatusUnknown, ""},
		{"", "", pms.StatusUnknown, ""},
		{"confirmed", "CheckedIn", pms.StatusUnknown, "confirmed"},
		{"Quoted", "CheckedOut", pms.StatusUnknown, "Quoted"},
	} {
		got, word := mapStatus(tt.status, tt.occupancy)
		assert.Equal(t, tt.want, got, "%s %s", tt.status, tt.occupancy)
		assert.Equal(t, tt.word, word, "%s %s", tt.status, tt.occupancy)
	}
}

func TestMapKind(t *testing.T) {
	t.Parallel()
	for want, words := range map[pms.Kind]string{
		pms.KindGuest:   "None",
		pms.KindOwner:   "Owner GuestOfOwner",
		pms.KindBlock:   "Maintenance SoftBlock GroupSoftBlock Unavailable",
		pms.KindUnknown: "none Levitating 0",
	} {
		for word := range strings.FieldsSeq(words) {
			assert.Equal(t, want, mapKind(pms.Text(word)), word)
		}
	}
	assert.Equal(t, pms.KindUnknown, mapKind(""))
}

func TestMapCleanliness(t *testing.T) {
	t.Parallel()
	usual := newClient(t, func(*Config) {})
	for name, want := range map[pms.Text]pms.Cleanliness{
		"Clean": pms.Clean, " dirty": pms.Dirty, "INSPECTED": pms.Inspected, "In Progress": pms.CleaningInProgress,
		"": pms.CleanlinessUnknown, "Ready": pms.CleanlinessUnknown,
	} {
		assert.Equal(t, want, usual.mapCleanliness(name), name)
	}
	named := newClient(t, func(cfg *Config) { cfg.CleanStatuses = StatusNames{Clean: "Ready", Dirty: "Vacated"} })
	for name, want := range map[pms.Text]pms.Cleanliness{
		"ready": pms.Clean, "Vacated": pms.Dirty, "Dirty": pms.CleanlinessUnknown, "Inspected": pms.Inspected,
	} {
		assert.Equal(t, want, named.mapCleanliness(name), name)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Phone{
		"":                       {Extension: "5"},
		"5550100":                {Number: "5550100"},
		"+1 808 5550100 ext. 12": {CountryCode: "1", AreaCode: "808", Number: "5550100", Extension: "12"},
		"+44 7700 900123":        {CountryCode: "+44", Number: "7700 900123"},
		"+1 (808) 555-0102":      {Number: "+1 (808) 555-0102"},
	} {
		assert.Equal(t, want, phone(p))
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		body    string
		kind    error
		message string
	}{
		{200, `{"failureDiagnosis":{"$id":"2","displayMessage":"Taken","internalMessage":"E17"},"nativePMSID":"1"}`, pms.ErrInvalid, "Taken"},
		{200, `{"failureDiagnosis":{"displayMessage":"","internalMessage":"E17"}}`, pms.ErrInvalid, "E17"},
		{200, `{"$id":"1","displayMessage":"Taken","internalMessage":null}`, pms.ErrInvalid, "Taken"},
		{412, `{"displayMessage":"Agree to the warning"}`, nil, "Agree to the warning"},
	} {
		fault := classify(tt.status, nil, []byte(tt.body))
		require.NotNil(t, fault, tt.body)
		assert.Equal(t, tt.kind, fault.Kind, tt.body)
		assert.Equal(t, tt.message, fault.Message, tt.body)
	}
	for _, body := range []string{
		``, `true`, `{"failureDiagnosis":null,"nativePMSID":"1"}`, `{"$id":"1","displayMessage":null,"internalMessage":null}`,
		`{"notes":[{"text":"\"displayMessage\":\"no\""}]}`, `{"notes":[{"displayMessage":"of a note"}]}`, `{"displayMessage":`,
	} {
		assert.Nil(t, classify(200, nil, []byte(body)), body)
	}
}

func TestResolveRefs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ body, want string }{
		{`{"a":1}`, `{"a":1}`},
		{`[{"$id":"1","n":1.50},{"$ref":"1"}]`, `[{"$id":"1","n":1.50},{"$id":"1","n":1.50}]`},
		{`{"$id":"1","a":{"$id":"2","b":"<&>"},"c":[{"$ref":"2"}]}`, `{"$id":"1","a":{"$id":"2","b":"<&>"},"c":[{"$id":"2","b":"<&>"}]}`},
		{`[{"$id":"1","a":{"$id":"2"}},{"$id":"3","b":{"$ref":"1"}},{"$ref":"3"}]`,
			`[{"$id":"1","a":{"$id":"2"}},{"$id":"3","b":{"$id":"1","a":{"$id":"2"}}},{"$id":"3","b":{"$id":"1","a":{"$id":"2"}}}]`},
		{`{"$ref":"9"}`, `{"$ref":"9"}`},
		{`{"$id":"1","up":{"$ref":"1"}}`, `{"$id":"1","up":{"$ref":"1"}}`},
		{`[{"$id":"1","other":{"$id":"2","back":{"$ref":"1"}}},{"$ref":"2"}]`,
			`[{"$id":"1","other":{"$id":"2","back":{"$ref":"1"}}},{"$id":"2","back":{"$id":"1","other":{"$id":"2","back":{"$ref":"1"}}}}]`},
		{"\xef\xbb\xbf" + `[{"$id":"1"},{"$ref":"1"}]`, `[{"$id":"1"},{"$id":"1"}]`},
	} {
		got, err := resolveRefs([]byte(tt.body))
		require.NoError(t, err)
		assert.JSONEq(t, tt.want, string(got), tt.body)
	}
	for _, body := range []string{`{"$ref":"1"`, `{"$ref":"1"} x`, `"$ref"`, `<html>"$ref"`} {
		got, err := resolveRefs([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, body, string(bytes.TrimSpace(got)), "who decodes it says what is wrong")
	}
	large, err := resolveRefs([]byte(`[{"$id":"1","n":12345678901234567890.10},{"$ref":"1"}]`))
	require.NoError(t, err)
	assert.Contains(t, string(large), "12345678901234567890.10", "numbers stay as they are written")
}

// References to references must not fill the memory.
func TestResolveRefsEnds(t *testing.T) {
	t.Parallel()
	body := `{"$id":"0","v":1}`
	for i := 1; i < 60; i++ {
		body += fmt.Sprintf(`,{"$id":"%d","a":{"$ref":"%d"},"b":{"$ref":"%d"}}`, i, i-1, i-1)
	}
	_, err := resolveRefs([]byte("[" + body + "]"))
	require.ErrorIs(t, err, errTooManyRefs)
	large := strings.Repeat("x", 1<<20)
	for _, object := range []string{`{"$id":"0","v":"` + large + `"}`, `{"$id":"0","` + large + `":1}`} {
		_, err = resolveRefs([]byte("[" + object + strings.Repeat(`,{"$ref":"0"}`, 100) + "]"))
		require.ErrorIs(t, err, errTooManyRefs, "a large text many times")
	}
}

func FuzzResolveRefs(f *testing.F) {
	f.Add([]byte(`[{"$id":"1","a":[{"$ref":"2"}]},{"$id":"2","b":{"$ref":"1"}}]`))
	f.Add([]byte(`{"$id":"1","$ref":"1"}`))
	f.Add([]byte(`{"$ref":1}`))
	f.Add([]byte(`0]"$ref"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := resolveRefs(body)
		if err != nil {
			return
		}
		require.Equal(t, json.Valid(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))), json.Valid(bytes.TrimPrefix(got, []byte("\xef\xbb\xbf"))))
		if !bytes.Contains(body, []byte(`"$ref"`)) {
			require.Equal(t, body, got)
		}
	})
}

func FuzzMapReservation(f *testing.F) {
	for _, raw := range records(f, "reservations") {
		f.Add([]byte(raw))
	}
	c := newClient(f, func(*Config) {})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		b, bad := c.mapReservation(r)
		if bad != nil {
			require.Empty(t, b)
			return
		}
		require.Equal(t, string(r.NativePMSID), b.ID)
		require.NotEmpty(t, b.ID)
		require.False(t, b.Departure.Before(b.Arrival))
		require.GreaterOrEqual(t, b.Guests.Total, 0)
		var s ReservationSummary
		require.NoError(t, wire.Decode(raw, &s))
		row, bad := mapSummary(s)
		require.Nil(t, bad, "what can be read by id can be filtered")
		require.Equal(t, []any{b.ID, b.PropertyID, b.Kind, b.Arrival, b.Departure}, []any{row.ID, row.PropertyID, row.Kind, row.Arrival, row.Departure})
	})
}

func FuzzClassify(f *testing.F) {
	f.Add(200, []byte(`{"failureDiagnosis":{"displayMessage":"Taken"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if fault := classify(status, nil, body); fault != nil {
			require.NotEmpty(t, fault.Message)
		}
	})
}

func TestCursor(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(*Config) {})
	for version, unread := range map[int64][]string{0: nil, 1: {"5"}, 64041990: {"5", "a:b/%"}, 1<<63 - 1: nil} {
		got, ids, ok := c.parseCursor(c.cursor(version, unread))
		require.True(t, ok)
		assert.Equal(t, version, got)
		assert.Equal(t, unread, ids)
	}
}

// BenchmarkPage reads a page of 100 rows of 2 KB in all ways that a list does:
// the search, and 100 reservations by their ids, without the requests for them.
func BenchmarkPage(b *testing.B) {
	rows := make([]json.RawMessage, 100)
	for i := range rows {
		rows[i] = row(b)
	}
	list, err := json.Marshal(rows)
	require.NoError(b, err)
	body := fmt.Appendf(nil, `{"$id":"1","results":%s,"totalCount":100,"pageSize":100,"pageNumber":1,"fromIndex":0,"toIndex":100}`, list)
	b.Run("search", func(b *testing.B) {
		c := newClient(b, func(cfg *Config) { cfg.HTTPClient = &http.Client{Transport: canned(body)} })
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			page, err := c.SearchReservations(b.Context(), ReservationQuery{})
			if err != nil || len(page.Items) != 100 {
				b.Fatal(len(page.Items), err)
			}
			for _, s := range page.Items {
				if _, bad := mapSummary(s); bad != nil {
					b.Fatal(bad)
				}
			}
		}
	})
	b.Run("reservations", func(b *testing.B) {
		c := newClient(b, func(*Config) {})
		b.SetBytes(int64(len(list)))
		b.ReportAllocs()
		for b.Loop() {
			for _, raw := range rows {
				var r Reservation
				if err := wire.Decode(raw, &r); err != nil {
					b.Fatal(err)
				}
				if _, bad := c.mapReservation(r); bad != nil {
					b.Fatal(bad)
				}
			}
		}
	})
	b.Run("net/http and encoding/json", func(b *testing.B) {
		client := &http.Client{Transport: canned(body)}
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, apiURL, nil)
			require.NoError(b, err)
			resp, err := client.Do(req)
			require.NoError(b, err)
			data, err := io.ReadAll(resp.Body)
			require.NoError(b, err)
			_ = resp.Body.Close()
			var answer struct {
				Results []Reservation `json:"results"`
			}
			if err := json.Unmarshal(data, &answer); err != nil || len(answer.Results) != 100 {
				b.Fatal(err)
			}
		}
	})
}

// row is a record of about 2 KB.
func row(b *testing.B) json.RawMessage {
	b.Helper()
	var record map[string]any
	require.NoError(b, json.Unmarshal(records(b, "reservations")[0], &record))
	record["filler"] = strings.Repeat("x", 600)
	raw, err := json.Marshal(record)
	require.NoError(b, err)
	return raw
}

// canned answers everything with one body, but for the token.
type canned []byte

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "auth/token") {
		c = canned(`{"encodedId":"token"}`)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: req,
		Body: io.NopCloser(bytes.NewReader(c)), ContentLength: int64(len(c)),
	}, nil
}
