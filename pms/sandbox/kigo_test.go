package sandbox_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func newKigo(t *testing.T, w *sandbox.World, o sandbox.KigoOptions) (*sandbox.Kigo, *caller) {
	t.Helper()
	k := sandbox.NewKigo(w, o)
	t.Cleanup(k.Close)
	c := newCaller(t, k)
	c.header.Set("Authorization", "Basic c2FuZGJveC1hZ2VuY3k6c2FuZGJveC1raWdvLXBhc3N3b3Jk")
	c.header.Set("Content-Type", "application/json")
	return k, c
}

// kigo calls a method with a body as it is, and returns code, text and reply.
func (c *caller) kigo(method, body string) (code, text string, reply any) {
	c.t.Helper()
	status, v := c.call(http.MethodPost, "/api/ra/v1/"+method, body)
	require.Equal(c.t, http.StatusOK, status, "%v", v)
	assert.Equal(c.t, method, at(c.t, v, "API_METHOD"))
	assert.InDelta(c.t, 1, at(c.t, v, "API_VERSION"), 0)
	assert.NotEmpty(c.t, at(c.t, v, "API_CALL_ID"))
	return at(c.t, v, "API_RESULT_CODE").(string), at(c.t, v, "API_RESULT_TEXT").(string), at(c.t, v, "API_REPLY")
}

// kigoOK calls a method that succeeds.
func (c *caller) kigoOK(method, body string) any {
	c.t.Helper()
	code, text, reply := c.kigo(method, body)
	require.Equal(c.t, "E_OK", code, text)
	require.Empty(c.t, text)
	return reply
}

// kigoNumber is an id as JSON has it.
func kigoNumber(t *testing.T, id string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(id, 64)
	require.NoError(t, err)
	return n
}

// The credentials of the caller are encoded apart from this package.
func TestKigoAuth(t *testing.T) {
	t.Parallel()
	_, c := newKigo(t, newWorld(t), sandbox.KigoOptions{NoLimits: true})
	for _, body := range []string{"null", "{}"} {
		require.Nil(t, c.kigoOK("ping", body))
	}
	status, _ := c.call(http.MethodGet, "/api/ra/v1/ping", "null")
	assert.Equal(t, 405, status)
	status, _ = c.call(http.MethodPost, "/api/ra/v1/listReservations", "null")
	assert.Equal(t, 404, status)
	status, _ = c.call(http.MethodPost, "/ping", "null")
	assert.Equal(t, 404, status)

	_, other := newKigo(t, newWorld(t), sandbox.KigoOptions{Password: "another"})
	status, _ = other.call(http.MethodPost, "/api/ra/v1/ping", "null")
	assert.Equal(t, 401, status)
	other.header.Del("Authorization")
	status, _ = other.call(http.MethodPost, "/api/ra/v1/ping", "null")
	assert.Equal(t, 401, status)
}

func TestKigoThrottles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newKigo(t, w, sandbox.KigoOptions{})
	c.kigoOK("ping", "null")
	status, v := c.call(http.MethodPost, "/api/ra/v1/ping", "null")
	assert.Equal(t, 409, status)
	assert.Equal(t, "The rate limiting policy was triggered, please throttle.", v)
	w.Advance(time.Second)
	c.kigoOK("ping", "null")
}

func TestKigoRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block, err := w.AddBlock("301", june(20), june(23), "repair")
	require.NoError(t, err)
	require.NoError(t, w.UpdateProperty("303", func(p *sandbox.Property) { p.Inactive = true }))
	_, c := newKigo(t, w, sandbox.KigoOptions{NoLimits: true})
	for _, tt := range []struct{ method, body, code, text string }{
		{"readProperty2", `{"PROP_ID":"301"}`, "E_INPUT", "PROP_ID: must be an integer"},
		{"readProperty2", `{"PROP_ID":999}`, "E_NOSUCH", "No such property"},
		{"readProperty2", `{"PROP_ID":303}`, "E_DEACTIVATED", "This property is deactivated"},
		{"readProperty2", `PROP_ID=301`, "E_INPUT", "Invalid JSON"},
		{"readReservation", `{"RES_ID":"1"}`, "E_INPUT", "RES_ID: must be an integer"},
		{"readReservation", `{"RES_ID":1}`, "E_NOSUCH", "No such reservation"},
		{"readReservation", `{"RES_ID":` + block + `}`, "E_NOSUCH", "No such reservation"},
		{"cancelReservation", `{"RES_ID":1}`, "E_NOSUCH", "No such reservation"},
		{"diffPropertyCalendarReservations", `null`, "E_INPUT", "DIFF_ID: missing"},
		{"diffPropertyCalendarReservations", `{"DIFF_ID":"x"}`, "E_INPUT", "DIFF_ID: invalid"},
		{"diffPropertyCalendarReservations", `{"DIFF_ID":7}`, "E_INPUT", "DIFF_ID: invalid"},
		{"listPropertyCalendarReservations", `{"PROP_ID":301,"LIST_START_DATE":"2026-06-02","LIST_END_DATE":"2026-06-01"}`, "E_INPUT", "LIST_END_DATE: invalid date"},
		{"listPropertyCalendarReservations", `{"PROP_ID":303}`, "E_DEACTIVATED", "This property is deactivated"},
		{"createConfirmedReservation", `{"PROP_ID":301,"RES_CHECK_IN":"2026-06-01","RES_CHECK_OUT":"2026-06-02"}`, "E_INPUT", ""},
	} {
		code, text, reply := c.kigo(tt.method, tt.body)
		assert.Equal(t, tt.code, code, "%s %s", tt.method, tt.body)
		assert.Nil(t, reply)
		if tt.text != "" {
			assert.Equal(t, tt.text, text, "%s %s", tt.method, tt.body)
		}
	}
}

