package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for spec, want := range map[string]struct {
		name, arg string
		from      int
		after     time.Duration
	}{
		"clone":            {name: "clone"},
		"flip":             {name: "flip", arg: "dg1"},
		"flip=dg2":         {name: "flip", arg: "dg2"},
		"torn@30":          {name: "torn", from: 30},
		"torn@5s":          {name: "torn", after: 5 * time.Second},
		"slow=50ms@10":     {name: "slow", arg: "50ms", from: 10},
		"sm-status=6982@2": {name: "sm-status", arg: "6982", from: 2},
		"torn-other=child": {name: "torn-other", arg: "child"},
	} {
		f, err := Parse(spec)
		require.NoError(t, err, spec)
		assert.Equal(t, want.name, f.Kind.Name)
		assert.Equal(t, want.arg, f.Arg)
		assert.Equal(t, want.from, f.From)
		assert.Equal(t, want.after, f.After)
		again, err := Parse(f.String())
		require.NoError(t, err)
		assert.Equal(t, f, again)
	}
}

// Each mistake gets one sentence that says what to write instead.
func TestParseErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"clon":               `no such fault: "clon"; did you mean clone?`,
		"clnoe":              `no such fault: "clnoe"; did you mean clone?`,
		"sm-flip-chekcsum":   `no such fault: "sm-flip-chekcsum"; did you mean sm-flip-checksum?`,
		"":                   "no such fault: \"\"; `cnie-sim faults` lists those there are",
		"earthquake":         "no such fault: \"earthquake\"; `cnie-sim faults` lists those there are",
		"clone=2":            `fault clone: it takes no argument, so not "2"`,
		"flip=dg17":          `fault flip: "dg17" is not a file such as dg2`,
		"slow=fast":          `fault slow: "fast" is not a time such as 50ms from 1ms to 10s`,
		"slow=1h":            `fault slow: "1h" is not a time such as 50ms from 1ms to 10s`,
		"fussy-block=1000":   `fault fussy-block: "1000" is not a number from 128 to 255`,
		"sm-status=4242":     `fault sm-status: "4242" is not a status word such as 6A82`,
		"length=longest":     `fault length: "longest" is none of longer, shorter, huge, 60KB, 16MB, indefinite, reserved, none`,
		"photo-swapped=bach": `fault photo-swapped: "bach" is not a persona`,
		"clone@3":            `fault clone is made with the card, so it cannot begin at "3"`,
		"torn@":              `fault torn: @ is neither the number of a command, such as @30, nor a time, such as @5s`,
		"torn@0":             `fault torn: @0 is neither the number of a command, such as @30, nor a time, such as @5s`,
		"torn@-1":            `fault torn: @-1 is neither the number of a command, such as @30, nor a time, such as @5s`,
		"torn@2h":            `fault torn: @2h is neither the number of a command, such as @30, nor a time, such as @5s`,
	} {
		_, err := Parse(spec)
		require.Error(t, err, spec)
		assert.Equal(t, want, err.Error())
	}
	_, err := Parse("earthquake")
	assert.ErrorIs(t, err, ErrUnknown)
	_, err = Parse("flip=dg17")
	assert.NotErrorIs(t, err, ErrUnknown)
	_, err = Parse(string(make([]byte, maxSpec+1)))
	assert.EqualError(t, err, "a fault is written in 200 characters at most")
}

// Whatever is typed: a fault that says the same again, or one sentence.
func FuzzParse(f *testing.F) {
	for _, k := range All() {
		f.Add(k.Name)
	}
	for _, spec := range []string{"torn@30", "torn@5s", "slow=50ms@10", "flip=dg2", "clone=", "=", "@", "a=b@c@d", "sm-status=6988@0x10", "torn@\xff"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		fault, err := Parse(spec)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := Parse(fault.String())
		require.NoError(t, err)
		require.Equal(t, fault, again)
	})
}
