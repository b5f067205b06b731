package oauth_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms/oauth"
)

var (
	_ oauth.TokenStore = (*oauth.MemoryStore)(nil)
	_ oauth.Ledger     = (*oauth.MemoryStore)(nil)
	_ oauth.TokenStore = (*oauth.FileStore)(nil)
	_ oauth.Ledger     = (*oauth.FileStore)(nil)
	_ oauth.Locker     = (*oauth.FileStore)(nil)
)

func TestMemoryStoreCallsBackFirst(t *testing.T) {
	t.Parallel()
	old := &oauth2.Token{AccessToken: "old"}
	store := oauth.NewMemoryStore(old, func(context.Context, *oauth2.Token) error { return errBroken })
	require.ErrorIs(t, store.Save(t.Context(), &oauth2.Token{AccessToken: "new"}), errBroken)
	kept, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Same(t, old, kept)
}

func TestFileStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "guesty.json")
	store := oauth.NewFileStore(path)
	token, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Nil(t, token)

	issued := []time.Time{time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)}
	saved := &oauth2.Token{AccessToken: "a", RefreshToken: "r", TokenType: "Bearer", ExpiresIn: 86400, Expiry: issued[0].Add(24 * time.Hour)}
	require.NoError(t, store.SaveIssued(t.Context(), issued))
	require.NoError(t, store.Save(t.Context(), saved))

	again := oauth.NewFileStore(path)
	token, err = again.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, saved, token)
	times, err := again.LoadIssued(t.Context())
	require.NoError(t, err)
	require.Equal(t, issued, times)

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "no temporary file is left")
}

func TestFileStoreErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "broken.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"token":{"access_token":"canary`), 0o600))
	_, err := oauth.NewFileStore(path).Load(t.Context())
	require.EqualError(t, err, path+" does not hold a token")
	require.EqualError(t, oauth.NewFileStore(path).Save(t.Context(), nil), path+" does not hold a token")
	require.ErrorIs(t, oauth.NewFileStore(filepath.Join(dir, "no", "folder")).Save(t.Context(), nil), os.ErrNotExist)
	_, err = oauth.NewFileStore(filepath.Join(dir, "no", "folder")).Lock(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)
}

// One holds the lock at a time, whichever process it is of.
func TestFileStoreLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "guesty.json")
	var group sync.WaitGroup
	var held, most int
	var mu sync.Mutex
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		held += n
		most = max(most, held)
	}
	for range 4 {
		group.Go(func() {
			unlock, err := oauth.NewFileStore(path).Lock(t.Context())
			if assert.NoError(t, err) {
				count(1)
				count(-1)
				unlock()
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, most)

	unlock, err := oauth.NewFileStore(path).Lock(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = oauth.NewFileStore(path).Lock(ctx)
	require.ErrorIs(t, err, context.Canceled)
	unlock()
}

func TestFileStoreTakesOverAStaleLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "guesty.json")
	require.NoError(t, os.WriteFile(path+".lock", nil, 0o600))
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(path+".lock", old, old))
	unlock, err := oauth.NewFileStore(path).Lock(t.Context())
	require.NoError(t, err)
	unlock()
	_, err = os.Stat(path + ".lock")
	require.ErrorIs(t, err, os.ErrNotExist)
}
