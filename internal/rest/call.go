package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Call is one operation.
type Call struct {
	// Op names the operation in errors and logs: "ListBookings".
	Op     string
	Method string // empty means GET
	// Path is joined to the base URL. Escape variable parts with
	// [url.PathEscape].
	Path  string
	Query url.Values
	// URL replaces the base URL and Path. With credentials it must be of the
	// same scheme and host as the base URL: a next-page link of the vendor cannot
	// lead them elsewhere.
	URL    *url.URL
	Header http.Header
	// JSON is marshalled as the body; Form is sent url-encoded.
	JSON any
	Form url.Values

	// Read marks a call that changes nothing, whatever its method: it may be
	// repeated.
	Read bool
	// Write marks a GET that changes something: it is repeated like a write.
	Write bool
	// Anonymous sends no credentials.
	Anonymous bool
	// NoRedirect hands a 3xx answer to the caller.
	NoRedirect bool
	// AnyContent accepts an HTML page as a success.
	AnyContent bool
	// Limiter paces this call in place of the client's.
	Limiter pms.Limiter
	// Secrets are masked in the errors and log lines of this call, beside those
	// of the client: what the call itself sends.
	Secrets []string
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	attempt *attempt
}

// Do sends the call through the pipeline. The answer is a success as the
// vendor sees it; everything else is a [*pms.APIError].
func (c *Client) Do(ctx context.Context, call Call) (*Response, error) {
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	a := &attempt{client: c, call: call}
	var err error
	if a.url, err = c.url(&a.call); err == nil {
		a.body, err = a.call.body()
	}
	if err != nil {
		return nil, &pms.APIError{Vendor: c.opts.Vendor, Op: call.Op, Method: call.Method, Kind: pms.ErrInvalid, Err: err}
	}
	return a.send(ctx)
}

// JSON sends the call and decodes the answer into T. An empty answer, HTML,
// truncated JSON or text behind the JSON is [pms.ErrDecode].
func JSON[T any](ctx context.Context, c *Client, call Call) (T, error) {
	var value T
	resp, err := c.Do(ctx, call)
	if err != nil {
		return value, err
	}
	err = resp.Decode(&value)
	return value, err
}

func (call *Call) body() ([]byte, error) {
	switch {
	case call.JSON != nil:
		body, err := json.Marshal(call.JSON)
		if err != nil {
			return nil, errors.New("cannot encode the request body")
		}
		return body, nil
	case call.Form != nil:
		return []byte(call.Form.Encode()), nil
	}
	return nil, nil
}

// header returns the headers of one request.
func (call *Call) header() http.Header {
	header := http.Header{"Accept": {"application/json"}}
	switch {
	case call.JSON != nil:
		header.Set("Content-Type", "application/json")
	case call.Form != nil:
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range call.Header {
		header[name] = slices.Clone(values)
	}
	return header
}

func (c *Client) url(call *Call) (*url.URL, error) {
	if call.URL != nil {
		if c.opts.Auth != nil && !call.Anonymous && !sameOrigin(call.URL, c.base) {
			return nil, errors.New("credentials do not go to another host, " + call.URL.Host)
		}
		return call.URL, nil
	}
	u := *c.base
	path, err := url.PathUnescape(call.Path)
	if err != nil {
		return nil, errors.New("cannot build the URL")
	}
	u.RawPath = ""
	if path != call.Path || c.base.RawPath != "" {
		u.RawPath = c.base.EscapedPath() + call.Path
	}
	u.Path = c.base.Path + path
	u.RawQuery = call.Query.Encode()
	return &u, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// Decode reads the body as JSON into value, see [wire.Unmarshal].
func (r *Response) Decode(value any) error {
	body := bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(body)) == 0 {
		return r.Unreadable("an empty answer", nil)
	}
	if isHTML(body) {
		return r.Unreadable("HTML in place of JSON", nil)
	}
	if err := wire.Unmarshal(body, value); err != nil {
		return r.Unreadable("", quietJSON(err))
	}
	return nil
}

// Unreadable is the error of an answer that is not what was asked for: an
// [pms.ErrDecode] with the status, request id and body of the answer.
func (r *Response) Unreadable(message string, cause error) error {
	return r.attempt.apiError(&Fault{Kind: pms.ErrDecode, Message: message}, cause)
}

// Fail is the error of an answer that reports a failure in a way that only its
// decoded form shows.
func (r *Response) Fail(f Fault) error {
	if f.Kind == nil {
		f.Kind = KindOf(r.Status)
	}
	return r.attempt.apiError(&f, nil)
}

// quietJSON takes the values out of a decoder's error, keeping names and kinds.
func quietJSON(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		word, _, _ := strings.Cut(kind.Value, " ") // "number 7" gives "number"
		return errors.New("json: " + cmp.Or(kind.Field, "the answer") + " is of the wrong kind: " + word)
	}
	return err
}

func isHTML(body []byte) bool {
	trimmed := bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '<'
}
