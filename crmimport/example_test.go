package crmimport_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/crmimport"
)

func ExampleRead() {
	file := strings.NewReader(`<import version="1" source="1c-main">
  <clients>
    <client extId="C-501"><lastName>Орлова</lastName><phoneNumber>8 (903) 555-01-02</phoneNumber></client>
    <client extId="C-502"/>
  </clients>
</import>`)
	for record, err := range crmimport.Read(file, crmimport.Options{}) {
		var bad *crmimport.RecordError
		switch {
		case errors.As(err, &bad):
			fmt.Println(bad)
		case err != nil:
			fmt.Println("the file:", err)
		default:
			fmt.Println(record.Kind, record.ID(), *record.Client.LastName)
		}
	}
	// Output:
	// client 1c-main:C-501 Орлова
	// line 4, column 5: client C-502: lastName: a person needs a last or a first name
}

func ExampleImporter() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "offers.xml"), []byte(sampleXML), 0o600); err != nil {
		panic(err)
	}
	now := func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }
	importer, err := crmimport.NewImporter(crmimport.ImporterConfig{Now: now})
	if err != nil {
		panic(err)
	}
	report, err := importer.RunNow(context.Background(), crmimport.Job{
		Settings: crmimport.Settings{Organisation: "uo-7", Addresses: "offers.xml", Language: crmimport.English},
		Store:    crmimport.NewMemoryStore(), // the host's own, in earnest
		Files:    crmimport.Sources{Paths: crmimport.Directory{Root: dir}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Print(report.Text())
	// Output:
	// OK, with warnings
	//
	// /offers.xml: imported: read 4, created 4
	//
	// Warnings:
	// - /offers.xml, line 24, C-502: this phone cannot receive a login code
	//
	// Started: 01.03.2026 03:00:00 MSK
	// Finished: 01.03.2026 03:00:00 MSK
}

func ExampleSchedule() {
	daily := crmimport.Schedule{Minute: "19", Hour: "22", DayOfMonth: "*", Month: "*", Weekday: "*"}
	timetable, err := daily.In("Europe/Moscow")
	if err != nil {
		panic(err)
	}
	next := timetable.Next(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	fmt.Println(next.Format("02.01.2006 15:04 MST"))
	// Output: 01.03.2026 22:19 MSK
}
