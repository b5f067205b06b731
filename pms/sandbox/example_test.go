package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A stay in the world reaches a host as the vendor's webhook.
func ExampleNewRealtyCalendar() {
	host := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Action string `json:"action"`
			Status string `json:"status"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err == nil {
			fmt.Println(r.URL.Path, body.Action, body.Status)
		}
	})
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	vendor := sandbox.NewRealtyCalendar(world, sandbox.RealtyCalendarOptions{
		Webhooks:   []string{"https://host.example/hooks/secret"},
		HTTPClient: &http.Client{Transport: sandbox.Transport(host)},
	})
	defer vendor.Close()

	unit, err := world.AddProperty(sandbox.Property{Name: "Лесная 5, студия"})
	if err != nil {
		fmt.Println(err)
		return
	}
	stay, err := world.AddStay(sandbox.Stay{
		UnitID:  unit,
		Arrival: civil.Date{Year: 2026, Month: time.June, Day: 20}, Departure: civil.Date{Year: 2026, Month: time.June, Day: 23},
		Guest: pms.Guest{Name: "Анна Тестова"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := world.Cancel(stay); err != nil {
		fmt.Println(err)
	}
	// Output:
	// /hooks/secret create_booking booked
	// /hooks/secret cancel_booking canceled
}
