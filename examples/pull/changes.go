package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms"
)

// pullChanges writes what changed since the checkpoint in the file of the
// options, and stores the new one there.
func pullChanges(ctx context.Context, c pms.Connector, o options, stdout, stderr io.Writer) error {
	checkpoint, err := os.ReadFile(o.checkpoint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	next, err := writeChanges(ctx, c, checkpoint, o, stdout, stderr)
	return errors.Join(err, replaceFile(o.checkpoint, next))
}

// showChanges reads a sandbox, lets something happen there and writes it.
func showChanges(ctx context.Context, c pms.Connector, box *box, o options, stdout, stderr io.Writer) error {
	checkpoint, err := writeChanges(ctx, c, nil, o, io.Discard, stderr)
	if err != nil {
		return err
	}
	if err := standin.Happen(box.world); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(stderr, "pull: the first pass is read; what happened in the sandbox since then:")
	_, err = writeChanges(ctx, c, checkpoint, o, stdout, stderr)
	return err
}

// writeChanges encodes each change as soon as it comes. The checkpoint that it
// returns holds what was written, also with an error.
func writeChanges(ctx context.Context, c pms.Connector, checkpoint json.RawMessage, o options, stdout, stderr io.Writer) (json.RawMessage, error) {
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	bar := newProgress(o.what, stdout, stderr)
	defer bar.finish()

	var count pms.SyncProgress
	next, err := pms.SyncWith(ctx, c, checkpoint, func(_ context.Context, change pms.SyncChange) error {
		bar.clear()
		defer bar.add()
		if change.Kind == pms.SyncFailed {
			complain(stderr, change.Record)
			return nil
		}
		return out.Encode(struct {
			Kind    pms.SyncKind `json:"kind"`
			Booking any          `json:"booking"`
		}{change.Kind, shown(change.Booking, o.raw)})
	}, pms.SyncOptions{Progress: func(p pms.SyncProgress) { count = p }})
	switch {
	case err != nil:
		return next, fmt.Errorf("stopped after %d records: %w", count.Listed, err)
	case count.Failed > 0:
		return next, fmt.Errorf("%d of %d records could not be read", count.Failed, count.Listed+count.Failed)
	}
	return next, nil
}

// replaceFile writes a file as a whole or not at all.
func replaceFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
