package pms

import "time"

// Info describes a vendor: what a host shows on a connect form and what it may
// expect. It is a value without network.
type Info struct {
	// Name is the identifier of the connector, "bnovo"; Title is for people.
	Name  string `json:"name"`
	Title string `json:"title"`
	Docs  string `json:"docs"`
	// Access says how an account gets its credentials.
	Access string `json:"access"`
	Auth   string `json:"auth"`
	// Limits are the vendor's published allowances; all hold at once.
	Limits []Limit `json:"limits,omitempty"`
	// Evidence is the grade of what is known (A official specification, B
	// several independent sources agree, C a single or old source), as of
	// Checked.
	Evidence string `json:"evidence"`
	Checked  Date   `json:"checked"`
	// Credentials are the fields of a connect form, in order.
	Credentials  []Field                `json:"credentials"`
	Capabilities map[Capability]Support `json:"capabilities"`
	// Notes are the limits a host should know, one sentence each.
	Notes []string `json:"notes,omitempty"`
}

// Supports returns the entry of the capability table, [No] if there is none.
func (i Info) Supports(c Capability) Support {
	if s, ok := i.Capabilities[c]; ok {
		return s
	}
	return No
}

// Field is one field of the settings.
type Field struct {
	// Name is the key in the settings JSON.
	Name     string `json:"name"`
	Label    string `json:"label"`
	Help     string `json:"help,omitzero"`
	Secret   bool   `json:"secret,omitzero"`
	Optional bool   `json:"optional,omitzero"`
}

// Limit is an allowance of Requests in any Window of time.
type Limit struct {
	Requests int           `json:"requests"`
	Window   time.Duration `json:"window"`
	// PerAddress says that all accounts behind one IP address share the
	// allowance, and not only the clients of an account: give their connectors
	// the same [Limiter].
	PerAddress bool `json:"perAddress,omitzero"`
}

// Support is an entry of the capability table.
type Support string

// The entries of the capability table. Yes rests on the evidence that
// [Info.Evidence] grades; Unverified on less.
const (
	Yes        Support = "yes"
	No         Support = "no"
	Unverified Support = "unverified"
)

// Capability is a row of the capability table.
type Capability string

// The capabilities, in the order of the table.
const (
	CanListProperties  Capability = "properties"      // the vendor lists units itself
	CanListBookings    Capability = "bookings"        // the vendor lists bookings
	CanUpdatedSince    Capability = "updatedSince"    // the vendor filters by change
	CanListChanges     Capability = "changes"         // ChangeLister
	CanGetBooking      Capability = "getBooking"      // BookingGetter
	CanWebhook         Capability = "webhook"         // WebhookParser
	CanRegisterWebhook Capability = "registerWebhook" // WebhookRegistrar
	CanSetCleanliness  Capability = "setCleanliness"  // CleanlinessWriter
	CanWriteTasks      Capability = "writeTasks"      // TaskWriter
	HasBlocks          Capability = "blocks"          // blocks are told apart from stays
	HasOwnerStays      Capability = "ownerStays"      // owner stays are told apart
	HasStayTimes       Capability = "stayTimes"       // clock times of a single stay
	HasGuestCounts     Capability = "guestCounts"     // number of guests
	HasTimeZone        Capability = "timeZone"        // zone of the property
	HasCleanliness     Capability = "readCleanliness" // housekeeping status of a unit
)

// Capabilities returns all rows of the capability table in order.
func Capabilities() []Capability {
	return []Capability{
		CanListProperties, CanListBookings, CanUpdatedSince, CanListChanges, CanGetBooking, CanWebhook, CanRegisterWebhook,
		CanSetCleanliness, CanWriteTasks,
		HasBlocks, HasOwnerStays, HasStayTimes, HasGuestCounts, HasTimeZone, HasCleanliness,
	}
}
