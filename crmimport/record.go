package crmimport

import (
	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// Kind says what a record is.
type Kind string

// The kinds of records, in the order in which a file brings them.
const (
	KindPlace   Kind = "place"
	KindClient  Kind = "client"
	KindAccount Kind = "account"
)

// Record is one record of a file: of Place, Client and Account the one that
// Kind names is not nil.
type Record struct {
	Kind Kind
	// Line and Column are where the record begins, from 1.
	Line, Column int

	Place *Place
	// Client has its phone as the file writes it, in Phone.Raw.
	Client  *cleaning.ClientRecord
	Account *Account
}

// ID is the external id of the record.
func (r Record) ID() cleaning.ExternalID {
	switch {
	case r.Place != nil:
		return r.Place.ExternalID
	case r.Client != nil:
		return r.Client.ExternalID
	case r.Account != nil:
		return r.Account.ExternalID
	}
	return cleaning.ExternalID{}
}

// Place is a premise: a flat, a parking space, a store room. A nil field was
// not stated and leaves what is stored; an empty text clears it.
type Place struct {
	ExternalID cleaning.ExternalID `json:"externalId"`
	// Type may be empty: not stated.
	Type PlaceType `json:"type,omitzero"`
	// BuildingID is an external id of the same source.
	BuildingID    *string `json:"buildingExtId,omitempty"`
	Address       *string `json:"address,omitempty"`
	FIASHouseGUID *string `json:"fiasHouseGuid,omitempty"`
	// Number is never empty.
	Number   string  `json:"number"`
	Entrance *string `json:"entrance,omitempty"`
	// Floor and Rooms are whole numbers.
	Floor *string `json:"floor,omitempty"`
	Rooms *string `json:"rooms,omitempty"`
	// TotalArea and LivingArea are decimals, in square metres.
	TotalArea  *string `json:"totalArea,omitempty"`
	LivingArea *string `json:"livingArea,omitempty"`
}

// PlaceType is the kind of a premise.
type PlaceType string

// The types of premises. One that is created from a record without type is a
// flat.
const (
	Flat       PlaceType = "flat"
	Apartment  PlaceType = "apartment"
	House      PlaceType = "house"
	Commercial PlaceType = "commercial"
	Parking    PlaceType = "parking"
	Storage    PlaceType = "storage"
	OtherPlace PlaceType = "other"
)

// Account is a personal account (лицевой счёт), the billing account of a
// premise. A nil field was not stated and leaves what is stored; a zero date
// and an empty text clear it.
type Account struct {
	ExternalID cleaning.ExternalID `json:"externalId"`
	// Number is as printed on the bill, leading zeros and all, never empty.
	Number string              `json:"number"`
	Place  cleaning.ExternalID `json:"place"`
	// Clients are added to those of the stored account.
	Clients          []cleaning.ExternalID `json:"clients,omitempty"`
	OpenedOn         *pms.Date             `json:"openedOn,omitempty"`
	ClosedOn         *pms.Date             `json:"closedOn,omitempty"`
	GISUnifiedNumber *string               `json:"gisUnifiedNumber,omitempty"`
}
