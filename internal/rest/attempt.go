package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/changeover-sdk/changeover/pms"
)

// attempt is the state of one call over all its requests. It is the transport
// that go-retryablehttp sends through, and its retry policy.
type attempt struct {
	client *Client
	call   Call
	url    *url.URL
	body   []byte // of the request

	outer   http.Client // sends through the attempt itself
	host    http.Client // the host's, under the redirect rules
	retry   retryablehttp.Client
	request retryablehttp.Request

	sent    int    // requests that left
	left    bool   // the request under way has left
	moved   bool   // and was redirected
	mark    string // of the credentials last used
	renewed bool   // the credentials were replaced once
	repeats int
	wait    time.Duration // before the next request

	// The last answer, read whole, and how the vendor says it failed.
	answer Response
	fault  *Fault
}

func (a *attempt) send(ctx context.Context) (*Response, error) {
	a.outer = http.Client{Transport: a, CheckRedirect: noRedirect}
	a.host = *a.client.host
	a.host.CheckRedirect = noRedirect
	if !a.call.NoRedirect {
		a.host.CheckRedirect = a.checkRedirect
	}
	a.retry = retryablehttp.Client{
		HTTPClient:   &a.outer,
		RetryMax:     a.client.maxRetries + 1, // one more for replaced credentials; check counts
		CheckRetry:   a.check,
		Backoff:      a.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// The headers of a request are made when it is sent: see RoundTrip.
	req := http.Request{
		Method: a.call.Method, URL: a.url, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	a.request.Request = req.WithContext(ctx)
	if a.body != nil {
		if err := a.request.SetBody(a.body); err != nil {
			return nil, a.transportError(ctx, err)
		}
	}
	resp, err := a.retry.Do(&a.request)
	if err != nil {
		return nil, a.transportError(ctx, err)
	}
	_ = resp.Body.Close() // in memory
	if a.fault != nil {
		return nil, a.apiError(a.fault, nil)
	}
	return &a.answer, nil
}

// RoundTrip sends one request: token, limit, auth, log, transport, body.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	a.left, a.moved = false, false
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := a.waitTurn(ctx); err != nil {
		return nil, err
	}
	// A request of its own, so that nothing that auth or the transport does to
	// it reaches the next one.
	out := req.WithContext(ctx)
	out.URL = new(*a.url)
	out.Host = out.URL.Host
	out.Header = a.call.header()
	if a.client.opts.Auth != nil && !a.call.Anonymous {
		mark, err := a.client.opts.Auth.Apply(ctx, out)
		if err != nil {
			return nil, err
		}
		a.mark = mark
	}
	started := time.Now()
	a.sent++
	a.left = true
	resp, err := a.host.Do(out) //nolint:gosec // the host of this library chooses the server
	if err == nil {
		err = a.readBody(resp)
	}
	a.log(ctx, out, resp, err, started)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// readier is an [Auth] that has to fetch its credentials.
type readier interface {
	Ready(ctx context.Context) error
}

// ready gets the credentials that take time, so that the time does not pass
// between the turn and the request: the turn would be counted too early.
func (a *attempt) ready(ctx context.Context) error {
	r, ok := a.client.opts.Auth.(readier)
	if ok && !a.call.Anonymous && ctx.Err() == nil {
		return r.Ready(ctx)
	}
	return nil // waitTurn sees the context
}

func (a *attempt) waitTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // a host's limiter need not look
	}
	limiter := a.client.limiter
	if a.call.Limiter != nil {
		limiter = a.call.Limiter
	}
	if limiter == nil {
		return nil
	}
	err := limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil || errors.Is(err, pms.ErrRateLimited) {
		return err
	}
	return &LimitError{Err: err} // a limiter of the host that refuses
}

