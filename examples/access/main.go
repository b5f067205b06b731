// Command access shows how guests come in, offline: bookings of a hotel run with
// Bnovo become reservations in Operto, which makes the access codes; when
// bookings change, codes are made, moved and taken back; and the code reaches
// the guest in an e-mail written in Liquid.
//
// Both vendors are played by pms/sandbox in memory. Read [run] first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	_ "time/tzdata" // zones are needed on machines that have none

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := parseFlags(os.Args[1:])
	if err == nil {
		err = run(ctx, os.Stdout)
	}
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "access:", err)
		os.Exit(1)
	}
}

func parseFlags(args []string) error {
	flags := flag.NewFlagSet("access", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

func run(ctx context.Context, stdout io.Writer) error {
	world, err := newWorld()
	if err != nil {
		return err
	}
	locks := sandbox.NewOperto(world.World, sandbox.OpertoOptions{Empty: true})
	locks.AddProperty(sandbox.OpertoProperty{Name: "Quai 12, Apt 1", TimeZone: timeZone})
	hotel := sandbox.NewBnovo(world.World, sandbox.BnovoOptions{})
	defer hotel.Close()

	// Connect: the user enters the credentials of both accounts.
	bookings, err := bnovo.New(bnovo.Config{
		ID: "9001", Password: hotel.Options().Password, TimeZone: timeZone,
		HTTPClient: &http.Client{Transport: sandbox.Transport(hotel)},
	})
	if err != nil {
		return err
	}
	access, err := operto.New(operto.Config{
		ClientID: locks.Options().ClientID, ClientSecret: locks.Options().ClientSecret, TokenPath: locks.Options().TokenPath,
		HTTPClient: &http.Client{Transport: sandbox.Transport(locks)},
	})
	if err != nil {
		return err
	}

	// Map: each lodging is a property that Operto has, or one that is created
	// there. The third one is left out, to show what that means.
	h := &host{
		hotel: bookings, keeper: operto.NewKeeper(access, operto.Rules{}), out: &report{w: stdout},
		lodgings: []pms.Property{
			{ID: "apt-1", Name: "Quai 12, Apt 1", TimeZone: timeZone},
			{ID: "apt-2", Name: "Quai 12, Apt 2", TimeZone: timeZone},
			{ID: "attic", Name: "Attic", TimeZone: timeZone},
		},
	}
	if err := h.mapLodgings(ctx, access, world.rooms); err != nil {
		return err
	}

	// Follow: every reading of the bookings is brought to Operto as a whole. What
	// has not changed costs no write.
	for _, chapter := range world.story() {
		if err := chapter.change(); err != nil {
			return err
		}
		if err := h.sync(ctx, chapter.title, world.Now()); err != nil {
			return err
		}
	}

	// Tell: the code is in the guest's e-mail, and what is missing is reported.
	for _, order := range world.orders() {
		if err := h.mail(order); err != nil {
			return err
		}
	}
	return h.out.err
}
