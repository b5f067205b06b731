package cleaning_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	phoneA = "+79035550101" // the phone of client A
	phoneB = "+79035550102" // the phone of client B
	phoneC = "+79035550103"
	phoneN = "+79035550199" // the phone of nobody
)

func extID(id string) cleaning.ExternalID { return cleaning.ExternalID{Source: "1c", ID: id} }

// clientA is Vera with the external id E1, clientB is Anna with E2, and neither
// has been online.
func clientA() *cleaning.ExistingClient {
	return &cleaning.ExistingClient{
		ID: "A", Revision: 1, Phone: phoneA,
		IDs: []cleaning.ClientID{{ExternalID: extID("E1")}},
		ClientDetails: cleaning.ClientDetails{
			Kind: cleaning.ClientPerson, LastName: "Орлова", FirstName: "Вера", Email: "vera@example.com",
		},
		Places:   []cleaning.PlaceLink{{Place: extID("P-1"), Role: cleaning.RoleOwner, Share: "1/2"}},
		Accounts: []cleaning.ExternalID{extID("L-1")},
	}
}

func clientB() *cleaning.ExistingClient {
	return &cleaning.ExistingClient{
		ID: "B", Revision: 2, Phone: phoneB, FormerPhones: []string{phoneC},
		IDs: []cleaning.ClientID{{ExternalID: extID("E2"), Digest: "known"}},
		ClientDetails: cleaning.ClientDetails{
			Kind: cleaning.ClientPerson, LastName: "Сухова", FirstName: "Анна", MiddleName: "Ильинична", Email: "anna@example.com", TaxID: "770000000000",
		},
		Places:   []cleaning.PlaceLink{{Place: extID("P-1"), Role: cleaning.RoleTenant}, {Place: extID("P-2"), Role: cleaning.RoleOwner}},
		Accounts: []cleaning.ExternalID{extID("L-1"), extID("L-2")},
	}
}

func online(c *cleaning.ExistingClient) *cleaning.ExistingClient {
	c.Online = true
	return c
}

func clientCards(cards ...*cleaning.ExistingClient) []*cleaning.ExistingClient { return cards }

// vera is a record of E1 with another e-mail.
func vera(e164 string) cleaning.ClientRecord {
	return clientRecord("E1", e164)
}

func clientRecord(id, e164 string) cleaning.ClientRecord {
	return cleaning.ClientRecord{
		ExternalID: extID(id), Phone: cleaning.Phone{Raw: e164, E164: e164},
		LastName: new("Орлова"), FirstName: new("Вера"), Email: new("orlova@example.com"),
	}
}

func fileWith(records ...cleaning.ClientRecord) *cleaning.ClientFile {
	var file cleaning.ClientFile
	for _, r := range records {
		file.Add(r)
	}
	return &file
}

