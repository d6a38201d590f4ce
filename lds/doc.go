// Package lds holds the nouns of an electronic identity document: the files of
// the Logical Data Structure of ICAO Doc 9303-10 as Go values. Bytes go in,
// values come out, and values encode back to the same bytes. Nothing here talks
// to a card and nothing here judges one.
//
// # Shapes
//
// A [File] names an elementary file. EF.COM becomes a [Common], EF.SOD is
// unwrapped by [ParseSOD] to the CMS message whose content is a
// [SecurityObject]. EF.CardAccess, EF.CardSecurity and DG14 all hold
// [SecurityInfos]. DG1 is an [MRZ], DG2 a list of [Face], DG5 and DG7 lists of
// [Picture], DG11 is [PersonalDetails], DG12 is [DocumentDetails], DG15 a public
// key and DG16 [PersonsToNotify]. EF.ATR/INFO is [Capabilities], EF.DIR a list of
// [Application], EF.CVCA a list of names. Of DG3, DG4, DG6, DG8 … DG10 and DG13
// only the frame is standardised, or anybody's business: [ParseOpaque] and
// [ParseFeatures] take that off.
//
// # What is forgiven
//
// Structure is strict: a length that does not add up, a check digit that does
// not fit, a data group named twice make an error, always a [*FileError] that
// names the file and never repeats its content. Text is forgiving: names and
// addresses in DG11 and DG12 are printed by many hands, so bytes that are not
// UTF-8, dates that are no dates and unlisted tags are reported in a Deviations
// list beside the values that could be read.
//
// # Bounds
//
// Every parser is linear in its input, keeps slices of it instead of copies
// where it can, and caps what it counts: 64 SecurityInfos, 16 data group hashes,
// 8 faces, 9 displayed pictures, 15 persons to notify, 16 applications, 64 objects
// in DG11 or DG12, 32 entries of a repeated field, 4 KiB for a text, 16 MiB for any
// length field (see apdu/tlv).
package lds
