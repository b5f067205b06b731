package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// Options configure a Source.
type Options struct {
	App App
	// Grant says how a token is renewed.
	Grant Grant
	// Store keeps the token. Nil keeps it in memory.
	Store TokenStore
	// Quota is how many tokens the vendor gives in a time. Once they are used
	// up, calls that need another one fail with [pms.ErrRateLimited] and
	// RetryAfter, and nothing is sent. Zero means no quota.
	Quota pms.Limit
	// Early is how long before its end a token is renewed: zero means a minute.
	// It is never more than a tenth of the token's life.
	Early time.Duration
}

// Grant is a way to get a token.
type Grant string

// The grants. The first token of RefreshToken comes from a [Flow].
const (
	ClientCredentials Grant = "client_credentials"
	RefreshToken      Grant = "refresh_token"
)

// Source hands out the token of one account and renews it when it ends or is
// refused. It is safe for concurrent use.
type Source struct {
	endpoint *endpoint
	grant    Grant
	store    TokenStore
	quota    pms.Limit
	early    time.Duration
	own      *MemoryStore // the ledger of a store that has none

	mu      sync.Mutex
	current *oauth2.Token
	refused string // the access token that the vendor refused last
	// successor: current took the place of a refused token, at renewedAt.
	successor bool
	renewedAt time.Time
	flight    *flight

	// Only the renewal under way uses these.
	unsaved   *oauth2.Token // a new token that could not be saved
	notBefore time.Time     // the vendor refused to give one until then
}

// flight is a renewal under way.
type flight struct {
	done  chan struct{}
	token *oauth2.Token
	err   error
}

// renewTime is how long a renewal may take, the wait for a lock included.
const renewTime = time.Minute

var errUnfinished = errors.New("the renewal of the token did not finish")

// NewSource checks the options and returns a Source. It sends nothing.
func NewSource(o Options) (*Source, error) {
	endpoint, err := newEndpoint(o.App)
	if err != nil {
		return nil, err
	}
	s := &Source{
		endpoint: endpoint, grant: o.Grant, store: o.Store, quota: o.Quota,
		early: cmp.Or(o.Early, time.Minute), own: &MemoryStore{},
	}
	if s.store == nil {
		s.store = &MemoryStore{}
	}
	return s, nil
}

// String names the vendor and hides the token.
func (s *Source) String() string { return "oauth.Source of " + s.endpoint.app.Vendor }

// GoString names the vendor and hides the token.
func (s *Source) GoString() string { return s.String() }

// Token returns a token that is good for now: the one in memory, the stored
// one, or a new one. Do not modify it.
func (s *Source) Token(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	if s.usable(s.current) {
		defer s.mu.Unlock()
		return s.current, nil
	}
	if err := ctx.Err(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{}), err: errUnfinished}
		s.flight = f
		go s.fly(context.WithoutCancel(ctx), f, s.refused)
	}
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.done:
		return f.token, f.err
	}
}

// Ready gets a token if there is none, as the connectors' pipeline asks for it
// before a request waits for its turn.
func (s *Source) Ready(ctx context.Context) error {
	_, err := s.Token(ctx)
	return err
}

// Apply puts the token into a request, as the connectors' pipeline asks for it.
// The mark is the token.
func (s *Source) Apply(ctx context.Context, req *http.Request) (mark string, err error) {
	token, err := s.Token(ctx)
	if err != nil {
		return "", err
	}
	rest.Bearer(req, token.AccessToken)
	return token.AccessToken, nil
}

// Expire says that the vendor refused a token before its end, and reports
// whether another one may fare better. A token that took the place of a refused
// one and is refused as well is not replaced again soon: the fault lies
// elsewhere, and vendors count tokens.
func (s *Source) Expire(mark string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.AccessToken != mark {
		return true
	}
	if s.successor && time.Since(s.renewedAt) < s.spacing() {
		return false
	}
	s.refused = mark
	return true
}

// spacing is the time between two tokens that the quota allows for ever.
func (s *Source) spacing() time.Duration {
	if s.quota.Requests > 0 {
		return s.quota.Window / time.Duration(s.quota.Requests)
	}
	return time.Minute
}

// usable needs the lock.
func (s *Source) usable(token *oauth2.Token) bool {
	return lasts(token, s.early) && token.AccessToken != s.refused
}

func lasts(token *oauth2.Token, early time.Duration) bool {
	if token == nil || token.AccessToken == "" {
		return false
	}
	if life := time.Duration(token.ExpiresIn) * time.Second; life > 0 {
		early = min(early, life/10)
	}
	return token.Expiry.IsZero() || time.Until(token.Expiry) > early
}

// fly renews for everybody who waits.
func (s *Source) fly(ctx context.Context, f *flight, refused string) {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	defer func() { // also when a store ends the goroutine
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flight = nil
		if f.err == nil {
			s.successor = refused != "" && s.current != nil && s.current.AccessToken == refused
			s.current, s.renewedAt = f.token, time.Now()
		}
		close(f.done)
	}()
	f.token, f.err = s.renew(ctx, refused)
	if f.err != nil {
		f.token, f.err = nil, s.failure(ctx, f.err)
	}
}

