//go:build unix

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// A program that goes away before it has a handle asks nothing any more: the question
// is not put to the holder, or is taken back. One that waits is waited with.
func TestQuestionsAreWithdrawn(t *testing.T) {
	w := newWorld(t)
	a := w.agent(w.authority.ecHolder("SPECIMEN AMINA", "11"))
	require.NoError(t, a.join(""))
	p := w.program()
	waits := func(id order.ID) error {
		_, err := a.call(t.Context(), "GET", fmt.Sprintf("/%s/orders/%s", a.welcome.Session, id), nil)
		return err
	}
	in := object{"credentialID": a.holder.id, "numSignatures": 1, "hashes": hashesOf("one"), "hashAlgorithmOID": oidSHA256}
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := p.try(ctx, methodAuthorize, in)
		left <- err
	}()
	orders, batch, err := a.poll(t.Context(), 5, 0)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.NoError(t, waits(orders[0].ID))
	leave()
	require.Error(t, <-left)
	require.Eventually(t, func() bool { return errors.Is(waits(orders[0].ID), gate.ErrAnswered) }, 5*time.Second, 10*time.Millisecond)
	assert.ErrorIs(t, a.answer(t.Context(), a.agree(orders[0])), gate.ErrAnswered, "a yes that came too late")

	go func() { p.call(methodAuthorize, in) }()
	orders, _, err = a.poll(t.Context(), 5, batch)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	time.Sleep(authorizeWait + 200*time.Millisecond)
	assert.NoError(t, waits(orders[0].ID), "its handle was given out")
	assert.ErrorIs(t, waits("aaaaaaaaaaaaaaaaaaaaaaaaaa"), gate.ErrUnknown)
	other := w.agent(w.authority.ecHolder("SPECIMEN OMAR", "12"))
	require.NoError(t, other.join(""))
	_, err = other.call(t.Context(), "GET", fmt.Sprintf("/%s/orders/%s", other.welcome.Session, orders[0].ID), nil)
	assert.ErrorIs(t, err, gate.ErrUnknown, "it is another agent's")
}

// A token for one credential opens nothing of another.
func TestTokenOfAnotherCredential(t *testing.T) {
	w := newWorld(t)
	amina, omar := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	w.agent(amina).start()
	require.NoError(t, w.agent(omar).join(""))
	p := w.program()
	in := signHashOf(amina.id, p.authorizeHashes(amina.id, hashesOf("one")...).SAD, ecdsaSHA256, hashesOf("one")...)
	require.Equal(t, http.StatusOK, p.call(methodHash, in).Status)
	request := p.call(methodHash, in).Response
	handle := p.call(methodAuthorize, object{"credentialID": omar.id, "numSignatures": 1, "hashes": hashesOf("one"), "hashAlgorithmOID": oidSHA256}).Handle
	for id, want := range map[order.Credential][2]string{omar.id: {"Invalid parameter requestID", ""}, amina.id: {"", "Invalid parameter handle"}} {
		token, _, err := w.server.access.Issue(sampleClient, id, w.server.now())
		require.NoError(t, err)
		p.token = token
		got := [2]string{p.call(methodPoll, object{"requestID": request}).Text, p.call(methodCheck, object{"handle": handle}).Text}
		assert.Equal(t, want, got)
	}
}
