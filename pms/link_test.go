package pms_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func lot(id string) pms.Unit { return pms.Unit{Vendor: "realtycalendar", Account: "main", ID: id} }

func linkOf(u pms.Unit, property string) pms.Link {
	return pms.Link{Vendor: u.Vendor, Account: u.Account, UnitID: u.ID, PropertyID: property}
}

func newSet(t *testing.T, links ...pms.Link) pms.LinkSet {
	t.Helper()
	var s pms.LinkSet
	for _, l := range links {
		require.NoError(t, s.Link(l))
	}
	return s
}

func TestLinkSetLink(t *testing.T) {
	t.Parallel()
	s := newSet(t, linkOf(lot("121984"), "flat-5"))

	got, ok := s.Find(lot("121984"))
	require.True(t, ok)
	assert.Equal(t, linkOf(lot("121984"), "flat-5"), got)
	assert.False(t, got.Paused, "the default imports")
	assert.False(t, got.Hidden, "the default shows new jobs")

	err := s.Link(linkOf(lot("121984"), "flat-6"))
	require.ErrorIs(t, err, pms.ErrLinkContradicts)
	require.EqualError(t, err,
		`unit realtycalendar/main:121984 belongs to property "flat-5" and cannot belong to "flat-6": link contradicts`)
	got, _ = s.Find(lot("121984"))
	assert.Equal(t, "flat-5", got.PropertyID, "a refused link changes nothing")

	assert.True(t, s.Unlink(lot("121984")))
	assert.False(t, s.Unlink(lot("121984")), "unlinking again is no error")
	_, ok = s.Find(lot("121984"))
	assert.False(t, ok)
	require.NoError(t, s.Link(linkOf(lot("121984"), "flat-6")), "after unlinking the unit is free")
}

func TestLinkSetUnitsAreToldApartByVendorAndAccount(t *testing.T) {
	t.Parallel()
	units := []pms.Unit{
		{Vendor: "bnovo", ID: "1"}, {Vendor: "bnovo", Account: "a", ID: "1"}, {Vendor: "bnovo", Account: "b", ID: "1"}, {Vendor: "ical", ID: "1"},
	}
	var s pms.LinkSet
	for i, u := range units {
		require.NoError(t, s.Link(linkOf(u, string(rune('p'+i)))))
	}
	for i, u := range units {
		got, ok := s.Find(u)
		require.True(t, ok)
		assert.Equal(t, string(rune('p'+i)), got.PropertyID)
	}
	_, ok := s.Find(pms.Unit{Vendor: "ical", Account: "a", ID: "1"})
	assert.False(t, ok)
	assert.Equal(t, "bnovo:1", units[0].String())
	assert.Equal(t, "bnovo/a:1", units[1].String())
}

func TestLinkSetLinkingAgainKeepsTheSwitches(t *testing.T) {
	t.Parallel()
	s := newSet(t, linkOf(lot("1"), "flat-5"))
	require.NoError(t, s.SetImport(lot("1"), false))
	require.NoError(t, s.SetAutoVisible(lot("1"), false))

	require.NoError(t, s.Link(linkOf(lot("1"), "flat-5")))
	got, _ := s.Find(lot("1"))
	assert.True(t, got.Paused)
	assert.True(t, got.Hidden)

	require.NoError(t, s.SetImport(lot("1"), true))
	got, _ = s.Find(lot("1"))
	assert.False(t, got.Paused)
	assert.True(t, got.Hidden, "the switches are independent")
	require.NoError(t, s.SetAutoVisible(lot("1"), true))
	got, _ = s.Find(lot("1"))
	assert.Equal(t, linkOf(lot("1"), "flat-5"), got)

	require.ErrorIs(t, s.SetImport(lot("2"), true), pms.ErrNotFound)
	require.ErrorIs(t, s.SetAutoVisible(lot("2"), true), pms.ErrNotFound)
	_, ok := s.Find(lot("2"))
	assert.False(t, ok, "a switch makes no link")
}

func TestLinkSetRefusesIncompleteLinks(t *testing.T) {
	t.Parallel()
	for want, l := range map[string]pms.Link{
		`link: vendor "" is empty or has white space around it: invalid request`:        {UnitID: "1", PropertyID: "p"},
		`link: unitId "" is empty or has white space around it: invalid request`:        {Vendor: "bnovo", PropertyID: "p"},
		`link: unitId "121984 " is empty or has white space around it: invalid request`: {Vendor: "bnovo", UnitID: "121984 ", PropertyID: "p"},
		`link: propertyId "" is empty or has white space around it: invalid request`:    {Vendor: "bnovo", UnitID: "1"},
	} {
		var s pms.LinkSet
		err := s.Link(l)
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.EqualError(t, err, want)
		assert.Empty(t, slices.Collect(s.All()))
	}
}

