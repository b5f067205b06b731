package domyland

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// End is the Next of the last page.
const End = -1

// List is one page of a list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Next is the fromRow of the next page, or End.
	Next int
}

// Days is a range of days, both included. The zero value is no range.
type Days struct{ From, To pms.Date }

func (d Days) text() string {
	if d == (Days{}) {
		return ""
	}
	day := func(d pms.Date) string { return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year) }
	return day(d.From) + "-" + day(d.To)
}

// OrderQuery selects orders. Empty fields select nothing. At most one of Created
// and Updated is given.
type OrderQuery struct {
	BuildingID, PlaceID, ServiceID string
	Status                         OrderStatus
	Created, Updated               Days
	FromRow                        int
}

func (q OrderQuery) values() url.Values {
	return filters(q.FromRow, map[string]string{
		"buildingId": q.BuildingID, "placeId": q.PlaceID, "serviceId": q.ServiceID, "orderStatusId": string(q.Status),
		"createdAt": q.Created.text(), "updatedAt": q.Updated.text(),
	})
}

func filters(fromRow int, fields map[string]string) url.Values {
	values := url.Values{"fromRow": {strconv.Itoa(fromRow)}}
	for name, value := range fields {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// ListCustomers reads a page of customers: GET customers.
func (c *Client) ListCustomers(ctx context.Context, fromRow int) (List[Customer], error) {
	return list(ctx, c, "ListCustomers", "/customers", "customer", filters(fromRow, nil), func(v *Customer, raw json.RawMessage) string {
		v.Raw = raw
		return string(v.ID)
	})
}

// Customers reads all customers, page by page. A [*pms.RecordError] is one
// customer only; any other error is the last element.
func (c *Client) Customers(ctx context.Context) iter.Seq2[Customer, error] {
	return all(func(row int) (List[Customer], error) { return c.ListCustomers(ctx, row) })
}

// PlaceQuery selects premises. The filter by change takes a range of days, as
// that of orders does.
type PlaceQuery struct {
	Updated Days
	FromRow int
}

// ListPlaces reads a page of premises: GET places.
func (c *Client) ListPlaces(ctx context.Context, q PlaceQuery) (List[Place], error) {
	query := filters(q.FromRow, map[string]string{"updatedAt": q.Updated.text()})
	return list(ctx, c, "ListPlaces", "/places", "place", query, func(v *Place, raw json.RawMessage) string {
		v.Raw = raw
		return string(v.ID)
	})
}

// Places reads all premises that the query selects. See [Client.Customers].
func (c *Client) Places(ctx context.Context, q PlaceQuery) iter.Seq2[Place, error] {
	return all(func(row int) (List[Place], error) {
		q.FromRow = row
		return c.ListPlaces(ctx, q)
	})
}

// ListBuildings reads a page of houses: GET buildings.
func (c *Client) ListBuildings(ctx context.Context, fromRow int) (List[Building], error) {
	return list(ctx, c, "ListBuildings", "/buildings", "building", filters(fromRow, nil), func(v *Building, raw json.RawMessage) string {
		v.Raw = raw
		return string(v.ID)
	})
}

// Buildings reads all houses. See [Client.Customers].
func (c *Client) Buildings(ctx context.Context) iter.Seq2[Building, error] {
	return all(func(row int) (List[Building], error) { return c.ListBuildings(ctx, row) })
}

// ListOrders reads a page of orders: GET orders.
func (c *Client) ListOrders(ctx context.Context, q OrderQuery) (List[Order], error) {
	if q.Created != (Days{}) && q.Updated != (Days{}) {
		return List[Order]{}, &pms.APIError{Vendor: vendor, Op: "ListOrders", Kind: pms.ErrInvalid, Message: "give Created or Updated, not both"}
	}
	return list(ctx, c, "ListOrders", "/orders", "order", q.values(), keepOrder)
}

func keepOrder(v *Order, raw json.RawMessage) string {
	v.Raw = raw
	return string(v.ID)
}

// Orders reads all orders that the query selects. See [Client.Customers].
func (c *Client) Orders(ctx context.Context, q OrderQuery) iter.Seq2[Order, error] {
	return all(func(row int) (List[Order], error) {
		q.FromRow = row
		return c.ListOrders(ctx, q)
	})
}

// GetOrder reads one order: GET orders/{id}. An id that the organisation does
// not have is [pms.ErrNotFound].
func (c *Client) GetOrder(ctx context.Context, id string) (Order, error) {
	resp, err := c.do(ctx, rest.Call{Op: "GetOrder", Path: "/orders/" + url.PathEscape(id)})
	if err != nil {
		return Order{}, err
	}
	var order Order
	if err := resp.Decode(&order); err != nil {
		return Order{}, err
	}
	if keepOrder(&order, resp.Body) == "" {
		return Order{}, resp.Unreadable("no order in the answer", nil)
	}
	return order, nil
}

// CheckCredentials logs in, if need be, and reads the first buildings.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.do(ctx, rest.Call{Op: "CheckCredentials", Path: "/buildings", Query: filters(0, nil)})
	return err
}

func list[T any](ctx context.Context, c *Client, op, path, record string, query url.Values, keep func(*T, json.RawMessage) string) (List[T], error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: path, Query: query})
	if err != nil {
		return List[T]{}, err
	}
	var page struct {
		Items   wire.Records `json:"items"`
		NextRow pms.Text     `json:"nextRow"`
	}
	if err := resp.Decode(&page); err != nil {
		return List[T]{}, err
	}
	next, err := strconv.Atoi(string(page.NextRow))
	if page.Items == nil || err != nil {
		return List[T]{}, resp.Unreadable("no items or no nextRow in the answer", nil)
	}
	if from, err := strconv.Atoi(query.Get("fromRow")); err != nil || next != End && next <= from {
		return List[T]{}, resp.Fail(rest.Fault{Kind: pms.ErrBadCursor, Message: "nextRow stands still"})
	}
	decoded := wire.DecodeAll(vendor, record, page.Items, keep)
	return List[T]{Items: decoded.Items, Failed: decoded.Failed, Next: next}, nil
}

