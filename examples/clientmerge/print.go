package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
)

// printer writes what the CRM holds, and keeps the first error.
type printer struct {
	out   io.Writer
	store *crmimport.MemoryStore
	err   error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format, args...)
	}
}

func (p *printer) heading(format string, args ...any) {
	p.printf("\n%s\n\n", fmt.Sprintf(format, args...))
}

func (p *printer) wrote(path string) {
	if path != "" {
		p.printf("\nThe report of the run that stopped, as an HTML e-mail: %s\n", path)
	}
}

// cards prints the clients, by phone.
func (p *printer) cards(title string) {
	places, accounts := p.store.Counts()
	p.heading("%s: %d clients, %d premises, %d accounts", title, len(p.store.All()), places, accounts)
	all := p.store.All()
	slices.SortFunc(all, func(a, b cleaning.ExistingClient) int { return strings.Compare(a.Phone, b.Phone) })
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	for _, c := range all {
		var ids, homes []string
		for _, id := range c.IDs {
			ids = append(ids, id.String())
		}
		for _, link := range c.Places {
			homes = append(homes, strings.TrimSpace(link.Place.ID+" "+string(link.Role)+" "+link.Share))
		}
		name := strings.TrimSpace(c.CompanyName + c.LastName + " " + c.FirstName)
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", c.Phone, name, strings.Join(ids, ", "), strings.Join(homes, ", ")) // into memory
	}
	_ = table.Flush() // as above
	for line := range strings.Lines(lines.String()) {
		p.printf("%s\n", strings.TrimRight(line, " \n"))
	}
}

func writeFile(path, text string) error {
	return os.WriteFile(path, []byte(text), 0o600)
}
