// Package rest is the HTTP pipeline that every connector sends its calls
// through. A call passes these steps, in this order:
//
//	decode    JSON, Response.Decode       answer -> value, or ErrDecode
//	retry     attempt.check               go-retryablehttp with our policy
//	token     Tokens.Ready                credentials that have to be fetched first
//	limit     Limiter                     one per credential, waits its turn
//	auth      Auth                        credentials and signature, anew each time
//	log       attempt.log                 one debug line a request, no secret
//	transport Client.host                 a copy of the host's *http.Client
//
// Retry comes before limit and auth, so each repeat waits its turn and is
// signed anew. The body is read whole, through a cap, before retry looks at
// the answer: a connection lost in the middle of it is repeated like one lost
// before it.
//
// What is repeated: a read (GET, HEAD, and calls marked Read) after 408, 425,
// 429, 5xx but 501, a lost connection, or HTML under 200; a write only after
// 429 or when no connection was made. A refused token is replaced once, beyond
// that count. Repeats wait with jitter, or as Retry-After says; a wait longer
// than MaxWait, or than the caller's deadline, ends the call at once.
package rest
