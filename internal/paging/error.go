package paging

import (
	"errors"

	"github.com/changeover-sdk/changeover/pms"
)

// Error is the error of a list that cannot be walked on. Err holds
// [pms.ErrBadCursor] or [pms.ErrDecode]; what a call failed with is returned as
// it is.
func Error(vendor, op string, err error) error {
	var api *pms.APIError
	if errors.As(err, &api) {
		return err
	}
	return &pms.APIError{Vendor: vendor, Op: op, Err: err}
}
