package ical

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// goldenFeed is what a feed comes to, in a form to read and compare.
type goldenFeed struct {
	Source Source       `json:"source"`
	Name   string       `json:"name,omitzero"`
	Count  int          `json:"count"`
	Stays  []goldenStay `json:"stays"`
	Failed []string     `json:"failed,omitempty"`
}

type goldenStay struct {
	UID        string     `json:"uid"`
	Arrival    pms.Date   `json:"arrival"`
	Departure  pms.Date   `json:"departure"`
	In         pms.Clock  `json:"arrivalTime,omitzero"`
	Out        pms.Clock  `json:"departureTime,omitzero"`
	Zone       string     `json:"timeZone,omitzero"`
	Ignore     bool       `json:"ignore,omitzero"`
	Kind       pms.Kind   `json:"kind"`
	Status     pms.Status `json:"status"`
	RawStatus  string     `json:"rawStatus,omitzero"`
	Channel    string     `json:"channel,omitzero"`
	Code       string     `json:"code,omitzero"`
	Guest      pms.Guest  `json:"guest,omitzero"`
	Guests     pms.Guests `json:"guests,omitzero"`
	PhoneLast4 string     `json:"phoneLast4,omitzero"`
	Rule       Rule       `json:"rule"`
	Word       string     `json:"word,omitzero"`
	Warnings   []string   `json:"warnings,omitempty"`
}

func readGolden(t *testing.T, path string) goldenFeed {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	cal, err := Parse(data)
	require.NoError(t, err)
	stays, failed := cal.Stays(nil)
	out := goldenFeed{Source: DetectSource(cal.ProdID, ""), Name: cal.Name, Count: cal.Count}
	for i, c := range (Rules{TrustTimes: true}).Classify(out.Source, stays) {
		s := goldenStay{
			UID: stays[i].UID, Arrival: stays[i].Arrival, Departure: stays[i].Departure, Zone: stays[i].TimeZone,
			In: c.ArrivalTime, Out: c.DepartureTime, Ignore: c.Ignore, Kind: c.Kind, Status: c.Status, RawStatus: c.RawStatus,
			Channel: c.Channel, Code: c.Code, Guest: c.Guest, Guests: c.Guests, PhoneLast4: c.PhoneLast4, Rule: c.Rule, Word: c.Word,
		}
		for _, w := range stays[i].Warnings {
			s.Warnings = append(s.Warnings, w.Error())
		}
		out.Stays = append(out.Stays, s)
	}
	for _, bad := range append(cal.Failed, failed...) {
		out.Failed = append(out.Failed, bad.Error())
	}
	return out
}

func TestGolden(t *testing.T) {
	t.Parallel()
	paths := feedFiles(t, "testdata")
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			got, err := json.MarshalIndent(readGolden(t, path), "", "  ")
			require.NoError(t, err)
			golden := strings.TrimSuffix(path, ".ics") + ".golden.json"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.JSONEq(t, string(want), string(got))
		})
	}
}

// realFeeds is where recorded feeds lie beside a checkout, if at all.
var realFeeds = filepath.Join("..", "..", "..", "shared", "data", "ical")

func TestRealAirbnbFeed(t *testing.T) {
	t.Parallel()
	got := realFeed(t, "airbnb_2020.ics")
	assert.Equal(t, SourceAirbnb, got.Source)
	require.Len(t, got.Stays, 2)
	stay, block := got.Stays[0], got.Stays[1]
	assert.Equal(t, "2020-08-02 2020-08-12", stay.Arrival.String()+" "+stay.Departure.String())
	assert.Equal(t, pms.KindGuest, stay.Kind)
	assert.Equal(t, "airbnb", stay.Channel)
	assert.Regexp(t, `^HM[A-Z0-9]{8}$`, stay.Code)
	assert.Len(t, stay.PhoneLast4, 4)
	assert.Equal(t, pms.KindBlock, block.Kind)
	assert.Equal(t, "2020-07-03 2020-07-04", block.Arrival.String()+" "+block.Departure.String())
}

func TestRealAbritelFeed(t *testing.T) {
	t.Parallel()
	got := realFeed(t, "abritel_homeaway_2020.ics")
	assert.Equal(t, SourceVrbo, got.Source)
	require.Len(t, got.Stays, 4)
	var kinds []pms.Kind
	for _, s := range got.Stays {
		kinds = append(kinds, s.Kind)
	}
	assert.Equal(t, []pms.Kind{pms.KindGuest, pms.KindBlock, pms.KindGuest, pms.KindGuest}, kinds)
	assert.Equal(t, pms.StatusTentative, got.Stays[3].Status)
	assert.Equal(t, "2020-12-06", got.Stays[3].Departure.String())
}

func realFeed(t *testing.T, name string) goldenFeed {
	t.Helper()
	path := filepath.Join(realFeeds, name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no recorded feeds beside this checkout")
	}
	got := readGolden(t, path)
	assert.Empty(t, got.Failed)
	return got
}
