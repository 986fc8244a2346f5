//go:build tools

// Package tools names the program that is built here, so that `go mod tidy` keeps its sums.
package tools

import _ "github.com/flannel-io/flannel"
