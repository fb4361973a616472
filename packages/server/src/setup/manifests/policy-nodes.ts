import { controlPlaneLabels, controlPlaneTaints, kubeletLabels } from '@joinery/protocol'

const list = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`

/**
 * RBAC lets the server patch Nodes, with all that is in them. This lets it set labels and add taints: it takes none away,
 * what makes a Node a control plane stays as it is, and nothing else of a Node changes. `dyn`: whatever fields Nodes will
 * have, they are compared.
 */
export const nodePolicy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: joinery-nodes}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [nodes, nodes/status]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  variables:
  - {name: before, expression: "request.operation == 'UPDATE' ? dyn(oldObject) : dyn(object)"}
  - {name: after, expression: dyn(object)}
  - {name: labels, expression: "variables.after.metadata.?labels.orValue({})"}
  - {name: labelsBefore, expression: "variables.before.metadata.?labels.orValue({})"}
  - {name: taints, expression: "variables.after.?spec.?taints.orValue([])"}
  - {name: taintsBefore, expression: "variables.before.?spec.?taints.orValue([])"}
  validations:
  - expression: request.operation == 'UPDATE' && (!has(request.subResource) || request.subResource == '')
    message: Joinery changes Nodes, and neither makes one nor says how one is
  - expression: >-
      ['metadata', 'spec'].all(part,
        variables.after[part].all(field, field in ['labels', 'taints', 'managedFields', 'resourceVersion', 'generation']
          || (field in variables.before[part] && variables.before[part][field] == variables.after[part][field]))
        && variables.before[part].all(field, field in variables.after[part]
          || field in ['labels', 'taints', 'managedFields', 'resourceVersion', 'generation']))
    message: Joinery changes nothing of a Node but its labels and taints
  - expression: variables.labelsBefore.all(label, label in variables.labels)
    message: Joinery takes no label away
  - expression: >-
      ${list([...kubeletLabels, ...controlPlaneLabels])}.all(label,
        !(label in variables.labels)
        || (label in variables.labelsBefore && variables.labelsBefore[label] == variables.labels[label]))
    message: Joinery sets no label of kubelets and of control planes
  - expression: >-
      variables.taintsBefore.all(before, variables.taints.exists(taint,
        taint.key == before.key && taint.effect == before.effect))
    message: Joinery takes no taint away
  - expression: >-
      variables.taintsBefore.all(before, before in variables.taints || !(before.key in ${list(controlPlaneLabels)}))
    message: Joinery changes no taint of control planes
  - expression: >-
      variables.taints.all(taint, taint in variables.taintsBefore || !taint.key.startsWith('${controlPlaneTaints}'))
    message: Joinery sets no taint of the control plane's own
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: joinery-nodes}
spec: {policyName: joinery-nodes, validationActions: [Deny]}
`
