package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
)

// examples are settings of each vendor with a canary in every credential.
func examples() map[string]string {
	return map[string]string{
		"bnovo":          `{"id":918273645,"password":"canary-password","webhookSecret":"canary-webhook-secret","timeZone":"Europe/Moscow","checkIn":"14:00","checkOut":"12:00"}`,
		"escapia":        `{"clientId":"canary-client-id","clientSecret":"canary-client-secret","pmcid":"918273645","timeZone":"Pacific/Honolulu","checkIn":"16:00","checkOut":"10:00","cleanStatuses":{"clean":"Ready"},"cleaningTypeCode":"DEP"}`,
		"guesty":         `{"clientId":"canary-client-id","clientSecret":"canary-client-secret","webhookSecret":"whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0"}`,
		"hospitable":     `{"token":"canary-token","clientId":"canary-client-id","clientSecret":"canary-client-secret","webhookSecret":"canary-webhook-secret","email":"canary@example.com","timeZone":"Europe/Helsinki","blocks":true,"financials":true}`,
		"hostaway":       `{"accountId":918273645,"clientSecret":"canary-client-secret","webhookLogin":"canary-webhook-login","webhookPassword":"canary-webhook-password"}`,
		"ical":           `{"feeds":[{"url":"https://cal.example/canary-in-the-path.ics?s=canary-in-the-query","propertyId":"loft"}],"allowPrivateAddresses":true,"timeZone":"Europe/Paris"}`,
		"kigo":           `{"username":"canary-agency","password":"canary-password","details":true,"timeZone":"Europe/Rome","checkIn":"15:00","checkOut":"10:00"}`,
		"opertoteams":    `{"apiKey":"canary-api-key","apiValue":"canary-api-value","taskRuleId":7,"timeZone":"Europe/Paris"}`,
		"ownerrez":       `{"username":"canary@example.com","token":"pt_canary-token","clientId":"c_canary","clientSecret":"s_canary-secret","userId":918273645,"webhookUser":"canary-user","webhookPassword":"canary-webhook-password"}`,
		"realtycalendar": `{"publicKey":"canary-public-key-0123456789abcd","privateKey":"canary-private-key-0123456789abc","accountId":"918273645","webhookSecret":"canary-webhook-secret"}`,
		"smoobu":         `{"apiKey":"canary-api-key","apiSecret":"canary-api-secret","userId":918273645,"webhookSecret":"canary-webhook-secret"}`,
	}
}

func TestEveryVendorOpensFromItsSettings(t *testing.T) {
	t.Parallel()
	for _, info := range catalog.All() {
		example, ok := examples()[info.Name]
		require.True(t, ok, "no settings of %s in this test", info.Name)
		c, err := catalog.Open(info.Name, []byte(example))
		require.NoError(t, err)
		require.Equal(t, info, c.Info())
		found, ok := catalog.Lookup(info.Name)
		require.True(t, ok)
		require.Equal(t, info, found)
	}
	require.Len(t, catalog.All(), len(examples()))
	require.True(t, slices.IsSortedFunc(catalog.All(), func(a, b pms.Info) int { return strings.Compare(a.Name, b.Name) }))
}

func TestSettingsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, info := range catalog.All() {
		_, err := catalog.Open(info.Name, []byte(`{"kanary":"canary"}`))
		require.EqualError(t, err, info.Name+`: settings: unknown key "kanary"`)
		c, err := catalog.Open(info.Name, []byte(`{}`))
		require.ErrorContains(t, err, info.Name+": ")
		require.ErrorContains(t, err, "required")
		require.Equal(t, pms.Connector(nil), c, "a failed Open gives a nil interface")
	}
	_, err := catalog.Open("hal9000", []byte(`{}`))
	require.ErrorIs(t, err, pms.ErrNotSupported)
	_, ok := catalog.Lookup("hal9000")
	require.False(t, ok)
}

