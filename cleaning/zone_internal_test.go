package cleaning

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestZone_OrderDoesNotMatter converts the hours around every change of the clock
// in random order with one zone, and each with a fresh one.
func TestZone_OrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"Europe/Paris", "America/Santiago", "America/Havana", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"} {
		loc, err := zones{}.load(name)
		require.NoError(t, err)
		used := zone{loc: loc}
		for range 20_000 {
			day, minute := 20_454+rng.IntN(2*365), rng.IntN(minutesPerDay)
			fresh := zone{loc: loc}
			want, wantSkipped := fresh.instant(day, minute)
			got, skipped := used.instant(day, minute)
			require.Equal(t, want, got, "%s %s %d", name, dateOf(day), minute)
			require.Equal(t, wantSkipped, skipped)
		}
	}
}
