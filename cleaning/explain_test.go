package cleaning_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{BufferMinutes: 30, CleaningMinutes: 240, Hidden: true},
		nov("a", 3, 5, name("Ada Lovelace"), phone("+44 20 7946 0001"), leaves("10:30")), ical("x", 3, 5), nov("b", 5, 7, guests(1)))
	assert.Equal(t, `Cleaning after the departure of property flat, 2026-11-05 10:30 to 2026-11-05 14:30 (Europe/Paris).
Stay: bnovo:a, 2026-11-03 to 2026-11-05, a guest stay.
Together with ical:x, the same stay or joined to it.
Start: the guests leave, at the time that the booking states.
End: guests arrive, less the buffer, at the default time (check-in 15:00, check-out 11:00), because nobody states one.
Time zone: stated by the property.
Next: bnovo:b arrives 2026-11-05 15:00, 1 guest.
Departure and arrival are on the same day.
Cleaners do not see the job, because the policy hides new jobs or a person did.
`, cleaning.Explain(jobOf(t, r, "a")))

	assert.Equal(t, `Cleaning after the departure of property flat, 2026-11-07 11:00 to 2026-11-07 15:00 (Europe/Paris).
Stay: bnovo:b, 2026-11-05 to 2026-11-07, a guest stay.
Start: the guests leave, at the default time (check-in 15:00, check-out 11:00), because nobody states one.
End: the limit of the policy's days, at the default time (check-in 15:00, check-out 11:00), because nobody states one.
Time zone: stated by the property.
Nobody is known to come next.
Cleaners do not see the job, because the policy hides new jobs or a person did.
`, cleaning.Explain(jobOf(t, r, "b")))
}

func TestExplain_OtherKinds(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{AtArrival: true, MidStayEvery: 7}, nov("a", 3, 12, kind(pms.KindOwner), guests(2)))
	arrival, midStay := cleaning.Explain(r.Jobs[0]), cleaning.Explain(r.Jobs[1])
	assert.Contains(t, arrival, "Cleaning before the arrival of property flat, 2026-11-03 11:00 to 2026-11-03 15:00")
	assert.Contains(t, arrival, "an owner stay, which the policy cleans")
	assert.Contains(t, arrival, "The unit is prepared for 2 guests.")
	assert.Contains(t, midStay, "Mid-stay cleaning 1 of property flat, 2026-11-10 11:00")
	assert.Contains(t, midStay, "The guests stay on.")
}
