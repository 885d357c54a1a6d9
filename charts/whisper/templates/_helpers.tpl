{{- define "whisper.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: whisper
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{/* What selects the pods of one component. Call with (dict "name" NAME). */}}
{{- define "whisper.selector" -}}
app.kubernetes.io/part-of: whisper
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "whisper.image" -}}
{{- $image := .Values.image -}}
{{- $repository := ternary (printf "%s/%s" ($image.registry | default "") $image.repository) $image.repository (not (empty $image.registry)) -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository ($image.tag | default (.Values.platform.version | default .Chart.AppVersion)) }}
{{- end -}}
{{- end }}

{{- define "whisper.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "whisper.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "whisper.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* Keeps the pods of a component apart, as far as there is room. Call with (dict "name" NAME). */}}
{{- define "whisper.spread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "whisper.selector" $ | nindent 6 }}
  matchLabelKeys:
    - pod-template-hash
{{- end }}
{{- end }}

{{/* Refuses a second installation in one cluster: two operators would fight over the same tenants. */}}
{{- define "whisper.onlyOne" -}}
{{- $role := lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "whisper-operator" -}}
{{- if $role -}}
{{- $annotations := $role.metadata.annotations | default dict -}}
{{- $name := index $annotations "meta.helm.sh/release-name" | default "" -}}
{{- $namespace := index $annotations "meta.helm.sh/release-namespace" | default "" -}}
{{- if or (ne $name .Release.Name) (ne $namespace .Release.Namespace) -}}
{{- fail (printf "Whisper is installed in this cluster already, as release %q in namespace %q. One operator looks after every tenant of a cluster: upgrade that release, or uninstall it first (its tenants and their data stay)." $name $namespace) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Why the objects of Whisper's own kinds cannot be made, before the API server says it in fewer words. */}}
{{- define "whisper.needsKinds" -}}
{{- if and .Release.IsInstall (lookup "v1" "Namespace" "" "kube-system") -}}
{{- if not (.Capabilities.APIVersions.Has "whisperengine.ai/v1alpha1") -}}
{{- fail "The kinds of Whisper are not in this cluster yet. Install the chart whisper-crds first." -}}
{{- end -}}
{{- end -}}
{{- end }}
