package operto_test

import (
	"net/http"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// account is a sandbox account of Operto Connect and the requests that it saw.
type account struct {
	*sandbox.Operto
	world *sandbox.World
	seen  *sandbox.Faults
}

func newAccount(o sandbox.OpertoOptions) account {
	world := sandbox.NewEmptyWorld(sandbox.Options{Start: day(1), Zone: parisZone()})
	o.Empty = true
	stand := sandbox.NewOperto(world, o)
	return account{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

// client returns a client that never repeats a request.
func (a account) client(t require.TestingT, cfg operto.Config) *operto.Client {
	o := a.Options()
	cfg.ClientID, cfg.ClientSecret, cfg.TokenPath, cfg.TokenHeader = o.ClientID, o.ClientSecret, o.TokenPath, o.TokenHeader
	cfg.HTTPClient = &http.Client{Transport: a.seen}
	if cfg.MaxRetries == 0 {
		cfg.MaxRetries = -1
	}
	c, err := operto.New(cfg)
	require.NoError(t, err)
	return c
}

// property adds a property to the account and links it to the lodging.
func (a account) property(t require.TestingT, links *pms.LinkSet, lodging string) string {
	id := a.AddProperty(sandbox.OpertoProperty{Name: "Flat " + lodging, TimeZone: "Europe/Paris"})
	require.NoError(t, links.Link(pms.Link{Vendor: "operto", UnitID: id, PropertyID: lodging}))
	return id
}

func parisZone() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}

// day returns a day of August 2026.
func day(n int) pms.Date { return pms.Date{Year: 2026, Month: time.August, Day: n} }

func clock(t require.TestingT, text string) pms.Clock {
	c, err := pms.ParseClock(text)
	require.NoError(t, err)
	return c
}

// paris is an instant of August 2026 in Paris.
func paris(d, hour, minute int) time.Time {
	return time.Date(2026, time.August, d, hour, minute, 0, 0, parisZone())
}

func wall(d, hour, minute int) civil.DateTime { return civil.DateTimeOf(paris(d, hour, minute)) }

func booking(id string, from, to int) pms.Booking {
	return pms.Booking{
		Vendor: "test", ID: id, Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival: day(from), Departure: day(to),
		Guest: pms.Guest{Name: "Nora Lind " + id, Email: "nora" + id + "@example.com", Phone: "+46 70 123 45 67"},
	}
}

func lodging(id string, bookings ...pms.Booking) operto.Lodging {
	return operto.Lodging{ID: id, TimeZone: "Europe/Paris", Bookings: bookings}
}

func key(id string) pms.Key { return pms.Key{Vendor: "test", ID: id} }

// kinds returns the kinds of changes.
func kinds(changes []operto.Change) []operto.ChangeKind {
	out := make([]operto.ChangeKind, len(changes))
	for i, c := range changes {
		out[i] = c.Kind
	}
	return out
}

// problems returns the kinds of the problems of an access.
func problems(a operto.Access) []operto.DiagnosisKind {
	var out []operto.DiagnosisKind
	for _, p := range a.Problems {
		out = append(out, p.Kind)
	}
	return out
}
