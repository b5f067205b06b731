package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// opertoCaller sends bare requests to a stand-in.
type opertoCaller struct {
	t      *testing.T
	h      http.Handler
	header http.Header
}

// send returns status and body of an answer.
func (c opertoCaller) send(method, target, body string) (status int, answer map[string]any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, "https://vendor.example"+target, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header = c.header.Clone()
	resp, err := sandbox.Transport(c.h).RoundTrip(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	require.NoError(c.t, json.Unmarshal(text, &answer), string(text))
	return resp.StatusCode, answer
}

func opertoWorld(t *testing.T) *sandbox.World {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	world := sandbox.NewEmptyWorld(sandbox.Options{Zone: zone})
	_, err = world.AddProperty(sandbox.Property{ID: "300101", Name: "Quai 12"})
	require.NoError(t, err)
	return world
}

func connectCaller(t *testing.T, s *sandbox.Operto) opertoCaller {
	t.Helper()
	basic := (&http.Request{Header: http.Header{}})
	basic.SetBasicAuth(s.Options().ClientID, s.Options().ClientSecret)
	status, answer := opertoCaller{t, s, basic.Header}.send(http.MethodPost, s.Options().TokenPath, "")
	require.Equal(t, http.StatusOK, status)
	return opertoCaller{t, s, http.Header{"Authorization": {"Bearer " + answer["token"].(string)}}}
}

func TestOpertoRefuses(t *testing.T) {
	t.Parallel()
	s := sandbox.NewOperto(opertoWorld(t), sandbox.OpertoOptions{})
	good := connectCaller(t, s)
	property := "/v2/partners/properties/" + s.Properties()[0].ID
	const times = `"check_in":"2026-08-03 15:00:00","check_out":"2026-08-07 11:00:00"`
	tests := []struct {
		header       http.Header
		method, path string
		body         string
		status       int
	}{
		{http.Header{}, "GET", "/v2/partners/properties", "", 401},
		{http.Header{"Authorization": {"Bearer x"}}, "GET", "/v2/partners/properties", "", 401},
		{http.Header{}, "POST", s.Options().TokenPath, "", 401},
		{nil, "GET", "/v2/partners/properties?keyid=operto", "", 400},
		{nil, "GET", "/v2/partners/properties/1", "", 404},
		{nil, "GET", property + "?keyid=partner", "", 404},
		{nil, "GET", "/v2/partners/nothing", "", 404},
		{nil, "DELETE", property, "", 405},
		{nil, "POST", "/v2/partners/properties", `{"partner_id":"a","name":"b"}`, 422},
		{nil, "POST", "/v2/partners/properties", `{`, 400},
		{nil, "PUT", property, `{"name":"a","timezone":"Europe/Paris","status":"dirty"}`, 422},
		{nil, "POST", property + "/reservations", `{` + times + `}`, 422},
		{nil, "POST", property + "/reservations", `{"partner_reservation_id":"r","check_in":"2026-08-03T15:00:00","check_out":"2026-08-07 11:00:00"}`, 422},
		{nil, "POST", property + "/reservations", `{"partner_reservation_id":"r","check_in":"2026-08-07 15:00:00","check_out":"2026-08-03 11:00:00"}`, 422},
		{nil, "POST", property + "/reservations", `{"partner_reservation_id":"r","guest_phone":"0701234567",` + times + `}`, 422},
		{nil, "PUT", property + "/reservations/1", `{"status":"cancelled"}`, 404},
	}
	for _, tt := range tests {
		c := good
		if tt.header != nil {
			c.header = tt.header
		}
		status, _ := c.send(tt.method, tt.path, tt.body)
		assert.Equal(t, tt.status, status, "%s %s %s", tt.method, tt.path, tt.body)
	}
	assert.Empty(t, s.Grants())
}

func TestOpertoCodesFollowTheZoneOfTheProperty(t *testing.T) {
	t.Parallel()
	s := sandbox.NewOperto(opertoWorld(t), sandbox.OpertoOptions{CodeDelay: time.Minute})
	c := connectCaller(t, s)
	id := s.Properties()[0].ID
	path := "/v2/partners/properties/" + id + "/reservations"
	stay := func(ref, flag string) string {
		return `{"partner_reservation_id":"` + ref + `","check_in":"2026-08-03 15:00:00","check_out":"2026-08-07 11:00:00"` + flag + `}`
	}
	for _, body := range []string{stay("utc", ""), stay("local", `,"is_local_time":true`), stay("local", `,"is_local_time":true`)} {
		status, answer := c.send(http.MethodPost, path, body)
		require.Equal(t, http.StatusCreated, status)
		assert.Nil(t, answer["access_code"], "the code is made later")
	}
	grants := s.Grants()
	require.Len(t, grants, 3, "a second create makes a second reservation")
	assert.Equal(t, "2026-08-03T17:00:00+02:00", grants[0].From.Format(time.RFC3339), "UTC without the flag")
	assert.Equal(t, "2026-08-03T15:00:00+02:00", grants[1].From.Format(time.RFC3339))
	assert.NotEqual(t, grants[1].Code, grants[2].Code)
	assert.True(t, s.Opens(id, grants[1].Code, grants[1].From))
	assert.False(t, s.Opens(id, grants[1].Code, grants[1].To))
	assert.False(t, s.Opens("1", grants[1].Code, grants[1].From))
	_, answer := c.send(http.MethodPut, path+"/"+grants[0].ReservationID, `{"status":"cancelled"}`)
	assert.Equal(t, "cancelled", answer["status"])
	assert.False(t, s.Opens(id, grants[0].Code, grants[0].From))
}

func teamsCaller(t *testing.T, s *sandbox.OpertoTeams) opertoCaller {
	t.Helper()
	status, answer := opertoCaller{t, s, http.Header{}}.send(http.MethodPost, "/api/v1/oauth/login", `{"API_Key":"sandbox-teams-key","API_Value":"sandbox-teams-value"}`)
	require.Equal(t, http.StatusCreated, status)
	access := answer["Access_Token"].(map[string]any)
	assert.Equal(t, "3600", access["Expiry"])
	return opertoCaller{t, s, http.Header{"Authorization": {"VRS " + access["token"].(string)}}}
}

func TestTeamsRefuses(t *testing.T) {
	t.Parallel()
	s := sandbox.NewOpertoTeams(opertoWorld(t), sandbox.OpertoTeamsOptions{})
	good := teamsCaller(t, s)
	status, answer := opertoCaller{t, s, http.Header{}}.send(http.MethodPost, "/api/v1/oauth/login", `{"API_Key":"x","API_Value":"y"}`)
	assert.Equal(t, http.StatusOK, status, "a failure hides under status 200")
	assert.InDelta(t, 422, answer["ReasonCode"], 0)
	bearer := good
	bearer.header = http.Header{"Authorization": {strings.Replace(good.header.Get("Authorization"), "VRS", "Bearer", 1)}}
	status, _ = bearer.send(http.MethodGet, "/api/v1/properties", "")
	assert.Equal(t, http.StatusUnauthorized, status)
	status, _ = good.send(http.MethodGet, "/api/v1/properties?colour=red", "")
	assert.Equal(t, http.StatusBadRequest, status)
	status, answer = good.send(http.MethodGet, "/api/v1/propertybookings", "")
	assert.Equal(t, http.StatusNotFound, status, "an empty list")
	assert.InDelta(t, 404, answer["ReasonCode"], 0)
	status, _ = good.send(http.MethodPost, "/api/v1/tasks", `{"PropertyID":300101}`)
	assert.Equal(t, http.StatusBadRequest, status)
}

func TestTeamsCountsTheCalls(t *testing.T) {
	t.Parallel()
	world := opertoWorld(t)
	s := sandbox.NewOpertoTeams(world, sandbox.OpertoTeamsOptions{})
	c := teamsCaller(t, s)
	for range 49 {
		status, _ := c.send(http.MethodGet, "/api/v1/properties", "")
		require.Equal(t, http.StatusOK, status)
	}
	status, _ := c.send(http.MethodGet, "/api/v1/properties", "")
	assert.Equal(t, http.StatusTooManyRequests, status)
	world.Advance(2*time.Minute + time.Second)
	status, _ = c.send(http.MethodGet, "/api/v1/properties", "")
	assert.Equal(t, http.StatusOK, status)
}

func TestTeamsCancelledBookingsVanish(t *testing.T) {
	t.Parallel()
	world := opertoWorld(t)
	s := sandbox.NewOpertoTeams(world, sandbox.OpertoTeamsOptions{})
	c := teamsCaller(t, s)
	from := pms.Date{Year: 2026, Month: time.August, Day: 3}
	id, err := world.AddStay(sandbox.Stay{UnitID: "300101", Arrival: from, Departure: from.AddDays(4), Guest: pms.Guest{Name: "Nora"}})
	require.NoError(t, err)
	for query, status := range map[string]int{
		"": 200, "?checkoutstartdate=20260807&CheckOutEndDate=20260807": 200, "?checkoutstartdate=20260808": 404, "?checkinenddate=20260802": 404, "?propertyid=1,300101": 200,
	} {
		got, _ := c.send(http.MethodGet, "/api/v1/propertybookings"+query, "")
		assert.Equal(t, status, got, query)
	}
	require.NoError(t, world.Cancel(id))
	got, _ := c.send(http.MethodGet, "/api/v1/propertybookings", "")
	assert.Equal(t, http.StatusNotFound, got)
}
