package hook

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

const (
	standardSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	standardOther  = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
	// Computed with another implementation.
	standardSignature = "v1,L1l3Pz16to7WN/M2ae5/6+Qu6a9Uq742//nygSznRdg="
	standardBody      = `{"event":"reservation.updated.v2"}`
)

func standardKey(t rapid.TB, secret string) []byte {
	t.Helper()
	key, err := StandardKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func standardDelivery(prefix string) pms.Delivery {
	h := http.Header{}
	h.Set(prefix+"id", "msg_test1")
	h.Set(prefix+"timestamp", "1790000000")
	h.Set(prefix+"signature", standardSignature)
	return pms.Delivery{Header: h, Body: []byte(standardBody), ReceivedAt: time.Unix(1790000000, 0)}
}

func TestCheckStandard(t *testing.T) {
	t.Parallel()
	key, other := standardKey(t, standardSecret), standardKey(t, standardOther)
	for name, tt := range map[string]struct {
		change func(d *pms.Delivery)
		keys   [][]byte
		ok     bool
	}{
		"signed":                 {func(*pms.Delivery) {}, [][]byte{key}, true},
		"other names":            {func(d *pms.Delivery) { *d = standardDelivery("webhook-") }, [][]byte{key}, true},
		"during a rotation":      {func(*pms.Delivery) {}, [][]byte{other, key}, true},
		"several signatures":     {func(d *pms.Delivery) { d.Header.Set("svix-signature", "v1,AAAA v2,x "+standardSignature) }, [][]byte{key}, true},
		"at the end of the time": {func(d *pms.Delivery) { d.ReceivedAt = d.ReceivedAt.Add(5 * time.Minute) }, [][]byte{key}, true},
		"ahead of the time":      {func(d *pms.Delivery) { d.ReceivedAt = d.ReceivedAt.Add(-5 * time.Minute) }, [][]byte{key}, true},
		"stale":                  {func(d *pms.Delivery) { d.ReceivedAt = d.ReceivedAt.Add(5*time.Minute + time.Nanosecond) }, [][]byte{key}, false},
		"from the future":        {func(d *pms.Delivery) { d.ReceivedAt = d.ReceivedAt.Add(-5*time.Minute - time.Nanosecond) }, [][]byte{key}, false},
		"long ago":               {func(d *pms.Delivery) { d.Header.Set("svix-timestamp", "-9223372036854775808") }, [][]byte{key}, false},
		"no stamp":               {func(d *pms.Delivery) { d.Header.Del("svix-timestamp") }, [][]byte{key}, false},
		"another stamp":          {func(d *pms.Delivery) { d.Header.Set("svix-timestamp", "1790000001") }, [][]byte{key}, false},
		"another id":             {func(d *pms.Delivery) { d.Header.Set("svix-id", "msg_test2") }, [][]byte{key}, false},
		"another body":           {func(d *pms.Delivery) { d.Body = append(d.Body, ' ') }, [][]byte{key}, false},
		"another version":        {func(d *pms.Delivery) { d.Header.Set("svix-signature", "v2"+standardSignature[2:]) }, [][]byte{key}, false},
		"no signature":           {func(d *pms.Delivery) { d.Header.Del("svix-signature") }, [][]byte{key}, false},
		"mixed names":            {func(d *pms.Delivery) { d.Header.Del("svix-id"); d.Header.Set("webhook-id", "msg_test1") }, [][]byte{key}, false},
		"another secret":         {func(*pms.Delivery) {}, [][]byte{other}, false},
		"no secret":              {func(*pms.Delivery) {}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := standardDelivery("svix-")
			tt.change(&d)
			id, err := CheckStandard(d, tt.keys...)
			if tt.ok {
				require.NoError(t, err)
				require.Equal(t, "msg_test1", id)
				return
			}
			require.ErrorIs(t, err, pms.ErrBadSignature)
			require.Empty(t, id)
		})
	}
}

func TestStandardKey(t *testing.T) {
	t.Parallel()
	key, err := StandardKey(" " + standardSecret + "\n")
	require.NoError(t, err)
	require.Equal(t, "0123456789abcdef0123456789abcdef", string(key))
	key, err = StandardKey(standardSecret[len("whsec_"):])
	require.NoError(t, err)
	require.Len(t, key, 32)
	for _, secret := range []string{"", "whsec_", "whsec_AAAA", "whsec_not base64", "plain text secret"} {
		_, err := StandardKey(secret)
		require.EqualError(t, err, "is not whsec_ and at least 16 bytes of base64", secret)
	}
}

// Nothing but the signed bytes passes.
func TestCheckStandardBody(t *testing.T) {
	t.Parallel()
	key := standardKey(t, standardSecret)
	rapid.Check(t, func(rt *rapid.T) {
		d := standardDelivery("svix-")
		d.Body = rapid.SliceOf(rapid.Byte()).Draw(rt, "body")
		_, err := CheckStandard(d, key)
		if (err == nil) != (string(d.Body) == standardBody) {
			rt.Fatalf("body %q: %v", d.Body, err)
		}
	})
}
