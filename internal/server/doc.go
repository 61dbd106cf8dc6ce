// Package server is the HTTP edge: it turns requests into the use cases of the
// store and their outcomes into the answers of the contract (section 4). It
// decides nothing about submissions; surveysync.Decide does, inside the
// store's transaction.
//
// It is the only package that knows Gin, and it uses no more of it than the
// router. It may import internal/store (the contract, not the engines),
// internal/account, pkg/sync and pkg/survey.
//
// Start reading at [New], then routes.go, which lists every call, then call.go,
// which says what happens around each of them. openapi.yaml describes the same
// calls for those who write another client; tests hold it to the code.
package server
