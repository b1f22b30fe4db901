{{/* Labels of every object. Call with (dict "root" $ "name" "ingestion-api"). */}}
{{- define "energy.labels" -}}
{{ include "energy.selectorLabels" . }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: energy-microservices
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
assignmentId: {{ .root.Values.assignmentId | quote }}
{{- end }}

{{/* What selects the pods; it can never change on upgrade. */}}
{{- define "energy.selectorLabels" -}}
app: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* Labels of a pod: without the chart's version, which would restart every pod on each upgrade. */}}
{{- define "energy.podLabels" -}}
{{ include "energy.selectorLabels" . }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: energy-microservices
assignmentId: {{ .root.Values.assignmentId | quote }}
{{- with .values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "energy.image" -}}
{{ .root.Values.global.imageRegistry }}{{ .image.repository }}:{{ .image.tag }}
{{- end }}

{{/* What Pod Security "restricted" asks of a pod. */}}
{{- define "energy.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .group }}
fsGroup: {{ .group }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "energy.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "energy.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* The Secret with Redis's password; empty when there is none: another's Redis without a password. */}}
{{- define "energy.redisSecret" -}}
{{- if .Values.global.redis.existingSecret -}}
{{ .Values.global.redis.existingSecret }}
{{- else if .Values.redis.enabled -}}
redis-auth
{{- end }}
{{- end }}

{{- define "energy.apiKeysSecret" -}}
{{- if .Values.auth.existingSecret -}}
{{ .Values.auth.existingSecret }}
{{- else if .Values.auth.apiKeys -}}
energy-api-keys
{{- end }}
{{- end }}

{{/* What KEDA takes from Secrets to ask Redis. */}}
{{- define "energy.kedaAuthentication" -}}
{{- $redis := .Values.global.redis -}}
{{- with include "energy.redisSecret" . }}
- { parameter: password, name: {{ . }}, key: redis-password }
{{- end }}
{{- if and $redis.sentinel.nodes $redis.sentinel.existingSecret }}
- { parameter: sentinelPassword, name: {{ $redis.sentinel.existingSecret }}, key: sentinel-password }
{{- end }}
{{- if and $redis.tls.enabled $redis.tls.caSecret }}
- { parameter: ca, name: {{ $redis.tls.caSecret }}, key: ca.crt }
{{- end }}
{{- end }}

{{/* A host as KEDA's operator must call it from its own namespace. Call with (dict "root" $ "host" "redis-master"). */}}
{{- define "energy.kedaHost" -}}
{{- if contains "." .host -}}
{{ .host }}
{{- else -}}
{{ .host }}.{{ .root.Release.Namespace }}.svc
{{- end }}
{{- end }}

{{- define "energy.sentinelAddresses" -}}
{{- $addresses := list -}}
{{- range .Values.global.redis.sentinel.nodes -}}
{{- $parts := splitList ":" . -}}
{{- $addresses = append $addresses (printf "%s:%s" (include "energy.kedaHost" (dict "root" $ "host" (first $parts))) (last $parts)) -}}
{{- end -}}
{{ join "," $addresses }}
{{- end }}

{{/* The hosts that are set, with the Service behind each: [{host, name, port}]. Call with (dict "root" $ "hosts" map). */}}
{{- define "energy.hosts" -}}
{{- $values := .root.Values -}}
{{- if and .hosts.frontend $values.frontend.enabled }}
- { host: {{ .hosts.frontend | quote }}, name: frontend, port: {{ $values.frontend.service.port }} }
{{- end }}
{{- with .hosts.ingestionApi }}
- { host: {{ . | quote }}, name: ingestion-api, port: {{ $values.ingestionApi.service.port }} }
{{- end }}
{{- with .hosts.processingService }}
- { host: {{ . | quote }}, name: processing-service, port: {{ $values.processingService.service.port }} }
{{- end }}
{{- end }}
