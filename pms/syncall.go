package pms

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"time"
)

// SyncAccount is one account of [SyncAll].
type SyncAccount struct {
	// ID is the host's name of the account.
	ID         string
	Connector  Connector
	Checkpoint json.RawMessage
	Options    SyncOptions
}

// SyncResult is the end of one account's pass.
type SyncResult struct {
	// Account is the ID of the SyncAccount.
	Account string
	// Checkpoint is to be stored, also when Err is not nil.
	Checkpoint json.RawMessage
	Progress   SyncProgress
	Err        error
}

// SyncAllOptions are the knobs of [SyncAll].
type SyncAllOptions struct {
	// Parallel is how many accounts are synced at once. 0 means 16.
	Parallel int
	// Timeout bounds the pass of one account, so that slow ones do not hold all
	// places. Its Err is then context.DeadlineExceeded. 0 means no bound.
	Timeout time.Duration
	// Progress is called after every record of every account and at the end of
	// each. Its calls do not overlap. It should be quick.
	Progress func(account string, p SyncProgress)
}

var errNoConnector = errors.New("account without a connector")

// SyncAll runs a pass of [SyncWith] over each account, several at once, and
// yields the results in the order in which they end:
//
//	for result := range pms.SyncAll(ctx, accounts, emit, pms.SyncAllOptions{}) {
//		store(result.Account, result.Checkpoint)
//	}
//
// An account that fails or is slow does not hold the others. Accounts are taken
// from the sequence when there is a place for them, on the goroutine of the
// loop, so that thousands of them need the memory of a few; a sequence that
// opens the connector as it goes keeps none open for longer than its pass. Emit
// is called for different accounts at once, for one account in order.
//
// Connectors pace their own requests. Accounts that share one credential, and all
// accounts of a vendor that counts by address, share an allowance: give their
// connectors the same [Limiter], see [Limit.PerAddress].
//
// When ctx ends, no further account begins and the running ones yield their
// results. Leaving the loop cancels them and waits for them; their changes come
// again with the next pass.
func SyncAll(
	ctx context.Context, accounts iter.Seq[SyncAccount],
	emit func(ctx context.Context, account string, change SyncChange) error, o SyncAllOptions,
) iter.Seq[SyncResult] {
	if o.Parallel <= 0 {
		o.Parallel = 16
	}
	return func(yield func(SyncResult) bool) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(accounts)
		results := make(chan SyncResult)
		running := 0
		defer func() {
			cancel()
			for ; running > 0; running-- {
				<-results
			}
			stop()
		}()
		var progress sync.Mutex
		for more := true; ; {
			for more && running < o.Parallel && ctx.Err() == nil {
				var account SyncAccount
				if account, more = next(); more {
					running++
					go func() { results <- syncOne(ctx, account, emit, o, &progress) }()
				}
			}
			if running == 0 {
				return
			}
			result := <-results
			running--
			if !yield(result) {
				return
			}
		}
	}
}

func syncOne(
	ctx context.Context, a SyncAccount, emit func(context.Context, string, SyncChange) error,
	o SyncAllOptions, progress *sync.Mutex,
) SyncResult {
	result := SyncResult{Account: a.ID, Checkpoint: a.Checkpoint}
	if a.Connector == nil {
		result.Err = errNoConnector
		return result
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	report := a.Options.Progress
	a.Options.Progress = func(p SyncProgress) {
		result.Progress = p
		if report != nil {
			report(p)
		}
		if o.Progress != nil {
			progress.Lock()
			defer progress.Unlock()
			o.Progress(a.ID, p)
		}
	}
	result.Checkpoint, result.Err = SyncWith(ctx, a.Connector, a.Checkpoint, func(ctx context.Context, change SyncChange) error {
		return emit(ctx, a.ID, change)
	}, a.Options)
	return result
}
