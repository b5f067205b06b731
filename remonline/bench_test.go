package remonline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
)

const benchOrders = 100_000

func benchMaker(b *testing.B) (*remonline.DealMaker, []remonline.Order, []remonline.Item) {
	b.Helper()
	settings, err := os.ReadFile("testdata/settings.json")
	require.NoError(b, err)
	parsed, err := remonline.ParseDealSettings(settings)
	require.NoError(b, err)
	d := directory()
	d.Statuses = accountStatuses()
	maker, err := remonline.NewDealMaker(parsed, d)
	require.NoError(b, err)
	data, err := os.ReadFile("testdata/orders.json")
	require.NoError(b, err)
	var orders []remonline.Order
	require.NoError(b, json.Unmarshal(data, &orders))
	return maker, orders[:1], []remonline.Item{{Cost: "1800.00", Quantity: "1.000"}, {Cost: "12.35", Quantity: "2.500"}}
}

// BenchmarkDeals filters, maps and calculates 100 000 orders in one operation.
func BenchmarkDeals(b *testing.B) {
	maker, orders, items := benchMaker(b)
	b.ReportAllocs()
	for b.Loop() {
		for range benchOrders {
			d, err := maker.Deal(&orders[0], items)
			if err != nil || d.Excluded || d.Container == "" {
				b.Fatal(d, err)
			}
		}
	}
}

// BenchmarkSummarize does the same and sums the deals.
func BenchmarkSummarize(b *testing.B) {
	maker, orders, items := benchMaker(b)
	numbers := make([]pms.Text, benchOrders)
	for i := range numbers {
		numbers[i] = pms.Text(fmt.Sprint(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		s, _, err := remonline.Summarize(grouped(), func(yield func(remonline.Deal, error) bool) {
			order := orders[0]
			for _, id := range numbers {
				order.ID = id
				if !yield(maker.Deal(&order, items)) {
					return
				}
			}
		})
		if err != nil || s.Total.Count != benchOrders {
			b.Fatal(s.Total, err)
		}
	}
}
