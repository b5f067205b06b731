package ftpsource_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/crmimport/ftpsource"
	"github.com/changeover-sdk/changeover/crmimport/ftptest"
	"github.com/changeover-sdk/changeover/pms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cret-word"

func start(t *testing.T, server *ftptest.Server) *ftptest.Server {
	t.Helper()
	server.User, server.Password = "uo", secret
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	return server
}

func source(t *testing.T, server *ftptest.Server, change func(*ftpsource.Config)) *ftpsource.Source {
	t.Helper()
	cfg := ftpsource.Config{Host: "127.0.0.1", Port: server.Port(), User: "uo", Password: secret, AllowPrivateAddresses: true}
	if change != nil {
		change(&cfg)
	}
	s, err := ftpsource.New(cfg)
	require.NoError(t, err)
	return s
}

func path(p string) crmimport.Address { return crmimport.Address{Path: p} }

func slurp(t *testing.T, s *ftpsource.Source, a crmimport.Address) (string, error) {
	t.Helper()
	file, err := s.Open(t.Context(), a)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(file)
	require.NoError(t, file.Close())
	return string(data), err
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]ftpsource.Config{
		"ftpsource: Host is required":                        {},
		"ftpsource: Host must be a name or an address alone": {Host: "ftp://h"},
		"ftpsource: Port is out of range":                    {Host: "h", Port: 70000},
		"ftpsource: User or Password holds a line break":     {Host: "h", Password: "a\r\nDELE x"},
	} {
		_, err := ftpsource.New(cfg)
		require.EqualError(t, err, want)
	}
}

