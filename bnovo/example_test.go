package bnovo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// The rooms of a hotel and the guests who leave on the third.
func ExampleNew() {
	hotel, key := exampleHotel()
	client, err := bnovo.New(bnovo.Config{
		ID: "9001", Password: key, TimeZone: "Europe/Moscow",
		HTTPClient: hotel, // a sandbox; leave it out to reach the vendor
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for room, err := range pms.Properties(ctx, client, pms.PropertyQuery{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("room", room.ID, room.Name)
	}
	third := pms.Date{Year: 2026, Month: time.June, Day: 3}
	for b, err := range pms.Bookings(ctx, client, pms.BookingQuery{From: third, To: third, ExcludeCancelled: true}) {
		var bad *pms.RecordError
		switch {
		case errors.As(err, &bad):
			fmt.Println("skipped:", bad)
		case err != nil:
			log.Fatal(err)
		case b.Departure == third:
			fmt.Println(b.PropertyID, "is left at", b.DepartureTime, "by", b.Guests.Total, "guests")
		}
	}
	// Output:
	// room 300101 Loft
	// 300101 is left at 12:00 by 2 guests
}

// A hotel whose cleaning call the host knows gets the status of its rooms.
func ExampleClient_SetCleanliness() {
	hotel, key := exampleHotel()
	client, err := bnovo.New(bnovo.Config{ID: "9001", Password: key, HTTPClient: hotel})
	if err != nil {
		log.Fatal(err)
	}
	err = client.SetCleanliness(context.Background(), "300101", pms.Clean)
	fmt.Println(errors.Is(err, pms.ErrNotSupported))
	// Output: true
}

// exampleHotel is a sandbox with one room and two stays.
func exampleHotel() (client *http.Client, key string) {
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	room, err := world.AddProperty(sandbox.Property{Name: "Loft"})
	if err != nil {
		log.Fatal(err)
	}
	for day := 1; day < 5; day += 2 {
		arrival := pms.Date{Year: 2026, Month: time.June, Day: day}
		stay := sandbox.Stay{UnitID: room, Arrival: arrival, Departure: arrival.AddDays(2), Guests: pms.Guests{Adults: 2, Total: 2}}
		if _, err := world.AddStay(stay); err != nil {
			log.Fatal(err)
		}
	}
	server := sandbox.NewBnovo(world, sandbox.BnovoOptions{})
	return &http.Client{Transport: sandbox.Transport(server)}, server.Options().Password
}
