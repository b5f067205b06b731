package operto_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	teamsKey   = "canary-teams-key-33"
	teamsValue = "canary+teams/value=71"
)

func TestTeamsConformance(t *testing.T) {
	t.Parallel()
	cfg := operto.TeamsConfig{APIKey: teamsKey, APIValue: teamsValue}
	pmstest.Run(t, pmstest.Harness{
		Config: cfg,
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return operto.NewTeams(cfg)
		},
		Serve: func(w *sandbox.World, _ *http.Client) http.Handler {
			return sandbox.NewOpertoTeams(w, sandbox.OpertoTeamsOptions{APIKey: teamsKey, APIValue: teamsValue})
		},
		Secrets:    []string{teamsKey, teamsValue},
		IsBookings: sandbox.Path("/api/v1/propertybookings"),
		IsLogin:    sandbox.Path("/api/v1/oauth/"),
		Booking:    teamsBooking,
		Property: func(w *sandbox.World, p *pms.Property) bool {
			*p = pms.Property{
				Vendor: p.Vendor, ID: p.ID, Name: p.Name, Address: pms.Address{Street: p.Address.Street}, Latitude: p.Latitude, Longitude: p.Longitude,
				TimeZone: w.Zone().String(), CheckIn: p.CheckIn, CheckOut: p.CheckOut, Status: p.Status, Cleanliness: pms.CleanlinessUnknown,
			}
			return true
		},
		Records: pmstest.Records{List: "data", ID: "PropertyBookingID", Arrival: []string{"CheckIn"}, Status: []string{"Active"}},
		Disguised: map[string]error{
			`{"ReasonCode":429,"ReasonText":"Too many requests"}`:  pms.ErrRateLimited,
			`{"ReasonCode":422,"ReasonText":"Invalid PropertyID"}`: pms.ErrInvalid,
			`{"ReasonCode":"500","ReasonText":"Server error"}`:     pms.ErrUnavailable,
		},
	})
}

// teamsBooking is what Teams says of a booking.
func teamsBooking(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if b.Kind == pms.KindBlock || b.Status == pms.StatusCancelled || s.UnitID == "" || b.Arrival != s.Arrival {
		return false
	}
	unit, _ := w.Property(s.UnitID)
	first := func(a, b pms.Clock) pms.Clock {
		if a.IsZero() {
			return b
		}
		return a
	}
	code := s.Code
	*b = pms.Booking{
		Vendor: b.Vendor, ID: s.ID, PropertyID: s.UnitID, Kind: b.Kind, Status: pms.StatusConfirmed, RawStatus: "1",
		Arrival: s.Arrival, Departure: s.Departure, ArrivalTime: first(s.ArrivalTime, unit.CheckIn), DepartureTime: first(s.DepartureTime, unit.CheckOut),
		TimeZone: w.Zone().String(), Guests: pms.Guests{Children: b.Guests.Children, Pets: b.Guests.Pets, Total: b.Guests.Total},
		Guest: pms.Guest{Name: b.Guest.Name, Email: b.Guest.Email, Phone: b.Guest.Phone}, Code: code, Notes: s.Notes,
	}
	return true
}

// teams is a sandbox account of Operto Teams.
type teams struct {
	*sandbox.OpertoTeams
	world *sandbox.World
	seen  *sandbox.Faults
}

