import { controlPlaneLabels } from '@joinery/protocol'
import { policyOf } from '../door/policy-manifest.ts'
import { banList, namespace, nodeDeletionPolicy, notBanned, serverUsername } from '../names.ts'

const labels = `[${controlPlaneLabels.map((label) => `'${label}'`).join(', ')}]`

/**
 * Admission policy for deletions of Nodes. RBAC lets the server delete Nodes. This policy lets it delete only workers
 * whose names are on the ban list, so each deletion leaves a trace there. Without that list it deletes none.
 */
export const nodeDeletionsPolicy = policyOf(
  nodeDeletionPolicy,
  `  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [nodes]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == '${serverUsername}'"}
  validations:
  - expression: "!has(oldObject.metadata.labels) || ${labels}.all(label, !(label in oldObject.metadata.labels))"
    message: Joinery deletes workers only
  - expression: has(params.data) && oldObject.metadata.name in params.data
    message: ${notBanned}`,
  `
  policyName: ${nodeDeletionPolicy}
  validationActions: [Deny]
  paramRef: {name: ${banList}, namespace: ${namespace}, parameterNotFoundAction: Deny}`
)
