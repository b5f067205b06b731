package operto

import (
	"context"
	"fmt"

	"github.com/changeover-sdk/changeover/pms"
)

// SelectProperty maps a lodging to a property that Operto has, in the links. It
// refuses what would hand out the code of another flat, with
// [pms.ErrLinkContradicts]: a lodging that is mapped already, a property that
// another lodging is mapped to, and a property that was created for another
// lodging. Mapping the same two again changes nothing.
//
// Account is the name of the Operto account in the links, [Rules.Account].
func SelectProperty(links *pms.LinkSet, account, lodgingID string, p Property) error {
	for _, link := range links.Units(lodgingID) {
		if link.Vendor == vendor && link.Account == account && link.UnitID != p.ID {
			return fmt.Errorf("%s: lodging %q is mapped to property %s and cannot be mapped to %s: %w",
				vendor, lodgingID, link.UnitID, p.ID, pms.ErrLinkContradicts)
		}
	}
	if p.PartnerID != "" && p.PartnerID != lodgingID {
		for link := range links.All() {
			if link.PropertyID == p.PartnerID {
				return fmt.Errorf("%s: property %s was created for lodging %q: %w", vendor, p.ID, p.PartnerID, pms.ErrLinkContradicts)
			}
		}
	}
	return links.Link(pms.Link{Vendor: vendor, Account: account, UnitID: p.ID, PropertyID: lodgingID})
}

// CreateAndSelect creates the property of a lodging in Operto, with the host's
// id as our id, and maps the lodging to it. It can be repeated: a property that
// was created before is found again. A lodging that is mapped to another
// property is [pms.ErrLinkContradicts], and nothing is created.
func (c *Client) CreateAndSelect(ctx context.Context, links *pms.LinkSet, account string, lodging pms.Property) (Property, error) {
	for _, link := range links.Units(lodging.ID) {
		if link.Vendor == vendor && link.Account == account {
			p, err := c.GetProperty(ctx, ByOperto(link.UnitID))
			if err == nil && p.PartnerID != lodging.ID {
				err = fmt.Errorf("%s: lodging %q is mapped to property %s: %w", vendor, lodging.ID, link.UnitID, pms.ErrLinkContradicts)
			}
			return p, err
		}
	}
	p, err := c.CreateProperty(ctx, NewProperty{PartnerID: lodging.ID, Name: lodging.Name, TimeZone: lodging.TimeZone})
	if err != nil {
		return Property{}, err
	}
	return p, SelectProperty(links, account, lodging.ID, p)
}

// ProposeLinks proposes a property of Operto for every lodging that is not
// mapped, by name, as [pms.MatchProperties] does. Nothing is linked.
func ProposeLinks(lodgings []pms.Property, properties []Property) pms.Proposals {
	theirs := make([]pms.Property, len(properties))
	for i, p := range properties {
		theirs[i] = pms.Property{Vendor: vendor, ID: p.ID, Name: p.Name, TimeZone: p.TimeZone, Status: pms.PropertyUnknown, Cleanliness: pms.CleanlinessUnknown}
	}
	return pms.MatchProperties(lodgings, theirs)
}
