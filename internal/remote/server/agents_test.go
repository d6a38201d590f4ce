//go:build unix

package server

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

func TestTwoAgentsWithOneCredential(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	first := w.agent(h)
	require.NoError(t, first.join(""))
	require.ErrorIs(t, w.agent(h).join(""), gate.ErrTaken, "a second run of the same agent")
	namesake := *h
	namesake.agent = w.authority.agentCertificate("SPECIMEN AMINA", "12", "agent")
	require.ErrorIs(t, w.agent(&namesake).join(first.welcome.Session), gate.ErrTaken, "another agent, though it names the session")

	second := w.agent(h)
	require.NoError(t, second.join(first.welcome.Session), "the same agent, started anew")
	_, _, err := first.poll(t.Context(), 0, 0)
	require.ErrorIs(t, err, gate.ErrGone)
	_, _, err = second.poll(t.Context(), 0, 0)
	require.NoError(t, err)

	_, err = second.call(t.Context(), "DELETE", "/"+string(second.welcome.Session), nil)
	require.NoError(t, err)
	require.ErrorIs(t, w.agent(&namesake).join(""), gate.ErrNotNamed, "a namesake would be sent the documents of the first, who has left")
	require.NoError(t, w.agent(h).join(""), "who may come back")
}

func TestLeaseRunsOut(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	first := w.agent(h)
	require.NoError(t, first.join(""))
	w.clock.set(50 * time.Second)
	_, _, err := first.poll(t.Context(), 0, 0)
	require.NoError(t, err)
	w.clock.set(100 * time.Second)
	require.ErrorIs(t, w.agent(h).join(""), gate.ErrTaken, "it was heard of since")
	w.clock.set(120 * time.Second)
	require.NoError(t, w.agent(h).join(""))
	_, _, err = first.poll(t.Context(), 0, 0)
	require.ErrorIs(t, err, gate.ErrGone)
}

func TestWhoMayServeWhat(t *testing.T) {
	w, elsewhere := newWorld(t), newAuthority(t)
	amina, omar := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	issue := func(usage x509.KeyUsage, by *authority, organization string) *x509.Certificate {
		return by.issue(pkix.Name{Organization: []string{organization}, CommonName: "SPECIMEN AMINA"}, amina.key.Public(), usage)
	}
	for name, c := range map[string]struct {
		agent tls.Certificate
		leaf  *x509.Certificate
		want  error
	}{
		"its own":              {amina.agent, amina.leaf, nil},
		"somebody else's":      {amina.agent, omar.leaf, gate.ErrNotNamed},
		"of another authority": {amina.agent, issue(x509.KeyUsageContentCommitment, elsewhere, "SPECIMEN"), gate.ErrNotTrusted},
		"of another house":     {amina.agent, issue(x509.KeyUsageContentCommitment, w.authority, "OTHER"), gate.ErrNotNamed},
		"not for signing":      {amina.agent, issue(x509.KeyUsageKeyAgreement, w.authority, "SPECIMEN"), gate.ErrNotTrusted},
		"by a counter":         {w.authority.agentCertificate("SPECIMEN AMINA", "11", "counter"), amina.leaf, gate.ErrNotNamed},
		"by nobody's agent":    {w.authority.agentCertificate("SPECIMEN AMINA", "", "agent"), amina.leaf, gate.ErrNotNamed},
	} {
		t.Run(name, func(t *testing.T) {
			agent := w.agent(&holder{key: amina.key, leaf: c.leaf, agent: c.agent})
			require.ErrorIs(t, agent.join(""), c.want)
			if agent.welcome != nil {
				_, err := agent.call(t.Context(), "DELETE", "/"+string(agent.welcome.Session), nil)
				require.NoError(t, err)
			}
		})
	}
	t.Run("without a certificate", func(t *testing.T) {
		_, err := w.client().Get(w.agents.URL + gate.Root)
		require.Error(t, err)
	})
	t.Run("with one of another authority", func(t *testing.T) {
		_, err := w.client(elsewhere.agentCertificate("SPECIMEN AMINA", "11", "agent")).Get(w.agents.URL + gate.Root)
		require.Error(t, err)
	})
}

