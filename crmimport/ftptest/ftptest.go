// Package ftptest is a small FTP server in the process, for tests of hosts and
// for examples.
//
// It knows what an import needs (USER, PASS, AUTH TLS, PBSZ, PROT, TYPE, FEAT,
// EPSV, PASV, SIZE, RETR, DELE, QUIT) and plays the faults of real servers.
package ftptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// File is a file of a server, with its faults. The zero faults are none.
type File struct {
	Data []byte
	// Size, if not 0, is promised in place of the length of Data; -1 refuses to
	// tell it.
	Size int64
	// Grow makes the size, when it is asked for again, larger by so much.
	Grow int64
	// CutAt ends the data connection after so many bytes; the server then says
	// that the transfer is complete, or 426 if CutReply is set.
	CutAt    int
	CutReply bool
	// QuitAt hangs up with 421 after so many bytes.
	QuitAt int
	// Stall sends so many bytes and then nothing until the connection ends.
	Stall int
	// KeepOnDelete refuses to delete.
	KeepOnDelete bool

	asked int
}

// Server is an FTP server on a free port of the loopback.
type Server struct {
	User, Password string
	// TLS, if not nil, is offered by AUTH TLS. Set it in front of Start.
	TLS *tls.Config
	// RequireTLS refuses a login without TLS.
	RequireTLS bool
	// NoEPSV refuses EPSV, so that clients use PASV.
	NoEPSV bool

	mu       sync.Mutex
	files    map[string]*File
	commands []string
	conns    map[net.Conn]struct{}

	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	wait     sync.WaitGroup
}

// Start begins to serve, until Close.
func (s *Server) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.listener = listener
	s.conns = map[net.Conn]struct{}{}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.wait.Go(s.accept)
	return nil
}

// Close ends the server and waits for what it does.
func (s *Server) Close() error {
	s.cancel()
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close() // the client notices
	}
	s.mu.Unlock()
	s.wait.Wait()
	return err
}

// Port is where the server listens.
func (s *Server) Port() int {
	if addr, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// Put stores a file.
func (s *Server) Put(path string, file File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string]*File{}
	}
	s.files[path] = &file
}

// Has reports whether a file is there.
func (s *Server) Has(path string) bool { return s.file(path) != nil }

// Commands are those that the server got, without arguments of PASS.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

func (s *Server) file(path string) *File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[path]
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.track(conn, true)
		s.wait.Go(func() {
			defer s.track(conn, false)
			c := &client{server: s, conn: conn, lines: bufio.NewReader(conn)}
			c.serve()
		})
	}
}

func (s *Server) track(conn net.Conn, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.conns[conn] = struct{}{}
		return
	}
	delete(s.conns, conn)
	_ = conn.Close() // the client may have done so
}

// client is one control connection.
type client struct {
	server    *Server
	conn      net.Conn
	lines     *bufio.Reader
	passive   net.Listener
	user      string
	in        bool
	secure    bool
	protected bool
}

var errBye = errors.New("bye")

func (c *client) serve() {
	defer c.closePassive()
	if c.reply(220, "ready") != nil {
		return
	}
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		verb = strings.ToUpper(verb)
		c.server.note(verb, arg)
		if c.command(verb, arg) != nil {
			return
		}
	}
}

func (s *Server) note(verb, arg string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if verb == "PASS" {
		arg = ""
	}
	s.commands = append(s.commands, strings.TrimSpace(verb+" "+arg))
}

func (c *client) reply(code int, text string) error {
	_, err := fmt.Fprintf(c.conn, "%d %s\r\n", code, text)
	return err
}

func (c *client) command(verb, arg string) error {
	switch verb {
	case "USER":
		c.user = arg
		return c.reply(331, "password, please")
	case "PASS":
		return c.login(arg)
	case "AUTH":
		return c.auth()
	case "QUIT":
		return errors.Join(c.reply(221, "bye"), errBye)
	case "FEAT":
		_, err := fmt.Fprint(c.conn, "211-Features:\r\n SIZE\r\n EPSV\r\n UTF8\r\n211 End\r\n")
		return err
	case "OPTS", "TYPE", "PBSZ", "NOOP":
		return c.reply(200, "ok")
	case "PROT":
		c.protected = arg == "P"
		return c.reply(200, "ok")
	}
	if !c.in {
		return c.reply(530, "log in first")
	}
	switch verb {
	case "EPSV", "PASV":
		return c.listen(verb)
	case "SIZE":
		return c.size(arg)
	case "RETR":
		return c.retrieve(arg)
	case "DELE":
		return c.remove(arg)
	}
	return c.reply(502, "not implemented")
}

