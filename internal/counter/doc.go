// Package counter is a desk where a clerk, a citizen and a card meet, without
// any screen: package counter/web draws it.
//
// A [Desk] has readers, and each reader one transaction at a time. A transaction
// moves through states, and every state that waits for a person says in Next, by
// the key of a message, the one thing to do:
//
//	waiting-card → waiting-password → opening → asking → reading → judging → deciding → done
//
// or ends as refused-by-holder, cancelled or failed. A card that is pulled out
// leads back to waiting-card; the same card takes up where it was, which EF.SOD
// tells, and another one ends the transaction. The CAN or MRZ may come before the
// card, and is wiped when the last byte was read.
//
// # What is read when
//
// Opening reads what says something of the card and nothing of its holder:
// EF.CardAccess, EF.SOD, EF.DG14 and EF.DG15, and has the chip prove that it is
// an original. That alone is judged first. A card that is refused by then, or of
// which nothing could be released whatever else is on it (its issuer is unknown,
// it is no specimen at a desk for trying out), is done: nobody is asked and
// nothing is read. Only when the holder has agreed, or did not object where
// the basis is another than consent, are the data groups read that the purpose
// needs.
//
// The holder may answer as soon as a card was seen, while the chip is still
// proving itself: notice and question are shown from waiting-password on, and
// asking is the state in which everything else waits for the answer. A yes counts
// when the card has passed, and only for that card. A no counts at once and until
// the end: it takes back what is on the screen already.
//
// # What is shown when
//
// Holder, Photo and Answers are in a snapshot from deciding on, never before the
// holder agreed, only of a card that is accepted under every axis that the purpose
// requires, and only what the purpose allows. An entry of the ledger is durable
// before a report or a verdict is in a snapshot; when the ledger fails, Unrecorded
// says so beside it. The clerk's decision about the person is an entry of its own
// with the same transaction, and so is an early end: who looked at data and never
// decided leaves a trace.
//
// With a guardian there are two cards in a row, each with its own notice, answer,
// report and decision. The guardian's then stands in Guardian.
//
// Everything is wiped when the holder refuses, when the transaction is
// cancelled, fails or is closed, when the next one begins at the same reader, and
// when nobody touched it for a while. Watchers see that as the end of the
// sequence. A [Photo] is wiped in every snapshot there is; strings are left to
// the garbage collector.
package counter
