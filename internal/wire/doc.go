// Package wire reads the loose JSON that vendors send: ids that are numbers or
// strings, amounts with spaces, "" or [] or false where null is meant.
//
// Wire structs hold scalars as [Text], which decodes from anything and never
// fails, so that one odd field cannot fail a record, let alone a list. The
// parse functions turn a Text into a value when the record is mapped, where a
// bad one can be reported with the name of its field; [Fields] collects that.
package wire
