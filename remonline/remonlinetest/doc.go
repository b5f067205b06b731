// Package remonlinetest is an offline stand-in of RemOnline (RO App): an
// [net/http.Handler] that speaks the vendor's API v2 for one invented account
// of a service firm.
//
// It is written from the vendor's documentation and shares no code with the
// client, so that both cannot be wrong in the same way. What the documentation
// leaves open is decided on the side that is harder for a client, and marked
// "unverified".
//
//	account := remonlinetest.NewAccount(1, remonlinetest.Options{})
//	client, err := remonline.New(remonline.Config{
//		APIKey:     account.Options().APIKey,
//		HTTPClient: &http.Client{Transport: sandbox.Transport(account)},
//	})
//
// The transport in memory and the faults of a network come from
// [github.com/changeover-sdk/changeover/pms/sandbox]. All people are invented.
package remonlinetest
