package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

// checkpoints remembers what was read of each account. A service has a table of
// its database for it.
type checkpoints interface {
	load(account string) ([]byte, error)
	save(account string, checkpoint []byte) error
	// tokens keeps the token of the account, for vendors that count logins.
	tokens(account string) oauth.TokenStore
}

// directory keeps checkpoints in files.
type directory string

func openDirectory(path string) (directory, error) {
	return directory(path), os.MkdirAll(path, 0o700)
}

func (d directory) path(account, kind string) string {
	return filepath.Join(string(d), url.PathEscape(account)+"."+kind+".json")
}

func (d directory) load(account string) ([]byte, error) {
	data, err := os.ReadFile(d.path(account, "checkpoint"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// save replaces the file as a whole or not at all.
func (d directory) save(account string, checkpoint []byte) error {
	path := d.path(account, "checkpoint")
	if err := os.WriteFile(path+".new", checkpoint, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (d directory) tokens(account string) oauth.TokenStore {
	return oauth.NewFileStore(d.path(account, "token"))
}

// memory keeps checkpoints for as long as the program runs.
type memory map[string]*kept

type kept struct {
	checkpoint []byte
	store      oauth.TokenStore
}

func (m memory) of(account string) *kept {
	if m[account] == nil {
		m[account] = &kept{store: oauth.NewMemoryStore(nil, nil)}
	}
	return m[account]
}

func (m memory) load(account string) ([]byte, error) { return m.of(account).checkpoint, nil }

func (m memory) save(account string, checkpoint []byte) error {
	m.of(account).checkpoint = checkpoint
	return nil
}

func (m memory) tokens(account string) oauth.TokenStore { return m.of(account).store }

// journal collects changes, one JSON object a line.
type journal struct {
	mu  sync.Mutex
	out io.WriteCloser
}

// openJournal adds to the end of a file. Without a path the changes are not
// kept.
func openJournal(path string) (*journal, error) {
	if path == "" {
		return &journal{}, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the file that the user names
	return &journal{out: file}, err
}

// add is called for several accounts at once.
func (j *journal) add(_ context.Context, account string, change pms.SyncChange) error {
	if j.out == nil {
		return nil
	}
	entry := struct {
		Account string `json:"account"`
		pms.SyncChange
		Error string `json:"error,omitzero"`
	}{Account: account, SyncChange: change}
	if change.Record != nil {
		entry.Error = change.Record.Error()
	}
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err = j.out.Write(append(line, '\n'))
	return err
}

func (j *journal) Close() error {
	if j.out == nil {
		return nil
	}
	return j.out.Close()
}
