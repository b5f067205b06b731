package guesty

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The largest page of the lists, and the most ids of a batch get.
const (
	MaxPage  = 100
	MaxBatch = 10
)

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// More says that the list goes on, as far as the vendor tells.
	More bool
	// Total is the length of the whole list, 0 if the vendor does not say.
	Total int
}

// ReservationQuery selects reservations. Zero values select nothing out.
type ReservationQuery struct {
	// CheckOutFrom and CheckInTo are localized days, both included: together
	// they select the stays that touch a window.
	CheckOutFrom, CheckInTo pms.Date
	// UpdatedSince is an instant, included.
	UpdatedSince time.Time
	// ListingIDs are matched against the first segment of a stay only.
	ListingIDs       []string
	Statuses         []string
	ConfirmationCode string
	// Sort is "_id", "checkIn", "checkOut" or "createdAt", with "-" in front for
	// descending. Empty means "_id".
	Sort string
	// Limit is at most MaxPage; zero means MaxPage.
	Limit, Skip int
}

func (q ReservationQuery) values() url.Values {
	values := place(q.Limit, q.Skip)
	values.Set("sort", cmp.Or(q.Sort, "_id"))
	if !q.CheckOutFrom.IsZero() {
		values.Set("filter[checkOut][gte]", q.CheckOutFrom.String())
	}
	if !q.CheckInTo.IsZero() {
		values.Set("filter[checkIn][lte]", q.CheckInTo.String())
	}
	if !q.UpdatedSince.IsZero() {
		values.Set("filter[lastUpdatedAt][gte]", q.UpdatedSince.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if len(q.ListingIDs) > 0 {
		values.Set("filter[listingId][in]", strings.Join(q.ListingIDs, ","))
	}
	if len(q.Statuses) > 0 {
		values.Set("filter[status][in]", strings.Join(q.Statuses, ","))
	}
	if q.ConfirmationCode != "" {
		values.Set("filter[confirmationCode]", q.ConfirmationCode)
	}
	return values
}

// ListReservations reads one page of the search.
//
// https://open-api-docs.guesty.com/docs/how-to-search-for-reservations, GET
// /reservations-v3/search.
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	rows, err := c.searchPage(ctx, "ListReservations", q)
	if err != nil {
		return List[Reservation]{}, err
	}
	decoded, _ := decodeReservations(rows.Results)
	return List[Reservation]{Items: decoded.Items, Failed: decoded.Failed, More: rows.more(q.Limit)}, nil
}

func (c *Client) searchPage(ctx context.Context, op string, q ReservationQuery) (reservationList, error) {
	var list reservationList
	call := c.call(op, "/reservations-v3/search")
	call.Query = q.values()
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return list, err
	}
	if err := resp.Decode(&list); err != nil {
		return list, err
	}
	if list.Results == nil {
		return list, resp.Unreadable("no results in the answer", nil)
	}
	return list, nil
}

// more: a vendor that does not say whether the list goes on has sent a full
// page if it does.
func (l reservationList) more(limit int) bool {
	if l.Pagination.HasMore != nil {
		return *l.Pagination.HasMore
	}
	return len(l.Results) >= pageSize(limit)
}

// decodeReservations returns the reservations and the ids of all records.
func decodeReservations(records wire.Records) (wire.Decoded[Reservation], []string) {
	ids := make([]string, 0, len(records))
	decoded := wire.DecodeAll(vendor, "booking", records, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		ids = append(ids, r.Key())
		return r.Key()
	})
	return decoded, ids
}

// GetReservations reads reservations by their ids, ten at a time. Ids that the
// account does not have are left out.
//
// https://open-api-docs.guesty.com/docs/reservation-migration, GET
// /reservations-v3. The name of the parameter is a working client's.
func (c *Client) GetReservations(ctx context.Context, ids ...string) (List[Reservation], error) {
	return c.batchGet(ctx, "GetReservations", ids)
}

