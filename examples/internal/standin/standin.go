// Package standin opens accounts at the stand-ins of the vendors, for programs
// that can be tried offline.
package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"golang.org/x/time/rate"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Vendors returns the names of the vendors that can be played, sorted.
func Vendors() []string { return slices.Sorted(maps.Keys(vendors)) }

// Open makes an account at a vendor's stand-in, whose bookings are those of the
// world. It returns the vendor's server, which is to be reached at baseURL, and
// the settings of the account, as a host stores them. The server has no limits of
// rate, so a client of it needs none either: see [NoLimits].
func Open(vendor string, w *sandbox.World, baseURL string) (server http.Handler, settings json.RawMessage, err error) {
	open, ok := vendors[vendor]
	if !ok {
		return nil, nil, fmt.Errorf("there is no sandbox of %s", vendor)
	}
	server, fields := open(w, baseURL)
	settings, err = json.Marshal(fields)
	return server, settings, err
}

// NoLimits is the limiter of a client that need not wait.
func NoLimits() pms.Limiter { return rate.NewLimiter(rate.Inf, 1) }

var vendors = map[string]func(w *sandbox.World, baseURL string) (http.Handler, map[string]any){
	"bnovo": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewBnovo(w, sandbox.BnovoOptions{NoLimits: true})
		return server, map[string]any{
			"id": server.Options().ID, "password": server.Options().Password, "timeZone": w.Zone().String(),
		}
	},
	"escapia": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewEscapia(w, sandbox.EscapiaOptions{})
		return server, map[string]any{
			"clientId": server.Options().ClientID, "clientSecret": server.Options().ClientSecret, "pmcid": server.Options().PMCID,
			"timeZone": w.Zone().String(),
		}
	},
	"guesty": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewGuesty(w, sandbox.GuestyOptions{NoLimits: true})
		return server, map[string]any{
			"clientId": server.Options().ClientID, "clientSecret": server.Options().ClientSecret,
		}
	},
	"hospitable": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewHospitable(w, sandbox.HospitableOptions{})
		return server, map[string]any{"token": server.Options().Token, "blocks": true}
	},
	"hostaway": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewHostaway(w, sandbox.HostawayOptions{NoLimits: true})
		return server, map[string]any{
			"accountId": server.Options().AccountID, "clientSecret": server.Options().ClientSecret,
		}
	},
	"ical": func(w *sandbox.World, baseURL string) (http.Handler, map[string]any) {
		server := sandbox.NewICal(w, sandbox.ICalOptions{})
		var feeds []map[string]any
		for _, unit := range w.Units() {
			feeds = append(feeds, map[string]any{"url": baseURL + server.URL(sandbox.Airbnb, unit.ID), "propertyId": unit.ID, "allowEmpty": true})
		}
		return server, map[string]any{"feeds": feeds, "allowPrivateAddresses": true}
	},
	"kigo": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewKigo(w, sandbox.KigoOptions{NoLimits: true})
		return server, map[string]any{
			"username": server.Options().Username, "password": server.Options().Password, "timeZone": w.Zone().String(),
		}
	},
	"ownerrez": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewOwnerRez(w, sandbox.OwnerRezOptions{NoLimits: true})
		return server, map[string]any{
			"username": server.Options().Username, "token": server.Options().Token,
		}
	},
	"realtycalendar": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewRealtyCalendar(w, sandbox.RealtyCalendarOptions{})
		return server, map[string]any{
			"publicKey": server.Options().PublicKey, "privateKey": server.Options().PrivateKey,
		}
	},
	"smoobu": func(w *sandbox.World, _ string) (http.Handler, map[string]any) {
		server := sandbox.NewSmoobu(w, sandbox.SmoobuOptions{NoLimits: true})
		return server, map[string]any{
			"apiKey": server.Options().APIKey, "apiSecret": server.Options().APISecret, "timeZone": w.Zone().String(),
		}
	},
}
