package remonline

import (
	"context"
	"iter"

	"github.com/changeover-sdk/changeover/pms"
)

// Directory is what the ids in orders stand for. A host reads it once and
// shows it in its settings form.
type Directory struct {
	Company   Company
	Locations []Location
	Statuses  []Status
	Types     []OrderType
	Employees []Employee
	Fields    []CustomField
}

// ReadDirectory reads the whole directory: six calls, more for long lists. A
// record that cannot be read fails it, because a missing name would make a
// filter or a funnel wrong.
func (c *Client) ReadDirectory(ctx context.Context) (Directory, error) {
	return c.readDirectory(ctx, needs{types: true, employees: true, fields: true, company: true})
}

// needs are the parts of the directory that settings use. Statuses and
// locations are always read.
type needs struct{ types, employees, fields, company bool }

func (c *Client) readDirectory(ctx context.Context, n needs) (Directory, error) {
	var d Directory
	var err error
	read := func(needed bool, part func() error) {
		if needed && err == nil {
			err = part()
		}
	}
	read(n.company, func() (err error) { d.Company, err = c.GetCompany(ctx); return err })
	read(true, func() (err error) {
		d.Locations, err = every(pages("ListLocations", func(page int) (List[Location], error) {
			return c.ListLocations(ctx, page)
		}, func(l Location) string { return string(l.ID) }))
		return err
	})
	read(n.employees, func() (err error) {
		d.Employees, err = every(pages("ListEmployees", func(page int) (List[Employee], error) {
			return c.ListEmployees(ctx, page)
		}, func(e Employee) string { return string(e.ID) }))
		return err
	})
	read(true, func() (err error) { d.Statuses, err = whole(c.ListStatuses(ctx)); return err })
	read(n.types, func() (err error) { d.Types, err = whole(c.ListOrderTypes(ctx)); return err })
	read(n.fields, func() (err error) { d.Fields, err = whole(c.ListOrderFields(ctx)); return err })
	if err != nil {
		return Directory{}, err
	}
	return d, nil
}

// whole returns the items of a list that is not paged, or its first error.
func whole[T any](list List[T], err error) ([]T, error) {
	if err == nil && len(list.Failed) > 0 {
		err = list.Failed[0]
	}
	return list.Items, err
}

func every[T any](seq iter.Seq2[T, error]) ([]T, error) {
	items, failed, err := pms.Collect(seq)
	if err == nil && len(failed) > 0 {
		err = failed[0]
	}
	return items, err
}

// index finds names by id.
type index struct {
	locations map[string]string
	statuses  map[string]Status
}

func (d Directory) index() index {
	x := index{map[string]string{}, map[string]Status{}}
	for _, l := range d.Locations {
		x.locations[string(l.ID)] = string(l.Name)
	}
	for _, s := range d.Statuses {
		x.statuses[string(s.ID)] = s
	}
	return x
}

// statusName is the name in the directory, or the order's own for a status
// that came later.
func (x index) statusName(o *Order) string {
	if s, ok := x.statuses[string(o.Status.ID)]; ok {
		return string(s.Name)
	}
	return string(o.Status.Name)
}
