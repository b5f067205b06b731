package sandbox

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// bnovoRoom is an item of /rooms.
type bnovoRoom struct {
	ID          int64   `json:"id"`
	HotelID     int64   `json:"hotel_id"`
	RoomTypeID  int64   `json:"room_type_id"`
	Name        string  `json:"name"`
	Tags        *string `json:"tags"`
	SortOrder   int     `json:"sort_order"`
	CleanStatus *string `json:"clean_status"`
	RoomType    string  `json:"room_type"`
}

// bnovoRoomType is an item of /roomtypes.
type bnovoRoomType struct {
	ID          int64   `json:"id"`
	HotelID     int64   `json:"hotel_id"`
	ParentID    int64   `json:"parent_id"`
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Adults      int     `json:"adults"`
	Children    int     `json:"children"`
	Price       string  `json:"price"`
	Board       string  `json:"board"`
	Description *string `json:"description"`
}

// bnovoClosure is an item of /rooms/closed.
type bnovoClosure struct {
	ID       int64  `json:"id"`
	HotelID  int64  `json:"hotel_id"`
	RoomID   int64  `json:"room_id"`
	Reason   string `json:"reason"`
	Comment  string `json:"comment"`
	DateFrom string `json:"date_from"`
	DateTo   string `json:"date_to"`
}

// bnovoCommon is what a booking has in the list and alone.
type bnovoCommon struct {
	ID                int64           `json:"id"`
	HotelID           int64           `json:"hotel_id"`
	Number            string          `json:"number"`
	Amount            json.Number     `json:"amount"`
	AmountProvider    json.Number     `json:"amount_provider"`
	IsBlocked         bool            `json:"is_blocked"`
	LinkID            string          `json:"link_id"`
	ProviderBookingID string          `json:"provider_booking_id"`
	Guarantee         string          `json:"guarantee"`
	PlanName          string          `json:"plan_name"`
	RoomCleanStatus   *string         `json:"current_room_clean_status"`
	RoomName          string          `json:"room_name"`
	EarlyCheckIn      bool            `json:"early_check_in"`
	LateCheckOut      bool            `json:"late_check_out"`
	Unread            bool            `json:"unread"`
	Source            bnovoSource     `json:"source"`
	Status            bnovoStatus     `json:"status"`
	Customer          *bnovoCustomer  `json:"customer"`
	Dates             bnovoStamps     `json:"dates"`
	Discount          bnovoDiscount   `json:"discount"`
	Extra             bnovoExtra      `json:"extra"`
	ExtraProvider     json.RawMessage `json:"extra_provider"`
	RoomID            int64           `json:"room_id"`
	RoomTypeID        int64           `json:"room_type_id"`
	ParentRoomTypeID  int64           `json:"parent_room_type_id"`
}

// bnovoBooking is an item of /bookings.
type bnovoBooking struct {
	bnovoCommon
	Prices []bnovoPrice `json:"prices"`
	Notes  string       `json:"notes"`
}

// bnovoDetail is /bookings/{id}. It has no notes. The name and shape of Linked
// are not documented.
type bnovoDetail struct {
	bnovoCommon
	IsGuaranteeEncrypted  bool               `json:"is_guarantee_encrypted"`
	PaymentsTotal         json.Number        `json:"payments_total"`
	CustomersTotal        int                `json:"customers_total"`
	Supplier              bnovoSupplier      `json:"supplier"`
	Agency                bnovoAgency        `json:"agency"`
	ActualPrice           bnovoDetailPrice   `json:"actual_price"`
	Customers             []bnovoCustomer    `json:"customers"`
	Prices                []bnovoDetailPrice `json:"prices"`
	PricesAll             []bnovoDetailPrice `json:"prices_all"`
	PlanID                int64              `json:"plan_id"`
	InitialRoomTypeID     int64              `json:"initial_room_type_id"`
	ParentInitialRoomType int64              `json:"parent_initial_room_type_id"`
	Linked                []bnovoBooking     `json:"linked_bookings,omitempty"`
}

type bnovoSource struct {
	ID                  int64   `json:"id"`
	Name                string  `json:"name"`
	Icon                *string `json:"icon"`
	Commission          *string `json:"commission"`
	AncillaryCommission int     `json:"ancillary_commission"`
}

