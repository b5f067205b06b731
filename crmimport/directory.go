package crmimport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Directory is a directory of files that another program updates in place. No
// address leads out of it, by .. or by a symbolic link.
type Directory struct {
	// Root is the path of the directory.
	Root string
	// MaxBytes is the largest file that is read; 0 means [DefaultMaxBytes].
	MaxBytes int64
}

// Open implements [Source].
func (d Directory) Open(ctx context.Context, address Address) (*File, error) {
	root, name, err := d.enter(address)
	if err != nil {
		return nil, err
	}
	file, err := root.Open(name)
	if closeErr := root.Close(); err == nil && closeErr != nil {
		err = errors.Join(closeErr, file.Close())
	}
	if err != nil {
		return nil, fileError(err)
	}
	before, err := file.Stat()
	most := maxBytes(d.MaxBytes)
	switch {
	case err != nil:
	case !before.Mode().IsRegular():
		err = fmt.Errorf("%w: not a file", ErrAddress)
	case before.Size() > most:
		err = tooLarge(most)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	after := func() error {
		// By name: a program may have put a new file in the place of the old.
		now, err := d.stat(address)
		if err != nil || !os.SameFile(before, now) || stampOf(now) != stampOf(before) {
			return ErrChanged
		}
		return nil
	}
	body := struct {
		io.Reader
		io.Closer
	}{contextReader{ctx, file}, file}
	opened := NewFile(body, before.Size(), after)
	opened.Stamp = stampOf(before)
	return opened, nil
}

func stampOf(info fs.FileInfo) string {
	return fmt.Sprintf("%d@%d", info.Size(), info.ModTime().UnixNano())
}

// Remove implements [Source].
func (d Directory) Remove(_ context.Context, address Address, stamp string) error {
	root, name, err := d.enter(address)
	if err != nil {
		return err
	}
	info, err := root.Stat(name)
	switch {
	case err != nil:
	case stampOf(info) != stamp:
		err = ErrChanged
	default:
		err = root.Remove(name)
	}
	return errors.Join(fileError(err), root.Close())
}

func (d Directory) stat(address Address) (fs.FileInfo, error) {
	root, name, err := d.enter(address)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(name)
	return info, errors.Join(err, root.Close())
}

func (d Directory) enter(address Address) (root *os.Root, name string, err error) {
	if address.Link != nil {
		return nil, "", fmt.Errorf("%w: a link, not a path", ErrAddress)
	}
	root, err = os.OpenRoot(d.Root)
	if err != nil {
		return nil, "", fileError(err)
	}
	return root, strings.TrimPrefix(address.Path, "/"), nil
}

// fileError takes the host's paths out of an error.
func fileError(err error) error {
	var at *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound
	case errors.As(err, &at):
		return at.Err
	}
	return err
}

func maxBytes(n int64) int64 {
	if n <= 0 {
		return DefaultMaxBytes
	}
	return n
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
