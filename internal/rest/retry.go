package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

const (
	firstWait = 500 * time.Millisecond
	mostWait  = 20 * time.Second
)

// check decides whether the request is sent once more. It is go-retryablehttp's
// policy hook and sees every answer; no error of its own ever replaces one.
func (a *attempt) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil {
		a.wait = jittered(a.repeats)
		return a.repeatAfterLoss(err) && a.mayRepeat(ctx), nil
	}
	a.fault = a.client.classify(resp.StatusCode, resp.Header, a.answer.Body, &a.call)
	if a.fault == nil {
		return false, nil
	}
	if errors.Is(a.fault.Kind, pms.ErrUnauthorized) {
		return a.renew(ctx), nil
	}
	if !a.repeatAfterFault(resp.StatusCode) {
		return false, nil
	}
	a.wait = a.fault.RetryAfter
	if a.wait == 0 {
		a.wait = jittered(a.repeats)
	}
	if errors.Is(a.fault.Kind, pms.ErrRateLimited) {
		a.pause()
	}
	return a.mayRepeat(ctx), nil
}

func (a *attempt) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	return a.wait
}

// renew replaces refused credentials, once a call.
func (a *attempt) renew(ctx context.Context) bool {
	if a.renewed || ctx.Err() != nil || a.call.Anonymous || a.client.opts.Auth == nil || (a.moved && !a.read()) {
		return false
	}
	a.renewed, a.wait = true, 0
	return a.client.opts.Auth.Expire(a.mark)
}

// mayRepeat counts a repeat, and refuses it when the wait is over the cap or
// longer than the caller's deadline.
func (a *attempt) mayRepeat(ctx context.Context) bool {
	if ctx.Err() != nil || a.repeats >= a.client.maxRetries || a.wait > a.client.maxWait {
		return false
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < a.wait {
		return false
	}
	a.repeats++
	return true
}

// read reports whether the call changes nothing at the vendor.
func (a *attempt) read() bool {
	return a.call.Read || !a.call.Write && (a.call.Method == http.MethodGet || a.call.Method == http.MethodHead)
}

// repeatAfterLoss: a request without an answer may have arrived, unless no
// connection was made. What failed before it left fails again.
func (a *attempt) repeatAfterLoss(err error) bool {
	var redirect *redirectError
	var certificate *tls.CertificateVerificationError
	switch {
	case !a.left, errors.As(err, &redirect), errors.As(err, &certificate),
		errors.Is(err, pms.ErrTooLarge), errors.Is(err, pms.ErrPrivateAddress), errors.Is(err, errEncoding):
		return false
	case a.read():
		return true
	case a.moved:
		return false
	}
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// repeatAfterFault: 429 was refused before anything happened, so even a write
// is sent again, unless a redirect shows that it was taken; all else only for
// reads.
func (a *attempt) repeatAfterFault(status int) bool {
	if errors.Is(a.fault.Kind, pms.ErrRateLimited) {
		return a.read() || !a.moved
	}
	if !a.read() || status == http.StatusNotImplemented {
		return false
	}
	return errors.Is(a.fault.Kind, pms.ErrUnavailable) || errors.Is(a.fault.Kind, pms.ErrDecode)
}

// pause makes the other calls of this credential wait as well.
func (a *attempt) pause() {
	limiter := a.client.limiter
	if a.call.Limiter != nil {
		limiter = a.call.Limiter
	}
	if p, ok := limiter.(interface{ Pause(d time.Duration) }); ok && a.wait <= a.client.maxWait {
		p.Pause(a.wait)
	}
}

// jittered is the n-th wait: doubling, and between half and all of it, so that
// clients that failed together do not come back together.
func jittered(n int) time.Duration {
	full := min(firstWait<<min(n, 10), mostWait)
	return full/2 + rand.N(full/2+1) //nolint:gosec // spread, not secrecy
}

// classify says how an answer failed, or nil.
func (c *Client) classify(status int, header http.Header, body []byte, call *Call) *Fault {
	var fault *Fault
	if c.opts.Classify != nil {
		fault = c.opts.Classify(status, header, body)
	}
	switch {
	case fault == nil && status >= 200 && status < 300:
		if call.AnyContent || !isHTML(body) {
			return nil
		}
		return &Fault{Kind: pms.ErrDecode, Message: "HTML in place of data"}
	case fault == nil && call.NoRedirect && status >= 300 && status < 400,
		fault == nil && status == http.StatusNotModified:
		return nil
	case fault == nil:
		fault = &Fault{}
	}
	if fault.Kind == nil {
		fault.Kind = KindOf(status)
	}
	if fault.Message == "" && status >= 300 {
		fault.Message = http.StatusText(status)
	}
	if fault.RetryAfter <= 0 {
		fault.RetryAfter = retryAfter(header, time.Now())
	}
	if fault.RetryAfter == 0 && errors.Is(fault.Kind, pms.ErrRateLimited) {
		fault.RetryAfter = c.opts.RetryAfter429
	}
	return fault
}

// KindOf returns the sentinel of a failed status.
func KindOf(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return pms.ErrUnauthorized
	case http.StatusForbidden:
		return pms.ErrForbidden
	case http.StatusNotFound, http.StatusGone:
		return pms.ErrNotFound
	case http.StatusConflict:
		return pms.ErrConflict
	case http.StatusTooManyRequests:
		return pms.ErrRateLimited
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return pms.ErrUnavailable
	}
	if status >= 400 && status < 500 {
		return pms.ErrInvalid
	}
	return pms.ErrUnavailable
}

// retryAfter reads the header as seconds or as a date. What is missing,
// negative, past or unreadable is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const most = int64(365 * 24 * time.Hour / time.Second)
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
