package remonline_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
)

func directory() remonline.Directory {
	return remonline.Directory{
		Company: remonline.Company{Timezone: "Europe/Moscow"},
		Locations: []remonline.Location{
			{ID: "40117", Name: "Тверь"}, {ID: "40118", Name: "Москва"}, {ID: "40120", Name: "Тверь (склад)"}, {ID: "40121", Name: "тверь "},
		},
		Statuses:  []remonline.Status{{ID: "1", Name: "Новый"}, {ID: "8", Name: "Выдан"}},
		Types:     []remonline.OrderType{{ID: "55001", Title: "Платный"}},
		Employees: []remonline.Employee{{ID: "301", FirstName: "Ирина", LastName: "Соколова"}},
	}
}

func filterOrder() remonline.Order {
	return remonline.Order{
		ID: "7", Number: "TV-0412", BranchID: "40117", Status: remonline.Status{ID: "8", Name: "Выдан"},
		OrderType: remonline.OrderType{ID: "55001", Name: "Платный"}, ManagerID: "301", Total: "4300.00", DiscountSum: "",
		Client:    remonline.Contact{ID: "880101", FirstName: "Ольга", LastName: "Ким", Phones: remonline.Phones{{Phone: "+7 (903) 123-45-67"}, {Phone: "84952223344"}}},
		CreatedAt: "2026-05-01T21:30:00Z", ModifiedAt: "2026-05-06T16:40:12Z", Urgent: "true",
		CustomFields: remonline.CustomFields{"f1": "кв. 12", "f2": "12.5"}, Asset: remonline.Asset{UID: "SN-1"},
	}
}

