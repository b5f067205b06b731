module github.com/changeover-sdk/changeover

go 1.26

require (
	cloud.google.com/go v0.123.0 // indirect
	github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392 // indirect
	github.com/teambition/rrule-go v1.8.2 // indirect
)
