//go:build tools

// Package flanneld pins the peer that Denim is measured beside.
package flanneld

import _ "github.com/flannel-io/flannel"