func TestKigoProperties(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.UpdateProperty("303", func(p *sandbox.Property) { p.Latitude, p.Longitude, p.Bathrooms = 55.7512, 37.6184, 1 }))
	_, c := newKigo(t, w, sandbox.KigoOptions{NoLimits: true})
	list := c.kigoOK("listProperties2", "null")
	require.Len(t, list, 3)
	assert.Equal(t, object{"PROP_ID": 303.0, "PROP_PROVIDER": object{"PROVIDER_TYPE": "RA", "RA_ID": 77.0}, "PROP_NAME": "Loft"}, at(t, list, 2))
	p := c.kigoOK("readProperty2", `{"PROP_ID":303}`)
	for name, want := range map[string]any{
		"PROP_NAME": "Loft", "PROP_ADDR1": "Садовая, 1", "PROP_CITY": "Москва", "PROP_CIN_TIME": "14:00", "PROP_COUT_TIME": "12:00",
		"PROP_CLEAN_TIME": "03:00", "PROP_MAXGUESTS": "4", "PROP_BATHROOMS": 1.0, "PROP_NAME_ALL": []any{},
		"PROP_LATLNG": object{"LATITUDE": "55.751200", "LONGITUDE": "37.618400"},
	} {
		assert.Equal(t, want, at(t, p, "PROP_INFO", name), name)
	}
	assert.Nil(t, at(t, c.kigoOK("readProperty2", `{"PROP_ID":301}`), "PROP_INFO", "PROP_LATLNG"))
}

func TestKigoCalendarAndReservation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.DepartureTime = clock(t, "15:30")
	id := addStay(t, w, s)
	block, err := w.AddBlock("301", june(25), june(26), "repair")
	require.NoError(t, err)
	cancelled := addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(28), Departure: june(29), Status: pms.StatusCancelled})
	hold := addStay(t, w, sandbox.Stay{UnitID: "302", Arrival: june(28), Departure: june(29), Status: pms.StatusTentative})
	addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(28), Departure: june(29), Status: pms.StatusInquiry})
	addStay(t, w, sandbox.Stay{Arrival: june(28), Departure: june(29)})
	_, c := newKigo(t, w, sandbox.KigoOptions{NoLimits: true})

	entry := func(id, status, in, out string, owned bool) object {
		return object{"RES_ID": kigoNumber(t, id), "RES_STATUS": status, "RES_CHECK_IN": in, "RES_CHECK_OUT": out, "RES_IS_FOR": owned}
	}
	list := c.kigoOK("listPropertyCalendarReservations", `{"PROP_ID":301,"LIST_START_DATE":"2026-06-20","LIST_END_DATE":"2026-07-20"}`)
	assert.Equal(t, []any{
		entry(id, "CONFIRMED", "2026-06-20 14:00:00", "2026-06-23 15:30:00", true),
		entry(block, "CONFIRMED", "2026-06-25 14:00:00", "2026-06-26 12:00:00", false),
	}, list)
	assert.Empty(t, c.kigoOK("listPropertyCalendarReservations", `{"PROP_ID":301,"LIST_START_DATE":"2026-06-21","LIST_END_DATE":"2026-06-22"}`), "the check-in counts")

	diff := c.kigoOK("diffPropertyCalendarReservations", `{"DIFF_ID":null}`)
	require.Len(t, at(t, diff, "RES_LIST"), 4)
	of := func(e object, unit float64) object { e["PROP_ID"] = unit; return e }
	assert.Equal(t, of(entry(cancelled, "CANCELED", "2026-06-28 14:00:00", "2026-06-29 12:00:00", true), 301), at(t, diff, "RES_LIST", 2))
	assert.Equal(t, of(entry(hold, "HOLD", "2026-06-28 14:00:00", "2026-06-29 12:00:00", true), 302), at(t, diff, "RES_LIST", 3))

	r := c.kigoOK("readReservation", `{"RES_ID":`+id+`}`)
	assert.Equal(t, "2026-06-20", at(t, r, "RES_CHECK_IN"), "days only")
	assert.Equal(t, "anna@example.com", at(t, r, "RES_GUEST_EMAIL"))
	assert.NotContains(t, r, "RES_GUEST")
	_, nested := newKigo(t, w, sandbox.KigoOptions{NoLimits: true, NestedGuest: true})
	r = nested.kigoOK("readReservation", `{"RES_ID":`+id+`}`)
	assert.Equal(t, "Тестова", at(t, r, "RES_GUEST", "RES_GUEST_LASTNAME"))
	assert.NotContains(t, r, "RES_GUEST_EMAIL")
}

