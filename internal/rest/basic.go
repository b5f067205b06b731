package rest

import (
	"context"
	"net/http"
	"strings"
)

// Basic is an [Auth] by HTTP Basic. Username must hold no colon.
type Basic struct{ Username, Password string }

// Apply implements [Auth]; the mark is what the header holds.
func (b Basic) Apply(_ context.Context, req *http.Request) (string, error) {
	req.SetBasicAuth(b.Username, b.Password)
	return strings.TrimPrefix(req.Header.Get("Authorization"), "Basic "), nil
}

// Expire implements [Auth]: refused credentials are refused again.
func (Basic) Expire(string) bool { return false }
