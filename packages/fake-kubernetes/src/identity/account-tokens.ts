import { createHash, createPublicKey, type KeyObject, randomUUID, sign, verify } from 'node:crypto'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import type { ResourceName } from '../objects/refused.ts'
import { nodes, pods, secrets, serviceAccounts } from './resources.ts'
import type { User } from './user.ts'

/** Issuer of ServiceAccount tokens, and the audience of the API server, in a cluster by kubeadm. */
export const apiAudience = 'https://kubernetes.default.svc.cluster.local'

interface Named {
  name: string
  uid?: string | undefined
}

/** Objects with which a token goes. The Node of a Pod's token is only named. */
export type Bound = Partial<Record<'pod' | 'node' | 'secret', Named>>

interface Claims {
  iss: string
  aud: string[]
  exp: number
  nbf: number
  jti: string
  'kubernetes.io': Bound & { namespace: string; serviceaccount: { name: string; uid: string } }
}

/** Signs the tokens of ServiceAccounts, and knows them again. */
export interface AccountTokens {
  issue(account: KubeObject, token: { audiences: readonly string[]; seconds: number; bound: Bound }): string
  /** The ServiceAccount of a token for the API server. Undefined if it is none, or no longer good. */
  user(token: string): User | undefined
}

/** Seconds by which go-jose lets clocks differ. */
const leeway = 60

/** `key`: private key, as `sa.key` of kubeadm. Tokens are JWTs (pkg/serviceaccount, claims.go). */
export const accountTokens = (objects: Objects, now: () => Date, key: KeyObject): AccountTokens => {
  const publicKey = createPublicKey(key)
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const head = encoded({ alg: key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256', kid })
  const dsaEncoding = 'ieee-p1363'
  const seconds = (): number => Math.floor(now().getTime() / 1000)
  const isThere = ({ namespace, serviceaccount, pod, node, secret }: Claims['kubernetes.io']): boolean => {
    const same = (resource: ResourceName, named: Named | undefined, space?: string): boolean =>
      named === undefined || objects.get(resource, named.name, space)?.metadata.uid === named.uid
    const isBoundThere = pod === undefined ? same(nodes, node) : same(pods, pod, namespace)
    return isBoundThere && same(secrets, secret, namespace) && same(serviceAccounts, serviceaccount, namespace)
  }
  // every request shows one, and a signature costs more than all the rest of most requests
  const signed = new Map<string, Claims>()
  const claimsOf = (token: string): Claims | undefined => {
    const [sent, body = '', signature = ''] = token.split('.')
    const [text, by] = [Buffer.from(`${head}.${body}`), Buffer.from(signature, 'base64url')]
    if (sent !== head || !verify('sha256', text, { key: publicKey, dsaEncoding }, by)) return undefined
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
  }
  return {
    issue: ({ metadata: { name, namespace, uid } }, { audiences: aud, seconds: lifetime, bound }) => {
      const time = seconds()
      const claims = { aud, exp: time + lifetime, iat: time, iss: apiAudience, jti: randomUUID(), nbf: time }
      const about = { namespace, ...bound, serviceaccount: { name, uid } }
      const sub = `system:serviceaccount:${namespace}:${name}`
      const text = `${head}.${encoded({ ...claims, 'kubernetes.io': about, sub })}`
      return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding }).toString('base64url')}`
    },
    user: (token) => {
      const claims = signed.get(token) ?? claimsOf(token)
      if (claims === undefined) return undefined
      signed.set(token, claims)
      const isLive = claims.nbf <= seconds() + leeway && seconds() - leeway <= claims.exp
      const isOurs = claims.iss === apiAudience && claims.aud.includes(apiAudience)
      return isLive && isOurs && isThere(claims['kubernetes.io']) ? userOf(claims) : undefined
    }
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const userOf = ({ jti, 'kubernetes.io': { namespace, serviceaccount, pod, node } }: Claims): User => {
  const { name, uid } = serviceaccount
  const extra = {
    'credential-id': `JTI=${jti}`,
    ...(pod && { 'pod-name': pod.name }),
    ...(node && { 'node-name': node.name })
  }
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: Object.fromEntries(
      Object.entries(extra).map(([key, value]) => [`authentication.kubernetes.io/${key}`, [value]])
    )
  }
}
