package cleaning

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// overwrite puts what the record states over the details.
func (r *ClientRecord) overwrite(d *ClientDetails) {
	if r.Kind != "" {
		d.Kind = r.Kind
	}
	setName(&d.LastName, r.LastName)
	setName(&d.FirstName, r.FirstName)
	setName(&d.MiddleName, r.MiddleName)
	setName(&d.CompanyName, r.CompanyName)
	set(&d.TaxID, r.TaxID)
	set(&d.Email, r.Email)
	set(&d.BirthDate, r.BirthDate)
}

func setName(name, value *string) {
	if value != nil && !blank(*value) {
		*name = *value
	}
}

// otherNames returns the names that the record states and that are others in d.
func (r *ClientRecord) otherNames(d *ClientDetails) []ClientField {
	after := *d
	setName(&after.LastName, r.LastName)
	setName(&after.FirstName, r.FirstName)
	setName(&after.MiddleName, r.MiddleName)
	setName(&after.CompanyName, r.CompanyName)
	return appendDetails(nil, d, &after)
}

// sign gives the card an external id, in place of the same id.
func (c *ExistingClient) sign(id ClientID) {
	if i := c.find(id.ExternalID); i >= 0 {
		c.IDs = slices.Clone(c.IDs)
		c.IDs[i] = id
		return
	}
	c.IDs = append(slices.Clip(c.IDs), id)
}

// taken returns the digest of the last record under the id, or "".
func (c *ExistingClient) taken(id ExternalID) string {
	if i := c.find(id); i >= 0 {
		return c.IDs[i].Digest
	}
	return ""
}

// digest stands for all that a record says, in hexadecimal digits. Hosts store it:
// its form stays.
type digest [32]byte

func (r *ClientRecord) digest() digest {
	b := make([]byte, 0, 256)
	b = appendText(b, r.Phone.E164)
	b = appendText(b, string(r.Kind))
	for _, text := range [...]*string{r.LastName, r.FirstName, r.MiddleName, r.CompanyName, r.TaxID, r.Email} {
		if b = appendStated(b, text != nil); text != nil {
			b = appendText(b, *text)
		}
	}
	if b = appendStated(b, r.BirthDate != nil); r.BirthDate != nil {
		b = appendText(b, r.BirthDate.String())
	}
	for _, p := range r.Places {
		b = appendText(b, p.Place.Source)
		b = appendText(b, p.Place.ID)
		b = appendText(b, string(p.Role))
		b = appendText(b, p.Share)
	}
	sum := sha256.Sum256(b)
	var d digest
	hex.Encode(d[:], sum[:16])
	return d
}

// appendText appends the length first, so that no two records look alike.
func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

func appendStated(b []byte, stated bool) []byte {
	if stated {
		return append(b, 1)
	}
	return append(b, 0)
}

// setPhone makes phone the card's, and the one before a former one.
func (c *ExistingClient) setPhone(phone string) {
	if phone == "" || phone == c.Phone {
		return
	}
	former := c.Phone
	c.Phone = phone
	c.FormerPhones = slices.DeleteFunc(slices.Clone(c.FormerPhones), func(p string) bool { return p == phone })
	c.addFormer(former)
}

func (c *ExistingClient) addFormer(phone string) {
	if phone != "" && phone != c.Phone && !slices.Contains(c.FormerPhones, phone) {
		c.FormerPhones = append(slices.Clip(c.FormerPhones), phone)
	}
}

// absorb unites the card with one whose phone it is about to get. What both state
// stays as it is.
func (c *ExistingClient) absorb(other *ExistingClient) {
	c.Online = c.Online || other.Online
	for _, id := range other.IDs {
		if !c.Has(id.ExternalID) {
			c.IDs = append(slices.Clip(c.IDs), id)
		}
	}
	for _, phone := range other.FormerPhones {
		c.addFormer(phone)
	}
	c.fill(&other.ClientDetails)
	for _, link := range other.Places {
		if c.place(link.Place) < 0 {
			c.Places = append(slices.Clip(c.Places), link)
		}
	}
	for _, account := range other.Accounts {
		if !slices.Contains(c.Accounts, account) {
			c.Accounts = append(slices.Clip(c.Accounts), account)
		}
	}
}

// fill takes what d lacks. A person's names come together or not at all, so that
// no name is put together from two people's.
func (d *ClientDetails) fill(other *ClientDetails) {
	if d.LastName == "" && d.FirstName == "" && d.MiddleName == "" {
		d.LastName, d.FirstName, d.MiddleName = other.LastName, other.FirstName, other.MiddleName
	}
	fill(&d.CompanyName, other.CompanyName)
	fill(&d.TaxID, other.TaxID)
	fill(&d.Email, other.Email)
	fill(&d.BirthDate, other.BirthDate)
}

func fill[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

func (c *ExistingClient) place(id ExternalID) int { return findPlace(c.Places, id) }

func findPlace(links []PlaceLink, id ExternalID) int {
	return slices.IndexFunc(links, func(l PlaceLink) bool { return l.Place == id })
}

// addPlaces returns the links with those of the record, in a slice of its own if
// they differ. What a record leaves out of a known link stays.
func addPlaces(links, stated []PlaceLink) []PlaceLink {
	if len(stated) == 0 {
		return links
	}
	links = slices.Clone(links)
	for _, link := range stated {
		i := findPlace(links, link.Place)
		if i < 0 {
			links = append(links, link)
			continue
		}
		fill(&link.Role, links[i].Role)
		fill(&link.Share, links[i].Share)
		links[i] = link
	}
	return links
}

// differing lists the fields in which two states of a card differ.
func differing(before, after *ExistingClient) []ClientField {
	var buffer [clientFields]ClientField
	fields := buffer[:0]
	if !slices.EqualFunc(before.IDs, after.IDs, func(a, b ClientID) bool { return a.ExternalID == b.ExternalID }) {
		fields = append(fields, ClientFieldIDs)
	} else if !slices.Equal(before.IDs, after.IDs) {
		fields = append(fields, ClientFieldDigest)
	}
	if before.Phone != after.Phone {
		fields = append(fields, ClientFieldPhone)
	}
	if !slices.Equal(before.FormerPhones, after.FormerPhones) {
		fields = append(fields, ClientFieldFormerPhones)
	}
	fields = appendDetails(fields, &before.ClientDetails, &after.ClientDetails)
	if !slices.Equal(before.Places, after.Places) {
		fields = append(fields, ClientFieldPlaces)
	}
	if !slices.Equal(before.Accounts, after.Accounts) {
		fields = append(fields, ClientFieldAccounts)
	}
	return slices.Clone(fields[:len(fields):len(fields)])
}

// appendDetails adds the details in which two states of a card differ.
func appendDetails(fields []ClientField, before, after *ClientDetails) []ClientField {
	if *before == *after {
		return fields
	}
	for _, f := range [...]struct {
		field   ClientField
		differs bool
	}{
		{ClientFieldKind, before.Kind != after.Kind},
		{ClientFieldLastName, before.LastName != after.LastName},
		{ClientFieldFirstName, before.FirstName != after.FirstName},
		{ClientFieldMiddleName, before.MiddleName != after.MiddleName},
		{ClientFieldCompanyName, before.CompanyName != after.CompanyName},
		{ClientFieldTaxID, before.TaxID != after.TaxID},
		{ClientFieldEmail, before.Email != after.Email},
		{ClientFieldBirthDate, before.BirthDate != after.BirthDate},
	} {
		if f.differs {
			fields = append(fields, f.field)
		}
	}
	return fields
}
