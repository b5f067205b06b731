package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// FileStore keeps the token of one account in a file that only its owner can
// read, and is shared by the processes of one machine. The file is not
// encrypted: it is for programs of one person. A service keeps tokens where it
// keeps its other secrets.
type FileStore struct {
	path string
	mu   sync.Mutex
}

// NewFileStore returns a store in the file at path, which is made when the first
// token is saved. Its folder must exist.
func NewFileStore(path string) *FileStore { return &FileStore{path: path} }

// fileContent is the content of the file.
type fileContent struct {
	Token  *oauth2.Token `json:"token"`
	Issued []time.Time   `json:"issued,omitempty"`
}

func (f *FileStore) read() (fileContent, error) {
	var content fileContent
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return content, nil
	}
	if err != nil {
		return content, err
	}
	if json.Unmarshal(data, &content) != nil {
		return content, fmt.Errorf("%s does not hold a token", f.path)
	}
	return content, nil
}

// change replaces the file as a whole, so that no process reads half of it.
func (f *FileStore) change(fn func(*fileContent)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, err := f.read()
	if err != nil {
		return err
	}
	fn(&content)
	data, err := json.Marshal(content)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // there only if something failed
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), f.path)
}

// Load implements [TokenStore].
func (f *FileStore) Load(context.Context) (*oauth2.Token, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, err := f.read()
	return content.Token, err
}

// Save implements [TokenStore].
func (f *FileStore) Save(_ context.Context, token *oauth2.Token) error {
	return f.change(func(c *fileContent) { c.Token = token })
}

// LoadIssued implements [Ledger].
func (f *FileStore) LoadIssued(context.Context) ([]time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, err := f.read()
	return content.Issued, err
}

// SaveIssued implements [Ledger].
func (f *FileStore) SaveIssued(_ context.Context, issued []time.Time) error {
	return f.change(func(c *fileContent) { c.Issued = issued })
}

// The lock is a file beside the token's. One that is older than a renewal can
// take was left behind by a process that died.
const (
	lockPoll  = 50 * time.Millisecond
	lockStale = 3 * renewTime
)

// Lock implements [Locker].
func (f *FileStore) Lock(ctx context.Context) (unlock func(), err error) {
	path := f.path + ".lock"
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the host chooses the path
		if err == nil {
			return func() { _ = os.Remove(path) }, file.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > lockStale {
			_ = os.Remove(path)
			continue
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}
