package operto

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

var _ pms.TaskWriter = (*Teams)(nil)

// TaskQuery selects tasks. The zero value selects all.
type TaskQuery struct {
	PropertyID string
	// From and To are days of the task, both included.
	From, To pms.Date
	// OpenOnly leaves completed tasks out.
	OpenOnly bool
}

// ListTasks reads all tasks of the query.
//
// https://teams.operto.com/api, GET /tasks.
func (t *Teams) ListTasks(ctx context.Context, q TaskQuery) (List[TeamsTask], error) {
	query := url.Values{}
	if q.PropertyID != "" {
		query.Set("PropertyID", q.PropertyID)
	}
	if !q.From.IsZero() {
		query.Set("TaskStartDate", undashed(q.From))
	}
	if !q.To.IsZero() {
		query.Set("TaskEndDate", undashed(q.To))
	}
	if q.OpenOnly {
		query.Set("completed", "0")
	}
	return all(ctx, t, "ListTasks", "/tasks", "task", query, func(task *TeamsTask, _ json.RawMessage) string { return string(task.ID) })
}

// ListTaskRules reads the rules that tasks can belong to.
//
// https://teams.operto.com/api, GET /taskrules.
func (t *Teams) ListTaskRules(ctx context.Context) (List[TaskRule], error) {
	return all(ctx, t, "ListTaskRules", "/taskrules", "task rule", url.Values{}, func(r *TaskRule, _ json.RawMessage) string { return string(r.ID) })
}

// ListStaff reads the people who work on tasks.
//
// https://teams.operto.com/api, GET /staff.
func (t *Teams) ListStaff(ctx context.Context) (List[Staff], error) {
	return all(ctx, t, "ListStaff", "/staff", "person", url.Values{}, func(s *Staff, _ json.RawMessage) string { return string(s.ID) })
}

// ListIssues reads what cleaners have reported, open issues alone if asked.
//
// https://teams.operto.com/api, GET /issues.
func (t *Teams) ListIssues(ctx context.Context, openOnly bool) (List[Issue], error) {
	query := url.Values{}
	if openOnly {
		query.Set("closed", "0")
	}
	return all(ctx, t, "ListIssues", "/issues", "issue", query, func(i *Issue, _ json.RawMessage) string { return string(i.ID) })
}

// CloseIssue closes an issue on a day.
//
// https://teams.operto.com/api, POST /issues: JSON inside a JSON string.
func (t *Teams) CloseIssue(ctx context.Context, id string, day pms.Date) error {
	inner, err := json.Marshal(map[string]any{"IssueID": id, "Update": true, "ClosedDate": undashed(day)})
	if err != nil {
		return err
	}
	resp, err := t.do(ctx, rest.Call{
		Op: "CloseIssue", Method: http.MethodPost, Path: teamsPath + "/issues", JSON: map[string]string{"request": string(inner)},
	})
	if err != nil {
		return err
	}
	var answer struct {
		Code    pms.Text `json:"code"`
		Message pms.Text `json:"message"`
	}
	if err := resp.Decode(&answer); err != nil {
		return withoutBody(err)
	}
	if code := wire.IntOrZero(answer.Code); code >= 300 {
		return withoutBody(resp.Fail(rest.Fault{Kind: rest.KindOf(code), Code: string(answer.Code), Message: string(answer.Message)}))
	}
	return nil
}

// AssignTask gives a task to a person and returns the id of the assignment.
//
// https://teams.operto.com/api, POST /stafftasks.
func (t *Teams) AssignTask(ctx context.Context, taskID, staffID, propertyID string) (id string, err error) {
	resp, err := t.do(ctx, rest.Call{
		Op: "AssignTask", Method: http.MethodPost, Path: teamsPath + "/stafftasks",
		JSON: map[string]any{"TaskID": numeric(taskID), "StaffID": numeric(staffID), "PropertyID": numeric(propertyID)},
	})
	if err != nil {
		return "", err
	}
	var answer struct{ StaffTaskID pms.Text }
	if err := resp.Decode(&answer); err != nil {
		return "", withoutBody(err)
	}
	return string(answer.StaffTaskID), nil
}

// UnassignTask takes an assignment back.
//
// https://teams.operto.com/api, DELETE /stafftasks/{id}.
func (t *Teams) UnassignTask(ctx context.Context, assignment string) error {
	_, err := t.do(ctx, rest.Call{Op: "UnassignTask", Method: http.MethodDelete, Path: teamsPath + "/stafftasks/" + url.PathEscape(assignment)})
	return err
}

// numeric sends an id as the number that it is.
func numeric(id string) any {
	if id != "" && strings.Trim(id, "0123456789") == "" {
		return json.Number(id)
	}
	return id
}