// The connect form of a host is drawn from Info.
func TestInfoIsEnoughForAConnectForm(t *testing.T) {
	t.Parallel()
	for _, info := range catalog.All() {
		require.NotEmpty(t, info.Title, info.Name)
		require.NotEmpty(t, info.Docs, info.Name)
		require.NotEmpty(t, info.Access, info.Name)
		require.NotEmpty(t, info.Auth, info.Name)
		require.Contains(t, "ABC", info.Evidence, info.Name)
		require.True(t, info.Checked.IsValid(), info.Name)
		require.NotEmpty(t, info.Credentials, info.Name)
		for _, f := range info.Credentials {
			require.NotEmpty(t, f.Label, "%s: %s", info.Name, f.Name)
			require.NotEmpty(t, f.Help, "%s: %s", info.Name, f.Name)
			require.Contains(t, examples()[info.Name]+`"username":`, `"`+f.Name+`":`, info.Name)
		}
		for _, capability := range pms.Capabilities() {
			require.Contains(t, info.Capabilities, capability, info.Name)
		}
	}
}

// Whatever fails, no credential is in an error, a log line or a printed value.
func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	for _, info := range catalog.All() {
		for name, transport := range map[string]http.RoundTripper{
			"echo":    echo{http.StatusInternalServerError},
			"refused": echo{http.StatusForbidden},
			"wrong":   echo{http.StatusOK},
			"lost":    lost{},
		} {
			var out bytes.Buffer
			c, err := catalog.OpenWith(info.Name, []byte(examples()[info.Name]), catalog.Options{
				HTTPClient: &http.Client{Transport: transport},
				Logger:     slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
				MaxRetries: -1,
			})
			require.NoError(t, err)
			_, _, err = pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
			fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
			_, _, err = pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
			require.Error(t, err, "%s: %s", info.Name, name)
			fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
			var api *pms.APIError
			if errors.As(err, &api) {
				out.Write(api.Body)
			}
			slog.New(slog.NewJSONHandler(&out, nil)).Info("failed", "err", err, "connector", c)
			fmt.Fprintf(&out, "%v %+v %#v\n", c, c, c)
			require.NotContains(t, out.String(), "canary", "%s: %s", info.Name, name)
			require.NotContains(t, out.String(), "918273645", "%s: %s", info.Name, name)
		}
	}
}

// echo answers with all that it was sent.
type echo struct{ status int }

func (e echo) RoundTrip(req *http.Request) (*http.Response, error) {
	var body bytes.Buffer
	fmt.Fprintf(&body, "{\"error\":{\"code\":1,\"message\":%q}}", fmt.Sprint(req.URL, req.Header))
	if req.Body != nil {
		if _, err := io.Copy(&body, req.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: e.status, Header: http.Header{"X-Request-Id": {req.URL.String()}}, Request: req, Body: io.NopCloser(&body),
	}, nil
}

// lost fails with all that it was sent.
type lost struct{}

func (lost) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("lost %s %v", req.URL, req.Header)
}

// A program that imports one connector compiles none of the others.
func TestImportersOfOneVendorCompileNoOther(t *testing.T) {
	t.Parallel()
	const module = "github.com/changeover-sdk/changeover/"
	connectors := map[string]string{}
	for _, info := range catalog.All() {
		connectors[info.Name] = module + "pms/" + info.Name
	}
	maps.Copy(connectors, map[string]string{"bnovo": module + "bnovo", "realtycalendar": module + "realtycalendar", "opertoteams": module + "operto"})
	for _, info := range catalog.All() {
		path := connectors[info.Name]
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", path).Output()
		require.NoError(t, err)
		deps := strings.Fields(string(out))
		require.Contains(t, deps, path)
		for name, other := range connectors {
			require.Equal(t, name == info.Name, slices.Contains(deps, other), "%s imports %s", path, other)
		}
		for _, heavy := range []string{module + "pms/sandbox", module + "pms/pmstest", module + "pms/catalog"} {
			require.NotContains(t, deps, heavy)
		}
	}
}
