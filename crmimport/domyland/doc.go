// Package domyland is a client of the API of Domyland (Домиленд, domyland.ru), a
// CRM and resident app for property-management companies in Russia: customers,
// premises, buildings and orders. What is imported into the CRM from accounting
// systems is the affair of the package crmimport.
//
// # Access
//
// The API takes the e-mail, password and tenant name of a staff account. There
// is no sign-up for developers.
//
// # Authentication and limits
//
// E-mail and password are exchanged for a token, which is sent as it is, without
// "Bearer". Its life is not known: a 401 makes the client log in once more. The
// header AppName is part of every request. Limits are not known either, so the
// client sends one request at a time and waits after 429 and 5xx.
//
// # Quirks
//
//   - Lists are paged by row: the answer's nextRow is the next fromRow, and -1
//     is the end. The size of a page is the server's.
//   - Stamps are Unix seconds; filters by date are "DD.MM.YYYY-DD.MM.YYYY".
//   - The fields of a premise and of a building are not known: they come raw.
//
// # Evidence
//
// Two independent public clients that agree on login, headers and paging, grade
// B; the vendor's documentation (public-api.domyland.ru) could not be read. All
// of this package is unverified. Checked 2026-11-21.
package domyland
