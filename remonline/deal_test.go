package remonline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

// grouped is the funnel of the guide: two lost statuses in one container, and
// one status, 910005, in none.
func grouped() remonline.Funnel {
	return remonline.Funnel{Containers: []remonline.Container{
		{Name: "Обращения", Marker: remonline.MarkerNone, Statuses: []pms.Text{"910001", "910002"}},
		{Name: "В работе", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"910003", "910004", "910006", "910007"}},
		{Name: "Некачественные", Marker: remonline.MarkerFailure, Statuses: []pms.Text{"910009", "910010"}},
		{Name: "Оплачен", Marker: remonline.MarkerSuccess, Statuses: []pms.Text{"910008"}},
	}}
}

func inTver() remonline.Filter {
	return remonline.Filter{Conditions: []remonline.Condition{{Field: "location", Operator: remonline.Equals, Value: "Тверь"}}}
}

// The deals of the sandbox are those of its truth.
func TestDeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 140})
		c := s.open(t, remonline.Config{})
		settings := remonline.DealSettings{Filter: inTver(), Funnel: grouped(), Calculation: remonline.Calculation{Amount: "total * 0.94 - items_cost"}}
		want := map[string]remonlinetest.Order{}
		for _, o := range s.Orders() {
			if o.LocationID == 40117 {
				want[id(o.ID)] = o
			}
		}
		deals, failed, err := pms.Collect(remonline.Deals(t.Context(), c, settings))
		require.NoError(t, err)
		require.Empty(t, failed)
		require.Len(t, deals, len(want))
		containers := map[int64]string{910001: "Обращения", 910002: "Обращения", 910003: "В работе", 910004: "В работе", 910006: "В работе", 910007: "В работе", 910008: "Оплачен", 910009: "Некачественные", 910010: "Некачественные"}
		last := time.Time{}
		for _, d := range deals {
			o := want[d.OrderID]
			require.Equal(t, containers[o.StatusID], d.Container)
			require.Equal(t, "Тверь", d.Location)
			require.Equal(t, o.StatusID != 910005, d.Mapped())
			require.Equal(t, big.NewRat(o.Cost(), 100).FloatString(2), d.Cost.Fixed(2))
			amount := new(big.Rat).Sub(new(big.Rat).Mul(big.NewRat(o.Total(), 100), big.NewRat(94, 100)), exactCost(o))
			require.Equal(t, amount.FloatString(2), d.Amount.Fixed(2))
			require.NotEmpty(t, d.Client.Phones)
			require.False(t, d.ModifiedAt.Before(last))
			last = d.ModifiedAt
		}
		require.Contains(t, s.calls()[2], "branches%5B%5D=40117", "what the vendor can filter it does")
	})
}

func exactCost(o remonlinetest.Order) *big.Rat {
	cost := new(big.Rat)
	for _, item := range o.Items {
		cost.Add(cost, big.NewRat(item.Cost*item.Quantity, 100_000))
	}
	return cost
}

func TestDealsReadOnlyWhatTheyNeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 10})
		seq := remonline.Deals(t.Context(), s.open(t, remonline.Config{}), remonline.DealSettings{Funnel: grouped(), Calculation: remonline.Calculation{Cost: "total * 0.3"}})
		require.Empty(t, s.calls(), "no request before the first step")
		deals, _, err := pms.Collect(seq)
		require.NoError(t, err)
		require.Len(t, deals, 10)
		require.Equal(t, []string{
			"GET /v2/company/locations?page=1", "GET /v2/orders/statuses", "GET /v2/orders?page=1&sort=modified_at",
		}, s.calls())
	})
}

func TestDealsRefuseSettingsThatDoNotFit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 10})
		c := s.open(t, remonline.Config{})
		for want, settings := range map[string]remonline.DealSettings{
			"remonline: funnel: containers: required: invalid request":                             {},
			"remonline: calculation: amount: 1:1: unknown name x":                                  {Funnel: grouped(), Calculation: remonline.Calculation{Amount: "x"}},
			`remonline: filter: conditions[0].field: unknown field "x": invalid request`:           {Funnel: grouped(), Filter: remonline.Filter{Conditions: []remonline.Condition{{Field: "x"}}}},
			`remonline: filter: conditions[0].value: no manager is named "Никто": invalid request`: {Funnel: grouped(), Filter: remonline.Filter{Conditions: []remonline.Condition{{Field: "manager", Operator: remonline.Equals, Value: "Никто"}}}},
			`remonline: calculation: cost: 1:1: unknown name f1`:                                   {Funnel: grouped(), Calculation: remonline.Calculation{Cost: "f1"}},
		} {
			deals, _, err := pms.Collect(remonline.Deals(t.Context(), c, settings))
			require.EqualError(t, err, want)
			require.ErrorIs(t, err, pms.ErrInvalid)
			require.Empty(t, deals)
		}
	})
}

func TestDealsGoOnFromACheckpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 60})
		c := s.open(t, remonline.Config{})
		settings := remonline.DealSettings{Filter: inTver(), Funnel: grouped(), Calculation: remonline.Calculation{Cost: "0"}}
		stored := map[string]remonline.Deal{}
		read := func() (n int) {
			for d, err := range remonline.Deals(t.Context(), c, settings) {
				require.NoError(t, err)
				n++
				if delete(stored, d.OrderID); !d.Excluded {
					stored[d.OrderID] = d
				}
				settings.Checkpoint = d.Checkpoint()
			}
			text, err := json.Marshal(settings)
			require.NoError(t, err)
			settings, err = remonline.ParseDealSettings(text)
			require.NoError(t, err)
			return n
		}
		first := read()
		require.Len(t, stored, first)

		timePasses(time.Hour)
		truth := s.Orders()
		var moved, entered, reopened int64
		for _, o := range truth {
			switch {
			case o.LocationID == 40117 && moved == 0:
				moved = o.ID
			case o.LocationID == 40117 && reopened == 0:
				reopened = o.ID
			case o.LocationID != 40117 && entered == 0:
				entered = o.ID
			}
		}
		s.UpdateOrder(moved, func(o *remonlinetest.Order) { o.LocationID = 40118 })
		s.UpdateOrder(entered, func(o *remonlinetest.Order) { o.LocationID = 40117 })
		late := s.AddStatus(remonlinetest.Status{Name: "Новый этап", Group: 2})
		s.UpdateOrder(reopened, func(o *remonlinetest.Order) { o.StatusID = late })

		n := read()
		require.LessOrEqual(t, n, 3+60-first+1, "only what changed since the last deal")
		require.Len(t, stored, first, "one left, one came")
		require.NotContains(t, stored, id(moved))
		require.Contains(t, stored, id(entered))
		require.Equal(t, "Новый этап", stored[id(reopened)].Status)
		require.False(t, stored[id(reopened)].Mapped(), "a status that came later is not lost")
	})
}

func timePasses(d time.Duration) { <-time.After(d) }

func TestABadOrderDoesNotEndTheDeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(remonlinetest.Options{Orders: 5})
		first := s.Orders()[0].ID
		s.seen.Add(
			sandbox.Rule{Match: sandbox.Path("/v2/orders/" + id(first) + "/items"), Do: sandbox.Status(404, nil, `{"message":"gone"}`)},
			sandbox.Rule{Match: sandbox.Path("/v2/orders/" + id(s.Orders()[1].ID) + "/items"), Do: sandbox.Status(200, nil, `[{"id":1,"cost":"canary","quantity":"1"}]`)},
			sandbox.Rule{Match: sandbox.Path("/v2/orders/" + id(s.Orders()[2].ID) + "/items"), Do: sandbox.Status(200, nil, `["canary"]`)},
		)
		deals, failed, err := pms.Collect(remonline.Deals(t.Context(), s.open(t, remonline.Config{}), remonline.DealSettings{Funnel: grouped()}))
		require.NoError(t, err)
		require.Len(t, deals, 2)
		require.Len(t, failed, 3)
		for _, bad := range failed {
			require.NotContains(t, bad.Error(), "canary")
		}
		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/orders/" + id(s.Orders()[3].ID) + "/items"), Do: sandbox.Status(http.StatusForbidden, nil, "")})
		_, _, err = pms.Collect(remonline.Deals(t.Context(), s.open(t, remonline.Config{}), remonline.DealSettings{Funnel: grouped()}))
		require.ErrorIs(t, err, pms.ErrForbidden, "what fails for every order ends the walk")
	})
}

// Orders as the vendor writes them become the deals of the golden file.
func TestGoldenDeals(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/orders.json")
	require.NoError(t, err)
	var orders []remonline.Order
	require.NoError(t, json.Unmarshal(data, &orders))
	settings, err := os.ReadFile("testdata/settings.json")
	require.NoError(t, err)
	parsed, err := remonline.ParseDealSettings(settings)
	require.NoError(t, err)
	d := directory()
	d.Statuses = accountStatuses()
	maker, err := remonline.NewDealMaker(parsed, d)
	require.NoError(t, err)
	var out struct {
		Deals   []remonline.Deal  `json:"deals"`
		Failed  []string          `json:"failed"`
		Explain []string          `json:"explain"`
		Summary remonline.Summary `json:"summary"`
	}
	deals := func(yield func(remonline.Deal, error) bool) {
		for i := range orders {
			if !yield(maker.Deal(&orders[i], []remonline.Item{{Cost: "1800.00", Quantity: "1.000"}})) {
				return
			}
		}
	}
	for d, err := range deals {
		if err != nil {
			out.Failed = append(out.Failed, err.Error())
			continue
		}
		out.Deals = append(out.Deals, d)
	}
	for _, e := range maker.Filter().Explain() {
		out.Explain = append(out.Explain, e.String())
	}
	out.Summary, _, err = remonline.Summarize(parsed.Funnel, deals)
	require.NoError(t, err)
	pmstest.Golden(t, "testdata/deals.golden.json", out)
}