func TestLinkSetSeveralUnitsOfOneProperty(t *testing.T) {
	t.Parallel()
	feed := pms.Unit{Vendor: "ical", ID: "9"}
	s := newSet(t, linkOf(lot("2"), "flat-5"), linkOf(feed, "flat-5"), linkOf(lot("3"), "flat-6"), linkOf(lot("1"), "flat-5"))
	assert.Equal(t, []pms.Link{linkOf(feed, "flat-5"), linkOf(lot("1"), "flat-5"), linkOf(lot("2"), "flat-5")}, s.Units("flat-5"))
	assert.Empty(t, s.Units("flat-7"))

	assert.Equal(t, []pms.Link{
		linkOf(feed, "flat-5"), linkOf(lot("1"), "flat-5"), linkOf(lot("2"), "flat-5"), linkOf(lot("3"), "flat-6"),
	}, slices.Collect(s.All()))
	for l := range s.All() {
		s.Unlink(l.Unit())
	}
	assert.Empty(t, slices.Collect(s.All()), "unlinking while ranging reaches every link")
}

func TestLinkSetClone(t *testing.T) {
	t.Parallel()
	s := newSet(t, linkOf(lot("1"), "flat-5"))
	c := s.Clone()
	require.NoError(t, c.SetImport(lot("1"), false))
	require.NoError(t, c.Link(linkOf(lot("2"), "flat-6")))
	assert.Equal(t, []pms.Link{linkOf(lot("1"), "flat-5")}, slices.Collect(s.All()))

	var zero pms.LinkSet
	c = zero.Clone()
	require.NoError(t, c.Link(linkOf(lot("1"), "flat-5")))
	assert.Empty(t, slices.Collect(zero.All()))
}

