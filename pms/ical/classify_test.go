package ical

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// classOf classifies one stay of three nights with this summary.
func classOf(r Rules, source Source, uid, summary string) Class {
	s := Stay{
		Event:     Event{UID: uid, Summary: summary},
		Arrival:   pms.Date{Year: 2026, Month: time.June, Day: 20},
		Departure: pms.Date{Year: 2026, Month: time.June, Day: 23},
	}
	return r.Classify(source, []Stay{s})[0]
}

func TestClassifySummaries(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		source  Source
		uid     string
		summary string
		kind    pms.Kind
		status  pms.Status
		rule    Rule
		name    string
		code    string
	}{
		{source: SourceAirbnb, summary: "Reserved", kind: pms.KindGuest, rule: RuleGuestWord},
		{source: SourceAirbnb, summary: "Airbnb (Not available)", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceAirbnb, summary: "Not available", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceAirbnb, summary: "Anna Example (HMTEST1234)", kind: pms.KindGuest, rule: RuleCode, name: "Anna Example", code: "HMTEST1234"},
		{source: SourceAirbnb, uid: "1418fb94e984-00@airbnb.com", summary: "Gebucht", kind: pms.KindGuest, rule: RuleUID},
		{source: SourceAirbnb, uid: "7f662ec65913-00@airbnb.com", summary: "?", kind: pms.KindBlock, rule: RuleUID},
		{source: SourceAirbnb, uid: "6fec1092d3fa-00@airbnb.com", summary: "?", kind: pms.KindBlock, rule: RuleUID},
		{source: SourceAirbnb, uid: "7f662ec65913-00@airbnb.com", summary: "Reserved", kind: pms.KindGuest, rule: RuleGuestWord},
		{source: SourceAirbnb, summary: "Something", kind: pms.KindUnknown, rule: RuleUnknown},
		{source: SourceBooking, summary: "CLOSED - Not available", kind: pms.KindGuest, rule: RuleClosed},
		{source: SourceBooking, summary: "CLOSED - Anna Example", kind: pms.KindGuest, rule: RuleClosedName, name: "Anna Example"},
		{source: SourceBooking, summary: "Closed", kind: pms.KindGuest, rule: RuleClosed},
		{source: SourceBooking, summary: "", kind: pms.KindGuest, rule: RuleClosed},
		{uid: "0123@booking.com", summary: "CLOSED - Not available", kind: pms.KindGuest, rule: RuleClosed},
		{source: SourceUnknown, summary: "CLOSED - Not available", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceVrbo, summary: "Reserved - Anna", kind: pms.KindGuest, rule: RuleGuestWord, name: "Anna"},
		{source: SourceVrbo, summary: "Blocked", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceVrbo, summary: "Unavailable", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceVrbo, summary: "Réservée - Zoé", kind: pms.KindGuest, rule: RuleGuestWord, name: "Zoé"},
		{source: SourceVrbo, summary: "Re\u0301serve\u0301e", kind: pms.KindGuest, rule: RuleGuestWord},
		{source: SourceVrbo, summary: "Provisoire - Zoé", kind: pms.KindGuest, status: pms.StatusTentative, rule: RuleTentative, name: "Zoé"},
		{source: SourceVrbo, summary: "Indisponible", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceVrbo, uid: "07012026-0701-2026-0704-202607042026", summary: "?", kind: pms.KindBlock, rule: RuleUID},
		{source: SourceVrbo, uid: "3f2b0c1e-0000-4000-8000-1234567890ab", summary: "?", kind: pms.KindUnknown, rule: RuleUnknown},
		{source: SourceUnknown, summary: "No disponible", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceUnknown, summary: "NICHT VERFÜGBAR", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceSmoobu, summary: "Blocked", kind: pms.KindBlock, rule: RuleBlockWord},
		{source: SourceGuesty, summary: "Reservation Anna Example", kind: pms.KindGuest, rule: RuleGuestWord, name: "Anna Example"},
		{source: SourceLodgify, summary: "J*** S****", kind: pms.KindGuest, rule: RuleManager, name: "J*** S****"},
		{source: SourceUnknown, summary: "Tripadvisor booking: Anna Example", kind: pms.KindGuest, rule: RuleManager, name: "Anna Example"},
		{source: SourceRealtyCalendar, summary: "RC(5550123)", kind: pms.KindGuest, rule: RuleCode, code: "5550123"},
		{source: SourceUnknown, summary: "Booked", kind: pms.KindGuest, rule: RuleGuestWord},
		{source: SourceGoogle, summary: "Dentist", kind: pms.KindUnknown, rule: RuleUnknown},
		{source: SourceUnknown, summary: "", kind: pms.KindUnknown, rule: RuleUnknown},
		{source: SourceUnknown, summary: "Enclosed garden party", kind: pms.KindUnknown, rule: RuleUnknown},
		{source: SourceHostaway, summary: "Anna (gate closed after ten)", kind: pms.KindGuest, rule: RuleManager, name: "Anna (gate closed after ten)"},
		{source: SourceUnknown, summary: "Cottage: blocked by owner", kind: pms.KindBlock, rule: RuleBlockWord},
	} {
		got := classOf(Rules{}, tc.source, tc.uid, tc.summary)
		status := tc.status
		if status == "" {
			status = pms.StatusConfirmed
		}
		label := string(tc.source) + " " + tc.uid + " " + tc.summary
		assert.Equal(t, tc.kind, got.Kind, label)
		assert.Equal(t, status, got.Status, label)
		assert.Equal(t, tc.rule, got.Rule, label)
		assert.Equal(t, tc.name, got.Guest.Name, label)
		assert.Equal(t, tc.code, got.Code, label)
		assert.False(t, got.Ignore, label)
	}
}

