package operto_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func stay(id string) operto.Stay {
	return operto.Stay{
		PartnerID: id, CheckIn: wall(3, 15, 0), CheckOut: wall(7, 11, 0),
		GuestName: "Nora Lind", GuestEmail: "nora@example.com", GuestPhone: "+46 (70) 123-45 67",
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	good := operto.Config{ClientID: "key", ClientSecret: "secret", TokenPath: "/v2/token"}
	for want, spoil := range map[string]func(*operto.Config){
		"ClientID is required":     func(c *operto.Config) { c.ClientID = " " },
		"ClientSecret is required": func(c *operto.Config) { c.ClientSecret = "" },
		"TokenPath is required":    func(c *operto.Config) { c.TokenPath = "" },
		"a colon":                  func(c *operto.Config) { c.ClientID = "a:b" },
		"line break":               func(c *operto.Config) { c.ClientSecret = "a\nb" },
		"updateReservation":        func(c *operto.Config) { c.Names.UpdateReservation = "put /x" },
		"{reservation}":            func(c *operto.Config) { c.Names.SetStatus = "PUT /v2/x" },
		"BaseURL":                  func(c *operto.Config) { c.BaseURL = "ftp://x" },
	} {
		cfg := good
		spoil(&cfg)
		_, err := operto.New(cfg)
		require.ErrorContains(t, err, want)
	}
	client, err := operto.New(good)
	require.NoError(t, err)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", client, client, client), "secret")
	assert.NotContains(t, good.LogValue().String(), "secret")
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %s", good, good, good, &good), "secret")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	cfg, err := operto.ParseConfig([]byte(`{"clientId":"key","clientSecret":"secret","tokenPath":"/t","names":{"checkIn":"arrival"}}`))
	require.NoError(t, err)
	assert.Equal(t, operto.Config{ClientID: "key", ClientSecret: "secret", TokenPath: "/t", Names: operto.Names{CheckIn: "arrival"}}, cfg)
	_, err = operto.ParseConfig([]byte(`{"clientID_":"x"}`))
	require.ErrorContains(t, err, `unknown key "clientID_"`)
	names := map[string]bool{}
	for _, field := range operto.Info().Credentials {
		names[field.Name] = true
	}
	assert.Equal(t, map[string]bool{"clientId": true, "clientSecret": true, "tokenPath": true}, names)
}

func TestLogValuesHoldNoGuest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	made := stay("r1")
	logger.Info("stay", "stay", made, "reservation", operto.Reservation{
		ID: "7", PartnerID: "r1", GuestName: made.GuestName, GuestEmail: made.GuestEmail, GuestPhone: "+46701234567", GuestCode: operto.NewCode("47110815"),
	})
	assert.Contains(t, out.String(), "stay.reservation=r1")
	assert.Contains(t, out.String(), "reservation.id=7")
	for _, secret := range []string{"Nora", "nora@", "4670", "47110815"} {
		assert.NotContains(t, out.String(), secret)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"", "X-AUTH-TOKEN"} {
		t.Run("by "+header, func(t *testing.T) {
			t.Parallel()
			a := newAccount(sandbox.OpertoOptions{TokenHeader: header})
			client := a.client(t, operto.Config{})
			require.NoError(t, client.CheckCredentials(t.Context()))
			require.NoError(t, client.CheckCredentials(t.Context()))
			require.Len(t, a.seen.Seen(), 3, "one token serves many calls")
			user, password, ok := (&http.Request{Header: a.seen.Seen()[0].Header}).BasicAuth()
			assert.True(t, ok)
			assert.Equal(t, a.Options().ClientID+a.Options().ClientSecret, user+password)
			a.ExpireTokens()
			require.NoError(t, client.CheckCredentials(t.Context()), "a refused token is replaced")
			assert.Len(t, a.seen.Seen(), 6)
		})
	}
	a := newAccount(sandbox.OpertoOptions{})
	wrong, err := operto.New(operto.Config{
		ClientID: "key", ClientSecret: "wrong-secret", TokenPath: a.Options().TokenPath, HTTPClient: &http.Client{Transport: a.seen},
	})
	require.NoError(t, err)
	require.ErrorIs(t, wrong.CheckCredentials(t.Context()), pms.ErrUnauthorized)
	assert.Len(t, a.seen.Seen(), 1)
}

func TestSendingAStayTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{})
	client := a.client(t, operto.Config{})
	id := a.AddProperty(sandbox.OpertoProperty{Name: "Flat", TimeZone: "Europe/Paris"})
	property, err := client.GetProperty(t.Context(), operto.ByOperto(id))
	require.NoError(t, err)
	made, err := client.PutReservation(t.Context(), property, stay("r1"))
	require.NoError(t, err)
	assert.Equal(t, operto.Reservation{
		ID: made.ID, PartnerID: "r1", PropertyID: id, Status: operto.ReservationConfirmed,
		CheckIn: paris(3, 15, 0), CheckOut: paris(7, 11, 0),
		GuestName: "Nora Lind", GuestEmail: "nora@example.com", GuestPhone: "+46701234567",
		GuestCode: made.GuestCode, CheckOutCode: made.CheckOutCode,
	}, made)
	assert.Len(t, made.GuestCode.Reveal(), 6)
	assert.NotEqual(t, made.GuestCode, made.CheckOutCode)

	before := len(a.seen.Seen())
	again, err := client.PutReservation(t.Context(), property, stay("r1"))
	require.NoError(t, err)
	assert.Equal(t, made, again)
	require.Len(t, a.seen.Seen(), before+1)
	read := a.seen.Seen()[before]
	assert.Equal(t, "GET https://api.operto.com/v2/partners/reservations/r1?keyid=partner", read.Method+" "+read.URL)

	longer := stay("r1")
	longer.CheckOut = wall(9, 11, 0)
	changed, err := client.PutReservation(t.Context(), property, longer)
	require.NoError(t, err)
	assert.Equal(t, made.GuestCode, changed.GuestCode)
	assert.True(t, paris(9, 11, 0).Equal(changed.CheckOut))

	other, err := client.CreateProperty(t.Context(), operto.NewProperty{PartnerID: "p2", Name: "Other", TimeZone: "Europe/Paris"})
	require.NoError(t, err)
	moved, err := client.PutReservation(t.Context(), other, longer)
	require.NoError(t, err)
	assert.Equal(t, other.ID, moved.PropertyID)
	assert.NotEqual(t, made.GuestCode, moved.GuestCode)

	for range 2 {
		require.NoError(t, client.CancelReservation(t.Context(), property, "r1"))
	}
	require.NoError(t, client.CancelReservation(t.Context(), property, "never made"))
	assert.Empty(t, a.Grants())
	back, err := client.PutReservation(t.Context(), property, longer)
	require.NoError(t, err)
	assert.Equal(t, operto.ReservationConfirmed, back.Status)
	assert.Equal(t, id, back.PropertyID)
	assert.Len(t, a.Grants(), 1)
}

func TestOurIDs(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{})
	client := a.client(t, operto.Config{})
	a.AddProperty(sandbox.OpertoProperty{Name: "Flat", TimeZone: "Europe/Paris", PartnerID: "unit/7 a"})
	ours := operto.ByPartner("unit/7 a")
	require.NoError(t, client.CreateReservation(t.Context(), ours, stay("host:1#2")))
	list, err := client.ListReservations(t.Context(), ours, parisZone())
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	reservation := operto.ByPartner("host:1#2")
	require.NoError(t, client.UpdateReservation(t.Context(), ours, reservation, stay("host:1#2")))
	require.NoError(t, client.SetReservationStatus(t.Context(), ours, reservation, operto.ReservationCancelled))
	got, err := client.GetReservation(t.Context(), reservation, nil)
	require.NoError(t, err)
	assert.Equal(t, operto.ReservationCancelled, got.Status)
	assert.True(t, got.GuestCode.IsZero())
	assert.Equal(t, "UTC", got.CheckIn.Location().String())
	require.ErrorIs(t, client.SetReservationStatus(t.Context(), operto.ByOperto("1"), reservation, operto.ReservationCancelled), pms.ErrInvalid)
	require.ErrorIs(t, client.SetReservationStatus(t.Context(), ours, operto.ByPartner(""), operto.ReservationCancelled), pms.ErrInvalid)
	_, err = client.GetReservation(t.Context(), operto.ByPartner("unknown"), nil)
	require.ErrorIs(t, err, pms.ErrNotFound)
}

