package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// OpertoTeamsOptions is one Operto Teams account. The zero value is an account
// with the credentials below.
type OpertoTeamsOptions struct {
	// APIKey and APIValue are the key pair. Empty means "sandbox-teams-key" and
	// "sandbox-teams-value".
	APIKey, APIValue string
	// NoLimits switches the rate limit off.
	NoLimits bool
	// NoHasMore leaves has_more out of lists, as the recorded answers do.
	NoHasMore bool
	// Numbers writes Expiry as a number, as the documentation does; recorded
	// traffic has a string.
	Numbers bool
}

// OpertoTeams is the stand-in of the Operto Teams API under /api/v1: oauth
// (login, refresh), properties, propertybookings, tasks, stafftasks, taskrules,
// staff and issues. The units and stays of the world are its properties and
// bookings; tasks and issues are its own.
//
// Blocks are not shown and cancelled bookings vanish. Decided here, because the
// documentation does not say (unverified): failures with ReasonCode 422 come
// under HTTP status 200; an empty list comes as 404; PUT of a task takes
// Completed and Active.
type OpertoTeams struct {
	world *World
	opts  OpertoTeamsOptions
	mux   *http.ServeMux
	calls limiter

	mu      sync.Mutex
	serial  int64
	access  map[string]time.Time // the end of life of each token
	refresh map[string]time.Time
	tasks   []*TeamsTask
	staffed map[int64]int64 // StaffTaskID to TaskID
	issues  []*TeamsIssue
}

// TeamsTask is a task of the account. Dates are days, hours are whole.
type TeamsTask struct {
	ID, PropertyID, RuleID, BookingID int64
	Name, Description                 string
	Start, Date, End                  pms.Date
	StartHour, Hour, EndHour          int
	Completed, Inactive               bool
}

// TeamsIssue is an issue of the account.
type TeamsIssue struct {
	ID, PropertyID int64
	Type           int
	Issue          string
	Closed         pms.Date
}

// TeamsRule is the id of the task rule that the account has.
const TeamsRule = 311

// The lives of tokens.
const (
	teamsAccessLife  = time.Hour
	teamsRefreshLife = 24 * time.Hour
)

// NewOpertoTeams returns a stand-in for one account that follows the world.
func NewOpertoTeams(world *World, o OpertoTeamsOptions) *OpertoTeams {
	if o.APIKey == "" {
		o.APIKey = "sandbox-teams-key"
	}
	if o.APIValue == "" {
		o.APIValue = "sandbox-teams-value"
	}
	s := &OpertoTeams{
		world: world, opts: o, mux: http.NewServeMux(), serial: 44990020,
		access: map[string]time.Time{}, refresh: map[string]time.Time{}, staffed: map[int64]int64{},
	}
	if !o.NoLimits {
		s.calls.limits = []pms.Limit{{Requests: 50, Window: 2 * time.Minute}}
	}
	s.routes()
	return s
}

// Options returns the account with its defaults filled in.
func (s *OpertoTeams) Options() OpertoTeamsOptions { return s.opts }

// ExpireTokens revokes all access tokens.
func (s *OpertoTeams) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Tasks returns all tasks.
func (s *OpertoTeams) Tasks() []TeamsTask {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]TeamsTask, len(s.tasks))
	for i, task := range s.tasks {
		out[i] = *task
	}
	return out
}

// AddIssue adds an issue, as a cleaner does, and returns its id.
func (s *OpertoTeams) AddIssue(issue TeamsIssue) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	issue.ID = s.serial
	s.issues = append(s.issues, &issue)
	return issue.ID
}

// Issues returns all issues.
func (s *OpertoTeams) Issues() []TeamsIssue {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]TeamsIssue, len(s.issues))
	for i, issue := range s.issues {
		out[i] = *issue
	}
	return out
}

// teamsFault answers a failure; 422 hides under status 200.
func teamsFault(w http.ResponseWriter, code int, text string) {
	status := code
	if code == http.StatusUnprocessableEntity {
		status = http.StatusOK
	}
	writeJSON(w, status, object{"ReasonCode": code, "ReasonText": text})
}