func newTeams(o sandbox.OpertoTeamsOptions, units int) teams {
	world := sandbox.NewEmptyWorld(sandbox.Options{Start: day(1), Zone: parisZone()})
	for i := range units {
		if _, err := world.AddProperty(sandbox.Property{Name: fmt.Sprintf("Flat %d", i+1)}); err != nil {
			panic(err)
		}
	}
	stand := sandbox.NewOpertoTeams(world, o)
	return teams{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s teams) client(t *testing.T, cfg operto.TeamsConfig) *operto.Teams {
	t.Helper()
	cfg.APIKey, cfg.APIValue = s.Options().APIKey, s.Options().APIValue
	cfg.HTTPClient, cfg.TimeZone = &http.Client{Transport: s.seen}, "Europe/Paris"
	if cfg.TaskRuleID == "" {
		cfg.TaskRuleID = "311"
	}
	c, err := operto.NewTeams(cfg)
	require.NoError(t, err)
	return c
}

func TestTeamsLogin(t *testing.T) {
	t.Parallel()
	for _, numbers := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			world := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
			stand := sandbox.NewOpertoTeams(world, sandbox.OpertoTeamsOptions{Numbers: numbers})
			s := teams{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
			client := s.client(t, operto.TeamsConfig{})
			paths := func() string {
				var out []string
				for _, r := range s.seen.Seen() {
					out = append(out, r.Method+strings.TrimPrefix(strings.SplitN(r.URL, "?", 2)[0], "https://teams-api.operto.com/api/v1"))
				}
				s.seen.Reset()
				return strings.Join(out, " ")
			}
			require.NoError(t, client.CheckCredentials(t.Context()))
			require.NoError(t, client.CheckCredentials(t.Context()))
			assert.Equal(t, "POST/oauth/login GET/taskrules GET/taskrules", paths())
			time.Sleep(time.Hour) //nolint:forbidigo // the fake clock of synctest
			require.NoError(t, client.CheckCredentials(t.Context()))
			assert.Equal(t, "GET/oauth/refresh GET/taskrules", paths())
			s.ExpireTokens()
			require.NoError(t, client.CheckCredentials(t.Context()))
			assert.Equal(t, "GET/taskrules GET/oauth/refresh GET/taskrules", paths())
			time.Sleep(25 * time.Hour) //nolint:forbidigo // the fake clock of synctest
			require.NoError(t, client.CheckCredentials(t.Context()))
			assert.Equal(t, "POST/oauth/login GET/taskrules", paths())
		})
	}
	s := newTeams(sandbox.OpertoTeamsOptions{}, 0)
	wrong, err := operto.NewTeams(operto.TeamsConfig{APIKey: "key", APIValue: "wrong", HTTPClient: &http.Client{Transport: s.seen}})
	require.NoError(t, err)
	require.ErrorIs(t, wrong.CheckCredentials(t.Context()), pms.ErrUnauthorized)
}

func TestTeamsKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
		stand := sandbox.NewOpertoTeams(world, sandbox.OpertoTeamsOptions{})
		s := teams{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
		client := s.client(t, operto.TeamsConfig{MaxRetries: -1})
		start := time.Now()
		for range 120 {
			require.NoError(t, client.CheckCredentials(t.Context()))
		}
		assert.GreaterOrEqual(t, time.Since(start), 4*time.Minute)
		assert.Less(t, time.Since(start), 5*time.Minute)
	})
}

func TestTeamsNoticesWhatVanished(t *testing.T) {
	t.Parallel()
	s := newTeams(sandbox.OpertoTeamsOptions{NoHasMore: true, NoLimits: true}, 1)
	unit := s.world.Units()[0].ID
	ids := make([]string, 3)
	for i := range ids {
		var err error
		ids[i], err = s.world.AddStay(sandbox.Stay{UnitID: unit, Arrival: day(3 + 3*i), Departure: day(5 + 3*i), Guest: pms.Guest{Name: "Nora"}})
		require.NoError(t, err)
	}
	client := s.client(t, operto.TeamsConfig{})
	before, err := client.ListDepartures(t.Context(), day(1), day(20))
	require.NoError(t, err)
	require.Len(t, before.Items, 3)
	require.NoError(t, s.world.Cancel(ids[0]))
	require.NoError(t, s.world.Extend(ids[1], day(7)))
	require.NoError(t, s.world.Extend(ids[2], day(25)))
	_, err = s.world.AddStay(sandbox.Stay{UnitID: unit, Arrival: day(14), Departure: day(16)})
	require.NoError(t, err)
	after, err := client.ListDepartures(t.Context(), day(1), day(20))
	require.NoError(t, err)
	diff := operto.CompareBookings(before.Items, after.Items)
	require.Len(t, diff.Added, 1)
	assert.Equal(t, day(16), diff.Added[0].Departure)
	require.Len(t, diff.Changed, 1)
	assert.Equal(t, ids[1], diff.Changed[0].ID)
	require.Len(t, diff.Vanished, 2)
	_, err = client.GetBooking(t.Context(), ids[0])
	require.ErrorIs(t, err, pms.ErrNotFound)
	moved, err := client.GetBooking(t.Context(), ids[2])
	require.NoError(t, err)
	assert.Equal(t, day(25), moved[0].Departure)
	assert.False(t, diff.Suspicious)
	assert.True(t, operto.CompareBookings(before.Items, nil).Suspicious)
	assert.Empty(t, operto.CompareBookings(after.Items, after.Items))
}

