package pms_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestNewClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hour, minute int
		want         string
	}{{0, 0, "00:00"}, {23, 59, "23:59"}, {9, 5, "09:05"}} {
		c, err := pms.NewClock(tt.hour, tt.minute)
		require.NoError(t, err)
		assert.Equal(t, tt.want, c.String())
		assert.Equal(t, []int{tt.hour, tt.minute, tt.hour*60 + tt.minute}, []int{c.Hour(), c.Minute(), c.Minutes()})
		assert.False(t, c.IsZero(), "midnight is a stated time")
	}
	for _, bad := range [][2]int{{-1, 0}, {24, 0}, {0, -1}, {0, 60}} {
		c, err := pms.NewClock(bad[0], bad[1])
		require.Error(t, err)
		assert.True(t, c.IsZero())
	}
}

func TestZeroClockIsNotMidnight(t *testing.T) {
	t.Parallel()
	var zero pms.Clock
	assert.True(t, zero.IsZero())
	assert.Empty(t, zero.String())
	assert.Equal(t, []int{0, 0, 0}, []int{zero.Minutes(), zero.Hour(), zero.Minute()})
	assert.NotEqual(t, clock(t, "00:00"), zero)
}

func TestParseClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "15:04": "15:04", "9:30": "09:30", "0:00": "00:00", "23:59": "23:59"} {
		c, err := pms.ParseClock(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, c.String(), text)
	}
	for _, text := range []string{
		"24:00", "12:60", "1500", "15", "15:0", ":30", "15:000", "115:00", "+1:30", "-1:30", " 9:30", "15:00 ", "15.00", "15:00:00", "3 PM", "１５:００",
	} {
		c, err := pms.ParseClock(text)
		require.Error(t, err, text)
		assert.True(t, c.IsZero(), text)
	}
}

func TestClockJSON(t *testing.T) {
	t.Parallel()
	type form struct {
		Always  pms.Clock `json:"always"`
		Omitted pms.Clock `json:"omitted,omitzero"`
	}
	data, err := json.Marshal(form{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"always":""}`, string(data))

	midnight := form{Always: clock(t, "00:00"), Omitted: clock(t, "16:30")}
	data, err = json.Marshal(midnight)
	require.NoError(t, err)
	assert.JSONEq(t, `{"always":"00:00","omitted":"16:30"}`, string(data))

	var back form
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, midnight, back)

	require.NoError(t, json.Unmarshal([]byte(`{"always":"","omitted":null}`), &back))
	assert.Equal(t, form{Omitted: clock(t, "16:30")}, back, "an empty text is no time, null leaves the value")

	require.Error(t, json.Unmarshal([]byte(`{"always":"25:00"}`), &back))
	require.Error(t, json.Unmarshal([]byte(`{"always":1500}`), &back))
}

func FuzzParseClock(f *testing.F) {
	for _, seed := range []string{"", "15:00", "9:05", "24:00", "::", "a:bc", "00:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := pms.ParseClock(text)
		if err != nil {
			assert.True(t, c.IsZero())
			return
		}
		again, err := pms.ParseClock(c.String())
		require.NoError(t, err)
		assert.Equal(t, c, again)
		assert.Equal(t, text == "", c.IsZero())
	})
}