// Every row of the rules, and every question that they leave open.
func TestMatchClient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		record   cleaning.ClientRecord
		view     cleaning.ClientView
		action   cleaning.MatchAction
		rule     cleaning.MatchRule
		code     cleaning.RejectCode
		changed  []cleaning.ClientField
		warnings []cleaning.MatchWarning
	}{
		{
			name:   "1: id and phone match",
			record: vera(phoneA), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientA())},
			action: cleaning.MatchUpdate, rule: cleaning.Rule1,
			changed: []cleaning.ClientField{cleaning.ClientFieldDigest, cleaning.ClientFieldEmail},
		},
		{
			name:   "1: another client has the phone too",
			record: vera(phoneA), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientA(), online(clientB())), PhoneElsewhere: true},
			action: cleaning.MatchUpdate, rule: cleaning.Rule1,
			changed: []cleaning.ClientField{cleaning.ClientFieldDigest, cleaning.ClientFieldEmail},
		},
		{
			name:   "2a: the phone is new",
			record: vera(phoneN), view: cleaning.ClientView{Owner: clientA()},
			action: cleaning.MatchUpdatePhone, rule: cleaning.Rule2a,
			changed: []cleaning.ClientField{
				cleaning.ClientFieldDigest, cleaning.ClientFieldPhone, cleaning.ClientFieldFormerPhones, cleaning.ClientFieldEmail,
			},
		},
		{
			name:   "2a: the phone is new and the client has been online",
			record: vera(phoneN), view: cleaning.ClientView{Owner: online(clientA())},
			action: cleaning.MatchUpdatePhone, rule: cleaning.Rule2a,
			changed: []cleaning.ClientField{
				cleaning.ClientFieldDigest, cleaning.ClientFieldPhone, cleaning.ClientFieldFormerPhones, cleaning.ClientFieldEmail,
			},
		},
		{
			name:   "2a: the phone was once the client's own",
			record: vera(phoneN), view: cleaning.ClientView{Owner: clientA(), Former: clientCards(clientA())},
			action: cleaning.MatchUpdatePhone, rule: cleaning.Rule2a,
			changed: []cleaning.ClientField{
				cleaning.ClientFieldDigest, cleaning.ClientFieldPhone, cleaning.ClientFieldFormerPhones, cleaning.ClientFieldEmail,
			},
		},
		{
			name:   "2b: a client who has been online has the phone",
			record: vera(phoneB), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(online(clientB()))},
			action: cleaning.MatchReject, rule: cleaning.Rule2b, code: cleaning.RejectPhoneLocked,
		},
		{
			name:   "2b: one of several who have the phone has been online",
			record: vera(phoneB),
			view:   cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientB(), &cleaning.ExistingClient{ID: "C", Online: true})},
			action: cleaning.MatchReject, rule: cleaning.Rule2b, code: cleaning.RejectPhoneLocked,
		},
		{
			name:   "2b: another client once had the phone",
			record: vera(phoneC), view: cleaning.ClientView{Owner: clientA(), Former: clientCards(clientB())},
			action: cleaning.MatchReject, rule: cleaning.Rule2b, code: cleaning.RejectPhoneLocked,
		},
		{
			name:   "2b: one never online has the phone and a third client once had it",
			record: vera(phoneB),
			view: cleaning.ClientView{
				Owner: clientA(), Holders: clientCards(clientB()), Former: clientCards(&cleaning.ExistingClient{ID: "C"}),
			},
			action: cleaning.MatchReject, rule: cleaning.Rule2b, code: cleaning.RejectPhoneLocked,
		},
		{
			name:   "2c: the phone is in another organisation",
			record: vera(phoneN), view: cleaning.ClientView{Owner: clientA(), PhoneElsewhere: true},
			action: cleaning.MatchReject, rule: cleaning.Rule2c, code: cleaning.RejectPhoneElsewhere,
		},
		{
			name:   "2c goes before 2d: in another organisation, and here with one never online",
			record: vera(phoneB), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientB()), PhoneElsewhere: true},
			action: cleaning.MatchReject, rule: cleaning.Rule2c, code: cleaning.RejectPhoneElsewhere,
		},
		{
			name:   "2c goes before 2b",
			record: vera(phoneB), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(online(clientB())), PhoneElsewhere: true},
			action: cleaning.MatchReject, rule: cleaning.Rule2c, code: cleaning.RejectPhoneElsewhere,
		},
		{
			name:   "2d: a client never online has the phone",
			record: vera(phoneB), view: cleaning.ClientView{Owner: online(clientA()), Holders: clientCards(clientB())},
			action: cleaning.MatchMerge, rule: cleaning.Rule2d,
			changed: []cleaning.ClientField{
				cleaning.ClientFieldIDs, cleaning.ClientFieldPhone, cleaning.ClientFieldFormerPhones, cleaning.ClientFieldTaxID,
				cleaning.ClientFieldEmail, cleaning.ClientFieldPlaces, cleaning.ClientFieldAccounts,
			},
		},
		{
			name:   "2d: the only others who had the phone are merged, or the client's own",
			record: vera(phoneB),
			view: cleaning.ClientView{
				Owner: clientA(), Holders: clientCards(clientB()), Former: clientCards(clientA(), clientB()),
			},
			action: cleaning.MatchMerge, rule: cleaning.Rule2d,
			changed: []cleaning.ClientField{
				cleaning.ClientFieldIDs, cleaning.ClientFieldPhone, cleaning.ClientFieldFormerPhones, cleaning.ClientFieldTaxID,
				cleaning.ClientFieldEmail, cleaning.ClientFieldPlaces, cleaning.ClientFieldAccounts,
			},
		},
		{
			name:   "3: the id is unknown and the phone is a client's",
			record: cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "kvado", ID: "7"}, Phone: cleaning.Phone{Raw: phoneB, E164: phoneB}},
			view:   cleaning.ClientView{Holders: clientCards(online(clientB())), PhoneElsewhere: true},
			action: cleaning.MatchAddExternalID, rule: cleaning.Rule3,
			changed: []cleaning.ClientField{cleaning.ClientFieldIDs},
		},
		{
			name:   "3: the client has other names and an id of the same source",
			record: clientRecord("E9", phoneB), view: cleaning.ClientView{Holders: clientCards(clientB())},
			action: cleaning.MatchAddExternalID, rule: cleaning.Rule3,
			changed: []cleaning.ClientField{cleaning.ClientFieldIDs},
			warnings: []cleaning.MatchWarning{
				{Kind: cleaning.WarnNamesDiffer, Fields: []cleaning.ClientField{cleaning.ClientFieldLastName, cleaning.ClientFieldFirstName}},
				{Kind: cleaning.WarnSameSource},
			},
		},
		{
			name:   "3: two ids of a file share a phone",
			record: clientRecord("E9", phoneA),
			view:   cleaning.ClientView{Holders: clientCards(clientA()), File: fileWith(vera(phoneA))},
			action: cleaning.MatchAddExternalID, rule: cleaning.Rule3,
			changed:  []cleaning.ClientField{cleaning.ClientFieldIDs},
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnSameSource}, {Kind: cleaning.WarnSharedPhone}},
		},
		{
			name:   "3: several clients have the phone",
			record: clientRecord("E9", phoneA), view: cleaning.ClientView{Holders: clientCards(clientA(), clientB())},
			action: cleaning.MatchReject, rule: cleaning.Rule3, code: cleaning.RejectPhoneAmbiguous,
		},
		{
			name:   "4: neither is known",
			record: clientRecord("E9", phoneN),
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
		},
		{
			name:   "4: the phone is known in another organisation only",
			record: clientRecord("E9", phoneN), view: cleaning.ClientView{PhoneElsewhere: true},
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
		},
		{
			name:   "4: another client once had the phone",
			record: clientRecord("E9", phoneC), view: cleaning.ClientView{Former: clientCards(clientB())},
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnFormerPhone}},
		},
		{
			name:   "4: the phone is a landline that was corrected",
			record: cleaning.ClientRecord{ExternalID: extID("E9"), Phone: cleaning.Phone{Raw: "x", E164: phoneN, Corrected: true, NoMessages: true}},
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnPhoneCorrected}, {Kind: cleaning.WarnNoMessages}},
		},
		{
			name:   "no phone, the id is known",
			record: vera(""), view: cleaning.ClientView{Owner: clientA()},
			action: cleaning.MatchUpdate, rule: cleaning.Rule1,
			changed: []cleaning.ClientField{cleaning.ClientFieldDigest, cleaning.ClientFieldEmail},
		},
		{
			name:   "no phone, the id is unknown",
			record: clientRecord("E9", ""),
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnNoPhone}},
		},
		{
			name:   "a blank phone is no phone",
			record: cleaning.ClientRecord{ExternalID: extID("E9"), Phone: cleaning.Phone{Raw: "  "}},
			action: cleaning.MatchCreate, rule: cleaning.Rule4,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnNoPhone}},
		},
		{
			name:   "the stored client has no phone yet",
			record: vera(phoneN), view: cleaning.ClientView{Owner: &cleaning.ExistingClient{ID: "A", IDs: clientA().IDs, ClientDetails: clientA().ClientDetails}},
			action: cleaning.MatchUpdatePhone, rule: cleaning.Rule2a,
			changed: []cleaning.ClientField{cleaning.ClientFieldDigest, cleaning.ClientFieldPhone, cleaning.ClientFieldEmail},
		},
		{
			name:   "bad phone, the id is known",
			record: cleaning.ClientRecord{ExternalID: extID("E1"), Phone: cleaning.Phone{Raw: "12345"}}, view: cleaning.ClientView{Owner: clientA()},
			action: cleaning.MatchReject, code: cleaning.RejectBadPhone,
		},
		{
			name:   "bad phone, the id is unknown",
			record: cleaning.ClientRecord{ExternalID: extID("E9"), Phone: cleaning.Phone{Raw: "12345"}},
			action: cleaning.MatchReject, code: cleaning.RejectBadPhone,
		},
		{
			name:   "no external id",
			record: clientRecord(" ", phoneA), view: cleaning.ClientView{Holders: clientCards(clientA())},
			action: cleaning.MatchReject, code: cleaning.RejectNoID,
		},
		{
			name:   "no source",
			record: cleaning.ClientRecord{ExternalID: cleaning.ExternalID{ID: "17"}},
			action: cleaning.MatchReject, code: cleaning.RejectNoID,
		},
		{
			name:   "a source with a colon",
			record: cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "a:b", ID: "17"}},
			action: cleaning.MatchReject, code: cleaning.RejectNoID,
		},
		{
			name:   "the id twice in a file, another phone",
			record: vera(phoneN), view: cleaning.ClientView{Owner: clientA(), File: fileWith(vera(phoneA))},
			action: cleaning.MatchReject, code: cleaning.RejectRepeatedID,
		},
		{
			name:   "the id twice in a file, other data",
			record: vera(phoneA), view: cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientA()), File: fileWith(vera(phoneA))},
			action: cleaning.MatchUpdate, rule: cleaning.Rule1,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnRepeatDiffers}},
		},
		{
			name:   "the id twice in a file, the second time without phone",
			record: vera(""), view: cleaning.ClientView{Owner: clientA(), File: fileWith(vera(phoneA))},
			action: cleaning.MatchUpdate, rule: cleaning.Rule1,
			warnings: []cleaning.MatchWarning{{Kind: cleaning.WarnRepeatDiffers}},
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := cleaning.MatchClient(tc.record, tc.view)
			assert.Equal(t, tc.action, d.Action)
			assert.Equal(t, tc.rule, d.Rule)
			assert.Equal(t, tc.changed, d.Changed)
			assert.Equal(t, tc.warnings, d.Warnings)
			if tc.code != "" {
				assert.Equal(t, &cleaning.MatchError{Code: tc.code, ExternalID: tc.record.ExternalID}, d.Rejected)
				assert.Empty(t, d.Client)
			} else {
				assert.Nil(t, d.Rejected)
			}
		})
	}
}

