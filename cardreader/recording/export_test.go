package recording

// AnyOrder makes the player answer as a [Virtual] card does, for the contract,
// which asks in an order of its own.
func (p *Player) AnyOrder() { p.script.anyOrder = true }
