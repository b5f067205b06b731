package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/changeover-sdk/changeover/pms"
)

// attempt is the state of one call over all its requests. It is the transport
// that go-retryablehttp sends through, and its retry policy.
type attempt struct {
	client *Client
	call   *Call
	outer  http.Client
	retry  retryablehttp.Client

	sent    int    // requests that left
	mark    string // of the credentials last used
	renewed bool   // the credentials were replaced once
	repeats int
	wait    time.Duration // before the next request

	// The last answer, read whole, and how the vendor says it failed.
	body  []byte
	fault *Fault
}

func (c *Client) send(req *http.Request, body []byte, call *Call) (*Response, error) {
	a := &attempt{client: c, call: call}
	a.outer = http.Client{Transport: a, CheckRedirect: noRedirect}
	a.retry = retryablehttp.Client{
		HTTPClient:   &a.outer,
		RetryMax:     c.maxRetries + 1, // one more for replaced credentials; check counts
		CheckRetry:   a.check,
		Backoff:      a.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	retryable := &retryablehttp.Request{Request: req}
	if body != nil {
		if err := retryable.SetBody(body); err != nil {
			return nil, a.transportError(req.Context(), err)
		}
	}
	resp, err := a.retry.Do(retryable)
	if err != nil {
		return nil, a.transportError(req.Context(), err)
	}
	_ = resp.Body.Close() // in memory
	if a.fault != nil {
		return nil, a.apiError(call, resp.StatusCode, resp.Header, a.body, a.fault, nil)
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: a.body, call: call, attempt: a}, nil
}

// RoundTrip sends one request: limit, auth, log, transport, body.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := a.waitTurn(ctx); err != nil {
		return nil, err
	}
	out := req.WithContext(ctx)
	out.Header = req.Header.Clone()
	if a.client.opts.Auth != nil && !a.call.Anonymous {
		mark, err := a.client.opts.Auth.Apply(ctx, out)
		if err != nil {
			return nil, err
		}
		a.mark = mark
	}
	client := a.client.host
	if a.call.NoRedirect {
		client = a.client.direct
	}
	started := time.Now()
	a.sent++
	resp, err := client.Do(out)
	if err == nil {
		err = a.readBody(resp)
	}
	a.log(ctx, out, resp, err, started)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func (a *attempt) waitTurn(ctx context.Context) error {
	limiter := a.client.limiter
	if a.call.Limiter != nil {
		limiter = a.call.Limiter
	}
	if limiter == nil {
		return nil
	}
	return limiter.Wait(ctx)
}

// readBody reads the body whole, decompressed and at most MaxBody, and leaves
// it in memory.
func (a *attempt) readBody(resp *http.Response) error {
	defer resp.Body.Close()
	body, err := decompressed(resp)
	if err != nil {
		return err
	}
	limit := a.client.opts.MaxBody
	size := min(max(resp.ContentLength, 0), limit) + bytes.MinRead
	buffer := bytes.NewBuffer(make([]byte, 0, size))
	if _, err := buffer.ReadFrom(io.LimitReader(body, limit+1)); err != nil {
		return err
	}
	if int64(buffer.Len()) > limit {
		return pms.ErrTooLarge
	}
	a.body = buffer.Bytes()
	resp.Body = http.NoBody
	return nil
}

// log writes one debug line a request.
func (a *attempt) log(ctx context.Context, req *http.Request, resp *http.Response, err error, started time.Time) {
	logger := a.client.opts.Logger
	if logger == nil || !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("vendor", a.client.opts.Vendor),
		slog.String("op", a.call.Op),
		slog.String("method", req.Method),
		slog.String("url", a.client.redactor.url(req.URL)),
		slog.Int("attempt", a.sent),
		slog.Duration("took", time.Since(started)),
	}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", a.client.redactor.error(err).Error()))
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

// transportError is the error of a call that ended without an answer.
func (a *attempt) transportError(ctx context.Context, err error) error {
	var already *pms.APIError
	if errors.As(err, &already) {
		return already
	}
	e := &pms.APIError{
		Vendor:   a.client.opts.Vendor,
		Op:       a.call.Op,
		Method:   a.call.Method,
		Attempts: a.sent,
		Kind:     pms.ErrUnavailable,
		Err:      a.client.redactor.error(err),
	}
	if u, urlErr := a.client.url(a.call); urlErr == nil {
		e.URL = a.client.redactor.url(u)
	}
	var limited *LimitError
	var redirect *redirectError
	switch {
	case ctx.Err() != nil:
		e.Kind, e.Err = nil, ctx.Err()
	case errors.Is(err, pms.ErrTooLarge):
		e.Kind, e.Err = pms.ErrTooLarge, nil
	case errors.As(err, &limited):
		e.Kind, e.RetryAfter, e.Err = pms.ErrRateLimited, limited.RetryAfter, limited.Err
	case errors.As(err, &redirect):
		e.Err = redirect
	case errors.Is(err, pms.ErrPrivateAddress):
		e.Kind, e.Err = pms.ErrPrivateAddress, nil
	}
	return e
}

// maxKeptBody is how much of an answer an APIError keeps.
const maxKeptBody = 64 << 10

// apiError is the error of an answer that is a failure.
func (a *attempt) apiError(call *Call, status int, header http.Header, body []byte, fault *Fault, cause error) error {
	redactor := a.client.redactor.with(a.mark)
	e := &pms.APIError{
		Vendor:     a.client.opts.Vendor,
		Op:         call.Op,
		Method:     call.Method,
		StatusCode: status,
		Code:       redactor.text(fault.Code),
		Message:    oneLine(redactor.text(fault.Message)),
		RequestID:  redactor.text(header.Get(a.client.opts.RequestIDHeader)),
		Attempts:   a.sent,
		Body:       redactor.bytes(body[:min(len(body), maxKeptBody)]),
		Kind:       fault.Kind,
		Err:        cause,
	}
	if u, err := a.client.url(call); err == nil {
		e.URL = redactor.url(u)
	}
	if errors.Is(fault.Kind, pms.ErrRateLimited) || errors.Is(fault.Kind, pms.ErrUnavailable) {
		e.RetryAfter = fault.RetryAfter
	}
	return e
}
