// Command gen writes the connector table of the catalog into README.md and
// doc.go, and the code of the example into README.md. CI runs it and fails on a
// difference.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("gen: ", err)
	}
}

func run() error {
	infos := catalog.All()
	code, err := sample()
	if err != nil {
		return err
	}
	return errors.Join(
		replace("README.md", "<!-- sample -->\n", "<!-- /sample -->\n", code),
		replace("README.md", "<!-- connectors -->\n", "<!-- /connectors -->\n", markdown(infos)),
		replace("doc.go", "// # Connectors\n//\n", "//go:generate ", comment(infos)),
	)
}

// replace puts text between two marks of a file.
func replace(path, begin, end, text string) error {
	data, err := os.ReadFile(path) //nolint:gosec // the two files above
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(data, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no marks for the table", path)
	}
	out := string(before) + begin + text + end + string(after)
	return os.WriteFile(path, []byte(out), 0o600) //nolint:gosec // one of the two files above
}

// sample returns the body of the package example, which the tests compile and
// run, as Markdown.
func sample() (string, error) {
	data, err := os.ReadFile("example_test.go")
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(data), "func Example() {\n")
	body, _, ok2 := strings.Cut(rest, "\t// Output:")
	if !ok || !ok2 {
		return "", errors.New("example_test.go has no Example with an output")
	}
	var b strings.Builder
	b.WriteString("\n```go\n")
	for line := range strings.Lines(body) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	b.WriteString("```\n\n")
	return b.String(), nil
}

func markdown(infos []pms.Info) string {
	var b strings.Builder
	b.WriteString("\n| Vendor | Evidence | Settings |")
	for _, c := range pms.Capabilities() {
		b.WriteString(" " + title(c) + " |")
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(pms.Capabilities())) + "\n")
	for _, info := range infos {
		fmt.Fprintf(&b, "| [%s](%s) | %s, %s | %s |", info.Title, path(info.Name), info.Evidence, info.Checked, credentials(info))
		for _, c := range pms.Capabilities() {
			fmt.Fprintf(&b, " %s |", info.Supports(c))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, info := range infos {
		fmt.Fprintf(&b, "- **%s** ([documentation](%s)). %s\n", info.Title, info.Docs, strings.Join(info.Notes, " "))
	}
	b.WriteString("\n")
	return b.String()
}

func comment(infos []pms.Info) string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	header := []string{""}
	for _, info := range infos {
		header = append(header, info.Title)
	}
	_, _ = fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, c := range pms.Capabilities() {
		cells := []string{title(c)}
		for _, info := range infos {
			cells = append(cells, string(info.Supports(c)))
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush() // into memory
	var out strings.Builder
	for line := range strings.Lines(b.String()) {
		out.WriteString(strings.TrimRight("//\t"+line, " \n") + "\n")
	}
	return out.String() + "//\n"
}

func credentials(info pms.Info) string {
	var names []string
	for _, f := range info.Credentials {
		name := "`" + f.Name + "`"
		if f.Optional {
			name += "?"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// path is where a connector lives: most under pms, some at the top.
func path(name string) string {
	name = strings.TrimSuffix(name, "teams") // the second interface of operto
	if _, err := os.Stat(name); err == nil {
		return name
	}
	return "pms/" + name
}

// title is a capability in words.
func title(c pms.Capability) string {
	switch c {
	case pms.CanListProperties:
		return "lists units"
	case pms.CanListBookings:
		return "lists bookings"
	case pms.CanUpdatedSince:
		return "changed since"
	case pms.CanListChanges:
		return "change feed"
	case pms.CanGetBooking:
		return "one booking"
	case pms.CanWebhook:
		return "webhooks"
	case pms.CanRegisterWebhook:
		return "subscribes"
	case pms.CanSetCleanliness:
		return "writes clean"
	case pms.CanWriteTasks:
		return "writes tasks"
	case pms.HasBlocks:
		return "blocks"
	case pms.HasOwnerStays:
		return "owner stays"
	case pms.HasStayTimes:
		return "stay times"
	case pms.HasGuestCounts:
		return "guest counts"
	case pms.HasTimeZone:
		return "time zone"
	case pms.HasCleanliness:
		return "reads clean"
	default:
		return string(c)
	}
}