func (c *Client) batchGet(ctx context.Context, op string, ids []string) (List[Reservation], error) {
	var all List[Reservation]
	for batch := range slices.Chunk(ids, MaxBatch) {
		call := c.call(op, "/reservations-v3")
		call.Query = url.Values{"reservationIds[]": batch}
		resp, err := c.api.Do(ctx, call)
		if err != nil {
			return List[Reservation]{}, err
		}
		records, err := oneOrMany(resp, "_id", "reservationId", "id")
		if err != nil {
			return List[Reservation]{}, err
		}
		decoded, _ := decodeReservations(records)
		all.Failed = append(all.Failed, decoded.Failed...)
		for _, r := range decoded.Items {
			if slices.Contains(batch, r.Key()) {
				all.Items = append(all.Items, r)
			}
		}
	}
	return all, nil
}

// oneOrMany reads an answer that is a list, an object with the list in
// "results" or "data", or one record, known by one of its fields.
func oneOrMany(resp *rest.Response, fields ...string) (wire.Records, error) {
	body := bytes.TrimSpace(resp.Body)
	var records wire.Records
	if bytes.HasPrefix(body, []byte("[")) {
		err := resp.Decode(&records)
		return records, err
	}
	var object map[string]json.RawMessage
	if err := resp.Decode(&object); err != nil {
		return nil, err
	}
	for _, name := range []string{"results", "data"} {
		if json.Unmarshal(object[name], &records) == nil && records != nil {
			return records, nil
		}
	}
	for _, name := range fields {
		if object[name] != nil {
			return wire.Records{body}, nil
		}
	}
	return nil, resp.Unreadable("no records in the answer", nil)
}

// UpdateNotes writes the notes that are not empty, and leaves the others as they
// are. For some applications the vendor answers 404 although the reservation
// exists (unverified): read the note back where it matters.
//
// https://open-api-docs.guesty.com/docs/reservation-migration, PUT
// /reservations-v3/{id}/notes.
func (c *Client) UpdateNotes(ctx context.Context, id string, notes Notes) error {
	call := c.call("UpdateNotes", "/reservations-v3/"+url.PathEscape(id)+"/notes")
	call.Method = http.MethodPut
	call.Secrets = []string{string(notes.KeyCode)}
	call.JSON = struct {
		Notes Notes `json:"notes"`
	}{notes}
	_, err := c.api.Do(ctx, call)
	return err
}

// GetGuest reads a guest.
//
// https://open-api-docs.guesty.com, GET /guests-crud/{guestId}.
func (c *Client) GetGuest(ctx context.Context, id string) (Guest, error) {
	return c.getGuest(ctx, "GetGuest", id)
}

func (c *Client) getGuest(ctx context.Context, op, id string) (Guest, error) {
	return one(ctx, c, c.call(op, "/guests-crud/"+url.PathEscape(id)), func(g *Guest, _ json.RawMessage) pms.Text { return g.ID })
}

// one reads a record that must have an id.
func one[T any](ctx context.Context, c *Client, call rest.Call, keep func(*T, json.RawMessage) pms.Text) (T, error) {
	var value, none T
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return none, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return none, err
	}
	if err := wire.Decode(raw, &value); err != nil || keep(&value, raw) == "" {
		return none, resp.Unreadable("no record in the answer", nil)
	}
	return value, nil
}

// ListingQuery selects listings. Guesty shows those of one kind at a time: all
// three false are the archived ones that are neither active nor listed.
type ListingQuery struct {
	Active, Listed, Unarchived bool
	// Limit is at most MaxPage; zero means MaxPage.
	Limit, Skip int
}

// ListListings reads one page of listings.
//
// https://open-api-docs.guesty.com, GET /listings.
func (c *Client) ListListings(ctx context.Context, q ListingQuery) (List[Listing], error) {
	page, err := c.listingPage(ctx, "ListListings", q)
	return page.List, err
}

// listingPage is a list with what paging needs to know about it.
type listingPage struct {
	List[Listing]
	records int
	first   string
}

