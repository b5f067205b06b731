package escapia

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// ListHousekeepingStatuses reads the statuses that the manager has defined.
//
// https://developer.escapia.com, GET /hsapi/GetHousekeepingStatusList.
func (c *Client) ListHousekeepingStatuses(ctx context.Context) (List[HousekeepingStatus], error) {
	return c.statuses(ctx, "ListHousekeepingStatuses")
}

// SaveHousekeepingStatus sets the status of a unit, with the Name and
// NativePMSID of a status of the manager. What the vendor does not save is
// [pms.ErrInvalid].
//
// https://developer.escapia.com, PUT /hsapi/SaveUnitHousekeepingStatus.
func (c *Client) SaveHousekeepingStatus(ctx context.Context, unitID string, status HousekeepingStatus) error {
	return c.saveStatus(ctx, "SaveHousekeepingStatus", unitID, status)
}

// TaskQuery selects housekeeping tasks. Zero values select nothing out.
type TaskQuery struct {
	// UnitCodes are codes of units, not ids.
	UnitCodes []string
	// From and To bound the day of the task; both are set or none.
	From, To pms.Date
	// Page counts from 1; 0 means 1. Limit is at most MaxPage, zero means
	// MaxPage.
	Page, Limit int
}

// SearchTasks reads one page of housekeeping tasks.
//
// https://developer.escapia.com, POST /hsapi/SearchHousekeepingTasks.
func (c *Client) SearchTasks(ctx context.Context, q TaskQuery) (List[HousekeepingTask], error) {
	page, err := c.taskPage(ctx, "SearchTasks", q)
	return page.List, err
}

// CreateTask writes a new housekeeping task; its NativePMSID is left out. It is
// not repeated when its answer is lost.
//
// https://developer.escapia.com, POST /hsapi/CreateHousekeepingTask.
func (c *Client) CreateTask(ctx context.Context, t HousekeepingTask) (HousekeepingTask, error) {
	return c.createTask(ctx, "CreateTask", t)
}

// UpdateTask changes the housekeeping task that NativePMSID names. Fields that
// are empty are not sent (unverified what becomes of them). What the vendor does
// not save is [pms.ErrInvalid].
//
// https://developer.escapia.com, PUT /hsapi/UpdateHousekeepingTask.
func (c *Client) UpdateTask(ctx context.Context, t HousekeepingTask) error {
	return c.updateTask(ctx, "UpdateTask", t)
}

// DeleteTask deletes a housekeeping task. Its id is a number.
//
// https://developer.escapia.com, DELETE /hsapi/DeleteHousekeepingTask.
func (c *Client) DeleteTask(ctx context.Context, id string) error {
	return c.deleteTask(ctx, "DeleteTask", id)
}

// SetCleanliness implements [pms.CleanlinessWriter]: it finds the manager's
// status by its name and sets it. A status that the manager has not defined is
// [pms.ErrNotSupported]; Config.CleanStatuses names it.
func (c *Client) SetCleanliness(ctx context.Context, propertyID string, status pms.Cleanliness) error {
	const op = "SetCleanliness"
	found, err := c.status(ctx, op, status)
	if err != nil {
		return err
	}
	return c.saveStatus(ctx, op, propertyID, found)
}

// status finds a status of the manager by its name.
func (c *Client) status(ctx context.Context, op string, status pms.Cleanliness) (HousekeepingStatus, error) {
	name := c.cfg.CleanStatuses.statuses()[status]
	if name == "" {
		return HousekeepingStatus{}, &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "Escapia has no word for this status",
		}
	}
	list, err := c.statuses(ctx, op)
	if err != nil {
		return HousekeepingStatus{}, err
	}
	names := make([]string, 0, len(list.Items))
	for _, s := range list.Items {
		if sameName(s.Name, name) {
			return s, nil
		}
		names = append(names, strconv.Quote(string(s.Name)))
	}
	return HousekeepingStatus{}, &pms.APIError{
		Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
		Message: fmt.Sprintf("the manager has no housekeeping status %q but %s", name, strings.Join(names, ", ")),
	}
}