type bnovoStatus struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

type bnovoCustomer struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Surname string `json:"surname"`
	Phone   string `json:"phone"`
	Email   string `json:"email"`
	Notes   string `json:"notes"`
}

// bnovoStamps mixes stamps without a zone (create, update, cancel) with zoned
// ones (the rest).
type bnovoStamps struct {
	CreateDate        *string `json:"create_date"`
	Arrival           string  `json:"arrival"`
	Departure         string  `json:"departure"`
	RealArrival       string  `json:"real_arrival"`
	RealDeparture     string  `json:"real_departure"`
	OriginalArrival   *string `json:"original_arrival"`
	OriginalDeparture *string `json:"original_departure"`
	CancelDate        *string `json:"cancel_date"`
	UpdateDate        *string `json:"update_date"`
}

type bnovoDiscount struct {
	Type     int    `json:"type"`
	Amount   int    `json:"amount"`
	ReasonID int    `json:"reason_id"`
	Reason   string `json:"reason"`
}

type bnovoExtra struct {
	Adults   int `json:"adults"`
	Children int `json:"children"`
}

type bnovoPrice struct {
	RoomName       string      `json:"room_name"`
	PlanName       string      `json:"plan_name"`
	RoomTypeName   string      `json:"room_type_name"`
	Price          json.Number `json:"price"`
	Policy         string      `json:"policy"`
	Date           string      `json:"date"`
	RoomTypeID     int64       `json:"room_type_id"`
	RoomID         int64       `json:"room_id"`
	RealRoomTypeID int64       `json:"real_room_type_id"`
}

type bnovoDetailPrice struct {
	ID                    int64       `json:"id"`
	Date                  string      `json:"date"`
	Price                 json.Number `json:"price"`
	Policy                *string     `json:"policy"`
	RoomName              string      `json:"room_name"`
	ServiceName           string      `json:"service_name"`
	ServiceType           string      `json:"service_type"`
	PlanID                int64       `json:"plan_id"`
	RoomID                int64       `json:"room_id"`
	RoomTypeID            int64       `json:"room_type_id"`
	ParentRoomTypeID      int64       `json:"parent_room_type_id"`
	InitialRoomTypeID     int64       `json:"initial_room_type_id"`
	ParentInitialRoomType int64       `json:"parent_initial_room_type_id"`
}

type bnovoSupplier struct {
	ID   int64   `json:"id"`
	Name *string `json:"name"`
}

type bnovoAgency struct {
	ID                       int64   `json:"id"`
	Name                     *string `json:"name"`
	Commission               int     `json:"commission"`
	NotPayServicesCommission int     `json:"not_pay_services_commission"`
}

const (
	bnovoPlanID   = 29
	bnovoPlanName = "Стандартный"
	bnovoPolicy   = "Бронирование можно отменить в любое время до заезда без штрафа."
)

// bnovoStatuses are the statuses by id. Of the colours only that of 1 is
// documented.
var bnovoStatuses = map[int]bnovoStatus{
	bnovoNew:       {bnovoNew, "Новое", "acd87f"},
	bnovoCancelled: {bnovoCancelled, "Отменен", "d0d0d0"},
	bnovoCheckedIn: {bnovoCheckedIn, "Заселен", "7fb2d8"},
	bnovoLeft:      {bnovoLeft, "Выехал", "b0b0b0"},
	bnovoVerified:  {bnovoVerified, "Проверено", "8fd87f"},
	bnovoWaiting:   {bnovoWaiting, "На рассмотрении", "f2d16b"},
}

// bnovoSources are the channels. Only 0 is documented.
var bnovoSources = map[string]bnovoSource{
	"direct":   {ID: 0, Name: "Прямое"},
	"booking":  {ID: 1, Name: "Booking.com"},
	"airbnb":   {ID: 2, Name: "Airbnb"},
	"expedia":  {ID: 3, Name: "Expedia"},
	"vrbo":     {ID: 4, Name: "Vrbo"},
	"ostrovok": {ID: 5, Name: "Ostrovok.ru"},
	"avito":    {ID: 6, Name: "Avito"},
}

// bnovoView renders records at one moment.
type bnovoView struct {
	world *World
	opts  BnovoOptions
	units map[string]Property
	today pms.Date
}

