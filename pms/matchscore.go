package pms

import "slices"

// kind is how much two names and numbers agree.
type kind int

const (
	nothingAgrees  kind = iota
	nameAndNumber       // the same words, the same number
	nameAlone           // the same words, no number on either side
	numberAlone         // neither name says more than the number
	partAndNumber       // one name within the other, the same number
	numberOneSided      // one name is only the number, the other says more
	numberOnly          // the same marked number under different words
	partAlone           // one name within the other, no number on either side
)

// place is how much two locations agree.
type place int

const (
	placeUnknown place = iota
	placeDiffers
	placeNear
	placeAddress
	placeBoth
)

// scores holds steps and no slopes: what differs by a few metres is a tie. A
// place alone proposes nothing, and what is likelier a part of a building or
// the unit next door than the same unit stays below [MatchScore].
var scores = [...][placeBoth + 1]float64{
	nothingAgrees:  {},
	nameAndNumber:  {placeUnknown: 0.95, placeDiffers: 0.50, placeNear: 0.97, placeAddress: 0.98, placeBoth: 1},
	nameAlone:      {placeUnknown: 0.85, placeDiffers: 0.45, placeNear: 0.90, placeAddress: 0.93, placeBoth: 0.96},
	numberAlone:    {placeUnknown: 0.70, placeNear: 0.80, placeAddress: 0.88, placeBoth: 0.92},
	partAndNumber:  {placeUnknown: 0.55, placeNear: 0.58, placeAddress: 0.85, placeBoth: 0.90},
	numberOneSided: {placeUnknown: 0.40, placeNear: 0.50, placeAddress: 0.75, placeBoth: 0.80},
	numberOnly:     {placeNear: 0.45, placeAddress: 0.55, placeBoth: 0.58},
	partAlone:      {placeUnknown: 0.40, placeNear: 0.45, placeAddress: 0.50, placeBoth: 0.55},
}

var kindReasons = [...][]MatchReason{
	nothingAgrees:  nil,
	nameAndNumber:  {MatchName, MatchNumber},
	nameAlone:      {MatchName},
	numberAlone:    {MatchNumber},
	partAndNumber:  {MatchNamePart, MatchNumber},
	numberOneSided: {MatchNumber},
	numberOnly:     {MatchNumber},
	partAlone:      {MatchNamePart},
}

var placeReasons = [...][]MatchReason{
	placeUnknown: nil,
	placeDiffers: {MatchPlaceDiffers},
	placeNear:    {MatchNear},
	placeAddress: {MatchAddress},
	placeBoth:    {MatchAddress, MatchNear},
}

// comparison is what two properties have in common.
type comparison struct {
	kind     kind
	place    place
	distance float64
}

func (c comparison) score() float64 { return scores[c.kind][c.place] }

func compare(a, b *traits) comparison {
	c := comparison{kind: compareNames(a, b)}
	if c.kind != nothingAgrees {
		c.place, c.distance = comparePlaces(a, b)
	}
	return c
}

func compareNames(a, b *traits) kind {
	same := slices.Equal(a.words, b.words)
	empty := len(a.words) == 0 || len(b.words) == 0
	part := !empty && (within(a.words, b.words) || within(b.words, a.words))
	switch numbers := compareNumbers(a, b); {
	case numbers == numbersAgree && same && empty:
		return numberAlone
	case numbers == numbersAgree && same:
		return nameAndNumber
	case numbers == numbersAgree && empty:
		return numberOneSided
	case numbers == numbersAgree && part:
		return partAndNumber
	case numbers == numbersAgree, numbers == markedAgree:
		return numberOnly
	case numbers == noNumbers && same && !empty:
		return nameAlone
	case numbers == noNumbers && part:
		return partAlone
	default:
		return nothingAgrees
	}
}

type agreement int

const (
	numbersDiffer agreement = iota
	noNumbers
	numbersAgree
	markedAgree // one name has further numbers
)

func compareNumbers(a, b *traits) agreement {
	aAll, aMarked := a.unit()
	bAll, bMarked := b.unit()
	switch {
	case differ(a.flat, b.flat), differ(aMarked, bMarked):
		return numbersDiffer
	case len(a.numbers) == 0 && len(b.numbers) == 0 && (len(a.flat) == 0 || len(b.flat) == 0):
		return noNumbers
	case slices.Equal(aAll, bAll):
		return numbersAgree
	case len(aMarked) == 0, len(bMarked) == 0, differ(a.bare, b.bare):
		return numbersDiffer
	case slices.Equal(a.bare, b.bare):
		return numbersAgree
	case a.explains(a.bare, b.bare), b.explains(a.bare, b.bare): // "Lenina 15, apt 5" beside "apt 5"
		return numbersAgree
	default:
		return markedAgree
	}
}

// differ reports whether both are known and not the same.
func differ(a, b []string) bool { return len(a) > 0 && len(b) > 0 && !slices.Equal(a, b) }

// within reports whether all of part stand in whole, in order.
func within(part, whole []string) bool {
	for _, word := range whole {
		if len(part) > 0 && part[0] == word {
			part = part[1:]
		}
	}
	return len(part) == 0
}

const (
	nearMetres = 100
	farMetres  = 2000
)

func comparePlaces(a, b *traits) (place, float64) {
	metres, located := distance(a, b)
	near, far := located && metres <= nearMetres, located && metres > farMetres
	known := len(a.house) > 0 && len(b.house) > 0
	house := known && slices.Equal(a.house, b.house)
	same := house && a.street == b.street && (a.city == "" || b.city == "" || a.city == b.city)
	switch {
	case far:
		return placeDiffers, metres
	case same && near:
		return placeBoth, metres
	case same:
		return placeAddress, metres
	case near && (house || !known): // one street in two languages
		return placeNear, metres
	case known:
		return placeDiffers, metres
	default:
		return placeUnknown, metres
	}
}