func TestTeamsTasksFromJobs(t *testing.T) {
	t.Parallel()
	s := newTeams(sandbox.OpertoTeamsOptions{NoLimits: true}, 1)
	unit := s.world.Units()[0].ID
	client := s.client(t, operto.TeamsConfig{MaxRetries: -1})
	a, b := booking("a", 3, 7), booking("b", 7, 9)
	a.PropertyID, b.PropertyID = "u", "u"
	property := cleaning.Property{ID: "1", TimeZone: "Europe/Paris", CheckOut: clock(t, "10:30"), CheckIn: clock(t, "15:45"), Bookings: list(a, b)}
	plan := cleaning.Plan(property, cleaning.Policy{}, s.world.Now())
	require.Len(t, plan.Jobs, 2)
	task := operto.TaskFromJob(plan.Jobs[0], unit, pms.TaskOpen)
	id, err := pms.WriteTask(t.Context(), client, task)
	require.NoError(t, err)
	require.Len(t, s.Tasks(), 1)
	made := s.Tasks()[0]
	assert.Equal(t, id, fmt.Sprint(made.ID))
	assert.Equal(t, "Check-out clean a", made.Name)
	assert.Equal(t, "The next guests come the same day.\nNext arrival: 2026-08-07 15:45.\n[1/test/a/departure]", made.Description)
	assert.Equal(t, []any{day(7), 11, day(7), 11, day(7), 15}, []any{made.Start, made.StartHour, made.Date, made.Hour, made.End, made.EndHour})

	again, err := client.WriteTask(t.Context(), task)
	require.NoError(t, err)
	assert.Equal(t, id, again, "the same job is the same task")
	assert.Equal(t, []sandbox.TeamsTask{made}, s.Tasks())

	moved := task
	moved.ID, moved.Start = id, task.Start.Add(2*time.Hour)
	_, err = client.WriteTask(t.Context(), moved)
	require.NoError(t, err)
	require.Len(t, s.Tasks(), 1)
	assert.Equal(t, 13, s.Tasks()[0].StartHour)

	closed := task
	closed.ID, closed.State = id, pms.TaskDone
	_, err = client.WriteTask(t.Context(), closed)
	require.NoError(t, err)
	assert.True(t, s.Tasks()[0].Completed)
	open, err := client.ListTasks(t.Context(), operto.TaskQuery{PropertyID: unit, OpenOnly: true})
	require.NoError(t, err)
	assert.Empty(t, open.Items)

	never := task
	never.Ref, never.State = "other", pms.TaskCancelled
	none, err := client.WriteTask(t.Context(), never)
	require.NoError(t, err)
	assert.Empty(t, none, "what was never created is not created to be cancelled")
	assert.Len(t, s.Tasks(), 1)

	second := operto.TaskFromJob(plan.Jobs[1], unit, pms.TaskOpen)
	s.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPost), Times: 1, Do: sandbox.ResetBefore()})
	_, err = client.WriteTask(t.Context(), second)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	found, err := client.WriteTask(t.Context(), second)
	require.NoError(t, err)
	require.Len(t, s.Tasks(), 2, "the answer was lost, the task was not")
	assert.Equal(t, found, fmt.Sprint(s.Tasks()[1].ID))
	second.ID, second.State = found, pms.TaskCancelled
	_, err = client.WriteTask(t.Context(), second)
	require.NoError(t, err)
	assert.True(t, s.Tasks()[1].Inactive)

	stranger := task
	stranger.PropertyID, stranger.Ref = "999", ""
	_, err = client.WriteTask(t.Context(), stranger)
	require.ErrorIs(t, err, pms.ErrInvalid)
	require.ErrorContains(t, err, "200 Invalid PropertyID", "a ReasonCode under status 200")
}

