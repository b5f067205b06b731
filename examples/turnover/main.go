// Command turnover shows Changeover from end to end, offline: bookings come in
// from a hotel run with Bnovo, from flats in RealtyCalendar and from Airbnb
// calendars; they are linked to the properties of a host and become a fortnight
// of cleanings, on a board and on a page. Then the bookings change, and the
// cleanings follow.
//
// The vendors are played by pms/sandbox on loopback; everything else is what a
// host application does. Read [run] first: it is a tour of the SDK.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ical"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "turnover:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	opts, err := parseOptions(args)
	if err != nil {
		return err
	}
	worlds, err := opts.worlds()
	if err != nil {
		return err
	}
	vendors, err := startVendors(ctx, worlds)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vendors.Close()) }()
	now := worlds.hotel.Now()
	today := civil.DateOf(now)

	// Connect: a connector is made from the settings of one account. It sends
	// nothing before it is asked.
	hotel, err := bnovo.New(vendors.bnovoSettings())
	if err != nil {
		return err
	}
	flats, err := realtycalendar.New(vendors.realtySettings())
	if err != nil {
		return err
	}
	calendars, err := ical.New(vendors.calendarSettings())
	if err != nil {
		return err
	}

	// Read: one query asks every vendor the same question, and the answers come in
	// one model.
	host := newHost(worlds.ours, cleaning.Policy{
		CleaningMinutes: 90, BufferMinutes: 15, // ready a quarter of an hour before guests come
		WindowDays:   1, // may wait a day when nobody comes
		MidStayEvery: 7, MidStayMinNights: 10,
	})
	window := pms.BookingQuery{From: today.AddDays(-2), To: today.AddDays(opts.days)}
	out := newReport(stdout)
	out.title(now, opts.days)
	for _, vendor := range []pms.Connector{hotel, flats, calendars} {
		read, err := host.pull(ctx, vendor, window)
		if err != nil {
			return err
		}
		out.pulled(vendor.Info(), read)
	}

	// Listen: RealtyCalendar posts every change. Its deliveries are not signed, so
	// the address is one that nobody can guess; what is older than the stored
	// booking is dropped.
	settings := vendors.realtySettings()
	path, err := realtycalendar.NewWebhookPath(string(settings.AccountID), settings.WebhookSecret)
	if err != nil {
		return err
	}
	hook := pms.WebhookHandler(flats, pms.DropStale(host.stored, host.receive))
	if err := vendors.deliverTo(ctx, "/hooks/realtycalendar/"+path, hook); err != nil {
		return err
	}

	// Link: which room of the hotel is which of our properties? The names say, and
	// where they do not, a person is asked.
	rooms, unreadable, err := pms.Collect(pms.Properties(ctx, hotel, pms.PropertyQuery{}))
	if err != nil {
		return err
	}
	var proposals pms.Proposals
	if host.links, proposals, err = link(worlds, rooms); err != nil {
		return err
	}
	out.linked(host, proposals, rooms, unreadable)

	// Plan: pure rules turn bookings into cleanings. The same input gives the same
	// plan, today and in a test.
	plan, grouped := host.plan(now)
	host.apply(cleaning.Reconcile(nil, plan, now).Changes)

	// Show.
	v := newView(host, plan, grouped, rooms, now, opts.days)
	for _, page := range v.pages(opts.units) {
		out.board(page)
	}
	out.legend(v)
	out.jobs(v)
	out.issues(v)
	if err := writePage(opts.html, v); err != nil {
		return err
	}
	out.wrote(opts.html)

	// Follow: bookings change, and the stored jobs are brought in line.
	return follow(ctx, out, host, worlds, sources{hotel: hotel, calendars: calendars, vendors: vendors, window: window})
}

// options are the flags.
type options struct {
	data, html  string
	days, units int
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("turnover", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "a `file` of real bookings (hotel_bookings.csv or .csv.gz) in place of the invented hotel")
	flags.StringVar(&o.html, "html", "turnover.html", "write the page to this `path`")
	flags.IntVar(&o.days, "days", 14, "how many `days` to plan")
	flags.IntVar(&o.units, "units", 24, "rows of one board")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.days < 2 || o.days > 60:
		return o, errors.New("-days must be from 2 to 60")
	case o.units < 1:
		return o, errors.New("-units must be at least 1")
	}
	return o, nil
}

func (o options) worlds() (*worlds, error) {
	if o.data != "" {
		return realWorlds(o.data)
	}
	return inventedWorlds()
}
