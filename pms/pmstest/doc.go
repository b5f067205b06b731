// Package pmstest checks connectors and helps hosts to test their own code.
//
// [Run] is the conformance suite: it drives a connector against a stand-in of
// its vendor, breaks everything on the way that breaks in real life, and
// compares what the connector says with the truth. Each scenario is a subtest
// in a testing/synctest bubble of its own, so waits of an hour take no time.
//
//	func TestConformance(t *testing.T) {
//		t.Parallel()
//		pmstest.Run(t, pmstest.Harness{
//			Connect: func(k pmstest.Knobs) (pms.Connector, error) { ... },
//			Serve:   func(w *sandbox.World, hooks *http.Client) http.Handler { ... },
//			...
//		})
//	}
//
// [Fake] is a connector in memory for tests of hosts: scripted pages, errors
// and webhook events. [Golden] compares a value with a file, and [NoSecrets]
// searches a text for credentials.
package pmstest