func (c *Client) listingPage(ctx context.Context, op string, q ListingQuery) (listingPage, error) {
	var page listingPage
	call := c.call(op, "/listings")
	call.Query = place(q.Limit, q.Skip)
	call.Query.Set("sort", "_id")
	call.Query.Set("fields", listingFields)
	call.Query.Set("active", strconv.FormatBool(q.Active))
	call.Query.Set("listed", strconv.FormatBool(q.Listed))
	call.Query.Set("pmsActive", strconv.FormatBool(q.Unarchived))
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return page, err
	}
	var list listingList
	if err := resp.Decode(&list); err != nil {
		return page, err
	}
	if list.Results == nil {
		return page, resp.Unreadable("no results in the answer", nil)
	}
	decoded := decodeListings(list.Results)
	page.List = List[Listing]{Items: decoded.Items, Failed: decoded.Failed, Total: wire.IntOrZero(list.Count)}
	page.records, page.first = len(list.Results), decoded.First
	if page.More = page.records >= pageSize(q.Limit); page.Total > 0 {
		page.More = q.Skip+page.records < page.Total
	}
	return page, nil
}

func decodeListings(records wire.Records) wire.Decoded[Listing] {
	return wire.DecodeAll(vendor, "property", records, func(l *Listing, raw json.RawMessage) string {
		l.Raw = raw
		return string(l.ID)
	})
}

// SetCleaningStatus sets the housekeeping status of a listing to "clean",
// "dirty", "waitingForInspection" or "unknown". The vendor documents no call for
// it; that it is written with the listing is unverified.
//
// https://open-api-docs.guesty.com, PUT /listings/{id}.
func (c *Client) SetCleaningStatus(ctx context.Context, listingID, status string) error {
	return c.setCleaningStatus(ctx, "SetCleaningStatus", listingID, status)
}

func (c *Client) setCleaningStatus(ctx context.Context, op, listingID, status string) error {
	call := c.call(op, "/listings/"+url.PathEscape(listingID))
	call.Method = http.MethodPut
	call.JSON = map[string]map[string]string{"cleaningStatus": {"value": status}}
	_, err := c.api.Do(ctx, call)
	return err
}

// ListBlocks reads the blocked days of a listing between two days, both
// included, those of reservations and rules too. A listing that does not exist
// is [pms.ErrNotFound].
//
// https://open-api-docs.guesty.com/docs/calendar-block-types, GET
// /availability-pricing/api/calendar/listings/minified/{listingId}.
func (c *Client) ListBlocks(ctx context.Context, listingID string, from, to pms.Date) (List[Block], error) {
	return c.listBlocks(ctx, "ListBlocks", listingID, from, to)
}

func (c *Client) listBlocks(ctx context.Context, op, listingID string, from, to pms.Date) (List[Block], error) {
	call := c.call(op, "/availability-pricing/api/calendar/listings/minified/"+url.PathEscape(listingID))
	call.Query = url.Values{"startDate": {from.String()}, "endDate": {to.String()}, "view": {"full"}}
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return List[Block]{}, err
	}
	var answer calendarAnswer
	if err := resp.Decode(&answer); err != nil {
		return List[Block]{}, err
	}
	if answer.Days == nil {
		return List[Block]{}, resp.Unreadable("no days in the answer", nil)
	}
	var records wire.Records
	for _, id := range slices.Sorted(maps.Keys(answer.Days.Blocks)) {
		records = append(records, answer.Days.Blocks[id])
	}
	decoded := wire.DecodeAll(vendor, "block", records, func(b *Block, raw json.RawMessage) string {
		b.Raw = raw
		b.ListingID = cmp.Or(b.ListingID, pms.Text(listingID))
		return string(b.ID)
	})
	return List[Block]{Items: decoded.Items, Failed: decoded.Failed, Total: len(records)}, nil
}

// taskColumns are the columns of the report that is the list of tasks.
const taskColumns = "id status taskTitle listing scheduledFor assignee"

// TaskQuery selects tasks.
type TaskQuery struct {
	// ExcludeStatuses leaves tasks of these statuses out.
	ExcludeStatuses []string
	// Limit is at most MaxPage; zero means MaxPage.
	Limit, Skip int
}

// ListTasks reads one page of the tasks, as a report.
//
// https://open-api-docs.guesty.com, GET /tasks-open-api/tasks.
func (c *Client) ListTasks(ctx context.Context, q TaskQuery) (List[TaskRow], error) {
	return c.taskPage(ctx, "ListTasks", q)
}