func TestRequestBody(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{})
	client := a.client(t, operto.Config{})
	id := a.AddProperty(sandbox.OpertoProperty{Name: "Flat", TimeZone: "Europe/Paris"})
	odd := stay("r1")
	odd.GuestPhone = "call after six"
	require.NoError(t, client.CreateReservation(t.Context(), operto.ByOperto(id), odd))
	sent := a.seen.Seen()[1]
	assert.JSONEq(t, `{"partner_reservation_id":"r1","check_in":"2026-08-03 15:00:00","check_out":"2026-08-07 11:00:00",
		"is_local_time":true,"guest_name":"Nora Lind","guest_email":"nora@example.com"}`, string(sent.Body))
	require.NoError(t, client.UpdateProperty(t.Context(), operto.ByOperto(id), operto.PropertyUpdate{
		Name: "Quai 12 - Apt 3", TimeZone: "Europe/Paris", RoomStatus: operto.RoomCleaningComplete,
	}))
	assert.JSONEq(t, `{"name":"Quai 12 - Apt 3","timezone":"Europe/Paris","status":"cleaning-complete"}`, string(a.seen.Seen()[2].Body))
	assert.Equal(t, "cleaning-complete", a.Properties()[0].Status)

	for name, wrong := range map[string]operto.Stay{
		"no id":     {CheckIn: odd.CheckIn, CheckOut: odd.CheckOut},
		"no times":  {PartnerID: "r"},
		"backwards": {PartnerID: "r", CheckIn: odd.CheckOut, CheckOut: odd.CheckIn},
	} {
		require.ErrorIs(t, client.CreateReservation(t.Context(), operto.ByOperto(id), wrong), pms.ErrInvalid, name)
	}
	require.ErrorIs(t, client.UpdateProperty(t.Context(), operto.ByOperto(id), operto.PropertyUpdate{Name: "x", TimeZone: "Local"}), pms.ErrInvalid)
	assert.Len(t, a.seen.Seen(), 3, "what cannot be right is not sent")
}

// A host with the real documentation sets the names and changes no code.
func TestOtherNames(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{Local: true, Rename: map[string]string{
		"check_in": "begins", "check_out": "ends", "is_local_time": "wall_clock", "access_code": "pin", "check_out_code": "bye", "token": "ticket",
		"guest_name": "who", "status": "state",
	}})
	names := operto.Names{
		CheckIn: "begins", CheckOut: "ends", LocalTimes: "wall_clock", GuestCode: "pin", CheckOutCode: "bye", TokenField: "ticket",
		GuestName: "who", Status: "state", LocalAnswers: true,
	}
	id := a.AddProperty(sandbox.OpertoProperty{Name: "Flat", TimeZone: "Europe/Paris"})
	client := a.client(t, operto.Config{Names: names})
	made, err := client.PutReservation(t.Context(), operto.Property{ID: id, TimeZone: "Europe/Paris"}, stay("r1"))
	require.NoError(t, err)
	assert.Equal(t, paris(3, 15, 0), made.CheckIn)
	assert.Equal(t, "Nora Lind", made.GuestName)
	assert.Equal(t, a.Grants()[0].Code, made.GuestCode.Reveal())
	assert.Equal(t, a.Grants()[0].CheckOutCode, made.CheckOutCode.Reveal())
}

func TestAnswersAreReadTolerantly(t *testing.T) {
	t.Parallel()
	const record = `"id":7,"partnerReservationId":"r1","status":"CONFIRMED","checkIn":"2026-08-03T13:00:00Z","check-out":"2026-08-07 09:00:00"`
	want := operto.Reservation{
		ID: "7", PartnerID: "r1", PropertyID: "5", Status: operto.ReservationConfirmed, CheckIn: paris(3, 15, 0), CheckOut: paris(7, 11, 0),
		GuestName: "Nora", GuestCode: operto.NewCode("0471"), CheckOutCode: operto.NewCode("815"),
	}
	for name, body := range map[string]string{
		"a bare list":      `[{` + record + `,"guest":{"name":"Nora"},"accessCode":"0471","checkOutCode":815}]`,
		"reservations":     `{"reservations":[{` + record + `,"guestName":"Nora","guest_access_code":"0471","checkout_code":"815"}]}`,
		"data":             `{"data":[{` + record + `,"guest":{"name":"Nora"},"door_codes":{"guest":"0471","check_out":815}}]}`,
		"data, and nested": `{"data":{"reservations":[{` + record + `,"guest":{"name":"Nora"},"codes":{"guest":"0471","checkout":"815"}}]}}`,
	} {
		a := newAccount(sandbox.OpertoOptions{})
		client := a.client(t, operto.Config{})
		a.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodGet), Do: sandbox.Status(200, nil, body)})
		list, err := client.ListReservations(t.Context(), operto.ByOperto("5"), parisZone())
		require.NoError(t, err, name)
		assert.Equal(t, []operto.Reservation{want}, list.Items, name)
	}
}