func TestClassifyChannel(t *testing.T) {
	t.Parallel()
	for source, want := range map[Source]string{
		SourceAirbnb: "airbnb", SourceBooking: "booking", SourceVrbo: "vrbo", SourceTripadvisor: "tripadvisor",
		SourceGuesty: "", SourceGoogle: "", SourceUnknown: "",
	} {
		assert.Equal(t, want, classOf(Rules{}, source, "", "Reserved").Channel)
	}
	for text, want := range map[string]string{"Airbnb": "airbnb", "Booking.com": "booking", "HomeAway": "vrbo", "Expedia": "expedia", "Direct": "direct", "My Site": "my site"} {
		assert.Equal(t, want, classOf(Rules{}, SourceHostaway, "", "Anna ("+text+") - by Hostaway").Channel)
	}
	assert.Equal(t, "airbnb", classOf(Rules{}, SourceBooking, "x@airbnb.com", "Reserved").Channel, "merged feed")
	assert.Equal(t, "vrbo", classOf(Rules{Source: SourceVrbo}, SourceBooking, "x@airbnb.com", "Reserved").Channel, "set by the user")
}

func TestClassifyStatus(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status, summary string
		want            pms.Status
		raw             string
	}{
		{"", "Reserved", pms.StatusConfirmed, "reserved"},
		{"CONFIRMED", "Reserved", pms.StatusConfirmed, "CONFIRMED"},
		{"TENTATIVE", "Reserved", pms.StatusTentative, "TENTATIVE"},
		{"CANCELLED", "Reserved", pms.StatusCancelled, "CANCELLED"},
		{"CANCELLED", "Blocked", pms.StatusCancelled, "CANCELLED"},
		{"CONFIRMED", "Provisoire - x", pms.StatusTentative, "CONFIRMED"},
		{"CANCELLED", "Provisoire - x", pms.StatusCancelled, "CANCELLED"},
		{"NEEDS-ACTION", "Reserved", pms.StatusUnknown, "NEEDS-ACTION"},
	} {
		s := oneStay(t, feed(vevent("UID:a", "DTSTART:20260620", "STATUS:"+strings.ToLower(tc.status), "SUMMARY:"+tc.summary)), nil)
		class := Rules{}.Classify(SourceUnknown, []Stay{s})[0]
		assert.Equal(t, tc.want, class.Status, tc)
		assert.Equal(t, tc.raw, class.RawStatus, tc)
	}
}

func TestClassifyBookingOptions(t *testing.T) {
	t.Parallel()
	const closed = "CLOSED - Not available"
	classed := func(r Rules) Class { return classOf(r, SourceBooking, "", closed) }
	assert.Equal(t, pms.KindGuest, classed(Rules{Closed: TreatGuest}).Kind)
	assert.Equal(t, pms.KindBlock, classed(Rules{Closed: TreatBlock}).Kind)
	assert.Equal(t, pms.KindUnknown, classed(Rules{Closed: TreatUnknown}).Kind)
	assert.True(t, classed(Rules{Closed: TreatIgnore}).Ignore)
	assert.Equal(t, pms.KindGuest, classed(Rules{ClosedMaxNights: 3}).Kind)
	long := classed(Rules{ClosedMaxNights: 2})
	assert.Equal(t, pms.KindBlock, long.Kind)
	assert.Equal(t, RuleClosedTooLong, long.Rule)
	named := classOf(Rules{Closed: TreatBlock, ClosedMaxNights: 1}, SourceBooking, "", "CLOSED - Anna")
	assert.Equal(t, pms.KindGuest, named.Kind, "a name is a guest")
}

