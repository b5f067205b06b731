package realtycalendar

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func records(t testing.TB, name string) (list wire.Records) {
	t.Helper()
	pmstest.ReadJSON(t, "testdata/"+name+".json", &list)
	return list
}

func testClient(t testing.TB) *Client {
	t.Helper()
	c, err := New(Config{PublicKey: "test-public-key", PrivateKey: "test-private-key", CheckIn: pmstest.Clock(t, "14:00"), CheckOut: pmstest.Clock(t, "12:00")})
	require.NoError(t, err)
	return c
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	page := testClient(t).bookings(decodeReservations(records(t, "reservations")), pms.BookingQuery{})
	for _, b := range page.Items {
		require.NotEmpty(t, b.Raw)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", pmstest.MappedOf(page.Items, page.Failed))
}

// Action, status and is_delete decide; the number in status_cd stays what it
// was when a booking is deleted.
func TestMapStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action, status, number, deleted pms.Text
		want                            pms.Status
	}{
		{status: "booked", number: "5", want: pms.StatusConfirmed},
		{status: " Booked ", want: pms.StatusConfirmed},
		{status: "request", number: "4", want: pms.StatusInquiry},
		{action: actionUpdate, status: "request", number: "5", want: pms.StatusInquiry},
		{status: "canceled", number: "5", want: pms.StatusCancelled},
		{status: "cancelled", want: pms.StatusCancelled},
		{status: "deleted", number: "5", want: pms.StatusCancelled},
		{action: actionUpdate, status: "canceled", number: "5", want: pms.StatusCancelled},
		{action: actionCreate, status: "canceled", want: pms.StatusCancelled},
		{action: actionCancel, status: "booked", want: pms.StatusCancelled},
		{action: actionDelete, status: "booked", number: "5", want: pms.StatusCancelled},
		{action: actionUpdate, status: "booked", number: "5", deleted: "true", want: pms.StatusCancelled},
		{status: "prepaid", number: "5", deleted: "1", want: pms.StatusCancelled},
		{status: "prepaid", number: "5", want: pms.StatusUnknown},
		{number: "5", want: pms.StatusConfirmed},
		{number: "4", want: pms.StatusInquiry},
		{number: "3", want: pms.StatusCancelled},
		{number: "6", want: pms.StatusUnknown},
		{want: pms.StatusUnknown},
	} {
		r := Reservation{Status: tt.status, StatusCD: tt.number, IsDelete: tt.deleted}
		require.Equal(t, tt.want, mapStatus(tt.action, r), "%+v", tt)
	}
}

func TestUnitID(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Reservation{
		"345678":    {RealtyID: "345678"},
		"345678/77": {RealtyID: "345678", RealtyRoomID: "77"},
		"345679":    {ApartmentID: "345679", RealtyRoomID: "0"},
		"345680":    {RealtyID: "0", Apartment: Apartment{ID: "345680"}},
		"":          {RealtyRoomID: "77"},
	} {
		require.Equal(t, want, unitID(r))
	}
}

func TestMapUnit(t *testing.T) {
	t.Parallel()
	c := testClient(t)
	want := pms.Property{
		Vendor: vendor, ID: "400001/77", ParentID: "400001", Name: "Дом у леса", Address: pms.Address{Street: "Полевая ул., 2"},
		TimeZone: "Europe/Moscow", CheckIn: pmstest.Clock(t, "14:00"), CheckOut: pmstest.Clock(t, "12:00"),
		Status: pms.PropertyUnknown, Cleanliness: pms.CleanlinessUnknown,
	}
	require.Equal(t, want, c.mapUnit(Reservation{
		RealtyID: "400001", RealtyRoomID: "77", Apartment: Apartment{Title: "Дом у леса"}, Address: "Полевая ул., 2",
	}))
	want.ID, want.ParentID, want.Name = "400001", "", ""
	require.Equal(t, want, c.mapUnit(Reservation{ApartmentID: "400001", Apartment: Apartment{Address: "Полевая ул., 2"}}))
}

// Later bookings know the name better, and one without a name takes none away.
func TestLearnUnit(t *testing.T) {
	t.Parallel()
	units := map[string]pms.Property{}
	for _, title := range []pms.Text{"", "Студия", "Студия с балконом", ""} {
		testClient(t).learnUnit(units, Reservation{RealtyID: "1", Apartment: Apartment{Title: title}})
	}
	testClient(t).learnUnit(units, Reservation{})
	require.Len(t, units, 1)
	require.Equal(t, "Студия с балконом", units["1"].Name)
}

func FuzzMapReservation(f *testing.F) {
	for _, raw := range records(f, "reservations") {
		f.Add([]byte(raw))
	}
	c := testClient(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		b, bad := c.mapReservation("", r)
		if bad != nil {
			require.NotEmpty(t, bad.Field)
			require.Empty(t, b)
			return
		}
		require.NotEmpty(t, b.ID)
		require.NotEmpty(t, b.Status)
		if b.Status != pms.StatusCancelled {
			require.True(t, b.Arrival.IsValid() && b.Departure.IsValid())
			require.False(t, b.Departure.Before(b.Arrival))
		}
	})
}
