// Package remonline connects to RemOnline (now RO App, roapp.io), a CRM of
// service firms: orders, clients, stock and cash. Property managers use it for
// repairs and maintenance.
//
// # System
//
// RemOnline is not a PMS: it has no reservations and no listings, so there is
// no [pms.Connector] here. An order is the deal, a location (branch) the
// place, and an order status the stage of a funnel.
//
// On top of the native calls of [Client] stand values that a host stores as
// JSON:
//
//   - [Filter]: which orders count. [BoundFilter.Explain] says which conditions
//     the vendor applies.
//   - [Funnel]: statuses in named containers with markers.
//   - [Calculation]: cost and amount as expressions over the fields of an order.
//
// [Deals] puts them together into a sequence of [Deal], and [Summarize] into
// the rows of a report.
//
// # Access
//
// Settings > API in the web app shows the key. It belongs to an employee and
// has that employee's rights.
//
// # Authentication and limits
//
// API v2 with the key as bearer token, 3 requests a second, 50 rows a page. A
// sandbox of the vendor is not known; package remonlinetest is an offline one.
//
// # Quirks
//
//   - An order has no cost. The cost of its items takes one more call per
//     order, which [Deals] makes only for expressions that need it.
//   - Money comes as decimal text and is never a float here. The field
//     estimated_price is free text, often a range such as "4000-4500".
//   - Lists come in an envelope or as a bare array.
//   - Orders are paged by number while they change. [Orders] walks them by
//     modified_at, so that none is passed over.
//   - A deleted order vanishes from the list; only the webhook tells.
//   - The webhook signs the id of a delivery, not its body: see
//     [Client.ParseWebhook].
//   - Status names are free text per account; only the group has a meaning.
//
// # Evidence
//
// Paths, filters, limits and webhooks: the vendor's reference
// (roapp.readme.io), grade A. Fields of orders, items and pages: independent
// clients that agree, grade B. What is known from one client alone is called
// unverified. The token API of old (api.remonline.app, token/new) is out of
// support since 2026-09-01 and not served. Checked 2026-11-21.
package remonline