func (c *client) login(password string) error {
	switch {
	case c.server.RequireTLS && !c.secure:
		return c.reply(530, "TLS only")
	case c.user != c.server.User || password != c.server.Password:
		return c.reply(530, "no, "+password+" is wrong")
	}
	c.in = true
	return c.reply(230, "welcome")
}

func (c *client) auth() error {
	if c.server.TLS == nil {
		return c.reply(502, "no TLS here")
	}
	if err := c.reply(234, "go on"); err != nil {
		return err
	}
	c.conn = tls.Server(c.conn, c.server.TLS)
	c.lines = bufio.NewReader(c.conn)
	c.secure = true
	return nil
}

func (c *client) listen(verb string) error {
	if verb == "EPSV" && c.server.NoEPSV {
		return c.reply(500, "no EPSV")
	}
	c.closePassive()
	listener, err := (&net.ListenConfig{}).Listen(c.server.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return c.reply(425, "no port")
	}
	c.passive = listener
	port := 0
	if addr, ok := listener.Addr().(*net.TCPAddr); ok {
		port = addr.Port
	}
	if verb == "EPSV" {
		return c.reply(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", port))
	}
	return c.reply(227, fmt.Sprintf("Entering Passive Mode (127,0,0,1,%d,%d)", port>>8, port&0xff))
}

func (c *client) closePassive() {
	if c.passive != nil {
		_ = c.passive.Close() // nobody waits for it
		c.passive = nil
	}
}

func (c *client) size(path string) error {
	file := c.server.file(path)
	if file == nil {
		return c.reply(450, "no such file")
	}
	size := int64(len(file.Data))
	switch {
	case file.Size < 0:
		return c.reply(502, "not implemented")
	case file.Size > 0:
		size = file.Size
	}
	c.server.mu.Lock()
	size += file.Grow * int64(file.asked)
	file.asked++
	c.server.mu.Unlock()
	return c.reply(213, fmt.Sprint(size))
}

func (c *client) remove(path string) error {
	file := c.server.file(path)
	if file == nil || file.KeepOnDelete {
		return c.reply(550, "cannot delete")
	}
	c.server.mu.Lock()
	delete(c.server.files, path)
	c.server.mu.Unlock()
	return c.reply(250, "deleted")
}

func (c *client) retrieve(path string) error {
	file := c.server.file(path)
	if file == nil {
		return c.reply(551, "no such file")
	}
	if c.passive == nil {
		return c.reply(425, "PASV first")
	}
	if err := c.reply(150, "here it comes"); err != nil {
		return err
	}
	data, err := c.accept()
	if err != nil {
		return c.reply(425, "no data connection")
	}
	defer c.server.track(data, false)
	switch {
	case file.QuitAt > 0:
		_, _ = data.Write(file.Data[:file.QuitAt]) // the fault is what follows
		return errors.Join(c.reply(421, "too many users"), errBye)
	case file.Stall > 0:
		_, _ = data.Write(file.Data[:file.Stall]) // as above
		_, _ = io.Copy(io.Discard, data)          // until the client gives up
		return errBye
	case file.CutAt > 0:
		_, _ = data.Write(file.Data[:file.CutAt]) // as above
		_ = data.Close()
		if file.CutReply {
			return c.reply(426, "connection closed")
		}
		return c.reply(226, "done")
	}
	_, err = data.Write(file.Data)
	_ = data.Close()
	if err != nil {
		return c.reply(426, "connection closed")
	}
	return c.reply(226, "done")
}

// accept waits for the data connection.
func (c *client) accept() (net.Conn, error) {
	listener := c.passive
	defer c.closePassive()
	if tcp, ok := listener.(*net.TCPListener); ok {
		if err := tcp.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return nil, err
		}
	}
	conn, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	c.server.track(conn, true)
	if c.secure && c.protected {
		return tls.Server(conn, c.server.TLS), nil
	}
	return conn, nil
}
