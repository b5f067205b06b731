package limiter_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hostaway"
	"github.com/changeover-sdk/changeover/pms/limiter"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Two accounts behind one address stay within what the vendor grants the address.
func TestAccountsShareAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 12 // of each account; the address has 15 in 10 seconds
		shared := limiter.New(hostaway.Info().Limits, 0)
		faults := &sandbox.Faults{Next: always(`{"status":"success","result":[]}`)}
		for _, id := range []pms.Text{"1", "2"} {
			c, err := hostaway.New(hostaway.Config{
				AccountID: id, ClientSecret: "test-secret", Limiter: shared, HTTPClient: &http.Client{Transport: faults},
				TokenStore: oauth.NewMemoryStore(&oauth2.Token{AccessToken: "token"}, nil),
			})
			require.NoError(t, err)
			for range calls {
				_, err := c.ListWebhooks(t.Context())
				require.NoError(t, err)
			}
		}
		seen := faults.Seen()
		require.Len(t, seen, 2*calls)
		for i := 15; i < len(seen); i++ {
			require.GreaterOrEqual(t, seen[i].At.Sub(seen[i-15].At), 10*time.Second)
		}
	})
}

func TestMaxWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		minute := []pms.Limit{{Requests: 1, Window: time.Minute}}
		patient, hasty := limiter.New(minute, 0), limiter.New(minute, -1)
		require.NoError(t, patient.Wait(t.Context()))
		require.NoError(t, hasty.Wait(t.Context()))
		begin := time.Now()
		require.ErrorIs(t, hasty.Wait(t.Context()), pms.ErrRateLimited)
		require.Zero(t, time.Since(begin))
		require.NoError(t, patient.Wait(t.Context()))
		require.GreaterOrEqual(t, time.Since(begin), time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, patient.Wait(ctx), context.Canceled)
		for range 100 {
			require.NoError(t, limiter.New(nil, 0).Wait(t.Context()))
		}
	})
}

// always answers everything with one body.
type always string

func (a always) RoundTrip(req *http.Request) (*http.Response, error) {
	return sandbox.Status(http.StatusOK, nil, string(a))(req, nil)
}
