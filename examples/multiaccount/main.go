// Command multiaccount keeps the bookings of many accounts of many vendors in
// step: one pass over all of them, several at once, each from its own
// checkpoint. An account that fails or hangs does not hold the others.
//
//	go run ./examples/multiaccount                                 # offline, stand-ins of every vendor
//	go run ./examples/multiaccount -accounts accounts.json -state state -changes changes.jsonl
//
// The accounts are a JSON array of {"id":"anna","vendor":"bnovo","settings":{...}}.
// The directory of -state has a checkpoint for each of them, and tokens of
// vendors that count logins; -changes collects what changed, one JSON object a
// line. On a terminal, bars show how far each vendor is.
//
// The exit status is 0 only if every account was read to its end, 1 if one was
// not, 2 if the command line is wrong. The offline fleet has three accounts that
// fail, to show it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// The exit statuses.
const (
	complete   = 0
	incomplete = 1
	usage      = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// options are the flags.
type options struct {
	accounts, state, changes string
	sandbox, parallel        int
	timeout                  time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("multiaccount", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.accounts, "accounts", "", "JSON `file` with the accounts; without it they are stand-ins")
	flags.StringVar(&o.state, "state", "", "`directory` of the checkpoints and tokens; required with -accounts")
	flags.StringVar(&o.changes, "changes", "", "`file` to which changes are added, one JSON object a line")
	flags.IntVar(&o.sandbox, "n", 60, "how many accounts the stand-ins have")
	flags.IntVar(&o.parallel, "parallel", 16, "how many accounts are read at once")
	flags.DurationVar(&o.timeout, "timeout", 15*time.Minute, "how long one account may take")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return complete
	case err != nil:
		return usage // flags has said it
	case flags.NArg() > 0:
		return complain(stderr, fmt.Errorf("unexpected argument %q", flags.Arg(0)), usage)
	case (o.accounts == "") != (o.state == ""):
		return complain(stderr, errors.New("-accounts and -state belong together"), usage)
	case o.sandbox < 1 || o.parallel < 1 || o.timeout <= 0:
		return complain(stderr, errors.New("-n, -parallel and -timeout must be positive"), usage)
	}

	if o.accounts != "" {
		err = syncAccounts(ctx, o, stdout, stderr)
	} else {
		err = syncSandbox(ctx, o, stdout, stderr)
	}
	if err != nil {
		return complain(stderr, err, incomplete)
	}
	return complete
}

func complain(stderr io.Writer, err error, status int) int {
	_, _ = fmt.Fprintln(stderr, "multiaccount:", err)
	return status
}

// syncAccounts runs one pass over the accounts of a file.
func syncAccounts(ctx context.Context, o options, stdout, stderr io.Writer) error {
	accounts, err := loadAccounts(o.accounts)
	if err != nil {
		return err
	}
	checkpoints, err := openDirectory(o.state)
	if err != nil {
		return err
	}
	changes, err := openJournal(o.changes)
	if err != nil {
		return err
	}
	r := runner{accounts: accounts, checkpoints: checkpoints, limiters: limiters{}, changes: changes, o: o, stderr: stderr}
	summary := r.pass(ctx)
	summary.print(stdout)
	return errors.Join(summary.err(), changes.Close())
}

// syncSandbox runs two passes over a fleet of stand-ins; between them something
// happens in each account.
func syncSandbox(ctx context.Context, o options, stdout, stderr io.Writer) error {
	const patience = 3 * time.Second // one of the accounts hangs
	o.timeout = min(o.timeout, patience)
	fleet, err := newFleet(o.sandbox)
	if err != nil {
		return err
	}
	changes, err := openJournal(o.changes)
	if err != nil {
		return err
	}
	r := runner{accounts: fleet.accounts, checkpoints: memory{}, limiters: limiters{}, changes: changes, o: o, stderr: stderr}
	_, _ = fmt.Fprintf(stdout, "First pass over %d accounts of stand-ins: everything is new.\n\n", len(r.accounts))
	first := r.pass(ctx)
	first.print(stdout)

	if err := fleet.happen(); err != nil {
		return err
	}
	_, _ = fmt.Fprint(stdout, "\nIn each of them a stay was cancelled, one extended and one booked. Second pass: what changed.\n\n")
	second := r.pass(ctx)
	second.print(stdout)
	if first.failed() != fleet.troubled || second.failed() != fleet.troubled {
		return errors.Join(first.err(), second.err())
	}
	return errors.Join(ctx.Err(), changes.Close())
}

// runner runs passes over accounts.
type runner struct {
	accounts    []account
	checkpoints checkpoints
	limiters    limiters
	changes     *journal
	o           options
	stderr      io.Writer
}

// pass syncs every account and stores its checkpoint. What the journal holds
// when the program dies before that, comes again.
func (r *runner) pass(ctx context.Context) *summary {
	summary := newSummary(r.accounts)
	bars := newBars(ctx, summary, r.stderr)
	opened := func(yield func(pms.SyncAccount) bool) {
		for _, a := range r.accounts {
			checkpoint, connector, err := r.open(a)
			if err != nil {
				summary.end(pms.SyncResult{Account: a.ID, Err: err})
				bars.end(a.Vendor)
				continue
			}
			if !yield(pms.SyncAccount{ID: a.ID, Connector: connector, Checkpoint: checkpoint}) {
				return
			}
		}
	}
	results := pms.SyncAll(ctx, opened, r.changes.add, pms.SyncAllOptions{
		Parallel: r.o.parallel,
		Timeout:  r.o.timeout,
		Progress: func(id string, p pms.SyncProgress) { bars.read(summary.vendor[id], summary.read(id, p)) },
	})
	for result := range results {
		if err := r.checkpoints.save(result.Account, result.Checkpoint); err != nil {
			result.Err = errors.Join(result.Err, err)
		}
		summary.end(result)
		bars.end(summary.vendor[result.Account])
	}
	bars.wait()
	return summary
}

func (r *runner) open(a account) (checkpoint []byte, c pms.Connector, err error) {
	if checkpoint, err = r.checkpoints.load(a.ID); err == nil {
		c, err = a.connect(r.checkpoints, r.limiters)
	}
	return checkpoint, c, err
}
