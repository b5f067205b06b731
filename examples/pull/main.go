// Command pull reads any vendor's properties, bookings or changes of bookings
// through its connector and writes one JSON object of the shared model a line.
//
//	go run ./examples/pull                                         # the vendors
//	go run ./examples/pull -vendor bnovo                           # from a sandbox, offline
//	go run ./examples/pull -vendor bnovo -settings account.json -what bookings -from 2026-06-01 -to 2026-06-30
//	go run ./examples/pull -vendor bnovo -settings account.json -what changes -checkpoint bnovo.json
//
// Changes are those since the checkpoint, of the bookings of the last 30 days
// and all later ones; the first time, these are all. In a sandbox they are what
// happens there after a first pass.
//
// Records that cannot be read are named on standard error. The exit status is 0
// only if the list is complete, 1 if it is not, 2 if the command line is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
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

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		return listVendors(stdout)
	}
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return complete
	case err != nil:
		complain(stderr, err)
		return usage
	}
	if o.settings != "" {
		err = pullAccount(ctx, o, stdout, stderr)
	} else {
		err = pullSandbox(ctx, o, stdout, stderr)
	}
	if err != nil {
		complain(stderr, err)
		return incomplete
	}
	return complete
}

func complain(stderr io.Writer, err error) { _, _ = fmt.Fprintln(stderr, "pull:", err) }

func pullAccount(ctx context.Context, o options, stdout, stderr io.Writer) error {
	settings, err := os.ReadFile(o.settings)
	if err != nil {
		return err
	}
	c, err := catalog.OpenWith(o.vendor, settings, catalog.Options{BaseURL: o.baseURL})
	if err != nil {
		return err
	}
	if o.what == changes {
		return pullChanges(ctx, c, o, stdout, stderr)
	}
	return pull(ctx, c, o, stdout, stderr)
}

func pullSandbox(ctx context.Context, o options, stdout, stderr io.Writer) error {
	box, err := startSandbox(ctx, o.vendor)
	if err != nil {
		return err
	}
	defer box.stop()
	c, err := catalog.OpenWith(o.vendor, box.settings, catalog.Options{BaseURL: box.url, Limiter: standin.NoLimits()})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(stderr, "pull: no -settings: reading invented data of a sandbox")
	if o.what == changes {
		return showChanges(ctx, c, box, o, stdout, stderr)
	}
	return pull(ctx, c, o, stdout, stderr)
}

// listVendors writes what there is to connect to.
func listVendors(w io.Writer) int {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "VENDOR\tSETTINGS\tSANDBOX")
	played := standin.Vendors()
	for _, info := range catalog.All() {
		sandbox := ""
		if slices.Contains(played, info.Name) {
			sandbox = "yes"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", info.Name, fieldNames(info.Credentials), sandbox)
	}
	if table.Flush() != nil {
		return incomplete
	}
	return complete
}

// fieldNames lists the keys of the settings, optional ones in brackets.
func fieldNames(fields []pms.Field) string {
	var text string
	for _, f := range fields {
		if text != "" {
			text += " "
		}
		if f.Optional {
			text += "[" + f.Name + "]"
		} else {
			text += f.Name
		}
	}
	return text
}

// The values of -what.
const (
	properties = "properties"
	bookings   = "bookings"
	changes    = "changes"
)

// options are the flags.
type options struct {
	vendor, settings, baseURL, what, checkpoint string

	query        pms.BookingQuery
	raw, sandbox bool
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("pull", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.vendor, "vendor", "", "`name` of the vendor; run without flags for a list")
	flags.StringVar(&o.settings, "settings", "", "JSON `file` with the settings of the account")
	flags.StringVar(&o.baseURL, "base-url", "", "scheme, host and port of a test server")
	flags.StringVar(&o.what, "what", bookings, "properties, bookings or changes")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "`file` that remembers which changes were written")
	flags.Func("from", "bookings that leave on this `day` (2026-06-01) or later", day(&o.query.From))
	flags.Func("to", "bookings that arrive on this `day` or earlier", day(&o.query.To))
	flags.Func("updated-since", "bookings changed at this `time` (2026-06-01T12:00:00Z, or a day in UTC) or later", func(text string) (err error) {
		if o.query.UpdatedSince, err = time.Parse(time.DateOnly, text); err != nil {
			o.query.UpdatedSince, err = time.Parse(time.RFC3339, text)
		}
		return err
	})
	flags.BoolVar(&o.raw, "raw", false, "add the vendor's own record under \"raw\"")
	flags.BoolVar(&o.sandbox, "sandbox", false, "read invented data of a sandbox in this process; the default without -settings")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check()
}

func day(into *pms.Date) func(string) error {
	return func(text string) (err error) {
		*into, err = civil.ParseDate(text)
		return err
	}
}

func (o options) check() error {
	_, known := catalog.Lookup(o.vendor)
	days := !o.query.From.IsZero() || !o.query.To.IsZero()
	since := !o.query.UpdatedSince.IsZero()
	switch {
	case o.vendor == "":
		return errors.New("-vendor is required; run without flags for a list")
	case !known:
		return fmt.Errorf("there is no vendor %q; run without flags for a list", o.vendor)
	case o.what != properties && o.what != bookings && o.what != changes:
		return fmt.Errorf("-what must be properties, bookings or changes, not %q", o.what)
	case o.what != bookings && (days || since):
		return fmt.Errorf("-from, -to and -updated-since select bookings, not %s", o.what)
	case o.what == changes && o.settings != "" && o.checkpoint == "":
		return errors.New("-what changes needs a -checkpoint")
	case o.checkpoint != "" && (o.what != changes || o.settings == ""):
		return errors.New("-checkpoint is for -what changes of an account, with -settings")
	case o.sandbox && o.settings != "":
		return errors.New("give -settings or -sandbox, not both")
	case o.settings == "" && o.baseURL != "":
		return errors.New("-base-url needs -settings")
	default:
		return nil
	}
}