func TestReadAndRemove(t *testing.T) {
	t.Parallel()
	certificate := selfSigned(t)
	tests := map[string]struct {
		server *ftptest.Server
		change func(*ftpsource.Config)
	}{
		"plain":    {&ftptest.Server{}, nil},
		"PASV":     {&ftptest.Server{NoEPSV: true}, nil},
		"EPSV off": {&ftptest.Server{}, func(c *ftpsource.Config) { c.DisableEPSV = true }},
		"TLS": {&ftptest.Server{TLS: certificate.server, RequireTLS: true}, func(c *ftpsource.Config) {
			c.ExplicitTLS, c.TLS = true, certificate.client
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, test.server)
			data := strings.Repeat("<import/>\n", 100_000)
			server.Put("/sber/offers.xml", ftptest.File{Data: []byte(data)})
			s := source(t, server, test.change)
			require.NoError(t, s.Check(t.Context()))
			file, err := s.Open(t.Context(), path("/sber/offers.xml"))
			require.NoError(t, err)
			assert.Equal(t, int64(len(data)), file.Size)
			got, err := io.ReadAll(file)
			require.NoError(t, err)
			assert.Equal(t, data, string(got))
			require.NoError(t, file.Close())
			require.NoError(t, s.Remove(t.Context(), path("/sber/offers.xml"), file.Stamp))
			assert.False(t, server.Has("/sber/offers.xml"))
			require.ErrorIs(t, s.Remove(t.Context(), path("/sber/offers.xml"), file.Stamp), crmimport.ErrNotFound)
			commands := strings.Join(server.Commands(), "\n")
			assert.Equal(t, name == "EPSV off", !strings.Contains(commands, "EPSV"))
			assert.Contains(t, commands, "TYPE I")
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	data := []byte(strings.Repeat("x", 1000))
	tests := map[string]struct {
		file *ftptest.File
		kind error
		want string
	}{
		"gone":               {nil, crmimport.ErrNotFound, "ftp: the server answers 450 Requested file action not taken"},
		"cut without a word": {&ftptest.File{Data: data, CutAt: 400}, crmimport.ErrCut, "the transfer was cut: 400 of 1000 bytes came"},
		"cut, size unknown":  {&ftptest.File{Data: data, Size: -1, CutAt: 400, CutReply: true}, crmimport.ErrCut, "the transfer was cut: ftp: the server answers 426 Connection closed; transfer aborted"},
		"421 in the middle":  {&ftptest.File{Data: data, QuitAt: 400}, crmimport.ErrCut, "the transfer was cut: 400 of 1000 bytes came"},
		"421, size unknown":  {&ftptest.File{Data: data, Size: -1, QuitAt: 400}, crmimport.ErrCut, "the transfer was cut: ftp: the server answers 421 Service not available, closing control connection"},
		"silent":             {&ftptest.File{Data: data, Stall: 400}, crmimport.ErrCut, "the transfer was cut: the server has fallen silent or takes too long"},
		"growing":            {&ftptest.File{Data: data, Grow: 7}, crmimport.ErrChanged, "the file changed while it was read"},
		"longer than said":   {&ftptest.File{Data: data, Size: 900}, crmimport.ErrChanged, "the file changed while it was read: 1000 bytes came, 900 were promised"},
		"ten GB":             {&ftptest.File{Data: data, Size: 10 << 30}, crmimport.ErrLimit, "over the limit: a file of more than 1500 bytes"},
		"larger, not told":   {&ftptest.File{Data: append(data, data...), Size: -1}, crmimport.ErrLimit, "over the limit: a file of more than 1500 bytes"},
		"size not told":      {&ftptest.File{Data: data, Size: -1}, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, &ftptest.Server{})
			if test.file != nil {
				server.Put("/a.xml", *test.file)
			}
			s := source(t, server, func(c *ftpsource.Config) { c.MaxBytes, c.Stall = 1500, 300*time.Millisecond })
			got, err := slurp(t, s, path("/a.xml"))
			if test.kind == nil {
				require.NoError(t, err)
				assert.Len(t, got, 1000)
				return
			}
			require.ErrorIs(t, err, test.kind)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestDeleteIsRefused(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	server.Put("/a.xml", ftptest.File{Data: []byte("1234"), KeepOnDelete: true})
	s := source(t, server, nil)
	var reply *ftpsource.ReplyError
	require.ErrorAs(t, s.Remove(t.Context(), path("/a.xml"), "4@0"), &reply)
	assert.Equal(t, 550, reply.Code)
	require.ErrorIs(t, s.Remove(t.Context(), path("/a.xml"), "5@0"), crmimport.ErrChanged, "another file")
}

func TestLoginIsRefused(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	s := source(t, server, func(c *ftpsource.Config) { c.Password = "wrong-" + secret })
	_, err := slurp(t, s, path("/a.xml"))
	require.EqualError(t, err, "ftp: the server answers 530 Not logged in")
	require.Error(t, s.Check(t.Context()))
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v", s, s, s), fmt.Sprintf("%v %#v", ftpsource.Config{Password: secret}, ftpsource.Config{Password: secret})} {
		assert.NotContains(t, text, secret)
	}
}

func TestPrivateServersAreRefused(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	s := source(t, server, func(c *ftpsource.Config) { c.AllowPrivateAddresses = false })
	_, err := slurp(t, s, path("/a.xml"))
	require.ErrorIs(t, err, pms.ErrPrivateAddress)
	assert.Empty(t, server.Commands())
}

func TestLinksBringTheirOwnServer(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	server.Put("/b/a.xml", ftptest.File{Data: []byte("data")})
	s, err := ftpsource.New(ftpsource.Config{Host: "ftp.example.com", User: "uo", Password: "of the settings", AllowPrivateAddresses: true})
	require.NoError(t, err)
	link, err := crmimport.ParseAddress(fmt.Sprintf("ftp://uo:%s@127.0.0.1:%d/b/a.xml", secret, server.Port()))
	require.NoError(t, err)
	got, err := slurp(t, s, link)
	require.NoError(t, err)
	assert.Equal(t, "data", got)
	anonymous, err := crmimport.ParseAddress(fmt.Sprintf("ftp://127.0.0.1:%d/b/a.xml", server.Port()))
	require.NoError(t, err)
	_, err = slurp(t, s, anonymous)
	require.EqualError(t, err, "ftp: the server answers 530 Not logged in")
	assert.Contains(t, server.Commands(), "USER anonymous")
	http, err := crmimport.ParseAddress("https://files.example.com/a.xml")
	require.NoError(t, err)
	_, err = slurp(t, s, http)
	require.ErrorIs(t, err, crmimport.ErrAddress)
	_, err = slurp(t, s, path("/a.xml\r\nDELE /b/a.xml"))
	require.ErrorIs(t, err, crmimport.ErrAddress)
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	server.Put("/a.xml", ftptest.File{Data: []byte("12345678"), Stall: 4})
	s := source(t, server, nil)
	ctx, cancel := context.WithCancel(t.Context())
	file, err := s.Open(ctx, path("/a.xml"))
	require.NoError(t, err)
	buffer := make([]byte, 4)
	_, err = io.ReadFull(file, buffer)
	require.NoError(t, err)
	cancel()
	_, err = file.Read(buffer)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, file.Close())
	_, err = s.Open(ctx, path("/a.xml"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestCloseInTheMiddle(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{})
	server.Put("/a.xml", ftptest.File{Data: make([]byte, 10<<20)})
	s := source(t, server, nil)
	file, err := s.Open(t.Context(), path("/a.xml"))
	require.NoError(t, err)
	_, err = io.ReadFull(file, make([]byte, 1000))
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	addr, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	s, err := ftpsource.New(ftpsource.Config{Host: "127.0.0.1", Port: addr.Port, AllowPrivateAddresses: true, Stall: 50 * time.Millisecond})
	require.NoError(t, err)
	require.ErrorIs(t, s.Check(t.Context()), crmimport.ErrCut)
}

type certificates struct{ server, client *tls.Config }

// selfSigned makes a certificate for 127.0.0.1 and a client that trusts it.
func selfSigned(t *testing.T) certificates {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return certificates{
		server: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		client: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}
}

func TestTLSOfAStrangerIsRefused(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{TLS: selfSigned(t).server})
	s := source(t, server, func(c *ftpsource.Config) { c.ExplicitTLS = true })
	err := s.Check(t.Context())
	var stranger *tls.CertificateVerificationError
	require.ErrorAs(t, err, &stranger)
	assert.NotContains(t, strings.Join(server.Commands(), " "), "PASS", "no password before the certificate is checked")
}
