import { policyOf } from '../door/policy-manifest.ts'

/**
 * Admission policy for the server's own token. The server renews the token, but nobody can turn a stolen one into a
 * token of a year.
 */
export const tokenRenewalPolicy = policyOf(
  'joinery-token-renewal',
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [serviceaccounts/token]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  validations:
  - expression: has(object.spec.expirationSeconds) && object.spec.expirationSeconds <= 604800
    message: the server's own token may live a week at most`
)
