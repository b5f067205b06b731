package sandbox

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// HotelCSVOptions are the settings of [LoadHotelCSV].
type HotelCSVOptions struct {
	// Options gives Zone and Clock; a nil Zone means Europe/Lisbon. The numbers
	// of records are not used.
	Options
	// Hotel keeps the rows of one hotel, "City Hotel". Empty means all.
	Hotel string
	// Limit is how many bookings to read. Zero means all.
	Limit int
	// Around moves all days by one number of days, so that the arrival in the
	// middle of the list falls on this day, where the world's clock begins too.
	// Zero leaves the days alone, and the clock begins after the last departure.
	Around pms.Date
}

// LoadHotelCSV reads bookings in the columns of the "Hotel booking demand
// datasets" (Antonio, de Almeida, Nunes, Data in Brief 22, 2019), plain or
// packed with gzip, in any order of columns. The data names no units: each
// booking goes to the first unit of its room type that is free, and units are
// added as they are needed. Guests are invented.
//
// The status is the one at the world's time: a cancellation that is still to
// come is confirmed. A row that cannot be read fails the load.
func LoadHotelCSV(r io.Reader, o HotelCSVOptions) (*World, error) {
	text, err := unpack(r)
	if err != nil {
		return nil, err
	}
	rows, err := readHotelRows(text, o)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("sandbox: no bookings: %w", pms.ErrInvalid)
	}
	slices.SortStableFunc(rows, func(a, b hotelRow) int {
		return cmp.Or(compareDays(a.arrival, b.arrival), cmp.Compare(a.line, b.line))
	})
	o.Start = placeRows(rows, o.Around)
	if o.Zone == nil {
		if o.Zone, err = time.LoadLocation("Europe/Lisbon"); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	w := NewEmptyWorld(o.Options)
	if err := newHotel(w).add(rows); err != nil {
		return nil, err
	}
	return w, nil
}

// unpack undoes gzip, if there is any.
func unpack(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	if magic, err := buffered.Peek(2); err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffered, nil //nolint:nilerr // a text that short is not packed; reading it says what is wrong
	}
	return gzip.NewReader(buffered)
}

// hotelRow is one booking of the data.
type hotelRow struct {
	line                   int
	hotel, roomType        string
	arrival, departure     pms.Date
	created                pms.Date
	adults, children, baby int
	channel                string
	rate                   int64 // hundredths of a euro a night
	status                 string
	statusDay              pms.Date
}

// placeRows moves the rows, which are in order of arrival, and returns the day
// on which the world's clock begins.
func placeRows(rows []hotelRow, around pms.Date) pms.Date {
	if around.IsZero() {
		last := rows[0].departure
		for _, row := range rows {
			if row.departure.After(last) {
				last = row.departure
			}
		}
		return last.AddDays(1)
	}
	days := around.DaysSince(rows[len(rows)/2].arrival)
	for i := range rows {
		row := &rows[i]
		for _, day := range []*pms.Date{&row.arrival, &row.departure, &row.created, &row.statusDay} {
			*day = day.AddDays(days)
		}
	}
	return around
}

func readHotelRows(r io.Reader, o HotelCSVOptions) ([]hotelRow, error) {
	reader := csv.NewReader(r)
	reader.ReuseRecord = true
	head, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("sandbox: head of the bookings: %w", err)
	}
	columns := make(map[string]int, len(head))
	for i, name := range head {
		columns[strings.TrimPrefix(name, "\ufeff")] = i
	}
	var rows []hotelRow
	for o.Limit <= 0 || len(rows) < o.Limit {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox: bookings: %w", err)
		}
		line, _ := reader.FieldPos(0)
		fields := hotelFields{columns: columns, record: record}
		row := fields.row(line)
		if fields.err != nil {
			return nil, fmt.Errorf("sandbox: bookings: line %d: %w", line, fields.err)
		}
		if o.Hotel == "" || row.hotel == o.Hotel {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// hotelFields reads the columns of a record and keeps the first error.
type hotelFields struct {
	columns map[string]int
	record  []string
	err     error
}

func (f *hotelFields) row(line int) hotelRow {
	month, err := time.Parse("January", f.text("arrival_date_month"))
	f.fail("arrival_date_month", err)
	arrival := pms.Date{Year: f.number("arrival_date_year"), Month: month.Month(), Day: f.number("arrival_date_day_of_month")}
	if !arrival.IsValid() {
		f.fail("arrival_date_day_of_month", errors.New("not a day"))
	}
	statusDay, err := time.Parse("1/2/2006", f.text("reservation_status_date"))
	f.fail("reservation_status_date", err)
	return hotelRow{
		line: line, hotel: f.text("hotel"), roomType: f.text("assigned_room_type"),
		arrival:   arrival,
		departure: arrival.AddDays(f.number("stays_in_weekend_nights") + f.number("stays_in_week_nights")),
		created:   arrival.AddDays(-f.number("lead_time")),
		adults:    f.number("adults"), children: f.number("children"), baby: f.number("babies"),
		channel: strings.ToLower(f.text("distribution_channel")),
		rate:    cents(f.optional("adr")),
		status:  f.text("reservation_status"), statusDay: civil.DateOf(statusDay),
	}
}

func (f *hotelFields) optional(name string) string {
	if i, ok := f.columns[name]; ok && i < len(f.record) {
		return strings.Clone(f.record[i])
	}
	return ""
}

func (f *hotelFields) text(name string) string {
	if _, ok := f.columns[name]; !ok {
		f.fail(name, errors.New("no such column"))
	}
	return f.optional(name)
}

// number reads a whole number. Empty and "NA" are 0: the children of some
// bookings are not known.
func (f *hotelFields) number(name string) int {
	text := f.text(name)
	if text == "" || text == "NA" {
		return 0
	}
	n, err := strconv.Atoi(text)
	f.fail(name, err)
	return n
}

func (f *hotelFields) fail(name string, err error) {
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("%s: %w: %w", name, err, pms.ErrInvalid)
	}
}

