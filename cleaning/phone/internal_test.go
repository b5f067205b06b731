package phone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// agree fails if the fast path reads a text in another way than the library.
func agree(t *testing.T, n *Normalizer, raw string) {
	t.Helper()
	fast, ok := n.fast(raw)
	if !ok {
		return
	}
	slow, err := n.judge(raw)
	require.NoError(t, err, "%q", raw)
	require.Equal(t, slow, fast, "%q", raw)
}

func normalizers(t testing.TB) []*Normalizer {
	t.Helper()
	regions := []string{"", "RU", "KZ", "BY", "DE", "US", "IT"}
	all := make([]*Normalizer, len(regions))
	for i, region := range regions {
		n, err := New(region)
		require.NoError(t, err)
		all[i] = n
	}
	return all
}

func TestFastPathIsOnForRussia(t *testing.T) {
	t.Parallel()
	n, err := New("RU")
	require.NoError(t, err)
	for _, raw := range []string{
		"8 (912) 345-67-89", "+7 912 345-67-89", "79123456789", "9123456789", "89123456789", "8.912.345.67.89",
		"+7 (812) 123-45-67", "8 812 123 45 67", "8-800-555-35-35", "+77012345678", "87012345678", "+375 29 123-45-67", "+49 1512 3456789",
		"+1 212 555 01 00", "+380 67 123 45 67", "+44 7911 123456", "+998 90 123 45 67", "+86 138 1234 5678",
	} {
		p, ok := n.fast(raw)
		assert.True(t, ok, "%q", raw)
		assert.Equal(t, raw, p.Raw)
		agree(t, n, raw)
	}
}

// Every calling code has a plan, and the library agrees with what random ways
// through it lead to.
func TestPlansOfAllCodes(t *testing.T) {
	t.Parallel()
	n, err := New("RU")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	for code := range metadata.CountryCodeToRegion() {
		for range 8 {
			for _, digits := range walk(n.plan(code), random) {
				raw := fmt.Sprintf("+%d%s", code, digits)
				_, ok := n.fast(raw)
				require.True(t, ok, "%q", raw)
				agree(t, n, raw)
			}
		}
		// In Argentina every beginning could be a national prefix.
		readable := slices.ContainsFunc(n.plan(code).verdicts, func(v verdict) bool { return v.valid })
		assert.Equal(t, code != 54, readable, "code %d", code)
	}
}

// walk goes a random way and returns the valid numbers on it.
func walk(p *plan, random *rand.Rand) []string {
	var digits []byte
	var valid []string
	for state := uint16(startState); ; {
		var ways []int
		for digit, next := range p.next[state] {
			if next != deadState {
				ways = append(ways, digit)
			}
		}
		if len(ways) == 0 {
			return valid
		}
		digit := ways[random.IntN(len(ways))]
		digits = append(digits, byte('0'+digit))
		state = p.next[state][digit]
		if p.verdicts[state].valid {
			valid = append(valid, string(digits))
		}
	}
}

// The example numbers of the library, with digits changed.
func TestFastPathAgreesOnExamples(t *testing.T) {
	t.Parallel()
	n, err := New("RU")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(5, 6))
	for code, regions := range metadata.CountryCodeToRegion() {
		for _, region := range regions {
			for _, number := range examples(code, region) {
				for range 2 {
					e164 := []byte(phonenumbers.Format(number, phonenumbers.E164))
					for range random.IntN(4) {
						e164[1+random.IntN(len(e164)-1)] = byte('0' + random.IntN(10))
					}
					agree(t, n, string(e164))
				}
			}
		}
	}
}

func examples(code int, region string) []*phonenumbers.PhoneNumber {
	if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
		return []*phonenumbers.PhoneNumber{phonenumbers.GetExampleNumberForNonGeoEntity(code)}
	}
	var all []*phonenumbers.PhoneNumber
	for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
		if number := phonenumbers.GetExampleNumberForTypeInRegion(region, kind); number != nil {
			all = append(all, number)
		}
	}
	return all
}

// Random texts made of what phones are made of.
func TestFastPathAgreesOnRandomSpellings(t *testing.T) {
	t.Parallel()
	all := normalizers(t)
	random := rand.New(rand.NewPCG(3, 4))
	starts := []string{"+7", "8", "7", "+8", "9", "+", "00", "810", "+375", "+1", "+44", "(+7", "8-9", "+39", "4", "3", "+7 8", "88", "77"}
	for range 3_000 {
		var b strings.Builder
		b.WriteString(starts[random.IntN(len(starts))])
		for range 7 + random.IntN(7) {
			b.WriteString(strings.Repeat(string(" -().\u00a0"[random.IntN(5)]), random.IntN(2)))
			fmt.Fprint(&b, random.IntN(10))
		}
		agree(t, all[random.IntN(len(all))], b.String())
	}
}

func FuzzFastPathAgrees(f *testing.F) {
	for _, raw := range []string{
		"8 (912) 345-67-89", "+7 912 345-67-89", "810 7 912 3456789", "8 495 123-45-67 доб. 12", "+8 912 345-67-89", "12345",
		"8 912 345 67 8", "007 912 3456789", "+7(912)345-67-89; +7(913)345-67-89", "８９１２３４５６７８９", "+39 06 1234 5678",
		"+55 11 91234-5678", "+5511 0 91234-5678", "+52 1 55 1234 5678", "+54 9 11 1234-5678", "+1 (212) 555-0100", "+800 1234 5678", "+882 16 1234567",
		"(+7)912.345.67.89", "+7 8 912 345-67-89", "8\u00a0912\u00a0345\u00a067\u00a089", "...9123456789---", "--8--", "+77012345678", "8 701 234 56 78",
		"+7 912 345-67-89#", "9123456789 123456#", "( +375 29 1234567 )", "\xc2", "+", "8 912 345 home",
	} {
		f.Add(raw)
	}
	all := normalizers(f)
	f.Fuzz(func(t *testing.T, raw string) {
		for _, n := range all {
			agree(t, n, raw)
		}
	})
}
