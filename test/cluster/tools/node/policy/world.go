package main

import (
	"sort"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// world is what the rules are made of, in a fixed order: the same world always gives the same table.
type world struct {
	pods       []*core.Pod
	namespaces map[string]labels.Set
	policies   []*networking.NetworkPolicy
}

func newWorld(pods []*core.Pod, namespaces []*core.Namespace, policies []*networking.NetworkPolicy) world {
	made := world{namespaces: map[string]labels.Set{}, policies: policies}
	for _, pod := range pods {
		ended := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
		if pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended {
			made.pods = append(made.pods, pod)
		}
	}
	for _, namespace := range namespaces {
		made.namespaces[namespace.Name] = namespace.Labels
	}
	sort.Slice(made.pods, func(a, b int) bool { return key(made.pods[a]) < key(made.pods[b]) })
	sort.Slice(made.policies, func(a, b int) bool { return key(made.policies[a]) < key(made.policies[b]) })
	return made
}

func key(object meta.Object) string {
	return object.GetNamespace() + "/" + object.GetName()
}

func matches(selector *meta.LabelSelector, set map[string]string) bool {
	chosen, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && chosen.Matches(labels.Set(set))
}

// holding names the policies of one direction that hold a pod.
func (w world) holding(pod *core.Pod, direction networking.PolicyType) []*networking.NetworkPolicy {
	var found []*networking.NetworkPolicy
	for _, policy := range w.policies {
		if policy.Namespace != pod.Namespace || !matches(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		for _, kind := range policy.Spec.PolicyTypes {
			if kind == direction {
				found = append(found, policy)
			}
		}
	}
	return found
}

// chosen lists the pods that a peer of a policy in `namespace` means.
func (w world) chosen(peer networking.NetworkPolicyPeer, namespace string) []*core.Pod {
	var found []*core.Pod
	for _, pod := range w.pods {
		if peer.NamespaceSelector == nil && pod.Namespace != namespace {
			continue
		}
		if peer.NamespaceSelector != nil && !matches(peer.NamespaceSelector, w.namespaces[pod.Namespace]) {
			continue
		}
		if peer.PodSelector != nil && !matches(peer.PodSelector, pod.Labels) {
			continue
		}
		found = append(found, pod)
	}
	return found
}
