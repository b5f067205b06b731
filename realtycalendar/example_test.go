package realtycalendar_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

// A host connects an account by webhook: it shows the address to the user, who
// adds it in RealtyCalendar and types the lot number of each flat.
func Example() {
	const account, secret = "20002", "a secret of this account"
	client, err := realtycalendar.New(realtycalendar.Config{AccountID: account, WebhookSecret: secret})
	if err != nil {
		panic(err)
	}
	path, err := realtycalendar.NewWebhookPath(account, secret)
	if err != nil {
		panic(err)
	}
	var links pms.LinkSet
	for _, lot := range []string{"345678", "345679"} { // the flat is entered twice
		if err := links.Link(pms.Link{Vendor: "realtycalendar", UnitID: lot, PropertyID: "studio-5"}); err != nil {
			panic(err)
		}
	}
	handler := pms.WebhookHandler(client, func(_ context.Context, event pms.Event) error {
		for _, b := range event.Bookings {
			link, _ := links.Find(pms.Unit{Vendor: b.Vendor, ID: b.PropertyID})
			fmt.Println(event.Kind, b.ID, b.Status, b.Arrival, b.Departure, b.DepartureTime, link.PropertyID)
		}
		return nil
	})

	body := `{"action":"create_booking","status":"booked","data":{"booking":{"id":140000101,"agency_id":20002,"realty_id":345678,
		"begin_date":"2026-06-20","end_date":"2026-06-23","departure_time":"11:00","is_delete":false}}}`
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/hooks/realtycalendar/"+path, strings.NewReader(body)))
	fmt.Println(answer.Code)
	// Output:
	// booking.created 140000101 confirmed 2026-06-20 2026-06-23 11:00 studio-5
	// 200
}