func TestMatchClientOverwrites(t *testing.T) {
	t.Parallel()
	record := cleaning.ClientRecord{
		ExternalID: extID("E2"), Phone: cleaning.Phone{E164: phoneB}, Kind: cleaning.ClientCompany,
		CompanyName: new("ООО Ромашка"), FirstName: new(""), MiddleName: new(" "), Email: new(""),
		BirthDate: &pms.Date{Year: 1990, Month: 5, Day: 1},
		Places: []cleaning.PlaceLink{
			{Place: extID("P-1"), Role: cleaning.RoleResident}, {Place: extID("P-2"), Share: "1/3"}, {Place: extID("P-3")},
		},
	}
	owner := clientB()
	owner.Places[0].Share = "1/4"
	stored := *owner
	stored.Places = slices.Clone(owner.Places)
	d := cleaning.MatchClient(record, cleaning.ClientView{Owner: owner})
	assert.Equal(t, cleaning.ClientDetails{
		Kind: cleaning.ClientCompany, LastName: "Сухова", FirstName: "Анна", MiddleName: "Ильинична", CompanyName: "ООО Ромашка",
		TaxID: "770000000000", BirthDate: pms.Date{Year: 1990, Month: 5, Day: 1},
	}, d.Client.ClientDetails, "absent fields and names stay, empty ones are cleared")
	assert.Equal(t, []cleaning.PlaceLink{
		{Place: extID("P-1"), Role: cleaning.RoleResident, Share: "1/4"},
		{Place: extID("P-2"), Role: cleaning.RoleOwner, Share: "1/3"},
		{Place: extID("P-3")},
	}, d.Client.Places)
	assert.Equal(t, stored, *owner, "the stored card is only read")
}

