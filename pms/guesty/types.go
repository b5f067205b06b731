package guesty

import (
	"cmp"
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a row of the search or of the batch get, which have different
// fields: the batch get has neither listings nor a channel nor days of its own,
// and the search no planned times.
type Reservation struct {
	// ReservationID is the id in the search. The batch get has been seen with
	// the id in any of the three, see [Reservation.Key].
	ReservationID pms.Text `json:"reservationId"`
	UnderscoreID  pms.Text `json:"_id"`
	ID            pms.Text `json:"id"`

	ConfirmationCode pms.Text `json:"confirmationCode"`
	// Status is "confirmed", "reserved", "awaiting_payment", "inquiry",
	// "canceled", "closed", "declined" or "expired".
	Status pms.Text `json:"status"`
	// GuestID is the guest in the search. BookerID stands in its place in the
	// batch get; that both are the same id is unverified.
	GuestID  pms.Text `json:"guestId"`
	BookerID pms.Text `json:"bookerId"`
	// CheckIn and CheckOut are UTC; the days of the stay are the localized ones.
	CheckIn               pms.Text  `json:"checkIn"`
	CheckOut              pms.Text  `json:"checkOut"`
	CheckInDateLocalized  pms.Text  `json:"checkInDateLocalized"`
	CheckOutDateLocalized pms.Text  `json:"checkOutDateLocalized"`
	Source                pms.Text  `json:"source"`
	Channel               pms.Text  `json:"channel"`
	Platform              pms.Text  `json:"platform"`
	CreatedAt             pms.Text  `json:"createdAt"`
	LastUpdatedAt         pms.Text  `json:"lastUpdatedAt"` // not documented in rows
	ReservedExpiresAt     pms.Text  `json:"reservedExpiresAt"`
	GroupID               pms.Text  `json:"groupId"`
	GuestStay             GuestStay `json:"guestStay"`
	// CreationInfo has an owner if this is an owner's stay.
	CreationInfo CreationInfo `json:"creationInfo"`
	// Notes is nil when the row does not show them, as most do not. That does
	// not mean that there are none.
	Notes *Notes `json:"notes"`
	// Stay has one segment for each unit that the guest is in.
	Stay wire.List[Segment] `json:"stay"`

	Raw json.RawMessage `json:"-"`
}

// Key is the id of the reservation, wherever it is.
func (r Reservation) Key() string {
	return string(cmp.Or(r.ReservationID, r.UnderscoreID, r.ID))
}

// GuestStay is the progress of a stay: "not_set", "checked_in", "checked_out"
// or "no_show".
type GuestStay struct {
	Status pms.Text `json:"status"`
}

// CreationInfo says who made a reservation.
type CreationInfo struct {
	Owner Person `json:"owner"`
}

// Person is an owner.
type Person struct {
	ID       pms.Text `json:"_id"`
	FullName pms.Text `json:"fullName"`
	Email    pms.Text `json:"email"`
	Phone    pms.Text `json:"phone"`
}

// Notes are the notes of a reservation. KeyCode opens a door: treat it as a
// secret.
type Notes struct {
	Other           pms.Text `json:"other,omitzero"`
	Cleaning        pms.Text `json:"cleaning,omitzero"`
	Guest           pms.Text `json:"guest,omitzero"`
	SpecialRequests pms.Text `json:"specialRequests,omitzero"`
	KeyCode         pms.Text `json:"keyCode,omitzero"`
}

// String hides the notes.
func (Notes) String() string { return "guesty.Notes{[redacted]}" }

// GoString hides the notes.
func (n Notes) GoString() string { return n.String() }

// Segment is the part of a stay in one unit.
type Segment struct {
	// ListingID and ParentListingID are the search's; UnitID and UnitTypeID are
	// the batch get's, where a listing that is no multi-unit has a unit type
	// alone (unverified).
	ListingID       pms.Text `json:"listingId"`
	ParentListingID pms.Text `json:"parentListingId"`
	UnitID          pms.Text `json:"unitId"`
	UnitTypeID      pms.Text `json:"unitTypeId"`

	CheckInDateLocalized  pms.Text `json:"checkInDateLocalized"`
	CheckOutDateLocalized pms.Text `json:"checkOutDateLocalized"`
	// ETA and ETD are the planned times, of the batch get alone.
	ETA            pms.Text       `json:"eta"`
	ETD            pms.Text       `json:"etd"`
	GuestsCount    pms.Text       `json:"guestsCount"`
	NumberOfGuests NumberOfGuests `json:"numberOfGuests"`
}

// NumberOfGuests counts who stays.
type NumberOfGuests struct {
	Adults   pms.Text `json:"numberOfAdults"`
	Children pms.Text `json:"numberOfChildren"`
	Infants  pms.Text `json:"numberOfInfants"`
	Pets     pms.Text `json:"numberOfPets"`
}

// Guest is a guest of the account.
type Guest struct {
	ID        pms.Text `json:"_id"`
	FullName  pms.Text `json:"fullName"`
	FirstName pms.Text `json:"firstName"`
	LastName  pms.Text `json:"lastName"`
	Email     pms.Text `json:"email"`
	Phone     pms.Text `json:"phone"`
}

// Listing is a listing, without the fields that hold tokens of channels.
type Listing struct {
	ID        pms.Text `json:"_id"`
	AccountID pms.Text `json:"accountId"`
	// Title is for the public; Nickname is the name in the back office.
	Title    pms.Text `json:"title"`
	Nickname pms.Text `json:"nickname"`
	// Type is "SINGLE", "MTL" for the parent of a multi-unit, or another word.
	Type pms.Text `json:"type"`
	// Active is nil when the row does not show it.
	Active   *pms.Text `json:"active"`
	IsListed pms.Text  `json:"isListed"`
	IsTest   pms.Text  `json:"isTest"`
	// TimeZone is an IANA name; the default times are local.
	TimeZone            pms.Text       `json:"timezone"`
	DefaultCheckInTime  pms.Text       `json:"defaultCheckInTime"`
	DefaultCheckOutTime pms.Text       `json:"defaultCheckOutTime"`
	Address             ListingAddress `json:"address"`
	Accommodates        pms.Text       `json:"accommodates"`
	Bedrooms            pms.Text       `json:"bedrooms"`
	Bathrooms           pms.Text       `json:"bathrooms"`
	CleaningStatus      CleaningStatus `json:"cleaningStatus"`
	PMS                 ListingPMS     `json:"pms"`

	Raw json.RawMessage `json:"-"`
}

// listingFields are the fields that are asked for. The others are large, and
// "integrations" holds tokens of channels.
const listingFields = "_id accountId title nickname type active isListed isTest timezone defaultCheckInTime defaultCheckOutTime " +
	"address accommodates bedrooms beds bathrooms cleaningStatus pms.active pms.cleaningStatus tags lastUpdatedAt"

// ListingAddress is a postal address and a place.
type ListingAddress struct {
	Street    pms.Text `json:"street"`
	Apartment pms.Text `json:"apartment"`
	City      pms.Text `json:"city"`
	State     pms.Text `json:"state"`
	ZipCode   pms.Text `json:"zipcode"`
	Country   pms.Text `json:"country"`
	Lat       pms.Text `json:"lat"`
	Lng       pms.Text `json:"lng"`
}

// CleaningStatus is "clean", "dirty", "waitingForInspection" or "unknown".
type CleaningStatus struct {
	Value pms.Text `json:"value"`
}

// ListingPMS is the part of a listing that belongs to the back office. Active
// is false for an archived listing.
type ListingPMS struct {
	// Active is nil when the row does not show it.
	Active         *pms.Text      `json:"active"`
	CleaningStatus CleaningStatus `json:"cleaningStatus"`
}

// Block is a run of blocked days of a listing. EndDate is the last blocked day.
type Block struct {
	ID        pms.Text `json:"_id"`
	ListingID pms.Text `json:"listingId"`
	// Type is "m" (set by a person), "ic" (imported feed), "r" and "b"
	// (reservations), "o" (owner's reservation), or a rule: "bd", "sr", "abl",
	// "a", "bw", "pt", "an".
	Type          pms.Text `json:"type"`
	StartDate     pms.Text `json:"startDate"`
	EndDate       pms.Text `json:"endDate"`
	Note          pms.Text `json:"note"`
	ReservationID pms.Text `json:"reservationId"`
	CreatedAt     pms.Text `json:"createdAt"`

	Raw json.RawMessage `json:"-"`
}

// Webhook is a subscription.
type Webhook struct {
	ID        pms.Text            `json:"_id"`
	AccountID pms.Text            `json:"accountId"`
	URL       pms.Text            `json:"url"`
	Events    wire.List[pms.Text] `json:"events"`
}

// TaskRow is a row of the list of tasks, which is a report and not the tasks
// themselves.
type TaskRow struct {
	ID           pms.Text     `json:"id"`
	Status       Cell         `json:"status"`
	Title        Cell         `json:"taskTitle"`
	Listing      TaskListing  `json:"listing"`
	ScheduledFor TaskSchedule `json:"scheduledFor"`
	Assignee     TaskAssignee `json:"assignee"`

	Raw json.RawMessage `json:"-"`
}

// Cell is a cell of a report.
type Cell struct {
	Children pms.Text `json:"children"`
}

// TaskListing is the listing of a row.
type TaskListing struct {
	ListingID pms.Text `json:"listingId"`
	Title     pms.Text `json:"title"`
}

// TaskSchedule is when a task is to be done: at StartTime, or between the other
// two.
type TaskSchedule struct {
	StartTime        pms.Text `json:"startTime"`
	CanStartAfter    pms.Text `json:"canStartAfter"`
	MustFinishBefore pms.Text `json:"mustFinishBefore"`
}

// TaskAssignee is who does a task.
type TaskAssignee struct {
	AssigneeID pms.Text `json:"assigneeId"`
}

// Task is a task by itself.
type Task struct {
	ID    pms.Text `json:"_id"`
	Title pms.Text `json:"title"`
	// Type is "cleaning", "maintenance", "inspection", "mid-stay", "runner",
	// "sanitation", "check-in", "issue", "inventory" or "administration".
	Type pms.Text `json:"type"`
	// Status is "pending", "confirmed", "in progress", "completed" or
	// "canceled".
	Status      pms.Text   `json:"status"`
	Description pms.Text   `json:"description"`
	AssigneeID  pms.Text   `json:"assigneeId"`
	Timing      TaskTiming `json:"timing"`
	Apply       TaskApply  `json:"apply"`

	Raw json.RawMessage `json:"-"`
}

// TaskTiming is when a task is to be done. Type is "none", "specific",
// "flexible" or "legacy".
type TaskTiming struct {
	Type pms.Text `json:"type"`
	TaskSchedule
}

// TaskApply is what a task is for.
type TaskApply struct {
	Type          pms.Text `json:"type"`
	ListingID     pms.Text `json:"listingId"`
	ReservationID pms.Text `json:"reservationId"`
}

// TaskInput is a task to be written. Title is required for a new one; a zero
// field is left as it is. Give StartTime, or CanStartAfter and MustFinishBefore,
// never both; they are RFC 3339 with an offset.
type TaskInput struct {
	Title         string `json:"title,omitzero"`
	Description   string `json:"description,omitzero"`
	Type          string `json:"type,omitzero"`
	Priority      string `json:"priority,omitzero"` // low, medium, high
	ListingID     string `json:"listingId,omitzero"`
	ReservationID string `json:"reservationId,omitzero"`
	AssigneeID    string `json:"assigneeId,omitzero"`

	StartTime        string `json:"startTime,omitzero"`
	CanStartAfter    string `json:"canStartAfter,omitzero"`
	MustFinishBefore string `json:"mustFinishBefore,omitzero"`
	// PlannedDuration is in hours.
	PlannedDuration float64 `json:"plannedDuration,omitzero"`
	// Status is for updates.
	Status string `json:"status,omitzero"`
}

// pagination is the place of a page of the search. HasMore is nil when the
// vendor does not say.
type pagination struct {
	HasMore *bool `json:"hasMore"`
}

// The envelopes of the lists. Records tell a missing list from an empty one.
type reservationList struct {
	Results    wire.Records `json:"results"`
	Pagination pagination   `json:"pagination"`
}

type listingList struct {
	Results wire.Records `json:"results"`
	Count   pms.Text     `json:"count"`
}

type taskList struct {
	Results wire.Records `json:"results"`
	Data    wire.Records `json:"data"`
}

type calendarAnswer struct {
	Days *struct {
		ListingID pms.Text                   `json:"listingId"`
		Blocks    map[string]json.RawMessage `json:"blocks"`
	} `json:"days"`
}

// apiFault holds the shapes in which errors have been seen.
type apiFault struct {
	Message pms.Text        `json:"message"`
	Code    pms.Text        `json:"code"`
	Error   json.RawMessage `json:"error"`
	Details json.RawMessage `json:"details"`
}
