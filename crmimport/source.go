package crmimport

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Source opens the files behind addresses. Implementations are safe for
// concurrent use.
type Source interface {
	// Open begins to read a file. The context covers reading, too. A missing
	// file is [ErrNotFound].
	Open(ctx context.Context, address Address) (*File, error)
	// Remove deletes a file if it is still the one that had the stamp, and
	// returns [ErrChanged] if another has taken its place. A source that cannot
	// delete returns [errors.ErrUnsupported].
	Remove(ctx context.Context, address Address, stamp string) error
}

// File is a file that is being read. Its Read returns io.EOF only when the whole
// file has come and has not changed meanwhile; otherwise it is [ErrCut] or
// [ErrChanged]. Close frees what the file holds, at any time.
type File struct {
	io.ReadCloser
	// Size is what the source promises, in bytes, or -1.
	Size int64
	// Stamp tells this state of the file from others, as well as the source can.
	Stamp string
}

// Sources sends each address to the source that it belongs to.
type Sources struct {
	// Paths opens paths and ftp:// links: the FTP server of the organisation, or
	// a [Directory].
	Paths Source
	// Links opens http:// and https:// links.
	Links Source
}

// Open implements [Source].
func (s Sources) Open(ctx context.Context, address Address) (*File, error) {
	source, err := s.of(address)
	if err != nil {
		return nil, err
	}
	return source.Open(ctx, address)
}

// Remove implements [Source].
func (s Sources) Remove(ctx context.Context, address Address, stamp string) error {
	source, err := s.of(address)
	if err != nil {
		return err
	}
	return source.Remove(ctx, address, stamp)
}

func (s Sources) of(address Address) (Source, error) {
	source, what := s.Paths, "paths"
	if address.Link != nil && address.Link.Scheme != "ftp" {
		source, what = s.Links, "links"
	}
	if source == nil {
		return nil, fmt.Errorf("%w: no source for %s is set up", ErrAddress, what)
	}
	return source, nil
}

// DefaultMaxBytes is the largest file that is read, unless the settings say
// otherwise: 1 GiB.
const DefaultMaxBytes = 1 << 30

// capped refuses to read more than so many bytes.
type capped struct {
	io.Reader
	left, most int64
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.Reader.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, tooLarge(c.most)
	}
	return n, err
}

func tooLarge(most int64) error {
	return fmt.Errorf("%w: a file of more than %d bytes", ErrLimit, most)
}

// checked verifies a file at its end.
type checked struct {
	io.Reader
	want int64 // -1: unknown
	got  int64
	// after is called once, at the end; its error takes the place of io.EOF.
	after func() error
	close func() error
	err   error
}

func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Reader.Read(p)
	c.got += int64(n)
	if err != nil {
		c.err = c.ending(err)
	}
	return n, c.err
}

func (c *checked) ending(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrCut, err)
	case !errors.Is(err, io.EOF):
		return err
	case c.want >= 0 && c.got < c.want:
		return fmt.Errorf("%w: %d of %d bytes came", ErrCut, c.got, c.want)
	case c.want >= 0 && c.got > c.want:
		return fmt.Errorf("%w: %d bytes came, %d were promised", ErrChanged, c.got, c.want)
	}
	if c.after != nil {
		if err := c.after(); err != nil {
			return err
		}
	}
	return io.EOF
}

func (c *checked) Close() error { return c.close() }

// NewFile makes a File for a source of the host's own. Size is what the source
// promises, or -1; a file that ends earlier is [ErrCut], one that does not end
// there [ErrChanged]. After, if not nil, is asked when the file has ended
// whether it is still the same.
func NewFile(body io.ReadCloser, size int64, after func() error) *File {
	return &File{ReadCloser: &checked{Reader: body, want: size, after: after, close: body.Close}, Size: size}
}
