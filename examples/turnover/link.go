package main

import (
	"github.com/changeover-sdk/changeover/pms"
)

// link says which unit of which vendor is which of our properties: the rooms of
// the hotel by their names, the lots by their numbers, the feeds by the property
// that they were entered at. What the names leave open stays open.
func link(w *worlds, rooms []pms.Property) (pms.LinkSet, pms.Proposals, error) {
	var links pms.LinkSet
	taken := map[string]bool{}
	for lot, property := range w.lots {
		taken[property] = true
		if err := links.Link(pms.Link{Vendor: "realtycalendar", UnitID: lot, PropertyID: property}); err != nil {
			return links, pms.Proposals{}, err
		}
	}
	for _, f := range w.feeds {
		if err := links.Link(pms.Link{Vendor: "ical", UnitID: f.property, PropertyID: f.property}); err != nil {
			return links, pms.Proposals{}, err
		}
		taken[f.property] = f.world != w.hotel
	}

	var ours []pms.Property
	for _, p := range w.ours {
		if !taken[p.ID] {
			ours = append(ours, p)
		}
	}
	proposals := pms.MatchProperties(ours, rooms)
	for _, match := range proposals.Matches {
		if err := links.Link(match.Link("")); err != nil {
			return links, proposals, err
		}
	}
	return links, proposals, nil
}
