package hook

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

const (
	vendor  = "realtycalendar"
	account = "1234"
	secret  = "correct horse battery"
	// token1234 is base64url(HMAC-SHA256(secret, vendor NUL account)),
	// computed with another implementation.
	token1234 = "GxTRoeNmWT85-KhPVn1_Rfuu5ON2gGkdcnZ_Hil2k8A"
)

func TestNewPath(t *testing.T) {
	t.Parallel()
	path, err := NewPath(vendor, account, secret)
	require.NoError(t, err)
	assert.Equal(t, "1234/"+token1234, path)
	path, err = NewPath(vendor, " 1234\n", secret)
	require.NoError(t, err)
	assert.Equal(t, "1234/"+token1234, path)
	path, err = NewPath(vendor, "дом/7", secret)
	require.NoError(t, err)
	assert.Equal(t, "%D0%B4%D0%BE%D0%BC%2F7/X2PPgVYBPUBv-v4NK-CZWL-Rif0DhF1VBOBumOrApV8", path)
}

func TestNewPathRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ account, secret, text string }{
		{" \n", secret, "realtycalendar: the webhook path needs an account id"},
		{"", secret, "realtycalendar: the webhook path needs an account id"},
		{account, "", "realtycalendar: the webhook secret needs at least 16 bytes"},
		{account, "fifteen bytes!!", "realtycalendar: the webhook secret needs at least 16 bytes"},
	} {
		path, err := NewPath(vendor, tt.account, tt.secret)
		require.EqualError(t, err, tt.text)
		assert.Empty(t, path)
	}
	_, err := NewPath(vendor, account, strings.Repeat("x", MinSecret))
	require.NoError(t, err)
}

func TestCheckPathAccepts(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/1234/" + token1234,
		"/hooks/realtycalendar/1234/" + token1234,
		"/hooks/1234/" + token1234 + "/",
		"/hooks/1234/" + token1234 + "//",
		"/hooks/1234/" + token1234 + "?retry=1",
		"/hooks/1234/" + token1234 + "/?a=/b/c",
		"https://host.example.test/hooks/1234/" + token1234,
		"1234/" + token1234,
	} {
		require.NoError(t, CheckPath(target, vendor, account, secret), target)
	}
}

func TestCheckPathRefuses(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"", "/", "?", "//", "1234", "/1234/", token1234,
		"/" + token1234,
		"/1235/" + token1234,
		"/1234/" + token1234[1:],
		"/1234/" + token1234 + "A",
		"/1234/" + strings.ToLower(token1234),
		"/1234/" + token1234 + "/more",
		"/1234/x?/1234/" + token1234,
		"/1234/" + strings.Replace(token1234, "G", "%47", 1),
	} {
		require.ErrorIs(t, CheckPath(target, vendor, account, secret), pms.ErrBadSignature, target)
	}
}

func TestTokenIsBoundToAccountVendorAndSecret(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, CheckPath("/1235/"+token1234, vendor, "1235", secret), pms.ErrBadSignature)
	require.ErrorIs(t, CheckPath("/1234/"+token1234, "bnovo", account, secret), pms.ErrBadSignature)
	require.ErrorIs(t, CheckPath("/1234/"+token1234, vendor, account, secret+" "), pms.ErrBadSignature)
}

func TestCheckPathWithoutSecretRefusesAll(t *testing.T) {
	t.Parallel()
	ofEmpty := "/1234/" + token(vendor, account, "")
	for _, secrets := range [][]string{nil, {}, {""}, {"", ""}, {"", secret}} {
		require.ErrorIs(t, CheckPath(ofEmpty, vendor, account, secrets...), pms.ErrBadSignature)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	const fresh = "a fresh secret, long enough"
	of := func(secret string) string {
		path, err := NewPath(vendor, account, secret)
		require.NoError(t, err)
		return "/hooks/" + path
	}
	for _, secrets := range [][]string{{fresh, secret}, {secret, fresh}, {"", secret, "", fresh}} {
		require.NoError(t, CheckPath(of(secret), vendor, account, secrets...))
		require.NoError(t, CheckPath(of(fresh), vendor, account, secrets...))
	}
	require.NoError(t, CheckPath(of(secret), vendor, " 1234 ", secret))
	require.ErrorIs(t, CheckPath(of(secret), vendor, account, fresh), pms.ErrBadSignature, "the old one is over")
}

func TestEveryNewPathIsAcceptedForItsAccountAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one := "a" + rapid.StringN(0, 20, -1).Draw(t, "account") + "z"
		two := "a" + rapid.StringN(0, 20, -1).Draw(t, "another") + "z"
		key := rapid.StringN(MinSecret, 40, -1).Draw(t, "secret")
		path, err := NewPath(vendor, one, key)
		if err != nil {
			t.Fatal(err)
		}
		target, err := url.Parse("https://host.example.test/hooks/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckPath(target.RequestURI(), vendor, one, key); err != nil {
			t.Fatalf("refused for its own account: %s", target)
		}
		if one != two && CheckPath(target.RequestURI(), vendor, two, key) == nil {
			t.Fatalf("accepted for another account: %s", target)
		}
	})
}

func FuzzCheckPath(f *testing.F) {
	f.Add("/hooks/1234/" + token1234 + "?x")
	f.Add("//")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, target string) {
		err := CheckPath(target, vendor, account, secret)
		if err == nil != strings.HasSuffix("/"+strings.TrimRight(strings.SplitN(target, "?", 2)[0], "/"), "/1234/"+token1234) {
			t.Fatalf("%q: %v", target, err)
		}
	})
}