// readBody reads the body whole, decompressed and at most MaxBody, and keeps
// the answer.
func (a *attempt) readBody(resp *http.Response) error {
	defer closeQuietly(resp.Body)
	a.answer = Response{Status: resp.StatusCode, Header: resp.Header, attempt: a}
	body, err := decompressed(resp)
	if err != nil {
		return err
	}
	limit := a.client.opts.MaxBody
	size := min(max(resp.ContentLength, 0), limit) + bytes.MinRead
	buffer := bytes.NewBuffer(make([]byte, 0, size))
	if _, err := buffer.ReadFrom(io.LimitReader(body, limit+1)); err != nil {
		return bodyError(err)
	}
	if int64(buffer.Len()) > limit {
		return pms.ErrTooLarge
	}
	a.answer.Body = buffer.Bytes()
	resp.Body = http.NoBody
	return nil
}

// closeQuietly: a body that was read, or given up, has nothing more to say.
func closeQuietly(body io.Closer) { _ = body.Close() }

// log writes one debug line a request.
func (a *attempt) log(ctx context.Context, req *http.Request, resp *http.Response, err error, started time.Time) {
	logger := a.client.opts.Logger
	if logger == nil || !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	redactor := a.redactor()
	attrs := []slog.Attr{
		slog.String("vendor", a.client.opts.Vendor),
		slog.String("op", a.call.Op),
		slog.String("method", req.Method),
		slog.String("url", redactor.url(req.URL)),
		slog.Int("attempt", a.sent),
		slog.Duration("took", time.Since(started)),
	}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", redactor.error(err).Error()))
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

// redactor masks the credentials last used and the call's own secrets as well.
func (a *attempt) redactor() redactor {
	return a.client.redactor.with(a.mark).with(a.call.Secrets...)
}

// transportError is the error of a call that ended without a whole answer.
func (a *attempt) transportError(ctx context.Context, err error) error {
	var already *pms.APIError
	if errors.As(err, &already) {
		return already
	}
	redactor := a.redactor()
	e := &pms.APIError{
		Vendor:   a.client.opts.Vendor,
		Op:       a.call.Op,
		Method:   a.call.Method,
		URL:      redactor.url(a.url),
		Attempts: a.sent,
		Kind:     pms.ErrUnavailable,
		Err:      redactor.error(err),
	}
	var limited *LimitError
	switch {
	case ctx.Err() != nil:
		e.Kind, e.Err = nil, ctx.Err()
	case errors.Is(err, pms.ErrTooLarge):
		e.Kind, e.Err, e.StatusCode = pms.ErrTooLarge, nil, a.answer.Status
	case errors.Is(err, errEncoding):
		e.Kind, e.Err, e.StatusCode = pms.ErrDecode, errEncoding, a.answer.Status
	case errors.As(err, &limited):
		e.Kind, e.RetryAfter, e.Err = pms.ErrRateLimited, limited.RetryAfter, limited.Err
	case errors.Is(err, pms.ErrPrivateAddress):
		e.Kind, e.Err = pms.ErrPrivateAddress, nil
	}
	return e
}

// maxKeptBody is how much of an answer an APIError keeps.
const maxKeptBody = 64 << 10

// apiError is the error of an answer that is a failure.
func (a *attempt) apiError(fault *Fault, cause error) error {
	redactor := a.redactor()
	e := &pms.APIError{
		Vendor:     a.client.opts.Vendor,
		Op:         a.call.Op,
		Method:     a.call.Method,
		URL:        redactor.url(a.url),
		StatusCode: a.answer.Status,
		Code:       oneLine(redactor.text(fault.Code)),
		Message:    oneLine(redactor.text(fault.Message)),
		RequestID:  oneLine(redactor.text(cmp.Or(fault.RequestID, a.answer.Header.Get(a.client.opts.RequestIDHeader)))),
		Attempts:   a.sent,
		Body:       redactor.head(a.answer.Body, maxKeptBody),
		Kind:       fault.Kind,
		Err:        cause,
	}
	if errors.Is(fault.Kind, pms.ErrRateLimited) || errors.Is(fault.Kind, pms.ErrUnavailable) {
		e.RetryAfter = fault.RetryAfter
	}
	return e
}