// ServeHTTP implements [http.Handler].
func (s *OpertoTeams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.world.Now()
	if !s.calls.allow(now) {
		teamsFault(w, http.StatusTooManyRequests, "Too many requests")
		return
	}
	if r.URL.Path == "/api/v1/oauth/login" && r.Method == http.MethodPost {
		s.login(w, r, now)
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "VRS ")
	lives := s.access
	if r.URL.Path == "/api/v1/oauth/refresh" {
		lives = s.refresh
	}
	if !ok || !now.Before(lives[token]) {
		teamsFault(w, http.StatusUnauthorized, "Invalid token")
		return
	}
	route(s.mux, w, r, func(status int) { teamsFault(w, status, http.StatusText(status)) })
}

func (s *OpertoTeams) login(w http.ResponseWriter, r *http.Request, now time.Time) {
	body, err := readJSON(r)
	if err != nil || body["API_Key"] != s.opts.APIKey || body["API_Value"] != s.opts.APIValue {
		teamsFault(w, http.StatusUnprocessableEntity, "Invalid credentials")
		return
	}
	writeJSON(w, http.StatusCreated, object{
		"Access_Token":  s.token("access", s.access, teamsAccessLife, now),
		"Refresh_Token": s.token("refresh", s.refresh, teamsRefreshLife, now),
	})
}

func (s *OpertoTeams) token(kind string, lives map[string]time.Time, life time.Duration, now time.Time) object {
	s.serial++
	token := fmt.Sprintf("eyJ0eXAi.%s.%d", kind, s.serial)
	lives[token] = now.Add(life)
	expiry := any(strconv.Itoa(int(life / time.Second)))
	if s.opts.Numbers {
		expiry = int(life / time.Second)
	}
	return object{"token": token, "Created": now.UTC().Format("200601021504"), "Expiry": expiry}
}

func (s *OpertoTeams) routes() {
	s.mux.HandleFunc("GET /api/v1/oauth/refresh", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, object{"Access_Token": s.token("access", s.access, teamsAccessLife, s.world.Now())})
	})
	s.mux.HandleFunc("GET /api/v1/properties", s.listOf(s.propertyRows, "ownerid", "regionid", "active", "propertystatusid"))
	s.mux.HandleFunc("GET /api/v1/propertybookings", s.listOf(s.bookingRows, "propertyid", "checkinstartdate", "checkinenddate", "checkoutstartdate", "checkoutenddate", "active"))
	s.mux.HandleFunc("GET /api/v1/propertybookings/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, row := range s.bookingRows(nil) {
			if strconv.FormatInt(row["PropertyBookingID"].(int64), 10) == r.PathValue("id") {
				writeJSON(w, http.StatusOK, row)
				return
			}
		}
		teamsFault(w, http.StatusNotFound, "No record")
	})
	s.mux.HandleFunc("GET /api/v1/taskrules", s.listOf(func(map[string]string) []object {
		return []object{{"TaskRuleID": TeamsRule, "Active": true, "TaskRule": "Check-out clean", "Abbreviation": "COC", "CreateDate": "20240611"}}
	}))
	s.mux.HandleFunc("GET /api/v1/staff", s.listOf(func(map[string]string) []object {
		return []object{
			{"StaffID": 901, "Name": "Ida Holm", "Abbreviation": "IH", "Email": "ida@example.com", "Phone": "+4520000001", "CountryID": 45, "Active": true, "CreateDate": "20240611"},
			{"StaffID": 902, "Name": "Ben Ott", "Abbreviation": "BO", "Email": "", "Phone": nil, "CountryID": nil, "Active": 0, "CreateDate": "2024-06-11"},
		}
	}))
	s.mux.HandleFunc("GET /api/v1/tasks", s.listOf(s.taskRows, "propertyid", "propertybookingid", "taskruleid", "taskstartdate", "taskenddate", "completed", "active"))
	s.mux.HandleFunc("GET /api/v1/tasks/{id}", s.withTask(func(w http.ResponseWriter, _ *http.Request, task *TeamsTask) {
		writeJSON(w, http.StatusOK, taskRow(task))
	}))
	s.mux.HandleFunc("POST /api/v1/tasks", s.createTask)
	s.mux.HandleFunc("PUT /api/v1/tasks/{id}", s.withTask(s.updateTask))
	s.mux.HandleFunc("POST /api/v1/stafftasks", s.assign)
	s.mux.HandleFunc("DELETE /api/v1/stafftasks/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := number(r.PathValue("id"))
		if _, ok := s.staffed[id]; !ok {
			teamsFault(w, http.StatusNotFound, "No record")
			return
		}
		delete(s.staffed, id)
		writeJSON(w, http.StatusOK, object{"ReasonCode": 0, "ReasonText": "Deleted"})
	})
	s.mux.HandleFunc("GET /api/v1/issues", s.listOf(s.issueRows, "closed", "statusid", "issuetype", "urgent", "createstartdate", "createenddate"))
	s.mux.HandleFunc("POST /api/v1/issues", s.closeIssue)
}

