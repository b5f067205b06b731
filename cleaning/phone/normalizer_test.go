package phone_test

import (
	"sync"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/cleaning/phone"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	n, err := phone.New("ru")
	require.NoError(t, err)
	for raw, want := range map[string]cleaning.Phone{
		"8 (912) 345-67-89":        {E164: "+79123456789"},
		"+7 912 345-67-89":         {E164: "+79123456789"},
		"79123456789":              {E164: "+79123456789"},
		"9123456789":               {E164: "+79123456789"},
		"89123456789":              {E164: "+79123456789"},
		"810 7 912 3456789":        {E164: "+79123456789"},
		"тел. 89123456789":         {E164: "+79123456789"},
		"８９１２３４５６７８９":              {E164: "+79123456789"},
		"+8 912 345-67-89":         {E164: "+79123456789", Corrected: true},
		"+89123456789":             {E164: "+79123456789", Corrected: true},
		"+8 701 234-56-78":         {E164: "+77012345678", Corrected: true},
		"+8 495 123-45-67":         {E164: "+84951234567"}, // a number of Vietnam
		"8-800-555-35-35":          {E164: "+78005553535", NoMessages: true},
		"8 495 123-45-67 доб. 12":  {E164: "+74951234567", Extension: "12", NoMessages: true},
		"+7 912 345-67-89 ext. 4":  {E164: "+79123456789", Extension: "4"},
		"+77012345678":             {E164: "+77012345678"},
		"87012345678":              {E164: "+77012345678"},
		"+375 29 123-45-67":        {E164: "+375291234567"},
		"+86 138 1234 5678":        {E164: "+8613812345678"},
		"+39 06 1234 5678":         {E164: "+390612345678", NoMessages: true},
		"+44 (0) 7911 123456":      {E164: "+447911123456"},
		"+1 212 456 7890 (mobile)": {},
	} {
		got, err := n.Normalize(raw)
		if want.E164 == "" {
			require.ErrorIs(t, err, cleaning.ErrBadPhone, "%q", raw)
		} else {
			require.NoError(t, err, "%q", raw)
		}
		want.Raw = raw
		assert.Equal(t, want, got, "%q", raw)
	}
}

func TestNormalizeUnusable(t *testing.T) {
	t.Parallel()
	n, err := phone.New("RU")
	require.NoError(t, err)
	for _, raw := range []string{
		"12345", "8 912 345 67 8", "007 912 3456789", "+7(912)345-67-89; +7(913)345-67-89",
		"8 912 345-67-89, 8 913 345-67-89", "8 912 345-67-89 / 8 913 345-67-89", "нет", "-", "+", "8-800-FLOWERS", "912345 home",
		"00000000000", "+8 912 345-67-8", "\xff\xfe", "vera@example.com",
	} {
		got, err := n.Normalize(raw)
		require.ErrorIs(t, err, cleaning.ErrBadPhone, "%q", raw)
		assert.Equal(t, cleaning.Phone{Raw: raw}, got)
		assert.NotContains(t, err.Error(), raw)
	}
}

func TestNormalizeBlankIsNoPhone(t *testing.T) {
	t.Parallel()
	n, err := phone.New("RU")
	require.NoError(t, err)
	for _, raw := range []string{"", "  ", "\t\n", "\u00a0"} {
		got, err := n.Normalize(raw)
		require.NoError(t, err)
		assert.Equal(t, cleaning.Phone{}, got)
	}
}

func TestNormalizeByRegion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ region, raw, want string }{
		{"KZ", "8 701 234 56 78", "+77012345678"},
		{"KZ", "+8 701 234 56 78", "+77012345678"},
		{"BY", "8 029 123-45-67", "+375291234567"},
		{"DE", "0151 23456789", "+4915123456789"},
		{"DE", "+8 912 345-67-89", ""},
		{"US", "(012) 555-0100", ""},
		{"US", "(212) 456-7890", "+12124567890"},
		{"", "+7 912 345-67-89", "+79123456789"},
		{"", "8 912 345-67-89", ""},
	} {
		n, err := phone.New(tc.region)
		require.NoError(t, err)
		got, err := n.Normalize(tc.raw)
		assert.Equal(t, tc.want, got.E164, "%s %q", tc.region, tc.raw)
		assert.Equal(t, tc.want == "", err != nil)
	}
}

func TestNewRefusesUnknownRegion(t *testing.T) {
	t.Parallel()
	_, err := phone.New("Moscow")
	require.ErrorContains(t, err, `"MOSCOW"`)
}

func TestNormalizeConcurrently(t *testing.T) {
	t.Parallel()
	n, err := phone.New("RU")
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, raw := range []string{"8 912 345-67-89", "+375 29 123-45-67", "+77012345678"} {
				_, err := n.Normalize(raw)
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
}

func BenchmarkNormalize(b *testing.B) {
	n, err := phone.New("RU")
	require.NoError(b, err)
	for name, raw := range map[string]string{
		"russian": "8 (912) 345-67-89", "landline": "+7 (812) 123-45-67", "belarus": "+375 29 123-45-67", "usa": "+1 (212) 456-7890",
		"digits": "79123456789", "unusual": "8 495 123-45-67 доб. 12",
	} {
		_, err := n.Normalize(raw) // makes the automaton of the country
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Normalize(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLibrary is the same work by the library alone.
func BenchmarkLibrary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		number, err := phonenumbers.Parse("8 (912) 345-67-89", "RU")
		if err != nil || !phonenumbers.IsValidNumber(number) {
			b.Fatal(err)
		}
		_ = phonenumbers.Format(number, phonenumbers.E164)
	}
}
