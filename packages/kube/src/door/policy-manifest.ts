import { serverUsername } from '../names.ts'

/** CEL expression that is true if the pairing server makes the request. */
export const isServer = `request.userInfo.username == '${serverUsername}'`

/** Spec of a binding that refuses what the policy refuses, everywhere and without a parameter. */
const denies = (name: string): string => ` {policyName: ${name}, validationActions: [Deny]}`

/** An admission policy with its binding. `spec` is the YAML of its spec, and `bound` that of the spec of the binding. */
export const policyOf = (name: string, spec: string, bound = denies(name)): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec:${bound}
`

/** The same for a policy without a parameter. `rules` are what it is asked about, and `rest` is what follows them in the YAML. */
export const policyManifest = (name: string, rules: readonly string[], rest: string): string =>
  policyOf(
    name,
    `  failurePolicy: Fail
  matchConstraints:
    resourceRules: [${rules.join(', ')}]${rest}`
  )
