// Package operto connects to Operto.
package operto
