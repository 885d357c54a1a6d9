// Command dns is the name server of a test node: CoreDNS with the few plugins that a cluster needs.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func init() {
	// The order is that of a request. `template` comes last: it says "no such name" to everything that reaches it.
	dnsserver.Directives = []string{"errors", "health", "ready", "cache", "hosts", "kubernetes", "template"}
}

func main() {
	coremain.Run()
}
