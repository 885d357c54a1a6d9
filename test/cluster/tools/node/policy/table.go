package main

import (
	"fmt"
	"net/netip"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// What is refused is answered at once, by "administratively prohibited": nobody has to wait for a time-out, and the
// answer is another one than that of a closed port.
const refuse = "reject with icmp admin-prohibited"

// The service addresses are rewritten to those of pods at this point, so rules name pods only. Traffic that the node
// itself begins (probes among it) passes neither hook.
const head = `table ip whisper_policy
delete table ip whisper_policy
table ip whisper_policy {
`

const hooks = `	chain forward {
		type filter hook forward priority 10; policy accept;
		ct state established,related accept
		jump out
		jump in
	}
	chain input {
		type filter hook input priority 10; policy accept;
		ct state established,related accept
		jump out
	}
`

// table writes the whole table of rules as nft reads it.
func (w world) table() string {
	var chains, out, in strings.Builder
	for number, pod := range w.pods {
		address := pod.Status.PodIP
		if policies := w.holding(pod, networking.PolicyTypeEgress); len(policies) > 0 {
			fmt.Fprintf(&out, "\t\tip saddr %s jump out_%d\n", address, number)
			fmt.Fprintf(&chains, "\tchain out_%d {\n%s\t\t%s\n\t}\n", number, w.egress(policies), refuse)
		}
		if policies := w.holding(pod, networking.PolicyTypeIngress); len(policies) > 0 {
			fmt.Fprintf(&in, "\t\tip daddr %s jump in_%d\n", address, number)
			fmt.Fprintf(&chains, "\tchain in_%d {\n%s\t\t%s\n\t}\n", number, w.ingress(pod, policies), refuse)
		}
	}
	return head + chains.String() + chain("out", out.String()) + chain("in", in.String()) + hooks + "}\n"
}

func chain(name, lines string) string {
	return fmt.Sprintf("\tchain %s {\n%s\t}\n", name, lines)
}

func (w world) egress(policies []*networking.NetworkPolicy) string {
	var lines strings.Builder
	for _, policy := range policies {
		for _, rule := range policy.Spec.Egress {
			for _, place := range w.places(rule.To, policy.Namespace, "daddr") {
				for _, port := range portsOf(rule.Ports, place.pod) {
					fmt.Fprintf(&lines, "\t\t%s%sreturn\n", place.match, port)
				}
			}
		}
	}
	return lines.String()
}

func (w world) ingress(pod *core.Pod, policies []*networking.NetworkPolicy) string {
	var lines strings.Builder
	for _, policy := range policies {
		for _, rule := range policy.Spec.Ingress {
			for _, place := range w.places(rule.From, policy.Namespace, "saddr") {
				for _, port := range portsOf(rule.Ports, pod) {
					fmt.Fprintf(&lines, "\t\t%s%sreturn\n", place.match, port)
				}
			}
		}
	}
	return lines.String()
}

// place is one end that a rule allows: a match of nft, and the pod where it is one.
type place struct {
	match string
	pod   *core.Pod
}

func (w world) places(peers []networking.NetworkPolicyPeer, namespace, side string) []place {
	if len(peers) == 0 {
		return []place{{}}
	}
	var found []place
	for _, peer := range peers {
		if peer.IPBlock != nil {
			found = append(found, blockOf(peer.IPBlock, side)...)
			continue
		}
		for _, pod := range w.chosen(peer, namespace) {
			found = append(found, place{fmt.Sprintf("ip %s %s ", side, pod.Status.PodIP), pod})
		}
	}
	return found
}

// blockOf knows IPv4 alone, as the pods here do.
func blockOf(block *networking.IPBlock, side string) []place {
	prefix, err := netip.ParsePrefix(block.CIDR)
	if err != nil || !prefix.Addr().Is4() {
		return nil
	}
	match := fmt.Sprintf("ip %s %s ", side, prefix.Masked())
	if len(block.Except) > 0 {
		match += fmt.Sprintf("ip %s != { %s } ", side, strings.Join(block.Except, ", "))
	}
	return []place{{match: match}}
}

// portsOf writes each port as a match of nft. A name means the port of that name of the pod that is reached.
func portsOf(ports []networking.NetworkPolicyPort, pod *core.Pod) []string {
	if len(ports) == 0 {
		return []string{""}
	}
	var found []string
	for _, port := range ports {
		protocol := "tcp"
		if port.Protocol != nil {
			protocol = strings.ToLower(string(*port.Protocol))
		}
		switch {
		case port.Port == nil:
			found = append(found, fmt.Sprintf("meta l4proto %s ", protocol))
		case port.EndPort != nil:
			found = append(found, fmt.Sprintf("%s dport %d-%d ", protocol, port.Port.IntValue(), *port.EndPort))
		case port.Port.Type == intstr.Int:
			found = append(found, fmt.Sprintf("%s dport %d ", protocol, port.Port.IntValue()))
		default:
			for _, number := range namedPorts(pod, port.Port.StrVal) {
				found = append(found, fmt.Sprintf("%s dport %d ", protocol, number))
			}
		}
	}
	return found
}

func namedPorts(pod *core.Pod, name string) []int32 {
	var found []int32
	if pod == nil {
		return found
	}
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name {
				found = append(found, port.ContainerPort)
			}
		}
	}
	return found
}
