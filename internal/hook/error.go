package hook

import (
	"net/http"

	"github.com/changeover-sdk/changeover/pms"
)

// Error is the error of a delivery that is refused or cannot be read. Kind is
// [pms.ErrBadSignature] or [pms.ErrDecode]; an empty message leaves it to the
// kind.
func Error(vendor string, kind error, message string) error {
	return &pms.APIError{Vendor: vendor, Op: "ParseWebhook", Method: http.MethodPost, Kind: kind, Message: message}
}
