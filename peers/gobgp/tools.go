//go:build tools

// Package tools names the programs that are built here, so that `go mod tidy` keeps their sums.
package tools

import (
	_ "github.com/osrg/gobgp/v4/cmd/gobgp"
	_ "github.com/osrg/gobgp/v4/cmd/gobgpd"
)
