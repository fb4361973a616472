import { isServer, policyManifest } from '../door/policy-manifest.ts'
import { eventsController, eventsPolicy } from '../names.ts'

/**
 * Admission policy for the server's Events. They are on Nodes, and say that the server wrote them: RBAC would let it speak as a kubelet
 * or a controller. A request by the other API group of Events is compared in this one.
 */
export const eventPolicy = policyManifest(
  eventsPolicy,
  ['{apiGroups: [events.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [events]}'],
  `
  matchConditions:
  - {name: joinery-only, expression: "${isServer}"}
  validations:
  - expression: object.?reportingController.orValue('') == '${eventsController}'
    message: Joinery's Events name ${eventsController} as their controller
  - expression: object.?regarding.?kind.orValue('') == 'Node' && object.?regarding.?apiVersion.orValue('') == 'v1'
    message: Joinery's Events are on Nodes`
)
