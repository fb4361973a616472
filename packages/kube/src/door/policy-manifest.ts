import { serverUsername } from '../names.ts'

/** CEL expression that is true if the pairing server makes the request. */
export const isServer = `request.userInfo.username == '${serverUsername}'`

/** Validations of an object that anybody may make: nobody can make it expensive, keep it, or have somebody else delete it. */
export const bounded = `
  - expression: "!has(object.metadata.finalizers) && !has(object.metadata.ownerReferences)"
    message: it has no finalizer and no owner
  - expression: >-
      !has(object.metadata.annotations) || (object.metadata.annotations.size() <= 8
        && object.metadata.annotations.all(key, object.metadata.annotations[key].size() <= 4096))
    message: it has at most 8 annotations, each of at most 4096 characters
  - expression: "!has(object.metadata.labels) || object.metadata.labels.size() <= 16"
    message: it has at most 16 labels`

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
