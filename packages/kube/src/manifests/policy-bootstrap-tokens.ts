import { policyOf } from '../door/policy-manifest.ts'
import { signingGroups, tokenGroups } from '../names.ts'

/** The groups in base64, as a list in CEL. */
const inBase64 = (groups: readonly string[]): string =>
  `[${groups.map((group) => `'${Buffer.from(group).toString('base64')}'`).join(', ')}]`

/**
 * Admission policy for bootstrap tokens. RBAC cannot tell one Secret of kube-system from another, but this policy can.
 * The server makes and deletes only bootstrap tokens of its own groups. They expire within 30 minutes (and one more,
 * for clocks that differ), and are for authentication only; those of join commands also vouch for cluster-info.
 *
 * A Secret's values are base64 in CEL. So the policy compares the group in base64, as a whole (a prefix would let a
 * second group in), and decodes the expiration by arithmetic: 28 characters of base64 are the 20 of an RFC 3339 second
 * in UTC.
 */
export const bootstrapTokenPolicy = policyOf(
  'joinery-bootstrap-tokens',
  `  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [secrets]}]
  matchConditions:
  - {name: joinery-only, expression: "request.userInfo.username == 'system:serviceaccount:joinery-system:joinery-server'"}
  variables:
  - {name: secret, expression: "request.operation == 'DELETE' ? oldObject : object"}
  - {name: alphabet, expression: "'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'"}
  - {name: encoded, expression: "string(variables.secret.data['expiration'])"}
  - name: numbers # four characters of base64 are one number of 24 bits
    expression: >-
      [0, 4, 8, 12, 16, 20, 24].map(i,
        variables.alphabet.indexOf(variables.encoded.charAt(i)) * 262144
        + variables.alphabet.indexOf(variables.encoded.charAt(i + 1)) * 4096
        + (variables.encoded.charAt(i + 2) == '=' ? 0 : variables.alphabet.indexOf(variables.encoded.charAt(i + 2))) * 64
        + (variables.encoded.charAt(i + 3) == '=' ? 0 : variables.alphabet.indexOf(variables.encoded.charAt(i + 3))))
  - name: expiration # and three characters of ASCII, of which a time needs those from - to Z
    expression: >-
      variables.numbers.map(n, [n / 65536, (n / 256) % 256, n % 256]).map(bytes, bytes.map(byte,
        byte >= 45 && byte <= 90 ? '-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ'.charAt(byte - 45) : '').join()).join()
  validations:
  - expression: request.operation != 'UPDATE'
    message: Joinery makes and deletes tokens, and changes none
  - expression: >-
      variables.secret.type == 'bootstrap.kubernetes.io/token'
      && variables.secret.metadata.name.matches('^bootstrap-token-[a-z0-9]{6}$')
    message: only bootstrap tokens
  - expression: string(variables.secret.data['auth-extra-groups']) in ${inBase64(tokenGroups)}
    message: only tokens of one group, ${tokenGroups.join(' or ')}
  - expression: >-
      request.operation == 'DELETE' || variables.secret.data.all(key, key in
        ['token-id', 'token-secret', 'expiration', 'usage-bootstrap-authentication', 'auth-extra-groups', 'description']
        || (key == 'usage-bootstrap-signing'
        && string(variables.secret.data['auth-extra-groups']) in ${inBase64(signingGroups)}))
    message: only tokens for authentication, and for signing those of ${signingGroups.join(' and ')}
  - expression: >-
      request.operation == 'DELETE' || ('expiration' in variables.secret.data && variables.encoded.size() == 28
      && timestamp(variables.expiration) <= timestamp(object.metadata.creationTimestamp) + duration('31m'))
    message: a token must expire within 30 minutes
    messageExpression: "'a token must expire within 30 minutes, not at ' + variables.expiration"`
)
