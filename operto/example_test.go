package operto_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A booking becomes a reservation in Operto, and its code reaches the guest.
func Example() {
	ctx := context.Background()
	world := sandbox.NewEmptyWorld(sandbox.Options{Start: day(1)})
	locks := sandbox.NewOperto(world, sandbox.OpertoOptions{Empty: true})
	client, err := operto.New(operto.Config{
		ClientID: "sandbox-operto-key", ClientSecret: "sandbox-operto-secret", TokenPath: "/v2/sandbox/token",
		HTTPClient: &http.Client{Transport: sandbox.Transport(locks)},
	})
	if err != nil {
		log.Fatal(err)
	}
	var links pms.LinkSet
	flat := pms.Property{ID: "flat-1", Name: "Quai 12 - Apt 3", TimeZone: "Europe/Paris"}
	if _, err := client.CreateAndSelect(ctx, &links, "", flat); err != nil {
		log.Fatal(err)
	}

	stay := pms.Booking{Vendor: "bnovo", ID: "17", Kind: pms.KindGuest, Status: pms.StatusConfirmed, Arrival: day(3), Departure: day(7)}
	keeper := operto.NewKeeper(client, operto.Rules{})
	report, err := keeper.Run(ctx, operto.Desired{
		Lodgings: []operto.Lodging{{ID: flat.ID, TimeZone: flat.TimeZone, Bookings: []pms.Booking{stay}}},
		Links:    links,
	}, world.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range report.Access {
		fmt.Println(a.Stays[0], a.LodgingID, a.From, a.To, a.Guest)
	}
	order := operto.Order{Items: []operto.Item{{ID: "item-1", Stay: stay.Key()}}}.With(report.Access)
	vars := operto.TemplateVars(order)
	fmt.Println(vars["reservation"].(map[string]any)["operto_access_code"], order.Missing())
	// Output:
	// bnovo:17 flat-1 2026-08-03 15:00:00 +0200 CEST 2026-08-07 11:00:00 +0200 CEST ••••
	// 112648 []
}
