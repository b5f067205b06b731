package cleaning

import (
	"slices"
	"strings"
)

// MatchClient decides what becomes of an imported client. It compares the
// external id and the phone of the record with those of the organisation's
// clients, by the rules of the CRM's user guide (help.domyland.ru, "places and
// clients"), named as [MatchRule]:
//
//	            phone is the id's client's own, or none       1   update
//	            phone is in another organisation              2c  reject
//	id known    phone is held by clients never online         2d  merge
//	            phone is or was another client's              2b  reject
//	            phone is new, or was once the client's own    2a  update the phone
//	id unknown  phone is a client's                           3   add the id to the card
//	            phone is nobody's, or none                    4   create
//
// Rows are tried from top to bottom. What the guide leaves open is decided so:
//
//   - An error can be undone, a merge cannot: 2c goes before 2d, and 2d asks that
//     no client beyond those to be merged has ever had the phone.
//   - The login that 2b speaks of is that of the client who has the phone.
//   - The owner of the record's id survives a merge. Names and other details come
//     from the record, then from the survivor, then from the others. Ids, former
//     phones, premises and accounts are united.
//   - Rule 3 adds the id and the premises of the record, and no other data. If
//     several clients have the phone, the record is refused.
//   - A phone that is only known in another organisation, or that a client had
//     once, does not stop rule 4.
//   - A record without phone keeps the stored one. An unusable phone, a missing
//     id or source and an id that comes twice in a file with two phones are
//     refused. An id that comes twice in a file otherwise is taken once.
//   - A record that says what it said when it was last taken changes nothing, see
//     [ClientID].
func MatchClient(r ClientRecord, v ClientView) Decision {
	m := matcher{record: &r, view: &v}
	d := m.decide()
	if d.Action != MatchReject {
		d.Warnings = append(d.Warnings, phoneWarnings(&r.Phone)...)
	}
	return d
}

type matcher struct {
	record *ClientRecord
	view   *ClientView
	digest digest // of the record, once it is found usable
}

func (m *matcher) signed() ClientID {
	return ClientID{ExternalID: m.record.ExternalID, Digest: string(m.digest[:])}
}

func (m *matcher) decide() Decision {
	id, phone := m.record.ExternalID, &m.record.Phone
	if !id.valid() {
		return m.reject("", RejectNoID)
	}
	if phone.E164 == "" && !blank(phone.Raw) {
		return m.reject("", RejectBadPhone)
	}
	repeated, otherPhone := m.view.File.repeats(id, phone.E164)
	if otherPhone {
		return m.reject("", RejectRepeatedID)
	}
	m.digest = m.record.digest()
	if m.view.Owner == nil {
		return m.unknown()
	}
	return m.known(repeated)
}

// known decides about a record whose id somebody has.
func (m *matcher) known(repeated bool) Decision {
	owner, phone := m.view.Owner, m.record.Phone.E164
	same := owner.taken(m.record.ExternalID) == string(m.digest[:])
	if repeated {
		return m.keep(repeatWarning(same))
	}
	if same {
		return m.keep()
	}
	if phone == "" || phone == owner.Phone {
		return m.update(MatchUpdate, Rule1)
	}
	if m.view.PhoneElsewhere {
		return m.reject(Rule2c, RejectPhoneElsewhere)
	}
	holders, former := others(m.view.Holders, owner), others(m.view.Former, owner)
	if len(holders) > 0 && !anyOnline(holders) && len(without(former, holders)) == 0 {
		return m.merge(holders)
	}
	if len(holders) > 0 || len(former) > 0 {
		return m.reject(Rule2b, RejectPhoneLocked)
	}
	return m.update(MatchUpdatePhone, Rule2a)
}

// unknown decides about a record whose id nobody has.
func (m *matcher) unknown() Decision {
	switch holders := m.view.Holders; {
	case m.record.Phone.E164 == "":
		return m.create(MatchWarning{Kind: WarnNoPhone})
	case len(holders) > 1:
		return m.reject(Rule3, RejectPhoneAmbiguous)
	case len(holders) == 1:
		return m.addID(holders[0])
	case len(m.view.Former) > 0:
		return m.create(MatchWarning{Kind: WarnFormerPhone})
	default:
		return m.create()
	}
}

