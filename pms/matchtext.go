package pms

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// traits is what matching sees of a property.
type traits struct {
	words   []string // of the name, in order, without numbers and their markers
	numbers []string // of the name, in order
	marked  []string // those of numbers that follow a marker: "кв. 5", "Apt 5", "№ 203"
	bare    []string // the others of numbers
	flat    []string // the marked numbers of the address

	street, city string
	house        []string // empty when the address is not known to the house

	located             bool
	latitude, longitude float64 // in radians
}

func readAll(properties []Property) []traits {
	all := make([]traits, len(properties))
	for i, p := range properties {
		all[i] = read(p)
	}
	return all
}

func read(p Property) traits {
	var t traits
	t.readName(p.Name)
	t.readAddress(p.Address)
	if (p.Latitude != 0 || p.Longitude != 0) && math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180 {
		t.located = true
		t.latitude, t.longitude = p.Latitude*math.Pi/180, p.Longitude*math.Pi/180
	}
	return t
}

// unit returns the numbers of the name, or the flat of the address if the name
// has none.
func (t *traits) unit() (numbers, marked []string) {
	if len(t.numbers) == 0 {
		return t.flat, t.flat
	}
	return t.numbers, t.marked
}

// explains reports whether all numbers are those of the house.
func (t *traits) explains(lists ...[]string) bool {
	for _, numbers := range lists {
		for _, n := range numbers {
			if !slices.Contains(t.house, n) {
				return false
			}
		}
	}
	return true
}

// numberKeys returns keys of which two traits share one if their numbers agree.
func (t *traits) numberKeys() []string {
	numbers, marked := t.unit()
	var keys []string
	if len(numbers) > 0 {
		keys = append(keys, "all "+strings.Join(numbers, " "))
	}
	if len(marked) > 0 {
		keys = append(keys, "marked "+strings.Join(marked, " "))
	}
	return keys
}

// distance is the great circle in metres.
func distance(a, b *traits) (metres float64, located bool) {
	if !a.located || !b.located {
		return 0, false
	}
	const earth = 6_371_000
	sinLat, sinLon := math.Sin((b.latitude-a.latitude)/2), math.Sin((b.longitude-a.longitude)/2)
	h := sinLat*sinLat + math.Cos(a.latitude)*math.Cos(b.latitude)*sinLon*sinLon
	return 2 * earth * math.Asin(min(1, math.Sqrt(h))), true
}

// readName takes a name apart into words and numbers. Markers in front of a
// number are in neither.
func (t *traits) readName(name string) {
	tokens := joinLetters(tokenize(name))
	markers := 0
	for i, tok := range tokens {
		if isCount(tokens, i) || !isNumber(tokens, i) {
			t.words = append(t.words, tok.text)
			if numberMarkers[tok.text] {
				markers++
			} else {
				markers = 0
			}
			continue
		}
		t.words = t.words[:len(t.words)-markers]
		t.numbers = append(t.numbers, tok.text)
		if markers > 0 {
			t.marked = append(t.marked, tok.text)
		} else {
			t.bare = append(t.bare, tok.text)
		}
		markers = 0
	}
	t.words = slices.DeleteFunc(t.words, func(w string) bool { return w == sign })
}

// readAddress reads street and house. Numbers after a marker are the flat;
// five digits and more are a postal code where another number is left.
func (t *traits) readAddress(a Address) {
	city := plainWords(a.City)
	t.city = strings.Join(city, " ")
	var street []string
	flat := false
	for _, tok := range joinLetters(tokenize(a.Street)) {
		switch {
		case flat && (tok.numeric() || tok.letter()):
			t.flat, flat = append(t.flat, tok.text), false
		case tok.numeric():
			t.house = append(t.house, tok.text)
		case tok.text == sign: // "12 Main St #5", but "Lenina № 15"
			flat = flat || len(t.house) > 0
		case flatMarkers[tok.text]:
			flat = true
		default:
			flat = false
			if !streetWords[tok.text] && !slices.Contains(city, tok.text) {
				street = append(street, tok.text)
			}
		}
	}
	short := slices.DeleteFunc(slices.Clone(t.house), func(n string) bool { return len(n) >= 5 })
	if len(short) > 0 {
		t.house = short
	}
	if len(street) == 0 {
		t.house = nil
	}
	t.street = strings.Join(street, " ")
}

func plainWords(s string) []string {
	var words []string
	for _, t := range tokenize(s) {
		words = append(words, t.text)
	}
	return words
}

// sign is the token of "№" and "#".
const sign = "#"

// The words below are in the form that fold gives them.
var (
	numberMarkers = foldedSet("# n no nr apt apts apartment apartments flat room rm unit suite ste " +
		"кв квартира ап апарт апартамент апартаменты номер ком комн комната")
	flatMarkers = foldedSet("apt apartment flat room unit suite кв квартира ком комн комната ап апартамент апартаменты")
	streetWords = foldedSet("ul ulitsa ulica st str street house building ул улица д дом г город")
	countWords  = foldedSet("m м m2 м2 sqm br bed beds bedroom bedrooms bath baths bathroom bathrooms guest guests pax " +
		"people persons stars min minutes km км комнаты комнат комнатная комнатные комн спальни спален спальня " +
		"спальных гостя гостей человек чел мин минут минуты звезды звезд")
	// prepositions are the one-letter words of Russian that follow a number in
	// a name such as "5 в центре".
	prepositions = foldedSet("в с у к о и")
	measures     = regexp.MustCompile(`^\d+(m2|sqm|br|bdr?)$`)
	rooms        = regexp.MustCompile(`^[1-9]kk?$`)
	roman        = regexp.MustCompile(`^[ivx]{2,}$`)
	markedNumber = regexp.MustCompile(`^(\pL+)(\d+\pL?)$`)
)

func foldedSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[strings.Map(fold, word)] = true
	}
	return set
}

// isCount reports whether tokens[i] counts something: "2 bedrooms", "45 m2",
// "2-к", "2-комн", "45 кв. м".
func isCount(tokens []token, i int) bool {
	if !tokens[i].numeric() {
		return false
	}
	var next, second token
	if i+1 < len(tokens) {
		next = tokens[i+1]
	}
	if i+2 < len(tokens) {
		second = tokens[i+2]
	}
	marked := i > 0 && numberMarkers[tokens[i-1].text]
	switch {
	case measures.MatchString(tokens[i].text):
		return true
	case rooms.MatchString(tokens[i].text) && tokens[i].lower && !marked:
		return true
	case numberMarkers[next.text] && !next.tight: // the next number's
		return second.metre()
	default:
		return countWords[next.text]
	}
}

// isNumber reports whether tokens[i] tells units apart: it has a digit, or is a
// Roman numeral, or a letter that ends the name ("Apt B").
func isNumber(tokens []token, i int) bool {
	t := tokens[i]
	return t.numeric() || roman.MatchString(t.text) || (t.letter() && i == len(tokens)-1 && !t.metre())
}

// joinLetters makes one token of a number and the letter behind it: "12-A",
// "12/A", "12 A", but not "12 м" and "12 в центре".
func joinLetters(tokens []token) []token {
	var joined []token
	for i, t := range tokens {
		last := len(joined) - 1
		if last < 0 || !t.letter() || !joined[last].digits() || (!t.tight && isWord(tokens, i)) {
			joined = append(joined, t)
			continue
		}
		joined[last].text += t.text
		joined[last].lower = t.lower
	}
	return joined
}

func isWord(tokens []token, i int) bool {
	t := tokens[i]
	more := i+1 < len(tokens) && !tokens[i+1].numeric()
	return t.metre() || (t.lower && prepositions[t.text] && more)
}

// token is a run of letters and digits, folded, or a [sign].
type token struct {
	text  string
	tight bool // only "-" or "/" stands before it
	lower bool // it is written in lower case
}

func (t token) numeric() bool { return strings.ContainsFunc(t.text, unicode.IsDigit) }

func (t token) digits() bool {
	return !strings.ContainsFunc(t.text, func(r rune) bool { return !unicode.IsDigit(r) })
}

func (t token) letter() bool {
	r := []rune(t.text)
	return len(r) == 1 && unicode.IsLetter(r[0])
}

func (t token) metre() bool { return t.text == "m" && t.lower }

func tokenize(s string) []token {
	var tokens []token
	var text []rune
	gap, lower := " ", true
	flush := func() {
		if len(text) > 0 {
			tokens = appendToken(tokens, token{text: string(text), tight: gap == "-" || gap == "/", lower: lower})
			text, gap, lower = text[:0], "", true
		}
	}
	for _, r := range s {
		lower = lower && !unicode.IsUpper(r)
		switch r := fold(r); {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			text = append(text, r)
		case r == '#':
			flush()
			tokens = append(tokens, token{text: sign})
		default:
			flush()
			gap += string(r)
		}
	}
	flush()
	return tokens
}

// appendToken takes "кв5" and "apt5" apart and drops leading zeros.
func appendToken(tokens []token, t token) []token {
	if m := markedNumber.FindStringSubmatch(t.text); m != nil && numberMarkers[m[1]] {
		tokens = append(tokens, token{text: m[1], tight: t.tight, lower: t.lower})
		t.text, t.tight = m[2], false
	}
	for len(t.text) > 1 && t.text[0] == '0' && '0' <= t.text[1] && t.text[1] <= '9' {
		t.text = t.text[1:]
	}
	return append(tokens, t)
}

// fold returns the letter that stands for all that look like r: lower case,
// Latin for the Cyrillic letters of the same shape, no accents.
func fold(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	r = unicode.ToLower(r)
	if same, ok := lookalikes[r]; ok {
		return same
	}
	return r
}

var lookalikes = map[rune]rune{
	'№': '#',
	'а': 'a', 'в': 'b', 'е': 'e', 'ё': 'e', 'к': 'k', 'м': 'm', 'н': 'h', 'о': 'o', 'р': 'p', 'с': 'c', 'т': 't',
	'у': 'y', 'х': 'x', 'і': 'i', 'ї': 'i', 'ј': 'j', 'ѕ': 's', 'й': 'и',
	'à': 'a', 'á': 'a', 'â': 'a', 'ã': 'a', 'ä': 'a', 'å': 'a', 'ç': 'c', 'è': 'e', 'é': 'e', 'ê': 'e', 'ë': 'e',
	'ì': 'i', 'í': 'i', 'î': 'i', 'ï': 'i', 'ñ': 'n', 'ò': 'o', 'ó': 'o', 'ô': 'o', 'õ': 'o', 'ö': 'o', 'ø': 'o',
	'ù': 'u', 'ú': 'u', 'û': 'u', 'ü': 'u', 'ý': 'y', 'ÿ': 'y', 'º': ' ', 'ª': ' ',
}