func TestClassifyUnknownOptions(t *testing.T) {
	t.Parallel()
	assert.Equal(t, pms.KindGuest, classOf(Rules{Unknown: TreatGuest}, SourceGoogle, "", "Anna").Kind)
	assert.Equal(t, pms.KindBlock, classOf(Rules{Unknown: TreatBlock}, SourceGoogle, "", "Anna").Kind)
	assert.True(t, classOf(Rules{Unknown: TreatIgnore}, SourceGoogle, "", "Anna").Ignore)
	assert.Equal(t, pms.KindUnknown, classOf(Rules{Unknown: "nonsense"}, SourceGoogle, "", "Anna").Kind)
}

func TestClassifyUserWordsComeFirst(t *testing.T) {
	t.Parallel()
	r := Rules{Words: Words{
		Ignore:    []string{"Müllabfuhr"},
		Block:     []string{"not available", "Ремонт"},
		Owner:     []string{"Owner stay"},
		Tentative: []string{"option"},
		Guest:     []string{"gebucht"},
	}}
	for summary, want := range map[string]Class{
		"MULLABFUHR am Montag":   {Ignore: true, Kind: pms.KindUnknown, Status: pms.StatusConfirmed, Word: "mullabfuhr"},
		"CLOSED – Not Available": {Kind: pms.KindBlock, Status: pms.StatusConfirmed, Word: "not available"},
		"плановый РЕМОНТ":        {Kind: pms.KindBlock, Status: pms.StatusConfirmed, Word: "ремонт"},
		"owner  stay":            {Kind: pms.KindOwner, Status: pms.StatusConfirmed, Word: "owner stay"},
		"Option Anna":            {Kind: pms.KindGuest, Status: pms.StatusTentative, Word: "option"},
		"Gebucht":                {Kind: pms.KindGuest, Status: pms.StatusConfirmed, Word: "gebucht"},
	} {
		want.Rule, want.RawStatus, want.Channel = RuleUserWord, want.Word, "booking"
		assert.Equal(t, want, classOf(r, SourceBooking, "", summary), summary)
	}
	assert.Equal(t, RuleUnknown, classOf(r, SourceUnknown, "", "Optional extras").Rule, "whole words only")
}

