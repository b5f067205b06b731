package crmimport

import (
	"context"
	"errors"

	"github.com/changeover-sdk/changeover/cleaning"
)

// The reasons why a record cannot be linked.
var (
	ErrUnknownPlace  = errors.New("no such premise in the file so far, nor stored")
	ErrUnknownClient = errors.New("no such client in the file so far, nor stored")
)

// StoreError is a failure of the host's store.
type StoreError struct{ Err error }

// Error returns the text of the store's error.
func (e *StoreError) Error() string { return "store: " + e.Err.Error() }

// Unwrap returns the store's error.
func (e *StoreError) Unwrap() error { return e.Err }

// applier puts the records of one file, or of one batch, into a store.
type applier struct {
	store  Store
	phones cleaning.PhoneNormalizer
	file   *cleaning.ClientFile
	warn   func(Warning)
}

// apply puts one record into the store. The error is a [*RecordError] or a
// [*cleaning.MatchError] if the record is to blame, else a [*StoreError].
func (a *applier) apply(ctx context.Context, r Record) (Outcome, error) {
	var outcome Outcome
	var err error
	switch r.Kind {
	case KindPlace:
		outcome, err = a.store.SavePlace(ctx, *r.Place)
	case KindClient:
		outcome, err = a.client(ctx, r)
	case KindAccount:
		outcome, err = a.account(ctx, r)
	}
	var bad *RecordError
	var rejected *cleaning.MatchError
	if err != nil && !errors.As(err, &bad) && !errors.As(err, &rejected) {
		err = &StoreError{err}
	}
	return outcome, err
}

func (a *applier) client(ctx context.Context, r Record) (Outcome, error) {
	for _, link := range r.Client.Places {
		if err := a.needPlace(ctx, r, FieldLinkPlace, link.Place); err != nil {
			return "", err
		}
	}
	decision, err := cleaning.ImportClient(ctx, a.store, a.file, a.normalized(r))
	if err != nil {
		return "", err
	}
	for _, w := range decision.Warnings {
		a.warn(matchWarning(r, w))
	}
	return outcomeOf(&decision), nil
}

// normalized is the client with its phone in the form that is compared. An
// unusable phone is left to the rules, which refuse it.
func (a *applier) normalized(r Record) cleaning.ClientRecord {
	client := *r.Client
	client.Phone, _ = a.phones.Normalize(client.Phone.Raw)
	return client
}

func matchWarning(r Record, w cleaning.MatchWarning) Warning {
	out := always(string(w.Kind))
	out.Line, out.Column, out.Kind, out.ExtID = r.Line, r.Column, r.Kind, r.ID().ID
	for _, field := range w.Fields {
		out.Fields = append(out.Fields, string(field))
	}
	return out
}

func outcomeOf(d *cleaning.Decision) Outcome {
	if d.Unchanged() {
		return Unchanged
	}
	switch d.Action {
	case cleaning.MatchCreate:
		return Created
	case cleaning.MatchAddExternalID:
		return IDAdded
	case cleaning.MatchMerge:
		return Merged
	default:
		return Updated
	}
}

func (a *applier) account(ctx context.Context, r Record) (Outcome, error) {
	if err := a.needPlace(ctx, r, FieldPlace, r.Account.Place); err != nil {
		return "", err
	}
	for _, id := range r.Account.Clients {
		view, err := a.store.ViewClient(ctx, cleaning.ClientRecord{ExternalID: id})
		if err != nil {
			return "", err
		}
		if view.Owner == nil {
			return "", unlinked(r, FieldClient, ErrUnknownClient)
		}
	}
	return a.store.SaveAccount(ctx, *r.Account)
}

func (a *applier) needPlace(ctx context.Context, r Record, field Field, id cleaning.ExternalID) error {
	known, err := a.store.HasPlace(ctx, id)
	if err == nil && !known {
		err = unlinked(r, field, ErrUnknownPlace)
	}
	return err
}

func unlinked(r Record, field Field, err error) error {
	return &RecordError{Line: r.Line, Column: r.Column, Kind: r.Kind, ExtID: r.ID().ID, Field: string(field), Err: err}
}
