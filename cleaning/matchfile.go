package cleaning

import "slices"

// ClientFile remembers what the records of one file, or one batch, have said, for
// [MatchClient] to notice what is repeated. The zero value is an empty file. It
// takes about 100 bytes a record. It is not safe for concurrent use.
type ClientFile struct {
	phones map[ExternalID]string // the phone that each id came with
}

// NewClientFile returns an empty file with room for n records.
func NewClientFile(n int) *ClientFile {
	return &ClientFile{phones: make(map[ExternalID]string, n)}
}

// Add remembers a record that was applied. Of an id that comes again, the first
// record counts.
func (f *ClientFile) Add(r ClientRecord) {
	if f.phones == nil {
		f.phones = make(map[ExternalID]string)
	}
	if _, came := f.phones[r.ExternalID]; !came {
		f.phones[r.ExternalID] = r.Phone.E164
	}
}

// phoneOf returns the phone that the id came with, and whether it came at all.
func (f *ClientFile) phoneOf(id ExternalID) (phone string, came bool) {
	if f == nil {
		return "", false
	}
	phone, came = f.phones[id]
	return phone, came
}

// gave says whether an id of the card came with the card's phone.
func (f *ClientFile) gave(card *ExistingClient) bool {
	return slices.ContainsFunc(card.IDs, func(id ClientID) bool {
		phone, came := f.phoneOf(id.ExternalID)
		return came && phone == card.Phone
	})
}
