{{/*
The Deployment of a service. Call with (dict "root" $ "name" "ingestion-api" "values" .Values.ingestionApi
"autoscaled" false "redis" true).
*/}}
{{- define "energy.deployment" -}}
{{- $root := .root -}}
{{- $redisSecret := include "energy.redisSecret" $root -}}
{{- $apiKeys := include "energy.apiKeysSecret" $root -}}
{{- $ca := $root.Values.global.redis.tls.caSecret -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "energy.labels" . | nindent 4 }}
spec:
  {{- if not .autoscaled }}
  replicas: {{ .values.replicaCount }}
  {{- end }}
  revisionHistoryLimit: 3
  # A new pod answers before an old one leaves.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "energy.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "energy.podLabels" . | nindent 8 }}
      annotations:
        checksum/config: {{ include "energy.configData" . | sha256sum }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: energy-microservices
      automountServiceAccountToken: false
      # A Service named "redis" would set REDIS_PORT to an address.
      enableServiceLinks: false
      # The program turns unready, answers on for SHUTDOWN_DELAY_MS, then finishes what it holds.
      terminationGracePeriodSeconds: 30
      securityContext: {{- include "energy.podSecurityContext" (dict "user" 65532 "group" 65532) | nindent 8 }}
      {{- with $root.Values.global.imagePullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "energy.selectorLabels" . | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
      {{- with include "energy.scheduling" .values }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ include "energy.image" (dict "root" $root "image" .values.image) }}
          imagePullPolicy: {{ .values.image.pullPolicy }}
          ports:
            - { name: http, containerPort: {{ .values.service.port }}, protocol: TCP }
          envFrom:
            - configMapRef: { name: {{ .name }} }
          {{- $env := include "energy.secretEnv" . }}
          {{- with $env }}
          env: {{- . | nindent 12 }}
          {{- end }}
          # It answers in half a second; a minute is for a node that is very busy.
          startupProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 1
            timeoutSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 2
            timeoutSeconds: 3
            failureThreshold: 2
          resources: {{- toYaml .values.resources | nindent 12 }}
          securityContext: {{- include "energy.containerSecurityContext" . | nindent 12 }}
          {{- if and .redis (or $apiKeys (and $root.Values.global.redis.tls.enabled $ca)) }}
          volumeMounts:
            {{- if $apiKeys }}
            - { name: api-keys, mountPath: /etc/energy-microservices/keys, readOnly: true }
            {{- end }}
            {{- if and $root.Values.global.redis.tls.enabled $ca }}
            - { name: redis-ca, mountPath: /etc/energy-microservices/redis, readOnly: true }
            {{- end }}
          {{- end }}
      {{- if and .redis (or $apiKeys (and $root.Values.global.redis.tls.enabled $ca)) }}
      volumes:
        {{- if $apiKeys }}
        - name: api-keys
          secret: { secretName: {{ $apiKeys }}, defaultMode: 0440 }
        {{- end }}
        {{- if and $root.Values.global.redis.tls.enabled $ca }}
        - name: redis-ca
          secret: { secretName: {{ $ca }}, defaultMode: 0440 }
        {{- end }}
      {{- end }}
{{- end }}

{{/* The variables that come out of Secrets. */}}
{{- define "energy.secretEnv" -}}
{{- $redis := .root.Values.global.redis -}}
{{- if .redis }}
{{- with include "energy.redisSecret" .root }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: redis-password }
{{- end }}
{{- if and $redis.sentinel.nodes $redis.sentinel.existingSecret }}
- name: REDIS_SENTINEL_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ $redis.sentinel.existingSecret }}, key: sentinel-password }
{{- end }}
{{- else }}
{{- with .values.apiKey }}
{{- if .existingSecret }}
- name: API_KEY
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret }}, key: {{ .key }} }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The ConfigMap of a service: all that is no secret. */}}
{{- define "energy.config" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "energy.labels" . | nindent 4 }}
data: {{- include "energy.configData" . | nindent 2 }}
{{- end }}

{{/* Apart from the ConfigMap's labels, so that its checksum changes only when a setting does. */}}
{{- define "energy.configData" -}}
{{- $redis := .root.Values.global.redis -}}
PORT: {{ .values.service.port | quote }}
LOG_FORMAT: json
SHUTDOWN_DELAY_MS: "3000"
{{- if .redis }}
{{- if $redis.sentinel.nodes }}
REDIS_SENTINELS: {{ join "," $redis.sentinel.nodes | quote }}
REDIS_SENTINEL_NAME: {{ $redis.sentinel.masterName | quote }}
{{- else }}
REDIS_HOST: {{ $redis.host | quote }}
REDIS_PORT: {{ $redis.port | quote }}
{{- end }}
{{- with $redis.username }}
REDIS_USERNAME: {{ . | quote }}
{{- end }}
{{- if $redis.tls.enabled }}
REDIS_TLS: "true"
{{- if $redis.tls.caSecret }}
REDIS_CA_FILE: /etc/energy-microservices/redis/ca.crt
{{- end }}
{{- end }}
{{- if include "energy.apiKeysSecret" .root }}
API_KEYS_FILE: /etc/energy-microservices/keys/api-keys
{{- end }}
{{- else }}
INGESTION_URL: http://ingestion-api:{{ .root.Values.ingestionApi.service.port }}
PROCESSING_URL: http://processing-service:{{ .root.Values.processingService.service.port }}
{{- end }}
{{- range $name, $value := .values.config }}
{{- /* Helm reads a number as a float, and would write a million as 1e+06. */}}
{{ $name }}: {{ ternary ($value | int64 | toString) ($value | toString) (kindIs "float64" $value) | quote }}
{{- end }}
{{- end }}

{{- define "energy.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "energy.labels" . | nindent 4 }}
  {{- with .values.service.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .values.service.type }}
  selector: {{- include "energy.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .values.service.port }}
      targetPort: http
      {{- if and .values.service.nodePort (eq .values.service.type "NodePort") }}
      nodePort: {{ .values.service.nodePort }}
      {{- end }}
{{- end }}
