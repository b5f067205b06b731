package rest

import (
	"net/http"
)

// maxRedirects is how many redirects a call follows.
const maxRedirects = 3

type redirectError struct{ reason string }

func (e *redirectError) Error() string { return "redirect refused: " + e.reason }

// checkRedirect refuses a redirect that would carry credentials or a body to
// another host, or anything over plain http. net/http itself forwards custom
// key headers and bodies. It asks the host's own rule last.
func (c *Client) checkRedirect(hosts func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		first := via[0]
		switch {
		case len(via) > maxRedirects:
			return &redirectError{"too many"}
		case first.URL.Scheme == "https" && req.URL.Scheme != "https":
			return &redirectError{"from https to " + req.URL.Scheme}
		case req.URL.Host != first.URL.Host && !c.opts.CrossHost:
			return &redirectError{"to another host, " + req.URL.Host}
		case hosts != nil:
			return hosts(req, via)
		}
		return nil
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
