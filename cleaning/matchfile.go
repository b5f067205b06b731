package cleaning

import (
	"hash/maphash"
	"slices"
)

// ClientFile remembers what the records of one file, or one batch, have said, for
// [MatchClient] to notice what is repeated. The zero value is an empty file. It
// takes about 50 bytes a record, whatever the length of the ids. It is not safe
// for concurrent use.
type ClientFile struct {
	seeds  [2]maphash.Seed
	phones map[fileKey]uint64 // the phone that each id came with, none is 0
}

// fileKey stands for an external id: 128 bits, so that no two of a file are one.
type fileKey [2]uint64

// NewClientFile returns an empty file with room for n records.
func NewClientFile(n int) *ClientFile {
	f := &ClientFile{}
	f.begin(n)
	return f
}

func (f *ClientFile) begin(n int) {
	f.seeds = [...]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	f.phones = make(map[fileKey]uint64, n)
}

// Add remembers a record that was applied. Of an id that comes again, the first
// record counts.
func (f *ClientFile) Add(r ClientRecord) {
	if f.phones == nil {
		f.begin(0)
	}
	key := f.key(r.ExternalID)
	if _, came := f.phones[key]; !came {
		f.phones[key] = f.mark(r.Phone.E164)
	}
}

func (f *ClientFile) key(id ExternalID) fileKey {
	return fileKey{maphash.Comparable(f.seeds[0], id), maphash.Comparable(f.seeds[1], id)}
}

// mark stands for a phone.
func (f *ClientFile) mark(e164 string) uint64 {
	if e164 == "" {
		return 0
	}
	return max(1, maphash.String(f.seeds[0], e164))
}

// came returns whether the id came before, and the mark of its phone.
func (f *ClientFile) came(id ExternalID) (phone uint64, came bool) {
	if f == nil || len(f.phones) == 0 {
		return 0, false
	}
	phone, came = f.phones[f.key(id)]
	return phone, came
}

// repeats says whether the id came before, and whether it did with another phone.
func (f *ClientFile) repeats(id ExternalID, e164 string) (came, otherPhone bool) {
	earlier, came := f.came(id)
	return came, came && earlier != 0 && e164 != "" && earlier != f.mark(e164)
}

// gave says whether an id of the card came with the card's phone.
func (f *ClientFile) gave(card *ExistingClient) bool {
	return slices.ContainsFunc(card.IDs, func(id ClientID) bool {
		phone, came := f.came(id.ExternalID)
		return came && phone == f.mark(card.Phone)
	})
}
