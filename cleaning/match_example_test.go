package cleaning_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/changeover-sdk/changeover/cleaning"
	e164 "github.com/changeover-sdk/changeover/cleaning/phone"
)

// Two systems feed one CRM: the second one's client is the first one's, by phone.
// A client who has logged in keeps the phone.
func ExampleImportClient() {
	ctx := context.Background()
	phones, err := e164.New("RU")
	if err != nil {
		fmt.Println(err)
		return
	}
	store := cleaning.NewMemoryClients()
	if _, err := store.Put(cleaning.ExistingClient{ID: "9", Phone: "+79035550109", Online: true}); err != nil {
		fmt.Println(err)
		return
	}

	var file cleaning.ClientFile
	for _, row := range []struct{ source, id, phone, name string }{
		{"1c-main", "C-501", "8 (903) 555-01-02", "Вера"},
		{"remonline", "17", "+7 903 555-01-02", "Вера Орлова"},
		{"1c-old", "C-501", "тел. 9035550177", "Анна"},
	} {
		record := cleaning.ClientRecord{
			ExternalID: cleaning.ExternalID{Source: row.source, ID: row.id},
			FirstName:  new(row.name),
		}
		// A phone that cannot be used is refused by the rules.
		record.Phone, _ = phones.Normalize(row.phone)
		d, err := cleaning.ImportClient(ctx, store, &file, record)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s by rule %s\n", record.ExternalID, d.Action, d.Rule)
		for _, w := range d.Warnings {
			fmt.Println("  warning:", w.Kind, w.Fields)
		}
	}

	changed := cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "1c-main", ID: "C-501"}}
	changed.Phone, _ = phones.Normalize("8 903 555-01-09")
	_, err = cleaning.ImportClient(ctx, store, nil, changed)
	var rejected *cleaning.MatchError
	if errors.As(err, &rejected) {
		fmt.Println(rejected.Code)
	}

	// Output:
	// 1c-main:C-501: create by rule 4
	// remonline:17: add_external_id by rule 3
	//   warning: names_differ [firstName]
	//   warning: shared_phone []
	// 1c-old:C-501: create by rule 4
	// phone_locked_logged_in
}
