package pmstest

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func pagingScenarios() []scenario {
	return []scenario{
		{name: "pages", play: pages, needs: needsPages},
		{name: "page-sizes", play: pageSizes},
		{name: "page-stored-cursor", play: storedCursor, needs: needsPages},
		{name: "page-of-others", play: pageOfOthers},
		{name: "page-empty", play: pageEmpty, needs: func(h Harness) string {
			if reason := needsPages(h); reason != "" {
				return reason
			}
			return needsJSON(h)
		}},
		{name: "page-repeated", play: pageRepeated, needs: needsPages},
		{name: "row-inserted", play: rowInserted, needs: needsHTTP},
		{name: "row-deleted", play: rowDeleted, needs: needsHTTP},
	}
}

func pages(s *scene) {
	c := s.connect()
	page, err := c.ListBookings(s.ctx, s.paged())
	require.NoError(s, err)
	require.NotEmpty(s, page.Next, "a first page of a list of several")
	assert.NotEmpty(s, page.Items)
	s.complete(c, s.paged())
	require.GreaterOrEqual(s, s.net.count(isBookings), 3, "requests for bookings")
}

// pageSizes: whatever Limit is, nothing is lost.
func pageSizes(s *scene) {
	c := s.connect()
	for _, limit := range []int{1, 2, 13, 100, 1_000_000, -1} {
		if !s.complete(c, pms.BookingQuery{Limit: limit}) {
			s.Errorf("with Limit %d", limit)
		}
	}
}

// storedCursor: another connector goes on where one stopped.
func storedCursor(s *scene) {
	first, err := s.connect().ListBookings(s.ctx, s.paged())
	require.NoError(s, err)
	q := s.paged()
	q.Cursor = first.Next
	rest, failed, err := s.list(s.connect(), q)
	require.NoError(s, err)
	assert.Empty(s, failed)
	s.sameBookings(append(first.Items, rest...), s.bookings(pms.BookingQuery{}))
}

// pageOfOthers: a page on which no booking answers the query is not the end.
func pageOfOthers(s *scene) {
	s.use(s.everything())
	c := s.connect()
	for _, unit := range s.world.Units()[:4] {
		q := s.paged()
		q.PropertyIDs = []string{unit.ID}
		s.complete(c, q)
	}
}

// pageEmpty: an empty page in the middle is an error or is passed over. It is
// not taken for the end while the vendor says that more follows.
func pageEmpty(s *scene) {
	s.complete(s.connect(), s.paged())
	whole := s.net.count(isBookings)
	s.reset()
	s.breaks(s.h.IsBookings, 1, 1, sandbox.Rewrite(s.h.Records.empty))
	_, _, err := s.list(s.connect(), s.paged())
	if got := s.net.count(isBookings); err == nil && got < whole {
		s.Errorf("a page without records ended the list: %d requests of %d, and no error", got, whole)
	}
}

// pageRepeated: a vendor that ignores the place sends the first page for ever.
func pageRepeated(s *scene) {
	whole := len(s.bookingsAfterConnect())
	s.breaks(s.h.IsBookings, 0, 0, replay())
	items, _, err := s.list(s.connect(), s.paged())
	if err == nil {
		s.Errorf("the vendor sent the same page for ever, and the list of %d (of %d) was taken for whole", len(items), whole)
	}
	if got := s.net.count(isBookings); got > 100 {
		s.Errorf("the same page came %d times before the list ended", got)
	}
}

func (s *scene) bookingsAfterConnect() []pms.Booking {
	s.connect()
	return s.bookings(pms.BookingQuery{})
}

// replay answers every request as the first one was answered.
func replay() sandbox.Fault {
	var body []byte
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if body == nil {
			body = got
		}
		resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
		resp.ContentLength = int64(len(body))
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, nil
	}
}

// rowInserted and rowDeleted: what was there all the time is delivered, while
// bookings come and go between the pages.
func rowInserted(s *scene) {
	whileChanging(s, func(n int) error {
		stay := s.world.Stays()[n]
		_, err := s.world.AddStay(sandbox.Stay{UnitID: stay.UnitID, Arrival: stay.Arrival, Departure: stay.Departure})
		return err
	})
}

func rowDeleted(s *scene) {
	whileChanging(s, func(n int) error { return s.world.Delete(s.world.Stays()[n].ID) })
}

func whileChanging(s *scene, change func(n int) error) {
	c := s.connect()
	before := s.bookings(pms.BookingQuery{})
	s.net.answered = func(n int) {
		if n <= 4 {
			if err := change(n); err != nil {
				s.Errorf("world: %v", err)
			}
		}
	}
	items, failed, err := s.list(c, s.paged())
	if err != nil || len(failed) > 0 {
		s.Errorf("list of bookings: %v, %d not readable", err, len(failed))
		return
	}
	got := map[string]bool{}
	for _, b := range items {
		got[b.ID] = true
	}
	still := map[string]bool{}
	for _, b := range s.bookings(pms.BookingQuery{}) {
		still[b.ID] = true
	}
	for _, b := range before {
		if still[b.ID] && !got[b.ID] {
			s.Errorf("booking %s was there all the time and was not delivered", b.ID)
		}
	}
}
