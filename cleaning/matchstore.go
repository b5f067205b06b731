package cleaning

import (
	"context"
	"errors"

	"github.com/changeover-sdk/changeover/pms"
)

// ClientView is what a store knows about one record. Its lists and cards are only
// read.
type ClientView struct {
	// Owner has the record's external id. Nil means that nobody has.
	Owner *ExistingClient
	// Holders have the record's phone now, in any order. Owner may be one.
	Holders []*ExistingClient
	// Former had the record's phone once and have it no longer. Owner may be one.
	Former []*ExistingClient
	// PhoneElsewhere says that another organisation has a client with the phone.
	PhoneElsewhere bool
	// File is what the file has said so far. Nil stands for a record of its own.
	File *ClientFile
}

// ClientStore keeps the clients of one organisation. It is implemented by hosts;
// [MemoryClients] is one, and the package cleaningtest checks any.
//
// Implementations are safe for concurrent use.
type ClientStore interface {
	// ViewClient returns what the rules have to know about a record, except
	// File. A record without usable phone has no holders.
	ViewClient(ctx context.Context, r ClientRecord) (ClientView, error)
	// ApplyClient carries out a decision, whole or not at all, and returns the id
	// of its client. It stores Client as it is, under a new id for MatchCreate and
	// with a new revision; it deletes Absorbed, and lets what refers to them refer
	// to Client. A decision that is rejected is refused, one that is unchanged
	// stores nothing.
	//
	// ApplyClient returns an error that wraps [pms.ErrConflict] and stores nothing
	// if the decision was made on another state of the store: a card of it is
	// gone or has another revision, or the external id or the phone has come to
	// another card since.
	ApplyClient(ctx context.Context, d Decision) (id string, err error)
}

// conflictTries is how often ImportClient decides anew.
const conflictTries = 5

// ImportClient looks a record up, decides and applies the decision, and decides
// anew if the store has changed meanwhile. File may be nil; if not, the record is
// added to it. For a record that is rejected it returns the decision and its
// [*MatchError].
func ImportClient(ctx context.Context, store ClientStore, file *ClientFile, r ClientRecord) (Decision, error) {
	var d Decision
	var err error
	for range conflictTries {
		if d, err = importOnce(ctx, store, file, r); !errors.Is(err, pms.ErrConflict) {
			break
		}
	}
	if err == nil && file != nil {
		file.Add(r)
	}
	return d, err
}

func importOnce(ctx context.Context, store ClientStore, file *ClientFile, r ClientRecord) (Decision, error) {
	view, err := store.ViewClient(ctx, r)
	if err != nil {
		return Decision{}, err
	}
	view.File = file
	d := MatchClient(r, view)
	if d.Rejected != nil {
		return d, d.Rejected
	}
	if d.Unchanged() {
		return d, nil
	}
	d.Client.ID, err = store.ApplyClient(ctx, d)
	return d, err
}
