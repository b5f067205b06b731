package phone

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strconv"

	"github.com/nyaruka/phonenumbers/v2"
)

const maxStates = 1 << 15

// newPlan makes the plan of a calling code. It is empty, and leaves all to the
// library, if a pattern is no plain regular one or the plan gets too large.
func newPlan(code int) *plan {
	progs, ok := compile(code)
	if !ok {
		return &plan{}
	}
	b := builder{
		code:   strconv.Itoa(code),
		progs:  progs,
		states: make(map[string]uint16),
		plan:   plan{next: make([][10]uint16, 1), verdicts: make([]verdict, 1)},
	}
	start := make([]thread, len(progs))
	for i := range progs {
		start[i] = thread{prog: i, pc: progs[i].Start}
	}
	b.state(start, nil)
	for i := 0; i < len(b.queue); i++ {
		if len(b.queue) > maxStates {
			return &plan{}
		}
		b.expand(b.queue[i])
	}
	return &b.plan
}

// thread is a place in a program, before the empty steps that lead on from it.
type thread struct{ prog, pc int }

// builder makes a plan, state by state, in the order of length.
type builder struct {
	code   string
	progs  []program
	states map[string]uint16
	queue  []pending
	plan   plan
}

// pending is a state whose ways out are not known yet.
type pending struct {
	state   uint16
	threads []thread
	digits  []byte // a number that leads to it
}

// state returns the state in which the threads are after the digits.
func (b *builder) state(threads []thread, digits []byte) uint16 {
	key := keyOf(threads, len(digits))
	if state, known := b.states[key]; known {
		return state
	}
	state := uint16(len(b.plan.next)) //nolint:gosec // newPlan stops at maxStates
	b.states[key] = state
	b.plan.next = append(b.plan.next, [10]uint16{})
	b.plan.verdicts = append(b.plan.verdicts, b.judge(threads, digits))
	b.queue = append(b.queue, pending{state: state, threads: threads, digits: digits})
	return state
}

func keyOf(threads []thread, length int) string {
	key := strconv.AppendInt(make([]byte, 0, 8*len(threads)), int64(length), 10)
	for _, t := range threads {
		key = strconv.AppendInt(append(key, ' '), int64(t.prog), 36)
		key = strconv.AppendInt(append(key, '.'), int64(t.pc), 36)
	}
	return string(key)
}

// expand finds where each digit leads.
func (b *builder) expand(from pending) {
	if len(from.digits) == maxNational {
		return
	}
	flags := syntax.EmptyOp(0)
	if len(from.digits) == 0 {
		flags = syntax.EmptyBeginText | syntax.EmptyBeginLine
	}
	ready := b.closure(from.threads, flags)
	for digit := byte('0'); digit <= '9'; digit++ {
		if threads, alive := b.step(ready, rune(digit)); alive {
			b.plan.next[from.state][digit-'0'] = b.state(threads, append(slices.Clone(from.digits), digit))
		}
	}
}

// step reads a digit. It reports whether a valid number can come of it.
func (b *builder) step(ready []thread, digit rune) (threads []thread, alive bool) {
	for _, t := range ready {
		inst := &b.progs[t.prog].Inst[t.pc]
		if inst.Op == syntax.InstMatch || !inst.MatchRune(digit) {
			continue
		}
		threads = append(threads, thread{prog: t.prog, pc: int(inst.Out)})
		alive = alive || b.progs[t.prog].role == general
	}
	slices.SortFunc(threads, func(x, y thread) int {
		return cmp.Or(cmp.Compare(x.prog, y.prog), cmp.Compare(x.pc, y.pc))
	})
	return slices.Compact(threads), alive
}

// closure follows the empty steps from the threads, to instructions that read a
// digit or match.
func (b *builder) closure(threads []thread, flags syntax.EmptyOp) []thread {
	var ready []thread
	seen := make(map[thread]bool, 2*len(threads))
	var follow func(t thread)
	follow = func(t thread) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch inst := &b.progs[t.prog].Inst[t.pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			follow(thread{prog: t.prog, pc: int(inst.Out)})
			follow(thread{prog: t.prog, pc: int(inst.Arg)})
		case syntax.InstCapture, syntax.InstNop:
			follow(thread{prog: t.prog, pc: int(inst.Out)})
		case syntax.InstEmptyWidth:
			if inst.Arg&^uint32(flags) == 0 {
				follow(thread{prog: t.prog, pc: int(inst.Out)})
			}
		case syntax.InstFail:
		default:
			ready = append(ready, t)
		}
	}
	for _, t := range threads {
		follow(t)
	}
	return ready
}

// judge asks the library about the number that ends in a state.
func (b *builder) judge(threads []thread, digits []byte) verdict {
	possible := false
	for _, t := range b.closure(threads, syntax.EmptyEndText|syntax.EmptyEndLine) {
		if b.progs[t.prog].Inst[t.pc].Op != syntax.InstMatch {
			continue
		}
		switch b.progs[t.prog].role {
		case strips:
			return verdict{}
		case general:
			possible = true
		case kind:
		}
	}
	if !possible {
		return verdict{}
	}
	e164 := "+" + b.code + string(digits)
	number, err := parse(e164, "")
	if err != nil || phonenumbers.Format(number, phonenumbers.E164) != e164 {
		return verdict{}
	}
	return verdict{valid: true, noMessages: noMessages(number)}
}
