package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/secret"
	"cnie/lds"
)

// opening says how a card is opened, as it was typed. A PIN or PUK is never part
// of a command line, where other programs and the shell's history see it.
type opening struct {
	by         string // kind of password; "": whichever was given
	can, mrz   string
	document   lds.MRZKey
	useLastTry bool
}

func (o *opening) flags(f *pflag.FlagSet) {
	f.StringVar(&o.by, "password", "", "open the card with this `KIND` of password: can, mrz or pin (default: the one that was given, else the CAN); the PIN is asked for")
	f.StringVar(&o.can, "can", "", "card access `NUMBER`, six digits printed on the card")
	f.StringVar(&o.mrz, "mrz", "", "the machine-readable `LINES` on the back, joined or one below the other")
	f.StringVar(&o.document.DocumentNumber, "doc", "", "document `NUMBER`, with --birth and --expiry instead of --mrz")
	f.StringVar(&o.document.BirthDate, "birth", "", "date of birth, `YYMMDD`")
	f.StringVar(&o.document.ExpiryDate, "expiry", "", "date of expiry, `YYMMDD`")
	f.BoolVar(&o.useLastTry, "use-last-try", false, "give the PIN even when it would be blocked if it were wrong; a suspended one needs the CAN too")
}

// keys open a card. The CAN stands beside a PIN that the card suspended.
type keys struct {
	password, can access.Password
	spend         bool // the last try may be spent
}

// keys takes them from the arguments, or asks for the CAN or the PIN.
func (v *verification) keys(ctx context.Context) (keys, error) {
	byMRZ := v.mrz != "" || v.document != lds.MRZKey{}
	switch kind := strings.ToLower(v.by); {
	case kind == "pin" && byMRZ:
		return keys{}, usage("with --password pin give no MRZ; one way to open the card is enough")
	case kind == "pin":
		return v.holdersKeys(ctx)
	case kind == "puk":
		return keys{}, usage("a PUK opens no file of a card; `cnie card unblock` gives a blocked PIN its tries back with it")
	case kind == "can" && byMRZ, kind == "mrz" && v.can != "":
		return keys{}, usage("--password %s does not go with the other password that was given; one way to open the card is enough", kind)
	case kind == "mrz" && !byMRZ:
		return keys{}, usage("--password mrz needs --mrz LINES, or --doc, --birth and --expiry")
	case kind != "" && kind != "can" && kind != "mrz":
		return keys{}, usage("--password takes can, mrz or pin")
	case v.useLastTry:
		return keys{}, usage("--use-last-try belongs to --password pin; tries of a CAN or an MRZ are not counted")
	}
	password, err := v.printed(ctx)
	return keys{password: password}, err
}

// printed takes the CAN or MRZ key from the arguments, or asks for the CAN.
func (v *verification) printed(ctx context.Context) (access.Password, error) {
	ways := 0
	for _, given := range []bool{v.can != "", v.mrz != "", v.document != lds.MRZKey{}} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return access.Password{}, usage("give one of --can, --mrz, or --doc with --birth and --expiry; one way to open the card is enough")
	case v.mrz != "":
		zone, err := lds.ParseMRZ(v.mrz)
		if err != nil {
			return access.Password{}, usage("--mrz is not a whole machine-readable zone: %v; compare it with the card", err)
		}
		return access.MRZ(zone.Key())
	case v.document != lds.MRZKey{}:
		return access.MRZ(v.document)
	case v.can == "" && !v.interactive:
		return access.Password{}, usage("the card needs --can NUMBER, --mrz LINES, or --doc, --birth and --expiry to open")
	}
	return v.number(ctx)
}

// number is the CAN, asked for if it was not given.
func (v *verification) number(ctx context.Context) (access.Password, error) {
	if v.can != "" {
		return access.CAN(v.can)
	}
	fmt.Fprint(v.aside(), "CAN (six digits on the front of the card): ")
	typed := make(chan error, 1)
	go func() {
		_, err := fmt.Fscanln(v.stdin, &v.can)
		typed <- err
	}()
	select {
	case <-ctx.Done(): // a terminal cannot be stopped from reading, and the program ends
		fmt.Fprintln(v.stderr)
		return access.Password{}, ctx.Err()
	case err := <-typed:
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(v.stderr)
		}
		if err != nil {
			return access.Password{}, usage("a CAN has six digits; type it as it is printed")
		}
	}
	return access.CAN(v.can)
}

// holdersKeys asks the holder for the PIN, after asking the card whether one can
// be given and how often.
func (v *verification) holdersKeys(ctx context.Context) (k keys, err error) {
	if v.recorded != nil {
		return keys{}, usage("a trace lets whoever opens it find the PIN by trying, so none is recorded with it; open the card with --can")
	}
	who := v.sitting()
	if who == nil {
		return keys{}, typedOnly("PIN")
	}
	left, err := v.tries(ctx, v.reader, v.wait, access.KindPIN, v.caps)
	var refusal *access.PasswordError
	suspended := errors.As(err, &refusal) && refusal.State == access.PasswordSuspended
	if err != nil && (!suspended || !v.useLastTry) {
		return keys{}, err
	}
	if suspended {
		if v.can == "" && !v.interactive {
			return keys{}, usage("the PIN is suspended, and the CAN must come first; give --can NUMBER too")
		}
		v.say("The PIN is suspended. The CAN comes first, then its last try.")
		if k.can, err = v.number(ctx); err != nil {
			return keys{}, err
		}
	}
	k.spend = v.useLastTry
	k.password, err = ask(ctx, who, access.KindPIN, left)
	return k, err
}

// makers make passwords of what a person typed.
var makers = map[string]func(string) (access.Password, error){access.KindPIN: access.PIN, access.KindPUK: access.PUK}

// ask has a person type a PIN or PUK.
func ask(ctx context.Context, who person, kind string, left int) (access.Password, error) {
	question := kind + " of the card"
	switch {
	case left == 1:
		question += ", the last try"
	case left > 1:
		question += fmt.Sprintf(", %d tries are left", left)
	}
	typed, err := who.secret(ctx, question)
	if err != nil {
		return access.Password{}, err
	}
	return passwordOf(kind, typed)
}

func passwordOf(kind string, typed secret.Bytes) (access.Password, error) {
	defer typed.Wipe()
	password, err := makers[kind](string(typed.Reveal()))
	if err != nil {
		return access.Password{}, &failure{code: exitWrongPassword, sentence: "a " + kind + " of a card does not look like that, so it was not tried; it has digits only", cause: err}
	}
	return password, nil
}

// typedOnly is the sentence for a secret that nobody is there to type.
func typedOnly(kind string) error {
	return usage("the %s is typed by its holder at a terminal, and taken from nowhere else", kind)
}