// WriteTask implements [pms.TaskWriter] with a housekeeping task of the unit on
// the day of Start, in Start's zone. Escapia keeps neither name, description and
// Ref nor clock times of a task. A task without an ID is looked for by unit, day
// and Config.CleaningTypeCode before it is created, so that one that the manager
// planned for that day is taken over, and a second task of the same unit, day
// and type is the first one. A task that is done gets the status [pms.Clean]; one
// that is cancelled is deleted, by its ID only: a task of that day may be the
// manager's own. What else a person entered is sent back as it is.
func (c *Client) WriteTask(ctx context.Context, t pms.Task) (id string, err error) {
	const op = "WriteTask"
	switch {
	case !isNumber(t.PropertyID):
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "the PropertyID of a task is a number"}
	case t.Start.IsZero() || t.End.Before(t.Start):
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "a task needs a Start and an End behind it"}
	case t.ID == "" && t.State != pms.TaskOpen && t.State != "":
		return "", nil // never created
	}
	day := pms.Text(civil.DateOf(t.Start).String())
	old, found, err := c.findTask(ctx, op, t, day)
	switch {
	case err != nil:
		return "", err
	case t.State == pms.TaskCancelled && found:
		return t.ID, c.deleteTask(ctx, op, t.ID)
	case !found && t.ID != "" && t.State != pms.TaskOpen && t.State != "":
		return t.ID, nil // somebody has removed it
	case !found && t.ID != "":
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound, Message: "the unit has no such task"}
	case !found:
		made, err := c.createTask(ctx, op, HousekeepingTask{
			NativePMSUnitID: pms.Text(t.PropertyID), ScheduledDate: day, CleaningTypeCode: pms.Text(c.cfg.CleaningTypeCode),
		})
		return string(made.NativePMSID), err
	}
	task := old
	task.ScheduledDate = day
	if t.State == pms.TaskDone {
		clean, err := c.status(ctx, op, pms.Clean)
		if err != nil {
			return "", err
		}
		task.CleanStatusID = clean.NativeStatusID
	}
	if task == old {
		return string(old.NativePMSID), nil
	}
	task.DayOfWeek = "" // of the old day
	return string(old.NativePMSID), c.updateTask(ctx, op, task)
}

// findTask looks for a task of a unit: by its id, or for one of the day and
// type.
func (c *Client) findTask(ctx context.Context, op string, t pms.Task, day pms.Text) (HousekeepingTask, bool, error) {
	unit, err := c.unit(ctx, op, t.PropertyID)
	if err != nil {
		return HousekeepingTask{}, false, err
	}
	var q TaskQuery
	if unit.UnitCode != "" {
		q.UnitCodes = []string{string(unit.UnitCode)}
	}
	if t.ID == "" {
		q.From, q.To = civil.DateOf(t.Start), civil.DateOf(t.Start)
	}
	place, more := paging.FirstPage("tasks", 0, MaxPage), true
	for more {
		q.Page, q.Limit = place.Number, place.Size
		list, err := c.taskPage(ctx, op, q)
		if err != nil {
			return HousekeepingTask{}, false, err
		}
		for _, row := range list.Items {
			row.ScheduledDate = dayOf(row.ScheduledDate)
			if c.isTask(row, t, day) {
				return row, true, nil
			}
		}
		if place, more, err = place.Next(readOf(list)); err != nil {
			return HousekeepingTask{}, false, paging.Error(vendor, op, err)
		}
	}
	return HousekeepingTask{}, false, nil
}

func (c *Client) isTask(row HousekeepingTask, t pms.Task, day pms.Text) bool {
	if t.ID != "" {
		return string(row.NativePMSID) == t.ID
	}
	sameType := c.cfg.CleaningTypeCode == "" || c.cfg.CleaningTypeCode == string(row.CleaningTypeCode)
	return string(row.NativePMSUnitID) == t.PropertyID && row.ScheduledDate == day && sameType
}

// dayOf leaves a clock time out.
func dayOf(t pms.Text) pms.Text {
	day, err := wire.Date(t)
	if err != nil || day.IsZero() {
		return t
	}
	return pms.Text(day.String())
}

func (c *Client) statuses(ctx context.Context, op string) (List[HousekeepingStatus], error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: "GetHousekeepingStatusList"})
	if err != nil {
		return List[HousekeepingStatus]{}, err
	}
	return listed(resp, "housekeeping status", func(s *HousekeepingStatus, _ json.RawMessage) string { return string(s.NativePMSID) })
}

