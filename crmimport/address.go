package crmimport

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Address is where a file is: a path on the organisation's FTP server (or in a
// directory), or a link.
type Address struct {
	// Path begins with a slash. Empty for a link.
	Path string
	// Link is an http, https or ftp URL. Nil for a path.
	Link *url.URL
}

// String is the address for reports and logs: without credentials, queries and
// the folders of a link, which may be secrets.
func (a Address) String() string {
	switch {
	case a.Link == nil:
		return a.Path
	case a.Link.Scheme == "ftp":
		return "ftp://" + a.Link.Host + a.Link.Path
	}
	folder, file := path.Split(a.Link.Path)
	if strings.Trim(folder, "/") != "" {
		file = "…/" + file
	}
	return a.Link.Scheme + "://" + a.Link.Host + "/" + strings.TrimPrefix(file, "/")
}

// GoString is String.
func (a Address) GoString() string { return a.String() }

// key tells addresses apart.
func (a Address) key() string {
	if a.Link != nil {
		return a.Link.String()
	}
	return a.Path
}

// ParseAddresses reads the list of the settings page: addresses with commas
// between them, in the order of the import. A comma inside a URL is written
// %2C. Errors wrap [ErrAddress].
func ParseAddresses(list string) ([]Address, error) {
	var all []Address
	for item := range strings.SplitSeq(list, ",") {
		address, err := ParseAddress(item)
		if err != nil {
			return nil, fmt.Errorf("address %d: %w", len(all)+1, err)
		}
		if slices.ContainsFunc(all, func(a Address) bool { return a.key() == address.key() }) {
			return nil, fmt.Errorf("address %d: %w: %s comes twice", len(all)+1, ErrAddress, address)
		}
		all = append(all, address)
	}
	return all, nil
}

// ParseAddress reads one address. What begins with a slash is a path; what
// begins with http://, https:// or ftp:// is a URL; what has a dot in front of
// its first slash ("www.dropbox.com/s/…") is a link without https://; all else
// is a path in the root.
//
// A Dropbox link without dl=1 shows a web page and is refused. So are
// credentials in an http:// URL, which would travel in the clear.
func ParseAddress(text string) (Address, error) {
	text = strings.TrimSpace(text)
	first, _, slash := strings.Cut(text, "/")
	switch {
	case text == "":
		return Address{}, fmt.Errorf("%w: empty", ErrAddress)
	case strings.IndexFunc(text, unicode.IsControl) >= 0:
		return Address{}, fmt.Errorf("%w: a control character", ErrAddress)
	case !strings.HasPrefix(text, "/") && strings.Contains(text, "://"):
		return parseLink(text)
	case !strings.HasPrefix(text, "/") && slash && strings.Contains(first, "."):
		return parseLink("https://" + text)
	}
	clean := path.Clean("/" + text)
	if clean == "/" || strings.HasSuffix(text, "/") || slices.Contains(strings.Split(text, "/"), "..") {
		return Address{}, fmt.Errorf("%w: not the path of a file", ErrAddress)
	}
	return Address{Path: clean}, nil
}

func parseLink(text string) (Address, error) {
	link, err := url.Parse(text)
	if err != nil || link.Hostname() == "" {
		return Address{}, fmt.Errorf("%w: not a URL", ErrAddress)
	}
	link.Scheme = strings.ToLower(link.Scheme)
	link.Fragment, link.RawFragment = "", ""
	if err := checkLink(link); err != nil {
		return Address{}, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return Address{Link: link}, nil
}

func checkLink(link *url.URL) error {
	switch link.Scheme {
	case "https", "http", "ftp":
	default:
		return errors.New("neither http, https nor ftp")
	}
	host := strings.ToLower(link.Hostname())
	dropbox := host == "dropbox.com" || host == "www.dropbox.com"
	switch {
	case link.Scheme == "http" && link.User != nil:
		return errors.New("user and password in an http:// link; use https://")
	case strings.Trim(link.Path, "/") == "" || link.Scheme == "ftp" && strings.HasSuffix(link.Path, "/"):
		return errors.New("no file behind the host")
	case dropbox && link.Query().Get("dl") != "1":
		return errors.New("a Dropbox link shows a web page unless it ends in dl=1")
	}
	return nil
}
