package remonlinetest

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options configure an Account. The zero value is a working one.
type Options struct {
	// APIKey is the key that is accepted. Empty means "sandbox-remonline-key".
	APIKey string
	// WebhookSecret signs deliveries. Empty means "sandbox-remonline-webhook".
	WebhookSecret string
	// Clock tells the time. Nil means time.Now.
	Clock func() time.Time
	// Orders is how many orders the account is seeded with. Zero means 120,
	// negative none.
	Orders int
	// NoLimits switches the rate limit off.
	NoLimits bool
}

// Account is the stand-in. It is safe for concurrent use.
type Account struct {
	opts Options
	mux  *http.ServeMux

	mu        sync.Mutex
	calls     []time.Time
	lastID    int64
	locations []Location
	statuses  []Status
	types     []OrderType
	employees []Employee
	fields    []Field
	contacts  []Contact
	orders    []Order
}

// Location is a branch.
type Location struct {
	ID       int64
	Name     string
	Address  string
	Zone     string
	Archived bool
}

// Status is an order status. Group is 1 new, 2 in progress, 3 pending, 4 done,
// 5 delivery, 6 closed, 7 dropped off.
type Status struct {
	ID    int64
	Name  string
	Color string
	Group int
}

// OrderType is a type of orders.
type OrderType struct {
	ID    int64
	Title string
}

// Employee is a user of the account.
type Employee struct {
	ID                  int64
	FirstName, LastName string
	Active              bool
}

// Field is a custom field of orders.
type Field struct {
	ID    int64
	Title string
	Type  int
}

// Contact is a person or an organization.
type Contact struct {
	ID           int64
	Organization bool
	// Name is an organization's; the others a person's.
	Name, FirstName, LastName string
	Email                     string
	Phones                    []string
	Notes                     string
	TaxID                     string
	CreatedAt, ModifiedAt     time.Time
}

// Order is an order. Money is in hundredths, quantities in thousandths.
type Order struct {
	ID             int64
	Number         string
	StatusID       int64
	TypeID         int64
	LocationID     int64
	ClientID       int64
	ManagerID      int64
	AssigneeID     int64
	Malfunction    string
	EstimatedPrice string
	Discount       int64
	Paid           int64
	Urgent         bool
	CustomFields   map[string]any
	Items          []Item
	CreatedAt      time.Time
	ModifiedAt     time.Time
	DoneAt         time.Time
	ClosedAt       time.Time
	DueDate        time.Time
	ScheduledFor   time.Time
}

// Item is a service or a product of an order.
type Item struct {
	ID       int64
	Title    string
	Product  bool
	Quantity int64
	Price    int64
	Cost     int64
}

// Total is the sum of an order: its items less the discount.
func (o Order) Total() int64 {
	total := -o.Discount
	for _, item := range o.Items {
		total += perThousand(item.Price * item.Quantity)
	}
	return total
}

// Cost is what the items of an order cost the firm.
func (o Order) Cost() int64 {
	var cost int64
	for _, item := range o.Items {
		cost += perThousand(item.Cost * item.Quantity)
	}
	return cost
}

// perThousand divides by a thousand and rounds half away from zero.
func perThousand(n int64) int64 {
	if n < 0 {
		return -perThousand(-n)
	}
	return (n + 500) / 1000
}

// NewAccount makes an account with the same contents for the same seed.
func NewAccount(seed uint64, o Options) *Account {
	o.APIKey = cmp.Or(o.APIKey, "sandbox-remonline-key")
	o.WebhookSecret = cmp.Or(o.WebhookSecret, "sandbox-remonline-webhook")
	o.Orders = max(cmp.Or(o.Orders, 120), 0)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	a := &Account{opts: o, lastID: 71_200_000}
	a.seed(seed)
	a.routes()
	return a
}

// Options returns the options with the defaults filled in.
func (a *Account) Options() Options { return a.opts }

// Locations returns the branches, archived ones included.
func (a *Account) Locations() []Location { return slices.Clone(a.locations) }

// Statuses returns the statuses in the account's order.
func (a *Account) Statuses() []Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.statuses)
}

// Employees returns the users.
func (a *Account) Employees() []Employee { return slices.Clone(a.employees) }

// Contacts returns people and organizations.
func (a *Account) Contacts() []Contact {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.contacts)
}

// Orders returns the orders by id.
func (a *Account) Orders() []Order {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.orders)
}

// AddStatus adds a status, as a user does in the settings, and returns its id.
func (a *Account) AddStatus(s Status) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.ID = a.nextID()
	a.statuses = append(a.statuses, s)
	return s.ID
}

// AddOrder adds an order and returns its id. Missing stamps are now.
func (a *Account) AddOrder(o Order) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.addOrder(o)
}

func (a *Account) addOrder(o Order) int64 {
	o.ID = a.nextID()
	if o.Number == "" {
		o.Number = orderNumber(o.ID)
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = a.now()
	}
	if o.ModifiedAt.IsZero() {
		o.ModifiedAt = o.CreatedAt
	}
	for i := range o.Items {
		o.Items[i].ID = a.nextID()
	}
	a.orders = append(a.orders, o)
	return o.ID
}

// UpdateOrder changes an order and stamps it. It reports whether there is one.
func (a *Account) UpdateOrder(id int64, change func(*Order)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.orders, func(o Order) bool { return o.ID == id })
	if i < 0 {
		return false
	}
	change(&a.orders[i])
	a.orders[i].ModifiedAt = a.now()
	return true
}

// DeleteOrder removes an order: it vanishes from the list without a trace.
func (a *Account) DeleteOrder(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.orders = slices.DeleteFunc(a.orders, func(o Order) bool { return o.ID == id })
}

func (a *Account) nextID() int64 {
	a.lastID++
	return a.lastID
}

// now is the time to the second: the stamps seen carry no fraction.
func (a *Account) now() time.Time { return a.opts.Clock().UTC().Truncate(time.Second) }
