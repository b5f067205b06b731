package ical

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The words by which built-in rules decide, folded. Those marked unverified
// were never seen on a real feed.
var (
	// blockPhrases mean a block wherever they stand: "Airbnb (Not available)",
	// "Reserved - Not available".
	blockPhrases = []string{
		"not available",
		"unavailable", // unverified
		"indisponible",
		"no disponible",    // unverified
		"nicht verfugbar",  // unverified
		"nicht verfuegbar", // unverified
	}
	// blockWords mean a block at the start, or after a dash, bracket or colon.
	// Elsewhere they may be part of a note about a guest.
	blockWords     = []string{"blocked", "closed"}
	guestWords     = []string{"reserved", "reservee", "reservation", "booked"}
	tentativeWords = []string{"provisoire"}
	markerWords    = []string{"check-in", "check-out"}
)

// tidy puts single spaces for runs of white space and "-" for every dash.
func tidy(s string) string {
	if isTidy(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r):
			continue
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			r = '-'
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isTidy reports whether s is ASCII that tidy leaves alone.
func isTidy(s string) bool {
	space := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && space {
			return false
		}
		space = s[i] == ' '
	}
	return s == "" || !space
}

// fold is tidy in lower case without the accents of Western European letters,
// composed or decomposed.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		if i := strings.IndexRune(accented, r); i >= 0 {
			return rune(plainLetters[i/2])
		}
		return r
	}, strings.ToLower(tidy(s)))
}

// accented letters take two bytes each and stand above their plain ones.
const (
	accented     = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
	plainLetters = "aaaaaaceeeeiiiinooooouuuuyy"
)

// findWord returns the first of the folded words that stands in the folded text
// s between letters and digits, or "".
func findWord(s string, words []string) string {
	for _, word := range words {
		if indexWord(s, word) >= 0 {
			return word
		}
	}
	return ""
}

// findAtStart is findWord for words at the start of s or of a part of it.
func findAtStart(s string, words []string) string {
	for _, word := range words {
		if i := indexWord(s, word); i >= 0 && startsPart(s[:i]) {
			return word
		}
	}
	return ""
}

func startsPart(before string) bool {
	before = strings.TrimRight(before, " ")
	return before == "" || strings.HasSuffix(before, "-") || strings.HasSuffix(before, "(") || strings.HasSuffix(before, ":")
}

// indexWord returns the index of a word with no letter or digit beside it.
func indexWord(s, word string) int {
	if word == "" {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(word):])
		if !wordRune(before) && !wordRune(after) {
			return i
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		from = i + size
	}
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
