package rest

import (
	"errors"
	"net/http"
	"strings"
)

// maxRedirects is how many redirects a call follows.
const maxRedirects = 3

type redirectError struct {
	reason string
	err    error // of the host's own rule
}

func (e *redirectError) Error() string { return "redirect refused: " + e.reason }

func (e *redirectError) Unwrap() error { return e.err }

// checkRedirect refuses a redirect that would carry credentials or a body to
// another host, or anything over plain http. net/http itself forwards custom
// key headers and bodies, and names the last URL, query included, as Referer.
// It asks the host's own rule last.
func (a *attempt) checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) > maxRedirects:
		return &redirectError{reason: "too many"}
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		return &redirectError{reason: "from https to " + req.URL.Scheme}
	case !strings.EqualFold(req.URL.Host, first.URL.Host) && !a.client.opts.CrossHost:
		return &redirectError{reason: "to another host, " + req.URL.Host}
	}
	req.Header.Del("Referer")
	if hosts := a.client.host.CheckRedirect; hosts != nil {
		switch err := hosts(req, via); {
		case errors.Is(err, http.ErrUseLastResponse):
			return http.ErrUseLastResponse
		case err != nil:
			return &redirectError{reason: err.Error(), err: err}
		}
	}
	a.moved = true
	return nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
