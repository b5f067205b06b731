package pms_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestInfoSupports(t *testing.T) {
	t.Parallel()
	info := pms.Info{Capabilities: map[pms.Capability]pms.Support{
		pms.CanListBookings: pms.Yes, pms.CanWebhook: pms.Unverified, pms.HasBlocks: pms.No,
	}}
	assert.Equal(t, pms.Yes, info.Supports(pms.CanListBookings))
	assert.Equal(t, pms.Unverified, info.Supports(pms.CanWebhook))
	assert.Equal(t, pms.No, info.Supports(pms.HasBlocks))
	assert.Equal(t, pms.No, info.Supports(pms.CanGetBooking), "no entry")
	assert.Equal(t, pms.No, pms.Info{}.Supports(pms.CanListBookings), "no table")
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []pms.Capability{
		"properties", "bookings", "updatedSince", "changes", "getBooking", "webhook", "registerWebhook", "setCleanliness", "writeTasks",
		"blocks", "ownerStays", "stayTimes", "guestCounts", "timeZone", "readCleanliness",
	}, pms.Capabilities())
	pms.Capabilities()[0] = "changed"
	assert.Equal(t, pms.CanListProperties, pms.Capabilities()[0], "the table is not shared")
}

func TestInfoJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(pms.Info{
		Name: "bnovo", Title: "Bnovo", Docs: "https://docs.example.org", Access: "In the account.", Auth: "token",
		Limits: []pms.Limit{{Requests: 60, Window: time.Minute}}, Evidence: "A", Checked: day(t, "2026-11-01"),
		Credentials: []pms.Field{
			{Name: "id", Label: "Account", Help: "A number."}, {Name: "password", Label: "Password", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{pms.CanListBookings: pms.Yes},
		Notes:        []string{"One sentence."},
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"name": "bnovo", "title": "Bnovo", "docs": "https://docs.example.org", "access": "In the account.", "auth": "token",
		"limits": [{"requests": 60, "window": 60000000000}], "evidence": "A", "checked": "2026-11-01",
		"credentials": [{"name": "id", "label": "Account", "help": "A number."},
			{"name": "password", "label": "Password", "secret": true, "optional": true}],
		"capabilities": {"bookings": "yes"}, "notes": ["One sentence."]}`, string(data))
}