func TestTasksHaveWholeHours(t *testing.T) {
	t.Parallel()
	s := newTeams(sandbox.OpertoTeamsOptions{NoLimits: true}, 1)
	client := s.client(t, operto.TeamsConfig{})
	tests := []struct {
		start, end time.Time
		from, to   int
	}{
		{paris(7, 10, 0), paris(7, 16, 0), 10, 16},
		{paris(7, 10, 30), paris(7, 15, 45), 11, 15},
		{paris(7, 10, 30), paris(7, 11, 15), 10, 12},
		{paris(7, 23, 10), paris(7, 23, 50), 23, 23},
		{paris(7, 11, 0), paris(7, 11, 0), 11, 11},
	}
	for i, tt := range tests {
		_, err := client.WriteTask(t.Context(), pms.Task{PropertyID: s.world.Units()[0].ID, Name: fmt.Sprint("t", i), Start: tt.start, End: tt.end})
		require.NoError(t, err)
		task := s.Tasks()[i]
		assert.Equal(t, []any{tt.from, tt.to, day(7), day(7), "-"}, []any{task.StartHour, task.EndHour, task.Start, task.End, task.Description})
	}
	for name, wrong := range map[string]pms.Task{
		"no name": {PropertyID: "1", Start: paris(7, 10, 0), End: paris(7, 11, 0)}, "no window": {PropertyID: "1", Name: "x"},
		"backwards": {PropertyID: "1", Name: "x", Start: paris(7, 10, 0), End: paris(7, 9, 0)},
	} {
		_, err := client.WriteTask(t.Context(), wrong)
		require.ErrorIs(t, err, pms.ErrInvalid, name)
	}
}

func TestTeamsStaffRulesAndIssues(t *testing.T) {
	t.Parallel()
	s := newTeams(sandbox.OpertoTeamsOptions{NoLimits: true}, 1)
	client := s.client(t, operto.TeamsConfig{})
	issues, err := client.ListIssues(t.Context(), true)
	require.NoError(t, err, "an empty list comes as 404")
	assert.Empty(t, issues.Items)
	staff, err := client.ListStaff(t.Context())
	require.NoError(t, err)
	require.Len(t, staff.Items, 2)
	assert.Equal(t, operto.Staff{ID: "901", Name: "Ida Holm", Email: "ida@example.com", Phone: "+4520000001", Active: "true"}, staff.Items[0])
	rules, err := client.ListTaskRules(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []operto.TaskRule{{ID: "311", Name: "Check-out clean", Active: "true"}}, rules.Items)

	id := fmt.Sprint(s.AddIssue(sandbox.TeamsIssue{PropertyID: 300101, Type: 1, Issue: "The tap drips"}))
	issues, err = client.ListIssues(t.Context(), true)
	require.NoError(t, err)
	assert.Equal(t, []operto.Issue{{ID: pms.Text(id), PropertyID: "300101", Type: "1", Text: "The tap drips"}}, issues.Items)
	require.NoError(t, client.CloseIssue(t.Context(), id, day(2)))
	assert.Equal(t, day(2), s.Issues()[0].Closed)
	require.ErrorIs(t, client.CloseIssue(t.Context(), "1", day(2)), pms.ErrInvalid)

	task, err := client.WriteTask(t.Context(), pms.Task{PropertyID: s.world.Units()[0].ID, Name: "x", Start: paris(7, 10, 0), End: paris(7, 12, 0)})
	require.NoError(t, err)
	assignment, err := client.AssignTask(t.Context(), task, "901", s.world.Units()[0].ID)
	require.NoError(t, err)
	require.NoError(t, client.UnassignTask(t.Context(), assignment))
	require.ErrorIs(t, client.UnassignTask(t.Context(), assignment), pms.ErrNotFound)
}

func TestTeamsSettings(t *testing.T) {
	t.Parallel()
	cfg, err := operto.ParseTeamsConfig([]byte(`{"apiKey":"k","apiValue":"v","timeZone":"Europe/Paris","taskRuleId":311}`))
	require.NoError(t, err)
	assert.Equal(t, pms.Text("311"), cfg.TaskRuleID)
	assert.NotContains(t, fmt.Sprintf("%+v %#v", cfg, cfg), "311")
	_, err = operto.NewTeams(operto.TeamsConfig{APIKey: "k"})
	require.ErrorContains(t, err, "APIValue is required")
	_, err = operto.NewTeams(operto.TeamsConfig{APIKey: "k", APIValue: "v", TimeZone: "Paris"})
	require.ErrorContains(t, err, "TimeZone")
}
