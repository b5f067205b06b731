package pmstest

import (
	"maps"
	"regexp"
	"slices"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/pms"
)

func infoScenarios() []scenario {
	return []scenario{
		{name: "info", play: info},
		{name: "info-powers", play: infoPowers},
		{name: "info-data", play: infoData},
	}
}

var (
	vendorName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	fieldName  = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
)

func info(s *scene) {
	i := s.connect().Info()
	assert.Regexp(s, vendorName, i.Name, "Name")
	for name, value := range map[string]string{"Title": i.Title, "Docs": i.Docs, "Access": i.Access, "Auth": i.Auth} {
		assert.NotEmpty(s, value, name)
	}
	assert.Contains(s, []string{"A", "B", "C"}, i.Evidence, "Evidence")
	assert.True(s, i.Checked.IsValid(), "Checked is no day")
	secret, required, seen := 0, 0, map[string]bool{}
	for _, f := range i.Credentials {
		assert.Regexp(s, fieldName, f.Name, "name of a credential")
		assert.NotEmpty(s, f.Label, "label of credential %s", f.Name)
		assert.False(s, seen[f.Name], "credential %s is there twice", f.Name)
		seen[f.Name] = true
		secret += btoi(f.Secret)
		required += btoi(f.Secret && !f.Optional)
	}
	if s.h.Serve != nil {
		assert.NotZero(s, secret, "no credential is secret")
		assert.GreaterOrEqual(s, len(s.h.Secrets), required, "Harness.Secrets leaves a secret credential out")
	}
	for _, secret := range s.h.Secrets {
		assert.GreaterOrEqual(s, len(secret), leastSecret, "a secret of the Harness is too short to be searched for")
	}
	for _, limit := range i.Limits {
		assert.True(s, limit.Requests > 0 && limit.Window > 0, "limit %v", limit)
	}
	for _, name := range slices.Sorted(maps.Keys(i.Capabilities)) {
		assert.Contains(s, pms.Capabilities(), name, "unknown capability")
		assert.Contains(s, []pms.Support{pms.Yes, pms.No, pms.Unverified}, i.Capabilities[name], "capability %s", name)
	}
}

// infoPowers: a power is declared if, and only if, the connector has it.
func infoPowers(s *scene) {
	c := s.connect()
	for capability, has := range map[pms.Capability]bool{
		pms.CanGetBooking: hasPower[pms.BookingGetter](c), pms.CanListChanges: hasPower[pms.ChangeLister](c),
		pms.CanWebhook: hasPower[pms.WebhookParser](c), pms.CanRegisterWebhook: hasPower[pms.WebhookRegistrar](c),
		pms.CanSetCleanliness: hasPower[pms.CleanlinessWriter](c), pms.CanWriteTasks: hasPower[pms.TaskWriter](c),
	} {
		declared := c.Info().Supports(capability)
		assert.Equal(s, has, declared != pms.No, "capability %s is %q, the interface is there: %t", capability, declared, has)
	}
}

func hasPower[Power any](c pms.Connector) bool {
	_, ok := c.(Power)
	return ok
}

// infoData: what the table promises is in the data, and nothing else is.
func infoData(s *scene) {
	s.use(s.everything())
	c := s.connect()
	items, _, err := s.list(c, pms.BookingQuery{})
	if err != nil {
		s.Errorf("list of bookings: %v", err)
		return
	}
	seen := map[pms.Capability]bool{}
	for _, b := range items {
		seen[pms.HasBlocks] = seen[pms.HasBlocks] || b.Kind == pms.KindBlock
		seen[pms.HasOwnerStays] = seen[pms.HasOwnerStays] || b.Kind == pms.KindOwner
		seen[pms.HasGuestCounts] = seen[pms.HasGuestCounts] || b.Guests.Total > 0
		seen[pms.HasStayTimes] = seen[pms.HasStayTimes] || !b.ArrivalTime.IsZero() || !b.DepartureTime.IsZero()
	}
	for _, capability := range []pms.Capability{pms.HasBlocks, pms.HasOwnerStays, pms.HasGuestCounts, pms.HasStayTimes} {
		switch declared := c.Info().Supports(capability); {
		case declared == pms.Yes && !seen[capability]:
			s.Errorf("capability %s is declared and no booking shows it", capability)
		case declared == pms.No && seen[capability]:
			s.Errorf("capability %s is denied and bookings show it", capability)
		}
	}
}
