package cleaning_test

import (
	"fmt"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func ExamplePlan() {
	elevenThirty, _ := pms.NewClock(11, 30)
	property := cleaning.Property{
		ID: "garden-flat", TimeZone: "Europe/Paris", CheckOut: elevenThirty,
		Bookings: []pms.Booking{
			{
				Vendor: "bnovo", ID: "501", PropertyID: "12", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
				Arrival:   pms.Date{Year: 2026, Month: time.November, Day: 3},
				Departure: pms.Date{Year: 2026, Month: time.November, Day: 5},
			},
			{
				Vendor: "bnovo", ID: "502", PropertyID: "12", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
				Arrival:   pms.Date{Year: 2026, Month: time.November, Day: 5},
				Departure: pms.Date{Year: 2026, Month: time.November, Day: 9},
				Guests:    pms.Guests{Total: 4},
			},
		},
	}
	policy := cleaning.Policy{WindowDays: 1, BufferMinutes: 30, CleaningMinutes: 120}
	now := time.Date(2026, time.November, 1, 8, 0, 0, 0, time.UTC)

	for _, job := range cleaning.Plan(property, policy, now).Jobs {
		fmt.Println(job.Key, job.Start.Format("Mon 15:04"), "to", job.End.Format("Mon 15:04"),
			"same day:", job.SameDay, "prepare for:", job.NextGuests.Total)
	}
	// Output:
	// garden-flat/bnovo/501/departure Thu 11:30 to Thu 14:30 same day: true prepare for: 4
	// garden-flat/bnovo/502/departure Mon 11:30 to Tue 15:00 same day: false prepare for: 0
}

func ExampleReconcile() {
	now := time.Date(2026, time.November, 1, 8, 0, 0, 0, time.UTC)
	booking := pms.Booking{
		Vendor: "bnovo", ID: "501", PropertyID: "12", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival:   pms.Date{Year: 2026, Month: time.November, Day: 3},
		Departure: pms.Date{Year: 2026, Month: time.November, Day: 5},
	}
	var stored []cleaning.ExistingJob // in the host's database
	run := func(title string) {
		property := cleaning.Property{ID: "garden-flat", TimeZone: "Europe/Paris", Bookings: []pms.Booking{booking}}
		diff := cleaning.Reconcile(stored, cleaning.Plan(property, cleaning.Policy{}, now), now)
		fmt.Println(title)
		for _, c := range diff.Changes {
			fmt.Println("  ", c.Kind, c.Job.Date, c.Reason, c.Fields)
		}
		for _, h := range diff.Held {
			fmt.Println("   held:", h.Reason, h.Fields)
		}
		stored = cleaning.Apply(stored, diff.Changes)
	}

	run("booked")
	run("nothing new")
	booking.Departure = booking.Departure.AddDays(2)
	run("extended by two days")
	stored[0].State = cleaning.StateStarted
	booking.Status = pms.StatusCancelled
	run("cancelled after the cleaner has begun")
	// Output:
	// booked
	//    create 2026-11-05  []
	// nothing new
	// extended by two days
	//    move 2026-11-07  [date start end departure]
	// cancelled after the cleaner has begun
	//    held: started []
}

func ExampleExplain() {
	property := cleaning.Property{
		ID: "garden-flat",
		Bookings: []pms.Booking{{
			Vendor: "bnovo", ID: "501", PropertyID: "12", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
			Arrival:   pms.Date{Year: 2026, Month: time.November, Day: 3},
			Departure: pms.Date{Year: 2026, Month: time.November, Day: 5},
		}},
	}
	now := time.Date(2026, time.November, 1, 8, 0, 0, 0, time.UTC)
	plan := cleaning.Plan(property, cleaning.Policy{TimeZone: "Europe/Paris"}, now)
	fmt.Print(cleaning.Explain(plan.Jobs[0]))
	// Output:
	// Cleaning after the departure of property garden-flat, 2026-11-05 11:00 to 2026-11-05 15:00 (Europe/Paris).
	// Stay: bnovo:501, 2026-11-03 to 2026-11-05, a guest stay.
	// Start: the guests leave, at the default time (check-in 15:00, check-out 11:00), because nobody states one.
	// End: the limit of the policy's days, at the default time (check-in 15:00, check-out 11:00), because nobody states one.
	// Time zone: the policy's, because neither the property nor its bookings state one.
	// Nobody is known to come next.
}

func ExamplePushes() {
	property := cleaning.Property{
		ID: "garden-flat", TimeZone: "Europe/Paris",
		Bookings: []pms.Booking{{
			Vendor: "bnovo", ID: "501", PropertyID: "12", Kind: pms.KindGuest, Status: pms.StatusCheckedOut,
			Arrival:   pms.Date{Year: 2026, Month: time.November, Day: 3},
			Departure: pms.Date{Year: 2026, Month: time.November, Day: 5},
		}},
	}
	policy := cleaning.Policy{PushCleanliness: true}
	noon := time.Date(2026, time.November, 5, 11, 0, 0, 0, time.UTC)
	stored := cleaning.Apply(nil, cleaning.Reconcile(nil, cleaning.Plan(property, policy, noon), noon).Changes)

	told := map[string]pms.Cleanliness{}
	tell := func(at time.Time) {
		state := cleaning.Readiness(property, policy, stored, at)
		for _, push := range cleaning.Pushes(told, []cleaning.UnitState{state}) {
			fmt.Println(push.PropertyID, push.Cleanliness)
			told[push.PropertyID] = push.Cleanliness
		}
	}
	tell(noon)
	tell(noon.Add(time.Hour))
	stored[0].State, stored[0].DoneAt = cleaning.StateDone, noon.Add(2*time.Hour)
	tell(noon.Add(2 * time.Hour))
	// Output:
	// garden-flat dirty
	// garden-flat clean
}
