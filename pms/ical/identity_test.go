package ical

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/pms"
)

func TestReissued(t *testing.T) {
	t.Parallel()
	stay := func(id, arrival, departure string, change ...func(*pms.Booking)) pms.Booking {
		b := pms.Booking{Vendor: "ical", ID: id, PropertyID: "p", Kind: pms.KindGuest, Arrival: date(t, arrival), Departure: date(t, departure)}
		for _, f := range change {
			f(&b)
		}
		return b
	}
	code := func(c string) func(*pms.Booking) { return func(b *pms.Booking) { b.Code = c } }
	name := func(n string) func(*pms.Booking) { return func(b *pms.Booking) { b.Guest.Name = n } }
	kind := func(k pms.Kind) func(*pms.Booking) { return func(b *pms.Booking) { b.Kind = k } }
	unit := func(p string) func(*pms.Booking) { return func(b *pms.Booking) { b.PropertyID = p } }
	old := stay("old", "2026-06-20", "2026-06-25")

	for label, tc := range map[string]struct {
		gone, came []pms.Booking
		want       map[string]string
	}{
		"same dates":        {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25")}, map[string]string{"old": "new"}},
		"same departure":    {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-22", "2026-06-25")}, map[string]string{"old": "new"}},
		"same arrival":      {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-20", "2026-06-28")}, map[string]string{"old": "new"}},
		"overlap only":      {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-21", "2026-06-28")}, nil},
		"next guest":        {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-25", "2026-06-28")}, nil},
		"guest before":      {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-18", "2026-06-20")}, nil},
		"another unit":      {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25", unit("q"))}, nil},
		"became a block":    {[]pms.Booking{old}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25", kind(pms.KindBlock))}, nil},
		"blocks":            {[]pms.Booking{stay("old", "2026-06-20", "2026-06-25", kind(pms.KindBlock))}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25", kind(pms.KindBlock))}, nil},
		"other code":        {[]pms.Booking{stay("old", "2026-06-20", "2026-06-25", code("A"))}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25", code("B"))}, nil},
		"other name":        {[]pms.Booking{stay("old", "2026-06-20", "2026-06-25", name("A"))}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25", name("B"))}, nil},
		"same code, moved":  {[]pms.Booking{stay("old", "2026-06-20", "2026-06-25", code("A"))}, []pms.Booking{stay("new", "2026-08-01", "2026-08-03", code("A"))}, map[string]string{"old": "new"}},
		"two candidates":    {[]pms.Booking{old}, []pms.Booking{stay("n1", "2026-06-20", "2026-06-22"), stay("n2", "2026-06-23", "2026-06-25")}, nil},
		"the better of two": {[]pms.Booking{old}, []pms.Booking{stay("n1", "2026-06-20", "2026-06-22"), stay("n2", "2026-06-20", "2026-06-25")}, map[string]string{"old": "n2"}},
		"two vanished":      {[]pms.Booking{old, stay("old2", "2026-06-20", "2026-06-25")}, []pms.Booking{stay("new", "2026-06-20", "2026-06-25")}, nil},
		"each its own": {
			[]pms.Booking{old, stay("old2", "2026-06-25", "2026-06-27")},
			[]pms.Booking{stay("n2", "2026-06-25", "2026-06-27"), stay("n1", "2026-06-20", "2026-06-25")},
			map[string]string{"old": "n1", "old2": "n2"},
		},
		"nothing": {nil, nil, nil},
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for from, to := range Reissued(tc.gone, tc.came) {
				got[from.ID] = to.ID
			}
			if tc.want == nil {
				tc.want = map[string]string{}
			}
			assert.Equal(t, tc.want, got)
		})
	}
}
