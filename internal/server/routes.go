package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	surveysync "rileva/pkg/sync"
)

// who says whom a call answers. What a token opens is its own institution and
// nothing else: no call takes from its sender whose things are meant.
type who int

const (
	_      who = iota // a call without a rule: New panics
	anyone            // with or without a token
	letter            // a live token, also while the password is still that of the letter
	school            // a live token, once the password is the school's own
)

// route is one call.
type route struct {
	method, path string
	may          who
	action       string // in the sync log, when it is refused
	handle       func(*Server, *call) error
}

// actionRead is what a refused reading is called in the sync log.
const actionRead = "read"

const api = surveysync.BasePath

// routes lists every call (contract, section 4) and is the one place that says
// who may make it. Tests hold it to openapi.yaml and to docs/security.md, and
// try every call in every role.
var routes = []route{
	{method: http.MethodGet, path: "/healthz", may: anyone, handle: (*Server).health},
	{method: http.MethodGet, path: "/readyz", may: anyone, handle: (*Server).ready},
	{method: http.MethodGet, path: api + "/openapi.yaml", may: anyone, handle: (*Server).description},
	{method: http.MethodGet, path: api + "/server", may: anyone, handle: (*Server).info},
	{method: http.MethodGet, path: api + "/log/checkpoint", may: anyone, handle: (*Server).checkpoint},
	{method: http.MethodGet, path: api + "/log/consistency", may: anyone, handle: (*Server).consistency},
	{method: http.MethodGet, path: api + "/log/keys", may: anyone, handle: (*Server).handovers},

	{method: http.MethodPost, path: api + "/sessions", may: anyone, action: surveysync.ActionSignIn, handle: (*Server).signIn},
	{method: http.MethodDelete, path: api + "/session", may: letter, action: surveysync.ActionSignOut, handle: (*Server).signOut},
	{method: http.MethodPut, path: api + "/password", may: letter, action: surveysync.ActionChangePassword, handle: (*Server).changePassword},

	{method: http.MethodGet, path: api + "/return", may: school, action: actionRead, handle: (*Server).wholeReturn},
	{method: http.MethodGet, path: api + "/questionnaires/:digest", may: school, action: actionRead, handle: (*Server).questionnaireFile},
	{method: http.MethodGet, path: api + "/parts/:part", may: school, action: actionRead, handle: (*Server).part},
	{method: http.MethodPut, path: api + "/parts/:part", may: school, action: surveysync.ActionSubmit, handle: (*Server).putPart},
	{method: http.MethodGet, path: api + "/parts/:part/revisions", may: school, action: actionRead, handle: (*Server).revisions},
	{method: http.MethodGet, path: api + "/parts/:part/revisions/:n", may: school, action: actionRead, handle: (*Server).revision},
	{method: http.MethodGet, path: api + "/receipts/:number", may: school, action: actionRead, handle: (*Server).receipt},
	{method: http.MethodPost, path: api + "/reconcile", may: school, action: surveysync.ActionReconcile, handle: (*Server).reconcile},
	{method: http.MethodPut, path: api + "/heartbeat", may: school, action: actionHeartbeat, handle: (*Server).heartbeat},
}

// newRouter builds the router without any of Gin's own answers: every path
// that is no call, and every other method on one that is, is not_found, which
// is the contract's only word for it.
func (s *Server) newRouter() *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // in debug mode it prints each route
	e := gin.New()
	e.RedirectTrailingSlash = false
	// Nobody may say through X-Forwarded-For whose address a sign-in came from.
	if err := e.SetTrustedProxies(nil); err != nil {
		panic(err) // nil cannot be malformed
	}
	for _, r := range routes {
		if r.may == 0 {
			panic("no rule says who may " + r.method + " " + r.path)
		}
		e.Handle(r.method, r.path, func(g *gin.Context) { s.perform(r, g) })
	}
	e.NoRoute(func(g *gin.Context) {
		c := callOf(g)
		s.refuse(c, c.problem(surveysync.NotFound))
	})
	return e
}
