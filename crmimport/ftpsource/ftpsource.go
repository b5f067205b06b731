// Package ftpsource reads import files from FTP servers, plain or with explicit
// TLS, in passive mode. It is a package of its own so that programs without FTP
// do not carry its client.
package ftpsource

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/internal/guard"
)

// Config is the FTP connection of one organisation, as its settings page has
// it, and the knobs of the source.
type Config struct {
	// Host and Port are the server's; port 0 means 21.
	Host string `json:"host"`
	Port int    `json:"port,omitzero"`
	// User and Password; an empty User logs in as anonymous.
	User     string `json:"user,omitzero"`
	Password string `json:"password,omitzero"`
	// ExplicitTLS encrypts the control and the data connection (AUTH TLS).
	ExplicitTLS bool `json:"explicitTls,omitzero"`
	// TLS replaces the default settings of TLS. Nil checks the server's
	// certificate against Host.
	TLS *tls.Config `json:"-"`

	// AllowPrivateAddresses lets the server be in a private network, where an
	// organisation's own server often is.
	AllowPrivateAddresses bool `json:"allowPrivateAddresses,omitzero"`
	// DisableEPSV uses PASV only, for servers behind NAT that answer EPSV and
	// then do not listen.
	DisableEPSV bool `json:"disableEpsv,omitzero"`
	// MaxBytes is the largest file; 0 means [crmimport.DefaultMaxBytes].
	MaxBytes int64 `json:"maxBytes,omitzero"`
	// Timeout is how long a download may take; 0 means 30 minutes.
	Timeout time.Duration `json:"-"`
	// Stall is how long the server may be silent; 0 means a minute.
	Stall time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "ftpsource.Config{[redacted]}" }

