import { namespace, serviceAccount } from '../names.ts'
import { headName, logGroup } from './kinds.ts'

/**
 * Rights of the server to its log, and to the Leases by which several servers agree which one is active. Kubernetes cannot narrow `create`
 * to a name. The policies do that.
 */
const rbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-log, namespace: ${namespace}}
rules:
# commits: makes the head once, and moves it; never deletes it
- {apiGroups: [${logGroup}], resources: [logheads], verbs: [create]}
- {apiGroups: [${logGroup}], resources: [logheads], resourceNames: [${headName}], verbs: [patch]}
# reads, writes and deletes the documents
- {apiGroups: [${logGroup}], resources: [logdocuments], verbs: [get, list, watch, create, update, delete]}
# says which server is active, and which ones wait
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, list, create, update, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-log, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-log}
subjects: [{kind: ServiceAccount, name: ${serviceAccount}, namespace: ${namespace}}]
`

/**
 * FlowSchema by which the API server takes the requests about the servers' Leases as it takes those of the control plane's own leaders. Under
 * load an active server must not lose its Lease to its own requests.
 */
const leaseFlowSchema = `
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: joinery-server-leases}
spec:
  priorityLevelConfiguration: {name: leader-election}
  matchingPrecedence: 800
  distinguisherMethod: {type: ByUser}
  rules:
  - subjects: [{kind: ServiceAccount, serviceAccount: {name: ${serviceAccount}, namespace: ${namespace}}}]
    resourceRules: [{verbs: [get, list, create, update, delete], apiGroups: [coordination.k8s.io], resources: [leases], namespaces: [${namespace}]}]
`

/** Manifests of the rights to the log. Only a server with `store: cluster` has them. */
export const logRights: readonly string[] = [leaseFlowSchema, rbac]
