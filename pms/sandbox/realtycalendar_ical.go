package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// ICalURL returns path and query of the export of a unit.
func (rc *RealtyCalendar) ICalURL(propertyID string) string {
	id, name := propertyID, "q"
	if p, ok := rc.world.Property(propertyID); ok && rc.opts.MultiUnitLots && p.ParentID != "" {
		name = "r"
	}
	return "/apartments/export.ics?" + name + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(id+"\n")))
}

// export is the occupancy of a lot (q) or of a room in a lot (r).
func (rc *RealtyCalendar) export(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	name := "q"
	if q.Has("r") {
		name = "r"
	}
	raw, err := base64.StdEncoding.DecodeString(q.Get(name))
	id := strings.TrimSuffix(string(raw), "\n")
	_, isUnit := rc.world.Property(id)
	_, isLot := rc.unit(id)
	exists := isLot
	if name == "r" {
		exists = isUnit && rc.opts.MultiUnitLots
	}
	if err != nil || !exists {
		http.NotFound(w, r)
		return
	}
	cal := newCalendar("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//RealtyCalendar//EN", "CALSCALE:GREGORIAN")
	for _, s := range rc.world.staysIf(func(s *Stay) bool { return s.Status != pms.StatusCancelled && s.Status != pms.StatusNoShow }) {
		lot, room := rc.lot(&s)
		if name == "q" && fmt.Sprint(lot) != id || name == "r" && fmt.Sprint(room) != id {
			continue
		}
		cal.add("BEGIN:VEVENT", "UID:"+s.ID+"@realtycalendar.ru",
			"DTSTART;VALUE=DATE:"+compact(s.Arrival), "DTEND;VALUE=DATE:"+compact(s.Departure),
			"SUMMARY:RC("+s.ID+")", "CREATED:"+utcStamp(s.CreatedAt), "LAST-MODIFIED:"+utcStamp(s.UpdatedAt), "END:VEVENT")
	}
	cal.add("END:VCALENDAR")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write(cal.body)
}
