package cleaning_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// oneOf draws one of a few values.
func oneOf[T any](values ...T) *rapid.Generator[T] { return rapid.SampledFrom(values) }

// drawBooking draws a booking of November and December, sound or not.
func drawBooking(t *rapid.T, label string) pms.Booking {
	arrival := rapid.IntRange(-10, 30).Draw(t, label+" arrival")
	return nov(
		fmt.Sprint(rapid.IntRange(1, 12).Draw(t, label+" id")), arrival, arrival+rapid.IntRange(-1, 12).Draw(t, label+" nights"),
		vendor(oneOf("bnovo", "bnovo", "hostaway", "ical").Draw(t, label+" vendor")),
		channel(oneOf("", "airbnb", "booking").Draw(t, label+" channel")),
		kind(oneOf(pms.KindGuest, pms.KindGuest, pms.KindGuest, pms.KindOwner, pms.KindBlock, pms.KindUnknown).Draw(t, label+" kind")),
		status(oneOf(pms.StatusConfirmed, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusTentative,
			pms.StatusCancelled, pms.StatusNoShow, pms.StatusInquiry, pms.StatusUnknown).Draw(t, label+" status")),
		code(oneOf("", "", "HM1", "HM2").Draw(t, label+" code")),
		name(oneOf("", "", "Ada Lovelace", "Alan Turing").Draw(t, label+" name")),
		phone(oneOf("", "+44 20 7946 0001", "+44 20 7946 0999").Draw(t, label+" phone")),
		comes(oneOf("", "14:00", "20:00").Draw(t, label+" comes")),
		leaves(oneOf("", "08:00", "18:00").Draw(t, label+" leaves")),
		guests(rapid.IntRange(0, 3).Draw(t, label+" guests")),
		updated(oneOf(time.Time{}, at(1, "10:00"), at(2, "08:00")).Draw(t, label+" updated")),
		func(b *pms.Booking) {
			if rapid.IntRange(0, 15).Draw(t, label+" unit") == 0 {
				b.PropertyID = ""
			}
		},
	)
}

func drawBookings(t *rapid.T, label string) []pms.Booking {
	bookings := make([]pms.Booking, rapid.IntRange(0, 12).Draw(t, label+" bookings"))
	for i := range bookings {
		bookings[i] = drawBooking(t, fmt.Sprintf("%s %d", label, i))
	}
	return bookings
}

func drawPolicy(t *rapid.T) cleaning.Policy {
	choice := oneOf("", cleaning.ChoicePlan, cleaning.ChoiceSkip, cleaning.ChoiceReport)
	return cleaning.Policy{
		AtArrival:        rapid.Bool().Draw(t, "at arrival"),
		WindowDays:       rapid.IntRange(0, 8).Draw(t, "window"),
		BufferMinutes:    oneOf(0, 60, 3000).Draw(t, "buffer"),
		CleaningMinutes:  oneOf(0, 120, 600).Draw(t, "cleaning"),
		OwnerStays:       choice.Draw(t, "owner stays"),
		Blocks:           choice.Draw(t, "blocks"),
		Tentative:        choice.Draw(t, "tentative"),
		Unknown:          choice.Draw(t, "unknown"),
		CancelledInHouse: oneOf("", cleaning.InHouseKeep, cleaning.InHouseClose, cleaning.InHouseShorten).Draw(t, "in house"),
		MidStayEvery:     oneOf(0, 3).Draw(t, "mid-stay"),
		JoinSameGuest:    rapid.Bool().Draw(t, "join"),
		HorizonDays:      oneOf(0, 20).Draw(t, "horizon"),
		From:             oneOf(pms.Date{}, today.AddDays(3)).Draw(t, "from"),
	}
}

func TestProperty_PlanIsAPureFunctionOfTheSetOfBookings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bookings, policy := drawBookings(t, "a"), drawPolicy(t)
		want := plan(policy, bookings...)
		shuffled := rapid.Permutation(bookings).Draw(t, "order")
		require.Equal(t, want, plan(policy, shuffled...))
		require.Equal(t, want, plan(policy, shuffled...), "planned twice")
	})
}

func TestProperty_EveryBookingIsAccountedForOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bookings, policy := drawBookings(t, "a"), drawPolicy(t)
		r := plan(policy, bookings...)
		account := map[pms.Key]string{}
		for _, j := range r.Jobs {
			for _, k := range j.Stays {
				owner := j.Key.Stay.String()
				require.Contains(t, []string{"", owner}, account[k], "%s is in jobs of two stays", k)
				account[k] = owner
			}
			require.False(t, j.End.Before(j.Start))
			require.Contains(t, j.Stays, j.Key.Stay)
		}
		for _, s := range r.Skipped {
			require.NotContains(t, account, s.Stay, "%s is planned and skipped, or skipped twice", s.Stay)
			account[s.Stay] = string(s.Reason)
		}
		for _, b := range bookings {
			require.Contains(t, account, b.Key(), "%s is lost", b.Key())
		}
		require.LessOrEqual(t, len(account), len(bookings))
	})
}

func TestProperty_EveryOccupyingDepartureHasExactlyOneJob(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var bookings []pms.Booking
		for _, b := range drawBookings(t, "a") {
			if b.PropertyID != "" && !b.Departure.Before(b.Arrival) && b.Departure.After(today) && !slices.ContainsFunc(bookings, func(o pms.Booking) bool { return o.Key() == b.Key() }) {
				bookings = append(bookings, b)
			}
		}
		r := plan(cleaning.Policy{WindowDays: 1}, bookings...)
		for _, b := range bookings {
			if !b.Occupies() {
				continue
			}
			n := 0
			for _, j := range r.Jobs {
				if slices.Contains(j.Stays, b.Key()) {
					n++
				}
			}
			require.Equal(t, 1, n, "%s", b.Key())
		}
	})
}

func TestProperty_BlocksNeverMakeOrMoveAJobByDefault(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bookings := drawBookings(t, "a")
		without := slices.DeleteFunc(slices.Clone(bookings), func(b pms.Booking) bool {
			return b.Kind == pms.KindBlock || slices.ContainsFunc(bookings, func(o pms.Booking) bool { return o.Key() == b.Key() && o.Kind == pms.KindBlock })
		})
		bookings = slices.DeleteFunc(bookings, func(b pms.Booking) bool {
			return b.Kind != pms.KindBlock && !slices.ContainsFunc(without, func(o pms.Booking) bool { return o.Key() == b.Key() })
		})
		require.Equal(t, plan(cleaning.Policy{}, without...).Jobs, plan(cleaning.Policy{}, bookings...).Jobs)
	})
}

// drawTouch lets people change stored jobs.
func drawTouch(t *rapid.T, jobs []cleaning.ExistingJob) {
	for i := range jobs {
		e := &jobs[i]
		switch rapid.IntRange(0, 9).Draw(t, "touch") {
		case 0:
			e.Start, e.Edited = e.Start.Add(time.Hour), []cleaning.Field{cleaning.FieldStart}
		case 1:
			e.State = cleaning.StateStarted
		case 2:
			e.State = cleaning.StateDone
		case 3:
			e.State, e.CancelReason = cleaning.StateCancelled, ""
		case 4:
			e.State = cleaning.StateAssigned
		}
	}
}

func TestProperty_AppliedDiffLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var jobs []cleaning.ExistingJob
		when := now
		for round := range 3 {
			p := flat(drawBookings(t, fmt.Sprint(round))...)
			p.Partial = rapid.IntRange(0, 3).Draw(t, "partial") == 0
			r := cleaning.Plan(p, drawPolicy(t), when)
			before := slices.Clone(jobs)
			diff := cleaning.Reconcile(jobs, r, when)
			jobs = cleaning.Apply(jobs, diff.Changes)
			again := cleaning.Reconcile(jobs, r, when)
			require.Empty(t, again.Changes)
			for i, e := range before {
				if e.State == cleaning.StateStarted || e.State == cleaning.StateDone {
					require.Equal(t, e, jobs[i], "a job that somebody has begun is never touched")
				}
			}
			drawTouch(t, jobs)
			when = when.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hours")) * time.Hour)
		}
	})
}

