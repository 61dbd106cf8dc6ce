package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	surveysync "rileva/pkg/sync"
)

// route is one call. Its zero flags are the strict ones: a token is asked for,
// and its password must have been changed.
type route struct {
	method, path string
	action       string // in the sync log, when it is refused
	handle       func(*Server, *call) error
	open         bool // needs no token
	oneTime      bool // also while a change of password is due
}

// actionRead is what a refused reading is called in the sync log.
const actionRead = "read"

const api = surveysync.BasePath

// routes lists every call (contract, section 4). A test holds it to
// openapi.yaml and the reverse.
var routes = []route{
	{method: http.MethodGet, path: "/healthz", handle: (*Server).health, open: true},
	{method: http.MethodGet, path: "/readyz", handle: (*Server).ready, open: true},
	{method: http.MethodGet, path: api + "/openapi.yaml", handle: (*Server).description, open: true},
	{method: http.MethodGet, path: api + "/server", handle: (*Server).info, open: true},
	{method: http.MethodGet, path: api + "/log/checkpoint", handle: (*Server).checkpoint, open: true},
	{method: http.MethodGet, path: api + "/log/consistency", handle: (*Server).consistency, open: true},
	{method: http.MethodGet, path: api + "/log/keys", handle: (*Server).handovers, open: true},

	{method: http.MethodPost, path: api + "/sessions", action: surveysync.ActionSignIn, handle: (*Server).signIn, open: true},
	{method: http.MethodDelete, path: api + "/session", action: surveysync.ActionSignOut, handle: (*Server).signOut, oneTime: true},
	{method: http.MethodPut, path: api + "/password", action: surveysync.ActionChangePassword, handle: (*Server).changePassword, oneTime: true},

	{method: http.MethodGet, path: api + "/return", action: actionRead, handle: (*Server).wholeReturn},
	{method: http.MethodGet, path: api + "/questionnaires/:digest", action: actionRead, handle: (*Server).questionnaireFile},
	{method: http.MethodGet, path: api + "/parts/:part", action: actionRead, handle: (*Server).part},
	{method: http.MethodPut, path: api + "/parts/:part", action: surveysync.ActionSubmit, handle: (*Server).putPart},
	{method: http.MethodGet, path: api + "/parts/:part/revisions", action: actionRead, handle: (*Server).revisions},
	{method: http.MethodGet, path: api + "/parts/:part/revisions/:n", action: actionRead, handle: (*Server).revision},
	{method: http.MethodGet, path: api + "/receipts/:number", action: actionRead, handle: (*Server).receipt},
	{method: http.MethodPost, path: api + "/reconcile", action: surveysync.ActionReconcile, handle: (*Server).reconcile},
	{method: http.MethodPut, path: api + "/heartbeat", action: actionHeartbeat, handle: (*Server).heartbeat},
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
		e.Handle(r.method, r.path, func(g *gin.Context) { s.perform(r, g) })
	}
	e.NoRoute(func(g *gin.Context) {
		c := callOf(g)
		s.refuse(c, c.problem(surveysync.NotFound))
	})
	return e
}