// GoString hides the credentials.
func (c Config) GoString() string { return c.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Source is an FTP server. Every call makes a connection of its own, so a
// Source is safe for concurrent use and nothing is left open.
type Source struct{ cfg Config }

// New checks the configuration. It connects to nothing.
func New(cfg Config) (*Source, error) {
	cfg.Host = strings.TrimSpace(cfg.Host)
	switch {
	case cfg.Host == "":
		return nil, errors.New("ftpsource: Host is required")
	case strings.ContainsAny(cfg.Host, "/@ \r\n"):
		return nil, errors.New("ftpsource: Host must be a name or an address alone")
	case cfg.Port < 0 || cfg.Port > 65535:
		return nil, errors.New("ftpsource: Port is out of range")
	case strings.ContainsAny(cfg.User+cfg.Password, "\r\n\x00"):
		return nil, errors.New("ftpsource: User or Password holds a line break")
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = crmimport.DefaultMaxBytes
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Minute)
	cfg.Stall = cmp.Or(cfg.Stall, time.Minute)
	return &Source{cfg}, nil
}

// String names the source and nothing of its configuration.
func (*Source) String() string { return "ftpsource.Source" }

// GoString is String.
func (s *Source) GoString() string { return s.String() }

// Check logs in and out.
func (s *Source) Check(ctx context.Context) error {
	session, err := s.dial(ctx, s.cfg)
	if err != nil {
		return err
	}
	session.close()
	return nil
}

// Open implements [crmimport.Source] for paths and ftp:// links. A link brings
// its own server and credentials, if any, which are used without TLS.
func (s *Source) Open(ctx context.Context, address crmimport.Address) (*crmimport.File, error) {
	session, path, err := s.enter(ctx, address)
	if err != nil {
		return nil, err
	}
	file, err := session.open(path, s.cfg.MaxBytes)
	if err != nil {
		session.close()
		return nil, err
	}
	return file, nil
}

// Remove implements [crmimport.Source].
func (s *Source) Remove(ctx context.Context, address crmimport.Address, stamp string) error {
	session, path, err := s.enter(ctx, address)
	if err != nil {
		return err
	}
	defer session.close()
	now, err := session.stamp(path)
	if err != nil {
		return err
	}
	if now.String() != stamp {
		return crmimport.ErrChanged
	}
	return session.explain(session.conn.Delete(path))
}

func (s *Source) enter(ctx context.Context, address crmimport.Address) (*session, string, error) {
	cfg, path := s.cfg, address.Path
	if link := address.Link; link != nil {
		if link.Scheme != "ftp" {
			return nil, "", fmt.Errorf("%w: not an FTP address", crmimport.ErrAddress)
		}
		cfg = linked(cfg, link)
		path = link.Path
	}
	if strings.ContainsAny(path, "\r\n\x00") {
		return nil, "", fmt.Errorf("%w: a control character", crmimport.ErrAddress)
	}
	session, err := s.dial(ctx, cfg)
	return session, path, err
}

// linked is the configuration for a link: the server and credentials of the
// settings never go to another one.
func linked(cfg Config, link *url.URL) Config {
	cfg.Host, cfg.Port = link.Hostname(), 0
	if port := link.Port(); port != "" {
		cfg.Port, _ = strconv.Atoi(port) // url.Parse has checked that it is a number
	}
	cfg.User, cfg.Password, cfg.ExplicitTLS = "", "", false
	if link.User != nil {
		cfg.User = link.User.Username()
		cfg.Password, _ = link.User.Password()
	}
	return cfg
}

// session is one connection to the server.
type session struct {
	conn   *ftp.ServerConn
	ctx    context.Context
	stop   func()
	stall  time.Duration
	secret string
}

func (s *Source) dial(ctx context.Context, cfg Config) (*session, error) {
	// The password must not show in what a server says about it.
	out := &session{stall: cfg.Stall, secret: cfg.Password}
	whole, cancel := context.WithTimeout(ctx, cfg.Timeout)
	out.ctx, out.stop = ctx, cancel
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	if !cfg.AllowPrivateAddresses {
		dialer = guard.Dialer()
	}
	secure := s.tlsConfig(cfg)
	control := true
	dial := func(network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(whole, network, address)
		if err != nil {
			return nil, err
		}
		watched := watch(whole, conn, cfg.Stall)
		if control || secure == nil {
			control = false
			return watched, nil
		}
		return tls.Client(watched, secure), nil
	}
	options := []ftp.DialOption{ftp.DialWithDialFunc(dial), ftp.DialWithDisabledEPSV(cfg.DisableEPSV), ftp.DialWithShutTimeout(cfg.Stall)}
	if secure != nil {
		options = append(options, ftp.DialWithExplicitTLS(secure))
	}
	conn, err := ftp.Dial(net.JoinHostPort(cfg.Host, fmt.Sprint(cmp.Or(cfg.Port, 21))), options...)
	if err == nil {
		out.conn = conn
		err = conn.Login(cmp.Or(cfg.User, "anonymous"), cmp.Or(cfg.Password, "anonymous"))
	}
	if err != nil {
		err = out.explain(err)
		out.close()
		return nil, err
	}
	return out, nil
}

// tlsConfig lets the data connection resume the session of the control
// connection, which many servers insist on.
func (s *Source) tlsConfig(cfg Config) *tls.Config {
	if !cfg.ExplicitTLS {
		return nil
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.TLS != nil {
		secure = cfg.TLS.Clone()
	}
	secure.ServerName = cmp.Or(secure.ServerName, cfg.Host)
	if secure.ClientSessionCache == nil {
		secure.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	return secure
}

func (s *session) close() {
	if s.conn != nil {
		_ = s.conn.Quit() // the server may have hung up already
	}
	s.stop()
}

func (s *session) open(path string, most int64) (*crmimport.File, error) {
	before, err := s.stamp(path)
	if err != nil {
		return nil, err
	}
	if before.size > most {
		return nil, fmt.Errorf("%w: a file of more than %d bytes", crmimport.ErrLimit, most)
	}
	resp, err := s.conn.Retr(path)
	if err != nil {
		return nil, s.explain(err)
	}
	data := &body{session: s, resp: resp, left: most, most: most}
	file := crmimport.NewFile(data, before.size, func() error {
		// The closing reply says whether the transfer was complete.
		if err := resp.Close(); err != nil {
			return fmt.Errorf("%w: %w", crmimport.ErrCut, s.explain(err))
		}
		data.done = true
		now, err := s.stamp(path)
		if err == nil && now != before {
			err = crmimport.ErrChanged
		}
		return err
	})
	file.Stamp = before.String()
	return file, nil
}

// stamp is what the server tells of a file.
type stamp struct {
	size int64 // -1: not told
	time int64 // 0: not told
}

func (s stamp) String() string { return fmt.Sprintf("%d@%d", s.size, s.time) }

func (s *session) stamp(path string) (stamp, error) {
	size, err := s.conn.FileSize(path)
	var refused *textproto.Error
	switch {
	case errors.As(err, &refused) && refused.Code >= 500 && refused.Code <= 504:
		size = -1
	case err != nil:
		return stamp{}, s.explain(err)
	}
	out := stamp{size: size}
	if s.conn.IsGetTimeSupported() {
		if at, err := s.conn.GetTime(path); err == nil {
			out.time = at.UnixNano()
		}
	}
	return out, nil
}

// explain turns what the server says into an error of ours, and the end of the
// context into the context's. The texts of servers may hold paths and names, so
// only their codes are kept.
func (s *session) explain(err error) error {
	var refused *textproto.Error
	switch {
	case err == nil:
		return nil
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case errors.As(err, &refused):
		return &ReplyError{Code: refused.Code}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Timeout() {
		return fmt.Errorf("%w: the server has fallen silent or takes too long", crmimport.ErrCut)
	}
	if s.secret != "" && strings.Contains(err.Error(), s.secret) {
		return errors.New("ftp: refused")
	}
	return err
}

// ReplyError is a refusal of the server.
type ReplyError struct{ Code int }

// Error returns the code with what it means.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("ftp: the server answers %d %s", e.Code, strings.TrimSuffix(ftp.StatusText(e.Code), "."))
}

// Is lets a reply that means a missing file be [crmimport.ErrNotFound]: which of
// 450, 550 and 551 it is depends on the server and the command.
func (e *ReplyError) Is(target error) bool {
	return target == crmimport.ErrNotFound && (e.Code == 450 || e.Code == 550 || e.Code == 551)
}

// body is the data of a transfer.
type body struct {
	*session
	resp       *ftp.Response
	left, most int64
	done       bool // the server has said that all was sent
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.resp.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, fmt.Errorf("%w: a file of more than %d bytes", crmimport.ErrLimit, b.most)
	}
	var op *net.OpError
	if !errors.As(err, &op) {
		return n, err
	}
	err = b.explain(err)
	if b.ctx.Err() == nil && !errors.Is(err, crmimport.ErrCut) {
		err = fmt.Errorf("%w: %w", crmimport.ErrCut, err)
	}
	return n, err
}

// Close ends the connection. A transfer under way is dropped; the server's reply
// to that is not waited for.
func (b *body) Close() error {
	if !b.done {
		b.stop()
		_ = b.resp.Close() // the connections are closed already
	}
	b.close()
	return nil
}

// watched is a connection that ends with a context and may not fall silent.
type watched struct {
	net.Conn
	stall  time.Duration
	forget func() bool
}

func watch(ctx context.Context, conn net.Conn, stall time.Duration) *watched {
	w := &watched{Conn: conn, stall: stall}
	w.forget = context.AfterFunc(ctx, func() { _ = conn.Close() }) // a second close is no matter
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.SetReadDeadline(time.Now().Add(w.stall)); err != nil {
		return 0, err
	}
	return w.Conn.Read(p)
}

func (w *watched) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(w.stall)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

func (w *watched) Close() error {
	w.forget()
	return w.Conn.Close()
}
