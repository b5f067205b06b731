package remonline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/cleaning/phone"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

func TestClientRecord(t *testing.T) {
	t.Parallel()
	birthday := civil.Date{Year: 1990, Month: time.February, Day: 28}
	for _, tt := range []struct {
		contact remonline.Contact
		want    cleaning.ClientRecord
	}{
		{
			remonline.Contact{
				ID: "880123", FirstName: " Ольга ", LastName: "Ким", Email: "olga@example.com",
				Phones: remonline.Phones{{Phone: ""}, {Phone: "8 903 123-45-67"}, {Phone: "+79100000000"}}, Birthday: remonline.Birthday{Day: "28", Month: "2", Year: "1990"},
			},
			cleaning.ClientRecord{
				ExternalID: cleaning.ExternalID{Source: "remonline", ID: "880123"}, Kind: cleaning.ClientPerson, FirstName: new("Ольга"), LastName: new("Ким"),
				Email: new("olga@example.com"), Phone: cleaning.Phone{Raw: "8 903 123-45-67"}, BirthDate: &birthday,
			},
		},
		{
			remonline.Contact{ID: "5", IsOrganization: "true", Name: "Отель Волга", TaxIdentificationNumber: "6900000000"},
			cleaning.ClientRecord{
				ExternalID: cleaning.ExternalID{Source: "remonline", ID: "5"}, Kind: cleaning.ClientCompany, CompanyName: new("Отель Волга"), TaxID: new("6900000000"),
			},
		},
		{
			remonline.Contact{ID: "6", Name: "Гость", Birthday: remonline.Birthday{Day: "31", Month: "2"}},
			cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "remonline", ID: "6"}, Kind: cleaning.ClientPerson, FirstName: new("Гость")},
		},
	} {
		require.Equal(t, tt.want, tt.contact.ClientRecord())
	}
	require.Equal(t, "remonline:6", remonline.Contact{ID: "6"}.ClientRecord().ExternalID.String())
}

// The clients of an account go through the matching rules: a first import
// creates them, a second changes nothing, and one who is known by phone is not
// doubled.
func TestClientsMeetTheMatchingRules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: -1})
		c := s.open(t, remonline.Config{})
		normalizer, err := phone.New("RU")
		require.NoError(t, err)
		store := cleaning.NewMemoryClients()
		known, err := normalizer.Normalize(s.Contacts()[0].Phones[0])
		require.NoError(t, err)
		_, err = cleaning.ImportClient(t.Context(), store, &cleaning.ClientFile{}, cleaning.ClientRecord{
			ExternalID: cleaning.ExternalID{Source: "crm", ID: "1"}, Phone: known, FirstName: new("Ольга"),
		})
		require.NoError(t, err)
		run := func() (created, unchanged int) {
			file := &cleaning.ClientFile{}
			for r, err := range remonline.ClientRecords(t.Context(), c, time.Time{}) {
				require.NoError(t, err)
				r.Phone, err = normalizer.Normalize(r.Phone.Raw)
				require.NoError(t, err)
				decision, err := cleaning.ImportClient(t.Context(), store, file, r)
				require.NoError(t, err)
				if decision.Action == cleaning.MatchCreate {
					created++
				}
				if decision.Unchanged() {
					unchanged++
				}
			}
			return created, unchanged
		}
		created, _ := run()
		require.Equal(t, len(s.Contacts())-1, created, "one was known by phone")
		require.Len(t, store.All(), len(s.Contacts()))
		created, unchanged := run()
		require.Equal(t, []int{0, len(s.Contacts())}, []int{created, unchanged})
		_, ok := store.Client(cleaning.ExternalID{Source: "remonline", ID: id(s.Contacts()[3].ID)})
		require.True(t, ok)

		records, _, err := pms.Collect(remonline.ClientRecords(t.Context(), c, time.Now()))
		require.NoError(t, err)
		require.Empty(t, records, "nobody changed since")
	})
}
