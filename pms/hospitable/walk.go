package hospitable

import (
	"net/url"
	"strings"

	"github.com/changeover-sdk/changeover/internal/paging"
)

// The phases of the lists: properties, and their reservations and blocks.
const (
	phaseProperties = "properties"
	phaseStays      = "stays"
	phaseBlocks     = "blocks"
)

// blockPage is how many calendars make a page: each takes a request.
const blockPage = 10

// walk is a place in the list of bookings. The properties are read page by page
// and, for each page of them, their reservations page by page. With blocks the
// properties are then read once more, with their calendars.
type walk struct {
	phase string
	// ids are the properties whose reservations are being read. None means that
	// the page of properties at units is to be read first.
	ids []string
	// stays is the place in their reservations.
	stays paging.Page
	// units is the next page of properties; end says that there is none.
	units paging.Page
	end   bool
}

// startOf is the beginning of a phase.
func startOf(phase string, limit int) walk {
	size := MaxProperties
	if phase == phaseBlocks {
		size = blockPage
	}
	return walk{
		phase: phase, units: paging.FirstPage(phaseProperties, size, size), stays: paging.FirstPage(phaseStays, limit, MaxPage),
	}
}

// leave returns the cursor behind the properties of w, empty at the end of the
// list.
func (w walk) leave(limit int, blocks bool) string {
	switch {
	case !w.end:
		next := startOf(w.phase, limit)
		next.units = w.units
		return next.String()
	case w.phase == phaseStays && blocks:
		return startOf(phaseBlocks, limit).String()
	default:
		return ""
	}
}

// noUnits stands for the next page of properties where there is none.
const noUnits = "end"

// String is the cursor.
func (w walk) String() string {
	ids := make([]string, len(w.ids))
	for i, id := range w.ids {
		ids[i] = url.QueryEscape(id)
	}
	units := noUnits
	if !w.end {
		units = w.units.String()
	}
	return strings.Join([]string{w.phase, strings.Join(ids, ","), w.stays.String(), units}, "|")
}

// parseWalk reads a cursor, and reports whether it is one.
func parseWalk(cursor string, limit int) (walk, bool) {
	if cursor == "" {
		return startOf(phaseStays, limit), true
	}
	parts := strings.Split(cursor, "|")
	if len(parts) != 4 || parts[0] != phaseStays && parts[0] != phaseBlocks {
		return walk{}, false
	}
	w := walk{phase: parts[0], end: parts[3] == noUnits}
	var err, err2 error
	if parts[1] != "" {
		w.ids, err = unescape(strings.Split(parts[1], ","))
	}
	if err != nil || len(w.ids) > MaxProperties || w.end && len(w.ids) == 0 || parts[2] == "" || parts[3] == "" {
		return walk{}, false
	}
	w.stays, err = paging.ParsePage(parts[2], limit, MaxPage, phaseStays)
	if !w.end {
		w.units, err2 = paging.ParsePage(parts[3], 0, MaxProperties, phaseProperties)
	}
	return w, err == nil && err2 == nil
}

func unescape(texts []string) ([]string, error) {
	for i, text := range texts {
		plain, err := url.QueryUnescape(text)
		if err != nil {
			return nil, err
		}
		texts[i] = plain
	}
	return texts, nil
}
