package sync

import (
	"cmp"
	"errors"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
)

// stage is how far an attempt came.
type stage int32

// The steps of an attempt, in their order; `doctor` takes them one by one.
const (
	stepAddress stage = iota
	stepName
	stepConnect
	stepTLS
	stepSend
	stepAnswer
	stepBody
)

// The names of the steps in a NetError.
const (
	StepAddress = "address" // reading the server's address
	StepName    = "name"    // finding the server's (or the proxy's) name
	StepConnect = "connect" // reaching it
	StepTLS     = "tls"     // making sure that it is the server; also of the clock
	StepSend    = "send"    // sending the request
	StepAnswer  = "answer"  // waiting for the answer
	StepBody    = "body"    // reading the answer
)

// The steps of a whole attempt beyond reaching the server.
const (
	StepServer        = "server"        // it is the right one, and nothing answers in its place
	StepVersion       = "version"       // it speaks this protocol
	StepSignIn        = "sign_in"       // the session is alive
	StepDates         = "dates"         // the survey is open
	StepQuestionnaire = "questionnaire" // the version in force is here
	StepPayload       = "payload"       // what waits can be accepted
	StepStored        = "stored"        // the server holds what this device believes it holds
	StepReceipt       = "receipt"       // the last receipt holds
)

// Steps lists the steps of a whole attempt in their order.
func Steps() []string {
	return []string{StepAddress, StepName, StepConnect, StepTLS, StepServer, StepVersion,
		StepSignIn, StepDates, StepQuestionnaire, StepPayload, StepStored, StepReceipt}
}

// StepOf names the step of [Steps] at which an attempt was stopped; "" when err
// is not of the network or the server.
func StepOf(err error) string {
	var lost *NetError
	var refused *Problem
	switch {
	case errors.As(err, &lost):
		switch {
		case lost.Cause == CauseVersion:
			return StepVersion
		case slices.Contains(Steps(), lost.Step):
			return lost.Step
		}
		return StepServer // it was reached, and what came is not its answer
	case errors.As(err, &refused):
		return cmp.Or(problems[refused.Code].at, StepPayload)
	}
	return ""
}

func (s stage) String() string {
	return [...]string{StepAddress, StepName, StepConnect, StepTLS, StepSend, StepAnswer, StepBody}[s]
}

// trace follows an attempt. Its callbacks may come from several goroutines at
// once (two addresses are tried side by side), hence only ever forward.
func trace(phase *atomic.Int32) *httptrace.ClientTrace {
	reached := func(s stage) {
		for {
			old := phase.Load()
			if old >= int32(s) || phase.CompareAndSwap(old, int32(s)) {
				return
			}
		}
	}
	return &httptrace.ClientTrace{
		GetConn:           func(string) { reached(stepName) },
		DNSStart:          func(httptrace.DNSStartInfo) { reached(stepName) },
		ConnectStart:      func(string, string) { reached(stepConnect) },
		TLSHandshakeStart: func() { reached(stepTLS) },
		// From a connection on the request may be on its way, whole or not.
		GotConn:              func(httptrace.GotConnInfo) { reached(stepSend) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { reached(stepAnswer) },
		GotFirstResponseByte: func() { reached(stepBody) },
	}
}
