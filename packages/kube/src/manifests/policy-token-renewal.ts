import { isServer, policyManifest } from '../door/policy-manifest.ts'
import { audiencesAnnotation, renewalPolicy } from '../names.ts'

/**
 * Admission policy for the server's own token. The server renews the token, but nobody can turn a stolen one into a
 * token of a year, or into one by which another service takes its holder for the server.
 *
 * A request names no audience. The API server fills in its own before a policy sees the request (TokenREST.Create of v1.37.2,
 * pkg/registry/core/serviceaccount/storage/token.go), and they differ by cluster. So `setup` writes them down, where the policy finds them
 * without a parameter. Until then any audience passes.
 */
export const tokenRenewalPolicy = policyManifest(
  renewalPolicy,
  ['{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [serviceaccounts/token]}'],
  `
  matchConditions:
  - {name: joinery-only, expression: "${isServer}"}
  variables:
  - {name: noted, expression: "namespaceObject.metadata.?annotations[?'${audiencesAnnotation}']"}
  validations:
  - expression: has(object.spec.expirationSeconds) && object.spec.expirationSeconds <= 604800
    message: the server's own token may live a week at most
  - expression: >-
      !variables.noted.hasValue()
        || object.spec.?audiences.orValue([]).all(audience, audience in variables.noted.value().split(','))
    message: the server's own token is for the API server and nobody else; if its audiences have changed, run joinery-server setup`
)