func TestFilterMatch(t *testing.T) {
	t.Parallel()
	type c = remonline.Condition
	for _, tt := range []struct {
		condition c
		want      bool
	}{
		{c{Field: "location", Operator: remonline.Equals, Value: "Тверь"}, true},
		{c{Field: "location", Operator: remonline.Equals, Value: " тверь"}, true},
		{c{Field: "location", Operator: remonline.Equals, Value: "Москва"}, false},
		{c{Field: "location", Operator: remonline.NotEquals, Value: "Москва"}, true},
		{c{Field: "location", Operator: remonline.In, Values: []string{"Москва", "Тверь"}}, true},
		{c{Field: "location", Operator: remonline.Contains, Value: "склад"}, false},
		{c{Field: "location", Operator: remonline.Contains, Value: "твер"}, true},
		{c{Field: "location_id", Operator: remonline.Equals, Value: "40117"}, true},
		{c{Field: "status", Operator: remonline.Equals, Value: "выдан"}, true},
		{c{Field: "status", Operator: remonline.In, Values: []string{"Новый"}}, false},
		{c{Field: "type", Operator: remonline.Equals, Value: "Платный"}, true},
		{c{Field: "manager", Operator: remonline.Equals, Value: "Ирина Соколова"}, true},
		{c{Field: "assignee", Operator: remonline.Equals, Value: "Ирина Соколова"}, false},
		{c{Field: "number", Operator: remonline.Equals, Value: "tv-0412"}, false},
		{c{Field: "number", Operator: remonline.Contains, Value: "04"}, true},
		{c{Field: "client", Operator: remonline.Contains, Value: "КИМ"}, true},
		{c{Field: "client_phone", Operator: remonline.Equals, Value: "+79031234567"}, true},
		{c{Field: "client_phone", Operator: remonline.Contains, Value: "222 33 44"}, true},
		{c{Field: "client_phone", Operator: remonline.In, Values: []string{"1", "2"}}, false},
		{c{Field: "total", Operator: remonline.Equals, Value: "4300"}, true},
		{c{Field: "total", Operator: remonline.NotEquals, Value: "4300.000"}, false},
		{c{Field: "total", Operator: remonline.InRange, From: "4300", To: "4300.00"}, true},
		{c{Field: "total", Operator: remonline.InRange, From: "4300.01"}, false},
		{c{Field: "total", Operator: remonline.InRange, To: "4299.99"}, false},
		{c{Field: "total", Operator: remonline.In, Values: []string{"1", "4300"}}, true},
		{c{Field: "discount", Operator: remonline.Equals, Value: "0"}, false},
		{c{Field: "discount", Operator: remonline.InRange, To: "5"}, false},
		{c{Field: "f1", Operator: remonline.Equals, Value: "КВ. 12"}, true},
		{c{Field: "f1", Operator: remonline.InRange, From: "0"}, false},
		{c{Field: "f2", Operator: remonline.InRange, From: "12", To: "13"}, true},
		{c{Field: "f3", Operator: remonline.NotEquals, Value: "x"}, true},
		{c{Field: "f3", Operator: remonline.Contains, Value: "x"}, false},
		{c{Field: "urgent", Operator: remonline.Equals, Value: "true"}, true},
		{c{Field: "overdue", Operator: remonline.Equals, Value: "false"}, true},
		// 2026-05-01T21:30:00Z is already 2 May in Moscow.
		{c{Field: "created_at", Operator: remonline.Equals, Value: "2026-05-02"}, true},
		{c{Field: "created_at", Operator: remonline.Equals, Value: "2026-05-01"}, false},
		{c{Field: "created_at", Operator: remonline.NotEquals, Value: "2026-05-01"}, true},
		{c{Field: "created_at", Operator: remonline.InRange, From: "2026-05-02", To: "2026-05-02"}, true},
		{c{Field: "created_at", Operator: remonline.InRange, To: "2026-05-01T21:29:59Z"}, false},
		{c{Field: "created_at", Operator: remonline.InRange, To: "2026-05-01T21:30:00Z"}, true},
		{c{Field: "closed_at", Operator: remonline.InRange, From: "2020-01-01"}, false},
	} {
		bound, err := remonline.Filter{Conditions: []c{tt.condition}}.Bind(directory())
		require.NoError(t, err, tt.condition)
		order := filterOrder()
		assert.Equal(t, tt.want, bound.Match(&order), tt.condition.String())
		tt.condition.Exclude = true
		bound, err = remonline.Filter{Conditions: []c{tt.condition}}.Bind(directory())
		require.NoError(t, err)
		assert.Equal(t, !tt.want, bound.Match(&order), tt.condition.String())
	}
}

func TestFilterIsAConjunction(t *testing.T) {
	t.Parallel()
	order := filterOrder()
	yes := remonline.Condition{Field: "total", Operator: remonline.Equals, Value: "4300"}
	no := remonline.Condition{Field: "total", Operator: remonline.Equals, Value: "1"}
	for _, tt := range []struct {
		conditions []remonline.Condition
		want       bool
	}{{nil, true}, {[]remonline.Condition{yes, yes}, true}, {[]remonline.Condition{yes, no}, false}} {
		bound, err := remonline.Filter{Conditions: tt.conditions}.Bind(remonline.Directory{})
		require.NoError(t, err)
		require.Equal(t, tt.want, bound.Match(&order))
	}
}

