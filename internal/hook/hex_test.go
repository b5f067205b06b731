package hook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

// Computed with another implementation: the secret is "123456".
const (
	hexBody      = `{"foo":"bar"}`
	hexSecret    = "123456"
	hexSignature = "cc99bf5947391ddb0d0d9866f5b9d3a68e8b273c5ac8f699b4ae2399a7433118"
)

func TestCheckHex(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		signature, body string
		secrets         []string
		ok              bool
	}{
		"signed":            {hexSignature, hexBody, []string{hexSecret}, true},
		"upper case":        {strings.ToUpper(hexSignature), hexBody, []string{hexSecret}, true},
		"during a rotation": {hexSignature, hexBody, []string{"another", "", hexSecret}, true},
		"another body":      {hexSignature, hexBody + " ", []string{hexSecret}, false},
		"another secret":    {hexSignature, hexBody, []string{"1234567"}, false},
		"another signature": {"dd" + hexSignature[2:], hexBody, []string{hexSecret}, false},
		"a cut signature":   {hexSignature[:62], hexBody, []string{hexSecret}, false},
		"more behind it":    {hexSignature + "00", hexBody, []string{hexSecret}, false},
		"not hex":           {"g" + hexSignature[1:], hexBody, []string{hexSecret}, false},
		"no signature":      {"", hexBody, []string{hexSecret}, false},
		"no secret":         {hexSignature, hexBody, nil, false},
		"of no secret":      {"cf68fe868a2cab3e7bb038ea475718cc2be01f699bcf5c69981712b8e7764292", hexBody, []string{""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := CheckHex(tt.signature, []byte(tt.body), tt.secrets...)
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, pms.ErrBadSignature)
		})
	}
}

// Nothing but the signed bytes passes.
func TestCheckHexBody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		if err := CheckHex(hexSignature, body, hexSecret); (err == nil) != (string(body) == hexBody) {
			t.Fatalf("body %q: %v", body, err)
		}
	})
}
