package guesty_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/guesty"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host keeps the token: Guesty gives five a day. Here the file of a program of
// one person would do, [oauth.NewFileStore]; a service has a store of its own.
func Example() {
	world := sandbox.NewWorld(3, sandbox.Options{Properties: 2, Stays: 2, Blocks: -1})
	vendor := sandbox.NewGuesty(world, sandbox.GuestyOptions{})
	defer vendor.Close()

	var store oauth.TokenStore = oauth.NewMemoryStore(nil, nil)
	connect := func() *guesty.Client {
		client, err := guesty.New(guesty.Config{
			ClientID: vendor.Options().ClientID, ClientSecret: vendor.Options().ClientSecret,
			Times:      true,
			HTTPClient: &http.Client{Transport: sandbox.Transport(vendor)},
			TokenStore: store,
		})
		if err != nil {
			panic(err)
		}
		return client
	}

	ctx := context.Background()
	for b, err := range pms.Bookings(ctx, connect(), pms.BookingQuery{ExcludeCancelled: true}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(b.PropertyID, b.Status, b.Arrival, b.Departure, b.DepartureTime, b.TimeZone)
	}
	before, err := store.Load(ctx)
	if err != nil {
		panic(err)
	}
	if err := connect().CheckCredentials(ctx); err != nil { // the process starts again
		panic(err)
	}
	after, err := store.Load(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println("the same token:", before.AccessToken == after.AccessToken)
	// Output:
	// 300101 checked_out 2026-05-11 2026-05-15 12:00 Europe/Moscow
	// 300102 checked_out 2026-05-16 2026-05-18 12:00 Europe/Moscow
	// the same token: true
}