// all reads pages until the last one.
func all[T any](page func(row int) (List[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		for row := 0; row != End; {
			list, err := page(row)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, item := range list.Items {
				if !yield(item, nil) {
					return
				}
			}
			for _, bad := range list.Failed {
				if !yield(zero, bad) {
					return
				}
			}
			row = list.Next
		}
	}
}

// do sends a call when its turn has come.
func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, &pms.APIError{Vendor: vendor, Op: call.Op, Err: ctx.Err()}
	}
	call.Header = c.header()
	return c.rest.Do(ctx, call)
}

func (c *Client) header() http.Header {
	header := http.Header{}
	header.Set("AppName", c.cfg.AppName)
	if c.cfg.TimeZone != "" {
		header.Set("TimeZone", c.cfg.TimeZone)
	}
	return header
}

// login exchanges the credentials for a token: POST auth. Its life is not known.
func (c *Client) login(ctx context.Context) (rest.Token, error) {
	resp, err := c.rest.Do(ctx, rest.Call{
		Op: "Authenticate", Method: http.MethodPost, Path: "/auth", Header: c.header(), Read: true, Anonymous: true,
		JSON: struct {
			Email      string `json:"email"`
			Password   string `json:"password"`
			TenantName string `json:"tenantName"`
		}{c.cfg.Email, c.cfg.Password, c.cfg.TenantName},
	})
	// Bad credentials are answered with 400.
	var refused *pms.APIError
	if errors.As(err, &refused) && errors.Is(err, pms.ErrInvalid) {
		refused.Kind = pms.ErrUnauthorized
	}
	if err != nil {
		return rest.Token{}, err
	}
	var answer struct {
		Token pms.Text `json:"token"`
	}
	if err := resp.Decode(&answer); err != nil {
		return rest.Token{}, err
	}
	if answer.Token == "" {
		return rest.Token{}, resp.Unreadable("no token in the answer", nil)
	}
	return rest.Token{Value: string(answer.Token)}, nil
}

// putToken sends the token without "Bearer".
func putToken(req *http.Request, token string) { req.Header.Set("Authorization", token) }

// classify reads the sentences with which the API refuses a request.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if status < 400 {
		return nil
	}
	var refusal struct {
		UserMessages wire.List[pms.Text] `json:"userMessages"`
	}
	if err := json.Unmarshal(body, &refusal); err != nil || len(refusal.UserMessages) == 0 {
		return nil
	}
	var sentences []string
	for _, message := range refusal.UserMessages {
		sentences = append(sentences, string(message))
	}
	return &rest.Fault{Message: strings.Join(sentences, "; ")}
}
