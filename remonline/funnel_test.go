package remonline_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
)

func status(id, name, group string) remonline.Status {
	return remonline.Status{ID: pms.Text(id), Name: pms.Text(name), Group: remonline.StatusGroup{Type: pms.Text(group), Name: pms.Text("группа " + group)}}
}

func accountStatuses() []remonline.Status {
	return []remonline.Status{
		status("9", "Отказ: цена", "7"), status("1", "Новый", "1"), status("2", "Диагностика", "2"), status("3", "В работе", "2"),
		status("4", "Готов", "4"), status("8", "Выдан", "6"), status("10", "Отказ: сроки", "7"), status("11", "Особый", "42"),
	}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	grouped := remonline.GroupedFunnel(accountStatuses())
	require.NoError(t, grouped.Validate())
	require.Equal(t, []remonline.Container{
		{Name: "группа 42", Marker: remonline.MarkerNone, Statuses: []pms.Text{"11"}},
		{Name: "группа 1", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"1"}},
		{Name: "группа 2", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"2", "3"}},
		{Name: "группа 4", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"4"}},
		{Name: "группа 6", Marker: remonline.MarkerSuccess, Statuses: []pms.Text{"8"}},
		{Name: "группа 7", Marker: remonline.MarkerFailure, Statuses: []pms.Text{"9", "10"}},
	}, grouped.Containers)

	ungrouped := remonline.UngroupedFunnel(accountStatuses())
	require.NoError(t, ungrouped.Validate())
	require.Equal(t, []remonline.Container{
		{Name: "Особый", Marker: remonline.MarkerNone, Statuses: []pms.Text{"11"}},
		{Name: "Новый", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"1"}},
		{Name: "Диагностика", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"2"}},
		{Name: "В работе", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"3"}},
		{Name: "Готов", Marker: remonline.MarkerInProgress, Statuses: []pms.Text{"4"}},
		{Name: "Выдан", Marker: remonline.MarkerSuccess, Statuses: []pms.Text{"8"}},
		{Name: "группа 7", Marker: remonline.MarkerFailure, Statuses: []pms.Text{"9", "10"}},
	}, ungrouped.Containers)
	for _, f := range []remonline.Funnel{grouped, ungrouped} {
		require.Empty(t, f.Check(accountStatuses()))
	}
}

func TestProposalsNameEveryContainerOnce(t *testing.T) {
	t.Parallel()
	f := remonline.UngroupedFunnel([]remonline.Status{{ID: "1", Name: "Новый"}, {ID: "2", Name: " новый"}, {ID: "3"}})
	require.NoError(t, f.Validate())
	require.Equal(t, []string{"Новый", "новый #2", "#3"}, []string{f.Containers[0].Name, f.Containers[1].Name, f.Containers[2].Name})
	require.Equal(t, "Closed", remonline.GroupedFunnel([]remonline.Status{{ID: "1", Group: remonline.StatusGroup{Type: "6"}}}).Containers[0].Name)
	require.Empty(t, remonline.GroupedFunnel(nil).Containers)
}

func TestFunnelErrorsNameTheContainers(t *testing.T) {
	t.Parallel()
	type c = remonline.Container
	for want, containers := range map[string][]c{
		`containers: required`:             nil,
		`containers[1].name: required`:     {{Name: "a", Marker: remonline.MarkerNone}, {Name: " "}},
		`containers[1].name: "A" is taken`: {{Name: "a", Marker: remonline.MarkerNone}, {Name: "A"}},
		`containers[0].marker: "won" is not one of none, in_progress, success and failure`:          {{Name: "a", Marker: "won"}},
		`containers[2].marker: success marks "Оплачен" and "Выдан"; it can mark one container only`: {{Name: "Оплачен", Marker: remonline.MarkerSuccess}, {Name: "x", Marker: remonline.MarkerNone}, {Name: "Выдан", Marker: remonline.MarkerSuccess}},
		`containers[1].marker: failure marks "Цена" and "Сроки"; it can mark one container only`:    {{Name: "Цена", Marker: remonline.MarkerFailure}, {Name: "Сроки", Marker: remonline.MarkerFailure}},
		`containers[1].statuses[1]: status 7 is in "a" and "b"`:                                     {{Name: "a", Marker: remonline.MarkerNone, Statuses: []pms.Text{"7"}}, {Name: "b", Marker: remonline.MarkerNone, Statuses: []pms.Text{"8", "7"}}},
		`containers[0].statuses[0]: empty`:                                                          {{Name: "a", Marker: remonline.MarkerNone, Statuses: []pms.Text{""}}},
	} {
		err := remonline.Funnel{Containers: containers}.Validate()
		require.EqualError(t, err, "remonline: funnel: "+want+": invalid request")
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	require.NoError(t, remonline.Funnel{Containers: []c{{Name: "a", Marker: remonline.MarkerInProgress}, {Name: "b", Marker: remonline.MarkerInProgress}}}.Validate())
}

func TestFunnelCheckReportsWhatIsNotMapped(t *testing.T) {
	t.Parallel()
	f := remonline.Funnel{Containers: []remonline.Container{{Name: "a", Marker: remonline.MarkerNone, Statuses: []pms.Text{"1", "99"}}}}
	report := f.Check(accountStatuses()[:3])
	require.Equal(t, []string{"99"}, report.Gone)
	require.Equal(t, []pms.Text{"9", "2"}, []pms.Text{report.Unmapped[0].ID, report.Unmapped[1].ID})
}

// A stored funnel is refused or maps every status at most once.
func FuzzFunnel(f *testing.F) {
	for _, seed := range []string{
		`{"containers":[{"name":"Лиды","marker":"in_progress","statuses":[1,"2"]},{"name":"Оплачен","marker":"success","statuses":["8"]}]}`,
		`{"containers":[{"name":"a","marker":"success"},{"name":"b","marker":"success"}]}`, `{"containers":[{"name":"a","marker":"none","statuses":[null,[],{}]}]}`, `{}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var funnel remonline.Funnel
		if json.Unmarshal(data, &funnel) != nil {
			return
		}
		if err := funnel.Validate(); err != nil {
			require.ErrorIs(t, err, pms.ErrInvalid)
			return
		}
		marks, seen := map[remonline.Marker]int{}, map[pms.Text]bool{}
		mapped := 0
		for _, c := range funnel.Containers {
			marks[c.Marker]++
			for _, id := range c.Statuses {
				require.False(t, seen[id])
				seen[id] = true
				mapped++
			}
		}
		require.LessOrEqual(t, marks[remonline.MarkerSuccess], 1)
		require.LessOrEqual(t, marks[remonline.MarkerFailure], 1)
		report := funnel.Check(accountStatuses())
		require.Equal(t, mapped-len(report.Gone), len(accountStatuses())-len(report.Unmapped))
	})
}