func TestClassifyDescription(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		description string
		want        Class
	}{
		"airbnb now": {
			"Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\nPhone Number (Last 4 Digits): 0042",
			Class{Code: "HMTEST1234", PhoneLast4: "0042"},
		},
		"airbnb 2020": {
			"Reservation URL: https://www.airbnb.com/reservation/itinerary?code=HMTEST1234\nPhone Number (Last 4 Digits): 0000",
			Class{Code: "HMTEST1234", PhoneLast4: "0000"},
		},
		"airbnb 2018": {
			"CHECKIN: 2018-06-20\nCHECKOUT: 2018-06-23\nNIGHTS: 3\nPHONE: +33 0 00\nEMAIL: guest@example.com\nPROPERTY: Villa",
			Class{Guest: pms.Guest{Phone: "+33 0 00", Email: "guest@example.com"}},
		},
		"free lines":      {"Email: guest@example.com\nPhone: 000\nGuests: 4", Class{Guest: pms.Guest{Phone: "000", Email: "guest@example.com"}, Guests: pms.Guests{Total: 4}}},
		"absurd guests":   {"Guests: 10000\nGuests: -1\nGuests: many", Class{}},
		"not an e-mail":   {"Email: unknown", Class{}},
		"code elsewhere":  {"https://example.com/?code=ABCDEFGHIJ", Class{}},
		"short code":      {"https://www.airbnb.com/details/abc", Class{}},
		"digits cut":      {"Phone Number (Last 4 Digits): 00", Class{}},
		"digits not digs": {"Phone Number (Last 4 Digits): none", Class{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got Class
			got.describe(tc.description)
			got.ArrivalTime, got.DepartureTime = pms.Clock{}, pms.Clock{}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestClassifyTimes(t *testing.T) {
	t.Parallel()
	described := oneStay(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:Reserved", `DESCRIPTION:Check-in: 4 PM\nCheckout time: 11`)), nil)
	own := oneStay(t, feed(vevent("UID:a", "DTSTART:20260620T173000", "DTEND:20260623T100000", "SUMMARY:Reserved", "DESCRIPTION:Check-in: 4 PM")), nil)
	for _, class := range (Rules{}).Classify(SourceUnknown, []Stay{described, own}) {
		assert.True(t, class.ArrivalTime.IsZero(), "not trusted by default")
		assert.True(t, class.DepartureTime.IsZero())
	}
	classes := Rules{TrustTimes: true}.Classify(SourceUnknown, []Stay{described, own})
	assert.Equal(t, "16:00", classes[0].ArrivalTime.String())
	assert.Equal(t, "11:00", classes[0].DepartureTime.String())
	assert.Equal(t, "17:30", classes[1].ArrivalTime.String(), "the event's own time counts more")
	assert.Equal(t, "10:00", classes[1].DepartureTime.String())
}

func TestParseClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"4 PM": "16:00", "4pm": "16:00", "4:30 p.m.": "16:30", "12 AM": "00:00", "12 pm": "12:00", "11": "11:00",
		"15:00": "15:00", "15h30": "15:30", "15.30": "15:30", "0:00": "00:00",
		"24": "", "-1": "", "900": "", "13 PM": "", "0 am": "", "15:60": "", "": "", "noon": "", "after 4 PM": "", "2018-06-20": "",
	} {
		assert.Equal(t, want, parseClock(text).String(), text)
	}
}

func TestClassifyNameIsBounded(t *testing.T) {
	t.Parallel()
	name := classOf(Rules{}, SourceVrbo, "", "Reserved - "+strings.Repeat("é", 500)).Guest.Name
	assert.Equal(t, strings.Repeat("é", maxName/2), name)
	assert.Equal(t, "Anna Example", classOf(Rules{}, SourceVrbo, "", "Reserved\u00a0\u2013 Anna\x07\t Example ").Guest.Name)
}

func TestDetectSource(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		prodID, host string
		want         Source
	}{
		{"-//Airbnb Inc//Hosting Calendar 1.0//EN", "", SourceAirbnb},
		{"-//HomeAway.com, Inc.//EN", "", SourceVrbo},
		{"-//Smoobu", "", SourceSmoobu},
		{"-//Google Inc//Google Calendar 70.9054//EN", "", SourceGoogle},
		{"", "www.airbnb.co.uk", SourceAirbnb},
		{"", "ical.booking.com", SourceBooking},
		{"", "WWW.VRBO.COM", SourceVrbo},
		{"", "www.abritel.fr", SourceVrbo},
		{"", "realtycalendar.ru", SourceRealtyCalendar},
		{"-//Airbnb Inc//Hosting Calendar 1.0//EN", "ical.booking.com", SourceAirbnb},
		{"-//Other//EN", "calendar.example.com", SourceUnknown},
		{"", "notairbnb.example", SourceUnknown},
		{"", "", SourceUnknown},
	} {
		assert.Equal(t, tc.want, DetectSource(tc.prodID, tc.host), tc)
	}
}

func TestRulesAreStoredAsJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Rules{})
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(data))
	r := Rules{
		Source: SourceSmoobu, Words: Words{Block: []string{"Ремонт"}}, Closed: TreatBlock, ClosedMaxNights: 30,
		Unknown: TreatGuest, TrustTimes: true, DropPersonalData: true,
	}
	data, err = json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"source":"smoobu","words":{"block":["Ремонт"]},"closed":"block","closedMaxNights":30,
		"unknown":"guest","trustTimes":true,"dropPersonalData":true}`, string(data))
	var back Rules
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, r, back)
	assert.NoError(t, back.Validate())
}

func TestRulesValidate(t *testing.T) {
	t.Parallel()
	require.NoError(t, Rules{}.Validate())
	for want, r := range map[string]Rules{
		`ical: source "myspace" is not known`:                            {Source: "myspace"},
		`ical: treatment "maybe" is not guest, block, unknown or ignore`: {Closed: "maybe"},
		`ical: treatment "often" is not guest, block, unknown or ignore`: {Unknown: "often"},
		"ical: closedMaxNights is negative":                              {ClosedMaxNights: -1},
		"ical: words hold an empty one":                                  {Words: Words{Owner: []string{"owner", " "}}},
	} {
		require.EqualError(t, r.Validate(), want)
	}
}
