// Command pull reads any vendor's properties or bookings through its connector
// and writes one JSON object of the shared model a line.
//
//	go run ./examples/pull                                         # the vendors
//	go run ./examples/pull -vendor bnovo                           # from a sandbox, offline
//	go run ./examples/pull -vendor bnovo -settings account.json -what bookings -from 2026-06-01 -to 2026-06-30
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
	"syscall"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/civil"

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
	connector, stop, err := open(ctx, o, stderr)
	if err != nil {
		complain(stderr, err)
		return incomplete
	}
	defer stop()
	if err := pull(ctx, connector, o, stdout, stderr); err != nil {
		complain(stderr, err)
		return incomplete
	}
	return complete
}

func complain(stderr io.Writer, err error) { _, _ = fmt.Fprintln(stderr, "pull:", err) }

// open makes the connector from the settings, or from those of a sandbox.
func open(ctx context.Context, o options, stderr io.Writer) (c pms.Connector, stop func(), err error) {
	if o.settings != "" {
		settings, err := os.ReadFile(o.settings)
		if err != nil {
			return nil, nil, err
		}
		c, err = catalog.OpenWith(o.vendor, settings, catalog.Options{BaseURL: o.baseURL})
		return c, func() {}, err
	}
	box, err := startSandbox(ctx, o.vendor)
	if err != nil {
		return nil, nil, err
	}
	_, _ = fmt.Fprintf(stderr, "pull: no -settings: reading invented data of a sandbox\n")
	c, err = catalog.OpenWith(o.vendor, box.settings, catalog.Options{BaseURL: box.url})
	if err != nil {
		box.stop()
		return nil, nil, err
	}
	return c, box.stop, nil
}

// listVendors writes what there is to connect to.
func listVendors(w io.Writer) int {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "VENDOR\tSETTINGS\tSANDBOX")
	for _, info := range catalog.All() {
		sandbox := ""
		if _, ok := sandboxes[info.Name]; ok {
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
	vendor, settings, baseURL, what string

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
	case o.what == properties && (days || since):
		return errors.New("-from, -to and -updated-since select bookings, not properties")
	case o.what == changes && !since:
		return errors.New("-what changes needs -updated-since")
	case o.sandbox && o.settings != "":
		return errors.New("give -settings or -sandbox, not both")
	case o.settings == "" && o.baseURL != "":
		return errors.New("-base-url needs -settings")
	default:
		return nil
	}
}
