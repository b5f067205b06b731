package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// App is a registered application and the vendor's way of speaking OAuth. The
// connectors fill in what is the vendor's.
type App struct {
	// Vendor is named in errors.
	Vendor                 string
	ClientID, ClientSecret string
	// AuthURL and TokenURL are whole URLs. AuthURL is for [Flow] only.
	AuthURL, TokenURL string
	// RedirectURL is where the vendor sends the user back, as it is registered.
	RedirectURL string
	Scopes      []string

	// Style says how a token request is written.
	Style Style
	// PKCE is set when the vendor supports it.
	PKCE bool
	// OmitRedirectURL leaves redirect_uri out of the exchange, for vendors that
	// refuse it there.
	OmitRedirectURL bool
	// UserAgent is sent with token requests.
	UserAgent string
	// Secrets are masked in errors and log lines, beside the credentials above:
	// the account's other secrets.
	Secrets []string

	// BaseURL replaces scheme, host and port of the vendor's URLs; a path of
	// its own is put in front.
	BaseURL string
	// HTTPClient, Logger, MaxRetries and MaxWait are the knobs that every
	// connector has.
	HTTPClient *http.Client
	Logger     *slog.Logger
	MaxRetries int
	MaxWait    time.Duration
}

// Style is a way to write a token request.
type Style int

// The styles: a form that holds the client's id and secret, a form with both
// as HTTP Basic, and JSON that holds them.
const (
	Form Style = iota
	BasicForm
	JSON
)

// String hides the credentials.
func (App) String() string { return "oauth.App{[redacted]}" }

// GoString hides the credentials.
func (a App) GoString() string { return a.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (a App) LogValue() slog.Value { return slog.StringValue(a.String()) }

// endpoint is the vendor's token endpoint.
type endpoint struct {
	app    App
	path   string
	client *rest.Client
}

func newEndpoint(app App) (*endpoint, error) {
	if err := settings.Required(app.Vendor, "ClientID", app.ClientID, "ClientSecret", app.ClientSecret, "TokenURL", app.TokenURL); err != nil {
		return nil, err
	}
	target, err := url.Parse(app.TokenURL)
	if err != nil || target.Host == "" {
		return nil, errors.New(app.Vendor + ": TokenURL is not a URL")
	}
	client, err := rest.New(rest.Options{
		Vendor:        app.Vendor,
		BaseURL:       app.BaseURL,
		DefaultURL:    target.Scheme + "://" + target.Host,
		HTTPClient:    app.HTTPClient,
		Logger:        app.Logger,
		MaxRetries:    app.MaxRetries,
		MaxWait:       app.MaxWait,
		MaxBody:       1 << 20,
		Classify:      classify,
		Secrets:       append([]string{app.ClientID, app.ClientSecret}, app.Secrets...),
		RetryAfter429: unstatedWait,
	})
	if err != nil {
		return nil, err
	}
	return &endpoint{app: app, path: target.EscapedPath(), client: client}, nil
}

// unstatedWait is the wait after a 429 that names none. Vendors that count
// tokens count them by the day: asking again soon helps nobody.
const unstatedWait = time.Hour

// opGetToken names token requests in errors.
const opGetToken = "GetToken"

// request asks for a token. It is repeated only when it surely had no effect.
func (e *endpoint) request(ctx context.Context, params url.Values, secrets ...string) (*oauth2.Token, error) {
	call := rest.Call{
		Op:      opGetToken,
		Method:  http.MethodPost,
		Path:    e.path,
		Header:  http.Header{},
		Secrets: secrets,
	}
	if e.app.UserAgent != "" {
		call.Header.Set("User-Agent", e.app.UserAgent)
	}
	if e.app.Style == BasicForm {
		req := http.Request{Header: call.Header}
		req.SetBasicAuth(url.QueryEscape(e.app.ClientID), url.QueryEscape(e.app.ClientSecret))
		_, pair, _ := strings.Cut(call.Header.Get("Authorization"), " ")
		call.Secrets = append(call.Secrets, pair)
	} else {
		params.Set("client_id", e.app.ClientID)
		params.Set("client_secret", e.app.ClientSecret)
	}
	if e.app.Style == JSON {
		fields := make(map[string]string, len(params))
		for name := range params {
			fields[name] = params.Get(name)
		}
		call.JSON = fields
	} else {
		call.Form = params
	}
	resp, err := e.client.Do(ctx, call)
	if err != nil {
		return nil, withoutBody(err)
	}
	token, err := decode(resp)
	return token, withoutBody(err)
}

// withoutBody takes the body out of the error of an answer that may hold a
// token.
func withoutBody(err error) error {
	var api *pms.APIError
	if errors.As(err, &api) && api.StatusCode < http.StatusBadRequest {
		api.Body = nil
	}
	return err
}

// mostLife caps a token's life, against numbers that overflow.
const mostLife = 10 * 365 * 24 * time.Hour

func decode(resp *rest.Response) (*oauth2.Token, error) {
	var answer struct {
		AccessToken  pms.Text `json:"access_token"`
		TokenType    pms.Text `json:"token_type"`
		RefreshToken pms.Text `json:"refresh_token"`
		ExpiresIn    pms.Text `json:"expires_in"`
	}
	if err := resp.Decode(&answer); err != nil {
		return nil, err
	}
	if answer.AccessToken == "" {
		return nil, resp.Unreadable("no access_token in the answer", nil)
	}
	token := &oauth2.Token{
		AccessToken:  string(answer.AccessToken),
		TokenType:    string(answer.TokenType),
		RefreshToken: string(answer.RefreshToken),
	}
	if seconds := min(max(wire.IntOrZero(answer.ExpiresIn), 0), int(mostLife/time.Second)); seconds > 0 {
		token.ExpiresIn = int64(seconds)
		token.Expiry = time.Now().Add(time.Duration(seconds) * time.Second).Round(0)
	}
	var extra map[string]any
	if err := resp.Decode(&extra); err != nil {
		return nil, err
	}
	return token.WithExtra(extra), nil
}

// classify reads the error object of RFC 6749, and the shapes that vendors have
// in its place.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if status < http.StatusBadRequest {
		return nil
	}
	var answer struct {
		Error       pms.Text `json:"error"`
		Description pms.Text `json:"error_description"`
		Message     pms.Text `json:"message"`
	}
	_ = json.Unmarshal(body, &answer) // what is not JSON has no code
	if strings.HasPrefix(string(answer.Error), "{") {
		var inner struct {
			Code    pms.Text `json:"code"`
			Message pms.Text `json:"message"`
		}
		_ = json.Unmarshal([]byte(answer.Error), &inner) // decoded once already
		answer.Error, answer.Message = inner.Code, inner.Message
	}
	fault := &rest.Fault{Code: string(answer.Error), Message: string(cmp.Or(answer.Description, answer.Message))}
	switch answer.Error {
	case "invalid_client", "invalid_grant", "unauthorized_client", "access_denied":
		fault.Kind = pms.ErrUnauthorized
		fault.Message = cmp.Or(fault.Message, string(answer.Error))
	}
	return fault
}
