import { namespace, serviceAccount } from '../names.ts'

/**
 * FlowSchema by which the API server takes the server's requests before those of other workloads. Without it the requests share
 * `workload-low` with every other ServiceAccount.
 */
export const serverFlowSchema = `
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: joinery-server}
spec:
  priorityLevelConfiguration: {name: workload-high}
  matchingPrecedence: 900
  distinguisherMethod: {type: ByUser}
  rules:
  - subjects: [{kind: ServiceAccount, serviceAccount: {name: ${serviceAccount}, namespace: ${namespace}}}]
    resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
    nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]
`
