package remonline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// Marker is the state of the deals in a container. Success and failure mark
// one container each at most.
type Marker string

// The four markers. The vendor's product names them in pictures only; the
// words are ours.
const (
	MarkerNone       Marker = "none"
	MarkerInProgress Marker = "in_progress"
	MarkerSuccess    Marker = "success"
	MarkerFailure    Marker = "failure"
)

// Markers returns the four markers in order.
func Markers() []Marker {
	return []Marker{MarkerNone, MarkerInProgress, MarkerSuccess, MarkerFailure}
}

// Container is a stage of a funnel with the statuses in it: one, several, or
// none yet.
type Container struct {
	Name   string `json:"name"`
	Marker Marker `json:"marker"`
	// Statuses are ids of the account's statuses; numbers are read as well.
	Statuses []pms.Text `json:"statuses,omitempty"`
}

// Funnel maps statuses to containers, in order from the first contact to the
// last. Several lost statuses must sit in one container, because failure marks
// one only.
type Funnel struct {
	Containers []Container `json:"containers"`
}

// Validate checks the funnel by itself. An error names the containers
// concerned and is [pms.ErrInvalid].
func (f Funnel) Validate() error {
	if len(f.Containers) == 0 {
		return settingsError("funnel", "containers", "required")
	}
	marked := map[Marker]string{}
	names, statuses := map[string]bool{}, map[pms.Text]string{}
	for i, c := range f.Containers {
		at := fmt.Sprintf("containers[%d]", i)
		bad := func(field, message string) error { return settingsError("funnel", at+"."+field, message) }
		name := strings.TrimSpace(c.Name)
		switch {
		case name == "":
			return bad("name", "required")
		case names[fold(name)]:
			return bad("name", fmt.Sprintf("%q is taken", name))
		case !slices.Contains(Markers(), c.Marker):
			return bad("marker", fmt.Sprintf("%q is not one of none, in_progress, success and failure", c.Marker))
		}
		names[fold(name)] = true
		if other, taken := marked[c.Marker]; taken && (c.Marker == MarkerSuccess || c.Marker == MarkerFailure) {
			return bad("marker", fmt.Sprintf("%s marks %q and %q; it can mark one container only", c.Marker, other, name))
		}
		marked[c.Marker] = name
		for j, id := range c.Statuses {
			place := fmt.Sprintf("statuses[%d]", j)
			if id == "" {
				return bad(place, "empty")
			}
			if other, taken := statuses[id]; taken {
				return bad(place, fmt.Sprintf("status %s is in %q and %q", id, other, name))
			}
			statuses[id] = name
		}
	}
	return nil
}

// FunnelReport compares a funnel with the statuses of the account.
type FunnelReport struct {
	// Unmapped are statuses in no container. Their orders are deals without a
	// container and are counted as such.
	Unmapped []Status `json:"unmapped,omitempty"`
	// Gone are ids in the funnel that the account does not have.
	Gone []string `json:"gone,omitempty"`
}

// Check reports statuses that are in no container, such as those that were
// added after the funnel was drawn, and ids that are gone.
func (f Funnel) Check(statuses []Status) FunnelReport {
	var report FunnelReport
	places := f.places()
	known := map[pms.Text]bool{}
	for _, s := range statuses {
		known[s.ID] = true
		if _, ok := places[s.ID]; !ok {
			report.Unmapped = append(report.Unmapped, s)
		}
	}
	for _, c := range f.Containers {
		for _, id := range c.Statuses {
			if !known[id] {
				report.Gone = append(report.Gone, string(id))
			}
		}
	}
	return report
}

// places returns the position of the container of each status.
func (f Funnel) places() map[pms.Text]int {
	places := map[pms.Text]int{}
	for i, c := range f.Containers {
		for _, id := range c.Statuses {
			places[id] = i
		}
	}
	return places
}

// GroupedFunnel proposes one container for each group of statuses that the
// account uses, named by the group.
func GroupedFunnel(statuses []Status) Funnel {
	var f Funnel
	for _, group := range groupOrder {
		if inGroup := ofGroup(statuses, group); len(inGroup) > 0 {
			f.add(groupName(inGroup[0]), inGroup)
		}
	}
	return f
}

// UngroupedFunnel proposes one container for each status, named by it. Where
// several statuses are closed successfully, or unsuccessfully, they share a
// container, because the marker is there once.
func UngroupedFunnel(statuses []Status) Funnel {
	var f Funnel
	for _, group := range groupOrder {
		inGroup := ofGroup(statuses, group)
		switch {
		case len(inGroup) == 0:
		case len(inGroup) > 1 && (group == GroupClosed || group == GroupDroppedOff):
			f.add(groupName(inGroup[0]), inGroup)
		default:
			for _, s := range inGroup {
				f.add(string(s.Name), []Status{s})
			}
		}
	}
	return f
}

// groupOrder is the way of an order through the groups; what has no known
// group comes first.
var groupOrder = []string{GroupCustom, GroupNew, GroupInProgress, GroupPending, GroupDone, GroupDelivery, GroupClosed, GroupDroppedOff}

func ofGroup(statuses []Status, group string) []Status {
	var out []Status
	for _, s := range statuses {
		if knownGroup(s) == group {
			out = append(out, s)
		}
	}
	return out
}

// knownGroup: a group that is not one of the seven has no meaning.
func knownGroup(s Status) string {
	if slices.Contains(groupOrder, string(s.Group.Type)) {
		return string(s.Group.Type)
	}
	return GroupCustom
}

func groupName(s Status) string {
	if s.Group.Name != "" {
		return string(s.Group.Name)
	}
	return map[string]string{
		GroupCustom: "Other", GroupNew: "New", GroupInProgress: "In progress", GroupPending: "Pending", GroupDone: "Done",
		GroupDelivery: "Delivery", GroupClosed: "Closed", GroupDroppedOff: "Dropped off",
	}[knownGroup(s)]
}

func markerOf(group string) Marker {
	switch group {
	case GroupCustom:
		return MarkerNone
	case GroupClosed:
		return MarkerSuccess
	case GroupDroppedOff:
		return MarkerFailure
	default:
		return MarkerInProgress
	}
}

// add appends a container. A name that is empty or taken gets the id of its
// first status.
func (f *Funnel) add(name string, statuses []Status) {
	taken := func(c Container) bool { return fold(c.Name) == fold(name) }
	if strings.TrimSpace(name) == "" || slices.ContainsFunc(f.Containers, taken) {
		name = strings.TrimSpace(name + " #" + string(statuses[0].ID))
	}
	c := Container{Name: name, Marker: markerOf(knownGroup(statuses[0]))}
	for _, s := range statuses {
		c.Statuses = append(c.Statuses, s.ID)
	}
	f.Containers = append(f.Containers, c)
}
