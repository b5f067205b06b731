package hostaway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hostaway"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

// longList is an account of many reservations, 100 of about 2 KB a page, with
// the ids firstID and on, each changed a second before the one in front of it.
type longList struct {
	page        []byte
	ids, stamps []int // where they stand in page
	rows        int
}

const firstID = 10_000_000

func newLongList(t testing.TB, rows int) *longList {
	t.Helper()
	list := &longList{page: page(t, 100), rows: rows}
	list.page = bytes.ReplaceAll(list.page, []byte(`"count":100`), []byte(`"count":`+strconv.Itoa(rows)))
	list.page = bytes.ReplaceAll(list.page, []byte(`"id":5550101,`), []byte(`"id":10000000,`))
	list.ids = behind(list.page, `"id":`, "10000000")
	list.stamps = behind(list.page, `"updatedOn":"`, "2026-09-03 10:00:01")
	require.Len(t, list.ids, 100)
	require.Len(t, list.stamps, 100)
	return list
}

// behind returns where the values of a key stand.
func behind(data []byte, key, value string) []int {
	var all []int
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte(key+value))
		if i < 0 {
			return all
		}
		at += i + len(key)
		all = append(all, at)
	}
}

// after is the page behind an id.
func (l *longList) after(query url.Values) []byte {
	from := firstID
	if id, err := strconv.Atoi(query.Get("afterId")); err == nil {
		from = id + 1
	}
	if from >= firstID+l.rows {
		return []byte(`{"status":"success","result":[],"count":` + strconv.Itoa(l.rows) + `}`)
	}
	out := bytes.Clone(l.page)
	newest := time.Date(2026, 9, 3, 10, 0, 0, 0, time.UTC)
	for i := range l.ids {
		row := from + i
		strconv.AppendInt(out[l.ids[i]:l.ids[i]], int64(row), 10)
		newest.Add(time.Duration(firstID-row)*time.Second).AppendFormat(out[l.stamps[i]:l.stamps[i]], time.DateTime)
	}
	return out
}

func (l *longList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write(l.after(r.URL.Query()))
}

func (l *longList) RoundTrip(req *http.Request) (*http.Response, error) {
	return canned(l.after(req.URL.Query())).RoundTrip(req)
}

func (l *longList) client(t testing.TB, cfg hostaway.Config) *hostaway.Client {
	t.Helper()
	cfg.AccountID, cfg.ClientSecret, cfg.Limiter = "40077", "test-key", unlimited{}
	cfg.TokenStore = oauth.NewMemoryStore(&oauth2.Token{AccessToken: "token"}, nil)
	c, err := hostaway.New(cfg)
	require.NoError(t, err)
	return c
}

// BenchmarkList10000 reads 10 000 reservations from loopback.
func BenchmarkList10000(b *testing.B) {
	list := newLongList(b, 10_000)
	server := httptest.NewServer(list)
	defer server.Close()
	b.Run("connector", func(b *testing.B) {
		c := list.client(b, hostaway.Config{BaseURL: server.URL})
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for _, err := range pms.Bookings(b.Context(), c, pms.BookingQuery{ExcludeBlocks: true}) {
				require.NoError(b, err)
				n++
			}
			require.GreaterOrEqual(b, n, list.rows)
		}
	})
	b.Run("net/http and encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			require.Equal(b, list.rows, bareList(b, server.URL))
		}
	})
}

// bareList is what a host writes without this module, and counts what it read.
func bareList(b *testing.B, base string) int {
	b.Helper()
	n, after := 0, ""
	for {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/v1/reservations?limit=100&afterId="+after, nil)
		require.NoError(b, err)
		resp, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(b, err)
		data, err := io.ReadAll(resp.Body)
		require.NoError(b, err)
		require.NoError(b, resp.Body.Close())
		var page struct {
			Result []hostaway.Reservation `json:"result"`
		}
		require.NoError(b, json.Unmarshal(data, &page))
		if len(page.Result) == 0 {
			return n
		}
		n += len(page.Result)
		after = string(page.Result[len(page.Result)-1].ID)
	}
}

// BenchmarkList1000000 reads a million reservations and tells the most memory
// that was in use.
func BenchmarkList1000000(b *testing.B) {
	list := newLongList(b, 1_000_000)
	c := list.client(b, hostaway.Config{HTTPClient: &http.Client{Transport: list}})
	var most uint64
	for b.Loop() {
		n := 0
		for _, err := range pms.Bookings(b.Context(), c, pms.BookingQuery{ExcludeBlocks: true}) {
			require.NoError(b, err)
			if n++; n%10_000 == 0 {
				most = max(most, inUse())
			}
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
}

func inUse() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// A list takes the memory of some pages, however long it is.
func TestLongListIsFlat(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	list := newLongList(t, 6_000)
	c := list.client(t, hostaway.Config{HTTPClient: &http.Client{Transport: list}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n int
	var early uint64
	for b, err := range pms.Bookings(ctx, c, pms.BookingQuery{ExcludeBlocks: true}) {
		require.NoError(t, err)
		if n < list.rows {
			require.Equal(t, fmt.Sprint(firstID+n), b.ID)
		}
		switch n++; n {
		case 1_000:
			runtime.GC()
			early = inUse()
		case 6_000:
			runtime.GC()
			require.Less(t, inUse(), early+4<<20, "5 000 reservations are 10 MB")
		}
	}
}
