package pms_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func day(t *testing.T, text string) pms.Date {
	t.Helper()
	d, err := civil.ParseDate(text)
	require.NoError(t, err)
	return d
}

func clock(t *testing.T, text string) pms.Clock {
	t.Helper()
	c, err := pms.ParseClock(text)
	require.NoError(t, err)
	return c
}

// connector answers with its functions and has no power beyond the contract.
type connector struct {
	bookings   func(context.Context, pms.BookingQuery) (pms.Page[pms.Booking], error)
	properties func(context.Context, pms.PropertyQuery) (pms.Page[pms.Property], error)
}

func (connector) Info() pms.Info { return pms.Info{Name: "fake"} }

func (c connector) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	return c.bookings(ctx, q)
}

func (c connector) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	return c.properties(ctx, q)
}

func fullBooking(t *testing.T) pms.Booking {
	t.Helper()
	return pms.Booking{
		Vendor: "bnovo", ID: "77#2", GroupID: "77", PropertyID: "101",
		Kind: pms.KindGuest, Status: pms.StatusConfirmed, RawStatus: "Подтверждено",
		Arrival: day(t, "2026-11-21"), Departure: day(t, "2026-11-24"),
		ArrivalTime: clock(t, "15:00"), DepartureTime: clock(t, "11:30"), TimeZone: "Europe/Moscow",
		Guests:  pms.Guests{Adults: 2, Children: 1, Infants: 1, Pets: 1, Total: 4},
		Guest:   pms.Guest{Name: "Vera Testova", Email: "vera@example.org", Phone: "+7 900 000-00-00", Language: "ru"},
		Channel: "airbnb", Code: "HMTEST42", Total: pms.Money{Amount: "18600.50", Currency: "RUB"},
		Notes:     "late arrival",
		CreatedAt: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
		UpdatedAt: time.Date(2026, 10, 2, 9, 30, 0, 0, time.FixedZone("", 3*3600)),
		Raw:       []byte(`{"id":77}`),
	}
}
