package rest

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
)

var errEncoding = errors.New("unknown content encoding")

// decompressed returns the body as it was before compression. net/http has
// usually done that and removed the header.
func decompressed(resp *http.Response) (io.Reader, error) {
	switch resp.Header.Get("Content-Encoding") {
	case "", "identity":
		return resp.Body, nil
	case "gzip":
		reader, err := gzip.NewReader(resp.Body)
		if err != nil {
			return nil, errEncoding
		}
		return reader, nil
	default:
		return nil, errEncoding
	}
}
