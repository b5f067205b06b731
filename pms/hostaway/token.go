package hostaway

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	// A new token is valid after a second (vendor's documentation, 2026-07).
	warmUp = time.Second
	// tokenLife stands in where expires_in is missing: that of the documented
	// answer, 184 days.
	tokenLife = 184 * 24 * time.Hour
	// reissueAfter is how long a token that replaced a refused one is not
	// replaced itself: the vendor discourages issuing tokens again and again.
	reissueAfter = 10 * time.Minute
)

// tokens is the authentication: a token that is kept and shared.
type tokens struct {
	*rest.Tokens
	client *Client

	mu      sync.Mutex
	refused string
	// successor took the place of a refused token at renewedAt.
	successor string
	renewedAt time.Time
}

func newTokens(c *Client) *tokens {
	t := &tokens{client: c}
	t.Tokens = rest.NewTokens(t.fetch, rest.Bearer)
	return t
}

// Expire implements [rest.Auth]. A fresh token that is refused as well is not
// dead.
func (t *tokens) Expire(mark string) bool {
	t.mu.Lock()
	if mark == t.successor && time.Since(t.renewedAt) < reissueAfter {
		t.mu.Unlock()
		return false
	}
	t.refused = mark
	t.mu.Unlock()
	return t.Tokens.Expire(mark)
}

// fetch returns the stored token, or else a new one that is valid already and
// stored.
func (t *tokens) fetch(ctx context.Context) (rest.Token, error) {
	t.mu.Lock()
	refused := t.refused
	t.mu.Unlock()
	stored, err := t.load(ctx, refused)
	if err != nil || stored.Value != "" {
		return stored, err
	}
	answer, err := t.client.issueToken(ctx)
	if err != nil {
		return rest.Token{}, err
	}
	token := rest.Lasting(string(answer.AccessToken), answer.life(), tokenLife)
	if err := pause(ctx, warmUp); err != nil {
		return rest.Token{}, err
	}
	if err := t.save(ctx, token); err != nil {
		return rest.Token{}, err
	}
	if refused != "" {
		t.mu.Lock()
		t.successor, t.renewedAt = token.Value, time.Now()
		t.mu.Unlock()
	}
	return token, nil
}

// load returns the stored token, or an empty one if there is none to use.
func (t *tokens) load(ctx context.Context, refused string) (rest.Token, error) {
	if t.client.cfg.TokenStore == nil {
		return rest.Token{}, nil
	}
	stored, err := t.client.cfg.TokenStore.Load(ctx)
	if err != nil {
		return rest.Token{}, storeError("cannot load the token", err)
	}
	over := stored != nil && !stored.Expiry.IsZero() && !time.Now().Before(stored.Expiry)
	if stored == nil || over || stored.AccessToken == refused {
		return rest.Token{}, nil
	}
	return rest.Token{Value: stored.AccessToken, Expiry: stored.Expiry}, nil
}

func (t *tokens) save(ctx context.Context, token rest.Token) error {
	if t.client.cfg.TokenStore == nil {
		return nil
	}
	err := t.client.cfg.TokenStore.Save(ctx, &oauth2.Token{AccessToken: token.Value, TokenType: "Bearer", Expiry: token.Expiry})
	if err != nil {
		return storeError("cannot save the token", err)
	}
	return nil
}

func storeError(message string, err error) error {
	return &pms.APIError{Vendor: vendor, Op: opAuthenticate, Kind: pms.ErrUnavailable, Message: message, Err: err}
}

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const opAuthenticate = "Authenticate"

// tokenAnswer is a token as the vendor issues it.
type tokenAnswer struct {
	AccessToken pms.Text `json:"access_token"`
	ExpiresIn   pms.Text `json:"expires_in"`
}

func (a tokenAnswer) life() time.Duration {
	return time.Duration(wire.IntOrZero(a.ExpiresIn)) * time.Second
}

// issueToken asks for a new token. The answer is flat; a public client expects
// it inside the envelope, which is accepted too.
//
// https://api.hostaway.com/documentation#authentication, POST /v1/accessTokens.
func (c *Client) issueToken(ctx context.Context) (tokenAnswer, error) {
	resp, err := c.api.Do(ctx, rest.Call{
		Op:     opAuthenticate,
		Method: http.MethodPost,
		Path:   "/v1/accessTokens",
		Header: http.Header{"Cache-Control": {"no-cache"}},
		Form: url.Values{
			"grant_type":    {"client_credentials"},
			"client_id":     {string(c.cfg.AccountID)},
			"client_secret": {c.cfg.ClientSecret},
			"scope":         {"general"},
		},
		Read:      true,
		Anonymous: true,
	})
	if err != nil {
		return tokenAnswer{}, err
	}
	var answer struct {
		tokenAnswer
		Result tokenAnswer `json:"result"`
	}
	if err := resp.Decode(&answer); err != nil {
		return tokenAnswer{}, err
	}
	token := answer.tokenAnswer
	if token.AccessToken == "" {
		token = answer.Result
	}
	if token.AccessToken == "" {
		return tokenAnswer{}, resp.Unreadable("no access_token in the answer", nil)
	}
	return token, nil
}
