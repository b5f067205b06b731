package pms

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

const syncVersion = 1

// syncState is what a checkpoint holds.
type syncState struct {
	syncHead
	bookings map[string]syncEntry
	// parts are the known parts of reservations that have parts.
	parts map[string]map[string]bool
}

// syncHead is a checkpoint without its bookings.
type syncHead struct {
	Version int    `json:"version"`
	Vendor  string `json:"vendor"`
	// Cursor is the place in the change feed, Since the mark of the list by
	// time of change.
	Cursor string    `json:"cursor,omitzero"`
	Since  time.Time `json:"since,omitzero"`
	// Scanned is when the last scan that is not suspicious began, Suspect when
	// the scans began to be.
	Scanned time.Time `json:"scanned,omitzero"`
	Suspect time.Time `json:"suspect,omitzero"`
}

// syncFile is the JSON of a checkpoint: bookings by property and id.
type syncFile struct {
	syncHead
	Bookings map[string]map[string]syncEntry `json:"bookings,omitempty"`
}

// syncEntry is what Sync remembers of a booking that the host has.
type syncEntry struct {
	digest             uint64
	property           string
	arrival, departure Date
	// part says that the id is a reservation's with "#" and a part behind it.
	part      bool
	cancelled bool
	// misses counts the scans in a row that missed the booking, the first of
	// them at missedAt, in seconds of Unix time.
	misses   int
	missedAt int64
}

func decodeSyncState(checkpoint json.RawMessage, vendor string) (*syncState, error) {
	state := &syncState{
		syncHead: syncHead{Version: syncVersion, Vendor: vendor},
		bookings: map[string]syncEntry{}, parts: map[string]map[string]bool{},
	}
	if text := bytes.TrimSpace(checkpoint); len(text) == 0 || string(text) == "null" {
		return state, nil
	}
	var file syncFile
	err := json.Unmarshal(checkpoint, &file)
	switch {
	case err != nil:
		err = errors.New("it is not a checkpoint")
	case file.Version != syncVersion:
		err = fmt.Errorf("version %d is not known", file.Version)
	case file.Vendor != vendor:
		err = fmt.Errorf("it belongs to %q", file.Vendor)
	}
	if err != nil {
		return nil, &APIError{Vendor: vendor, Op: "Sync", Kind: ErrBadCheckpoint, Err: err}
	}
	state.syncHead = file.syncHead
	count := 0
	for _, bookings := range file.Bookings {
		count += len(bookings)
	}
	state.bookings = make(map[string]syncEntry, count)
	for property, bookings := range file.Bookings {
		for id, e := range bookings {
			e.property = property
			state.put(id, e)
		}
	}
	return state, nil
}

func (s *syncState) encode() (json.RawMessage, error) {
	file := syncFile{syncHead: s.syncHead, Bookings: map[string]map[string]syncEntry{}}
	for id, e := range s.bookings {
		if file.Bookings[e.property] == nil {
			file.Bookings[e.property] = map[string]syncEntry{}
		}
		file.Bookings[e.property][id] = e
	}
	return json.Marshal(file)
}

func (s *syncState) put(id string, e syncEntry) {
	if s.bookings[id].part != e.part {
		s.drop(id)
	}
	s.bookings[id] = e
	if !e.part {
		return
	}
	reservation := e.reservation(id)
	if s.parts[reservation] == nil {
		s.parts[reservation] = map[string]bool{}
	}
	s.parts[reservation][id] = true
}

func (s *syncState) drop(id string) {
	if e := s.bookings[id]; e.part {
		reservation := e.reservation(id)
		delete(s.parts[reservation], id)
		if len(s.parts[reservation]) == 0 {
			delete(s.parts, reservation)
		}
	}
	delete(s.bookings, id)
}

// of returns the known ids of a reservation in order.
func (s *syncState) of(reservation string) []string {
	var ids []string
	if _, known := s.bookings[reservation]; known {
		ids = append(ids, reservation)
	}
	for id := range s.parts[reservation] {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func newSyncEntry(b Booking) (syncEntry, error) {
	digest, err := digestOf(b)
	return syncEntry{
		digest: digest, property: b.PropertyID, arrival: storable(b.Arrival), departure: storable(b.Departure),
		part: reservationOf(b) != b.ID, cancelled: b.Status == StatusCancelled,
	}, err
}

// storable returns a day that can be written and read again, or none.
func storable(d Date) Date {
	if !d.IsValid() || d.Year < 1 || d.Year > 9999 {
		return Date{}
	}
	return d
}

// reservationOf returns the vendor's id of the reservation that b is, or is a
// part of.
func reservationOf(b Booking) string {
	if head, _, part := strings.Cut(b.ID, "#"); part && head == b.GroupID {
		return head
	}
	return b.ID
}

func (e syncEntry) reservation(id string) string {
	if e.part {
		id, _, _ = strings.Cut(id, "#")
	}
	return id
}

// digestOf is a digest of the JSON form without the stamps. Fields that a later
// version adds do not change it while they are empty.
func digestOf(b Booking) (uint64, error) {
	b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
	data, err := json.Marshal(b)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(data)
	return binary.BigEndian.Uint64(sum[:]), nil
}

// MarshalText writes "digest arrival departure flags", the flags being p for a
// part, c for a cancelled booking and m<misses>@<first> for a missed one.
func (e syncEntry) MarshalText() ([]byte, error) {
	text := strconv.AppendUint(make([]byte, 0, 48), e.digest, 36)
	for _, day := range []Date{e.arrival, e.departure} {
		text = append(text, ' ')
		if day.IsZero() {
			text = append(text, '-')
		} else {
			text = day.In(time.UTC).AppendFormat(text, time.DateOnly)
		}
	}
	if e.part {
		text = append(text, " p"...)
	}
	if e.cancelled {
		text = append(text, " c"...)
	}
	if e.misses > 0 {
		text = append(text, " m"...)
		text = strconv.AppendInt(text, int64(e.misses), 10)
		text = append(text, '@')
		text = strconv.AppendInt(text, e.missedAt, 10)
	}
	return text, nil
}

var errSyncEntry = errors.New("not an entry of a checkpoint")

// UnmarshalText reads what MarshalText writes.
func (e *syncEntry) UnmarshalText(text []byte) error {
	digest, rest, _ := strings.Cut(string(text), " ")
	arrival, rest, _ := strings.Cut(rest, " ")
	departure, rest, _ := strings.Cut(rest, " ")
	var read syncEntry
	var errs [3]error
	read.digest, errs[0] = strconv.ParseUint(digest, 36, 64)
	read.arrival, errs[1] = parseSyncDay(arrival)
	read.departure, errs[2] = parseSyncDay(departure)
	if errs != [3]error{} {
		return errSyncEntry
	}
	for flag := range strings.FieldsSeq(rest) {
		if err := read.setFlag(flag); err != nil {
			return err
		}
	}
	*e = read
	return nil
}

func (e *syncEntry) setFlag(flag string) error {
	count, first, missed := strings.Cut(strings.TrimPrefix(flag, "m"), "@")
	var err error
	switch {
	case flag == "p":
		e.part = true
	case flag == "c":
		e.cancelled = true
	case missed && flag[0] == 'm':
		if e.misses, err = strconv.Atoi(count); err == nil {
			e.missedAt, err = strconv.ParseInt(first, 10, 64)
		}
	default:
		err = errSyncEntry
	}
	return err
}

func parseSyncDay(text string) (Date, error) {
	if text == "-" {
		return Date{}, nil
	}
	return civil.ParseDate(text)
}
