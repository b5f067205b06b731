package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/changeover-sdk/changeover/remonline"
)

//go:embed page.html
var pageText string

// The drawing, in its own units: a funnel in the middle, names on its left and
// money on its right.
const (
	chartWidth  = 1080
	middle      = 500
	widest      = 420
	bandHeight  = 74
	bandGap     = 8
	narrowest   = 44
	lossesAbove = 30
)

// chart is what the page shows.
type chart struct {
	City, Currency, Cost, Amount string
	Summary                      remonline.Summary
	Bands                        []band
	// Width and Height are of the drawing; LossY is where the rule above the
	// lost deals is.
	Width, Height, LossY int
	Tiles                []tile
}

type tile struct{ Value, Label string }

// band is a container as a slice of the funnel.
type band struct {
	Row                  remonline.SummaryRow
	Points               string
	Y, Height, TextY     int
	Amount, Margin, Part string
	Class                string
}

func newChart(city, currency string, calculation remonline.Calculation, s remonline.Summary) chart {
	c := chart{City: city, Currency: currency, Cost: calculation.Cost, Amount: calculation.Amount, Summary: s, Width: chartWidth}
	var stages, losses []remonline.SummaryRow
	for _, row := range s.Containers {
		if row.Marker == remonline.MarkerFailure {
			losses = append(losses, row)
		} else {
			stages = append(stages, row)
		}
	}
	top := 0
	for i, row := range stages {
		next := row.Reached
		if i+1 < len(stages) {
			next = stages[i+1].Reached
		}
		c.add(row, top, c.width(row.Reached), c.width(next))
		top += bandHeight + bandGap
	}
	c.LossY = top + lossesAbove/2 - bandGap/2
	top += lossesAbove
	for _, row := range losses {
		c.add(row, top, c.width(row.Count), c.width(row.Count))
		top += bandHeight + bandGap
	}
	c.Height = top - bandGap
	c.Tiles = []tile{
		{fmt.Sprint(s.Total.Count), "orders"},
		{c.money(s.Total.Amount), "amount"},
		{c.money(s.Total.Margin), "margin"},
		{s.Conversion.Fixed(1) + " %", "paid"},
	}
	return c
}

// width is how wide a band of so many deals is.
func (c *chart) width(count int) int {
	if c.Summary.Total.Count == 0 {
		return narrowest
	}
	return narrowest + (widest-narrowest)*count/c.Summary.Total.Count
}

func (c *chart) add(row remonline.SummaryRow, y, above, below int) {
	c.Bands = append(c.Bands, band{
		Row: row, Y: y, Height: bandHeight, TextY: y + bandHeight/2,
		Points: fmt.Sprintf("%d,%d %d,%d %d,%d %d,%d", middle-above/2, y, middle+above/2, y, middle+below/2, y+bandHeight, middle-below/2, y+bandHeight),
		Amount: c.money(row.Amount), Margin: c.money(row.Margin), Part: row.Conversion.Fixed(1) + " %", Class: string(row.Marker),
	})
}

// money is an amount in whole units of the currency.
func (c chart) money(d remonline.Decimal) string {
	return grouped(d.Rat().FloatString(0)) + narrow + c.Currency
}

// Exact is an amount to the hundredth.
func (chart) Exact(d remonline.Decimal) string {
	whole, hundredths, _ := strings.Cut(d.Fixed(2), ".")
	return grouped(whole) + "." + hundredths
}

// narrow is a space that no line breaks at.
const narrow = "\u202f"

// grouped sets the thousands of a whole number apart.
func grouped(text string) string {
	digits, negative := strings.CutPrefix(text, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + narrow + digits[i:]
	}
	if negative {
		return "−" + digits
	}
	return digits
}

func writePage(path string, c chart) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var buffer bytes.Buffer
	if err := page.Execute(&buffer, c); err != nil {
		return err
	}
	return os.WriteFile(path, buffer.Bytes(), 0o600)
}