func (c *Client) taskPage(ctx context.Context, op string, q TaskQuery) (List[TaskRow], error) {
	call := c.call(op, "/tasks-open-api/tasks")
	call.Query = place(q.Limit, q.Skip)
	call.Query.Set("columns", taskColumns)
	if len(q.ExcludeStatuses) > 0 {
		filters, err := json.Marshal(map[string]any{"status": map[string]any{"@nin": q.ExcludeStatuses}})
		if err != nil {
			return List[TaskRow]{}, err
		}
		call.Query.Set("filters", string(filters))
	}
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return List[TaskRow]{}, err
	}
	var list taskList
	if err := resp.Decode(&list); err != nil {
		return List[TaskRow]{}, err
	}
	records := list.Results
	if records == nil {
		records = list.Data // some lists are wrapped so
	}
	if records == nil {
		return List[TaskRow]{}, resp.Unreadable("no results and no data in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "task", records, func(t *TaskRow, raw json.RawMessage) string {
		t.Raw = raw
		return string(t.ID)
	})
	return List[TaskRow]{Items: decoded.Items, Failed: decoded.Failed, More: len(records) >= pageSize(q.Limit)}, nil
}

// GetTask reads a task.
//
// https://open-api-docs.guesty.com, GET /tasks-open-api/{taskId}.
func (c *Client) GetTask(ctx context.Context, id string) (Task, error) {
	return one(ctx, c, c.call("GetTask", taskPath(id)), keepTask)
}

// CreateTask makes a task and returns it.
//
// https://open-api-docs.guesty.com, POST /tasks-open-api/create-single-task.
func (c *Client) CreateTask(ctx context.Context, task TaskInput) (Task, error) {
	return c.writeTask(ctx, "CreateTask", http.MethodPost, "/tasks-open-api/create-single-task", task)
}

// UpdateTask changes what is set in task, and returns the task.
//
// https://open-api-docs.guesty.com, PUT /tasks-open-api/{taskId}.
func (c *Client) UpdateTask(ctx context.Context, id string, task TaskInput) (Task, error) {
	return c.writeTask(ctx, "UpdateTask", http.MethodPut, taskPath(id), task)
}

func (c *Client) writeTask(ctx context.Context, op, method, path string, task TaskInput) (Task, error) {
	if task.StartTime != "" && (task.CanStartAfter != "" || task.MustFinishBefore != "") {
		return Task{}, &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "give StartTime, or CanStartAfter and MustFinishBefore, not both",
		}
	}
	call := c.call(op, path)
	call.Method, call.JSON = method, task
	return one(ctx, c, call, keepTask)
}

// DeleteTask removes a task.
//
// https://open-api-docs.guesty.com, DELETE /tasks-open-api/{taskId}.
func (c *Client) DeleteTask(ctx context.Context, id string) error {
	call := c.call("DeleteTask", taskPath(id))
	call.Method = http.MethodDelete
	_, err := c.api.Do(ctx, call)
	return err
}

func taskPath(id string) string { return "/tasks-open-api/" + url.PathEscape(id) }

func keepTask(t *Task, raw json.RawMessage) pms.Text {
	t.Raw = raw
	return t.ID
}

// ListWebhooks reads the subscriptions of the account. The shape of the list is
// unverified.
//
// https://open-api-docs.guesty.com/docs/webhooks, GET /webhooks.
func (c *Client) ListWebhooks(ctx context.Context) ([]Webhook, error) {
	return c.listWebhooks(ctx, "ListWebhooks")
}

func (c *Client) listWebhooks(ctx context.Context, op string) ([]Webhook, error) {
	resp, err := c.api.Do(ctx, c.call(op, "/webhooks"))
	if err != nil {
		return nil, err
	}
	records, err := oneOrMany(resp)
	if err != nil {
		return nil, err
	}
	hooks := make([]Webhook, len(records))
	for i, raw := range records {
		if err := wire.Decode(raw, &hooks[i]); err != nil {
			return nil, resp.Unreadable("a webhook that is no object", nil)
		}
	}
	return hooks, nil
}

// webhookInput is a subscription to be written.
type webhookInput struct {
	URL    string   `json:"url"`
	Events []string `json:"events"`
}

// CreateWebhook subscribes a URL to events: "reservation.updated.v2" and so on.
//
// https://open-api-docs.guesty.com/docs/webhooks, POST /webhooks.
func (c *Client) CreateWebhook(ctx context.Context, target string, events ...string) error {
	return c.writeWebhook(ctx, "CreateWebhook", http.MethodPost, "/webhooks", webhookInput{target, events})
}

