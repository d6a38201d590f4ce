package pades

import (
	"fmt"
	"io"
	"slices"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pdf"
	"cnie/pki/cms"
)

// Validate judges every signature and document timestamp that the document
// shows. The error is adsig.ErrPolicy, or package pdf's for a file that cannot
// be read.
func Validate(r io.ReaderAt, size int64, p adsig.Policy) (Document, error) {
	var d Document
	if err := p.Check(); err != nil {
		return d, err
	}
	f, err := pdf.Open(r, size)
	if err != nil {
		return d, err
	}
	all, err := signatures(r, f)
	if err != nil {
		return d, fmt.Errorf("look for signatures: %w", err)
	}
	j := &judge{policy: p, stamps: map[*found]adsig.Stamp{}, reports: map[*found]adsig.StampReport{}}
	if j.store, err = readStore(f); err != nil {
		return d, err
	}
	placed := map[*found]placement{}
	for _, s := range all {
		placed[s] = place(f, s)
		j.prepare(s, placed[s])
	}
	if err := j.judgeStamps(all); err != nil {
		return d, err
	}
	for _, s := range all {
		if s.stamp() {
			d.Timestamps = append(d.Timestamps, j.timestamp(s, placed[s]))
			continue
		}
		report, err := j.signature(all, s, placed[s])
		if err != nil {
			return d, err
		}
		d.Signatures = append(d.Signatures, report)
	}
	return d, nil
}

// judge has what all signatures of a document share.
type judge struct {
	policy  adsig.Policy
	store   *store
	stamps  map[*found]adsig.Stamp // the document timestamps that cover something
	reports map[*found]adsig.StampReport
	lent    [][]byte // certificates that came with signatures
	memory  adsig.Memory
}

// prepare makes a timestamp's proof. It covers what the security store held in
// its own revision, and the timestamps before it.
func (j *judge) prepare(s *found, p placement) {
	if p.signed == nil {
		return
	}
	token, err := s.message()
	if err != nil {
		return
	}
	if !s.stamp() {
		j.lend(token)
		return
	}
	stamp := adsig.Stamp{Token: token, Digests: s.sums.digest}
	if held, err := readStore(p.signed); err == nil {
		stamp.Covers = held.all()
	}
	for earlier, other := range j.stamps {
		if earlier.end <= s.end {
			stamp.Covers = append(stamp.Covers, other.Token)
		}
	}
	j.stamps[s] = stamp
}

// lend keeps a signature's certificates: who stamped the document may have been
// certified by the same issuers.
func (j *judge) lend(message []byte) {
	sd, err := cms.Parse(message)
	if err != nil {
		return
	}
	for _, c := range sd.Certificates {
		j.lent = append(j.lent, c.Raw)
	}
}

// input is what stands beside a message that ends somewhere in the file, with
// the timestamps over it.
func (j *judge) input(all []*found, end int64) adsig.Input {
	in := adsig.Input{Certificates: j.store.certs.raw, Lists: j.store.lists.raw, Responses: j.store.responses.raw, Memory: &j.memory}
	for _, later := range all {
		if stamp, ok := j.stamps[later]; ok && later.end > end {
			in.Stamps = append(in.Stamps, stamp)
		}
	}
	return in
}

// signature judges one signature: what it covers first, for whatever else holds
// means nothing without.
func (j *judge) signature(all []*found, s *found, p placement) (Report, error) {
	report := Report{Place: p.Place, Stated: s.claimed(), Name: s.text("Name"), Reason: s.text("Reason"), Location: s.text("Location")}
	report.At, report.Proven = j.policy.At, j.policy.At
	report.Format, report.Checks = s.format(), p.checks
	if p.signed == nil {
		return report, nil
	}
	message, err := s.message()
	if err != nil {
		report.Checks = append(report.Checks, check(CheckRange, pki.Failed, adsig.FormatFailure, "%v", err))
		report.Scope = Nothing
		return report, nil
	}
	in := j.input(all, s.end)
	in.Message, in.Digests, in.Profile = message, s.sums.digest, s.profile(message)
	judged, err := adsig.Validate(in, j.policy)
	if err != nil {
		return report, err
	}
	report.Report = judged[0]
	report.Checks = slices.Concat(p.checks, adsig.Checks{s.profileCheck(len(judged))}, judged[0].Checks)
	if report.Format != FormatPAdES {
		report.Level = 0
	}
	return report, nil
}

// judgeStamps judges the document timestamps, all at once: the later ones prove
// the earlier.
func (j *judge) judgeStamps(all []*found) error {
	in := j.input(all, 0)
	in.Certificates = slices.Concat(in.Certificates, j.lent)
	judged, err := adsig.ValidateStamps(in, j.policy)
	for _, s := range all {
		if _, covers := j.stamps[s]; covers && len(judged) > 0 {
			j.reports[s], judged = judged[0], judged[1:]
		}
	}
	return err
}

func (j *judge) timestamp(s *found, p placement) Timestamp {
	t := Timestamp{Place: p.Place, StampReport: j.reports[s]}
	t.Kind, t.Checks = adsig.DocumentStamp, slices.Concat(p.checks, t.Checks)
	return t
}

// The formats of signatures in PDF.
const (
	FormatPAdES = "PAdES"
	FormatCMS   = "PDF signature (CMS)" // of ISO 32000-1, before PAdES
)

func (s *found) format() string {
	if s.name("SubFilter") == "ETSI.CAdES.detached" {
		return FormatPAdES
	}
	return FormatCMS
}

// profile is whose rules on signed attributes count. Before PAdES a signing time
// was as good among them as in the file.
func (s *found) profile(message []byte) adsig.Profile {
	if s.format() == FormatPAdES {
		return adsig.PAdES
	}
	if sd, err := cms.Parse(message); err == nil && len(sd.Signers) == 1 {
		if properties, err := cades.Read(sd, 0); err == nil && properties.HasSigningTime {
			return adsig.CAdES
		}
	}
	return adsig.PAdES
}

// profileCheck holds the dictionary against EN 319 142-1 §6.3.
func (s *found) profileCheck(signers int) adsig.Check {
	fail := func(format string, args ...any) adsig.Check {
		return check(CheckProfile, pki.Failed, adsig.SigConstraintsFailure, format, args...)
	}
	switch sub := s.name("SubFilter"); {
	case sub != "ETSI.CAdES.detached" && sub != "adbe.pkcs7.detached":
		return check(CheckProfile, pki.Failed, adsig.FormatFailure, "signatures of the kind %q are not known here", sub)
	case signers != 1:
		return fail("the signature has %d signers, where one belongs", signers)
	case sub != "ETSI.CAdES.detached":
		return check(CheckProfile, pki.Warned, "", "a signature of the kind that came before PAdES")
	case s.claimed() == nil:
		return fail("the signature dictionary does not state a time")
	case s.dict["Cert"] != nil:
		return fail("a certificate stands in the signature dictionary, where it is not signed as the baseline asks")
	case s.name("Filter") == "":
		return fail("the signature dictionary names no filter")
	}
	return pass(CheckProfile, "as the baseline asks")
}
