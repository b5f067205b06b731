package remonline_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

func Example() {
	ctx := context.Background()
	account := remonlinetest.NewAccount(1, remonlinetest.Options{
		Clock: func() time.Time { return time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) }, NoLimits: true,
	})
	client, err := remonline.New(remonline.Config{
		APIKey:     account.Options().APIKey,
		HTTPClient: &http.Client{Transport: sandbox.Transport(account)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	statuses, err := client.ListStatuses(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	settings := remonline.DealSettings{
		Filter: remonline.Filter{Conditions: []remonline.Condition{
			{Field: "location", Operator: remonline.Equals, Value: "Тверь"},
		}},
		Funnel:      remonline.GroupedFunnel(statuses.Items),
		Calculation: remonline.Calculation{Cost: "total * 0.4", Amount: "total * 0.94"},
	}
	summary, failed, err := remonline.Summarize(settings.Funnel, remonline.Deals(ctx, client, settings))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range summary.Containers {
		fmt.Println(row.Container, row.Count, row.Amount)
	}
	fmt.Println("margin", summary.Total.Margin, "conversion", summary.Conversion, "failed", len(failed))
	// Output:
	// Новый 3 20773.91
	// На исполнении 11 50924.5
	// Отложен 5 27823.91
	// Выполнен 3 11077.9
	// Доставка 1 2350
	// Закрыт успешно 14 75402.03
	// Закрыт неуспешно 10 58704.78
	// margin 141926.39 conversion 29.8 failed 0
}
