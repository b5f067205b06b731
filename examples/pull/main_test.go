package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// result is what one run has given.
type result struct {
	status         int
	stdout, stderr string
}

func runWith(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := run(ctx, args, &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

// lines decodes the output, which must be one JSON object a line.
func lines[T any](t *testing.T, stdout string) []T {
	t.Helper()
	var out []T
	for line := range strings.Lines(stdout) {
		var v T
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&v), line)
		out = append(out, v)
	}
	return out
}

func TestEveryVendorWithASandbox(t *testing.T) {
	t.Parallel()
	for _, vendor := range standin.Vendors() {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			_, known := catalog.Lookup(vendor)
			require.True(t, known)
			got := runWith(t.Context(), "-vendor", vendor)
			assert.Equal(t, complete, got.status, got.stderr)
			assert.Contains(t, got.stderr, "sandbox")
			bookings := lines[pms.Booking](t, got.stdout)
			assert.Greater(t, len(bookings), 10)
			for _, b := range bookings {
				assert.Equal(t, vendor, b.Vendor)
				assert.NotEmpty(t, b.ID)
			}

			got = runWith(t.Context(), "-vendor", vendor, "-what", "properties", "-sandbox")
			assert.Equal(t, complete, got.status, got.stderr)
			assert.NotEmpty(t, lines[pms.Property](t, got.stdout))

			got = runWith(t.Context(), "-vendor", vendor, "-what", "changes")
			assert.Equal(t, complete, got.status, got.stderr)
			changes := lines[pms.SyncChange](t, got.stdout)
			if vendor == "ical" {
				assert.Len(t, changes, 2, "a cancelled stay is gone from a calendar, and gone only tomorrow")
				return
			}
			require.Len(t, changes, 3)
			cancelled := 0
			for _, change := range changes {
				assert.Equal(t, pms.SyncUpsert, change.Kind)
				if change.Booking.Status == pms.StatusCancelled {
					cancelled++
				}
			}
			assert.Equal(t, 1, cancelled)
		})
	}
}

// account serves a Bnovo account of a small world, its answers bent by the
// rules, and returns its address and its settings file.
func account(t *testing.T, rules ...sandbox.Rule) (baseURL, settings string) {
	t.Helper()
	return accountOf(t, sandbox.NewWorld(7, sandbox.Options{Properties: 3, Stays: 12, Blocks: -1}), rules...)
}

func accountOf(t *testing.T, world *sandbox.World, rules ...sandbox.Rule) (baseURL, settings string) {
	t.Helper()
	bnovo := sandbox.NewBnovo(world, sandbox.BnovoOptions{})
	faults := &sandbox.Faults{Next: sandbox.Transport(bnovo), Rules: rules}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := faults.RoundTrip(r)
		if r.Context().Err() != nil { // nobody waits for it
			return
		}
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		var body bytes.Buffer
		_, err = body.ReadFrom(answer.Body)
		assert.NoError(t, err)
		_, _ = w.Write(body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL, settingsFile(t, fmt.Sprintf(`{"id":%d,"password":%q,"timeZone":"Europe/Moscow"}`, bnovo.Options().ID, bnovo.Options().Password))
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestAccountOnATestServer(t *testing.T) {
	t.Parallel()
	url, settings := account(t)
	got := runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url)
	assert.Equal(t, complete, got.status)
	assert.Empty(t, got.stderr, "no bar where there is no terminal")
	all := lines[pms.Booking](t, got.stdout)
	assert.GreaterOrEqual(t, len(all), 12)

	from := all[len(all)/2].Departure
	got = runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url, "-from", from.String(), "-to", from.AddDays(3).String())
	assert.Equal(t, complete, got.status)
	window := pms.BookingQuery{From: from, To: from.AddDays(3)}
	var want []pms.Booking
	for _, b := range all {
		if window.Matches(b) {
			want = append(want, b)
		}
	}
	assert.NotEmpty(t, want)
	assert.Less(t, len(want), len(all))
	assert.ElementsMatch(t, want, lines[pms.Booking](t, got.stdout))
}

func TestChangesOfAnAccount(t *testing.T) {
	t.Parallel()
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now})
	url, settings := accountOf(t, world)
	args := []string{"-vendor", "bnovo", "-settings", settings, "-base-url", url, "-what", "changes", "-checkpoint", filepath.Join(t.TempDir(), "bnovo.json")}
	got := runWith(t.Context(), args...)
	assert.Equal(t, complete, got.status, got.stderr)
	assert.NotEmpty(t, lines[pms.SyncChange](t, got.stdout))
	got = runWith(t.Context(), args...)
	assert.Equal(t, complete, got.status, got.stderr)
	assert.Empty(t, got.stdout, "nothing has changed")

	require.NoError(t, standin.Happen(world))
	got = runWith(t.Context(), append(args, "-raw")...)
	assert.Equal(t, complete, got.status, got.stderr)
	assert.Equal(t, 3, strings.Count(got.stdout, "\n"))
	assert.Equal(t, 3, strings.Count(got.stdout, `"raw":{`))
}

func TestChangesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	var repaired atomic.Bool
	broken := func(req *http.Request) bool {
		return sandbox.Path("/api/v1/bookings")(req) && !repaired.Load()
	}
	url, settings := accountOf(t, sandbox.NewWorld(7, sandbox.Options{Clock: time.Now}), sandbox.Rule{Match: broken, Do: sandbox.HTML()})
	args := []string{"-vendor", "bnovo", "-settings", settings, "-base-url", url, "-what", "changes", "-checkpoint", filepath.Join(t.TempDir(), "bnovo.json")}
	got := runWith(t.Context(), args...)
	assert.Equal(t, incomplete, got.status)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, "stopped after 0 records: bnovo: ListBookings: 200")
	repaired.Store(true)
	got = runWith(t.Context(), args...)
	assert.Equal(t, complete, got.status, got.stderr)
	assert.NotEmpty(t, got.stdout, "what was not read comes with the next pass")

	unwritable := filepath.Join(t.TempDir(), "none", "bnovo.json")
	got = runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url, "-what", "changes", "-checkpoint", unwritable)
	assert.Equal(t, incomplete, got.status, "what is printed again tomorrow is not complete")
}

func TestRawAddsTheVendorsRecord(t *testing.T) {
	t.Parallel()
	url, settings := account(t)
	got := runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url, "-raw")
	assert.Equal(t, complete, got.status)
	first, _, _ := strings.Cut(got.stdout, "\n")
	var record struct {
		ID  string `json:"id"`
		Raw struct {
			ID    json.Number    `json:"id"`
			Dates map[string]any `json:"dates"`
		} `json:"raw"`
	}
	require.NoError(t, json.Unmarshal([]byte(first), &record))
	assert.True(t, strings.HasPrefix(record.ID, record.Raw.ID.String()))
	assert.NotEmpty(t, record.Raw.Dates)
}

func TestBadRecord(t *testing.T) {
	t.Parallel()
	spoil := sandbox.Rewrite(func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"real_arrival":"2026`), []byte(`"real_arrival":"no day`), 1)
	})
	url, settings := account(t, sandbox.Rule{Match: sandbox.Path("/api/v1/bookings"), Do: spoil})
	got := runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url)
	assert.Equal(t, incomplete, got.status)
	assert.Len(t, lines[pms.Booking](t, got.stdout), 11, "the others are there")
	assert.Contains(t, got.stderr, "pull: bnovo: booking 1400001")
	assert.Contains(t, got.stderr, "1 of 12 records could not be read")
	for _, private := range []string{"Тестова", "Примеров", "John", "example.com", "+7"} {
		assert.NotContains(t, got.stderr, private)
	}
}

func TestHTMLIsAnError(t *testing.T) {
	t.Parallel()
	url, settings := account(t, sandbox.Rule{Match: sandbox.Path("/api/v1/bookings"), Do: sandbox.HTML()})
	got := runWith(t.Context(), "-vendor", "bnovo", "-settings", settings, "-base-url", url)
	assert.Equal(t, incomplete, got.status)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, "stopped after 0 records: bnovo: ListBookings: 200")
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	url, settings := account(t, sandbox.Rule{Match: sandbox.Path("/api/v1/rooms/closed"), Do: func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		cancel()
		<-req.Context().Done() // the client has gone
		return nil, req.Context().Err()
	}})
	got := runWith(ctx, "-vendor", "bnovo", "-settings", settings, "-base-url", url)
	assert.Equal(t, incomplete, got.status)
	assert.Len(t, lines[pms.Booking](t, got.stdout), 12, "what was read is printed")
	assert.Contains(t, got.stderr, "context canceled")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	const secret = "canary-5f0c1a2b"
	tests := map[string]struct{ settings, want string }{
		"unknown key": {`{"id":1,"password":"` + secret + `","colour":"red"}`, `unknown key "colour"`},
		"missing":     {`{"id":1}`, "Password is required"},
		"not JSON":    {`{"id":1,"password":"` + secret, "not valid JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runWith(t.Context(), "-vendor", "bnovo", "-settings", settingsFile(t, test.settings))
			assert.Equal(t, incomplete, got.status)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, test.want)
			assert.NotContains(t, got.stderr, secret)
		})
	}
	got := runWith(t.Context(), "-vendor", "bnovo", "-settings", filepath.Join(t.TempDir(), "none.json"))
	assert.Equal(t, incomplete, got.status)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"-what bookings", "-vendor nobody", "-vendor bnovo -what guests", "-vendor bnovo -what changes -updated-since 2026-06-01", "-vendor bnovo -what changes -settings x.json", "-vendor bnovo -what changes -checkpoint x.json", "-vendor bnovo -checkpoint x.json",
		"-vendor bnovo -what properties -from 2026-06-01", "-vendor bnovo -from yesterday", "-vendor bnovo -updated-since yesterday",
		"-vendor bnovo -sandbox -settings x.json", "-vendor bnovo -base-url http://localhost", "-vendor bnovo surplus", "-nonsense",
	} {
		got := runWith(t.Context(), strings.Fields(args)...)
		assert.Equal(t, usage, got.status, args)
		assert.Empty(t, got.stdout, args)
		assert.NotEmpty(t, got.stderr, args)
	}
	assert.Equal(t, complete, runWith(t.Context(), "-h").status)
}

func TestVendorsAreListed(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context())
	assert.Equal(t, complete, got.status)
	for _, info := range catalog.All() {
		assert.Contains(t, got.stdout, info.Name)
	}
	assert.Contains(t, got.stdout, "[id] [username] password [webhookSecret]")
}