func TestMatchClientPhoneHistory(t *testing.T) {
	t.Parallel()
	owner := clientA()
	owner.FormerPhones = []string{phoneC, phoneN}
	d := cleaning.MatchClient(vera(phoneN), cleaning.ClientView{Owner: owner, Former: clientCards(owner)})
	assert.Equal(t, phoneN, d.Client.Phone)
	assert.Equal(t, []string{phoneC, phoneA}, d.Client.FormerPhones, "the phone is not a former one, the one before is")
	assert.Equal(t, []string{phoneC, phoneN}, owner.FormerPhones, "the stored card is only read")
}

func TestMatchClientCreate(t *testing.T) {
	t.Parallel()
	record := clientRecord("E9", phoneN)
	record.Places = []cleaning.PlaceLink{{Place: extID("P-1")}, {Place: extID("P-1"), Role: cleaning.RoleTenant}}
	d := cleaning.MatchClient(record, cleaning.ClientView{})
	require.Len(t, d.Client.IDs, 1)
	assert.NotEmpty(t, d.Client.IDs[0].Digest)
	d.Client.IDs[0].Digest = ""
	assert.Equal(t, cleaning.ExistingClient{
		IDs: []cleaning.ClientID{{ExternalID: extID("E9")}}, Phone: phoneN,
		ClientDetails: cleaning.ClientDetails{
			Kind: cleaning.ClientPerson, LastName: "Орлова", FirstName: "Вера", Email: "orlova@example.com",
		},
		Places: []cleaning.PlaceLink{{Place: extID("P-1"), Role: cleaning.RoleTenant}},
	}, d.Client)
}

