package phone

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"

	"github.com/changeover-sdk/changeover/cleaning"
)

// Normalizer is a [cleaning.PhoneNormalizer]. It is safe for concurrent use. The
// first number of a country costs some milliseconds, in which its automaton is
// made.
type Normalizer struct {
	region string
	// national says that the fast path knows the national spellings of the region.
	national bool
	codes    [maxCode + 1]bool                 // the calling codes
	plans    [maxCode + 1]atomic.Pointer[plan] // made when they are first needed
}

var _ cleaning.PhoneNormalizer = (*Normalizer)(nil)

// New returns a normalizer. The region is an ISO 3166-1 country code, "RU": a
// number without "+" is read as it is dialled there. An empty region takes
// numbers with "+" only.
func New(region string) (*Normalizer, error) {
	region = strings.ToUpper(region)
	if region != "" && !phonenumbers.GetSupportedRegions()[region] {
		return nil, fmt.Errorf("phone: %q is no region with a numbering plan", region)
	}
	n := &Normalizer{region: region, national: region == "RU" && russianRules()}
	for code := range metadata.CountryCodeToRegion() {
		if code > 0 && code <= maxCode {
			n.codes[code] = true
		}
	}
	return n, nil
}

// Normalize implements [cleaning.PhoneNormalizer]. Beyond what the library finds
// valid:
//
//   - "+8 912 345-67-89" with eleven digits, if it is no number, is taken for
//     "+7 912 345-67-89" in regions with the calling code 7, and marked as
//     corrected.
//   - Letters do not stand for digits, and two numbers in one text are an error.
func (n *Normalizer) Normalize(raw string) (cleaning.Phone, error) {
	if p, ok := n.fast(raw); ok {
		return p, nil
	}
	if strings.TrimSpace(raw) == "" {
		return cleaning.Phone{}, nil
	}
	return n.judge(raw)
}