func TestFilterExplain(t *testing.T) {
	t.Parallel()
	many := make([]string, 101)
	for i := range many {
		many[i] = "n" + id(int64(i))
	}
	filter := remonline.Filter{Conditions: []remonline.Condition{
		{Field: "location", Operator: remonline.Equals, Value: "Тверь"},
		{Field: "location_id", Operator: remonline.In, Values: []string{"40117"}},
		{Field: "status", Operator: remonline.NotEquals, Value: "Новый"},
		{Exclude: true, Field: "manager_id", Operator: remonline.Equals, Value: "301"},
		{Field: "created_at", Operator: remonline.InRange, From: "2026-05-01", To: "2026-05-31"},
		{Field: "modified_at", Operator: remonline.InRange, From: "2026-05-01T00:00:00Z"},
		{Field: "total", Operator: remonline.InRange, From: "1000"},
		{Field: "number", Operator: remonline.Contains, Value: "TV"},
		{Field: "number", Operator: remonline.In, Values: many},
		{Field: "client", Operator: remonline.Equals, Value: "Ольга Ким"},
		{Field: "type", Operator: remonline.Equals, Value: "Платный"},
	}}
	bound, err := filter.Bind(directory())
	require.NoError(t, err)
	var got []string
	for _, e := range bound.Explain() {
		got = append(got, e.Sent)
	}
	require.Equal(t, []string{
		"branches[]=40117,40121", "", "", "", "created_at[]=2026-04-30T21:00:00Z,2026-05-31T21:00:00Z", "modified_at[]=2026-05-01T00:00:00Z",
		"", "", "", "", "types[]=55001",
	}, got)
	require.Equal(t, []string{"40117", "40121"}, bound.Query().LocationIDs)
	require.Equal(t, `include when location equals "Тверь": asked of the vendor as branches[]=40117,40121, and checked locally`, bound.Explain()[0].String())
	require.Equal(t, `exclude when manager_id equals "301": checked locally`, bound.Explain()[3].String())
	require.Equal(t, `include when created_at range "2026-05-01" to "2026-05-31"`, bound.Explain()[4].Condition)
}

