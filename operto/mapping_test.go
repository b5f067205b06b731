package operto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func TestSelectProperty(t *testing.T) {
	t.Parallel()
	var links pms.LinkSet
	require.NoError(t, operto.SelectProperty(&links, "", "1", operto.Property{ID: "70001"}))
	require.NoError(t, operto.SelectProperty(&links, "", "1", operto.Property{ID: "70001"}), "again")
	for name, tt := range map[string]struct {
		lodging  string
		property operto.Property
	}{
		"the lodging has another property":   {"1", operto.Property{ID: "70002"}},
		"the property has another lodging":   {"2", operto.Property{ID: "70001"}},
		"the property was made for another":  {"2", operto.Property{ID: "70003", PartnerID: "1"}},
		"the lodging has no id of its own":   {"", operto.Property{ID: "70004"}},
		"the property has no id of its own ": {"3", operto.Property{}},
	} {
		require.Error(t, operto.SelectProperty(&links, "", tt.lodging, tt.property), name)
	}
	require.ErrorIs(t, operto.SelectProperty(&links, "", "1", operto.Property{ID: "70002"}), pms.ErrLinkContradicts)
	require.ErrorIs(t, operto.SelectProperty(&links, "", "2", operto.Property{ID: "70003", PartnerID: "1"}), pms.ErrLinkContradicts)
	require.NoError(t, operto.SelectProperty(&links, "", "2", operto.Property{ID: "70005", PartnerID: "of another partner"}))
}

func TestCreateInOperto(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{})
	client := a.client(t, operto.Config{})
	var links pms.LinkSet
	flat := pms.Property{ID: "1", Name: "Quai 12 - Apt 3", TimeZone: "Europe/Paris"}
	made, err := client.CreateAndSelect(t.Context(), &links, "", flat)
	require.NoError(t, err)
	assert.Equal(t, operto.Property{
		ID: made.ID, PartnerID: "1", Name: flat.Name, TimeZone: "Europe/Paris",
		RoomStatus: operto.RoomCleanAvailable, SubscriptionStatus: "active",
	}, made)
	again, err := client.CreateAndSelect(t.Context(), &links, "", flat)
	require.NoError(t, err)
	assert.Equal(t, made, again)

	var lost pms.LinkSet // the host crashed before it stored the link
	again, err = client.CreateAndSelect(t.Context(), &lost, "", flat)
	require.NoError(t, err)
	assert.Equal(t, made, again)
	assert.Len(t, a.Properties(), 1)
	link, ok := lost.Find(pms.Unit{Vendor: "operto", ID: made.ID})
	assert.True(t, ok)
	assert.Equal(t, "1", link.PropertyID)

	other := pms.Property{ID: "2", Name: "Other", TimeZone: "Europe/Paris"}
	require.NoError(t, operto.SelectProperty(&links, "", "2", operto.Property{ID: a.AddProperty(sandbox.OpertoProperty{Name: "x", TimeZone: "Europe/Paris"})}))
	_, err = client.CreateAndSelect(t.Context(), &links, "", other)
	require.ErrorIs(t, err, pms.ErrLinkContradicts)
	_, err = client.CreateAndSelect(t.Context(), &links, "", pms.Property{ID: "3", Name: "No zone"})
	require.ErrorIs(t, err, pms.ErrInvalid)
	assert.Len(t, a.Properties(), 2)
}

func TestProposeLinks(t *testing.T) {
	t.Parallel()
	proposals := operto.ProposeLinks(
		[]pms.Property{{Vendor: "host", ID: "1", Name: "Quai 12 - Apt 3"}},
		[]operto.Property{{ID: "70001", Name: "Quai 12 Apt 3"}, {ID: "70002", Name: "Villa Rosa"}},
	)
	require.Len(t, proposals.Matches, 1)
	assert.Equal(t, "70001", proposals.Matches[0].UnitID)
}
