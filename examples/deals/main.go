// Command deals shows what a report over RemOnline orders takes, offline: the
// orders of one city, a funnel whose stages group the statuses of the account,
// and a calculation of cost and amount. It prints the funnel and draws it.
//
// The vendor is played by remonlinetest in memory; everything else is what a
// host application does. The settings are a JSON value that a host stores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"golang.org/x/time/rate"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "deals:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("deals", flag.ContinueOnError)
	city := flags.String("city", "Тверь", "the location whose orders count")
	orders := flags.Int("orders", 400, "how many orders the account has")
	page := flags.String("html", "deals.html", "where to write the chart; empty writes none")
	if err := flags.Parse(args); err != nil {
		return err
	}

	// Connect. A real account needs the key alone; this one has no limit.
	account := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: *orders, NoLimits: true})
	client, err := remonline.New(remonline.Config{
		APIKey:     account.Options().APIKey,
		HTTPClient: &http.Client{Transport: sandbox.Transport(account)},
		Limiter:    rate.NewLimiter(rate.Inf, 1),
	})
	if err != nil {
		return err
	}
	directory, err := client.ReadDirectory(ctx)
	if err != nil {
		return err
	}

	// Filter, funnel, calculation.
	settings := remonline.DealSettings{
		Filter: remonline.Filter{Conditions: []remonline.Condition{
			{Field: "location", Operator: remonline.Equals, Value: *city},
		}},
		Funnel: funnel(directory.Statuses),
		Calculation: remonline.Calculation{
			Cost:   "items_cost",
			Amount: "total * 0.94", // less a commission of 6 %
		},
	}
	maker, err := remonline.NewDealMaker(settings, directory)
	if err != nil {
		return err
	}
	out := printer{w: stdout}
	for _, e := range maker.Filter().Explain() {
		out.printf("Filter       %s\n", e)
	}
	out.printf("Calculation  cost = %s, amount = %s\n", settings.Calculation.Cost, settings.Calculation.Amount)
	for _, s := range settings.Funnel.Check(directory.Statuses).Unmapped {
		out.printf("Funnel       status %q is in no container\n", s.Name)
	}

	// Read and sum.
	summary, failed, err := remonline.Summarize(settings.Funnel, remonline.Deals(ctx, client, settings))
	if err != nil {
		return err
	}
	for _, bad := range failed {
		out.printf("Skipped      %v\n", bad)
	}
	out.printf("\n")
	out.table(summary)
	if *page != "" && out.err == nil {
		if err := writePage(*page, newChart(*city, string(directory.Company.CurrencySymbol), settings.Calculation, summary)); err != nil {
			return err
		}
		out.printf("\nChart        %s\n", *page)
	}
	return out.err
}

// funnel groups the statuses by their meaning, under the titles of the firm.
// "Ждёт материалы" is left out on purpose: what is in no container is reported.
func funnel(statuses []remonline.Status) remonline.Funnel {
	f := remonline.Funnel{Containers: []remonline.Container{
		{Name: "Обращения", Marker: remonline.MarkerNone},
		{Name: "В работе", Marker: remonline.MarkerInProgress},
		{Name: "Готово", Marker: remonline.MarkerInProgress},
		{Name: "Оплачен", Marker: remonline.MarkerSuccess},
		{Name: "Некачественные", Marker: remonline.MarkerFailure},
	}}
	place := map[pms.Text]int{
		remonline.GroupNew: 0, remonline.GroupInProgress: 1, remonline.GroupPending: 1, remonline.GroupDone: 2,
		remonline.GroupDelivery: 2, remonline.GroupClosed: 3, remonline.GroupDroppedOff: 4,
	}
	for _, s := range statuses {
		if i, ok := place[s.Group.Type]; ok && s.Name != "Ждёт материалы" {
			f.Containers[i].Statuses = append(f.Containers[i].Statuses, s.ID)
		}
	}
	return f
}

// printer remembers the first error of writing.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *printer) table(s remonline.Summary) {
	tab := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	lines := [][]string{{"Container", "Marker", "Deals", "Amount", "Cost", "Margin", "Reached", "Conversion"}}
	row := func(name string, marker remonline.Marker, t remonline.Totals, reached, conversion string) {
		lines = append(lines, []string{
			name, string(marker), fmt.Sprint(t.Count), t.Amount.Fixed(2), t.Cost.Fixed(2), t.Margin.Fixed(2), reached, conversion,
		})
	}
	for _, r := range s.Containers {
		row(r.Container, r.Marker, r.Totals, fmt.Sprint(r.Reached), r.Conversion.Fixed(1)+" %")
	}
	for _, r := range s.Unmapped {
		row("no container: "+r.Status, "", r.Totals, "", "")
	}
	row("All", "", s.Total, fmt.Sprint(s.Total.Count), s.Conversion.Fixed(1)+" %")
	for _, line := range lines {
		if p.err == nil {
			_, p.err = fmt.Fprintln(tab, strings.Join(line, "\t")+"\t")
		}
	}
	if p.err == nil {
		p.err = tab.Flush()
	}
}
