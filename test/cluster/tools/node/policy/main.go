// Command policy enforces the NetworkPolicies of a one-node test cluster by nftables: a stand-in for the network
// plug-ins that do so in a real cluster. A pod is known once it has an address in its status; until then no policy
// holds it.
package main

import (
	"bytes"
	"flag"
	"log"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Changes come in bursts, and one load of the table serves all of a burst.
const gather = 30 * time.Millisecond

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of a client that may list pods, namespaces and policies")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	demand(err)
	client, err := kubernetes.NewForConfig(config)
	demand(err)

	changes := make(chan struct{}, 1)
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods()
	namespaces := factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		_, err := informer.AddEventHandler(tellTo(changes))
		demand(err)
	}
	never := make(chan struct{})
	factory.Start(never)
	factory.WaitForCacheSync(never)

	read := func() world {
		podList, err := pods.Lister().List(labels.Everything())
		demand(err)
		namespaceList, err := namespaces.Lister().List(labels.Everything())
		demand(err)
		policyList, err := policies.Lister().List(labels.Everything())
		demand(err)
		return newWorld(podList, namespaceList, policyList)
	}
	enforce(changes, read)
}

func tellTo(changes chan<- struct{}) cache.ResourceEventHandler {
	tell := func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	}
}

// enforce loads the table whenever it would read otherwise than the one before.
func enforce(changes <-chan struct{}, read func() world) {
	loaded := ""
	for {
		table := read().table()
		if table != loaded {
			if err := load(table); err != nil {
				log.Printf("%v\n%s", err, table)
				time.Sleep(time.Second)
				continue
			}
			log.Printf("loaded %d lines", strings.Count(table, "\n"))
			loaded = table
		}
		<-changes
		time.Sleep(gather)
	}
}

// load replaces the table in one transaction: there is no moment without rules.
func load(table string) error {
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(table)
	var words bytes.Buffer
	command.Stderr = &words
	if err := command.Run(); err != nil {
		log.Print(words.String())
		return err
	}
	return nil
}

func demand(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
