// Package persona keeps people who do not exist and the cards that were made for
// them, as data.
//
// A [Persona] is a YAML file: a person, a document, a chip and how the issuer
// signed. [Persona.Card] plays the personalisation centre. It encodes every data
// group, draws the portrait, derives the chip's keys from the persona's name and
// has the specimen country of pki/specimen sign the result; the same file gives
// the same card everywhere. What the public record does not say about the real
// card, each persona varies in its own way, and each declares what a correct
// inspection answers: docs/personas.md lists them, docs/persona.schema.json says
// what may stand in a file. [Generate] makes as many more as are wanted, from a
// seed; [Template] is a file to start from.
//
// A [Card] has no behaviour: it is what a chip holds. A test that needs a
// dishonest card changes it before handing it to the simulator:
//
//	card.Files[lds.DG1][20] ^= 1             // content that its hash denies
//	delete(card.Files, lds.DG14)             // a file that EF.SOD lists, hidden
//	card.ChipKeys[0].Private = anotherKey    // a copy without the chip's key
//	card.ActiveKey = card.ActiveKey.Other()  // a copy that signs with a key of its own
//
// Files of one Card are shared with no other, so nothing needs to be put back.
//
// All persons are named SPECIMEN, document numbers begin with ZZZ and national
// numbers with Z0 or ZZ0. [FromDir] makes a card from a dump of someone's files; such
// a dump has no private keys, and a real person's has no place in this project.
package persona
