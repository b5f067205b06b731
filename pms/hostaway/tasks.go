package hostaway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// TaskStatus is the status of a task.
type TaskStatus string

// The states of a task (vendor's documentation, 2026-07).
const (
	TaskPending    TaskStatus = "pending"
	TaskConfirmed  TaskStatus = "confirmed"
	TaskInProgress TaskStatus = "inProgress"
	TaskCompleted  TaskStatus = "completed"
	TaskCancelled  TaskStatus = "cancelled"
)

// TaskCategory is what a task is about.
type TaskCategory int

// The categories of a task (vendor's documentation, 2026-07).
const (
	CategoryCleaning TaskCategory = 1 + iota
	CategoryMaintenance
	CategoryCheckIn
	CategoryCheckOut
	CategoryBackOffice
	CategoryOther
)

// TaskQuery selects tasks. Limit is at most MaxPage, zero means MaxPage.
type TaskQuery struct {
	ReservationID string
	Status        TaskStatus
	Limit         int
	Offset        int
}

// TaskRequest is a task to write. Zero fields are not sent, so that an update
// keeps what it does not name.
type TaskRequest struct {
	// Title is required in a new task.
	Title         string
	Description   string
	ListingID     string
	ReservationID string
	// AssigneeUserID is the user who does it.
	AssigneeUserID string
	// CanStartFrom and ShouldEndBy are sent in UTC, to the second.
	CanStartFrom, ShouldEndBy time.Time
	Status                    TaskStatus
	// Categories are sent as categoriesMap; that it is a list of numbers is
	// unverified.
	Categories     []TaskCategory
	ResolutionNote string
}

// ListTasks reads one page of tasks.
//
// https://api.hostaway.com/documentation#tasks, GET /v1/tasks.
func (c *Client) ListTasks(ctx context.Context, q TaskQuery) (List[Task], error) {
	return c.tasks(ctx, "ListTasks", q)
}

func (c *Client) tasks(ctx context.Context, op string, q TaskQuery) (List[Task], error) {
	query := place(q.Limit, q.Offset)
	for name, value := range map[string]string{"reservationId": q.ReservationID, "status": string(q.Status)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	page, err := listed(ctx, c, rest.Call{Op: op, Path: "/v1/tasks", Query: query}, "task",
		func(t *Task, raw json.RawMessage) string {
			t.Raw = raw
			return string(t.ID)
		})
	return page.List, err
}

// CreateTask writes a new task. It is not repeated when its answer is lost.
//
// https://api.hostaway.com/documentation#tasks, POST /v1/tasks.
func (c *Client) CreateTask(ctx context.Context, r TaskRequest) (Task, error) {
	const op = "CreateTask"
	if r.Title == "" {
		return Task{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "Title is required"}
	}
	return c.task(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "/v1/tasks", JSON: r.body()})
}

// UpdateTask changes a task.
//
// https://api.hostaway.com/documentation#tasks, PUT /v1/tasks/{id}.
func (c *Client) UpdateTask(ctx context.Context, id string, r TaskRequest) (Task, error) {
	return c.updateTask(ctx, "UpdateTask", id, r)
}

func (c *Client) updateTask(ctx context.Context, op, id string, r TaskRequest) (Task, error) {
	return c.task(ctx, rest.Call{Op: op, Method: http.MethodPut, Path: "/v1/tasks/" + url.PathEscape(id), JSON: r.body()})
}

// DeleteTask deletes a task. One that the account does not have is
// [pms.ErrNotFound].
//
// https://api.hostaway.com/documentation#tasks, DELETE /v1/tasks/{id}.
func (c *Client) DeleteTask(ctx context.Context, id string) error {
	_, err := c.do(ctx, rest.Call{Op: "DeleteTask", Method: http.MethodDelete, Path: "/v1/tasks/" + url.PathEscape(id)})
	return err
}

