package pms

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// TestCandidatesMissNoPair compares the index with all pairs.
func TestCandidatesMissNoPair(t *testing.T) {
	t.Parallel()
	draw := func(t *rapid.T, side string) []Property {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{
			"loft", "Лофт", "sunset", "villa", "5", "6", "кв. 5", "apt 6", "№ 7", "2 bedrooms", "B", "12A", "15", "", "II",
		}), 0, 4)
		list := rapid.SliceOfN(words, 0, 10).Draw(t, side)
		properties := make([]Property, len(list))
		for i, name := range list {
			properties[i] = Property{ID: fmt.Sprint(i), Name: fmt.Sprint(name)}
			properties[i].Address.Street = rapid.SampledFrom([]string{"", "Lenina 15", "Lenina 15 кв 5", "Mira 6"}).Draw(t, "street")
		}
		return properties
	}
	rapid.Check(t, func(t *rapid.T) {
		m := newMatcher(draw(t, "ours"), draw(t, "theirs"))
		for their := range m.theirs {
			found := map[int]int{}
			m.candidates(their, func(our int) { found[our]++ })
			for our := range m.ours {
				assert.LessOrEqual(t, found[our], 1, "visited once")
				if compare(&m.ourTraits[our], &m.theirTraits[their]).score() > 0 {
					assert.Equal(t, 1, found[our], "%q and %q", m.ours[our].Name, m.theirs[their].Name)
				}
			}
		}
	})
}

// TestScores holds the rules that the table of scores must keep.
func TestScores(t *testing.T) {
	t.Parallel()
	for k := range scores {
		for p := range scores[k] {
			score := scores[k][p]
			assert.True(t, score >= 0 && score <= 1)
			assert.True(t, place(p) != placeDiffers || score < MatchScore, "another place is never proposed")
		}
		row := scores[k]
		assert.IsNonDecreasing(t, []float64{row[placeDiffers], row[placeUnknown], row[placeNear], row[placeAddress], row[placeBoth]})
	}
	for p := range scores[partAlone] {
		assert.Less(t, scores[partAlone][p], MatchScore)
		assert.Less(t, scores[numberOnly][p], MatchScore)
		assert.Zero(t, scores[nothingAgrees][p])
	}
}