func (c *Client) saveStatus(ctx context.Context, op, unitID string, status HousekeepingStatus) error {
	return c.saved(ctx, rest.Call{
		Op: op, Method: http.MethodPut, Path: "SaveUnitHousekeepingStatus", Query: url.Values{"nativeUnitId": {unitID}},
		JSON: struct {
			Name        string `json:"name"`
			NativePMSID string `json:"nativePMSID"`
		}{string(status.Name), string(status.NativePMSID)},
	})
}

// saved sends a write whose answer is true or false.
func (c *Client) saved(ctx context.Context, call rest.Call) error {
	resp, err := c.do(ctx, call)
	if err != nil {
		return err
	}
	var done bool
	if err := resp.Decode(&done); err != nil {
		return err
	}
	if !done {
		return resp.Fail(rest.Fault{Kind: pms.ErrInvalid, Message: "the vendor did not save it"})
	}
	return nil
}

func (c *Client) taskPage(ctx context.Context, op string, q TaskQuery) (nativePage[HousekeepingTask], error) {
	type specification struct {
		UnitCodes []string  `json:"unitCodes,omitempty"`
		DateRange *dayRange `json:"dateRange,omitempty"`
	}
	spec := specification{UnitCodes: q.UnitCodes}
	if !q.From.IsZero() || !q.To.IsZero() {
		spec.DateRange = &dayRange{q.From, q.To}
	}
	return searched(ctx, c, rest.Call{
		Op: op, Path: "SearchHousekeepingTasks", JSON: search[specification]{spec, pageSize(q.Limit), max(q.Page, 1)},
	}, "task", func(t *HousekeepingTask, _ json.RawMessage) string { return string(t.NativePMSID) })
}

// taskBody is a task on the wire, where ids are numbers. Empty fields are not
// sent.
type taskBody struct {
	NativePMSUnitID   int         `json:"nativePMSUnitID,omitzero"`
	ReservationNumber int         `json:"reservationNumber,omitzero"`
	CleaningTypeCode  string      `json:"cleaningTypeCode,omitzero"`
	AssignedToID      int         `json:"assignedToId,omitzero"`
	DayOfWeek         string      `json:"dayOfWeek,omitzero"`
	LaborHours        json.Number `json:"laborHours,omitzero"`
	ScheduledDate     string      `json:"scheduledDate,omitzero"`
	CleanStatusID     int         `json:"cleanStatusID,omitzero"`
	NativePMSID       string      `json:"nativePMSID,omitzero"`
}

func (t HousekeepingTask) body() taskBody {
	return taskBody{
		NativePMSUnitID: wire.IntOrZero(t.NativePMSUnitID), ReservationNumber: wire.IntOrZero(t.ReservationNumber),
		CleaningTypeCode: string(t.CleaningTypeCode), AssignedToID: wire.IntOrZero(t.AssignedToID), DayOfWeek: string(t.DayOfWeek),
		LaborHours: json.Number(wire.DecimalOrEmpty(t.LaborHours)), ScheduledDate: string(t.ScheduledDate),
		CleanStatusID: wire.IntOrZero(t.CleanStatusID), NativePMSID: string(t.NativePMSID),
	}
}

func (c *Client) createTask(ctx context.Context, op string, t HousekeepingTask) (HousekeepingTask, error) {
	t.NativePMSID = ""
	resp, err := c.do(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "CreateHousekeepingTask", JSON: t.body()})
	if err != nil {
		return HousekeepingTask{}, err
	}
	var made HousekeepingTask
	_, err = decodeOne(resp, &made, func() pms.Text { return made.NativePMSID })
	return made, err
}

func (c *Client) updateTask(ctx context.Context, op string, t HousekeepingTask) error {
	return c.saved(ctx, rest.Call{Op: op, Method: http.MethodPut, Path: "UpdateHousekeepingTask", JSON: t.body()})
}

func (c *Client) deleteTask(ctx context.Context, op, id string) error {
	if !isNumber(id) {
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "the id of a task is a number"}
	}
	_, err := c.do(ctx, rest.Call{Op: op, Method: http.MethodDelete, Path: "DeleteHousekeepingTask", Query: url.Values{"taskId": {id}}})
	return err
}
