package ical

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// cached is the last good answer of a feed and its validators.
type cached struct {
	etag     string
	modified string
	calendar Calendar
}

// GetCalendars reads the feeds of a property now, in the order of the Config.
// A feed that has not changed since the last read is answered from memory. A
// property without a feed is [pms.ErrNotFound]; a feed that is empty, HTML or
// cut off is [pms.ErrDecode].
func (c *Client) GetCalendars(ctx context.Context, propertyID string) ([]Calendar, error) {
	const op = "GetCalendars"
	var calendars []Calendar
	for _, f := range c.feeds {
		if f.PropertyID != propertyID {
			continue
		}
		calendar, err := c.fetch(ctx, op, f)
		if err != nil {
			return nil, err
		}
		calendars = append(calendars, calendar)
	}
	if calendars == nil {
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound, Message: "no feed for this property"}
	}
	return calendars, nil
}

// fetch reads one feed, with a conditional request if it was read before.
func (c *Client) fetch(ctx context.Context, op string, f boundFeed) (Calendar, error) {
	c.mu.Lock()
	last, known := c.cache[f.URL]
	c.mu.Unlock()
	header := http.Header{"Accept": {"text/calendar, */*;q=0.1"}}
	if last.etag != "" {
		header.Set("If-None-Match", last.etag)
	}
	if last.modified != "" {
		header.Set("If-Modified-Since", last.modified)
	}
	resp, err := c.rest.Do(ctx, rest.Call{Op: op, URL: f.url, Header: header})
	if err != nil {
		return Calendar{}, err
	}
	calendar := last.calendar
	if resp.Status != http.StatusNotModified || !known {
		calendar, err = Parse(resp.Body)
	}
	switch {
	case errors.Is(err, pms.ErrTooLarge):
		return Calendar{}, resp.Fail(rest.Fault{Kind: pms.ErrTooLarge})
	case err != nil:
		return Calendar{}, resp.Unreadable("not a whole calendar", err)
	case calendar.Count == 0 && !f.AllowEmpty:
		return Calendar{}, resp.Unreadable("a calendar without events", nil)
	}
	if resp.Status == http.StatusNotModified {
		return calendar, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cache[f.URL] = cached{
		etag:     resp.Header.Get("ETag"),
		modified: resp.Header.Get("Last-Modified"),
		calendar: calendar,
	}
	return calendar, nil
}

// parseAddress reads the address of a feed. Base, if any, stands for its
// scheme, host and port. Errors hold nothing of the address.
func parseAddress(raw, base string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	if u.Scheme == "webcal" || u.Scheme == "webcals" {
		u.Scheme = "https"
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://, http:// or webcal://")
	case u.Host == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must hold no user and password")
	}
	u.Fragment, u.RawFragment = "", ""
	if base == "" {
		return u, nil
	}
	b, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil {
		return nil, errors.New("cannot be joined to BaseURL")
	}
	path := u.EscapedPath()
	u.Scheme, u.Host = b.Scheme, b.Host
	u.Path, u.RawPath = b.Path+u.Path, b.EscapedPath()+path
	return u, nil
}

// secretsOf returns what must not be told of an address: all of it but the
// host, whole and in parts.
func secretsOf(raw string, u *url.URL) []string {
	secrets := []string{strings.TrimSpace(raw), u.String(), u.RequestURI()}
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	// Short names in the path ("calendar", "ical") are not secrets.
	secrets = append(secrets, strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })...)
	return slices.DeleteFunc(secrets, func(s string) bool { return len(s) < 10 })
}