// listOf serves a page of rows. Names of the query are case-insensitive, and
// unknown ones are 400.
func (s *OpertoTeams) listOf(rows func(query map[string]string) []object, names ...string) http.HandlerFunc {
	names = append(names, "page", "per_page", "sort", "fields")
	return func(w http.ResponseWriter, r *http.Request) {
		query := map[string]string{}
		for name, values := range r.URL.Query() {
			name = strings.ToLower(name)
			if !slices.Contains(names, name) {
				teamsFault(w, http.StatusBadRequest, "Invalid query parameter")
				return
			}
			query[name] = values[0]
		}
		page, size := max(int(number(query["page"])), 1), int(number(query["per_page"]))
		if size == 0 {
			size = 20
		}
		all := rows(query)
		if len(all) == 0 {
			teamsFault(w, http.StatusNotFound, "No records found")
			return
		}
		from := min((page-1)*size, len(all))
		to := min(from+size, len(all))
		answer := object{
			"url": r.URL.Path, "data": all[from:to], "page": page, "page_size": size,
			"page_count": (len(all) + size - 1) / size, "total_items": len(all),
		}
		if !s.opts.NoHasMore {
			answer["has_more"] = to < len(all)
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

func (s *OpertoTeams) propertyRows(map[string]string) []object {
	var rows []object
	for _, p := range s.world.Units() {
		rows = append(rows, object{
			"PropertyID": number(p.ID), "Active": !p.Inactive, "PropertyName": p.Name, "PropertyAbbreviation": "",
			"PropertyNotes": nil, "InternalNotes": "", "Address": p.Address.Street, "Lat": p.Latitude, "Lon": p.Longitude,
			"DoorCode": "99887766", "DefaultCheckInTime": p.CheckIn.Hour(), "DefaultCheckInTimeMinutes": p.CheckIn.Minute(),
			"DefaultCheckOutTime": p.CheckOut.Hour(), "DefaultCheckOutTimeMinutes": p.CheckOut.Minute(),
			"OwnerID": 88, "RegionID": 7, "PropertyStatusID": nil, "IntegrationCompanyPropertyID": "pms-" + p.ID, "CreateDate": "20240611",
		})
	}
	return rows
}

// teamsDay is a day in the form of the API.
func teamsDay(d pms.Date) string { return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day) }

func (s *OpertoTeams) bookingRows(query map[string]string) []object {
	units := map[string]Property{}
	for _, p := range s.world.Units() {
		units[p.ID] = p
	}
	var rows []object
	for _, stay := range s.world.Stays() {
		unit, ok := units[stay.UnitID]
		gone := stay.Status == pms.StatusCancelled || stay.Kind == pms.KindBlock
		if !ok || gone || !teamsWindow(query, stay) {
			continue
		}
		owner := 0
		if stay.Kind == pms.KindOwner {
			owner = 1
		}
		in, out := firstClock(stay.ArrivalTime, unit.CheckIn), firstClock(stay.DepartureTime, unit.CheckOut)
		rows = append(rows, object{
			"PropertyBookingID": number(stay.ID), "PropertyID": number(stay.UnitID),
			"CheckIn": teamsDay(stay.Arrival), "CheckInTime": in.Hour(), "CheckInTimeMinutes": in.Minute(),
			"CheckOut": teamsDay(stay.Departure), "CheckOutTime": out.Hour(), "CheckOutTimeMinutes": out.Minute(),
			"Guest": stay.Guest.Name, "GuestEmail": stay.Guest.Email, "GuestPhone": stay.Guest.Phone,
			"NumberOfGuest": stay.Guests.Total, "NumberOfChildren": stay.Guests.Children, "NumberOfPets": stay.Guests.Pets,
			"IsOwner": owner, "BookingTags": "", "ManualBookingTags": "", "ImportBookingID": stay.Code,
			"PMSNote": "", "PMSHousekeepingNote": "", "BookingNote": stay.Notes, "InternalNote": "", "Active": 1,
			"CreateDate": stay.CreatedAt.In(s.world.Zone()).Format("20060102"),
		})
	}
	return rows
}

// teamsWindow applies the filters of propertybookings; bounds are included.
func teamsWindow(query map[string]string, stay Stay) bool {
	in, out := teamsDay(stay.Arrival), teamsDay(stay.Departure)
	ids := query["propertyid"]
	return (ids == "" || slices.Contains(strings.Split(ids, ","), stay.UnitID)) &&
		(query["checkinstartdate"] == "" || in >= query["checkinstartdate"]) &&
		(query["checkinenddate"] == "" || in <= query["checkinenddate"]) &&
		(query["checkoutstartdate"] == "" || out >= query["checkoutstartdate"]) &&
		(query["checkoutenddate"] == "" || out <= query["checkoutenddate"]) &&
		query["active"] != "0"
}

func taskRow(task *TeamsTask) object {
	completed := 0
	if task.Completed {
		completed = 1
	}
	row := object{
		"TaskID": task.ID, "TaskRuleID": task.RuleID, "PropertyID": task.PropertyID, "TaskName": "Check-out clean: " + task.Name,
		"TaskDescription": task.Description, "Completed": completed, "CompleteConfirmedDate": nil, "Approved": 0, "ApprovedDate": nil,
		"TaskDate": teamsDay(task.Date), "TaskTime": task.Hour,
		"TaskStartDate": task.Start.String(), "TaskStartTime": fmt.Sprintf("%02d:00", task.StartHour),
		"TaskCompleteByDate": task.End.String(), "TaskCompleteByTime": fmt.Sprintf("%02d:00", task.EndHour), "Staff": []object{},
	}
	if task.BookingID != 0 {
		row["PropertyBookingID"] = task.BookingID
	}
	return row
}

func (s *OpertoTeams) taskRows(query map[string]string) []object {
	var rows []object
	for _, task := range s.tasks {
		date := teamsDay(task.Date)
		completed := query["completed"] == "" || (query["completed"] == "1") == task.Completed
		active := query["active"] == "" || (query["active"] == "1") == !task.Inactive
		if completed && active &&
			(query["propertyid"] == "" || number(query["propertyid"]) == task.PropertyID) &&
			(query["taskruleid"] == "" || number(query["taskruleid"]) == task.RuleID) &&
			(query["taskstartdate"] == "" || date >= query["taskstartdate"]) &&
			(query["taskenddate"] == "" || date <= query["taskenddate"]) {
			rows = append(rows, taskRow(task))
		}
	}
	return rows
}

func (s *OpertoTeams) withTask(fn func(http.ResponseWriter, *http.Request, *TeamsTask)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, task := range s.tasks {
			if task.ID == number(r.PathValue("id")) {
				fn(w, r, task)
				return
			}
		}
		teamsFault(w, http.StatusNotFound, "No record")
	}
}

// fill reads the fields of a task that are there. It returns the name of a field
// that is wrong.
func (task *TeamsTask) fill(body object) string {
	for name, into := range map[string]*string{"TaskName": &task.Name, "TaskDescription": &task.Description} {
		if v, ok := body[name]; ok {
			text, isText := v.(string)
			if !isText || text == "" {
				return name
			}
			*into = text
		}
	}
	for name, into := range map[string]*pms.Date{"TaskStartDate": &task.Start, "TaskDate": &task.Date, "TaskCompleteByDate": &task.End} {
		if v, ok := body[name]; ok {
			text, _ := v.(string)
			day, err := civil.ParseDate(text)
			if err != nil {
				return name
			}
			*into = day
		}
	}
	for name, into := range map[string]*int{"TaskStartTime": &task.StartHour, "TaskTime": &task.Hour, "TaskCompleteByTime": &task.EndHour} {
		if v, ok := body[name]; ok {
			hour, whole := integer(v)
			if !whole || hour < 0 || hour > 23 {
				return name
			}
			*into = int(hour)
		}
	}
	return ""
}

func (s *OpertoTeams) createTask(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	if err != nil {
		teamsFault(w, http.StatusBadRequest, "Invalid task")
		return
	}
	for _, name := range []string{
		"PropertyID", "TaskRuleID", "TaskName", "TaskDescription", "TaskStartDate", "TaskStartTime", "TaskDate", "TaskTime",
		"TaskCompleteByDate", "TaskCompleteByTime",
	} {
		if _, ok := body[name]; !ok {
			teamsFault(w, http.StatusBadRequest, "Invalid task: "+name)
			return
		}
	}
	property, _ := integer(body["PropertyID"])
	rule, _ := integer(body["TaskRuleID"])
	if _, ok := s.world.Property(strconv.FormatInt(property, 10)); !ok {
		teamsFault(w, http.StatusUnprocessableEntity, "Invalid PropertyID")
		return
	}
	task := TeamsTask{PropertyID: property, RuleID: rule}
	if wrong := task.fill(body); wrong != "" || rule != TeamsRule {
		teamsFault(w, http.StatusBadRequest, "Invalid task: "+wrong)
		return
	}
	if slices.ContainsFunc(s.tasks, func(old *TeamsTask) bool {
		same := *old
		same.ID, same.BookingID = 0, 0
		return same == task
	}) {
		teamsFault(w, http.StatusBadRequest, "Task exists")
		return
	}
	s.serial++
	task.ID = s.serial
	for _, stay := range s.world.Stays() {
		if number(stay.UnitID) == property && stay.Departure == task.Start && stay.Status != pms.StatusCancelled {
			task.BookingID = number(stay.ID)
		}
	}
	s.tasks = append(s.tasks, &task)
	row := taskRow(&task)
	for name, day := range map[string]pms.Date{"TaskStartDate": task.Start, "TaskCompleteByDate": task.End} {
		row[name] = teamsDay(day)
	}
	row["TaskName"] = task.Name
	writeJSON(w, http.StatusCreated, row)
}

func (s *OpertoTeams) updateTask(w http.ResponseWriter, r *http.Request, task *TeamsTask) {
	body, err := readJSON(r)
	changed := *task
	if err != nil || changed.fill(body) != "" {
		teamsFault(w, http.StatusBadRequest, "Invalid task")
		return
	}
	if completed, ok := body["Completed"].(json.Number); ok {
		changed.Completed = completed == "1"
	}
	if active, ok := body["Active"].(json.Number); ok {
		changed.Inactive = active == "0"
	}
	*task = changed
	row := taskRow(task)
	row["Completed"], row["CompleteConfirmedDatetime"], row["TaskTimeMinutes"] = task.Completed, nil, nil
	writeJSON(w, http.StatusOK, row)
}

func (s *OpertoTeams) assign(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	task, _ := integer(body["TaskID"])
	staff, _ := integer(body["StaffID"])
	known := slices.ContainsFunc(s.tasks, func(t *TeamsTask) bool { return t.ID == task })
	if err != nil || !known || (staff != 901 && staff != 902) {
		teamsFault(w, http.StatusUnprocessableEntity, "Invalid assignment")
		return
	}
	s.serial++
	s.staffed[s.serial] = task
	writeJSON(w, http.StatusCreated, object{"StaffTaskID": s.serial, "ReasonCode": 200})
}

func (s *OpertoTeams) issueRows(query map[string]string) []object {
	var rows []object
	for _, issue := range s.issues {
		if query["closed"] != "" && (query["closed"] == "1") != issue.Closed.IsValid() {
			continue
		}
		closed := any(nil)
		if issue.Closed.IsValid() {
			closed = teamsDay(issue.Closed)
		}
		rows = append(rows, object{
			"IssueID": issue.ID, "PropertyID": issue.PropertyID, "IssueType": issue.Type, "Issue": issue.Issue, "ClosedDate": closed,
		})
	}
	return rows
}

// closeIssue takes JSON inside a JSON string.
func (s *OpertoTeams) closeIssue(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	inner, _ := body["request"].(string)
	var request struct {
		IssueID    string `json:"IssueID"`
		Update     bool   `json:"Update"`
		ClosedDate string `json:"ClosedDate"`
	}
	if err != nil || json.Unmarshal([]byte(inner), &request) != nil || !request.Update {
		teamsFault(w, http.StatusBadRequest, "Invalid issue")
		return
	}
	for _, issue := range s.issues {
		day, err := time.Parse("20060102", request.ClosedDate)
		if issue.ID == number(request.IssueID) && err == nil {
			issue.Closed = civil.DateOf(day)
			writeJSON(w, http.StatusOK, object{"code": 201, "message": "Data Updated Successfully", "Data": object{"IssueID": issue.ID}})
			return
		}
	}
	teamsFault(w, http.StatusUnprocessableEntity, "Invalid IssueID")
}
