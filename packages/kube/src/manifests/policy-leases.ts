import { policyOf } from '../door/policy-manifest.ts'
import { bannedLabel, leaseNamespace, leasePolicy as name, namespace, serverUsername } from '../names.ts'

/**
 * Admission policy for Leases. RBAC lets the server make and delete Leases of Nodes, but change none: anybody who
 * renews another's Lease keeps a dead Node alive, and the API server would evaluate a policy for changes at each
 * heartbeat of each Node. A Lease that the server makes has the one label that joinery-ban-leases looks for, goes with
 * its Node, and was never renewed. If the server deletes a Lease, the kubelet makes a new one. The servers' own Leases have a policy of
 * their own (`joinery-server-leases`).
 */
export const leasePolicy = policyOf(
  name,
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [coordination.k8s.io], apiVersions: [v1], operations: [CREATE, DELETE], resources: [leases]}
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == '${serverUsername}'"}
  - {name: others-than-its-own, expression: "request.namespace != '${namespace}'"}
  validations:
  - expression: request.namespace == '${leaseNamespace}'
    message: Joinery makes and deletes no Lease but those of Nodes
  - expression: >-
      request.operation == 'DELETE' || (has(object.metadata.labels) && object.metadata.labels.size() == 1
      && '${bannedLabel}' in object.metadata.labels && object.metadata.labels['${bannedLabel}'] == '')
    message: Joinery makes no Lease but with the label ${bannedLabel}
  - expression: >-
      request.operation == 'DELETE' || (has(object.spec)
      && object.spec.?holderIdentity.orValue('') == object.metadata.name
      && object.spec.?leaseDurationSeconds.orValue(0) == 40
      && dyn(object.spec).all(field, field in ['holderIdentity', 'leaseDurationSeconds']))
    message: Joinery renews no Lease
  - expression: >-
      request.operation == 'DELETE' || (!has(object.metadata.finalizers) && !has(object.metadata.annotations)
      && has(object.metadata.ownerReferences) && object.metadata.ownerReferences.size() == 1
      && object.metadata.ownerReferences.all(owner, owner.apiVersion == 'v1' && owner.kind == 'Node'
      && owner.name == object.metadata.name))
    message: a Lease that Joinery makes goes with its Node`
)
