import { policyOf } from '../door/policy-manifest.ts'

/**
 * ConfigMap of the names that joinery-ban refuses, each with the reason. It is applied without data, which the server
 * owns.
 */
const list = `
apiVersion: v1
kind: ConfigMap
metadata: {name: joinery-banned, namespace: joinery-system}
`

/**
 * Admission policy for the ban list. The server writes node names with a reason into the list. It writes nothing that
 * could freeze the list (immutable) or have it collected (an owner): that would lift the bans.
 */
const policy = policyOf(
  'joinery-ban-list',
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [configmaps]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  validations:
  - expression: >-
      request.operation == 'UPDATE' && request.namespace == 'joinery-system' && request.name == 'joinery-banned'
    message: Joinery writes no ConfigMap but its ban list
  - expression: >-
      request.operation != 'UPDATE' || (!has(object.immutable) && !has(object.binaryData)
      && !has(object.metadata.ownerReferences) && !has(object.metadata.finalizers))
    message: the ban list must stay a list that can be changed and is not collected
  - expression: >-
      request.operation != 'UPDATE' || !has(object.data) || object.data.all(name, object.data[name].size() <= 1024
      && name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))
    message: the ban list holds node names, each with a reason of at most 1024 characters`
)

export const banList = `${list}---${policy}`
