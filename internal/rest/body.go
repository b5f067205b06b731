package rest

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

var errEncoding = errors.New("content encoding unknown or broken")

// decompressed returns the body as it was before compression. net/http has
// usually done that and removed the header.
func decompressed(resp *http.Response) (io.Reader, error) {
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case encoding == "", strings.EqualFold(encoding, "identity"):
		return resp.Body, nil
	case !strings.EqualFold(encoding, "gzip"):
		return nil, errEncoding
	}
	reader, err := gzip.NewReader(resp.Body)
	if errors.Is(err, io.EOF) {
		return http.NoBody, nil
	}
	if err != nil {
		return nil, bodyError(err)
	}
	return reader, nil
}

// bodyError tells a body that is not what its header says, which will be the
// same next time, from one that was lost on the way.
func bodyError(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return errEncoding
	}
	return err
}
