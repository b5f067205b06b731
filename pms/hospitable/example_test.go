package hospitable_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hospitable"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host lists who leaves in a week, with a personal token.
func Example() {
	ctx := context.Background()
	vendor := exampleAccount()
	defer vendor.Close()
	client, err := hospitable.New(hospitable.Config{
		Token: vendor.Options().Token, TimeZone: "Europe/Moscow",
		HTTPClient: &http.Client{Transport: sandbox.Transport(vendor)}, // leave out for the vendor
	})
	if err != nil {
		panic(err)
	}
	june := pms.Date{Year: 2026, Month: 6, Day: 1}
	for b, err := range pms.Bookings(ctx, client, pms.BookingQuery{From: june, To: june.AddDays(6)}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(b.PropertyID, b.Kind, b.Status, "leaves", b.Departure, b.DepartureTime, b.TimeZone)
	}
	// Output:
	// 412007 guest confirmed leaves 2026-06-04 11:00 Europe/Moscow
}

// A service lets a user connect an account to its application.
func ExampleNewFlow() {
	ctx := context.Background()
	vendor := exampleAccount()
	defer vendor.Close()
	cfg := hospitable.Config{
		ClientID: vendor.Options().ClientID, ClientSecret: vendor.Options().ClientSecret,
		HTTPClient: &http.Client{Transport: sandbox.Transport(vendor), CheckRedirect: toMe}, // leave out for the vendor
	}
	flow, err := hospitable.NewFlow(cfg)
	if err != nil {
		panic(err)
	}
	address, pending := flow.AuthURL() // send the user there, keep pending in the session
	callback, err := agree(ctx, cfg.HTTPClient, address)
	if err != nil {
		panic(err)
	}
	token, err := flow.Exchange(ctx, pending, callback) // the query of the request that the user comes back with
	if err != nil {
		panic(err)
	}
	cfg.TokenStore = oauth.NewMemoryStore(token, nil) // where the service keeps its secrets
	client, err := hospitable.New(cfg)
	if err != nil {
		panic(err)
	}
	user, err := client.GetUser(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(user.Name)
	// Output:
	// Olga Owner
}

// exampleAccount is an account with a stay.
func exampleAccount() *sandbox.Hospitable {
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	checkOut, err := pms.NewClock(11, 0)
	if err != nil {
		panic(err)
	}
	if _, err := world.AddProperty(sandbox.Property{ID: "412007", Name: "Loft", CheckOut: checkOut}); err != nil {
		panic(err)
	}
	today := world.Today()
	if _, err := world.AddStay(sandbox.Stay{UnitID: "412007", Arrival: today.AddDays(-2), Departure: today.AddDays(3)}); err != nil {
		panic(err)
	}
	return sandbox.NewHospitable(world, sandbox.HospitableOptions{})
}

// toMe keeps a redirect from being followed.
func toMe(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// agree is what the user does in the browser.
func agree(ctx context.Context, browser *http.Client, address string) (callback url.Values, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	back, err := resp.Location()
	if err != nil {
		return nil, err
	}
	return back.Query(), nil
}
