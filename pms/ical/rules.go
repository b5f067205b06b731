package ical

import (
	"errors"
	"fmt"

	"github.com/changeover-sdk/changeover/pms"
)

// Rules say what the events of a feed mean. The zero value holds the defaults.
// Rules are a value that can be stored as JSON, one for each feed.
type Rules struct {
	// Source overrides what [DetectSource] and the UIDs say.
	Source Source `json:"source,omitzero"`
	// Words of the user come before every built-in rule.
	Words Words `json:"words,omitzero"`
	// Closed says how a Booking.com event without a guest's name counts. Such
	// events are stays, manual closures and dates imported from other channels
	// alike; the feed does not tell them apart. Empty means TreatGuest.
	Closed Treatment `json:"closed,omitzero"`
	// ClosedMaxNights makes such an event a block when it has more nights; 30
	// to 45 is usual. Zero means no bound.
	ClosedMaxNights int `json:"closedMaxNights,omitzero"`
	// Unknown says how an event counts that no rule knows. Empty means
	// TreatUnknown: it is delivered as pms.KindUnknown for a person to judge.
	Unknown Treatment `json:"unknown,omitzero"`
	// TrustTimes takes the clock times of the stay from timed events and from
	// "Check-in: 4 PM" lines. Without it they are left to the defaults of the
	// property.
	TrustTimes bool `json:"trustTimes,omitzero"`
	// DropPersonalData leaves names, phone digits and e-mail addresses out of
	// [Class]. The confirmation code stays. Summary, Description and Raw of the
	// event are not touched: a caller that stores them leaves them out itself.
	DropPersonalData bool `json:"dropPersonalData,omitzero"`
}

// Words are texts in a SUMMARY, looked for in this order. They match whole
// words anywhere, whatever their case, accents and dashes.
type Words struct {
	Ignore    []string `json:"ignore,omitempty"`
	Block     []string `json:"block,omitempty"`
	Owner     []string `json:"owner,omitempty"`
	Tentative []string `json:"tentative,omitempty"`
	Guest     []string `json:"guest,omitempty"`
}

// Treatment is how an event counts that the feed leaves open.
type Treatment string

// The treatments.
const (
	TreatGuest   Treatment = "guest"
	TreatBlock   Treatment = "block"
	TreatUnknown Treatment = "unknown"
	TreatIgnore  Treatment = "ignore"
)

// Rule names what decided the kind of an event.
type Rule string

// The rules, in the order in which they are tried.
const (
	// RuleUserWord is a word of [Rules.Words].
	RuleUserWord Rule = "user word"
	// RuleMarker is a "Check-in" or "Check-out" event of at most one night
	// beside the whole stay (Smoobu, unverified).
	RuleMarker Rule = "check-in or check-out marker"
	// RuleClosed is [Rules.Closed] for Booking.com.
	RuleClosed Rule = "booking.com closed"
	// RuleClosedTooLong is [Rules.ClosedMaxNights].
	RuleClosedTooLong Rule = "booking.com closed for too long"
	// RuleClosedName is "CLOSED - <name>" of older Booking.com feeds
	// (unverified).
	RuleClosedName Rule = "booking.com guest name"
	RuleBlockWord  Rule = "block word"
	RuleTentative  Rule = "tentative word"
	RuleGuestWord  Rule = "reservation word"
	// RuleCode is a confirmation code in SUMMARY or DESCRIPTION.
	RuleCode Rule = "confirmation code"
	// RuleManager is a form of summary that only a channel manager writes, or
	// any summary on a feed of one that puts names there (unverified).
	RuleManager Rule = "channel manager"
	// RuleUID is the shape of a UID by which Airbnb and Vrbo tell stays from
	// blocks, where the summary says nothing.
	RuleUID Rule = "uid shape"
	// RuleUnknown is [Rules.Unknown].
	RuleUnknown Rule = "no rule"
)

// Class is what an event means.
type Class struct {
	// Ignore marks an event that is neither a stay nor a block.
	Ignore bool
	Kind   pms.Kind
	Status pms.Status
	// RawStatus is STATUS, or else the word that decided.
	RawStatus string
	// Channel is the sales channel in the words of pms.Booking, or empty.
	Channel string
	// Code is the confirmation code.
	Code   string
	Guest  pms.Guest
	Guests pms.Guests
	// PhoneLast4 are the last digits of the guest's phone on Airbnb. They
	// identify nobody alone and are no phone number.
	PhoneLast4 string
	// ArrivalTime and DepartureTime are set under [Rules.TrustTimes].
	ArrivalTime   pms.Clock
	DepartureTime pms.Clock
	// Rule and Word explain Kind: the rule that decided and the word it found.
	Rule Rule
	Word string
}

// Validate reports the first setting that means nothing.
func (r Rules) Validate() error {
	if r.Source != SourceUnknown && !knownSource(r.Source) {
		return fmt.Errorf("ical: source %q is not known", r.Source)
	}
	for _, t := range []Treatment{r.Closed, r.Unknown} {
		switch t {
		case "", TreatGuest, TreatBlock, TreatUnknown, TreatIgnore:
		default:
			return fmt.Errorf("ical: treatment %q is not guest, block, unknown or ignore", t)
		}
	}
	if r.ClosedMaxNights < 0 {
		return errors.New("ical: closedMaxNights is negative")
	}
	for _, words := range [][]string{r.Words.Ignore, r.Words.Block, r.Words.Owner, r.Words.Tentative, r.Words.Guest} {
		for _, word := range words {
			if fold(word) == "" {
				return errors.New("ical: words hold an empty one")
			}
		}
	}
	return nil
}

func knownSource(s Source) bool {
	for _, known := range hostLabels {
		if known == s {
			return true
		}
	}
	return false
}