func TestMatchClientAddsOnlyTheIDAndPremises(t *testing.T) {
	t.Parallel()
	record := clientRecord("E9", phoneB)
	record.Places = []cleaning.PlaceLink{{Place: extID("P-9"), Role: cleaning.RoleTenant}}
	d := cleaning.MatchClient(record, cleaning.ClientView{Holders: clientCards(clientB())})
	want := clientB()
	want.IDs = append(want.IDs, d.Client.IDs[1])
	want.Places = append(want.Places, record.Places...)
	assert.Equal(t, *want, d.Client)
	assert.Equal(t, extID("E9"), d.Client.IDs[1].ExternalID)
}

func TestMatchClientMerge(t *testing.T) {
	t.Parallel()
	a, b := online(clientA()), clientB()
	d := cleaning.MatchClient(vera(phoneB), cleaning.ClientView{Owner: a, Holders: clientCards(b)})
	require.Len(t, d.Client.IDs, 2)
	assert.Equal(t, cleaning.ExistingClient{
		ID: "A", Revision: 1, Online: true, Phone: phoneB, FormerPhones: []string{phoneC, phoneA},
		IDs: []cleaning.ClientID{{ExternalID: extID("E1"), Digest: d.Client.IDs[0].Digest}, {ExternalID: extID("E2"), Digest: "known"}},
		ClientDetails: cleaning.ClientDetails{
			Kind: cleaning.ClientPerson, LastName: "Орлова", FirstName: "Вера", Email: "orlova@example.com", TaxID: "770000000000",
		},
		Places: []cleaning.PlaceLink{
			{Place: extID("P-1"), Role: cleaning.RoleOwner, Share: "1/2"}, {Place: extID("P-2"), Role: cleaning.RoleOwner},
		},
		Accounts: []cleaning.ExternalID{extID("L-1"), extID("L-2")},
	}, d.Client, "the record, then the survivor, then the other; names of one person only")
	assert.Equal(t, clientCards(clientB()), d.Absorbed)
	assert.Equal(t, online(clientA()), a, "the stored cards are only read")
}

