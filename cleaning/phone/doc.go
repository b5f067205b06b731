// Package phone brings phone numbers into the form in which clients are
// matched, E.164.
//
// github.com/nyaruka/phonenumbers/v2, a port of Google's libphonenumber, judges
// what is a number. The usual spellings, such as "8 (912) 345-67-89" in Russia
// and "+375 29 123-45-67" anywhere, are read by automata made of the same
// metadata, some hundred times faster and with the same result.
//
// The metadata change with the releases of the library: another version may
// find numbers valid that were not.
package phone
