package sandbox

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/changeover-sdk/changeover/pms"
)

// records is a list with an index by id that hands out numbers.
type records[T any] struct {
	items []T
	index map[string]int
	last  int64
	id    func(*T) *string
}

func newRecords[T any](last int64, id func(*T) *string) records[T] {
	return records[T]{index: map[string]int{}, last: last, id: id}
}

func (r *records[T]) add(item *T) (string, error) {
	id := r.id(item)
	if *id == "" {
		*id = strconv.FormatInt(r.last+1, 10)
	}
	n, err := strconv.ParseInt(*id, 10, 64)
	if err != nil || n <= 0 {
		return "", fmt.Errorf("sandbox: id %q is not a number: %w", *id, pms.ErrInvalid)
	}
	if _, ok := r.index[*id]; ok {
		return "", fmt.Errorf("sandbox: id %s is taken: %w", *id, pms.ErrConflict)
	}
	r.last = max(r.last, n)
	r.index[*id] = len(r.items)
	r.items = append(r.items, *item)
	return *id, nil
}

func (r *records[T]) get(id string) (T, error) {
	i, ok := r.index[id]
	if !ok {
		var zero T
		return zero, fmt.Errorf("sandbox: no record %q: %w", id, pms.ErrNotFound)
	}
	return r.items[i], nil
}

// put replaces the record that has the id of item.
func (r *records[T]) put(item T) { r.items[r.index[*r.id(&item)]] = item }

func (r *records[T]) remove(id string) {
	i := r.index[id]
	r.items = slices.Delete(r.items, i, i+1)
	delete(r.index, id)
	for ; i < len(r.items); i++ {
		r.index[*r.id(&r.items[i])] = i
	}
}
