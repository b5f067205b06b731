package remonlinetest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

func ask(t *testing.T, a *remonlinetest.Account, key, target string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	request.Header.Set("Authorization", "Bearer "+key)
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request)
	return recorder
}

func TestTheSameSeedIsTheSameAccount(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) }
	a, b := remonlinetest.NewAccount(1, remonlinetest.Options{Clock: clock}), remonlinetest.NewAccount(1, remonlinetest.Options{Clock: clock})
	require.Equal(t, a.Orders(), b.Orders())
	require.Equal(t, a.Contacts(), b.Contacts())
	require.Len(t, a.Orders(), 120)
	require.NotEqual(t, a.Orders(), remonlinetest.NewAccount(2, remonlinetest.Options{Clock: clock}).Orders())
}

func TestLimitAndKey(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	a := remonlinetest.NewAccount(1, remonlinetest.Options{Clock: func() time.Time { return now }})
	key := a.Options().APIKey
	require.Equal(t, http.StatusUnauthorized, ask(t, a, "x", "/v2/company").Code)
	for range 3 {
		require.Equal(t, http.StatusOK, ask(t, a, key, "/v2/company").Code)
	}
	require.Equal(t, http.StatusTooManyRequests, ask(t, a, key, "/v2/company").Code)
	now = now.Add(time.Second)
	require.Equal(t, http.StatusOK, ask(t, a, key, "/v2/company").Code)
	require.Equal(t, http.StatusNotFound, ask(t, a, key, "/v2/nothing").Code)
}

func TestPagesAndFilters(t *testing.T) {
	t.Parallel()
	a := remonlinetest.NewAccount(1, remonlinetest.Options{NoLimits: true})
	key := a.Options().APIKey
	require.Contains(t, ask(t, a, key, "/v2/orders?page=3").Body.String(), `"paging":{"count":120,"limit":50,"page":3,"total_pages":3}`)
	require.Contains(t, ask(t, a, key, "/v2/orders?page=4").Body.String(), `{"data":[],`)
	require.Equal(t, http.StatusUnprocessableEntity, ask(t, a, key, "/v2/orders?page=0").Code)
	require.Equal(t, http.StatusUnprocessableEntity, ask(t, a, key, "/v2/orders?modified_at%5B%5D=yesterday").Code)
	require.Contains(t, ask(t, a, key, "/v2/orders?modified_at%5B%5D=2999-01-01T00:00:00Z").Body.String(), `"count":0`)
	require.Equal(t, byte('['), ask(t, a, key, "/v2/orders/statuses").Body.Bytes()[0])
}

func TestTotals(t *testing.T) {
	t.Parallel()
	o := remonlinetest.Order{Discount: 5, Items: []remonlinetest.Item{{Quantity: 1500, Price: 1001, Cost: 333}, {Quantity: -1500, Price: 1, Cost: 1}}}
	require.Equal(t, []int64{1502 - 2 - 5, 500 - 2}, []int64{o.Total(), o.Cost()})
}
