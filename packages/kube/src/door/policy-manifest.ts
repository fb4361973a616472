import { serverUsername } from '../names.ts'

/** CEL expression that is true if the pairing server makes the request. */
export const isServer = `request.userInfo.username == '${serverUsername}'`

const binding = (name: string): string => `
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [Deny]}
`

/** An admission policy with its binding. `rules` are what it is asked about, and `rest` is what follows them in the YAML. */
export const policyManifest = (name: string, rules: readonly string[], rest: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [${rules.join(', ')}]${rest}${binding(name)}`
