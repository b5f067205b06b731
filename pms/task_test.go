package pms_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// plainVendor is a connector without further powers.
type plainVendor struct{ pms.Connector }

func (plainVendor) Info() pms.Info { return pms.Info{Name: "plain"} }

// taskVendor writes tasks.
type taskVendor struct{ plainVendor }

func (taskVendor) WriteTask(_ context.Context, t pms.Task) (string, error) { return "7-" + t.Name, nil }

func TestWriteTask(t *testing.T) {
	t.Parallel()
	id, err := pms.WriteTask(t.Context(), taskVendor{}, pms.Task{Name: "clean"})
	require.NoError(t, err)
	assert.Equal(t, "7-clean", id)
	id, err = pms.WriteTask(t.Context(), plainVendor{}, pms.Task{})
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.EqualError(t, err, "plain: WriteTask: not supported")
	assert.Empty(t, id)
}
