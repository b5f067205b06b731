package ical

import (
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// Classify returns the meaning of each stay of one feed, in order. The source
// is that of the feed; an event with a UID of Airbnb or Booking.com counts as
// theirs, as in merged feeds.
func (r Rules) Classify(source Source, stays []Stay) []Class {
	c := classifier{rules: r, source: source, words: r.Words.folded(), stays: stays}
	classes := make([]Class, len(stays))
	for i := range stays {
		classes[i] = c.classify(&stays[i])
	}
	return classes
}

func (w Words) folded() Words {
	all := func(words []string) []string {
		out := make([]string, len(words))
		for i, word := range words {
			out[i] = fold(word)
		}
		return out
	}
	return Words{
		Ignore: all(w.Ignore), Block: all(w.Block), Owner: all(w.Owner),
		Tentative: all(w.Tentative), Guest: all(w.Guest),
	}
}

type classifier struct {
	rules  Rules
	source Source
	words  Words
	stays  []Stay
	// begins and ends are the days of whole stays, made when first needed.
	begins, ends map[pms.Date]bool
}

// event is one stay with its texts made ready.
type event struct {
	*Stay
	source  Source
	summary string // tidy
	folded  string
}

func (c *classifier) classify(s *Stay) Class {
	e := event{Stay: s, source: c.sourceOf(s), summary: tidy(s.Summary)}
	e.folded = fold(e.summary)
	class := Class{Status: pms.StatusConfirmed, Channel: e.source.channel()}
	class.describe(s.Description)
	if !c.byUser(&class, e) && !c.byMarker(&class, e) && !c.byBooking(&class, e) && !byWord(&class, e) && !byShape(&class, e) {
		class.decide(c.rules.Unknown, TreatUnknown, RuleUnknown, "")
	}
	class.setStatus(s.Status)
	c.applyOptions(&class, s)
	return class
}

func (c *classifier) sourceOf(s *Stay) Source {
	if c.rules.Source != SourceUnknown {
		return c.rules.Source
	}
	if source := uidSource(s.UID); source != SourceUnknown {
		return source
	}
	return c.source
}

// byUser applies the words of the user.
func (c *classifier) byUser(class *Class, e event) bool {
	for _, step := range []struct {
		words  []string
		kind   pms.Kind
		status pms.Status
		ignore bool
	}{
		{words: c.words.Ignore, kind: pms.KindUnknown, ignore: true},
		{words: c.words.Block, kind: pms.KindBlock},
		{words: c.words.Owner, kind: pms.KindOwner},
		{words: c.words.Tentative, kind: pms.KindGuest, status: pms.StatusTentative},
		{words: c.words.Guest, kind: pms.KindGuest},
	} {
		word := findWord(e.folded, step.words)
		if word == "" {
			continue
		}
		class.set(step.kind, RuleUserWord, word)
		class.Ignore = step.ignore
		if step.status != "" {
			class.Status = step.status
		}
		return true
	}
	return false
}

// byMarker drops the extra events that mark arrival and departure, but only
// beside the whole stay: alone they are all that there is.
func (c *classifier) byMarker(class *Class, e event) bool {
	word := markerWord(e.folded, e.Nights())
	if word == "" {
		return false
	}
	if c.begins == nil {
		c.indexWholeStays()
	}
	whole := c.begins
	if word == "check-out" {
		whole = c.ends
	}
	if !whole[e.Arrival] {
		return false
	}
	class.set(pms.KindUnknown, RuleMarker, word)
	class.Ignore = true
	return true
}

func markerWord(folded string, nights int) string {
	if nights > 1 {
		return ""
	}
	return findWord(folded, markerWords)
}

func (c *classifier) indexWholeStays() {
	c.begins, c.ends = make(map[pms.Date]bool), make(map[pms.Date]bool)
	for i := range c.stays {
		s := &c.stays[i]
		if markerWord(fold(s.Summary), s.Nights()) == "" {
			c.begins[s.Arrival] = true
			c.ends[s.Departure] = true
		}
	}
}

// byBooking treats everything on Booking.com as closed for an unknown reason,
// unless a guest's name is in the place of the reason.
func (c *classifier) byBooking(class *Class, e event) bool {
	if e.source != SourceBooking {
		return false
	}
	reason, isClosed := strings.CutPrefix(e.folded, "closed - ")
	switch {
	case isClosed && reason != "" && blockWord(reason) == "":
		class.set(pms.KindGuest, RuleClosedName, "closed")
		class.Guest.Name = nameBehind(e.summary)
	case c.rules.ClosedMaxNights > 0 && e.Nights() > c.rules.ClosedMaxNights:
		class.set(pms.KindBlock, RuleClosedTooLong, blockWord(e.folded))
	default:
		class.decide(c.rules.Closed, TreatGuest, RuleClosed, blockWord(e.folded))
	}
	return true
}

// blockWord returns the built-in word of a block in a folded text, or "".
func blockWord(folded string) string {
	if word := findWord(folded, blockPhrases); word != "" {
		return word
	}
	return findAtStart(folded, blockWords)
}

// byWord applies the built-in words. Those of a block come first:
// "Reserved - Not available" is a block.
func byWord(class *Class, e event) bool {
	if word := blockWord(e.folded); word != "" {
		class.set(pms.KindBlock, RuleBlockWord, word)
		return true
	}
	if word := wordAtFront(e.folded, tentativeWords); word != "" {
		class.set(pms.KindGuest, RuleTentative, word)
		class.Status = pms.StatusTentative
		class.Guest.Name = nameBehind(e.summary)
		return true
	}
	if word := wordAtFront(e.folded, guestWords); word != "" {
		class.set(pms.KindGuest, RuleGuestWord, word)
		class.Guest.Name = nameBehind(e.summary)
		return true
	}
	return false
}

func wordAtFront(folded string, words []string) string {
	for _, word := range words {
		if indexWord(folded, word) == 0 {
			return word
		}
	}
	return ""
}

// byShape knows stays by the form of their summary, code or UID.
func byShape(class *Class, e event) bool {
	switch {
	case e.matchCode(class):
		return true
	case e.matchManager(class):
		return true
	case e.source == SourceAirbnb && strings.HasPrefix(e.UID, airbnbStay):
		class.set(pms.KindGuest, RuleUID, "")
		return true
	case e.source == SourceAirbnb && (strings.HasPrefix(e.UID, airbnbBlock) || strings.HasPrefix(e.UID, airbnbBlockOld)),
		e.source == SourceVrbo && vrboBlockUID(e.UID):
		class.set(pms.KindBlock, RuleUID, "")
		return true
	default:
		return false
	}
}

// The first parts of Airbnb's UIDs, equal on all hosts seen from 2018 to 2026.
const (
	airbnbStay     = "1418fb94e984-"
	airbnbBlock    = "7f662ec65913-"
	airbnbBlockOld = "6fec1092d3fa-"
)

// vrboBlockUID reports whether a UID is made of the dates of a block, as in
// "02292020-0229-2020-0305-202003052020".
func vrboBlockUID(uid string) bool {
	const shape = "00000000-0000-0000-0000-000000000000"
	if len(uid) != len(shape) {
		return false
	}
	for i := range len(uid) {
		isDash := shape[i] == '-'
		if isDash != (uid[i] == '-') || !isDash && (uid[i] < '0' || uid[i] > '9') {
			return false
		}
	}
	return true
}

// matchCode knows "<name> (<code>)" of Airbnb, "RC(<id>)" of RealtyCalendar and
// a code in the description.
func (e event) matchCode(class *Class) bool {
	if m := realtyCode.FindStringSubmatch(e.summary); m != nil {
		class.Code = m[1]
	} else if m := nameAndCode.FindStringSubmatch(e.summary); m != nil && e.source == SourceAirbnb {
		class.Code, class.Guest.Name = m[2], cutName(m[1])
	}
	if class.Code == "" {
		return false
	}
	class.set(pms.KindGuest, RuleCode, "")
	return true
}

// matchManager knows "<name> (<channel>) - by Hostaway" and
// "Tripadvisor ...: <name>", and takes any text of a feed with names as one.
func (e event) matchManager(class *Class) bool {
	hostaway := byHostaway.FindStringSubmatch(e.summary)
	advisor := tripadvisor.FindStringSubmatch(e.summary)
	switch {
	case hostaway != nil:
		class.Guest.Name, class.Channel = cutName(hostaway[1]), salesChannel(hostaway[2])
	case advisor != nil:
		class.Guest.Name, class.Channel = cutName(advisor[1]), SourceTripadvisor.channel()
	case e.source.named() && e.summary != "":
		class.Guest.Name = cutName(e.summary)
	default:
		return false
	}
	class.set(pms.KindGuest, RuleManager, "")
	return true
}

func (c *Class) set(kind pms.Kind, rule Rule, word string) {
	c.Kind, c.Rule, c.Word = kind, rule, word
}

// decide applies a treatment, or fallback when none is set.
func (c *Class) decide(t, fallback Treatment, rule Rule, word string) {
	if t == "" {
		t = fallback
	}
	switch t {
	case TreatGuest:
		c.set(pms.KindGuest, rule, word)
	case TreatBlock:
		c.set(pms.KindBlock, rule, word)
	case TreatIgnore:
		c.set(pms.KindUnknown, rule, word)
		c.Ignore = true
	case TreatUnknown:
		c.set(pms.KindUnknown, rule, word)
	default:
		c.set(pms.KindUnknown, rule, word)
	}
}

// setStatus applies STATUS, which channels normally leave out. Of a word and a
// STATUS that disagree the more cautious counts: a hold stays a hold.
func (c *Class) setStatus(status string) {
	c.RawStatus = status
	switch status {
	case "":
		c.RawStatus = c.Word
	case "CANCELLED", "CANCELED":
		c.Status = pms.StatusCancelled
	case "TENTATIVE":
		c.Status = pms.StatusTentative
	case "CONFIRMED":
	default:
		c.Status = pms.StatusUnknown
	}
}

func (c *classifier) applyOptions(class *Class, s *Stay) {
	switch {
	case !c.rules.TrustTimes:
		class.ArrivalTime, class.DepartureTime = pms.Clock{}, pms.Clock{}
	default:
		if !s.ArrivalTime.IsZero() {
			class.ArrivalTime = s.ArrivalTime
		}
		if !s.DepartureTime.IsZero() {
			class.DepartureTime = s.DepartureTime
		}
	}
	if class.Kind != pms.KindGuest && class.Kind != pms.KindOwner || c.rules.DropPersonalData {
		class.Guest, class.PhoneLast4 = pms.Guest{}, ""
	}
}
