package operto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
)

func TestTemplateVars(t *testing.T) {
	t.Parallel()
	access := []operto.Access{
		{Stays: []pms.Key{key("a")}, LodgingID: "1", From: paris(3, 15, 0), To: paris(7, 11, 0), Problems: []operto.Diagnosis{{Kind: operto.CodePending}}},
		{Stays: []pms.Key{key("b")}, LodgingID: "2", From: paris(3, 15, 0), To: paris(7, 11, 0), Guest: operto.NewCode("4711"), CheckOut: operto.NewCode("4712")},
		{Stays: []pms.Key{key("c")}, LodgingID: "3", From: paris(3, 15, 0), To: paris(7, 11, 0), Guest: operto.NewCode("4713")},
	}
	order := operto.Order{Items: []operto.Item{
		{ID: "i1", Stay: key("a")}, {ID: "i2", Stay: key("b")}, {ID: "i3", Stay: key("c")}, {ID: "i4", Stay: key("gone")},
	}}.With(access)
	from, until := "2026-08-03T15:00:00+02:00", "2026-08-07T11:00:00+02:00"
	item := func(id, code, from, until string) map[string]any {
		return map[string]any{"id": id, "operto_access_code": code, "valid_from": from, "valid_until": until}
	}
	assert.Equal(t, map[string]any{
		"reservation": map[string]any{
			"operto_access_code": "4711",
			"items":              []any{item("i1", "", from, until), item("i2", "4711", from, until), item("i3", "4713", from, until), item("i4", "", "", "")},
		},
		"item": item("i1", "", from, until),
	}, operto.TemplateVars(order))
	missing := order.Missing()
	require.Len(t, missing, 2)
	assert.Equal(t, operto.Diagnosis{Kind: operto.CodePending, Stay: key("a")}, missing[0])
	assert.Equal(t, operto.Diagnosis{Kind: operto.NotSynchronised, Stay: key("gone")}, missing[1])
}

func TestTemplateVarsOfAnEmptyOrder(t *testing.T) {
	t.Parallel()
	vars := operto.TemplateVars(operto.Order{})
	assert.Equal(t, map[string]any{"operto_access_code": "", "items": []any{}}, vars["reservation"])
	assert.Equal(t, map[string]any{"id": "", "operto_access_code": "", "valid_from": "", "valid_until": ""}, vars["item"])
}

func TestEveryDiagnosisHasASentence(t *testing.T) {
	t.Parallel()
	kinds := []operto.DiagnosisKind{
		operto.CredentialsRefused, operto.Unreachable, operto.NotMapped, operto.DoublyMapped, operto.MappingContradicts,
		operto.MappingPaused, operto.PropertyDeleted, operto.ZoneMissing, operto.ZoneMismatch, operto.NotConfirmed,
		operto.Undecided, operto.InvalidDates, operto.NotSynchronised, operto.CodePending, operto.CodeDiffers, operto.Refused,
	}
	unknown := operto.Diagnosis{}.Sentence()
	seen := map[string]bool{unknown: true}
	for _, kind := range kinds {
		sentence := operto.Diagnosis{Kind: kind, Detail: "detail"}.String()
		assert.Falsef(t, seen[sentence], "%s: %s", kind, sentence)
		seen[sentence] = true
	}
	assert.Equal(t, operto.CredentialsRefused, operto.Diagnose(&pms.APIError{Kind: pms.ErrUnauthorized}).Kind)
	assert.Equal(t, operto.Unreachable, operto.Diagnose(&pms.APIError{Kind: pms.ErrRateLimited}).Kind)
	assert.Equal(t, operto.Refused, operto.Diagnose(&pms.APIError{Kind: pms.ErrInvalid}).Kind)
}
