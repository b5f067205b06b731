package pms_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func named(id, name string) pms.Property { return pms.Property{ID: id, Name: name} }

func at(p pms.Property, street string) pms.Property {
	p.Address.Street = street
	return p
}

// metresNorth puts p so many metres north of a spot in Saint Petersburg.
func metresNorth(p pms.Property, metres float64) pms.Property {
	p.Latitude, p.Longitude = 59.93+metres/111_195, 30.33
	return p
}

// TestMatchNames compares two properties that have nothing but a name.
func TestMatchNames(t *testing.T) {
	t.Parallel()
	const (
		no   = 0.0
		weak = -1.0 // a candidate that is not proposed
	)
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		// Case, punctuation, white space.
		{"Sunset Loft", "Sunset Loft", 0.85},
		{"Sunset Loft", "  SUNSET—loft! ", 0.85},
		{"Sunset Loft 5", "sunset, loft (5)", 0.95},
		{"Château Élan", "chateau elan", 0.85},
		{"Ｌｏｆｔ　１２", "Loft 12", 0.95},
		// Letters that look alike.
		{"Loft 12A", "Loft 12А", 0.95},
		{"ВАСКЕТ НОМЕ", "BACKET HOME", 0.85},
		{"АВЕКМНОРСТУХ", "ABEKMHOPCTYX", 0.85},
		{"Ёлки", "Елки", 0.85},
		{"Ёлки", "Е\u0308лки", 0.85},
		{"Зелёный дом", "ЗЕЛЕНЫЙ ДОМ", 0.85},
		{"Тихий дом", "тихи\u0306и\u0306 дом", 0.85},
		// Numbers and their markers.
		{"5", "кв. 5", 0.70},
		{"5", "кв5", 0.70},
		{"№ 203", "203", 0.70},
		{"№203", "Room #203", 0.70},
		{"Apt 5", "Квартира № 5", 0.70},
		{"Apt 5", "Unit 05", 0.70},
		{"Apt. B", "кв. В", 0.70},
		{"12A", "12-а", 0.70},
		{"12A", "12 А", 0.70},
		{"12/A", "Room 12a", 0.70},
		{"Green Room Apt 5", "Green Room, № 5", 0.95},
		{"Tower 2, Apt 305", "Tower 2-305", 0.95},
		{"0", "00", 0.70},
		// Different numbers.
		{"Apt 5", "Apt 6", no},
		{"Loft 12A", "Loft 12B", no},
		{"Loft 12А", "Loft 12", no},
		{"кв. 12 А студия", "кв. 12 В студия", no},
		{"Apt A", "Apt B", no},
		{"Rosa A", "Rosa", no},
		{"Villa II", "Villa III", no},
		{"Villa II", "Villa", no},
		{"Villa 2", "Villa", no},
		{"Studio", "Studio 5", no},
		{"12/3", "3/12", no},
		{"Tower 2 Apt 3", "Tower 3 Apt 2", no},
		{"Tower 2 Apt 3", "Apt 2 Tower 3", no},
		{"201-202", "201", no},
		{"A12", "B12", no},
		{"Ленина 15 кв 5", "Мира 7 кв 5", no},
		{"0a", "a", no},
		// Numbers that count something are words.
		{"Loft 2 bedrooms", "Loft, 2 Bedrooms", 0.85},
		{"Loft 2 bedrooms", "Loft 3 bedrooms", no},
		{"2-комн. кв. 5", "2-комн кв 5", 0.95},
		{"2-к квартира, 45 кв. м", "2-к квартира 45 м2", no},
		{"Квартира 45 кв. м", "Квартира 45 кв.м", 0.85},
		{"Apartment 2 bedrooms", "Apartment 2", no},
		{"Tower 5 Apt 2K", "Tower 5 Apt 3K", no},
		{"Tower 5 2K", "Tower 5", no},
		{"Tower 5 кв. 2к", "Tower 5", no},
		{"Tower 5 2-K", "Tower 5", no},
		{"Лофт 2к", "Лофт, 2-к", 0.85},
		{"Sunset Loft 45м2", "Sunset Loft", weak},
		{"кв. 5 в центре", "кв. 5", weak},
		{"Студия 5 с видом", "Студия 5 с Видом", 0.95},
		// One name within the other is for a person to decide.
		{"Sunset Loft", "Sunset Loft with a view", weak},
		{"Sunset 5", "Sunset Loft 5", weak},
		{"Villa", "Villa Left", weak},
		{"5", "Loft 5", weak},
		{"кв. 5", "Ленина 15, кв. 5", no}, // 15 may be another unit's number
		// Nothing in common.
		{"Loft Sunset", "Sunset Loft", no},
		{"Green", "Red", no},
		{"Green 5", "Red 5", no},
		{"Studio Green View", "Studio Red View", no},
		{"", "", no},
		{"—", "!", no},
		{"Loft", "", no},
	} {
		ours, theirs := []pms.Property{named("o", tt.a)}, []pms.Property{named("t", tt.b)}
		for range 2 {
			p := pms.MatchProperties(ours, theirs)
			got := no
			switch {
			case len(p.Matches) == 1:
				got = p.Matches[0].Score
			case len(p.Choices) == 1:
				got = weak
				assert.Equal(t, pms.ChoiceWeak, p.Choices[0].Why)
			}
			assert.InDelta(t, tt.want, got, 1e-9, "%q and %q", tt.a, tt.b)
			ours, theirs = theirs, ours
		}
	}
}

