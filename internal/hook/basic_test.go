package hook

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestCheckBasic(t *testing.T) {
	t.Parallel()
	header := func(user, password string) http.Header {
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, password)
		return req.Header
	}
	require.NoError(t, CheckBasic(header("hook", "secret"), "hook", "secret"))
	require.NoError(t, CheckBasic(header("hook", "secret"), "hook", "", "secret"))
	require.NoError(t, CheckBasic(header("hook", "older"), "hook", "secret", "older"))
	for name, err := range map[string]error{
		"other password": CheckBasic(header("hook", "secreT"), "hook", "secret"),
		"other user":     CheckBasic(header("look", "secret"), "hook", "secret"),
		"no header":      CheckBasic(nil, "hook", "secret"),
		"no Basic":       CheckBasic(http.Header{"Authorization": {"Bearer secret"}}, "hook", "secret"),
		"no passwords":   CheckBasic(header("hook", ""), "hook"),
		"empty password": CheckBasic(header("hook", ""), "hook", ""),
		"empty user":     CheckBasic(header("", "secret"), "", "secret"),
	} {
		require.Equal(t, pms.ErrBadSignature, err, name)
	}
}
