package cleaning_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestPolicy_ValidateNamesTheFields(t *testing.T) {
	t.Parallel()
	require.NoError(t, cleaning.Policy{}.Validate())
	require.NoError(t, cleaning.Policy{TimeZone: "Europe/Paris", WindowDays: 8, Blocks: cleaning.ChoicePlan}.Validate())
	for field, policy := range map[string]cleaning.Policy{
		"windowDays":       {WindowDays: 9},
		"bufferMinutes":    {BufferMinutes: -1},
		"cleaningMinutes":  {CleaningMinutes: 2000},
		"horizonDays":      {HorizonDays: -1},
		"midStayEvery":     {MidStayEvery: -7},
		"midStayMinNights": {MidStayMinNights: 1000},
		"timeZone":         {TimeZone: "Local"},
		"from":             {From: pms.Date{Year: 2026, Month: 2, Day: 30}},
		"ownerStays":       {OwnerStays: "yes"},
		"blocks":           {Blocks: "no"},
		"tentative":        {Tentative: "x"},
		"unknown":          {Unknown: "x"},
		"cancelledInHouse": {CancelledInHouse: "x"},
	} {
		var bad *cleaning.FieldError
		require.ErrorAs(t, policy.Validate(), &bad, field)
		assert.Equal(t, field, bad.Field)
	}
	err := cleaning.Policy{WindowDays: 9, Blocks: "no"}.Validate()
	require.EqualError(t, err, "cleaning policy: windowDays: 9 is not 0 to 8\n"+
		`cleaning policy: blocks: "no" is not one of ["plan" "skip" "report"]`)
}

func TestPolicy_With(t *testing.T) {
	t.Parallel()
	var o cleaning.Overrides
	require.NoError(t, json.Unmarshal([]byte(`{"windowDays": 0, "checkIn": "16:00", "hidden": true, "blocks": "plan"}`), &o))
	got := cleaning.Policy{WindowDays: 3, BufferMinutes: 30, CheckOut: clock("10:00")}.With(o)
	assert.Equal(t, cleaning.Policy{
		BufferMinutes: 30, CheckOut: clock("10:00"), CheckIn: clock("16:00"), Hidden: true, Blocks: cleaning.ChoicePlan,
	}, got)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	assert.JSONEq(t, `{"windowDays": 0, "checkIn": "16:00", "hidden": true, "blocks": "plan"}`, string(text))
}

// TestPolicy_EveryFieldCanBeOverridden finds a field of Policy that Overrides or
// With forgets.
func TestPolicy_EveryFieldCanBeOverridden(t *testing.T) {
	t.Parallel()
	full := cleaning.Policy{
		Off: true, From: today, HorizonDays: 1, TimeZone: "UTC", CheckIn: clock("16:00"), CheckOut: clock("10:00"),
		AtArrival: true, WindowDays: 1, BufferMinutes: 1, CleaningMinutes: 1, OwnerStays: "plan", Blocks: "plan",
		Tentative: "plan", Unknown: "plan", CancelledInHouse: "keep", MidStayEvery: 1, MidStayMinNights: 1,
		JoinSameGuest: true, Hidden: true, PushCleanliness: true,
	}
	text, err := json.Marshal(full)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	assert.Len(t, fields, 20)
	var o cleaning.Overrides
	require.NoError(t, json.Unmarshal(text, &o))
	assert.Equal(t, full, cleaning.Policy{}.With(o))
}