func TestFilterErrorsNameTheField(t *testing.T) {
	t.Parallel()
	type c = remonline.Condition
	for want, condition := range map[string]c{
		`conditions[0].field: unknown field "color"`:                         {Field: "color", Operator: remonline.Equals, Value: "x"},
		`conditions[0].field: unknown field ""`:                              {},
		`conditions[0].operator: "like" does not fit total`:                  {Field: "total", Operator: "like", Value: "1"},
		`conditions[0].operator: "contains" does not fit total`:              {Field: "total", Operator: remonline.Contains, Value: "1"},
		`conditions[0].operator: "range" does not fit location`:              {Field: "location", Operator: remonline.InRange, From: "1"},
		`conditions[0].value: required`:                                      {Field: "status", Operator: remonline.Equals, Value: " "},
		`conditions[0].value: the only value field of equals`:                {Field: "status", Operator: remonline.Equals, Value: "x", To: "y"},
		`conditions[0].values: required, and none may be empty`:              {Field: "status", Operator: remonline.In, Values: []string{"x", ""}},
		`conditions[0].values: the only value field of in`:                   {Field: "status", Operator: remonline.In, Values: []string{"x"}, Value: "y"},
		`conditions[0].from: from or to is required`:                         {Field: "total", Operator: remonline.InRange},
		`conditions[0].from: from and to are the only value fields of range`: {Field: "total", Operator: remonline.InRange, From: "1", Value: "2"},
		`conditions[0].from: not a decimal number`:                           {Field: "total", Operator: remonline.InRange, From: "1e3"},
		`conditions[0].values[1]: not a decimal number`:                      {Field: "total", Operator: remonline.In, Values: []string{"1", "x"}},
		`conditions[0].to: must be a day or a date and time in RFC 3339`:     {Field: "due_date", Operator: remonline.InRange, To: "31.12.2026"},
		`conditions[0].value: must be true or false`:                         {Field: "urgent", Operator: remonline.Equals, Value: "yes"},
		`conditions[0].value: has no digits`:                                 {Field: "client_phone", Operator: remonline.Equals, Value: "phone"},
		`conditions[0].value: no location is named "Твер"`:                   {Field: "location", Operator: remonline.Equals, Value: "Твер"},
		`conditions[0].value: no status is named "Закрыт"`:                   {Field: "status", Operator: remonline.In, Values: []string{"Выдан", "Закрыт"}},
		`conditions[0].to: before from`:                                      {Field: "due_date", Operator: remonline.InRange, From: "2026-05-02", To: "2026-05-01"},
	} {
		_, err := remonline.Filter{Conditions: []c{condition}}.Bind(directory())
		require.EqualError(t, err, "remonline: filter: "+want+": invalid request")
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	_, err := remonline.Filter{TimeZone: "Moscow"}.Bind(directory())
	require.EqualError(t, err, `remonline: filter: timeZone: "Moscow" is not an IANA zone known here: invalid request`)
	day := remonline.Filter{Conditions: []c{{Field: "due_date", Operator: remonline.Equals, Value: "2026-05-02"}}}
	_, err = day.Bind(remonline.Directory{})
	require.EqualError(t, err, "remonline: filter: timeZone: required for days, because the company states no zone: invalid request")
}

// In Santiago the day of 2026-09-06 has no midnight.
func TestFilterDaysWithoutMidnight(t *testing.T) {
	t.Parallel()
	filter := remonline.Filter{TimeZone: "America/Santiago", Conditions: []remonline.Condition{{Field: "due_date", Operator: remonline.Equals, Value: "2026-09-06"}}}
	bound, err := filter.Bind(remonline.Directory{})
	require.NoError(t, err)
	require.Equal(t, "2026-09-06T01:00:00-03:00", bound.Query().Due.From.Format("2006-01-02T15:04:05Z07:00"))
	require.True(t, bound.Match(&remonline.Order{DueDate: "2026-09-06T04:00:00Z"}))
	require.False(t, bound.Match(&remonline.Order{DueDate: "2026-09-06T03:59:59Z"}))
}

func TestFilterFields(t *testing.T) {
	t.Parallel()
	for _, name := range remonline.FilterFields() {
		err := remonline.Filter{Conditions: []remonline.Condition{{Field: name, Operator: remonline.Equals}}}.Validate()
		require.ErrorContains(t, err, "conditions[0].value: required", name)
	}
	require.Contains(t, remonline.FilterFields(), "location")
}

func TestFilterJSON(t *testing.T) {
	t.Parallel()
	filter := remonline.Filter{TimeZone: "Europe/Moscow", Conditions: []remonline.Condition{
		{Field: "location", Operator: remonline.Equals, Value: "Тверь"}, {Exclude: true, Field: "total", Operator: remonline.InRange, From: "1"},
	}}
	data, err := json.Marshal(filter)
	require.NoError(t, err)
	require.JSONEq(t, `{"timeZone":"Europe/Moscow","conditions":[{"field":"location","operator":"equals","value":"Тверь"},{"exclude":true,"field":"total","operator":"range","from":"1"}]}`, string(data))
	var again remonline.Filter
	require.NoError(t, settings.Decode("remonline", data, &again))
	require.Equal(t, filter, again)
}

// Whatever a stored filter holds, it is refused or works, and comes back as it
// was written.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"conditions":[{"field":"location","operator":"equals","value":"Тверь"}]}`,
		`{"timeZone":"America/Santiago","conditions":[{"exclude":true,"field":"due_date","operator":"range","from":"2026-09-06","to":"9999-12-31"}]}`,
		`{"conditions":[{"field":"f1","operator":"in","values":["кв. 12","x"]},{"field":"total","operator":"not_equals","value":"1"}]}`,
		`{"conditions":[{}]}`, `[]`, `{"conditions":[{"field":"client_phone","operator":"contains","value":"2"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var filter remonline.Filter
		if json.Unmarshal(data, &filter) != nil {
			return
		}
		bound, err := filter.Bind(directory())
		if err != nil {
			require.ErrorIs(t, err, pms.ErrInvalid)
			return
		}
		require.NoError(t, filter.Validate())
		require.Len(t, bound.Explain(), len(filter.Conditions))
		order, empty := filterOrder(), remonline.Order{}
		got := bound.Match(&order)
		bound.Match(&empty)
		text, err := json.Marshal(filter)
		require.NoError(t, err)
		var again remonline.Filter
		require.NoError(t, json.Unmarshal(text, &again))
		bound, err = again.Bind(directory())
		require.NoError(t, err)
		require.Equal(t, got, bound.Match(&order))
	})
}