// hotel assigns units of a room type by first fit.
type hotel struct {
	*World
	rng   *rand.Rand
	types map[string]*hotelRooms
}

type hotelRooms struct {
	parentID, name string
	units          []hotelUnit
}

type hotelUnit struct {
	id   string
	free pms.Date
}

func newHotel(w *World) *hotel {
	return &hotel{
		World: w, types: map[string]*hotelRooms{},
		rng: rand.New(rand.NewPCG(2019, 22)), //nolint:gosec // invented guests are the same in every run
	}
}

func (h *hotel) add(rows []hotelRow) error {
	for _, row := range rows {
		s := h.stay(row)
		unit, err := h.unit(row, s.Status != pms.StatusCancelled && s.Status != pms.StatusNoShow)
		if err != nil {
			return err
		}
		s.UnitID = unit
		if _, err := h.AddStay(s); err != nil {
			return fmt.Errorf("sandbox: bookings: line %d: %w", row.line, err)
		}
	}
	return nil
}

// unit returns the first unit that is free at the arrival, a new one if none
// is, and takes it for the stay if that occupies it.
func (h *hotel) unit(row hotelRow, occupies bool) (string, error) {
	rooms := h.rooms(row)
	i := slices.IndexFunc(rooms.units, func(u hotelUnit) bool { return !u.free.After(row.arrival) })
	if i < 0 && !occupies && len(rooms.units) > 0 {
		return rooms.units[0].id, nil
	}
	if i < 0 {
		id, err := h.AddProperty(Property{
			Name:     fmt.Sprintf("%s%02d", row.roomType, len(rooms.units)+1),
			ParentID: rooms.parentID, ParentName: rooms.name,
			Address: pms.Address{Country: "PT"}, CheckIn: clock(14, 0), CheckOut: clock(12, 0),
			Beds: 4, Cleanliness: pms.Clean,
		})
		if err != nil {
			return "", err
		}
		rooms.units = append(rooms.units, hotelUnit{id: id})
		i = len(rooms.units) - 1
	}
	if occupies {
		rooms.units[i].free = row.departure
	}
	return rooms.units[i].id, nil
}

func (h *hotel) rooms(row hotelRow) *hotelRooms {
	name := row.hotel + " " + row.roomType
	rooms, ok := h.types[name]
	if !ok {
		rooms = &hotelRooms{parentID: strconv.Itoa(701 + len(h.types)), name: name}
		h.types[name] = rooms
	}
	return rooms
}

func (h *hotel) stay(row hotelRow) Stay {
	s := Stay{
		Arrival: row.arrival, Departure: row.departure,
		Guests: pms.Guests{Adults: row.adults, Children: row.children, Infants: row.baby},
		Guest:  inventGuest(h.rng), Channel: row.channel,
		Total: pms.Money{Amount: money(row.rate * int64(max(row.departure.DaysSince(row.arrival), 1))), Currency: "EUR"},
	}
	now, noon := h.Now(), clock(12, 0)
	known := func(day pms.Date) bool { return !at(day, noon, h.zone).After(now) }
	s.CreatedAt = at(row.created, noon, h.zone)
	if s.CreatedAt.After(now) {
		s.CreatedAt = now
	}
	s.Status, s.UpdatedAt = pms.StatusConfirmed, s.CreatedAt
	settle := func(status pms.Status, day pms.Date) {
		s.Status = status
		if t := at(day, noon, h.zone); t.After(s.UpdatedAt) {
			s.UpdatedAt = t
		}
	}
	switch {
	case row.status == "Canceled" && known(row.statusDay):
		settle(pms.StatusCancelled, row.statusDay)
	case row.status == "No-Show" && known(row.statusDay):
		settle(pms.StatusNoShow, row.statusDay)
	case row.status == "Canceled" || row.status == "No-Show":
	case known(row.departure):
		settle(pms.StatusCheckedOut, row.departure)
	case known(row.arrival):
		settle(pms.StatusCheckedIn, row.arrival)
	}
	return s
}

func compareDays(a, b pms.Date) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	default:
		return 0
	}
}
