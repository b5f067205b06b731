package remonline

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
)

// DealSettings turn orders into deals. They are a JSON value that a host
// stores.
type DealSettings struct {
	Filter      Filter      `json:"filter,omitzero"`
	Funnel      Funnel      `json:"funnel"`
	Calculation Calculation `json:"calculation,omitzero"`
	// Checkpoint is where to go on. The zero value reads all orders.
	Checkpoint Checkpoint `json:"checkpoint,omitzero"`
}

// ParseDealSettings reads stored settings. An unknown key is an error that
// names it.
func ParseDealSettings(data []byte) (DealSettings, error) {
	var s DealSettings
	if err := settings.Decode(vendor, data, &s); err != nil {
		return DealSettings{}, err
	}
	return s, nil
}

// Checkpoint is how far a host has read: everything that changed before is
// stored. Its JSON form is an object.
type Checkpoint struct {
	ModifiedSince time.Time `json:"modifiedSince,omitzero"`
}

// IsZero reports whether nothing was read yet.
func (c Checkpoint) IsZero() bool { return c.ModifiedSince.IsZero() }

// Deal is an order as a report sees it.
type Deal struct {
	OrderID    string `json:"orderId"`
	Number     string `json:"number,omitzero"`
	StatusID   string `json:"statusId,omitzero"`
	Status     string `json:"status,omitzero"`
	LocationID string `json:"locationId,omitzero"`
	Location   string `json:"location,omitzero"`

	// Container and Marker are those of the status. A status in no container
	// leaves Container empty and Marker none.
	Container string `json:"container,omitzero"`
	Marker    Marker `json:"marker"`
	// Cost and Amount are in the company's currency.
	Cost   Decimal `json:"cost"`
	Amount Decimal `json:"amount"`

	Client DealClient `json:"client,omitzero"`

	CreatedAt  time.Time `json:"createdAt,omitzero"`
	ModifiedAt time.Time `json:"modifiedAt,omitzero"`
	ClosedAt   time.Time `json:"closedAt,omitzero"`

	// Excluded: the order has changed and does not answer the filter, so a deal
	// that is stored for it is no longer one. It has no container and no
	// amounts, and comes only when reading goes on from a checkpoint.
	Excluded bool `json:"excluded,omitzero"`

	// Order is the order itself.
	Order Order `json:"-"`
}

// DealClient is the client of a deal. Phones are as the vendor wrote them.
type DealClient struct {
	ID             string   `json:"id,omitzero"`
	Name           string   `json:"name,omitzero"`
	IsOrganization bool     `json:"isOrganization,omitzero"`
	Phones         []string `json:"phones,omitempty"`
}

// IsZero reports whether the order has no client.
func (c DealClient) IsZero() bool { return c.ID == "" && c.Name == "" && len(c.Phones) == 0 }

// Mapped reports whether the status of the deal is in a container.
func (d Deal) Mapped() bool { return d.Container != "" }

// Checkpoint is the place after this deal: store it when the deal is stored.
// The second before it is read again, so that no order of the same second is
// lost. It is zero for an order without a stamp: keep the one before. It rests
// on the vendor's sort by modified_at, and so may stand for what came before it
// in [Deals] only.
func (d Deal) Checkpoint() Checkpoint {
	if d.ModifiedAt.IsZero() {
		return Checkpoint{}
	}
	return Checkpoint{ModifiedSince: d.ModifiedAt.Truncate(time.Second).Add(-time.Second)}
}

// DealMaker turns orders into deals, by settings that fit the account. It
// serves one goroutine at a time.
type DealMaker struct {
	filter     *BoundFilter
	calculator *Calculator
	funnel     Funnel
	places     map[pms.Text]int
	names      index
}

// NewDealMaker checks the settings against the account. Without a network it
// serves hosts that keep orders themselves.
func NewDealMaker(s DealSettings, d Directory) (*DealMaker, error) {
	if err := s.Funnel.Validate(); err != nil {
		return nil, err
	}
	filter, err := s.Filter.Bind(d)
	if err != nil {
		return nil, err
	}
	calculator, err := s.Calculation.Compile(d)
	if err != nil {
		return nil, err
	}
	return &DealMaker{filter, calculator, s.Funnel, s.Funnel.places(), d.index()}, nil
}

// Filter returns the filter of the settings for the account.
func (m *DealMaker) Filter() *BoundFilter { return m.filter }

