package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// Flow is the authorization-code flow by which a user connects an account:
//
//  1. Call [Flow.AuthURL], keep the [Pending] in the user's session, and send
//     the user to the URL.
//  2. The vendor sends the user back to App.RedirectURL. Give the query of that
//     request and the Pending to [Flow.Exchange].
//  3. Store the token, and give it to the connector.
//
// The constructors are in the vendor packages.
type Flow struct {
	endpoint *endpoint
	config   oauth2.Config
}

// Pending is a login that has begun. It belongs into the session of the user
// that began it, and serves one exchange.
type Pending struct {
	State    string `json:"state"`
	Verifier string `json:"verifier,omitzero"`
}

// String hides the secrets.
func (Pending) String() string { return "oauth.Pending{[redacted]}" }

// GoString hides the secrets.
func (p Pending) GoString() string { return p.String() }

// NewFlow checks the application and returns a Flow. It sends nothing.
func NewFlow(app App) (*Flow, error) {
	endpoint, err := newEndpoint(app)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(app.AuthURL)
	if err != nil || target.Host == "" {
		return nil, errors.New(app.Vendor + ": AuthURL is not a URL")
	}
	authURL := app.AuthURL
	if app.BaseURL != "" {
		if authURL, err = url.JoinPath(app.BaseURL, target.EscapedPath()); err != nil {
			return nil, errors.New(app.Vendor + ": BaseURL is not a URL")
		}
	}
	flow := &Flow{endpoint: endpoint}
	flow.config.ClientID, flow.config.RedirectURL, flow.config.Scopes = app.ClientID, app.RedirectURL, app.Scopes
	flow.config.Endpoint.AuthURL = authURL
	return flow, nil
}

// String names the vendor.
func (f *Flow) String() string { return "oauth.Flow of " + f.endpoint.app.Vendor }

// GoString names the vendor.
func (f *Flow) GoString() string { return f.String() }

// AuthURL begins a login: it returns where to send the user, and what to keep
// in the user's session. It sends nothing.
func (f *Flow) AuthURL() (string, Pending) {
	pending := Pending{State: rand.Text()}
	var opts []oauth2.AuthCodeOption
	if f.endpoint.app.PKCE {
		pending.Verifier = oauth2.GenerateVerifier()
		opts = append(opts, oauth2.S256ChallengeOption(pending.Verifier))
	}
	return f.config.AuthCodeURL(pending.State, opts...), pending
}

// opExchange names the exchange in errors.
const opExchange = "Exchange"

// Exchange ends a login: callback is the query of the request that the user
// came back with. A state that is not the one of this login is
// [pms.ErrBadSignature]; a user who refused is [pms.ErrForbidden]; a code that
// has ended or was used is [pms.ErrUnauthorized]. What else the vendor says of
// the token is in its Extra.
func (f *Flow) Exchange(ctx context.Context, pending Pending, callback url.Values) (*oauth2.Token, error) {
	app := f.endpoint.app
	fail := func(kind error, message string) error {
		return &pms.APIError{Vendor: app.Vendor, Op: opExchange, Kind: kind, Message: message}
	}
	code := callback.Get("code")
	switch {
	case pending.State == "" || subtle.ConstantTimeCompare([]byte(pending.State), []byte(callback.Get("state"))) != 1:
		return nil, fail(pms.ErrBadSignature, "the state is not the one of this login")
	case callback.Has("error"):
		return nil, fail(pms.ErrForbidden, "the user or the vendor refused the access")
	case code == "":
		return nil, fail(pms.ErrInvalid, "the callback holds no code")
	}
	params := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	if app.RedirectURL != "" && !app.OmitRedirectURL {
		params.Set("redirect_uri", app.RedirectURL)
	}
	if pending.Verifier != "" {
		params.Set("code_verifier", pending.Verifier)
	}
	return f.endpoint.request(ctx, params, code, pending.Verifier)
}

var _ rest.Auth = (*Source)(nil)
