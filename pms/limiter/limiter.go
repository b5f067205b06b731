// Package limiter makes limiters that several connectors share: all accounts of
// a vendor that counts the requests of an address, or several clients of one
// account. A connector alone needs none, it keeps to the vendor's limits itself.
package limiter

import (
	"cmp"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// New returns a limiter that keeps to all of the limits at once, say those of
// [pms.Info], and exceeds none of them in any window. Callers wait in the order
// they came. One whose turn is further away than maxWait is refused with an error
// that wraps [pms.ErrRateLimited]: 0 means 5 minutes, negative means that nobody
// waits. A 429 of one connector holds all of them back. Without limits nobody
// waits but after a 429.
func New(limits []pms.Limit, maxWait time.Duration) pms.Limiter {
	return rest.NewLimiter(limits, max(cmp.Or(maxWait, rest.DefaultMaxWait), 0))
}
