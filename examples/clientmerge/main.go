// Command clientmerge shows an import of clients from end to end, offline: three
// accounting systems leave files on an FTP server, and their clients, premises
// and personal accounts are merged into one CRM, on a schedule and by hand.
//
//	go run ./examples/clientmerge
//
// The FTP server is in the process; everything else is what a host application
// does. Read [run] first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/changeover-sdk/changeover/crmimport"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "clientmerge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	opts, err := parseOptions(args)
	if err != nil {
		return err
	}
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	// Settings: what the organisation has filled in, as stored JSON.
	settings := crmimport.Settings{
		Organisation: "uo-7",
		Addresses:    "/1c/clients.xml, /rent/clients.xml, /parking/clients.xml",
		Language:     crmimport.Language(opts.language),
		Email:        "office@example.com",
		Schedule:     &crmimport.Schedule{Minute: "0", Hour: "3", DayOfMonth: "*", Month: "*", Weekday: "*"},
	}
	if _, err := settings.Check(); err != nil {
		return err
	}
	source, err := ftpSource(server)
	if err != nil {
		return err
	}
	clients, err := storedClients()
	if err != nil {
		return err
	}
	clock := &clock{time.Date(2026, 3, 1, 18, 30, 0, 0, time.UTC)}
	mail := &mail{out: stdout, path: opts.html}
	importer, err := crmimport.NewImporter(crmimport.ImporterConfig{Notifier: mail, Now: clock.time})
	if err != nil {
		return err
	}
	job := crmimport.Job{Settings: settings, Store: clients, Files: crmimport.Sources{Paths: source}}
	out := &printer{out: stdout, store: clients}
	out.cards("In the CRM, before")

	// On schedule: the host waits until Next, here by setting a clock. The third
	// file wants to give a client a number that somebody else uses, so the run
	// stops there, and what came before it stays.
	timetable, err := settings.Schedule.In(settings.TimeZone)
	if err != nil {
		return err
	}
	clock.now = timetable.Next(clock.now)
	out.heading("Scheduled run, %s", clock.now.Format("02.01.2006 15:04 MST"))
	stopped, err := importer.RunScheduled(ctx, job)
	if err == nil {
		return errors.New("the mistake in the third file was not found")
	}
	if stopped.Error.Code != "phone_locked_logged_in" {
		return err
	}
	out.cards("In the CRM, after it")

	// Run now: the office has put the file right, and does not wait for the night.
	clock.now = clock.now.Add(6 * time.Hour)
	server.Put("/parking/clients.xml", parkingFile(true))
	out.heading("Run now, with the third file put right")
	if _, err := importer.RunNow(ctx, job); err != nil {
		return err
	}
	out.cards("In the CRM, in the end")

	// Once more: every record says what it said, so nothing changes.
	clock.now = timetable.Next(clock.now)
	out.heading("The next night: the same files again, %s", clock.now.Format("02.01.2006 15:04 MST"))
	again, err := importer.RunScheduled(ctx, job)
	if err != nil {
		return err
	}
	if changed := changes(again); changed > 0 {
		return fmt.Errorf("the same files have changed %d records", changed)
	}
	out.wrote(opts.html)
	return out.err
}

func changes(r crmimport.Report) int {
	n := 0
	for _, f := range r.Files {
		n += f.Created + f.Updated + f.Merged + f.IDAdded
	}
	return n
}

// clock is the time of this example.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// options are the flags.
type options struct{ html, language string }

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("clientmerge", flag.ContinueOnError)
	flags.StringVar(&o.html, "html", "clientmerge.html", "write the report of the run that stops to this `path`; empty writes none")
	flags.StringVar(&o.language, "lang", "en", "the `language` of the reports: en or ru")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}
