package crmimport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/crmimport"
)

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"/sber/offers.xml, /tinkoff/offers.xml, /vtb/offers.xml": {"/sber/offers.xml", "/tinkoff/offers.xml", "/vtb/offers.xml"},
		"offers.xml":                                     {"/offers.xml"},
		"sber/offers.xml":                                {"/sber/offers.xml"},
		"/./sber//offers.xml":                            {"/sber/offers.xml"},
		"выгрузка/клиенты.xml":                           {"/выгрузка/клиенты.xml"},
		"www.dropbox.com/s/idfile123/filename.xml?dl=1":  {"https://www.dropbox.com/…/filename.xml"},
		"https://files.example.com/a%2Cb.xml,/c.xml":     {"https://files.example.com/a,b.xml", "/c.xml"},
		"HTTP://files.example.com:8080/x/y/z.xml?t=1#f":  {"http://files.example.com:8080/…/z.xml"},
		"ftp://user:secret@ftp.example.com:2121/a/b.xml": {"ftp://ftp.example.com:2121/a/b.xml"},
		"https://user:secret@files.example.com/a.xml":    {"https://files.example.com/a.xml"},
	} {
		all, err := crmimport.ParseAddresses(list)
		require.NoError(t, err, list)
		var got []string
		for _, a := range all {
			got = append(got, a.String())
			assert.Equal(t, a.String(), a.GoString())
		}
		assert.Equal(t, want, got, list)
	}
}

func TestParseAddressesRefuses(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                                  "address 1: bad address: empty",
		"/a.xml,,/b.xml":                    "address 2: bad address: empty",
		"/a.xml, ":                          "address 2: bad address: empty",
		"/a.xml,a.xml":                      "address 2: bad address: /a.xml comes twice",
		"/":                                 "address 1: bad address: not the path of a file",
		"/sber/":                            "address 1: bad address: not the path of a file",
		"/../etc/passwd":                    "address 1: bad address: not the path of a file",
		"/a\nDELE b.xml":                    "address 1: bad address: a control character",
		"file:///etc/passwd":                "address 1: bad address: not a URL",
		"gopher://example.com/x":            "address 1: bad address: neither http, https nor ftp",
		"https://":                          "address 1: bad address: not a URL",
		"https://example.com":               "address 1: bad address: no file behind the host",
		"ftp://example.com/a/":              "address 1: bad address: no file behind the host",
		"http://u:p@example.com/a.xml":      "address 1: bad address: user and password in an http:// link; use https://",
		"www.dropbox.com/s/x/f.xml":         "address 1: bad address: a Dropbox link shows a web page unless it ends in dl=1",
		"https://dropbox.com/s/f.xml?dl=0":  "address 1: bad address: a Dropbox link shows a web page unless it ends in dl=1",
		"https://exa mple.com/secret/a.xml": "address 1: bad address: not a URL",
	} {
		_, err := crmimport.ParseAddresses(list)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, crmimport.ErrAddress)
	}
}

func FuzzParseAddresses(f *testing.F) {
	for _, seed := range []string{"/sber/offers.xml, /vtb/offers.xml", "www.dropbox.com/s/id/f.xml?dl=1", "ftp://u:p@h/a", "a.b/c", "..", "http://[::1]/a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		all, err := crmimport.ParseAddresses(list)
		if err != nil {
			require.ErrorIs(t, err, crmimport.ErrAddress)
			return
		}
		require.NotEmpty(t, all)
		for _, a := range all {
			require.NotContains(t, a.Path, "\n")
			require.NotEqual(t, a.Link != nil, a.Path != "")
			require.NotEmpty(t, a.String())
		}
	})
}