func TestParseDealSettings(t *testing.T) {
	t.Parallel()
	_, err := remonline.ParseDealSettings([]byte(`{"funel":{}}`))
	require.EqualError(t, err, `remonline: settings: unknown key "funel"`)
	s, err := remonline.ParseDealSettings([]byte(`{"funnel":{"containers":[{"name":"a","marker":"none","statuses":[7,"8"]}]}}`))
	require.NoError(t, err)
	require.Equal(t, []pms.Text{"7", "8"}, s.Funnel.Containers[0].Statuses)
	require.True(t, s.Checkpoint.IsZero())
}

func dealsOf(deals ...remonline.Deal) iter.Seq2[remonline.Deal, error] {
	return func(yield func(remonline.Deal, error) bool) {
		for _, d := range deals {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	deal := func(order, container, cost, amount string) remonline.Deal {
		return remonline.Deal{OrderID: order, Container: container, StatusID: "s" + container, Status: "имя", Cost: decimal(t, cost), Amount: decimal(t, amount)}
	}
	gone := deal("4", "Оплачен", "1", "1")
	gone.Excluded = true
	s, failed, err := remonline.Summarize(grouped(), dealsOf(
		deal("1", "Обращения", "1", "10"), deal("1", "Оплачен", "2.10", "20.35"), // moved on while it was read
		deal("2", "Оплачен", "0.05", "100"), deal("3", "В работе", "5", "50"), deal("4", "В работе", "9", "90"), gone,
		deal("5", "Некачественные", "1", "0"), deal("6", "Некачественные", "1", "0"), deal("7", "", "3", "7"),
	))
	require.NoError(t, err)
	require.Empty(t, failed)
	row := func(i int) []string {
		r := s.Containers[i]
		return []string{r.Container, string(r.Marker), fmt.Sprint(r.Count), r.Amount.Fixed(2), r.Cost.Fixed(2), r.Margin.Fixed(2), fmt.Sprint(r.Reached), r.Conversion.String()}
	}
	require.Equal(t, []string{"Обращения", "none", "0", "0.00", "0.00", "0.00", "3", "50"}, row(0))
	require.Equal(t, []string{"В работе", "in_progress", "1", "50.00", "5.00", "45.00", "3", "50"}, row(1))
	require.Equal(t, []string{"Некачественные", "failure", "2", "0.00", "2.00", "-2.00", "2", "33.3"}, row(2))
	require.Equal(t, []string{"Оплачен", "success", "2", "120.35", "2.15", "118.20", "2", "33.3"}, row(3))
	require.Equal(t, 6, s.Total.Count)
	require.Equal(t, "177.35", s.Total.Amount.Fixed(2))
	require.Equal(t, "165.20", s.Total.Margin.Fixed(2))
	require.Equal(t, "33.3", s.Conversion.String())
	require.Equal(t, []remonline.Marker{"none", "in_progress", "success", "failure"}, []remonline.Marker{s.Markers[0].Marker, s.Markers[1].Marker, s.Markers[2].Marker, s.Markers[3].Marker})
	require.Equal(t, []int{0, 1, 2, 2}, []int{s.Markers[0].Count, s.Markers[1].Count, s.Markers[2].Count, s.Markers[3].Count})
	require.Equal(t, []remonline.UnmappedRow{{StatusID: "s", Status: "имя", Totals: remonline.Totals{Count: 1, Amount: decimal(t, "7"), Cost: decimal(t, "3"), Margin: decimal(t, "4")}}}, s.Unmapped)
}

func TestSummarizeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	end := errors.New("end")
	s, failed, err := remonline.Summarize(grouped(), func(yield func(remonline.Deal, error) bool) {
		_ = yield(remonline.Deal{OrderID: "1", Container: "В работе"}, nil) && yield(remonline.Deal{}, &pms.RecordError{ID: "2"}) && yield(remonline.Deal{}, end)
	})
	require.ErrorIs(t, err, end)
	require.Len(t, failed, 1)
	require.Equal(t, []int{1, 1}, []int{s.Total.Count, s.Failed})

	empty, _, err := remonline.Summarize(grouped(), dealsOf())
	require.NoError(t, err)
	require.Equal(t, "0", empty.Conversion.String())

	most := decimal(t, "999999999999999999")
	_, _, err = remonline.Summarize(grouped(), dealsOf(remonline.Deal{OrderID: "1", Amount: most}, remonline.Deal{OrderID: "2", Amount: most}))
	require.ErrorIs(t, err, remonline.ErrOverflow)
}
