package remonline

import (
	"context"
	"iter"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// ClientRecord is the contact as the rules of client matching take it, with the
// external id "remonline:<id>". The phone is the first one, as the vendor wrote
// it: normalise it with a [cleaning.PhoneNormalizer]. What the contact leaves
// empty is absent, so nothing of the host's client is cleared.
func (c Contact) ClientRecord() cleaning.ClientRecord {
	r := cleaning.ClientRecord{
		ExternalID: cleaning.ExternalID{Source: vendor, ID: string(c.ID)},
		Kind:       cleaning.ClientPerson,
		Email:      stated(c.Email),
		TaxID:      stated(c.TaxIdentificationNumber),
	}
	if phones := c.PhoneNumbers(); len(phones) > 0 {
		r.Phone.Raw = phones[0]
	}
	if c.IsOrganization.Bool() {
		r.Kind = cleaning.ClientCompany
		r.CompanyName = stated(pms.Text(c.DisplayName()))
		return r
	}
	r.FirstName, r.LastName = stated(c.FirstName), stated(c.LastName)
	if r.FirstName == nil && r.LastName == nil {
		r.FirstName = stated(c.Name)
	}
	if day, ok := c.Birthday.date(); ok {
		r.BirthDate = &day
	}
	return r
}

// stated returns nil for an empty text.
func stated(t pms.Text) *string {
	text := strings.TrimSpace(string(t))
	if text == "" {
		return nil
	}
	return &text
}

// date is the day, if all of it is stated.
func (b Birthday) date() (pms.Date, bool) {
	day := civil.Date{
		Year: wire.IntOrZero(b.Year), Month: time.Month(wire.IntOrZero(b.Month)), Day: wire.IntOrZero(b.Day),
	}
	return day, day.Year > 0 && day.IsValid()
}

// ClientRecords walks people, then organizations, as records for
// [cleaning.ImportClient], under the rules of [People]. Since, unless zero,
// keeps those that changed at that time or later.
func ClientRecords(ctx context.Context, c *Client, since time.Time) iter.Seq2[cleaning.ClientRecord, error] {
	q := ContactQuery{Modified: Range{From: since}}
	return func(yield func(cleaning.ClientRecord, error) bool) {
		for _, contacts := range []iter.Seq2[Contact, error]{People(ctx, c, q), Organizations(ctx, c, q)} {
			for contact, err := range contacts {
				var r cleaning.ClientRecord
				if err == nil {
					r = contact.ClientRecord()
				}
				if !yield(r, err) || final(err) {
					return
				}
			}
		}
	}
}
