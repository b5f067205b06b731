// Package oauth gets and keeps the OAuth tokens of the vendors that have them.
//
// A host meets three things of it:
//
//   - [TokenStore], where it keeps a vendor's token. A token is saved before it
//     is used, so that a crash loses none, and it is read again before a new one
//     is asked for, so that processes share it.
//   - [Flow], the authorization-code flow by which a user connects an account:
//     where to send the user, and what to do with the answer.
//   - The errors: [pms.ErrUnauthorized] when the account has to be connected
//     again, [pms.ErrRateLimited] with RetryAfter when the vendor gives no more
//     tokens for now.
//
// [Source] is what connectors authenticate with. One renewal is under way at a
// time, and each caller waits for it under its own context. The renewal itself
// goes on for at most a minute after all of them have left: the vendor may have
// replaced the refresh token already, and one that is not saved is lost.
//
// The types are those of golang.org/x/oauth2. Requests go through the same
// pipeline as all calls of the connectors: errors are [*pms.APIError], and hold
// no token and no secret.
package oauth