func TestMatchPlaces(t *testing.T) {
	t.Parallel()
	in := func(p pms.Property, city string) pms.Property {
		p.Address.City = city
		return p
	}
	loft := func() pms.Property { return named("x", "Loft 5") }
	for _, tt := range []struct {
		name string
		a, b pms.Property
		want string // score and reasons; "" is no proposal
	}{
		{"same address", at(loft(), "ул. Ленина, д. 15"), at(loft(), "Ленина 15"), "0.98 same name, same number, same address"},
		{"look-alikes", at(loft(), "Cоветская 15А"), at(loft(), "Советская, 15 a"), "0.98 same name, same number, same address"},
		{"postal code and city in the street", in(at(loft(), "190000, Тверь, Ленина 15"), "Тверь"), at(loft(), "Ленина 15"), "0.98 same name, same number, same address"},
		{"both", metresNorth(at(loft(), "Lenina 15"), 0), metresNorth(at(loft(), "Lenina St., 15"), 50), "1.00 same name, same number, same address, 50 m apart"},
		{"near", metresNorth(loft(), 0), metresNorth(loft(), 99), "0.97 same name, same number, 99 m apart"},
		{"neither near nor far", metresNorth(loft(), 0), metresNorth(loft(), 1500), "0.95 same name, same number"},
		{"one street in two languages", metresNorth(at(loft(), "Lenina 15"), 0), metresNorth(at(loft(), "Ленина 15"), 30), "0.97 same name, same number, 30 m apart"},
		{"far", metresNorth(loft(), 0), metresNorth(loft(), 2500), ""},
		{"far, same address", metresNorth(at(loft(), "Lenina 15"), 0), metresNorth(at(loft(), "Lenina 15"), 2500), ""},
		{"next house", at(loft(), "Lenina 15"), at(loft(), "Lenina 17"), ""},
		{"next house, near", metresNorth(at(loft(), "Lenina 15"), 0), metresNorth(at(loft(), "Lenina 17"), 30), ""},
		{"15 and 15A", at(loft(), "Lenina 15"), at(loft(), "Lenina 15A"), ""},
		{"another street", at(loft(), "Lenina 15"), at(loft(), "Mira 15"), ""},
		{"street and avenue", at(loft(), "улица Ленина 15"), at(loft(), "проспект Ленина 15"), ""},
		{"another city", in(at(loft(), "Lenina 15"), "Tver"), in(at(loft(), "Lenina 15"), "Tula"), ""},
		{"house number with a sign", at(loft(), "ул. Ленина, д. № 15"), at(loft(), "Ленина 15"), "0.98 same name, same number, same address"},
		{"flat with a sign", at(named("x", "Loft"), "12 Main St #5"), at(named("y", "Loft"), "12 Main St, apt 5"), "0.98 same name, same number, same address"},
		{"lettered flats", at(named("x", "Loft"), "12 Main St #A"), at(named("y", "Loft"), "12 Main St, apt B"), ""},
		{"a street without a house is not known", at(loft(), "Lenina"), at(loft(), "Mira 15"), "0.95 same name, same number"},
		{"no coordinates", loft(), metresNorth(loft(), 0), "0.95 same name, same number"},
		{
			"impossible coordinates", metresNorth(loft(), 0),
			pms.Property{ID: "y", Name: "Loft 5", Latitude: 591, Longitude: math.Inf(1)}, "0.95 same name, same number",
		},

		{"flat in the address", at(named("x", "Loft"), "Lenina 15, apt 5"), at(named("y", "кв. 5"), "Lenina 15"), "0.75 same number, same address"},
		{"flat in both addresses", at(named("x", "Loft"), "Lenina 15, кв. 5"), at(named("y", "Loft"), "Lenina 15 apt 5"), "0.98 same name, same number, same address"},
		{"other flat in the address", at(named("x", "Loft"), "Lenina 15, кв. 5"), at(named("y", "Loft"), "Lenina 15, кв. 6"), ""},
		{"other flat, same number in the name", at(named("x", "Loft 2"), "Lenina 15, кв. 5"), at(named("y", "Loft 2"), "Lenina 15, кв. 6"), ""},
		{"house in the name", at(named("x", "кв. 5"), "Lenina 15"), at(named("y", "Lenina 15, кв. 5"), "Lenina 15"), "0.75 same number, same address"},
		{"building in the name", at(named("x", "кв. 5"), "Lenina 15"), at(named("y", "корпус 2 кв. 5"), "Lenina 15"), ""},
		{"numbers only", at(named("x", "5"), "Lenina 15"), at(named("y", "Room 5"), "Lenina 15"), "0.88 same number, same address"},
		{"part and number", at(named("x", "Sunset 5"), "Lenina 15"), at(named("y", "Sunset Loft 5"), "Lenina 15"), "0.85 one name is part of the other, same number, same address"},

		{"other number", metresNorth(at(named("x", "Loft 5"), "Lenina 15"), 0), metresNorth(at(named("y", "Loft 6"), "Lenina 15"), 0), ""},
		{"other name", metresNorth(at(named("x", "Green"), "Lenina 15"), 0), metresNorth(at(named("y", "Red"), "Lenina 15"), 0), ""},
		{"other name, same number", metresNorth(at(named("x", "Green, кв. 5"), "Lenina 15"), 0), metresNorth(at(named("y", "Red, кв. 5"), "Lenina 15"), 0), ""},
		{"part of a name", metresNorth(at(named("x", "Villa"), "Lenina 15"), 0), metresNorth(at(named("y", "Villa Left"), "Lenina 15"), 0), ""},
		{"no name", metresNorth(at(named("x", ""), "Lenina 15"), 0), metresNorth(at(named("y", ""), "Lenina 15"), 0), ""},
	} {
		for _, pair := range [][2]pms.Property{{tt.a, tt.b}, {tt.b, tt.a}} {
			var got string
			if p := pms.MatchProperties(pair[:1], pair[1:]); len(p.Matches) == 1 {
				got = fmt.Sprintf("%.2f %s", p.Matches[0].Score, p.Matches[0].Explain())
			}
			assert.Equal(t, tt.want, got, tt.name)
		}
	}
}

