package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/changeover-sdk/changeover/pms"
)

// pull writes the list that the options ask for. It returns an error unless the
// list is complete.
func pull(ctx context.Context, c pms.Connector, o options, stdout, stderr io.Writer) error {
	if o.what == properties {
		return write(pms.Properties(ctx, c, pms.PropertyQuery{}), o, stdout, stderr)
	}
	return write(pms.Bookings(ctx, c, o.query), o, stdout, stderr)
}

// write encodes each record as soon as it comes, so that an interrupted pull has
// printed what it had read. A record that cannot be read is named on stderr, and
// the list goes on.
func write[T pms.Booking | pms.Property](list iter.Seq2[T, error], o options, stdout, stderr io.Writer) error {
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	bar := newProgress(o.what, stdout, stderr)
	defer bar.finish()

	var read, failed int
	for record, err := range list {
		bar.clear()
		var bad *pms.RecordError
		switch {
		case errors.As(err, &bad):
			failed++
			complain(stderr, bad)
		case err != nil:
			return fmt.Errorf("stopped after %d records: %w", read, err)
		default:
			read++
			if err := out.Encode(shown(record, o.raw)); err != nil {
				return err
			}
		}
		bar.add()
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d records could not be read", failed, read+failed)
	}
	return nil
}

func shown[T pms.Booking | pms.Property](record T, raw bool) any {
	if raw {
		return pms.WithRaw(record)
	}
	return record
}
