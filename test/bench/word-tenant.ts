/** Manifests of a tenant without limits whose only model is the word upstream's. */
export function wordTenant(name: string, port: number): string {
  return `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: ${name} }
spec:
  displayName: ${name}
  owner: { email: owner@${name}.example }
  models: { backends: [{ ref: words }] }
---
apiVersion: whisperengine.ai/v1alpha1
kind: ModelBackend
metadata: { name: words }
spec:
  provider: openai
  url: http://127.0.0.1:${port}/v1
  models: [{ id: words }]
`;
}