// UpdateWebhook changes a subscription.
//
// https://open-api-docs.guesty.com/docs/webhooks, PUT /webhooks/{id}.
func (c *Client) UpdateWebhook(ctx context.Context, id, target string, events ...string) error {
	return c.writeWebhook(ctx, "UpdateWebhook", http.MethodPut, "/webhooks/"+url.PathEscape(id), webhookInput{target, events})
}

func (c *Client) writeWebhook(ctx context.Context, op, method, path string, input webhookInput) error {
	call := c.call(op, path)
	call.Method, call.JSON = method, input
	_, err := c.api.Do(ctx, call)
	return err
}

// DeleteWebhook ends a subscription.
//
// https://open-api-docs.guesty.com/docs/webhooks, DELETE /webhooks/{id}.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.deleteWebhook(ctx, "DeleteWebhook", id)
}

func (c *Client) deleteWebhook(ctx context.Context, op, id string) error {
	call := c.call(op, "/webhooks/"+url.PathEscape(id))
	call.Method = http.MethodDelete
	_, err := c.api.Do(ctx, call)
	return err
}

// GetWebhookSecret reads the secret that deliveries to a URL are signed with.
// For a short while after the subscription it is [pms.ErrNotFound], and for ever
// if that is older than signatures are. The name of the field is unverified.
//
// https://open-api-docs.guesty.com/docs/webhooks, GET /webhooks-v2/secret.
func (c *Client) GetWebhookSecret(ctx context.Context, target string) (string, error) {
	return c.webhookSecret(ctx, "GetWebhookSecret", target)
}

func (c *Client) webhookSecret(ctx context.Context, op, target string) (string, error) {
	call := c.call(op, "/webhooks-v2/secret")
	call.Query = url.Values{"url": {target}}
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return "", err
	}
	var answer struct {
		Key           pms.Text `json:"key"`
		Secret        pms.Text `json:"secret"`
		SigningSecret pms.Text `json:"signingSecret"`
	}
	if err := resp.Decode(&answer); err != nil {
		return "", hideBody(err)
	}
	secret := cmp.Or(answer.Key, answer.Secret, answer.SigningSecret)
	if secret == "" {
		return "", hideBody(resp.Unreadable("no key in the answer", nil))
	}
	return string(secret), nil
}

// CheckCredentials makes the cheapest call that needs a token.
//
// https://open-api-docs.guesty.com, GET /accounts/me.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.api.Do(ctx, c.call("CheckCredentials", "/accounts/me"))
	return err
}

// call is a read of the API.
func (c *Client) call(op, path string) rest.Call {
	return rest.Call{Op: op, Path: "/v1" + path, Header: http.Header{"User-Agent": {userAgent}}}
}

// place is the paging part of a query.
func place(limit, skip int) url.Values {
	return url.Values{"limit": {strconv.Itoa(pageSize(limit))}, "skip": {strconv.Itoa(max(skip, 0))}}
}

func pageSize(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// classify reads the shapes in which errors come: an object with message and
// code, the same inside "error", or "error" as a word.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if status < http.StatusBadRequest {
		return nil
	}
	var f apiFault
	if err := json.Unmarshal(body, &f); err != nil {
		return nil
	}
	fault := &rest.Fault{Code: string(f.Code), Message: string(f.Message)}
	var inner struct {
		Message pms.Text `json:"message"`
		Code    pms.Text `json:"code"`
	}
	var word pms.Text
	switch {
	case wire.Decode(f.Error, &inner) == nil && inner.Message != "":
		fault.Code, fault.Message = string(inner.Code), string(inner.Message)
	case json.Unmarshal(f.Error, &word) == nil:
		fault.Code = cmp.Or(fault.Code, string(word))
		fault.Message = cmp.Or(fault.Message, string(word))
	}
	if details := bytes.TrimSpace(f.Details); len(details) > 0 && string(details) != "null" {
		fault.Message += " " + string(details)
	}
	return fault
}

// hideBody takes the body out of the error of an answer that may hold a secret.
func hideBody(err error) error {
	var api *pms.APIError
	if errors.As(err, &api) {
		api.Body = nil
	}
	return err
}