// WriteTask implements [pms.TaskWriter]: a cleaning task of a listing, with the
// window of the work. Hostaway keeps no key of the host: a task without an ID is
// looked for among the pending ones, by title, listing and window, before it is
// created. The status of an open task is left as it is.
func (c *Client) WriteTask(ctx context.Context, t pms.Task) (id string, err error) {
	const op = "WriteTask"
	switch {
	case t.PropertyID == "" || t.Name == "":
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "a task needs a PropertyID and a Name"}
	case t.Start.IsZero() || t.End.Before(t.Start):
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "a task needs a Start and an End behind it"}
	}
	request := TaskRequest{
		Title: t.Name, Description: t.Description, ListingID: t.PropertyID, CanStartFrom: t.Start, ShouldEndBy: t.End,
		Status: closed(t.State),
	}
	id = t.ID
	if id == "" {
		if id, err = c.findTask(ctx, op, t); err != nil {
			return "", err
		}
	}
	switch {
	case id == "" && request.Status != "":
		return "", nil // never created
	case id == "":
		request.Categories = []TaskCategory{CategoryCleaning}
		made, err := c.task(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "/v1/tasks", JSON: request.body()})
		return string(made.ID), err
	}
	_, err = c.updateTask(ctx, op, id, request)
	if errors.Is(err, pms.ErrNotFound) && request.Status != "" {
		return id, nil // somebody has removed it
	}
	return id, err
}

// closed is the status of a task that is not open any more.
func closed(state pms.TaskState) TaskStatus {
	switch state {
	case pms.TaskDone:
		return TaskCompleted
	case pms.TaskCancelled:
		return TaskCancelled
	case pms.TaskOpen:
	}
	return ""
}

// mostTaskPages is how many pages of pending tasks are looked through.
const mostTaskPages = 50

// findTask looks for a task whose creation went unanswered.
func (c *Client) findTask(ctx context.Context, op string, t pms.Task) (id string, err error) {
	q := TaskQuery{Status: TaskPending}
	for range mostTaskPages {
		list, err := c.tasks(ctx, op, q)
		if err != nil {
			return "", err
		}
		for _, task := range list.Items {
			if isTask(task, t) {
				return string(task.ID), nil
			}
		}
		read := len(list.Items) + len(list.Failed)
		q.Offset += read
		if read == 0 || q.Offset >= list.Total {
			break
		}
	}
	return "", nil
}

// isTask compares what both know, the window to the second.
func isTask(task Task, t pms.Task) bool {
	return string(task.Title) == t.Name && string(task.ListingMapID) == t.PropertyID &&
		wire.TimeOrZero(task.CanStartFrom, time.UTC).Equal(t.Start.Truncate(time.Second)) &&
		wire.TimeOrZero(task.ShouldEndBy, time.UTC).Equal(t.End.Truncate(time.Second))
}

func (c *Client) task(ctx context.Context, call rest.Call) (Task, error) {
	var t Task
	raw, err := c.one(ctx, call, &t, func() pms.Text { return t.ID })
	t.Raw = raw
	return t, err
}

// taskBody is a task on the wire.
type taskBody struct {
	Title          string         `json:"title,omitzero"`
	Description    string         `json:"description,omitzero"`
	ListingMapID   json.Number    `json:"listingMapId,omitzero"`
	ReservationID  json.Number    `json:"reservationId,omitzero"`
	AssigneeUserID json.Number    `json:"assigneeUserId,omitzero"`
	CanStartFrom   string         `json:"canStartFrom,omitzero"`
	ShouldEndBy    string         `json:"shouldEndBy,omitzero"`
	Status         TaskStatus     `json:"status,omitzero"`
	Categories     []TaskCategory `json:"categoriesMap,omitempty"`
	ResolutionNote string         `json:"resolutionNote,omitzero"`
}

func (r TaskRequest) body() taskBody {
	return taskBody{
		Title: r.Title, Description: r.Description,
		ListingMapID: json.Number(r.ListingID), ReservationID: json.Number(r.ReservationID),
		AssigneeUserID: json.Number(r.AssigneeUserID),
		CanStartFrom:   utc(r.CanStartFrom), ShouldEndBy: utc(r.ShouldEndBy),
		Status: r.Status, Categories: r.Categories, ResolutionNote: r.ResolutionNote,
	}
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}
