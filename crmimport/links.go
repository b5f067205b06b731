package crmimport

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/guard"
)

// Links downloads files from http:// and https:// links. Use [NewLinks].
type Links struct {
	cfg    LinksConfig
	client *http.Client
}

// LinksConfig holds the knobs of Links; the zero value is good.
type LinksConfig struct {
	// HTTPClient is copied; nil means a client of our own. Its Timeout is not
	// used: see Timeout and Stall.
	HTTPClient *http.Client
	// AllowPrivateAddresses lets links lead into private networks, where an
	// organisation's own server may be.
	AllowPrivateAddresses bool
	// MaxBytes is the largest file, after decompression; 0 means
	// [DefaultMaxBytes].
	MaxBytes int64
	// Timeout is how long a download may take; 0 means 30 minutes.
	Timeout time.Duration
	// Stall is how long a server may be silent; 0 means a minute.
	Stall time.Duration
}

// NewLinks makes a Links.
func NewLinks(cfg LinksConfig) *Links {
	cfg.MaxBytes = maxBytes(cfg.MaxBytes)
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Minute)
	cfg.Stall = cmp.Or(cfg.Stall, time.Minute)
	client := &http.Client{}
	switch {
	case !cfg.AllowPrivateAddresses:
		client = guard.Client(cfg.HTTPClient)
	case cfg.HTTPClient != nil:
		*client = *cfg.HTTPClient
	}
	client.Timeout = 0
	client.CheckRedirect = checkRedirect
	client.Jar = nil
	return &Links{cfg, client}
}

const maxRedirects = 5

// checkRedirect follows a few redirects, also to other hosts, as file stores
// need it, but none that leaves https. It lets no credentials and no address
// through to another host.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) > maxRedirects:
		return errors.New("too many redirects")
	case req.URL.Scheme != "https" && (first.URL.Scheme == "https" || req.URL.Scheme != "http"):
		return errors.New("a redirect to " + req.URL.Scheme)
	}
	req.Header.Del("Referer")
	if !strings.EqualFold(req.URL.Host, first.URL.Host) {
		req.Header.Del("Authorization")
	}
	return nil
}

// Remove implements [Source]: a link cannot be deleted.
func (*Links) Remove(context.Context, Address, string) error { return errors.ErrUnsupported }

// Open implements [Source]. A web page is [ErrNotDirect].
func (l *Links) Open(ctx context.Context, address Address) (*File, error) {
	if address.Link == nil {
		return nil, fmt.Errorf("%w: a path, not a link", ErrAddress)
	}
	if err := checkLink(address.Link); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	whole, cancelWhole := context.WithTimeoutCause(ctx, l.cfg.Timeout, errSlow)
	call, cancel := context.WithCancelCause(whole)
	stop := func() {
		cancel(nil)
		cancelWhole()
	}
	silence := time.AfterFunc(l.cfg.Stall, func() { cancel(errStalled) })
	file, err := l.get(call, address.Link, silence)
	if err != nil {
		silence.Stop()
		err = because(ctx, call, err)
		stop()
		return nil, err
	}
	body := file.ReadCloser
	file.ReadCloser = &download{ReadCloser: body, outer: ctx, ctx: call, silence: silence, stall: l.cfg.Stall, stop: stop}
	return file, nil
}

var (
	errSlow    = errors.New("the download takes too long")
	errStalled = errors.New("the server has fallen silent")
)

// because is why a download failed: the caller's context, our own, or else.
func because(outer, ctx context.Context, err error) error {
	switch {
	case outer.Err() != nil:
		return outer.Err()
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrCut, context.Cause(ctx))
	}
	return withoutURL(err)
}

// download ends with its contexts and when the server falls silent.
type download struct {
	io.ReadCloser
	outer, ctx context.Context
	silence    *time.Timer
	stall      time.Duration
	stop       func()
}

func (d *download) Read(p []byte) (int, error) {
	d.silence.Reset(d.stall)
	n, err := d.ReadCloser.Read(p)
	d.silence.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = because(d.outer, d.ctx, err)
	}
	return n, err
}

func (d *download) Close() error {
	d.silence.Stop()
	d.stop()
	return d.ReadCloser.Close()
}

func (l *Links) get(ctx context.Context, link *url.URL, silence *time.Timer) (*File, error) {
	resp, err := l.send(ctx, http.MethodGet, link)
	if err != nil {
		return nil, err
	}
	silence.Stop()
	file, err := l.file(ctx, link, resp)
	if err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	return file, nil
}

func (l *Links) send(ctx context.Context, method string, link *url.URL) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, link.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL", ErrAddress)
	}
	req.Header.Set("Accept", "application/xml, text/xml, application/json, */*;q=0.5")
	req.Header.Set("Accept-Encoding", "gzip") // set here, so that the transport leaves it to us
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	return resp, nil
}

// withoutURL takes the URL, which may be a secret, out of an error.
func withoutURL(err error) error {
	for {
		var at *url.Error
		if !errors.As(err, &at) {
			return err
		}
		err = at.Err
	}
}

func (l *Links) file(ctx context.Context, link *url.URL, resp *http.Response) (*File, error) {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // unreadable is unknown
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, ErrNotFound
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case kind == "text/html" || kind == "application/xhtml+xml":
		return nil, ErrNotDirect
	case resp.ContentLength > l.cfg.MaxBytes:
		return nil, tooLarge(l.cfg.MaxBytes)
	}
	size := resp.ContentLength
	body := io.Reader(resp.Body)
	switch encoding := resp.Header.Get("Content-Encoding"); {
	case encoding == "" || strings.EqualFold(encoding, "identity"):
	case strings.EqualFold(encoding, "gzip"):
		// Nothing of the file is read before it is asked for.
		size, body = -1, &unzipped{r: resp.Body}
	default:
		return nil, errors.New("a content encoding that was not asked for")
	}
	body = &capped{Reader: body, left: l.cfg.MaxBytes, most: l.cfg.MaxBytes}
	closer := struct {
		io.Reader
		io.Closer
	}{body, resp.Body}
	return NewFile(closer, size, func() error { return l.unchanged(ctx, link, resp) }), nil
}

// unchanged asks the server once more, and believes one that does not answer
// such questions.
func (l *Links) unchanged(ctx context.Context, link *url.URL, first *http.Response) error {
	resp, err := l.send(ctx, http.MethodHead, link)
	if err != nil {
		return nil //nolint:nilerr // a signed link may not allow it
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		return nil //nolint:nilerr // as above
	}
	for _, header := range []string{"ETag", "Last-Modified", "Content-Length"} {
		before, now := first.Header.Get(header), resp.Header.Get(header)
		if before != "" && now != "" && before != now && first.Header.Get("Content-Encoding") == resp.Header.Get("Content-Encoding") {
			return ErrChanged
		}
	}
	return nil
}

// unzipped decompresses from the first Read on.
type unzipped struct {
	r    io.Reader
	gzip *gzip.Reader
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.gzip == nil {
		reader, err := gzip.NewReader(bufio.NewReader(u.r))
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrCut, err)
		}
		u.gzip = reader
	}
	return u.gzip.Read(p)
}