// NeedsItems reports whether deals need the items of their orders.
func (m *DealMaker) NeedsItems() bool { return m.calculator.NeedsItems() }

// Deal makes the deal of an order. An order that the filter leaves out is
// Excluded. Items may be nil unless NeedsItems. An order that cannot be
// calculated is a [*pms.RecordError].
func (m *DealMaker) Deal(o *Order, items []Item) (Deal, error) {
	d := m.identify(o)
	if !m.filter.Match(o) {
		d.Excluded = true
		return d, nil
	}
	var err error
	if d.Cost, d.Amount, err = m.calculator.Evaluate(o, items); err != nil {
		return Deal{}, err
	}
	if place, ok := m.places[o.Status.ID]; ok {
		d.Container, d.Marker = m.funnel.Containers[place].Name, m.funnel.Containers[place].Marker
	}
	return d, nil
}

// identify is the deal without what filter, funnel and calculation say.
func (m *DealMaker) identify(o *Order) Deal {
	return Deal{
		OrderID:    string(o.ID),
		Number:     string(o.Number),
		StatusID:   string(o.Status.ID),
		Status:     m.names.statusName(o),
		LocationID: string(o.BranchID),
		Location:   m.names.locations[string(o.BranchID)],
		Marker:     MarkerNone,
		Client: DealClient{
			ID: string(o.Client.ID), Name: o.Client.DisplayName(),
			IsOrganization: o.Client.IsOrganization.Bool(), Phones: o.Client.PhoneNumbers(),
		},
		CreatedAt:  instant(o.CreatedAt),
		ModifiedAt: instant(o.ModifiedAt),
		ClosedAt:   instant(o.ClosedAt),
		Order:      *o,
	}
}

// Deals walks the deals of the account, the longest unchanged first, under the
// rules of [Orders]: lazy, restartable, a [*pms.RecordError] stands for one
// order, any other error is the last element.
//
// From the zero checkpoint it reads the orders that the filter takes. From a
// later one it reads every order that changed since and tells those that the
// filter leaves out as Excluded, so that a host can drop the deals it stored
// for them. Deleted orders are told by the webhook only.
//
// Settings that do not fit the account, such as a location that it does not
// have, are an error before any order. An expression over items costs one call
// per order, 3 a second.
func Deals(ctx context.Context, c *Client, s DealSettings) iter.Seq2[Deal, error] {
	return func(yield func(Deal, error) bool) {
		m, err := c.dealMaker(ctx, s)
		if err != nil {
			yield(Deal{}, err)
			return
		}
		query, whole := m.filter.Query(), s.Checkpoint.IsZero()
		if !whole {
			query = OrderQuery{Modified: Range{From: s.Checkpoint.ModifiedSince}}
		}
		for o, err := range Orders(ctx, c, query) {
			if err == nil && whole && !m.filter.Match(&o) {
				continue
			}
			var d Deal
			if err == nil {
				d, err = c.deal(ctx, m, &o)
			}
			if !yield(d, err) || final(err) {
				return
			}
		}
	}
}

// final reports whether an error ends a walk.
func final(err error) bool {
	var bad *pms.RecordError
	return err != nil && !errors.As(err, &bad)
}

func (c *Client) dealMaker(ctx context.Context, s DealSettings) (*DealMaker, error) {
	// What is wrong by itself is told before anything is read.
	if err := errors.Join(s.Funnel.Validate(), s.Filter.Validate()); err != nil {
		return nil, err
	}
	if _, err := s.Calculation.Compile(Directory{}); err != nil {
		return nil, err
	}
	n := s.Filter.needs()
	n.fields = s.Calculation.usesCustomFields()
	directory, err := c.readDirectory(ctx, n)
	if err != nil {
		return nil, err
	}
	return NewDealMaker(s, directory)
}

func (c *Client) deal(ctx context.Context, m *DealMaker, o *Order) (Deal, error) {
	if !m.NeedsItems() || !m.filter.Match(o) {
		return m.Deal(o, nil)
	}
	items, err := whole(c.ListOrderItems(ctx, string(o.ID)))
	var bad *pms.RecordError
	if errors.As(err, &bad) || errors.Is(err, pms.ErrNotFound) { // deleted meanwhile, or one bad item
		return Deal{}, &pms.RecordError{Vendor: vendor, Record: "order", ID: string(o.ID), Field: "items", Err: err, Raw: o.Raw}
	}
	if err != nil {
		return Deal{}, err
	}
	return m.Deal(o, items)
}
