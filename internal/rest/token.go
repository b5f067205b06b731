package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Token is a credential with an end. A zero Expiry never ends.
type Token struct {
	Value  string
	Expiry time.Time
}

// String hides the token.
func (t Token) String() string { return masked }

// Lasting returns a token that is used for the given life, less a tenth and at
// most a minute, so that it is replaced before the vendor refuses it. A life
// that is not positive or over ten years stands for the fallback.
func Lasting(value string, life, fallback time.Duration) Token {
	const most = 10 * 365 * 24 * time.Hour
	if life <= 0 || life > most {
		life = fallback
	}
	return Token{Value: value, Expiry: time.Now().Add(life - min(life/10, time.Minute))}
}

func (t Token) usable(now time.Time) bool {
	return t.Value != "" && (t.Expiry.IsZero() || now.Before(t.Expiry))
}

// Tokens is an [Auth] that fetches a token when it needs one. However many
// calls wait for it, one fetch is under way at a time, each caller waits under
// its own context, and all share the outcome.
type Tokens struct {
	fetch func(context.Context) (Token, error)
	put   func(*http.Request, string)

	mu      sync.Mutex
	token   Token
	pending *fetching
}

type fetching struct {
	done  chan struct{}
	token Token
	err   error
	// abandoned: the context of the caller that fetched has ended, which says
	// nothing to the others.
	abandoned bool
}

var errUnfinished = errors.New("no token: the fetch did not finish")

// NewTokens makes Tokens. Fetch gets a token under the context of the caller
// that asked first; put writes it into a request.
func NewTokens(fetch func(context.Context) (Token, error), put func(*http.Request, string)) *Tokens {
	return &Tokens{fetch: fetch, put: put}
}

// Bearer puts a token into the Authorization header.
func Bearer(req *http.Request, token string) { req.Header.Set("Authorization", "Bearer "+token) }

// Ready gets a token if there is none. The pipeline calls it before a request
// waits for its turn.
func (t *Tokens) Ready(ctx context.Context) error {
	_, err := t.get(ctx)
	return err
}

// Apply implements [Auth]; the mark is the token.
func (t *Tokens) Apply(ctx context.Context, req *http.Request) (string, error) {
	token, err := t.get(ctx)
	if err != nil {
		return "", err
	}
	t.put(req, token.Value)
	return token.Value, nil
}

// Expire implements [Auth]: the token is forgotten unless another one has
// taken its place already.
func (t *Tokens) Expire(mark string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Value == mark {
		t.token = Token{}
	}
	return true
}

func (t *Tokens) get(ctx context.Context) (Token, error) {
	for {
		t.mu.Lock()
		if t.token.usable(time.Now()) {
			defer t.mu.Unlock()
			return t.token, nil
		}
		pending := t.pending
		if pending == nil {
			pending = &fetching{done: make(chan struct{})}
			t.pending = pending
			t.mu.Unlock()
			return t.lead(ctx, pending)
		}
		t.mu.Unlock()
		select {
		case <-ctx.Done():
			return Token{}, ctx.Err()
		case <-pending.done:
		}
		if !pending.abandoned {
			return pending.token, pending.err
		}
	}
}

// lead fetches for everybody who waits.
func (t *Tokens) lead(ctx context.Context, f *fetching) (Token, error) {
	f.err = errUnfinished // unless fetch returns
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.pending = nil
		if f.err == nil {
			t.token = f.token
		}
		f.abandoned = f.err != nil && ctx.Err() != nil
		close(f.done)
	}()
	f.token, f.err = t.fetch(ctx)
	return f.token, f.err
}
