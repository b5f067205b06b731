package cleaning_test

import (
	"fmt"
	"testing"

	"github.com/changeover-sdk/changeover/cleaning"
)

const million = 1_000_000

// millionRecords are clients with normalised phones, every tenth of whom shares
// the phone of the one before.
func millionRecords() []cleaning.ClientRecord {
	records := make([]cleaning.ClientRecord, million)
	for i := range records {
		phone := i
		if i%10 == 9 {
			phone--
		}
		records[i] = cleaning.ClientRecord{
			ExternalID: cleaning.ExternalID{Source: "1c-main", ID: fmt.Sprintf("C-%07d", i)},
			Phone:      cleaning.Phone{E164: fmt.Sprintf("+79%09d", phone)},
			LastName:   new("Орлова"), FirstName: new("Вера"), Email: new("vera@example.com"),
		}
	}
	return records
}

// BenchmarkMatchMillion looks up a million records among a million clients and
// decides about them: a third has changed, a third is as it was, and a third
// comes from another source.
func BenchmarkMatchMillion(b *testing.B) {
	records := millionRecords()
	s := cleaning.NewMemoryClients()
	importAll(b, s, records)
	for i := range records {
		switch i % 3 {
		case 0:
			records[i].Email = new("orlova@example.com")
		case 1:
			records[i].ExternalID.Source = "kvado"
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range records {
			view, err := s.ViewClient(b.Context(), records[i])
			if err != nil {
				b.Fatal(err)
			}
			if d := cleaning.MatchClient(records[i], view); d.Action == cleaning.MatchReject {
				b.Fatal(d.Rejected)
			}
		}
	}
}

// BenchmarkImportMillion looks up, decides and stores a million new records in
// memory.
func BenchmarkImportMillion(b *testing.B) {
	records := millionRecords()
	b.ReportAllocs()
	for b.Loop() {
		importAll(b, cleaning.NewMemoryClients(), records)
	}
}

// BenchmarkImportMillionAgain imports a million records that are known.
func BenchmarkImportMillionAgain(b *testing.B) {
	records := millionRecords()
	s := cleaning.NewMemoryClients()
	importAll(b, s, records)
	b.ReportAllocs()
	for b.Loop() {
		importAll(b, s, records)
	}
}

func importAll(b *testing.B, s cleaning.ClientStore, records []cleaning.ClientRecord) {
	b.Helper()
	file := cleaning.NewClientFile(len(records))
	for i := range records {
		if _, err := cleaning.ImportClient(b.Context(), s, file, records[i]); err != nil {
			b.Fatal(err)
		}
	}
}
