/** YAML of a MutatingAdmissionPolicy, with its binding, by which somebody changes each Decision on its way. */
export const mutatingPolicy = (name: string, op: 'replace' | 'add', path: string, value: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [joinery.dev], apiVersions: ["*"], operations: [CREATE], resources: [decisions]}]
  mutations:
  - patchType: JSONPatch
    jsonPatch: {expression: '[JSONPatch{op: "${op}", path: "${path}", value: "${value}"}]'}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}}
`
