package crmimport

import (
	"context"
	"errors"
	"sync"
)

// Answer is an answer of a [Handler] that was kept.
type Answer struct {
	// Digest stands for the body of the request.
	Digest string `json:"digest"`
	Status int    `json:"status"`
	Body   []byte `json:"body"`
}

// ErrKeyInUse says that a request with the key is under way.
var ErrKeyInUse = errors.New("crmimport: the key is in use")

// Answers keeps the answers to requests with an Idempotency-Key. Implementations
// are safe for concurrent use; a host with several processes keeps them in its
// database.
type Answers interface {
	// Begin returns the answer that is kept under a key, or nil and takes the key.
	// While it is taken, others get [ErrKeyInUse].
	Begin(ctx context.Context, key, digest string) (*Answer, error)
	// End keeps an answer under a taken key; nil gives the key back.
	End(ctx context.Context, key string, answer *Answer) error
}

// MemoryAnswers keeps answers in memory. Use [NewMemoryAnswers].
type MemoryAnswers struct {
	most int

	mu    sync.Mutex
	kept  map[string]*Answer // nil: taken
	order []string           // of those that are kept
}

// NewMemoryAnswers keeps the last so many answers, at least one.
func NewMemoryAnswers(most int) *MemoryAnswers {
	return &MemoryAnswers{most: max(most, 1), kept: map[string]*Answer{}}
}

// Begin implements [Answers].
func (m *MemoryAnswers) Begin(_ context.Context, key, _ string) (*Answer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer, known := m.kept[key]
	switch {
	case known && answer == nil:
		return nil, ErrKeyInUse
	case known:
		return answer, nil
	}
	m.kept[key] = nil
	return nil, nil //nolint:nilnil // the key was free and is taken now
}

// End implements [Answers].
func (m *MemoryAnswers) End(_ context.Context, key string, answer *Answer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if answer == nil {
		delete(m.kept, key)
		return nil
	}
	m.kept[key] = answer
	m.order = append(m.order, key)
	if len(m.order) > m.most {
		delete(m.kept, m.order[0])
		m.order = m.order[1:]
	}
	return nil
}