func TestMatchClientMergesSeveral(t *testing.T) {
	t.Parallel()
	c := &cleaning.ExistingClient{ID: "C", Phone: phoneB, IDs: []cleaning.ClientID{{ExternalID: extID("E3")}}}
	one := cleaning.MatchClient(vera(phoneB), cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientB(), c)})
	other := cleaning.MatchClient(vera(phoneB), cleaning.ClientView{Owner: clientA(), Holders: clientCards(c, clientB())})
	assert.Equal(t, one, other, "the order of the view does not matter")
	assert.Equal(t, cleaning.MatchMerge, one.Action)
	for _, id := range []string{"E1", "E2", "E3"} {
		assert.True(t, one.Client.Has(extID(id)))
	}
}

// A record that was taken changes nothing when it comes again, whatever has
// become of the card.
func TestMatchClientTakesARecordOnce(t *testing.T) {
	t.Parallel()
	record := vera(phoneA)
	first := cleaning.MatchClient(record, cleaning.ClientView{Owner: clientA(), Holders: clientCards(clientA())})
	card := first.Client
	card.Phone, card.Email = phoneN, "edited@example.com"
	again := cleaning.MatchClient(record, cleaning.ClientView{Owner: &card, PhoneElsewhere: true})
	assert.True(t, again.Unchanged())
	assert.Equal(t, card, again.Client)

	repeated := cleaning.MatchClient(record, cleaning.ClientView{Owner: &card, File: fileWith(record)})
	assert.True(t, repeated.Unchanged())
	assert.Equal(t, []cleaning.MatchWarning{{Kind: cleaning.WarnRepeatedID}}, repeated.Warnings)

	card.IDs[0].Digest = ""
	forced := cleaning.MatchClient(record, cleaning.ClientView{Owner: &card})
	assert.Equal(t, "orlova@example.com", forced.Client.Email, "a host that empties the digest has the record taken in full")
}

func TestMatchErrorTexts(t *testing.T) {
	t.Parallel()
	err := &cleaning.MatchError{Code: cleaning.RejectPhoneLocked, ExternalID: extID("E1")}
	require.EqualError(t, err, "client 1c:E1: phone_locked_logged_in: "+
		"Невозможно изменить номер телефона, так как клиент уже выполнил вход в личный кабинет")
	assert.Equal(t, "Невозможно изменить номер телефона клиента, так как он зарегистрирован в нескольких организациях",
		cleaning.RejectPhoneElsewhere.Text())
	seen := map[string]bool{}
	for _, code := range []cleaning.RejectCode{
		cleaning.RejectPhoneLocked, cleaning.RejectPhoneElsewhere, cleaning.RejectPhoneAmbiguous,
		cleaning.RejectBadPhone, cleaning.RejectNoID, cleaning.RejectRepeatedID,
	} {
		assert.NotEqual(t, string(code), code.Text(), "every code has a text")
		assert.False(t, seen[code.Text()])
		seen[code.Text()] = true
	}
}

func TestExternalIDOfAnotherSystem(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "remonline:17", cleaning.ExternalID{Source: "remonline", ID: "17"}.String())
}