// failure is the error that callers get: an [*pms.APIError], and no context
// error that is not of their own context.
func (s *Source) failure(ctx context.Context, err error) error {
	var api *pms.APIError
	if !errors.As(err, &api) {
		api = s.fail(pms.ErrUnavailable, "", err)
	}
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		return s.fail(pms.ErrUnavailable, fmt.Sprintf("no token within %s", renewTime), nil)
	}
	return api
}

func (s *Source) fail(kind error, message string, cause error) *pms.APIError {
	return &pms.APIError{Vendor: s.endpoint.app.Vendor, Op: opGetToken, Kind: kind, Message: message, Err: cause}
}

// renew returns the stored token if another process has renewed it, or else a
// new one, saved.
func (s *Source) renew(ctx context.Context, refused string) (*oauth2.Token, error) {
	if locker, ok := s.store.(Locker); ok {
		unlock, err := locker.Lock(ctx)
		if err != nil {
			return nil, fmt.Errorf("lock the token: %w", err)
		}
		defer unlock()
	}
	if s.unsaved != nil {
		return s.save(ctx, s.unsaved)
	}
	stored, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	if lasts(stored, s.early) && stored.AccessToken != refused {
		return stored, nil
	}
	token, err := s.request(ctx, stored)
	if errors.Is(err, pms.ErrUnauthorized) && stored != nil {
		// Another process may have used the refresh token in the meantime.
		other, loadErr := s.load(ctx)
		if loadErr == nil && lasts(other, s.early) && other.AccessToken != stored.AccessToken {
			return other, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return s.save(ctx, token)
}

func (s *Source) load(ctx context.Context) (*oauth2.Token, error) {
	token, err := s.store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the token: %w", err)
	}
	return token, nil
}

// save keeps what cannot be saved for the next renewal. Its time is its own:
// the token may have come late.
func (s *Source) save(ctx context.Context, token *oauth2.Token) (*oauth2.Token, error) {
	s.unsaved = token
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTime)
	defer cancel()
	if err := s.store.Save(ctx, token); err != nil {
		return nil, fmt.Errorf("save the token: %w", err)
	}
	s.unsaved = nil
	return token, nil
}

// request asks the vendor for a token, within the quota.
func (s *Source) request(ctx context.Context, old *oauth2.Token) (*oauth2.Token, error) {
	params := url.Values{"grant_type": {string(s.grant)}}
	if len(s.endpoint.app.Scopes) > 0 && s.grant == ClientCredentials {
		params.Set("scope", strings.Join(s.endpoint.app.Scopes, " "))
	}
	secret := ""
	if s.grant == RefreshToken {
		if old == nil || old.RefreshToken == "" {
			return nil, s.fail(pms.ErrUnauthorized, "there is no refresh token: connect the account again", nil)
		}
		secret = old.RefreshToken
		params.Set("refresh_token", secret)
	}
	issued, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	token, err := s.endpoint.request(ctx, params, secret)
	var api *pms.APIError
	if errors.As(err, &api) && errors.Is(err, pms.ErrRateLimited) {
		s.notBefore = time.Now().Add(api.RetryAfter)
	}
	if err != nil {
		s.giveBack(ctx, issued, err)
		return nil, err
	}
	if token.RefreshToken == "" {
		token.RefreshToken = secret // RFC 6749, section 6: it stays valid
	}
	return token, nil
}

// takeTurn enters a token into the ledger, before it is asked for: who crashes
// in between has used it up.
func (s *Source) takeTurn(ctx context.Context) ([]time.Time, error) {
	now := time.Now()
	if wait := s.notBefore.Sub(now); wait > 0 {
		return nil, s.limited(wait, "the vendor gives no token yet")
	}
	if s.quota.Requests <= 0 {
		return nil, nil
	}
	issued, err := s.ledger().LoadIssued(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the times of tokens: %w", err)
	}
	issued = slices.DeleteFunc(slices.Clone(issued), func(t time.Time) bool { return now.Sub(t) >= s.quota.Window })
	slices.SortFunc(issued, time.Time.Compare)
	if extra := len(issued) - s.quota.Requests; extra >= 0 {
		return nil, s.limited(issued[extra].Add(s.quota.Window).Sub(now),
			fmt.Sprintf("all %d tokens of %s are used", s.quota.Requests, s.quota.Window))
	}
	issued = append(issued, now.Round(0))
	if err := s.ledger().SaveIssued(ctx, issued); err != nil {
		return nil, fmt.Errorf("save the times of tokens: %w", err)
	}
	return issued, nil
}

func (s *Source) limited(wait time.Duration, message string) *pms.APIError {
	err := s.fail(pms.ErrRateLimited, message, nil)
	err.RetryAfter = wait
	return err
}

func (s *Source) ledger() Ledger {
	if ledger, ok := s.store.(Ledger); ok {
		return ledger
	}
	return s.own
}

// giveBack takes the last entry out of the ledger when the vendor gave no
// token for sure: it said so, or was not reached. An entry too many does no
// harm.
func (s *Source) giveBack(ctx context.Context, issued []time.Time, err error) {
	if len(issued) > 0 && surelyNone(err) {
		_ = s.ledger().SaveIssued(ctx, issued[:len(issued)-1])
	}
}

func surelyNone(err error) bool {
	var api *pms.APIError
	if errors.As(err, &api) && (api.StatusCode >= http.StatusBadRequest || api.Attempts == 0) {
		return true
	}
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
