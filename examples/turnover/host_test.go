package main

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func hostWithLoft(t *testing.T) *host {
	t.Helper()
	h := newHost([]pms.Property{ourProperty("loft", "Loft")}, cleaning.Policy{})
	require.NoError(t, h.links.Link(pms.Link{Vendor: "bnovo", UnitID: "1", PropertyID: "loft"}))
	h.store(pms.Booking{
		Vendor: "bnovo", ID: "7", PropertyID: "1", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival: firstDay, Departure: firstDay.AddDays(2), UpdatedAt: time.Unix(100, 0),
	})
	return h
}

func TestStoreKeepsTheNewest(t *testing.T) {
	t.Parallel()
	h := hostWithLoft(t)
	key := pms.Key{Vendor: "bnovo", ID: "7"}
	old := h.bookings[key]
	old.Departure, old.UpdatedAt = firstDay.AddDays(5), time.Unix(99, 0)
	assert.False(t, h.store(old))
	assert.False(t, h.store(h.bookings[key]), "the same again")
	old.UpdatedAt = time.Unix(101, 0)
	assert.True(t, h.store(old))
	assert.Equal(t, firstDay.AddDays(5), h.bookings[key].Departure)
}

// A record that cannot be read keeps the jobs of the vendor's properties, and a
// person is told.
func TestUnreadableRecordTakesNothingAway(t *testing.T) {
	t.Parallel()
	h := hostWithLoft(t)
	now := firstDay.In(time.UTC)
	plan, _ := h.plan(now)
	h.apply(cleaning.Reconcile(nil, plan, now).Changes)
	require.Len(t, h.jobs, 1)
	assert.Equal(t, "job-1", h.jobs[0].ID)

	clear(h.bookings)
	bad := &pms.RecordError{Vendor: "bnovo", Record: "booking", ID: "7", Err: errors.New("not a date")}
	require.NoError(t, h.receive(t.Context(), pms.Event{Vendor: "bnovo", Failed: []*pms.RecordError{bad}}))
	plan, grouped := h.plan(now)
	assert.Equal(t, []string{"loft"}, plan.Incomplete)
	assert.Empty(t, cleaning.Reconcile(h.jobs, plan, now).Changes)
	v := newView(h, plan, grouped, nil, now, 14)
	assert.Equal(t, []string{"bnovo: booking 7: not a date"}, v.issueLines())
}
