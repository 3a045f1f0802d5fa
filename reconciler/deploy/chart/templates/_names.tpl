{{- define "yardarm.metadata" -}}
name: {{ .name }}
{{- if .namespaced }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- with get . "labels" }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  app.kubernetes.io/part-of: yardarm
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "yardarm.label" -}}
app.kubernetes.io/name: yardarm
{{- end }}