func (b *Bnovo) view() bnovoView {
	v := bnovoView{world: b.world, opts: b.opts, units: map[string]Property{}, today: b.world.Today()}
	for _, p := range b.world.Units() {
		v.units[p.ID] = p
	}
	return v
}

// unit returns a unit, or the hotel's defaults for a stay without one.
func (v bnovoView) unit(id string) Property {
	if p, ok := v.units[id]; ok {
		return p
	}
	return v.world.withDefaults(Property{})
}

func (v bnovoView) dates(s *Stay) bnovoDates {
	p := v.unit(s.UnitID)
	return bnovoDates{
		status: bnovoStatusID(s), arrival: at(s.Arrival, p.CheckIn, p.Zone), departure: at(s.Departure, p.CheckOut, p.Zone),
		created: s.CreatedAt.Truncate(time.Second), updated: s.UpdatedAt.Truncate(time.Second),
		cancel: s.CancelledAt.Truncate(time.Second),
	}
}

func bnovoStatusID(s *Stay) int {
	switch s.Status {
	case pms.StatusCancelled, pms.StatusNoShow:
		return bnovoCancelled
	case pms.StatusCheckedIn:
		return bnovoCheckedIn
	case pms.StatusCheckedOut:
		return bnovoLeft
	case pms.StatusInquiry, pms.StatusTentative:
		return bnovoWaiting
	case pms.StatusConfirmed, pms.StatusUnknown:
	}
	if s.Verified {
		return bnovoVerified
	}
	return bnovoNew
}

// zoned is a stamp as PostgreSQL prints it: the minutes of the offset only if
// there are any.
func zoned(t time.Time) string {
	if _, offset := t.Zone(); offset%3600 != 0 {
		return t.Format(time.DateTime + "-07:00")
	}
	return t.Format(time.DateTime + "-07")
}

func (v bnovoView) stamps(s *Stay) bnovoStamps {
	zone := v.world.Zone()
	p := v.unit(s.UnitID)
	out := bnovoStamps{
		CreateDate: stamp(s.CreatedAt, zone), UpdateDate: stamp(s.UpdatedAt, zone), CancelDate: stamp(s.CancelledAt, zone),
		Arrival: zoned(at(s.Arrival, p.CheckIn, p.Zone)), Departure: zoned(at(s.Departure, p.CheckOut, p.Zone)),
		RealArrival:   zoned(at(s.Arrival, firstClock(s.ArrivalTime, p.CheckIn), p.Zone)),
		RealDeparture: zoned(at(s.Departure, firstClock(s.DepartureTime, p.CheckOut), p.Zone)),
	}
	if !s.OriginalArrival.IsZero() {
		out.OriginalArrival = new(zoned(at(s.OriginalArrival, p.CheckIn, p.Zone)))
	}
	if !s.OriginalDeparture.IsZero() {
		out.OriginalDeparture = new(zoned(at(s.OriginalDeparture, p.CheckOut, p.Zone)))
	}
	return out
}

func (v bnovoView) clean(p Property) *string {
	if word, ok := v.opts.CleanWords[p.Cleanliness]; ok {
		return &word
	}
	return nil
}

func (v bnovoView) room(p Property, order int) bnovoRoom {
	return bnovoRoom{
		ID: number(p.ID), HotelID: v.opts.HotelID, RoomTypeID: number(p.ParentID),
		Name: p.Name, SortOrder: order, CleanStatus: v.clean(p), RoomType: p.ParentName,
	}
}

func (v bnovoView) closure(s *Stay) bnovoClosure {
	d := v.dates(s)
	reason := s.Reason
	if reason == "" {
		reason = "repair"
	}
	return bnovoClosure{
		ID: number(s.ID), HotelID: v.opts.HotelID, RoomID: number(s.UnitID), Reason: reason, Comment: s.Notes,
		DateFrom: d.arrival.Format(time.DateTime), DateTo: d.departure.Format(time.DateTime),
	}
}

func bnovoSourceOf(channel string) bnovoSource {
	if source, ok := bnovoSources[channel]; ok {
		return source
	}
	return bnovoSource{ID: 90, Name: channel}
}

