package oauth

import (
	"context"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// TokenStore is where a host keeps the token of one account, between runs and
// for all processes that use the account. A token is a secret: encrypt it. It
// marshals to JSON as it is, and may be over a thousand characters long.
//
// A store may have more powers: [Locker] and [Ledger]. All methods must be safe
// for concurrent use.
type TokenStore interface {
	// Load returns the token that was saved last, or nil if there is none.
	Load(ctx context.Context) (*oauth2.Token, error)
	// Save keeps a token, refresh token included, in place of the one before.
	// An error keeps the new token from being used; it is saved again before
	// another one is asked for. Save must not modify the token.
	Save(ctx context.Context, token *oauth2.Token) error
}

// Locker is a [TokenStore] that lets one process at a time renew the token.
// Without it two processes may renew at once: with refresh tokens that are
// replaced at each use the later one fails, and looks into the store again.
type Locker interface {
	// Lock blocks until the lock is held or the context ends. It is held for two
	// minutes at most.
	Lock(ctx context.Context) (unlock func(), err error)
}

// Ledger is a [TokenStore] that remembers when tokens were asked for, so that
// the vendor's quota of tokens is kept across restarts and processes. Without it
// the quota counts what the process itself asked for.
type Ledger interface {
	// LoadIssued returns what SaveIssued was given last, or nothing.
	LoadIssued(ctx context.Context) ([]time.Time, error)
	// SaveIssued keeps the times, oldest first: never more than the quota.
	SaveIssued(ctx context.Context, issued []time.Time) error
}

// MemoryStore keeps a token as long as the process runs. The zero value is
// empty.
type MemoryStore struct {
	mu     sync.Mutex
	token  *oauth2.Token
	issued []time.Time
	saved  func(context.Context, *oauth2.Token) error
}

// NewMemoryStore returns a MemoryStore that holds token, which may be nil.
// OnSave, if not nil, is called with each new token before it is used; an error
// keeps it from being used.
func NewMemoryStore(token *oauth2.Token, onSave func(context.Context, *oauth2.Token) error) *MemoryStore {
	return &MemoryStore{token: token, saved: onSave}
}

// Load implements [TokenStore].
func (m *MemoryStore) Load(context.Context) (*oauth2.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

// Save implements [TokenStore].
func (m *MemoryStore) Save(ctx context.Context, token *oauth2.Token) error {
	if m.saved != nil {
		if err := m.saved(ctx, token); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = token
	return nil
}

// LoadIssued implements [Ledger].
func (m *MemoryStore) LoadIssued(context.Context) ([]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.issued, nil
}

// SaveIssued implements [Ledger].
func (m *MemoryStore) SaveIssued(_ context.Context, issued []time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.issued = issued
	return nil
}

// String hides the token.
func (*MemoryStore) String() string { return "oauth.MemoryStore" }

// GoString hides the token.
func (*MemoryStore) GoString() string { return "oauth.MemoryStore" }
