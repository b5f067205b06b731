package paging

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// An empty page before the end is no bad cursor: beginning anew would not help.
func TestErrorKeepsItsClass(t *testing.T) {
	t.Parallel()
	err := Error("vendor", "ListBookings", errEmptyPage)
	require.ErrorIs(t, err, pms.ErrDecode)
	require.NotErrorIs(t, err, pms.ErrBadCursor)
	require.EqualError(t, err, "vendor: ListBookings: "+errEmptyPage.Error())
	require.ErrorIs(t, Error("vendor", "ListBookings", pms.ErrBadCursor), pms.ErrBadCursor)
	failed := &pms.APIError{Vendor: "vendor", Op: "ListBookings", StatusCode: 503, Kind: pms.ErrUnavailable}
	require.Same(t, failed, Error("vendor", "ListBookings", failed))
}
