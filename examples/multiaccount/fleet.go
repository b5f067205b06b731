package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// fleet is many accounts at the stand-ins of all vendors.
type fleet struct {
	accounts []account
	worlds   []*sandbox.World
	// troubled is how many of them cannot be read.
	troubled int
}

// troubles are what is wrong with some accounts, by their position.
var troubles = map[int]sandbox.Rule{
	3:  {Do: sandbox.Status(http.StatusUnauthorized, nil, `{"message":"the key was revoked"}`)},
	8:  {Do: sandbox.HTML()},
	13: {Do: hang},
}

// hang never answers.
func hang(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func newFleet(n int) (*fleet, error) {
	f := &fleet{}
	vendors := standin.Vendors()
	for i := range n {
		vendor := vendors[i%len(vendors)]
		world := sandbox.NewWorld(uint64(i), sandbox.Options{Clock: time.Now, Properties: 3, Stays: 25, Blocks: 1})
		server, settings, err := standin.Open(vendor, world, "https://feeds.example.com")
		if err != nil {
			return nil, err
		}
		faults := &sandbox.Faults{Next: latency{sandbox.Transport(server), time.Duration(5+i%20) * time.Millisecond}}
		if trouble, ok := troubles[i]; ok {
			faults.Rules = []sandbox.Rule{trouble}
			f.troubled++
		} else {
			f.worlds = append(f.worlds, world)
		}
		f.accounts = append(f.accounts, account{
			ID: fmt.Sprintf("%s-%03d", vendor, i+1), Vendor: vendor, Settings: settings,
			client: &http.Client{Transport: faults}, limiter: standin.NoLimits(),
		})
	}
	return f, nil
}

// happen changes three stays of every account that can be read.
func (f *fleet) happen() error {
	var all []error
	for _, w := range f.worlds {
		all = append(all, standin.Happen(w))
	}
	return errors.Join(all...)
}

// latency is how far away a vendor is.
type latency struct {
	next http.RoundTripper
	by   time.Duration
}

func (l latency) RoundTrip(req *http.Request) (*http.Response, error) {
	timer := time.NewTimer(l.by)
	defer timer.Stop()
	select {
	case <-timer.C:
		return l.next.RoundTrip(req)
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}
