package operto

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	teamsVendor = "opertoteams"
	teamsURL    = "https://teams-api.operto.com"
	teamsPath   = "/api/v1"
	// teamsPage is the largest page that is asked for; the vendor documents no
	// maximum, and public clients use it.
	teamsPage = 200
)

// TeamsConfig holds the key pair of one Operto Teams account and the knobs that
// every connector has.
type TeamsConfig struct {
	// APIKey and APIValue are the key pair, made in Operto Teams.
	APIKey   string `json:"apiKey"`
	APIValue string `json:"apiValue"`

	// TimeZone is the IANA zone of the properties. The API tells only a number
	// whose table is not public.
	TimeZone string `json:"timeZone,omitzero"`
	// TaskRuleID is the rule that written tasks belong to; it must be enabled for
	// the properties. WriteTask needs it.
	TaskRuleID pms.Text `json:"taskRuleId,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the vendor's limit; share one between clients of the same
	// account.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (TeamsConfig) String() string { return "operto.TeamsConfig{[redacted]}" }

// GoString hides the credentials.
func (cfg TeamsConfig) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg TeamsConfig) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// ParseTeamsConfig reads settings JSON. An unknown key is an error that names
// it.
func ParseTeamsConfig(data []byte) (TeamsConfig, error) {
	var cfg TeamsConfig
	err := settings.Decode(teamsVendor, data, &cfg)
	return cfg, err
}

// Teams is an Operto Teams account. It is safe for concurrent use.
type Teams struct {
	cfg  TeamsConfig
	zone *time.Location // nil when not configured
	rest *rest.Client

	mu      sync.Mutex
	refresh rest.Token
}

// NewTeams checks the configuration and returns a client. It sends nothing.
func NewTeams(cfg TeamsConfig) (*Teams, error) {
	cfg.APIKey, cfg.APIValue = strings.TrimSpace(cfg.APIKey), strings.TrimSpace(cfg.APIValue)
	if err := settings.Required(teamsVendor, "APIKey", cfg.APIKey, "APIValue", cfg.APIValue); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(teamsVendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	t := &Teams{cfg: cfg, zone: zone}
	t.rest, err = rest.New(rest.Options{
		Vendor:        teamsVendor,
		BaseURL:       cfg.BaseURL,
		DefaultURL:    teamsURL,
		HTTPClient:    cfg.HTTPClient,
		Logger:        cfg.Logger,
		Limiter:       cfg.Limiter,
		Limits:        TeamsInfo().Limits,
		MaxRetries:    cfg.MaxRetries,
		MaxWait:       cfg.MaxWait,
		Secrets:       []string{cfg.APIKey, cfg.APIValue},
		Auth:          rest.NewTokens(t.authenticate, putVRS),
		Classify:      classifyTeams,
		RetryAfter429: 2 * time.Minute, // the window of the limit
	})
	return t, err
}

func putVRS(req *http.Request, token string) { req.Header.Set(headerAuthorization, "VRS "+token) }

// String names the client and nothing of its configuration.
func (*Teams) String() string { return "operto.Teams" }

// GoString names the client and nothing of its configuration.
func (*Teams) GoString() string { return "operto.Teams" }

// classifyTeams reads ReasonCode, which reports failures under status 200 too.
// 0 and 200 mean success, and so does a missing one.
func classifyTeams(status int, _ http.Header, body []byte) *rest.Fault {
	if !bytes.Contains(body[:min(len(body), 512)], []byte(`"ReasonCode"`)) {
		return nil
	}
	var reason struct {
		ReasonCode pms.Text `json:"ReasonCode"`
		ReasonText pms.Text `json:"ReasonText"`
	}
	if json.Unmarshal(body, &reason) != nil {
		return nil
	}
	code := wire.IntOrZero(reason.ReasonCode)
	if code < 300 && status < 300 {
		return nil
	}
	fault := &rest.Fault{Code: string(reason.ReasonCode), Message: string(reason.ReasonText)}
	if code >= 300 {
		fault.Kind = rest.KindOf(code)
	}
	return fault
}

type teamsToken struct {
	Token  pms.Text `json:"token"`
	Expiry pms.Text `json:"Expiry"`
}

type teamsTokens struct {
	Access  teamsToken `json:"Access_Token"`
	Refresh teamsToken `json:"Refresh_Token"`
}

// authenticate gets an access token by the refresh token, or else by a login.
//
// https://teams.operto.com/api, oauth.
func (t *Teams) authenticate(ctx context.Context) (rest.Token, error) {
	t.mu.Lock()
	refresh := t.refresh
	t.refresh = rest.Token{} // unless it serves once more
	t.mu.Unlock()
	if refresh.Value != "" && time.Now().Before(refresh.Expiry) {
		token, err := t.refreshToken(ctx, refresh)
		if !errors.Is(err, pms.ErrUnauthorized) {
			return token, err
		}
	}
	return t.login(ctx)
}

func (t *Teams) refreshToken(ctx context.Context, refresh rest.Token) (rest.Token, error) {
	answer, err := rest.JSON[teamsTokens](ctx, t.rest, rest.Call{
		Op: "Refresh", Path: teamsPath + "/oauth/refresh", Anonymous: true,
		Header: http.Header{headerAuthorization: {"VRS " + refresh.Value}},
	})
	if err != nil && !errors.Is(err, pms.ErrUnauthorized) {
		t.keep(refresh)
	}
	if err != nil {
		return rest.Token{}, withoutBody(err)
	}
	if answer.Access.Token == "" {
		return rest.Token{}, &pms.APIError{Vendor: teamsVendor, Op: "Refresh", Kind: pms.ErrUnauthorized}
	}
	t.keep(refresh)
	return answer.Access.lasting(time.Hour), nil
}

func (t *Teams) keep(refresh rest.Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh = refresh
}

func (t *Teams) login(ctx context.Context) (rest.Token, error) {
	answer, err := rest.JSON[teamsTokens](ctx, t.rest, rest.Call{
		Op: "Login", Method: http.MethodPost, Path: teamsPath + "/oauth/login", Read: true, Anonymous: true,
		JSON: map[string]string{"API_Key": t.cfg.APIKey, "API_Value": t.cfg.APIValue},
	})
	var refused *pms.APIError
	if errors.As(err, &refused) && errors.Is(err, pms.ErrInvalid) {
		refused.Kind = pms.ErrUnauthorized // wrong credentials are ReasonCode 422
	}
	if err != nil {
		return rest.Token{}, withoutBody(err)
	}
	if answer.Access.Token == "" {
		return rest.Token{}, &pms.APIError{Vendor: teamsVendor, Op: "Login", Kind: pms.ErrDecode, Message: "no token in the answer"}
	}
	if answer.Refresh.Token != "" {
		t.keep(answer.Refresh.lasting(24 * time.Hour))
	}
	return answer.Access.lasting(time.Hour), nil
}

func (t teamsToken) lasting(fallback time.Duration) rest.Token {
	return rest.Lasting(string(t.Token), time.Duration(wire.IntOrZero(t.Expiry))*time.Second, fallback)
}

// CheckCredentials makes the cheapest call that needs a login.
func (t *Teams) CheckCredentials(ctx context.Context) error {
	_, err := t.read(ctx, "CheckCredentials", "/taskrules", url.Values{"per_page": {"1"}})
	return err
}

// teamsList is the envelope of a list.
type teamsList struct {
	HasMore    json.RawMessage `json:"has_more"` // false differs from missing
	TotalItems pms.Text        `json:"total_items"`
	PageSize   pms.Text        `json:"page_size"`
	Data       wire.Records    `json:"data"`
}

// read reads one page. An empty list may come as 404, with a ReasonCode.
func (t *Teams) read(ctx context.Context, op, path string, query url.Values) (teamsList, error) {
	resp, err := t.do(ctx, rest.Call{Op: op, Path: teamsPath + path, Query: query})
	var failed *pms.APIError
	if errors.As(err, &failed) && failed.Code == "404" {
		return teamsList{Data: wire.Records{}}, nil
	}
	if err != nil {
		return teamsList{}, err
	}
	var list teamsList
	if err := resp.Decode(&list); err != nil {
		return teamsList{}, withoutBody(err)
	}
	if list.Data == nil {
		return teamsList{}, withoutBody(resp.Unreadable("no data in the answer", nil))
	}
	return list, nil
}

func (t *Teams) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	resp, err := t.rest.Do(ctx, call)
	return resp, withoutBody(err)
}

// teamsRead is one page of a list, decoded.
type teamsRead[T any] struct {
	wire.Decoded[T]
	next string
}

// readTeams reads the page at a place and finds the next one.
func readTeams[T any](ctx context.Context, t *Teams, op, path, kind string, query url.Values, cursor string, limit int, id func(*T, json.RawMessage) string) (teamsRead[T], error) {
	place, err := paging.ParsePage(cursor, limit, teamsPage, strings.Trim(path, "/"))
	if err != nil {
		return teamsRead[T]{}, &pms.APIError{Vendor: teamsVendor, Op: op, Kind: pms.ErrBadCursor, Err: err}
	}
	query.Set("page", strconv.Itoa(place.Number))
	query.Set("per_page", strconv.Itoa(place.Size))
	list, err := t.read(ctx, op, path, query)
	if err != nil {
		return teamsRead[T]{}, err
	}
	out := teamsRead[T]{Decoded: wire.DecodeAll(teamsVendor, kind, list.Data, id)}
	for _, bad := range out.Failed {
		bad.Raw = nil
	}
	next, more, err := place.Next(paging.Read{
		Records: len(list.Data), Limit: wire.IntOrZero(list.PageSize), Total: wire.IntOrZero(list.TotalItems), First: out.First,
	})
	if err != nil {
		return teamsRead[T]{}, &pms.APIError{Vendor: teamsVendor, Op: op, Kind: pms.ErrDecode, Err: err}
	}
	if list.TotalItems == "" && string(list.HasMore) == "false" {
		more = false // a page that is full may be the last one
	}
	if more {
		out.next = next.String()
	}
	return out, nil
}

// all reads all pages of a list.
func all[T any](ctx context.Context, t *Teams, op, path, kind string, query url.Values, id func(*T, json.RawMessage) string) (List[T], error) {
	var list List[T]
	cursor, seen := "", map[string]bool{}
	for {
		page, err := readTeams(ctx, t, op, path, kind, query, cursor, 0, id)
		if err != nil {
			return List[T]{}, err
		}
		list.Items, list.Failed = append(list.Items, page.Items...), append(list.Failed, page.Failed...)
		if page.next == "" {
			return list, nil
		}
		if cursor = page.next; seen[cursor] {
			return List[T]{}, &pms.APIError{Vendor: teamsVendor, Op: op, Kind: pms.ErrBadCursor, Message: "a page came twice"}
		}
		seen[cursor] = true
	}
}
