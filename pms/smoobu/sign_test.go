package smoobu

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// The worked example of the vendor.
func TestSignatureOfTheVendorsExample(t *testing.T) {
	t.Parallel()
	m := message{
		method: http.MethodGet, path: "/api/reservations",
		query: canonicalQuery(url.Values{"to": {"2026-04-10"}, "from": {"2026-04-01"}}),
		stamp: "2026-04-01T12:00:00Z", nonce: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", hash: emptyHash, key: "usr_live_abc123",
	}
	require.Equal(t, "from=2026-04-01&to=2026-04-10", m.query)
	require.Equal(t, "Bu2/61pneyRyjQejH7PoCJC2P8iRm3NnC9R6CGFOQho=", m.sign("your_api_secret"))
}

func TestCanonicalQuery(t *testing.T) {
	t.Parallel()
	for want, query := range map[string]url.Values{
		"": {},
		// The name "a" comes before "a-b", although "-" comes before "=".
		"a=1&a=2&a-b=1&apartments%5B%5D=10&apartments%5B%5D=9": {"a": {"2", "1"}, "a-b": {"1"}, "apartments[]": {"9", "10"}},
		"q=a%20b%2Bc%21%27%28%29%2A~-_.%2F%3D%26":              {"q": {"a b+c!'()*~-_./=&"}},
		"empty=&n%C3%A4me=M%C3%BCller":                         {"näme": {"Müller"}, "empty": {""}},
	} {
		require.Equal(t, want, canonicalQuery(query))
	}
}

// What is sent can be read back, and reads the same.
func TestCanonicalQueryIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		query := url.Values(rapid.MapOfN(rapid.String(), rapid.SliceOfN(rapid.String(), 1, 3), 0, 4).Draw(t, "query"))
		text := canonicalQuery(query)
		require.NotContains(t, text, "+")
		back, err := url.ParseQuery(text)
		require.NoError(t, err)
		require.Equal(t, text, canonicalQuery(back))
		require.Len(t, back, len(query))
	})
}

func TestApply(t *testing.T) {
	t.Parallel()
	s := newSigner(Config{APIKey: "key", APISecret: "secret", BaseURL: " https://proxy.example/some/prefix/ "})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://proxy.example/some/prefix/api/reservations/7?b=x+y&a=1", strings.NewReader(`{"notice":"x"}`))
	require.NoError(t, err)
	signature, err := s.Apply(t.Context(), req)
	require.NoError(t, err)

	require.Equal(t, "a=1&b=x%20y", req.URL.RawQuery, "what is signed is sent")
	require.Equal(t, "/some/prefix/api/reservations/7", req.URL.Path)
	require.Equal(t, "key", req.Header.Get("X-API-Key"))
	require.Equal(t, signature, req.Header.Get("X-Signature"))
	require.Empty(t, req.Header.Get("Api-Key"))
	stamp := req.Header.Get("X-Timestamp")
	at, err := time.Parse("2006-01-02T15:04:05Z", stamp)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), at, time.Minute)
	nonce := req.Header.Get("X-Nonce")
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, nonce)
	require.Equal(t, message{
		method: "PUT", path: "/api/reservations/7", query: "a=1&b=x%20y", stamp: stamp, nonce: nonce,
		hash: "c5cdff69286cde92a811916df7a035979da372eff08acf1853f44543b9deb03b", key: "key",
	}.sign("secret"), signature, "the proxy's path is not signed")

	again, err := s.Apply(t.Context(), req)
	require.NoError(t, err)
	require.NotEqual(t, nonce, req.Header.Get("X-Nonce"))
	require.NotEqual(t, signature, again)
	require.False(t, s.Expire(again))
}
