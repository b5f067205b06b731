package pms_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestMissingPowersAreNotSupported(t *testing.T) {
	t.Parallel()
	c := connector{}
	bookings, err := pms.GetBooking(t.Context(), c, "1")
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.EqualError(t, err, "fake: GetBooking: not supported")
	assert.Nil(t, bookings)

	events, err := pms.ParseWebhook(c, pms.Delivery{})
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.EqualError(t, err, "fake: ParseWebhook: not supported")
	assert.Nil(t, events)

	err = pms.SetCleanliness(t.Context(), c, "1", pms.Clean)
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.EqualError(t, err, "fake: SetCleanliness: not supported")
}

// powerful has every power.
type powerful struct {
	connector
	cleaned map[string]pms.Cleanliness
}

func (powerful) GetBooking(_ context.Context, id string) ([]pms.Booking, error) {
	return []pms.Booking{{ID: id}}, nil
}

func (powerful) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	return []pms.Event{{RawKind: string(d.Body)}}, nil
}

func (p powerful) SetCleanliness(_ context.Context, propertyID string, status pms.Cleanliness) error {
	p.cleaned[propertyID] = status
	return nil
}

func TestPowersAreCalled(t *testing.T) {
	t.Parallel()
	c := powerful{cleaned: make(map[string]pms.Cleanliness)}
	bookings, err := pms.GetBooking(t.Context(), c, "7")
	require.NoError(t, err)
	assert.Equal(t, []pms.Booking{{ID: "7"}}, bookings)

	events, err := pms.ParseWebhook(c, pms.Delivery{Body: []byte("created")})
	require.NoError(t, err)
	assert.Equal(t, []pms.Event{{RawKind: "created"}}, events)

	require.NoError(t, pms.SetCleanliness(t.Context(), c, "101", pms.Dirty))
	assert.Equal(t, map[string]pms.Cleanliness{"101": pms.Dirty}, c.cleaned)
}