func (m *matcher) reject(rule MatchRule, code RejectCode) Decision {
	rejected := &MatchError{Code: code, ExternalID: m.record.ExternalID}
	return Decision{Action: MatchReject, Rule: rule, Rejected: rejected}
}

func (m *matcher) keep(warnings ...MatchWarning) Decision {
	return Decision{Action: MatchUpdate, Rule: Rule1, Client: *m.view.Owner, Warnings: warnings}
}

func (m *matcher) create(warnings ...MatchWarning) Decision {
	card := ExistingClient{Phone: m.record.Phone.E164}
	card.Kind = ClientPerson
	card.sign(m.signed())
	m.record.overwrite(&card.ClientDetails)
	card.Places = addPlaces(nil, m.record.Places)
	return Decision{Action: MatchCreate, Rule: Rule4, Client: card, Warnings: warnings}
}

func (m *matcher) update(action MatchAction, rule MatchRule) Decision {
	card := *m.view.Owner
	card.setPhone(m.record.Phone.E164)
	return m.take(action, rule, card)
}

func (m *matcher) merge(absorbed []*ExistingClient) Decision {
	absorbed = slices.SortedFunc(slices.Values(absorbed), func(a, b *ExistingClient) int {
		return strings.Compare(a.ID, b.ID)
	})
	card := *m.view.Owner
	for _, other := range absorbed {
		card.absorb(other)
	}
	card.setPhone(m.record.Phone.E164)
	d := m.take(MatchMerge, Rule2d, card)
	d.Absorbed = absorbed
	return d
}

// take overwrites the card of the record's client with what the record says.
func (m *matcher) take(action MatchAction, rule MatchRule, card ExistingClient) Decision {
	card.sign(m.signed())
	m.record.overwrite(&card.ClientDetails)
	card.Places = addPlaces(card.Places, m.record.Places)
	return Decision{Action: action, Rule: rule, Client: card, Changed: differing(m.view.Owner, &card)}
}

func (m *matcher) addID(holder *ExistingClient) Decision {
	var warnings []MatchWarning
	if names := m.record.otherNames(&holder.ClientDetails); len(names) > 0 {
		warnings = append(warnings, MatchWarning{Kind: WarnNamesDiffer, Fields: names})
	}
	source := m.record.ExternalID.Source
	if slices.ContainsFunc(holder.IDs, func(id ClientID) bool { return id.Source == source }) {
		warnings = append(warnings, MatchWarning{Kind: WarnSameSource})
	}
	if m.view.File.gave(holder) {
		warnings = append(warnings, MatchWarning{Kind: WarnSharedPhone})
	}
	card := *holder
	card.sign(m.signed())
	card.Places = addPlaces(card.Places, m.record.Places)
	return Decision{
		Action: MatchAddExternalID, Rule: Rule3, Client: card,
		Changed: differing(holder, &card), Warnings: warnings,
	}
}

func repeatWarning(same bool) MatchWarning {
	if same {
		return MatchWarning{Kind: WarnRepeatedID}
	}
	return MatchWarning{Kind: WarnRepeatDiffers}
}

func phoneWarnings(p *Phone) []MatchWarning {
	var warnings []MatchWarning
	if p.Corrected {
		warnings = append(warnings, MatchWarning{Kind: WarnPhoneCorrected})
	}
	if p.NoMessages {
		warnings = append(warnings, MatchWarning{Kind: WarnNoMessages})
	}
	return warnings
}

func others(clients []*ExistingClient, owner *ExistingClient) []*ExistingClient {
	return without(clients, []*ExistingClient{owner})
}

// without returns the clients that are not among those left out, by ID.
func without(clients, left []*ExistingClient) []*ExistingClient {
	var rest []*ExistingClient
	for _, c := range clients {
		if !slices.ContainsFunc(left, func(o *ExistingClient) bool { return o.ID == c.ID }) {
			rest = append(rest, c)
		}
	}
	return rest
}

func anyOnline(clients []*ExistingClient) bool {
	return slices.ContainsFunc(clients, func(c *ExistingClient) bool { return c.Online })
}