func TestAListThatFailedIsNotEmpty(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"empty": sandbox.Empty(), "HTML": sandbox.HTML(), "no list": sandbox.Status(200, nil, `{"ok":true}`),
		"null": sandbox.Status(200, nil, `{"reservations":null}`), "text": sandbox.Status(200, nil, `"x"`), "cut": sandbox.Status(200, nil, `{"reservations":[{"i`),
	} {
		a := newAccount(sandbox.OpertoOptions{})
		client := a.client(t, operto.Config{})
		a.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodGet), Do: fault})
		_, err := client.ListReservations(t.Context(), operto.ByOperto("5"), nil)
		require.ErrorIs(t, err, pms.ErrDecode, name)
		_, err = client.ListProperties(t.Context())
		require.ErrorIs(t, err, pms.ErrDecode, name)
	}
}

func TestOneBadRecordFailsAlone(t *testing.T) {
	t.Parallel()
	a := newAccount(sandbox.OpertoOptions{})
	client := a.client(t, operto.Config{})
	a.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodGet), Do: sandbox.Status(200, nil, `[7,{"access_code":"4711"},{"id":8,"status":"pending","access_code":false}]`)})
	list, err := client.ListReservations(t.Context(), operto.ByOperto("5"), nil)
	require.NoError(t, err)
	assert.Equal(t, []operto.Reservation{{ID: "8", PropertyID: "5", Status: "pending"}}, list.Items)
	require.Len(t, list.Failed, 2)
	require.EqualError(t, list.Failed[0], "operto: reservation #1: not a JSON object")
	require.EqualError(t, list.Failed[1], "operto: reservation #2: id: missing")
	assert.Empty(t, list.Failed[1].Raw, "the record holds a code")
}

// Nothing that leaves the library as text holds a code, a guest or a credential.
func TestNoSecretInErrorsAndLogs(t *testing.T) {
	t.Parallel()
	const code, guest = "83174652", "Canary Guest"
	body := `{"message":"no","access_code":"` + code + `","guest_name":"` + guest + `","token":"canary-token-1"}`
	var logged bytes.Buffer
	for _, status := range []int{400, 401, 403, 404, 409, 422, 429, 500, 503, 200} {
		a := newAccount(sandbox.OpertoOptions{ClientSecret: "canary-secret"})
		client := a.client(t, operto.Config{Logger: slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		id := a.AddProperty(sandbox.OpertoProperty{Name: "Flat", TimeZone: "Europe/Paris"})
		require.NoError(t, client.CheckCredentials(t.Context()))
		a.seen.Add(sandbox.Rule{Do: sandbox.Status(status, nil, strings.ReplaceAll(body, "token", "x"))})
		guestly := stay("r1")
		guestly.GuestName = guest
		_, err := client.GetReservation(t.Context(), operto.ByPartner("r1"), nil)
		_, err2 := client.ListReservations(t.Context(), operto.ByOperto(id), nil)
		_, err3 := client.PutReservation(t.Context(), operto.Property{ID: id, TimeZone: "Europe/Paris"}, guestly)
		for _, err := range []error{err, err2, err3} {
			require.Error(t, err)
			var failed *pms.APIError
			require.ErrorAs(t, err, &failed)
			text := fmt.Sprintf("%v %+v %#v %+v %s", err, err, failed, *failed, failed.Body)
			slog.New(slog.NewTextHandler(&logged, nil)).Error("failed", "err", err, "failed", failed)
			for _, secret := range []string{code, guest, "canary-secret", "operto-token-1"} {
				assert.NotContains(t, text, secret)
			}
		}
	}
	for _, secret := range []string{code, guest, "canary-secret", "operto-token-1"} {
		assert.NotContains(t, logged.String(), secret)
	}
}
