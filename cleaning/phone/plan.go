package phone

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
)

// plan is an automaton over the digits of the numbers of a calling code.
//
// The library asks a number three things: which of the patterns of the code's
// regions it matches, how long it is, and whether it begins with a national
// prefix, to be cut off. The automaton runs all patterns at once, so two numbers
// that end in one state get the same answers. The library is asked about one
// number of each state, and that verdict is true of all.
type plan struct {
	next     [][10]uint16 // 0 is the state without way out
	verdicts []verdict
}

// verdict says that "+", the calling code and the digits are a valid number in
// E.164 form.
type verdict struct{ valid, noMessages bool }

const (
	deadState  = 0
	startState = 1
)

func (p *plan) look(digits []byte) verdict {
	if len(p.next) == 0 {
		return verdict{}
	}
	state := uint16(startState)
	for _, c := range digits {
		if state = p.next[state][c-'0']; state == deadState {
			return verdict{}
		}
	}
	return p.verdicts[state]
}

// role says what a pattern is to the library.
type role int

const (
	kind    role = iota // tells one kind of number from another
	general             // every valid number of a region matches it
	strips              // what begins so loses its beginning: left to the library
)

type program struct {
	*syntax.Prog
	role role
}

// compile returns the patterns by which the library judges the numbers of a code.
func compile(code int) ([]program, bool) {
	var progs []program
	ok := true
	add := func(pattern string, r role) {
		if pattern == "" {
			return
		}
		re, err := syntax.Parse("^(?:"+pattern+")$", syntax.Perl)
		if err != nil {
			ok = false
			return
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil || slices.ContainsFunc(prog.Inst, matchesAnything) {
			ok = false
			return
		}
		progs = append(progs, program{Prog: prog, role: r})
	}
	for i, region := range metadata.CountryCodeToRegion()[code] {
		m := territory(code, region)
		if m == nil {
			return nil, false
		}
		pattern := m.GetGeneralDesc().GetNationalNumberPattern()
		add(pattern, general)
		for _, desc := range []*phonenumbers.PhoneNumberDesc{
			m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(),
			m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(), m.GetMobile(),
		} {
			add(desc.GetNationalNumberPattern(), kind)
		}
		if leading := m.GetLeadingDigits(); leading != "" {
			add("(?:"+leading+`)\d*`, kind)
		}
		prefix := m.GetNationalPrefixForParsing()
		if i > 0 || prefix == "" {
			continue // the first region is the main one, whose prefix counts
		}
		if strings.Trim(prefix, "0123456789") != "" || m.GetNationalPrefixTransformRule() != "" {
			add("(?:"+prefix+`)\d*`, strips)
			continue
		}
		// A plain prefix is cut off or not by what the general pattern says of the
		// rest.
		add(prefix+`\d*`, kind)
		add(prefix+"(?:"+pattern+")", kind)
	}
	return progs, ok && len(progs) > 0
}

// matchesAnything finds ".", which stands for no digit in particular.
func matchesAnything(inst syntax.Inst) bool {
	return inst.Op == syntax.InstRuneAny || inst.Op == syntax.InstRuneAnyNotNL
}

func territory(code int, region string) *phonenumbers.PhoneMetadata {
	if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
		m, _ := metadata.NonGeoMetadata(code)
		return m
	}
	m, _ := metadata.RegionMetadata(region)
	return m
}
