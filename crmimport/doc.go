// Package crmimport brings clients, premises and personal accounts from
// accounting systems into a CRM, the way property-management companies in
// Russia do with Domyland (Домиленд): from XML or JSON files behind FTP paths
// and links, on a schedule, merged by the rules of [cleaning.MatchClient].
//
// # Parts
//
// Each part works without the others:
//
//   - [Read], [ReadXML] and [ReadJSON] read a file record by record with flat
//     memory; a [Layout] describes the files of another vendor.
//   - [ParseAddresses] and the sources [Links], [Directory] and, in the package
//     ftpsource, FTP.
//   - [Importer] runs the import of an organisation's [Settings] into its
//     [Store] and makes a [Report].
//   - [Schedule] is the five fields of the settings page; [Timetable.Next] says
//     when the next run is due.
//   - [Handler] takes records that another system pushes as JSON.
//
// The package domyland beside it is a client of the CRM's own API.
//
// # Runs
//
// Files are taken in order. The first error stops a run, and what was imported
// before it stays: a run is no transaction, but every record is whole or not at
// all, and a run of the same files again changes nothing. By default a file is
// read twice, once to check it and once to apply it, so that a file that is cut
// off, still being written, or has a bad record changes nothing either; then
// only the matching rules, a link to a premise or client that nobody knows, and
// the store itself can stop a run in the middle of a file.
//
// # The format
//
// The vendor publishes the rules and the settings, not the layout of the files.
// The layouts of this package, [XMLLayout] and [JSONLayout], version 1, are a
// proposal of its own:
//
//	<import version="1" source="1c-main" generatedAt="2026-03-01T02:40:00+03:00">
//	  <places>
//	    <place extId="P-1001" type="flat">
//	      <buildingExtId>B-7</buildingExtId> <address>…</address> <number>12</number>
//	      <entrance>1</entrance> <floor>3</floor> <rooms>2</rooms>
//	      <totalArea>54.30</totalArea> <livingArea>31.80</livingArea>
//	    </place>
//	  </places>
//	  <clients>
//	    <client extId="C-501" kind="person">
//	      <lastName>…</lastName> <firstName>…</firstName> <middleName>…</middleName>
//	      <phoneNumber>8 (903) 555-01-02</phoneNumber> <email>…</email>
//	      <place extId="P-1001" role="owner" share="1/2"/>
//	    </client>
//	  </clients>
//	  <accounts>
//	    <account extId="A-90001">
//	      <number>0040012</number> <placeExtId>P-1001</placeExtId>
//	      <clientExtId>C-501</clientExtId> <openedOn>2019-05-01</openedOn>
//	    </account>
//	  </accounts>
//	</import>
//
// Premises stand before the clients and accounts that name them. A field that is
// missing leaves what is stored, an empty one clears it. In JSON attributes are
// keys, and the lists are places, clients, accounts, places of a client and
// clientExtIds of an account.
//
// # Evidence
//
// Rules, settings, schedule and the stop at the first error: the vendor's help
// page (help.domyland.ru/places_clients), grade A. What it leaves open is
// decided where it is documented here. The layout of files and the form of
// [Handler]: our own. Checked 2026-11-21.
package crmimport
