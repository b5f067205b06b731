package pms

import (
	"context"
	"time"
)

// Task is a piece of work in a vendor's own list of tasks.
type Task struct {
	// ID is the vendor's id. An empty one means that the task is to be created.
	ID string `json:"id,omitzero"`
	// Ref is the host's own key of the task. It is written where the vendor keeps
	// it, so that a task whose creation went unanswered is found again.
	Ref string `json:"ref,omitzero"`
	// PropertyID is the vendor's id of the unit.
	PropertyID  string `json:"propertyId"`
	Name        string `json:"name"`
	Description string `json:"description,omitzero"`
	// Start and End are the window of the work; their zone is the unit's.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// State says what is to become of the task. The zero value is TaskOpen.
	State TaskState `json:"state,omitzero"`
}

// TaskState says how far a task is.
type TaskState string

// The states of a task.
const (
	TaskOpen      TaskState = "open"
	TaskDone      TaskState = "done"
	TaskCancelled TaskState = "cancelled" // the work is not wanted any more
)

// TaskWriter writes to the vendor's list of tasks.
type TaskWriter interface {
	// WriteTask creates, changes or closes one task and returns the vendor's id.
	// Writing the same task again changes nothing. A task that is not open and was
	// never created is no error, and its id stays empty.
	WriteTask(ctx context.Context, t Task) (id string, err error)
}

// WriteTask calls [TaskWriter], or returns [ErrNotSupported].
func WriteTask(ctx context.Context, c Connector, t Task) (id string, err error) {
	if w, ok := c.(TaskWriter); ok {
		return w.WriteTask(ctx, t)
	}
	return "", NotSupported(c, "WriteTask")
}
