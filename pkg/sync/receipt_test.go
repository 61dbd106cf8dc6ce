package sync

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

var updateVectors = flag.Bool("update-vectors", false, "write the receipt vectors of testdata anew")

const goldenSize, goldenIndex = 7, 3

// goldenLog is the log that the files of testdata are made from; see
// testdata/README.md. Leaf goldenIndex is the submission of the receipt.
func goldenLog(tb testing.TB) *memoryLog {
	tb.Helper()
	l := newMemoryLog(tb, "golden", 0)
	for i := range goldenSize {
		e := Entry{
			At:    time.Date(2023, 12, 18, 9, 40+i, 0, 0, time.UTC),
			Actor: ActorOffice, Action: "message", Outcome: OutcomeOK, Note: fmt.Sprintf("leaf %d", i),
		}
		if i == goldenIndex {
			e = leafEntry()
		}
		l.append(tb, mustMarshalEntry(tb, e))
	}
	return l
}

// receipt makes the receipt of leaf i in the tree of the given size.
func (l *memoryLog) receipt(tb testing.TB, size, i int64) Receipt {
	tb.Helper()
	e, err := ParseEntry(l.leaves[i])
	if err != nil {
		tb.Fatal(err)
	}
	r, err := ReceiptFromEntry(e, i, FormatProof(l.prove(tb, size, i)))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func mustMarshalReceipt(tb testing.TB, r Receipt) []byte {
	tb.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// wantStep says whether raw fails at the step.
func wantStep(t *testing.T, name, step string, raw []byte, keys ...string) {
	t.Helper()
	_, leaf, err := VerifyReceipt(raw, keys...)
	var failure *VerifyError
	if !errors.As(err, &failure) || failure.Step != step {
		t.Errorf("%s: got %v, want step %s", name, err, step)
	}
	if !reflect.DeepEqual(leaf, Entry{}) {
		t.Errorf("%s: fails and yet gives a leaf", name)
	}
}

func goldenFile(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestGoldenVectors(t *testing.T) {
	l := goldenLog(t)
	r := l.receipt(t, goldenSize, goldenIndex)
	var indented bytes.Buffer
	if err := json.Indent(&indented, mustMarshalReceipt(t, r), "", "  "); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"receipt.json":   indented.String() + "\n",
		"proof.txt":      r.Proof,
		"checkpoint.txt": l.sign(t, l.head(t, goldenSize)),
		"leaf.json":      string(l.leaves[goldenIndex]),
		"key.txt":        l.verifier + "\n",
	} {
		if *updateVectors {
			if err := os.WriteFile(filepath.Join("testdata", name), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(goldenFile(t, name)); got != want {
			t.Errorf("%s is\n%s\nbut would be written as\n%s", name, got, want)
		}
	}
	key := strings.TrimSpace(string(goldenFile(t, "key.txt")))
	got, leaf, err := VerifyReceipt(goldenFile(t, "receipt.json"), key)
	if err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
	if !reflect.DeepEqual(leaf, leafEntry()) {
		t.Errorf("the leaf is %+v", leaf)
	}
}

// TestGoldenByHand computes the root and the signature of the vectors without
// tlog and note, from the words of RFC 6962, section 2.1, and C2SP signed-note.
func TestGoldenByHand(t *testing.T) {
	hash := rootByHand(goldenLog(t).leaves)
	text := "rileva/log/golden\n7\n" + base64.StdEncoding.EncodeToString(hash[:]) + "\n"

	note := string(goldenFile(t, "checkpoint.txt"))
	signature, ok := strings.CutPrefix(note, text+"\n— rileva/log/golden ")
	if !ok {
		t.Fatalf("%q does not begin with %q", note, text)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(signature, "\n"))
	if err != nil || len(raw) != 4+ed25519.SignatureSize {
		t.Fatalf("%q: %v", signature, err)
	}
	seed := make([]byte, 32)
	for i := range seed {
		seed[i] = byte(i)
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ed25519.Verify(public, []byte(text), raw[4:]) {
		t.Error("the signature is not of the key")
	}
	id := sha256.Sum256(append([]byte("rileva/log/golden\n\x01"), public...))
	if !bytes.Equal(raw[:4], id[:4]) {
		t.Errorf("key id %x, want %x", raw[:4], id[:4])
	}
}

// TestNothingButWhiteSpaceIsFree changes each bit, leaves out each byte, puts
// in a byte at each place and cuts at each place: the result is refused, or is
// the same receipt in other white space (contract, section 4).
func TestNothingButWhiteSpaceIsFree(t *testing.T) {
	golden := goldenFile(t, "receipt.json")
	key := strings.TrimSpace(string(goldenFile(t, "key.txt")))
	want, _, err := VerifyReceipt(golden, key)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, golden); err != nil {
		t.Fatal(err)
	}
	passed := 0
	try := func(name string, at int, changed []byte) {
		got, _, err := VerifyReceipt(changed, key)
		if err != nil {
			if got, ok := errors.AsType[*VerifyError](err); !ok || got.Step == "" {
				t.Fatalf("%s at %d: %v has no step", name, at, err)
			}
			return
		}
		passed++
		var rest bytes.Buffer
		if err := json.Compact(&rest, changed); err != nil || !bytes.Equal(rest.Bytes(), compact.Bytes()) || got != want {
			t.Fatalf("%s at %d verifies: %s", name, at, changed)
		}
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < len(golden); i += step {
		for bit := range 8 {
			changed := bytes.Clone(golden)
			changed[i] ^= 1 << bit
			try("a bit changed", i, changed)
		}
		try("a byte left out", i, append(bytes.Clone(golden[:i]), golden[i+1:]...))
		try("cut", i, golden[:i])
		for _, c := range []byte(" \n\"0,}\x00") {
			try("a byte put in", i, append(append(bytes.Clone(golden[:i]), c), golden[i:]...))
		}
	}
	if passed == 0 {
		t.Error("not even white space is free")
	}
}

func TestReceiptSpelling(t *testing.T) {
	l := goldenLog(t)
	good := string(mustMarshalReceipt(t, l.receipt(t, goldenSize, goldenIndex)))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the receipt", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, bad := range map[string]string{
		"empty":             "",
		"null":              "null",
		"list":              "[" + good + "]",
		"two receipts":      good + good,
		"text after":        good + "x",
		"unknown key":       replace(`{`, `{"note":"",`),
		"unknown key, null": replace(`{`, `{"note":null,`),
		"other capitals":    replace(`"number"`, `"Number"`),
		"both capitals":     replace(`{`, `{"NUMBER":"0000-0000-0000",`),
		"double key":        replace(`"late":false`, `"late":false,"late":false`),
		"double key, other": replace(`"late":false`, `"late":true,"late":false`),
		"null in late":      replace(`"late":false`, `"late":null`),
		"other order":       replace(`"late":false,"leaf_index":3`, `"leaf_index":3,"late":false`),
		"escaped key":       replace(`"number"`, `"n\u0075mber"`),
		"escaped value":     replace(`"tecnico"`, `"t\u0065cnico"`),
		"escaped slash":     replace(`c2sp.org/`, `c2sp.org\/`),
		"escaped dash":      replace(`—`, `\u2014`),
		"fraction":          replace(`"revision":2`, `"revision":2.0`),
		"exponent":          replace(`"revision":2`, `"revision":2e0`),
		"string for number": replace(`"revision":2`, `"revision":"2"`),
		"huge number":       replace(`"revision":2`, `"revision":99999999999999999999`),
		"object":            replace(`"late":false`, `"late":{}`),
		"too long":          good + strings.Repeat(" ", maxReceipt),
		"byte order mark":   "\ufeff" + good,
	} {
		wantStep(t, name, StepFormat, []byte(bad), l.verifier)
	}
	for _, key := range receiptKeys {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(good), &fields); err != nil {
			t.Fatal(err)
		}
		delete(fields, key)
		raw, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		wantStep(t, "without "+key, StepFormat, raw, l.verifier)
	}
	for name, bad := range map[string]string{
		"small number":      replace(ReceiptNumber("0193a2c4-0000-7000-8000-000000000001", Digest([]byte("body"))), "abcd-efgh-jkmn"),
		"empty part":        replace(`"tecnico"`, `""`),
		"part with space":   replace(`"tecnico"`, `"tec nico"`),
		"revision 0":        replace(`"revision":2`, `"revision":0`),
		"negative revision": replace(`"revision":2`, `"revision":-2`),
		"negative index":    replace(`"leaf_index":3`, `"leaf_index":-3`),
		"digest in capital": replace(`"sha256:`, `"SHA256:`),
		"time with zone":    replace(`.120Z`, `.120+00:00`),
		"time in seconds":   replace(`.120Z`, `Z`),
	} {
		wantStep(t, name, StepReceiptFields, []byte(bad), l.verifier)
	}
	spaced := strings.NewReplacer(`{`, " {\n", `,"`, "\t,\r\n\"", `":`, `" : `, `}`, ` }`).Replace(good)
	if got, _, err := VerifyReceipt([]byte(spaced), l.verifier); err != nil || got != l.receipt(t, goldenSize, goldenIndex) {
		t.Errorf("white space is not free: %v in %s", err, spaced)
	}
}

// TestEveryFieldStandsInTheLeaf gives each field another value that a receipt
// could have, and leaves leaf, proof and signature whole.
func TestEveryFieldStandsInTheLeaf(t *testing.T) {
	l := goldenLog(t)
	good := l.receipt(t, goldenSize, goldenIndex)
	other := map[string]any{
		"Number": "0000-0000-0000", "ContentDigest": Digest(nil), "Questionnaire": Digest(nil),
		"ReceivedAt": good.ReceivedAt.Add(time.Millisecond), "Late": true,
	}
	typ := reflect.TypeFor[Receipt]()
	for i := range typ.NumField() {
		changed := good
		f := reflect.ValueOf(&changed).Elem().Field(i)
		switch name := typ.Field(i).Name; {
		case other[name] != nil:
			f.Set(reflect.ValueOf(other[name]))
		case f.CanInt():
			f.SetInt(f.Int() + 1)
		case name == "Proof":
			continue // below
		default:
			f.SetString(f.String() + "X")
		}
		wantStep(t, typ.Field(i).Name, StepLeafMismatch, mustMarshalReceipt(t, changed), l.verifier)
	}
}

func TestProofOfAnotherThing(t *testing.T) {
	l := goldenLog(t)
	good := l.receipt(t, goldenSize, goldenIndex)
	for name, tc := range map[string]struct {
		step   string
		change func(*Proof)
	}{
		"no leaf":         {StepProofFormat, func(p *Proof) { p.Extra = nil }},
		"changed leaf":    {StepInclusion, func(p *Proof) { p.Extra = bytes.Replace(p.Extra, []byte("tecnico"), []byte("liceale"), 1) }},
		"another index":   {StepInclusion, func(p *Proof) { p.Index++ }},
		"index beyond":    {StepInclusion, func(p *Proof) { p.Index = goldenSize }},
		"changed hash":    {StepInclusion, func(p *Proof) { p.Hashes[0][0] ^= 1 }},
		"a hash less":     {StepInclusion, func(p *Proof) { p.Hashes = p.Hashes[1:] }},
		"a hash more":     {StepInclusion, func(p *Proof) { p.Hashes = append(p.Hashes, tlog.Hash{}) }},
		"an older head":   {StepInclusion, func(p *Proof) { p.Checkpoint = l.sign(t, l.head(t, 3)) }},
		"another root":    {StepInclusion, func(p *Proof) { p.Checkpoint = l.sign(t, Checkpoint{l.origin, goldenSize, tlog.Hash{}}) }},
		"unsigned head":   {StepSignature, func(p *Proof) { p.Checkpoint = l.head(t, goldenSize).Text() + "\n" }},
		"another leaf":    {StepLeafMismatch, func(p *Proof) { *p = l.prove(t, goldenSize, 4) }},
		"extra signature": {StepSignature, func(p *Proof) { p.Checkpoint += "— witness.example AAAAAAAA\n" }},
		"changed signed head": {StepSignature, func(p *Proof) {
			p.Checkpoint = strings.Replace(p.Checkpoint, "\n7\n", "\n8\n", 1)
		}},
	} {
		p, err := ParseProof(good.Proof)
		if err != nil {
			t.Fatal(err)
		}
		tc.change(&p)
		changed := good
		changed.Proof = FormatProof(p)
		wantStep(t, name, tc.step, mustMarshalReceipt(t, changed), l.verifier)
	}
	changed := good
	changed.Proof = "c2sp.org/tlog-proof@v2\n"
	wantStep(t, "other format", StepProofFormat, mustMarshalReceipt(t, changed), l.verifier)
}

// TestLeafThatIsNoSubmission puts the leaf itself into the tree, so that all
// holds but what the leaf says.
func TestLeafThatIsNoSubmission(t *testing.T) {
	good := goldenLog(t).receipt(t, goldenSize, goldenIndex)
	for name, change := range map[string]func(*Entry){
		"replayed":     func(e *Entry) { e.Outcome = OutcomeReplayed },
		"refused":      func(e *Entry) { e.Outcome = "survey_closed" },
		"an act":       func(e *Entry) { e.Action = "approve" },
		"no survey":    func(e *Entry) { e.Survey = "" },
		"no number":    func(e *Entry) { e.Number = "" },
		"other number": func(e *Entry) { e.Number = "0000-0000-0000" },
	} {
		l, e := newMemoryLog(t, "golden", 0), leafEntry()
		change(&e)
		l.append(t, mustMarshalEntry(t, e))
		r := good
		r.LeafIndex, r.Proof = 0, FormatProof(l.prove(t, 1, 0))
		wantStep(t, name, StepLeafMismatch, mustMarshalReceipt(t, r), l.verifier)
		if got, err := ReceiptFromEntry(e, 0, r.Proof); err == nil && name != "other number" {
			t.Errorf("%s: gives the receipt %+v", name, got)
		}
	}
	for name, leaf := range map[string]string{
		"no JSON": "leaf", "late missing": strings.Replace(string(mustMarshalEntry(t, leafEntry())), `"late":false,`, "", 1),
		"double key": strings.Replace(string(mustMarshalEntry(t, leafEntry())), `{`, `{"v":1,`, 1),
	} {
		l := newMemoryLog(t, "golden", 0)
		l.append(t, []byte(leaf))
		r := good
		r.LeafIndex, r.Proof = 0, FormatProof(l.prove(t, 1, 0))
		wantStep(t, name, StepLeafMismatch, mustMarshalReceipt(t, r), l.verifier)
	}
}

func TestReceiptUnderAnotherKey(t *testing.T) {
	l := goldenLog(t)
	raw := mustMarshalReceipt(t, l.receipt(t, goldenSize, goldenIndex))
	wantStep(t, "no key", StepSignature, raw)
	wantStep(t, "another key", StepSignature, raw, newMemoryLog(t, "golden", 1).verifier)
	wantStep(t, "the same key of another origin", StepSignature, raw, newMemoryLog(t, "restored", 0).verifier)
	wantStep(t, "a key that is none", StepSignature, raw, l.verifier, "x")
	if _, _, err := VerifyReceipt(raw, newMemoryLog(t, "restored", 0).verifier, l.verifier); err != nil {
		t.Errorf("among several keys: %v", err)
	}
	// A server whose key names another origin than the text that it signs.
	other := newMemoryLog(t, "restored", 0)
	r := l.receipt(t, goldenSize, goldenIndex)
	p, err := ParseProof(r.Proof)
	if err != nil {
		t.Fatal(err)
	}
	p.Checkpoint = signText(t, l.head(t, goldenSize).Text(), other.signer)
	r.Proof = FormatProof(p)
	wantStep(t, "signed by another origin's key", StepSignature, mustMarshalReceipt(t, r), other.verifier, l.verifier)
}

func TestAThousandReceipts(t *testing.T) {
	const size = 1000
	l := newMemoryLog(t, "many", 0)
	for i := range size {
		e := leafEntry()
		e.Revision, e.Late = i+1, new(i%3 == 0)
		e.SubmissionID = fmt.Sprintf("submission-%d", i)
		e.Number = ReceiptNumber(e.SubmissionID, e.ContentDigest)
		e.At = e.At.Add(time.Duration(i) * time.Second)
		l.append(t, mustMarshalEntry(t, e))
	}
	numbers := map[string]bool{}
	for i := range int64(size) {
		// The proof may stand on any later checkpoint (contract, section 4).
		for _, at := range []int64{i + 1, (i + 1 + size) / 2, size} {
			r := l.receipt(t, at, i)
			got, leaf, err := VerifyReceipt(mustMarshalReceipt(t, r), l.verifier)
			if err != nil || got != r {
				t.Fatalf("leaf %d of %d: %v", i, at, err)
			}
			if !bytes.Equal(mustMarshalEntry(t, leaf), l.leaves[i]) {
				t.Fatalf("leaf %d of %d is another", i, at)
			}
			numbers[r.Number] = true
		}
	}
	if len(numbers) != size {
		t.Errorf("%d numbers for %d submissions", len(numbers), size)
	}
}

func TestEntryForReceiptIsItsLeaf(t *testing.T) {
	l := goldenLog(t)
	r := l.receipt(t, goldenSize, goldenIndex)
	back, err := ReceiptFromEntry(EntryForReceipt(r), r.LeafIndex, r.Proof)
	if err != nil || back != r {
		t.Errorf("%+v, %v", back, err)
	}
	// The server's clock is finer than the receipt; both keep the same time.
	r.ReceivedAt = time.Date(2024, 1, 2, 3, 4, 5, 678_999_999, time.FixedZone("CET", 3600))
	back, err = ReceiptFromEntry(EntryForReceipt(r), r.LeafIndex, r.Proof)
	if err != nil || back.ReceivedAt != time.Date(2024, 1, 2, 2, 4, 5, 678e6, time.UTC) {
		t.Errorf("%v, %v", back.ReceivedAt, err)
	}
	var held []Receipt
	if err := json.Unmarshal(fmt.Appendf(nil, "[ %s ]", mustMarshalReceipt(t, back)), &held); err != nil || held[0] != back {
		t.Errorf("in a list: %+v, %v", held, err)
	}
	if raw, err := json.Marshal(Receipt{ReceivedAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Errorf("the year 10000 is written as %s", raw)
	}
}

func TestReceiptNumber(t *testing.T) {
	// Fixed: numbers are printed, and must not change with the program.
	if got := ReceiptNumber("id", "sha256:00"); got != "ACSJ-JMH4-8M8E" {
		t.Errorf("got %s", got)
	}
	if ReceiptNumber("a", "b\nc") == ReceiptNumber("a", "bc") || ReceiptNumber("ab", "c") == ReceiptNumber("a", "bc") {
		t.Error("two submissions, one number")
	}
	if got, ok := ParseReceiptNumber("7k3q9ztaol1i"); !ok || got != "7K3Q-9ZTA-0111" {
		t.Errorf("%q, %v", got, ok)
	}
	if got, want := Digest(nil), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("Digest(nil) = %s", got)
	}
}

func FuzzParseReceipt(f *testing.F) {
	l := goldenLog(f)
	raw := mustMarshalReceipt(f, l.receipt(f, goldenSize, goldenIndex))
	f.Add(raw)
	f.Add(bytes.Replace(raw, []byte(`{`), []byte(`{"Number":"",`), 1))
	f.Add(bytes.Replace(raw, []byte(`"revision":2`), []byte(`"revision":2e0`), 1))
	f.Add([]byte(`{"number":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseReceipt(raw)
		if err != nil {
			if got, ok := errors.AsType[*VerifyError](err); !ok || (got.Step != StepFormat && got.Step != StepReceiptFields) {
				t.Fatalf("%v is of no step of reading", err)
			}
			return
		}
		canonical, err := r.MarshalJSON()
		var compact bytes.Buffer
		if err != nil || json.Compact(&compact, raw) != nil || !bytes.Equal(compact.Bytes(), canonical) {
			t.Fatalf("%s\nis read as\n%s, %v", raw, canonical, err)
		}
		// Whatever verifies is a leaf of the log.
		if _, leaf, err := VerifyReceipt(raw, l.verifier); err == nil && !bytes.Equal(mustMarshalEntry(t, leaf), l.leaves[goldenIndex]) {
			t.Fatalf("a receipt for %+v verifies", leaf)
		}
	})
}

// TestCheckCode: 80 bits of RFC 6962's leaf hash, computed here without the
// library that the code uses; a later checkpoint does not change it and every
// changed leaf does.
func TestCheckCode(t *testing.T) {
	l := goldenLog(t)
	r := l.receipt(t, goldenSize, goldenIndex)
	code, err := r.CheckCode()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(append([]byte{0}, l.leaves[goldenIndex]...))
	want := ""
	for i := range 16 {
		bits := 0
		for b := range 5 {
			at := i*5 + b
			bits = bits<<1 | int(sum[at/8]>>(7-at%8)&1)
		}
		if i > 0 && i%4 == 0 {
			want += "-"
		}
		want += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits : bits+1]
	}
	if code != want {
		t.Errorf("%s, want %s", code, want)
	}
	l.append(t, l.leaves[0])
	if later, err := l.receipt(t, goldenSize+1, goldenIndex).CheckCode(); err != nil || later != code {
		t.Errorf("under a later checkpoint it is %s: %v", later, err)
	}
	e := leafEntry()
	e.Late = new(!*e.Late)
	at := l.append(t, mustMarshalEntry(t, e))
	if other, err := l.receipt(t, at+1, at).CheckCode(); err != nil || other == code {
		t.Errorf("another leaf has the same code %s: %v", other, err)
	}
	for _, bad := range []Receipt{{}, {Proof: FormatProof(Proof{Index: 1, Checkpoint: "x"})}} {
		if _, err := bad.CheckCode(); err == nil {
			t.Error("a receipt without a leaf has a check code")
		}
	}
}
