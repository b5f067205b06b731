package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/crmimport/ftpsource"
	"github.com/changeover-sdk/changeover/crmimport/ftptest"
)

// startServer is the organisation's FTP server with its three files.
func startServer(ctx context.Context) (*ftptest.Server, error) {
	server := &ftptest.Server{User: "uo-7", Password: "only-on-loopback"}
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	server.Put("/1c/clients.xml", mainFile())
	server.Put("/rent/clients.xml", rentFile())
	server.Put("/parking/clients.xml", parkingFile(false))
	return server, nil
}

func ftpSource(server *ftptest.Server) (*ftpsource.Source, error) {
	return ftpsource.New(ftpsource.Config{
		Host: "127.0.0.1", Port: server.Port(), User: server.User, Password: server.Password,
		AllowPrivateAddresses: true, // the server is in the process
	})
}

// storedClients is the CRM. Anna is there twice: known to the parking by an old
// phone, and by a card of her own that she has never logged in to. Pavel is known
// to the parking. Igor uses the app.
func storedClients() (*crmimport.MemoryStore, error) {
	store := crmimport.NewMemoryStore()
	for _, card := range []struct{ id, last, first, phone string }{
		{"77", "Ким", "", "+79035550104"},
		{"", "", "Анна", "+79035550105"},
		{"78", "Серов", "", "+79035550106"},
		{"", "Белов", "Игорь", "+79035550109"},
	} {
		client := cleaning.ExistingClient{
			Phone: card.phone, Online: card.first == "Игорь",
			ClientDetails: cleaning.ClientDetails{Kind: cleaning.ClientPerson, LastName: card.last, FirstName: card.first},
		}
		if card.id != "" {
			client.IDs = []cleaning.ClientID{{ExternalID: cleaning.ExternalID{Source: "parking", ID: card.id}}}
		}
		if _, err := store.Put(client); err != nil {
			return nil, err
		}
	}
	return store, nil
}

// mainFile is the export of the main accounting system: premises, clients and
// personal accounts.
func mainFile() ftptest.File {
	return ftptest.File{Data: []byte(`<?xml version="1.0" encoding="UTF-8"?>
<import version="1" source="1c-main" generatedAt="2026-03-01T02:40:00+03:00">
  <places>
    <place extId="P-12"><address>Тверь, ул. Лесная, д. 4</address><number>12</number><floor>3</floor><totalArea>54.30</totalArea></place>
    <place extId="P-13"><address>Тверь, ул. Лесная, д. 4</address><number>13</number><floor>3</floor><totalArea>38.10</totalArea></place>
  </places>
  <clients>
    <client extId="C-501">
      <lastName>Орлова</lastName><firstName>Вера</firstName><middleName>Павловна</middleName>
      <phoneNumber>8 (903) 555-01-02</phoneNumber><email>vera@example.com</email>
      <place extId="P-12" role="owner" share="1/2"/>
    </client>
    <client extId="C-502" kind="company">
      <companyName>ООО Ромашка</companyName><inn>7700000000</inn><phoneNumber>+7 903 555-01-03</phoneNumber>
      <place extId="P-13" role="tenant"/>
    </client>
    <client extId="C-503">
      <lastName>Ким</lastName><firstName>Анна</firstName><phoneNumber>+7 903 555 01 05</phoneNumber>
      <place extId="P-12" role="owner" share="1/2"/>
    </client>
  </clients>
  <accounts>
    <account extId="A-1"><number>0040012</number><placeExtId>P-12</placeExtId><clientExtId>C-501</clientExtId><clientExtId>C-503</clientExtId></account>
  </accounts>
</import>
`)}
}

// rentFile is the export of an old program in windows-1251. It knows Vera and
// Pavel by ids of its own; their phones say who they are.
func rentFile() ftptest.File {
	return ftptest.File{Data: windows1251(`<?xml version="1.0" encoding="windows-1251"?>
<import version="1" source="rent">
  <clients>
    <client extId="17"><lastName>Орлова</lastName><firstName>Вера</firstName><phoneNumber>79035550102</phoneNumber></client>
    <client extId="18"><lastName>Серов</lastName><firstName>Павел</firstName><phoneNumber>8-903-555-01-06</phoneNumber></client>
  </clients>
</import>
`)}
}

// parkingFile is the export of the parking. Anna's phone is new to it and makes
// her two cards one. Pavel's is Igor's, by mistake, until the file is put right.
func parkingFile(right bool) ftptest.File {
	pavel := "+7 903 555-01-09"
	if right {
		pavel = "+7 903 555-01-06"
	}
	return ftptest.File{Data: fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<import version="1" source="parking">
  <places>
    <place extId="M-7" type="parking"><number>7</number></place>
  </places>
  <clients>
    <client extId="77"><lastName>Ким</lastName><firstName>Анна</firstName><phoneNumber>89035550105</phoneNumber><place extId="M-7" role="tenant"/></client>
    <client extId="78"><lastName>Серов</lastName><phoneNumber>%s</phoneNumber></client>
    <client extId="79"><lastName>Новик</lastName><firstName>Пётр</firstName><phoneNumber>+7 903 555-01-08</phoneNumber></client>
  </clients>
</import>
`, pavel)}
}

// windows1251 encodes Latin and Cyrillic letters.
func windows1251(text string) []byte {
	var out []byte
	for _, r := range text {
		switch {
		case r >= 'А' && r <= 'я':
			out = append(out, byte(0xC0+r-'А'))
		default:
			out = append(out, string(r)...) // Latin, as it is
		}
	}
	return out
}

// mail prints a report as an e-mail would read, and writes that of a run that
// stopped as a page. A host sends Text and HTML by SMTP.
type mail struct {
	out  interface{ Write(p []byte) (int, error) }
	path string
}

// Notify implements [crmimport.Notifier].
func (m *mail) Notify(_ context.Context, report crmimport.Report) error {
	text := fmt.Sprintf("To: %s\nSubject: %s\n\n%s", report.Email, report.Subject(), report.Text())
	if _, err := fmt.Fprintf(m.out, "  | %s\n", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  | ")); err != nil {
		return err
	}
	if report.Error == nil || m.path == "" {
		return nil
	}
	return writeFile(m.path, report.HTML())
}
