// Package web draws the desk of package counter in a browser on the same
// machine: one screen for the clerk, one for the citizen.
//
// # Whose state
//
// The desk's. A page is drawn from the transaction as it stands, so that reload
// and the back button show what is, and nothing that a page holds is ever
// believed. An event stream brings each page its regions anew whenever the
// transaction changes; the script on the page swaps those that differ. Buttons
// are forms, which work without the script too.
//
// A clerk's page belongs to a reader (or to "whichever is free"), and a
// citizen's screen to the reader of the page that opened it.
//
// # What is shown
//
// The card's verdict first, then the photo, then each field with the check that
// vouches for it. The citizen's screen never shows the holder's data: it stands
// where the next in the queue can see it.
//
// The photo has an address that nobody guesses, new for each transaction, which
// answers as long as the desk holds the photo and not a moment longer.
//
// Package guard stands before everything here; package words has the texts.
package web
