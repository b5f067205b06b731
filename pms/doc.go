// Package pms is the vocabulary of Changeover: the shared [Property] and
// [Booking] model, the [Connector] contract that every vendor implements, and
// the errors, pages, webhooks and links around it.
//
// It knows no vendor and opens no connection. A connector comes from a vendor
// package (bnovo.New, ical.New, ...) or, by name, from pms/catalog; everything
// else is a function of this package:
//
//	for b, err := range pms.Bookings(ctx, connector, pms.BookingQuery{From: from, To: to}) {
//		var bad *pms.RecordError
//		switch {
//		case errors.As(err, &bad):
//			logger.Warn("booking skipped", "err", bad)
//		case err != nil:
//			return err
//		default:
//			save(b)
//		}
//	}
//
// # Rules that hold for every connector
//
//   - A failed list is an error, never an empty list. One record that cannot
//     be read is a [RecordError]; the records around it are delivered.
//   - Every filter of a query is honoured: what the vendor cannot filter, the
//     connector filters itself.
//   - Calendar days are days in the property's zone. No zone is ever guessed.
//   - An unknown status or kind is [StatusUnknown] or [KindUnknown] with the
//     vendor's own word beside it.
//   - Blocks and owner stays are delivered with their [Kind], never dropped.
//   - Errors carry vendor, operation, status and request id, and no secret.
//
// The JSON names of the model are part of the contract of this module.
package pms