// An agent that did not get a response asks again, and another agent gets nothing.
func TestOrdersComeAgain(t *testing.T) {
	w := newWorld(t)
	amina, omar := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	agent, other := w.agent(amina), w.agent(omar)
	require.NoError(t, agent.join(""))
	require.NoError(t, other.join(""))
	p := w.program()
	asked := make(chan answer)
	go func() { asked <- p.authorizeHashes(amina.id, hashesOf("one")...) }()
	orders, batch, err := agent.poll(t.Context(), 20, 0)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	assert.Equal(t, "A program on this machine", orders[0].Requester.Name)
	again, _, err := agent.poll(t.Context(), 0, 0)
	require.NoError(t, err)
	assert.Equal(t, orders, again)
	none, _, err := agent.poll(t.Context(), 0, batch)
	require.NoError(t, err)
	assert.Empty(t, none)
	yes := order.Answer{Version: 1, Order: orders[0].ID, Outcome: order.Consented}
	require.ErrorIs(t, other.answer(t.Context(), yes), gate.ErrUnknown, "somebody else's consent")
	require.ErrorIs(t, agent.answer(t.Context(), order.Answer{Version: 1, Order: orders[0].ID, Outcome: order.Signed, Values: [][]byte{{1}}}), gate.ErrMalformed, "signed before anybody agreed")
	require.NoError(t, agent.answer(t.Context(), yes))
	require.NoError(t, agent.answer(t.Context(), yes))
	require.ErrorIs(t, agent.answer(t.Context(), order.Refuse(orders[0].ID, order.ByHolder)), gate.ErrAnswered)
	assert.NotEmpty(t, (<-asked).SAD)
	require.ErrorIs(t, agent.answer(t.Context(), order.Refuse(order.NewID(), order.Lost)), gate.ErrUnknown)
}

// An agent that dies while it signs is asked, when it is back, what became of it.
func TestAgentComesBack(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	first := w.agent(h)
	require.NoError(t, first.join(""))
	p := w.program()
	granted := make(chan answer)
	go func() { granted <- p.authorizeHashes(h.id, hashesOf("one")...) }()
	orders, batch, err := first.poll(t.Context(), 20, 0)
	require.NoError(t, err)
	require.NoError(t, first.answer(t.Context(), first.agree(orders[0])))
	sad := (<-granted).SAD
	signed := make(chan answer)
	go func() { signed <- p.call(methodHash, signHashOf(h.id, sad, ecdsaSHA256, hashesOf("one")...)) }()
	orders, _, err = first.poll(t.Context(), 20, batch)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	made := first.agree(orders[0])

	second := w.agent(h)
	require.NoError(t, second.join(first.welcome.Session))
	assert.Equal(t, []order.ID{orders[0].ID}, second.welcome.Open)
	none, _, err := second.poll(t.Context(), 0, 0)
	require.NoError(t, err)
	assert.Empty(t, none, "it is not told to sign again")
	require.NoError(t, second.answer(t.Context(), made), "from its record")
	assert.Equal(t, made.Values, (<-signed).Signatures)
}

func TestAgentsAreToldWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	agent := w.agent(w.authority.ecHolder("SPECIMEN AMINA", "11"))
	require.NoError(t, agent.join(""))
	session := "/" + string(agent.welcome.Session)
	for _, c := range []struct {
		verb, path, body string
		want             error
	}{
		{"POST", "", "{}", gate.ErrMalformed},
		{"POST", "", `{"version":1,"offers":[{"certificates":["AA=="],"hashes":true}]}`, gate.ErrMalformed},
		{"GET", session + "/orders", "", gate.ErrMalformed},
		{"GET", session + "/orders?wait=0&seen=-1", "", gate.ErrMalformed},
		{"GET", "/" + string(order.NewID()) + "/orders?wait=0&seen=0", "", gate.ErrGone},
		{"GET", session + "/orders/" + string(order.NewID()) + "/documents/0", "", gate.ErrUnknown},
		{"GET", session + "/orders/x/documents/-1", "", gate.ErrUnknown},
		{"POST", session + "/answers", "x", gate.ErrMalformed},
	} {
		_, err := agent.call(t.Context(), c.verb, c.path, []byte(c.body))
		assert.ErrorIs(t, err, c.want, "%s %s %s", c.verb, c.path, c.body)
	}
	response, err := agent.http.Get(agent.url() + "/csc/v2/info")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusNotFound, response.StatusCode, "agents have their own door")
}
