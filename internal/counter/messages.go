package counter

// Keys of what the desk says to people. The screens have the words.
const (
	nextPutCard       = "next.put-card"
	nextPutBack       = "next.put-same-card-back"
	nextMinorsCard    = "next.put-minors-card"
	nextPlugReader    = "next.plug-reader"
	nextFreeReader    = "next.close-other-program"
	nextPassword      = "next.type-can-or-mrz"
	nextWrongPassword = "next.wrong-can-or-mrz"
	nextNeedsMRZ      = "next.this-card-needs-mrz"
	nextWait          = "next.wait"
	nextSlow          = "next.card-is-slow"
	nextAsk           = "next.holder-answers"
	nextCompare       = "next.compare-photo"
	nextHandBack      = "next.hand-card-back"
	nextRefused       = "next.card-refused"
	nextInconclusive  = "next.card-inconclusive"
	nextNotPermitted  = "next.card-not-for-this-desk"
	nextNoMatch       = "next.person-does-not-match"
	nextUnsure        = "next.ask-a-colleague"
	nextHolderRefused = "next.holder-refused"
	nextCancelled     = "next.cancelled"
	nextStartAgain    = "next.start-again"

	failTimeout    = "failure.nobody-acted"
	failOtherCard  = "failure.other-card"
	failSameCard   = "failure.guardians-card-twice"
	failYoung      = "failure.guardian-is-a-minor"
	failTries      = "failure.too-many-tries"
	failBlocked    = "failure.password-blocked"
	failSlow       = "failure.card-too-slow"
	failUnreadable = "failure.card-unreadable"
	failUnsteady   = "failure.contact-keeps-breaking"
	failJudge      = "failure.cannot-judge"
	failStopped    = "failure.desk-stopped"

	photoUnreadable = "photo.unreadable"
	photoNone       = "photo.not-on-card"
)

// Messages lists every key that a transaction may have in Next, Failure or
// NoPhoto.
func Messages() []string {
	return []string{
		nextPutCard, nextPutBack, nextMinorsCard, nextPlugReader, nextFreeReader, nextPassword, nextWrongPassword, nextNeedsMRZ,
		nextWait, nextSlow, nextAsk, nextCompare, nextHandBack, nextRefused, nextInconclusive, nextNotPermitted, nextNoMatch,
		nextUnsure, nextHolderRefused, nextCancelled, nextStartAgain,
		failTimeout, failOtherCard, failSameCard, failYoung, failTries, failBlocked, failSlow, failUnreadable, failUnsteady,
		failJudge, failStopped,
		photoUnreadable, photoNone,
	}
}
