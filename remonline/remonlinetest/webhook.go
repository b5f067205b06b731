package remonlinetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Delivery returns the header and body of a webhook about an order, signed as
// the vendor does: over the id of the delivery alone.
func (a *Account) Delivery(event string, orderID int64, metadata any) (http.Header, []byte, error) {
	a.mu.Lock()
	n, now := a.nextID(), a.opts.Clock().UTC()
	a.mu.Unlock()
	id := fmt.Sprintf("5b0c7c1e-3d0a-4a4e-9a57-%012d", n)
	body, err := json.Marshal(object{
		"id": id, "created_at": now.Format("2006-01-02T15:04:05.000000Z07:00"), "created_at_ts": float64(now.UnixMilli()) / float64(time.Second/time.Millisecond),
		"event_name": event, "context": object{"object_id": orderID, "object_type": "order"},
		"metadata": metadata, "employee": object{"id": 302, "full_name": "Анна Ли", "email": "anna@example.com"},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("remonlinetest: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(a.opts.WebhookSecret))
	mac.Write([]byte(id))
	return http.Header{"X-Signature": {hex.EncodeToString(mac.Sum(nil))}, "Content-Type": {"application/json"}}, body, nil
}