// WriteTask implements [pms.TaskWriter]. The reference of the task is kept at the
// end of its description: before a task is created, one with the same reference
// on the same day is looked for.
//
// Hours are whole in Teams: the window is rounded inwards, or outwards where
// nothing is left of it. Start and End must be in the zone of the unit. Closing
// sets Completed, cancelling sets Active (both unverified).
//
// https://teams.operto.com/api, POST and PUT /tasks.
func (t *Teams) WriteTask(ctx context.Context, task pms.Task) (id string, err error) {
	const op = "WriteTask"
	body, err := t.taskBody(op, task)
	if err != nil {
		return "", err
	}
	id = task.ID
	if id == "" {
		if id, err = t.findTask(ctx, task); err != nil {
			return "", err
		}
	}
	isOpen := task.State == "" || task.State == pms.TaskOpen
	if id == "" && !isOpen {
		return "", nil
	}
	call := rest.Call{Op: op, Method: http.MethodPost, Path: teamsPath + "/tasks", JSON: body}
	if id != "" {
		call.Method, call.Path = http.MethodPut, call.Path+"/"+url.PathEscape(id)
		switch task.State {
		case pms.TaskDone:
			body["Completed"] = 1
		case pms.TaskCancelled:
			body["Active"] = 0
		case pms.TaskOpen:
		}
	}
	resp, err := t.do(ctx, call)
	if err != nil {
		return "", err
	}
	var answer struct{ TaskID pms.Text }
	if err := resp.Decode(&answer); err != nil {
		return "", withoutBody(err)
	}
	if id = cmp.Or(id, string(answer.TaskID)); id == "" {
		return "", withoutBody(resp.Unreadable("no TaskID in the answer", nil))
	}
	return id, nil
}

func (t *Teams) taskBody(op string, task pms.Task) (map[string]any, error) {
	refuse := func(message string) (map[string]any, error) {
		return nil, &pms.APIError{Vendor: teamsVendor, Op: op, Kind: pms.ErrInvalid, Message: message}
	}
	switch {
	case t.cfg.TaskRuleID == "":
		return refuse("TaskRuleID is required in the settings")
	case task.PropertyID == "" || task.Name == "":
		return refuse("PropertyID and Name are required")
	case task.Start.IsZero() || task.End.Before(task.Start):
		return refuse("End must not be before Start")
	}
	start, end := wholeHours(task.Start, task.End)
	return map[string]any{
		"PropertyID": numeric(task.PropertyID), "TaskRuleID": numeric(string(t.cfg.TaskRuleID)),
		"TaskName": task.Name, "TaskDescription": description(task),
		"TaskStartDate": civil.DateOf(start).String(), "TaskStartTime": start.Hour(),
		"TaskDate": civil.DateOf(start).String(), "TaskTime": start.Hour(),
		"TaskCompleteByDate": civil.DateOf(end).String(), "TaskCompleteByTime": end.Hour(),
	}, nil
}

// wholeHours rounds a window to whole hours of its clock: inwards, or outwards
// within the day where nothing would be left.
func wholeHours(start, end time.Time) (from, to time.Time) {
	from, to = start.Add(upToHour(start)), end.Add(-intoHour(end))
	if from.Before(to) {
		return from, to
	}
	from, to = start.Add(-intoHour(start)), end.Add(upToHour(end))
	if civil.DateOf(to) != civil.DateOf(end) {
		to = end.Add(-intoHour(end))
	}
	return from, to
}

func intoHour(t time.Time) time.Duration {
	return time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}

func upToHour(t time.Time) time.Duration {
	if into := intoHour(t); into > 0 {
		return time.Hour - into
	}
	return 0
}

// description is the text with the reference at its end. It must not be empty.
func description(task pms.Task) string {
	text := task.Description
	if task.Ref != "" {
		text = strings.TrimSpace(text + "\n" + mark(task.Ref))
	}
	return cmp.Or(text, "-")
}

func mark(ref string) string { return "[" + ref + "]" }

// findTask looks for a task with the same reference on the same day.
func (t *Teams) findTask(ctx context.Context, task pms.Task) (string, error) {
	if task.Ref == "" {
		return "", nil
	}
	start, _ := wholeHours(task.Start, task.End)
	day := civil.DateOf(start)
	list, err := t.ListTasks(ctx, TaskQuery{PropertyID: task.PropertyID, From: day, To: day})
	if err != nil {
		return "", err
	}
	for _, found := range list.Items {
		if strings.HasSuffix(strings.TrimSpace(string(found.Description)), mark(task.Ref)) {
			return string(found.ID), nil
		}
	}
	return "", nil
}

// TaskFromJob is the task of a cleaning in the unit of Teams with the id. It
// tells no guest data. Its reference is the key of the job, so the same job
// gives the same task.
func TaskFromJob(job cleaning.Job, unitID string, state pms.TaskState) pms.Task {
	name := map[cleaning.Kind]string{
		cleaning.KindDeparture: "Check-out clean", cleaning.KindArrival: "Check-in clean", cleaning.KindMidStay: "Mid-stay clean",
	}[job.Key.Kind]
	var lines []string
	if job.SameDay {
		lines = append(lines, "The next guests come the same day.")
	}
	if job.TooShort {
		lines = append(lines, "The time is shorter than the cleaning takes.")
	}
	if !job.NextArrival.IsZero() {
		lines = append(lines, "Next arrival: "+job.NextArrival.Format("2006-01-02 15:04")+".")
	}
	if job.NextGuests.Total > 0 {
		lines = append(lines, fmt.Sprintf("Next guests: %d.", job.NextGuests.Total))
	}
	return pms.Task{
		Ref: job.Key.String(), PropertyID: unitID, Name: cmp.Or(name, "Clean") + " " + job.Key.Stay.ID,
		Description: strings.Join(lines, "\n"), Start: job.Start, End: job.End, State: state,
	}
}
