package cleaning

import (
	"fmt"
	"strings"
	"time"
)

// Explain says in plain sentences why a job is what it is: which booking, which
// rule, which default and which zone. It names bookings by vendor and id, never
// guests. Times are read in the zone that Start and End carry.
func Explain(j Job) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }

	say("%s of property %s, %s to %s (%s).", subject(j), j.Key.PropertyID, shown(j.Start), shown(j.End), j.TimeZone)
	say("Stay: %s, %s to %s, %s.", j.Key.Stay, j.Arrival, j.Departure, classText[j.Why.Class])
	if len(j.Stays) > 1 {
		others := make([]string, 0, len(j.Stays))
		for _, stay := range j.Stays {
			if stay != j.Key.Stay {
				others = append(others, stay.String())
			}
		}
		say("Together with %s, the same stay or joined to it.", strings.Join(others, ", "))
	}
	say("Start: %s.", edgeText(j.Why.Start))
	say("End: %s.", edgeText(j.Why.End))
	say("Time zone: %s.", zoneText[j.Why.Zone])
	switch neighbour := j.Why.Neighbour; {
	case j.Key.Kind == KindMidStay:
		say("The guests stay on.")
	case j.NextArrival.IsZero():
		say("Nobody is known to come next.")
	case j.Key.Kind == KindDeparture:
		say("Next: %s arrives %s, %s.", neighbour, shown(j.NextArrival), guestsText(j.NextGuests.Total))
	default:
		say("The unit is prepared for %s.", guestsText(j.NextGuests.Total))
	}
	if j.SameDay {
		say("Departure and arrival are on the same day.")
	}
	if j.TooShort {
		say("The window is shorter than the cleaning takes.")
	}
	if !j.Visible {
		say("Cleaners do not see the job, because the policy hides new jobs or a person did.")
	}
	return b.String()
}

func subject(j Job) string {
	switch j.Key.Kind {
	case KindArrival:
		return "Cleaning before the arrival"
	case KindMidStay:
		return fmt.Sprintf("Mid-stay cleaning %d", j.Key.N)
	default:
		return "Cleaning after the departure"
	}
}

func shown(t time.Time) string { return t.Format("2006-01-02 15:04") }

func guestsText(total int) string {
	switch total {
	case 0:
		return "an unknown number of guests"
	case 1:
		return "1 guest"
	default:
		return fmt.Sprintf("%d guests", total)
	}
}

func edgeText(e Edge) string {
	text := boundText[e.Bound]
	if source := clockText[e.Clock]; source != "" {
		text += ", at " + source
	}
	if e.Skipped {
		text += ", which the clock skips that day"
	}
	return text
}

var boundText = map[Bound]string{
	BoundDeparture: "the guests leave",
	BoundArrival:   "guests arrive, less the buffer",
	BoundWindow:    "the limit of the policy's days",
	BoundCleaning:  "the time that the cleaning takes",
}

var clockText = map[Source]string{
	SourceOverride:   "the time set by hand",
	SourceStay:       "the time that the booking states",
	SourceCheckedOut: "the time of the early check-out",
	SourceCancelled:  "the time of the cancellation",
	SourceProperty:   "the property's time",
	SourcePolicy:     "the policy's time",
	SourceDefault:    "the default time (check-in 15:00, check-out 11:00), because nobody states one",
}

var zoneText = map[Source]string{
	SourceOverride: "set by hand for the property",
	SourceProperty: "stated by the property",
	SourceStay:     "stated by the bookings, because the property has none",
	SourcePolicy:   "the policy's, because neither the property nor its bookings state one",
}

var classText = map[Class]string{
	ClassGuest:     "a guest stay",
	ClassOwner:     "an owner stay, which the policy cleans",
	ClassBlock:     "a block, which the policy cleans",
	ClassTentative: "a tentative stay, which the policy cleans",
	ClassUnknown:   "of unknown kind or status, which the policy cleans",
}