func bnovoCustomerOf(s *Stay) *bnovoCustomer {
	if s.Guest == (pms.Guest{}) {
		return nil
	}
	name, surname := splitName(s.Guest.Name)
	return &bnovoCustomer{ID: number(s.ID) + 1_000_000, Name: name, Surname: surname, Phone: s.Guest.Phone, Email: s.Guest.Email}
}

func (v bnovoView) common(s *Stay) bnovoCommon {
	room := v.unit(s.unitOn(v.today))
	home := v.unit(s.UnitID)
	link := s.Group
	if link == "" {
		link = s.Code
	}
	provider := json.Number("0")
	if s.ChannelCode != "" {
		provider = amount(s.Total.Amount)
	}
	return bnovoCommon{
		ID: number(s.ID), HotelID: v.opts.HotelID, Number: s.Code, LinkID: link, ProviderBookingID: s.ChannelCode,
		Amount: amount(s.Total.Amount), AmountProvider: provider, PlanName: bnovoPlanName,
		RoomID: number(room.ID), RoomName: room.Name, RoomTypeID: number(room.ParentID), ParentRoomTypeID: number(room.ParentID),
		RoomCleanStatus: v.clean(room),
		EarlyCheckIn:    !s.ArrivalTime.IsZero() && s.ArrivalTime.Minutes() < home.CheckIn.Minutes(),
		LateCheckOut:    !s.DepartureTime.IsZero() && s.DepartureTime.Minutes() > home.CheckOut.Minutes(),
		Source:          bnovoSourceOf(s.Channel), Status: bnovoStatuses[bnovoStatusID(s)],
		Customer: bnovoCustomerOf(s), Dates: v.stamps(s),
		Extra: bnovoExtra{Adults: s.Guests.Adults, Children: s.Guests.Children + s.Guests.Infants},
	}
}

func (v bnovoView) listItem(s *Stay) bnovoBooking {
	b := bnovoBooking{bnovoCommon: v.common(s), Prices: []bnovoPrice{}, Notes: s.Notes}
	for _, n := range s.nights() {
		p := v.unit(n.unitID)
		b.Prices = append(b.Prices, bnovoPrice{
			RoomName: p.Name, PlanName: bnovoPlanName, RoomTypeName: p.ParentName,
			Price: json.Number(money(n.price)), Policy: bnovoPolicy, Date: n.day.String(),
			RoomTypeID: number(p.ParentID), RoomID: number(p.ID), RealRoomTypeID: number(p.ParentID),
		})
	}
	return b
}

func (v bnovoView) detail(s *Stay) bnovoDetail {
	home := v.unit(s.UnitID)
	d := bnovoDetail{
		bnovoCommon: v.common(s), PaymentsTotal: amount(s.Paid), Customers: []bnovoCustomer{}, PlanID: bnovoPlanID,
		InitialRoomTypeID: number(home.ParentID), ParentInitialRoomType: number(home.ParentID),
	}
	if d.Customer != nil {
		d.Customers = append(d.Customers, *d.Customer)
	}
	d.CustomersTotal = len(d.Customers)
	for i, n := range s.nights() {
		p := v.unit(n.unitID)
		d.Prices = append(d.Prices, bnovoDetailPrice{
			ID: number(s.ID)*100 + int64(i), Date: n.day.String(), Price: json.Number(money(n.price)), Policy: new(bnovoPolicy),
			RoomName: p.Name, PlanID: bnovoPlanID, RoomID: number(p.ID), RoomTypeID: number(p.ParentID), ParentRoomTypeID: number(p.ParentID),
			InitialRoomTypeID: number(home.ParentID), ParentInitialRoomType: number(home.ParentID),
		})
	}
	d.PricesAll = slices.Clone(d.Prices)
	d.ActualPrice = d.Prices[0]
	for _, price := range d.Prices {
		if price.Date <= v.today.String() {
			d.ActualPrice = price
		}
	}
	return d
}

// linked returns the other bookings of the group.
func (v bnovoView) linked(s *Stay) []bnovoBooking {
	out := []bnovoBooking{}
	if s.Group == "" {
		return out
	}
	for _, other := range v.world.staysIf(func(o *Stay) bool { return o.Group == s.Group && o.ID != s.ID }) {
		out = append(out, v.listItem(&other))
	}
	return out
}
