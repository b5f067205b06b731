package operto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
)

// held is an account with two properties, "p1" and "p2".
func held(reservations ...operto.Reservation) operto.Held {
	return operto.Held{
		Properties:   []operto.Property{{ID: "p1", TimeZone: "Europe/Paris"}, {ID: "p2", TimeZone: "Europe/Paris"}},
		Reservations: reservations,
	}
}

func linked(t *testing.T) pms.LinkSet {
	t.Helper()
	var links pms.LinkSet
	for _, id := range []string{"1", "2"} {
		require.NoError(t, links.Link(pms.Link{Vendor: "operto", UnitID: "p" + id, PropertyID: id}))
	}
	return links
}

func reservation(id, property string, from, to int) operto.Reservation {
	return operto.Reservation{
		ID: "r-" + id, PartnerID: "changeover:test:" + id, PropertyID: property, Status: operto.ReservationConfirmed,
		CheckIn: paris(from, 15, 0), CheckOut: paris(to, 11, 0), GuestCode: operto.NewCode("4711"),
	}
}

func TestUnknownStatusOfAReservation(t *testing.T) {
	t.Parallel()
	odd := reservation("a", "p1", 3, 7)
	odd.Status = "guest_in_house"
	d := operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7))}}
	decision := operto.Rules{}.Decide(d, held(odd), paris(1, 9, 0))
	assert.Empty(t, decision.Changes)
	assert.False(t, decision.Access[0].Missing())
	d.Lodgings[0].Bookings = nil
	assert.Equal(t, []operto.ChangeKind{operto.ChangeCancel}, kinds(operto.Rules{}.Decide(d, held(odd), paris(1, 9, 0)).Changes),
		"a status that is not known may open the door")
}

func TestDecideFailsClosed(t *testing.T) {
	t.Parallel()
	base := func(b ...pms.Booking) operto.Desired {
		return operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1", b...), lodging("2")}}
	}
	badDates := booking("a", 7, 3)
	dayUse := booking("a", 3, 3)
	torn := base(booking("a", 3, 7))
	torn.Lodgings[1].Bookings = list(booking("a", 3, 7))
	noZone := base(booking("a", 3, 7))
	noZone.Lodgings[0].TimeZone = "Local"
	paused := base(booking("a", 3, 7))
	require.NoError(t, paused.Links.SetImport(pms.Unit{Vendor: "operto", ID: "p1"}, false))
	otherAccount := operto.Desired{Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7))}}
	require.NoError(t, otherAccount.Links.Link(pms.Link{Vendor: "operto", Account: "other", UnitID: "p1", PropertyID: "1"}))
	unread := held()
	unread.Unread = []string{"p1"}
	tests := map[string]struct {
		desired operto.Desired
		held    operto.Held
		want    operto.DiagnosisKind
	}{
		"departure before arrival":           {base(badDates), held(), operto.InvalidDates},
		"no time between in and out":         {base(dayUse), held(), operto.InvalidDates},
		"one booking in two lodgings":        {torn, held(), operto.Undecided},
		"a zone that is none":                {noZone, held(), operto.ZoneMissing},
		"the mapping is paused":              {paused, held(), operto.MappingPaused},
		"mapped in another account":          {otherAccount, held(), operto.NotMapped},
		"the property could not be read":     {base(booking("a", 3, 7)), unread, operto.NotSynchronised},
		"the reservation is nowhere in list": {base(booking("a", 3, 7)), held(reservation("a", "", 3, 7)), operto.CodeDiffers},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decision := operto.Rules{}.Decide(tt.desired, tt.held, paris(1, 9, 0))
			assert.Empty(t, decision.Changes)
			require.Len(t, decision.Access, 1)
			assert.Equal(t, []operto.DiagnosisKind{tt.want}, problems(decision.Access[0]))
			assert.True(t, decision.Access[0].Missing())
		})
	}
}

func TestDecideLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	foreign, manual := reservation("x", "p1", 3, 7), reservation("y", "p1", 3, 7)
	foreign.PartnerID, manual.PartnerID = "somebody:x", ""
	d := operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1"), lodging("2")}, Whole: true}
	assert.Empty(t, operto.Rules{}.Decide(d, held(foreign, manual), paris(1, 9, 0)))
	assert.Len(t, operto.Rules{Prefix: "somebody:"}.Decide(d, held(foreign, manual), paris(1, 9, 0)).Changes, 1)
}

// A second reservation of one stay, as two hosts that started at once would make,
// is cancelled; the right one of the two stays.
func TestDecideCancelsTheSecondReservation(t *testing.T) {
	t.Parallel()
	wrong, right := reservation("a", "p1", 3, 6), reservation("a", "p1", 3, 7)
	right.ID, right.GuestCode = "r-z", operto.NewCode("4712")
	d := operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7)), lodging("2")}}
	decision := operto.Rules{}.Decide(d, held(wrong, right), paris(1, 9, 0))
	require.Len(t, decision.Changes, 1)
	assert.Equal(t, operto.ChangeCancel, decision.Changes[0].Kind)
	assert.Equal(t, "r-a", decision.Changes[0].Calls[0].Reservation.ID)
	assert.Equal(t, "4712", decision.Access[0].Guest.Reveal())
}

// What is taken away comes before what is given, however the bookings are
// ordered.
func TestDecideOrder(t *testing.T) {
	t.Parallel()
	leaving := booking("z", 10, 12) // was here from 3 to 7
	d := operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7), leaving), lodging("2")}}
	decision := operto.Rules{}.Decide(d, held(reservation("z", "p1", 3, 7)), paris(1, 9, 0))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeMove, operto.ChangeCreate}, kinds(decision.Changes))

	// Everybody moves on by three days, and nobody into a unit that is not free.
	d.Lodgings[0].Bookings = list(booking("a", 6, 9), booking("b", 9, 12), booking("c", 12, 15))
	now := held(reservation("a", "p1", 3, 6), reservation("b", "p1", 6, 9), reservation("c", "p1", 9, 12))
	decision = operto.Rules{}.Decide(d, now, paris(1, 9, 0))
	var order []string
	for _, change := range decision.Changes {
		order = append(order, change.Reservation[len(change.Reservation)-1:])
	}
	assert.Equal(t, []string{"c", "b", "a"}, order)
}

func TestReservationsOfAnUnknownWindowAreNotKept(t *testing.T) {
	t.Parallel()
	blank := operto.Reservation{ID: "r-a", PartnerID: "changeover:test:a", PropertyID: "p1", Status: operto.ReservationConfirmed, GuestCode: operto.NewCode("4711")}
	d := operto.Desired{Links: linked(t), Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7))}}
	decision := operto.Rules{}.Decide(d, held(blank), paris(1, 9, 0))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeMove}, kinds(decision.Changes))
	assert.True(t, decision.Access[0].Missing(), "a code whose times are not known is not handed out")
	d.Lodgings[0].Bookings = nil
	assert.Len(t, operto.Rules{}.Decide(d, held(blank), paris(1, 9, 0)).Changes, 1)
	d.Lodgings = []operto.Lodging{lodging("1", booking("0", 20, 22)), lodging("2", booking("a", 3, 7))}
	decision = operto.Rules{}.Decide(d, held(blank), paris(1, 9, 0))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeTransfer, operto.ChangeCreate}, kinds(decision.Changes), "it may open the unit at any time")
}
