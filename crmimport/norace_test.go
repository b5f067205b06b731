//go:build !race

package crmimport_test

const raceEnabled = false
