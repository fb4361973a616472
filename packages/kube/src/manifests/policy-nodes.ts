import { controlPlaneLabels, controlPlaneTaints, joiningLabel, kubeletLabels, startupTaint } from '@joinery/protocol'
import { policyOf } from '../door/policy-manifest.ts'
import { guardedLabels, nodePolicy as name, serverUsername } from '../names.ts'

const list = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`

/**
 * Admission policy for changes of Nodes. RBAC lets the server patch anything in a Node. This policy lets it set labels
 * and add taints: it removes none but the startup taint, what makes a Node a control plane stays, and nothing else of a Node changes. Labels
 * and taints that are there keep their values, Pods are not evicted, and what a Node is trusted with stays. An
 * exception holds while the Node carries the mark that its kubelet registered it with: the server removes the mark, and
 * can never set it. CEL's `dyn` lets the policy compare whatever fields Nodes will have.
 */
export const nodePolicy = policyOf(
  name,
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [nodes, nodes/status]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == '${serverUsername}'"}
  variables:
  - {name: before, expression: "request.operation == 'UPDATE' ? dyn(oldObject) : dyn(object)"}
  - {name: after, expression: dyn(object)}
  - {name: labels, expression: "variables.after.metadata.?labels.orValue({})"}
  - {name: labelsBefore, expression: "variables.before.metadata.?labels.orValue({})"}
  - {name: taints, expression: "variables.after.?spec.?taints.orValue([])"}
  - {name: taintsBefore, expression: "variables.before.?spec.?taints.orValue([])"}
  - {name: joining, expression: "'${joiningLabel}' in variables.labelsBefore"}
  - name: taintsTaken
    expression: >-
      variables.taintsBefore.filter(before, !variables.taints.exists(taint,
        taint.key == before.key && taint.effect == before.effect))
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
  - expression: variables.labelsBefore.all(label, label in variables.labels || label == '${joiningLabel}')
    message: Joinery takes no label away
  - expression: >-
      !('${joiningLabel}' in variables.labels)
      || (variables.joining && variables.labels['${joiningLabel}'] == variables.labelsBefore['${joiningLabel}'])
    message: Joinery marks no Node as joining
  - expression: >-
      variables.joining || variables.labelsBefore.all(label, label in variables.labels
        && variables.labels[label] == variables.labelsBefore[label])
    message: Joinery changes a label only while the Node is joining
  - expression: >-
      variables.joining || variables.labels.all(label, label in variables.labelsBefore
        || !label.matches('${guardedLabels}'))
    message: Joinery sets a label that guards the Node only while it is joining
  - expression: >-
      ${list([...kubeletLabels, ...controlPlaneLabels])}.all(label,
        !(label in variables.labels)
        || (label in variables.labelsBefore && variables.labelsBefore[label] == variables.labels[label]))
    message: Joinery sets no label of kubelets and of control planes
  - expression: >-
      variables.taintsTaken.all(taken, taken.key == '${startupTaint.key}' && taken.effect == '${startupTaint.effect}')
    message: Joinery takes no taint away but ${startupTaint.key}
  - expression: >-
      variables.joining
      || variables.taintsBefore.all(before, before in variables.taints || before in variables.taintsTaken)
    message: Joinery changes a taint only while the Node is joining
  - expression: >-
      variables.joining || variables.taints.all(taint, taint.effect != 'NoExecute' || taint in variables.taintsBefore)
    message: Joinery evicts Pods only while the Node is joining
  - expression: >-
      variables.taintsBefore.all(before, before in variables.taints || !(before.key in ${list(controlPlaneLabels)}))
    message: Joinery changes no taint of control planes
  - expression: >-
      variables.taints.all(taint, taint in variables.taintsBefore || !taint.key.startsWith('${controlPlaneTaints}'))
    message: Joinery sets no taint of the control plane's own`
)