func TestLinkSetJSON(t *testing.T) {
	t.Parallel()
	s := newSet(t, linkOf(lot("2"), "flat-6"), linkOf(pms.Unit{Vendor: "bnovo", ID: "101"}, "flat-5"))
	require.NoError(t, s.SetImport(lot("2"), false))
	require.NoError(t, s.SetAutoVisible(lot("2"), false))
	type stored struct {
		Links pms.LinkSet `json:"links"`
	}
	data, err := json.Marshal(stored{s})
	require.NoError(t, err)
	assert.JSONEq(t, `{"links":[
		{"vendor":"bnovo","unitId":"101","propertyId":"flat-5"},
		{"vendor":"realtycalendar","account":"main","unitId":"2","propertyId":"flat-6","paused":true,"hidden":true}]}`, string(data))

	var back stored
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, s, back.Links)

	data, err = json.Marshal(stored{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"links":[]}`, string(data))
}

func TestLinkSetUnmarshalValidates(t *testing.T) {
	t.Parallel()
	const a = `{"vendor":"bnovo","unitId":"1","propertyId":"a"}`
	for _, tt := range []struct {
		name, data string
		want       error
	}{
		{"two properties", `[` + a + `,{"vendor":"bnovo","unitId":"1","propertyId":"b"}]`, pms.ErrLinkContradicts},
		{"two switches", `[` + a + `,{"vendor":"bnovo","unitId":"1","propertyId":"a","paused":true}]`, pms.ErrLinkContradicts},
		{"no unit", `[{"vendor":"bnovo","propertyId":"a"}]`, pms.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSet(t, linkOf(lot("1"), "kept"))
			require.ErrorIs(t, json.Unmarshal([]byte(tt.data), &s), tt.want)
			assert.Equal(t, []pms.Link{linkOf(lot("1"), "kept")}, slices.Collect(s.All()), "a refused list changes nothing")
		})
	}
	s := newSet(t, linkOf(lot("1"), "kept"))
	require.Error(t, json.Unmarshal([]byte(`{}`), &s))
	require.NoError(t, json.Unmarshal([]byte(`null`), &s))
	assert.Len(t, slices.Collect(s.All()), 1, "null is no list")
	require.NoError(t, json.Unmarshal([]byte(`[`+a+`,`+a+`]`), &s))
	assert.Equal(t, []pms.Link{{Vendor: "bnovo", UnitID: "1", PropertyID: "a"}}, slices.Collect(s.All()), "the list replaces")
	require.NoError(t, json.Unmarshal([]byte(`[]`), &s))
	assert.Empty(t, slices.Collect(s.All()))
}

func TestLinkSetGroup(t *testing.T) {
	t.Parallel()
	s := newSet(t, linkOf(lot("1"), "flat-5"), linkOf(lot("2"), "flat-5"), linkOf(lot("3"), "flat-6"))
	require.NoError(t, s.SetImport(lot("3"), false))
	require.NoError(t, s.SetAutoVisible(lot("1"), false))
	booking := func(id, unit string) pms.Booking {
		return pms.Booking{Vendor: "realtycalendar", ID: id, PropertyID: unit}
	}
	other := pms.Booking{Vendor: "bnovo", ID: "g", PropertyID: "1"}

	got := s.Group("main", []pms.Booking{
		booking("c", "1"), booking("a", "2"), booking("d", "3"), booking("e", "4"), booking("f", ""), other, booking("b", "1"),
	})
	assert.Equal(t, pms.Grouped{
		Properties: map[string][]pms.Booking{"flat-5": {booking("c", "1"), booking("a", "2"), booking("b", "1")}},
		Paused:     []pms.Booking{booking("d", "3")},
		Unlinked:   []pms.Booking{booking("e", "4"), booking("f", ""), other},
	}, got)

	foreign := s.Group("second", []pms.Booking{booking("a", "1")})
	assert.Empty(t, foreign.Properties, "the same unit id of another account")
	assert.Len(t, foreign.Unlinked, 1)

	var zero pms.LinkSet
	assert.Len(t, zero.Group("", []pms.Booking{other}).Unlinked, 1)
}

// TestLinkSetAgainstModel compares a LinkSet with a plain map under random
// operations.
func TestLinkSetAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s pms.LinkSet
		model := map[pms.Unit]pms.Link{}
		unit := rapid.Custom(func(t *rapid.T) pms.Unit {
			return pms.Unit{
				Vendor:  rapid.SampledFrom([]string{"bnovo", "ical"}).Draw(t, "vendor"),
				Account: rapid.SampledFrom([]string{"", "a"}).Draw(t, "account"),
				ID:      rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id"),
			}
		})
		t.Repeat(map[string]func(*rapid.T){
			"link": func(t *rapid.T) {
				u := unit.Draw(t, "unit")
				l := linkOf(u, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "property"))
				old, taken := model[u]
				err := s.Link(l)
				if taken && old.PropertyID != l.PropertyID {
					require.ErrorIs(t, err, pms.ErrLinkContradicts)
					require.ErrorContains(t, err, `"`+old.PropertyID+`"`)
					require.ErrorContains(t, err, `"`+l.PropertyID+`"`)
					return
				}
				require.NoError(t, err)
				if !taken {
					model[u] = l
				}
			},
			"unlink": func(t *rapid.T) {
				u := unit.Draw(t, "unit")
				_, ok := model[u]
				assert.Equal(t, ok, s.Unlink(u))
				delete(model, u)
			},
			"switch": func(t *rapid.T) {
				u, on := unit.Draw(t, "unit"), rapid.Bool().Draw(t, "on")
				l, ok := model[u]
				if rapid.Bool().Draw(t, "import") {
					assert.Equal(t, ok, s.SetImport(u, on) == nil)
					l.Paused = !on
				} else {
					assert.Equal(t, ok, s.SetAutoVisible(u, on) == nil)
					l.Hidden = !on
				}
				if ok {
					model[u] = l
				}
			},
			"": func(t *rapid.T) {
				var units int
				for l := range s.All() {
					assert.Equal(t, model[l.Unit()], l)
					units++
				}
				assert.Len(t, model, units)
				assert.Len(t, model, len(s.Units("p"))+len(s.Units("q")))
				data, err := json.Marshal(s)
				require.NoError(t, err)
				var back pms.LinkSet
				require.NoError(t, json.Unmarshal(data, &back))
				assert.Equal(t, slices.Collect(s.All()), slices.Collect(back.All()))
			},
		})
	})
}

func FuzzLinkSetUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`[]`, `null`, `[{"vendor":"bnovo","unitId":"1","propertyId":"a"}]`, `[{"vendor":"","unitId":"1"}]`, `[null]`, `[{}]`,
		`[{"vendor":"b","unitId":"1","propertyId":"a","paused":true},{"vendor":"b","unitId":"1","propertyId":"c"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s pms.LinkSet
		if json.Unmarshal(data, &s) != nil {
			assert.Empty(t, slices.Collect(s.All()))
			return
		}
		again, err := json.Marshal(s)
		require.NoError(t, err)
		var back pms.LinkSet
		require.NoError(t, json.Unmarshal(again, &back))
		assert.Equal(t, slices.Collect(s.All()), slices.Collect(back.All()))
	})
}