// TestMatchDifferentNumbersAreNoCandidates holds when everything else agrees: a
// wrong link sends a guest the code of another flat.
func TestMatchDifferentNumbersAreNoCandidates(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{
		{"Loft 5", "Loft 6"},
		{"Loft 12A", "Loft 12B"},
		{"Loft 12", "Loft 12А"},
		{"Loft, кв. 5", "Loft, Apt 6"},
		{"Loft", "Loft 5"},
		{"Loft A", "Loft B"},
		{"Loft II", "Loft III"},
		{"Tower 2 Apt 5", "Tower 3 Apt 5"},
		{"Tower 2 Apt 5", "Tower 5 Apt 2"},
		{"12/3", "3/12"},
	} {
		ours := []pms.Property{metresNorth(at(named("o", names[0]), "Lenina 15"), 0)}
		theirs := []pms.Property{metresNorth(at(named("t", names[1]), "Lenina 15"), 0)}
		assert.Equal(t, pms.Proposals{UnmatchedOurs: ours, UnmatchedTheirs: theirs}, pms.MatchProperties(ours, theirs), "%q", names)
	}
}

func TestMatchIsReported(t *testing.T) {
	t.Parallel()
	unit := metresNorth(at(named("u1", "LOFT 12А"), "Lenina 15"), 40)
	unit.Vendor = "bnovo"
	p := pms.MatchProperties([]pms.Property{metresNorth(at(named("flat", "Loft 12A"), "Lenina 15"), 40)}, []pms.Property{unit})
	assert.Equal(t, pms.Proposals{Matches: []pms.Match{{
		PropertyID: "flat", Vendor: "bnovo", UnitID: "u1", Score: 1,
		Reasons: []pms.MatchReason{pms.MatchName, pms.MatchNumber, pms.MatchAddress, pms.MatchNear},
	}}}, p)
	assert.Equal(t, pms.Link{Vendor: "bnovo", Account: "main", UnitID: "u1", PropertyID: "flat"}, p.Matches[0].Link("main"))
	data, err := json.Marshal(p.Matches[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"propertyId":"flat","vendor":"bnovo","unitId":"u1","score":1,
		"reasons":["name","number","address","near"]}`, string(data))
}

func TestMatchTieOfOurs(t *testing.T) {
	t.Parallel()
	ours := []pms.Property{at(named("mira", "Apt 5"), "Mira 7"), at(named("lenina", "Apt 5"), "Lenina 15"), named("other", "Apt 6")}
	p := pms.MatchProperties(ours, []pms.Property{named("t", "кв. 5")})
	assert.Empty(t, p.Matches, "a tie is not guessed")
	number := []pms.MatchReason{pms.MatchNumber}
	assert.Equal(t, []pms.Choice{{UnitID: "t", Why: pms.ChoiceTie, Candidates: []pms.Match{
		{PropertyID: "lenina", UnitID: "t", Score: 0.70, Reasons: number},
		{PropertyID: "mira", UnitID: "t", Score: 0.70, Reasons: number},
	}}}, p.Choices)
	assert.Len(t, p.UnmatchedOurs, 3)
	assert.Empty(t, p.UnmatchedTheirs)

	p = pms.MatchProperties(ours, []pms.Property{at(named("t", "кв. 5"), "ул. Lenina 15")})
	require.Len(t, p.Matches, 1, "the address decides")
	assert.Equal(t, "lenina", p.Matches[0].PropertyID)
}

func TestMatchTieOfDistance(t *testing.T) {
	t.Parallel()
	ours := []pms.Property{metresNorth(named("a", "Loft"), 5), metresNorth(named("b", "Loft"), 60)}
	p := pms.MatchProperties(ours, []pms.Property{metresNorth(named("t", "Loft"), 0)})
	assert.Empty(t, p.Matches, "some metres decide nothing")
	require.Len(t, p.Choices, 1)
	assert.Equal(t, pms.ChoiceTie, p.Choices[0].Why)
	assert.InDelta(t, 5, p.Choices[0].Candidates[0].Distance, 0.1)
	assert.InDelta(t, 60, p.Choices[0].Candidates[1].Distance, 0.1)
}

func TestMatchContested(t *testing.T) {
	t.Parallel()
	ours := []pms.Property{named("villa", "Villa Rosa")}
	p := pms.MatchProperties(ours, []pms.Property{named("1", "Villa Rosa"), named("2", "villa rosa")})
	assert.Empty(t, p.Matches, "two units that cannot be told apart")
	require.Len(t, p.Choices, 2)
	for _, c := range p.Choices {
		assert.Equal(t, pms.ChoiceContested, c.Why)
		assert.Equal(t, "villa", c.Candidates[0].PropertyID)
	}

	// The same flat entered twice with the vendor: the plain name is proposed,
	// the duplicate is for the host to link to the same property.
	ours = []pms.Property{at(named("flat", "Loft 5"), "Lenina 15")}
	p = pms.MatchProperties(ours, []pms.Property{at(named("1", "Loft 5 ДУБЛЬ"), "Lenina 15"), at(named("2", "Loft 5"), "Lenina 15")})
	require.Len(t, p.Matches, 1)
	assert.Equal(t, "2", p.Matches[0].UnitID)
	require.Len(t, p.Choices, 1)
	assert.Equal(t, "1", p.Choices[0].UnitID)
	assert.Equal(t, pms.ChoiceContested, p.Choices[0].Why)
	assert.Equal(t, "flat", p.Choices[0].Candidates[0].PropertyID)
}

func TestMatchWeak(t *testing.T) {
	t.Parallel()
	p := pms.MatchProperties([]pms.Property{at(named("o", "Loft 5"), "Lenina 15")}, []pms.Property{at(named("t", "Loft 5"), "Lenina 17")})
	require.Len(t, p.Choices, 1)
	assert.Equal(t, pms.ChoiceWeak, p.Choices[0].Why)
	assert.Equal(t, "same name, same number, different address", p.Choices[0].Candidates[0].Explain())
	assert.Less(t, p.Choices[0].Candidates[0].Score, pms.MatchScore)

	p = pms.MatchProperties([]pms.Property{metresNorth(named("o", "Loft"), 0)}, []pms.Property{metresNorth(named("t", "Loft"), 5000)})
	require.Len(t, p.Choices, 1)
	assert.Equal(t, "same name, 5000 m apart", p.Choices[0].Candidates[0].Explain())
}

func TestMatchHotelByNumbers(t *testing.T) {
	t.Parallel()
	var ours, theirs []pms.Property
	for n := range 300 {
		number := 100 + n
		ours = append(ours, metresNorth(at(named(fmt.Sprintf("room-%d", number), fmt.Sprintf("Номер %d", number)), "Lenina 15"), 0))
		theirs = append(theirs, metresNorth(at(named(fmt.Sprintf("%d", 9000-number), fmt.Sprintf("№%d", number)), "Lenina 15"), 0))
	}
	p := pms.MatchProperties(ours[1:], theirs[:299])
	require.Len(t, p.Matches, 298)
	for _, m := range p.Matches {
		var our, their int
		_, err := fmt.Sscanf(m.PropertyID+" "+m.UnitID, "room-%d %d", &our, &their)
		require.NoError(t, err)
		assert.Equal(t, our, 9000-their)
	}
	assert.Equal(t, []pms.Property{ours[299]}, p.UnmatchedOurs)
	assert.Equal(t, []pms.Property{theirs[0]}, p.UnmatchedTheirs)
	assert.Empty(t, p.Choices)
}

func TestMatchCandidatesAreLimited(t *testing.T) {
	t.Parallel()
	var ours []pms.Property
	for n := range 25 {
		ours = append(ours, named(fmt.Sprintf("o%02d", n), "Studio"))
	}
	p := pms.MatchProperties(ours, []pms.Property{named("t", "studio")})
	require.Len(t, p.Choices, 1)
	require.Len(t, p.Choices[0].Candidates, 10)
	assert.Equal(t, "o09", p.Choices[0].Candidates[9].PropertyID)
	assert.Equal(t, 15, p.Choices[0].More)
	assert.Len(t, p.UnmatchedOurs, 25)
}

func TestMatchRepeatedRecordsCountOnce(t *testing.T) {
	t.Parallel()
	our, their := named("o", "Loft"), named("t", "Loft")
	p := pms.MatchProperties([]pms.Property{our, our}, []pms.Property{their, their, their})
	require.Len(t, p.Matches, 1)
	assert.Empty(t, p.Choices)
	assert.Empty(t, p.UnmatchedOurs)

	p = pms.MatchProperties(nil, []pms.Property{their})
	assert.Equal(t, pms.Proposals{UnmatchedTheirs: []pms.Property{their}}, p)
	p = pms.MatchProperties([]pms.Property{our}, nil)
	assert.Equal(t, pms.Proposals{UnmatchedOurs: []pms.Property{our}}, p)
	assert.Equal(t, pms.Proposals{}, pms.MatchProperties(nil, nil))
}

// drawProperties draws properties that often resemble one another.
func drawProperties(t *rapid.T, prefix string) []pms.Property {
	pick := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	n := rapid.IntRange(0, 12).Draw(t, prefix)
	list := make([]pms.Property, 0, n)
	for i := range n {
		p := named(fmt.Sprintf("%s%d", prefix, i), pick("word", "Loft", "LOFT", "Sunset Loft", "Лофт", "")+
			pick("mark", " ", " кв. ", " Apt ", " № ")+pick("number", "5", "6", "12A", "12А", "12", "", "B"))
		p.Address.Street = pick("street", "", "Lenina 15", "ул. Lenina, д. 15", "Lenina 15, кв. 5", "Lenina 17", "Mira 7")
		if rapid.Bool().Draw(t, "located") {
			p = metresNorth(p, float64(rapid.SampledFrom([]int{0, 40, 500, 9000}).Draw(t, "metres")))
		}
		list = append(list, p)
	}
	return list
}

func TestMatchProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ours, theirs := drawProperties(t, "o"), drawProperties(t, "t")
		p := pms.MatchProperties(ours, theirs)

		again := pms.MatchProperties(rapid.Permutation(ours).Draw(t, "ours"), rapid.Permutation(theirs).Draw(t, "theirs"))
		assert.Equal(t, p, again, "the order of the input does not matter")

		var units, properties, links []string
		var set pms.LinkSet
		for _, m := range p.Matches {
			units, properties = append(units, m.UnitID), append(properties, m.PropertyID)
			links = append(links, m.UnitID)
			assert.GreaterOrEqual(t, m.Score, pms.MatchScore)
			assert.LessOrEqual(t, m.Score, 1.0)
			assert.NotEmpty(t, m.Explain())
			l := m.Link("")
			l.Vendor = "bnovo"
			require.NoError(t, set.Link(l), "proposals never contradict")
		}
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(properties))), len(p.Matches), "one unit for each property")
		for _, c := range p.Choices {
			units = append(units, c.UnitID)
			require.NotEmpty(t, c.Candidates)
			for i, m := range c.Candidates {
				assert.Equal(t, c.UnitID, m.UnitID)
				assert.Positive(t, m.Score)
				assert.LessOrEqual(t, m.Score, 1.0)
				if i > 0 {
					assert.LessOrEqual(t, m.Score, c.Candidates[i-1].Score)
				}
			}
			if c.Why == pms.ChoiceTie {
				require.GreaterOrEqual(t, len(c.Candidates), 2)
				assert.InDelta(t, c.Candidates[0].Score, c.Candidates[1].Score, 0)
			}
		}
		for _, u := range p.UnmatchedTheirs {
			units = append(units, u.ID)
		}
		for _, o := range p.UnmatchedOurs {
			properties = append(properties, o.ID)
		}
		assert.ElementsMatch(t, ids(theirs), units, "each of theirs is in exactly one place")
		assert.ElementsMatch(t, ids(ours), properties, "each of ours is in exactly one place")
		assert.Len(t, slices.Collect(set.All()), len(links))

		back := pms.MatchProperties(theirs, ours)
		assert.Len(t, back.Matches, len(p.Matches), "no side is preferred")
	})
}

func ids(list []pms.Property) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, p.ID)
	}
	return out
}

func FuzzMatchProperties(f *testing.F) {
	f.Add("Loft 12A", "LOFT 12А", "Lenina 15, кв. 5", "Ленина 15")
	f.Add("кв. 45 кв. м", "№№ 0", "#", "№ apt")
	f.Add("2-к кв м", "xii", "A", "12345 12345")
	f.Add("\xff\xfe", "12\u0306A", "００７", "кв")
	f.Fuzz(func(t *testing.T, a, b, street1, street2 string) {
		ours, theirs := []pms.Property{at(named("o", a), street1)}, []pms.Property{at(named("t", b), street2)}
		p, back := pms.MatchProperties(ours, theirs), pms.MatchProperties(theirs, ours)
		require.Len(t, back.Matches, len(p.Matches))
		require.Len(t, back.Choices, len(p.Choices))
		require.Equal(t, 1, len(p.Matches)+len(p.Choices)+len(p.UnmatchedTheirs))
	})
}

func BenchmarkMatchProperties(b *testing.B) {
	const n = 5000
	for name, format := range map[string]string{
		"numbers":       "Apartment %d",
		"names":         "Villa %[1]x of the coast x%[1]xq",
		"shared number": "House %x Moscow, кв. 7",
	} {
		b.Run(name, func(b *testing.B) {
			ours, theirs := make([]pms.Property, n), make([]pms.Property, n)
			for i := range n {
				ours[i] = named(fmt.Sprintf("o%d", i), fmt.Sprintf(format, i))
				theirs[i] = named(fmt.Sprintf("t%d", i), fmt.Sprintf(format, i+n/10))
			}
			b.ReportAllocs()
			for b.Loop() {
				pms.MatchProperties(ours, theirs)
			}
		})
	}
}
