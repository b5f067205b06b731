package main

import (
	"context"
	"time"

	"cloud.google.com/go/civil"
	"github.com/osteele/liquid"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
)

// host is what a host application is: lodgings, links and the last report.
type host struct {
	hotel    pms.Connector
	keeper   *operto.Keeper
	out      *report
	lodgings []pms.Property
	links    pms.LinkSet
	access   []operto.Access
}

// mapLodgings links the rooms of the hotel and the properties of Operto to the
// lodgings. What the names say is selected, and one property is created.
func (h *host) mapLodgings(ctx context.Context, client *operto.Client, rooms []string) error {
	for i, room := range rooms {
		if err := h.links.Link(pms.Link{Vendor: "bnovo", UnitID: room, PropertyID: h.lodgings[i].ID}); err != nil {
			return err
		}
	}
	theirs, err := client.ListProperties(ctx)
	if err != nil {
		return err
	}
	for _, match := range operto.ProposeLinks(h.lodgings, theirs.Items).Matches {
		for _, property := range theirs.Items {
			if property.ID != match.UnitID {
				continue
			}
			if err := operto.SelectProperty(&h.links, "", match.PropertyID, property); err != nil {
				return err
			}
			h.out.mapped(match.PropertyID, property, "selected")
		}
	}
	made, err := client.CreateAndSelect(ctx, &h.links, "", h.lodgings[1])
	if err != nil {
		return err
	}
	h.out.mapped(h.lodgings[1].ID, made, "created in Operto")
	return nil
}

// sync reads the bookings of the hotel and brings Operto in line with them.
func (h *host) sync(ctx context.Context, title string, now time.Time) error {
	today := civil.DateOf(now)
	query := pms.BookingQuery{From: today, To: today.AddDays(60), ExcludeBlocks: true}
	bookings, failed, err := pms.Collect(pms.Bookings(ctx, h.hotel, query))
	if err != nil {
		return err
	}
	grouped := h.links.Group("", bookings)
	desired := operto.Desired{Links: h.links, Until: query.To, Whole: true}
	for _, lodging := range h.lodgings {
		desired.Lodgings = append(desired.Lodgings, operto.Lodging{
			ID: lodging.ID, TimeZone: lodging.TimeZone, Bookings: grouped.Properties[lodging.ID],
			Partial: len(failed) > 0, // a booking that could not be read is not a booking that is gone
		})
	}
	report, err := h.keeper.Run(ctx, desired, now)
	h.access = report.Access
	h.out.synced(title, report, err)
	return nil // the next reading repairs what failed
}

// template is what a user of the host has written.
const template = `Dear {{ guest }},
your main code is {{ reservation.operto_access_code }}.
{% for item in reservation.items %}- {{ item.id }}: code {{ item.operto_access_code }}, from {{ item.valid_from }} until {{ item.valid_until }}
{% endfor %}`

// mail renders the e-mail of an order. A missing code renders empty, and is
// reported to the user.
func (h *host) mail(o order) error {
	full := o.items.With(h.access)
	vars := operto.TemplateVars(full)
	vars["guest"] = o.guest
	text, err := liquid.NewEngine().ParseAndRenderString(template, vars)
	if err != nil {
		return err
	}
	h.out.mailed(text, full.Missing())
	return nil
}
