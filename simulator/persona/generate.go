package persona

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Generate makes n people who do not exist, with a Moroccan identity card each,
// on which a correct inspection finds nothing wrong. The same seed gives the
// same people everywhere, in the same order however many are asked for. No two
// of the first ten million share a document number or a national number.
func Generate(seed uint64, n int) iter.Seq[*Persona] {
	return func(yield func(*Persona) bool) {
		for i := range uint64(max(n, 0)) {
			if !yield(citizen(seed, i)) {
				return
			}
		}
	}
}

// dice are the chances of one person. Everybody throws their own, so that nobody
// depends on who came before.
type dice struct{ *rand.Rand }

// among picks one; what stands there more often is picked more often.
func among[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// oneIn is true once in so many times.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// place puts the i-th of a seed somewhere among size places, each in one of its
// own: multiplying by a prime that does not divide size only changes the order.
func place(seed, i, size uint64) uint64 {
	const stride = 7_368_787
	start := rand.NewPCG(seed, 1<<63).Uint64() % size
	return (start + i%size*stride) % size
}

func citizen(seed, i uint64) *Persona {
	d := dice{rand.New(rand.NewPCG(seed, i))}
	issued := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(2*365))
	age := min(d.IntN(80), d.IntN(100)) // more young people than old
	years := 10
	if age < 12 {
		years = 5
	}
	p := &Persona{
		Name: fmt.Sprintf("s%d-%05d", seed, i+1), Summary: fmt.Sprintf("Citizen %d of seed %d", i+1, seed),
		Expect: Expect{Verdict: "accepted"},
		Document: Document{
			Code: among(d, "", "", "", "I"), Number: "ZZZ" + base36(place(seed, i, 36*36*36*36*36*36)),
			Issued: date(issued), Expires: date(issued.AddDate(years, 0, -1)), Authority: "SPECIMEN - NOT A REAL AUTHORITY",
		},
		Chip:   d.chip(),
		Issuer: Issuer{ByKeyID: d.oneIn(10), LDS18: d.oneIn(4), Curve: among(d, "", "", "", "brainpoolP256r1")},
	}
	p.Person = d.person(place(seed, i, combinations), issued.AddDate(-age, 0, -d.IntN(365)))
	p.Person.CIN = fmt.Sprintf("ZZ0%07d", place(seed, i, 10_000_000))
	p.Portrait = d.look(p.Person.Sex, age)
	if age >= 18 {
		p.PIV = &PIV{} // who is of age signs
	}
	return p
}

func base36(n uint64) string {
	s := strings.ToUpper(strconv.FormatUint(n, 36))
	return strings.Repeat("0", max(0, 6-len(s))) + s
}

func date(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// person gives a name by its number among all combinations of words.
func (d dice) person(number uint64, born time.Time) Person {
	words := uint64(len(givenWords))
	first, second, family := givenWords[number%words], givenWords[number/words%words], surnameWords[number/words/words]
	town := among(d, towns...)
	p := Person{
		Surname: "SPECIMEN " + family.latin, SurnameArabic: "نموذج " + family.arabic,
		GivenNames: first.latin, GivenNamesArabic: first.arabic,
		Birth: date(born), BirthPlace: []string{town.arabic, town.latin}, Sex: among(d, "F", "M"),
		Address: []string{strconv.Itoa(1+d.IntN(99)) + " RUE DU SPECIMEN", town.latin},
	}
	if second != first {
		p.GivenNames += " " + second.latin
		p.GivenNamesArabic += " " + second.arabic
	}
	switch d.IntN(40) { // what old registers did not record
	case 0:
		p.Birth = Date(born.Format("2006"))
	case 1:
		p.Birth = Date(born.Format("2006-01"))
	}
	return p
}

// chip varies what the public record leaves open.
func (d dice) chip() Chip {
	protocol := Protocol{
		Curve:  among(d, "P-256", "P-256", "P-256", "brainpoolP256r1", "P-384"),
		Cipher: among(d, "AES-128", "AES-128", "AES-256"),
	}
	key := protocol
	key.Explicit = d.oneIn(3)
	return Chip{
		CAN:  fmt.Sprintf("%06d", d.IntN(1_000_000)),
		PACE: []Protocol{protocol}, Authentication: []Protocol{key}, BAC: d.oneIn(8),
	}
}

// looks is how many portraits there are for each sex and age. People who look
// alike exist, and a portrait takes longer to draw than a card to sign.
const looks = 40

func (d dice) look(sex string, age int) Portrait {
	p := Portrait{Age: "adult"}
	switch {
	case age < 16:
		p.Age = "child"
	case age > 62:
		p.Age = "elder"
	}
	// From here on with the dice of that look.
	d = dice{rand.New(rand.NewPCG(uint64(d.IntN(looks)), uint64(p.Age[0])<<8|uint64(sex[0])))}
	p.Skin, p.Eyes, p.Clothes = among(d, skins...), among(d, "", "", "", "#5b6f4a", "#4f6a7d"), among(d, clothes...)
	p.Collar, p.Glasses = among(d, "", "", "shirt", "hood"), d.oneIn(4)
	if p.Hair = among(d, hairs...); p.Age == "elder" {
		p.Hair = among(d, greys...)
	}
	switch {
	case sex == "F" && p.Age == "child":
		p.Style = among(d, "long", "bun", "bob", "braids", "curly")
	case sex == "F":
		p.Style = among(d, "long", "bun", "bob", "braids", "curly", "scarf", "scarf")
	case p.Age == "child":
		p.Style = among(d, "short", "curly")
	default:
		p.Style = among(d, "short", "short", "curly", "receding", "bald")
		p.Beard, p.Moustache = d.oneIn(3), d.oneIn(4)
	}
	if p.Style == "scarf" {
		p.Hair = among(d, clothes...)
	}
	return p
}