// TestProperty_OneLiveJobPerStay edits one stay in every way that a vendor may, new
// ids included, and a neighbour that comes and goes.
func TestProperty_OneLiveJobPerStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var jobs []cleaning.ExistingJob
		b := nov("1", 10, 14)
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "edit") {
			case 0:
				b.Departure = b.Arrival.AddDays(rapid.IntRange(1, 9).Draw(t, "nights"))
			case 1:
				b.Arrival = b.Departure.AddDays(-rapid.IntRange(1, 9).Draw(t, "nights"))
			case 2:
				b.ID = fmt.Sprint(step + 2)
			case 3:
				shift := rapid.IntRange(-5, 5).Draw(t, "shift")
				b.Arrival, b.Departure = b.Arrival.AddDays(shift), b.Departure.AddDays(shift)
			case 4:
				b.Status = oneOf(pms.StatusConfirmed, pms.StatusCancelled, pms.StatusCheckedIn).Draw(t, "status")
			case 5:
				b.DepartureTime = clock(oneOf("", "07:00", "19:00").Draw(t, "leaves"))
			case 6:
				b.Guests.Total++
			}
			if b.Arrival.Before(today.AddDays(1)) {
				shift := today.AddDays(1).DaysSince(b.Arrival)
				b.Arrival, b.Departure = b.Arrival.AddDays(shift), b.Departure.AddDays(shift)
			}
			bookings := []pms.Booking{b}
			if rapid.Bool().Draw(t, "neighbour") {
				next := nov("next", 0, 0)
				next.Arrival, next.Departure = b.Departure, b.Departure.AddDays(2)
				bookings = append(bookings, next)
			}
			r := plan(cleaning.Policy{}, bookings...)
			jobs = cleaning.Apply(jobs, cleaning.Reconcile(jobs, r, now).Changes)

			var live []cleaning.Job
			for _, e := range jobs {
				if e.State != cleaning.StateCancelled {
					live = append(live, e.Job)
				}
			}
			require.ElementsMatch(t, r.Jobs, live, "step %d", step)
		}
	})
}

func FuzzPlan(f *testing.F) {
	f.Add("bnovo", "a", 2026, 11, 3, 2026, 11, 5, "Europe/Paris", "guest", "confirmed")
	f.Add("ical", "", 0, 0, 0, -1, 99, 31, "Local", "", "\x00")
	f.Add("ical", "x#y", 1<<40, 1, 1, 1<<40, 1, 2, "", "block", "cancelled")
	f.Fuzz(func(t *testing.T, vendorName, id string, y1, m1, d1, y2, m2, d2 int, zone, k, s string) {
		b := pms.Booking{
			Vendor: vendorName, ID: id, PropertyID: "u", Kind: pms.Kind(k), Status: pms.Status(s), TimeZone: zone,
			Arrival: pms.Date{Year: y1, Month: time.Month(m1), Day: d1}, Departure: pms.Date{Year: y2, Month: time.Month(m2), Day: d2},
		}
		p := cleaning.Property{ID: "p", TimeZone: zone, Bookings: []pms.Booking{b, nov("n", 3, 5)}}
		policy := cleaning.Policy{MidStayEvery: 7, Blocks: cleaning.ChoicePlan, Unknown: cleaning.ChoicePlan, TimeZone: "Europe/Paris"}
		r := cleaning.Plan(p, policy, now)
		jobs := cleaning.Apply(nil, cleaning.Reconcile(nil, r, now).Changes)
		assert.Empty(t, cleaning.Reconcile(jobs, r, now).Changes)
		for _, j := range r.Jobs {
			assert.NotEmpty(t, cleaning.Explain(j))
		}
	})
}
