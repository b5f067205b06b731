package rest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestBasic(t *testing.T) {
	t.Parallel()
	const encoded = "YWdlbmN5OmNhbmFyeTpwYcOf"
	transport := newScript(t, reply(401, `{"sent":"`+encoded+`"}`))
	client := newClient(t, transport, func(o *Options) { o.Auth = Basic{Username: "agency", Password: "canary:paß"} })
	_, err := client.Do(t.Context(), read)
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.Len(t, transport.sent, 1, "refused once, refused for ever")
	assert.Equal(t, "Basic "+encoded, transport.sent[0].header.Get("Authorization"))
	assert.JSONEq(t, `{"sent":"[redacted]"}`, string(apiError(t, err).Body))
}
