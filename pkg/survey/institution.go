package survey

// Institution is who answers, as the register and the office describe it.
// The same block reaches both sides, so that checks which depend on the
// register judge alike on the device and on the server (contract, section 2).
type Institution struct {
	ID             string   `json:"id,omitempty"` // immutable, given by the server
	Code           string   `json:"code"`         // the code it signs in with
	Codes          []string `json:"codes"`        // all its codes, in byte order
	Name           string   `json:"name"`
	Comune         string   `json:"comune"` // upper case, as DESCRIZIONECOMUNE
	Kind           string   `json:"kind"`   // KindState or KindParitaria
	ExpectedTracks []string `json:"expected_tracks"`
}

// The two kinds of institution; values stay Italian in data.
const (
	KindState     = "statale"
	KindParitaria = "paritaria"
)

// The tracks (percorsi) of upper-secondary education, in the order of the form.
const (
	TrackLiceale       = "liceale"
	TrackTecnico       = "tecnico"
	TrackProfessionale = "professionale"
	TrackIeFP          = "iefp"
)