func TestKigoDiff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, c := newKigo(t, w, sandbox.KigoOptions{NoLimits: true})
	next := func(id string) (ids []float64, diff string) {
		reply := c.kigoOK("diffPropertyCalendarReservations", `{"DIFF_ID":`+id+`}`)
		for i := range at(t, reply, "RES_LIST").([]any) {
			ids = append(ids, at(t, reply, "RES_LIST", i, "RES_ID").(float64))
		}
		return ids, `"` + at(t, reply, "DIFF_ID").(string) + `"`
	}
	ids, first := next("null")
	assert.Empty(t, ids)
	id := addStay(t, w, anna())
	other := addStay(t, w, anna())
	ids, second := next(first)
	assert.Equal(t, []float64{kigoNumber(t, id), kigoNumber(t, other)}, ids)
	ids, _ = next(first)
	assert.Len(t, ids, 2, "a diff repeats until its id is left")
	ids, third := next(second)
	assert.Empty(t, ids)
	assert.Equal(t, second, third)
	require.NoError(t, w.Cancel(id))
	require.NoError(t, w.Delete(other))
	ids, _ = next(third)
	assert.Equal(t, []float64{kigoNumber(t, id)}, ids, "a deletion is not told")

	k.ForgetDiffs()
	code, _, _ := c.kigo("diffPropertyCalendarReservations", `{"DIFF_ID":`+third+`}`)
	assert.Equal(t, "E_INPUT", code)
	_, fresh := next("null")
	ids, _ = next(fresh)
	assert.Empty(t, ids)
}

func TestKigoFirstDiffTakesTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := sandbox.NewKigo(sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now}), sandbox.KigoOptions{FirstDiff: 3 * time.Minute})
		defer k.Close()
		began := time.Now()
		ask := func(ctx context.Context, body string) error {
			req := newRequest(t, ctx, http.MethodPost, "https://app.kigo.net/api/ra/v1/diffPropertyCalendarReservations", body)
			req.SetBasicAuth(k.Options().Username, k.Options().Password)
			req.Header.Set("Content-Type", "application/json")
			_, text, err := do(t, sandbox.Transport(k), req)
			if err == nil {
				assert.Contains(t, text, `"E_OK"`)
			}
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, ask(ctx, `{"DIFF_ID":null}`), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		require.NoError(t, ask(t.Context(), `{"DIFF_ID":null}`))
		require.Equal(t, 4*time.Minute, time.Since(began))
	})
}

func TestKigoWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newKigo(t, w, sandbox.KigoOptions{NoLimits: true})
	request := `{"PROP_ID":302,"RES_CHECK_IN":"2026-07-21","RES_CHECK_OUT":"2026-07-26","RES_N_ADULTS":2,"RES_N_CHILDREN":1,"RES_N_BABIES":0,` +
		`"RES_GUEST":{"RES_GUEST_FIRSTNAME":"Mara","RES_GUEST_LASTNAME":"Lind","RES_GUEST_EMAIL":"mara@example.com","RES_GUEST_PHONE":"","RES_GUEST_COUNTRY":"DE"},` +
		`"RES_COMMENT":"late","RES_COMMENT_GUEST":"","RES_UDRA":[]}`
	reply := c.kigoOK("createConfirmedReservation", request)
	stays := w.Stays()
	require.Len(t, stays, 1)
	assert.Equal(t, object{"RES_ID": kigoNumber(t, stays[0].ID)}, reply)
	assert.Equal(t, pms.Guest{Name: "Mara Lind", Email: "mara@example.com"}, stays[0].Guest)
	assert.Equal(t, pms.Guests{Adults: 2, Children: 1, Total: 3}, stays[0].Guests)
	assert.Equal(t, "late", stays[0].Notes)
	code, text, _ := c.kigo("createConfirmedReservation", request)
	assert.Equal(t, "E_CONFLICT Dates not available", code+" "+text)

	cancel := `{"RES_ID":` + stays[0].ID + `}`
	require.Nil(t, c.kigoOK("cancelReservation", cancel))
	code, _, _ = c.kigo("cancelReservation", cancel)
	assert.Equal(t, "E_ALREADY", code)
	assert.Equal(t, pms.StatusCancelled, w.Stays()[0].Status)
}
