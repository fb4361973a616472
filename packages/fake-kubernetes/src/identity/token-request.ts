import type { KubeObject } from '../objects/kube-object.ts'
import { type Objects, wholeSeconds } from '../objects/objects.ts'
import { badRequest, conflict, invalid, notFound, type ResourceName } from '../objects/refused.ts'
import { type AccountTokens, apiAudience, type Bound } from './account-tokens.ts'
import { accountOf, nodes, pods, secrets, serviceAccounts, type WithSpec } from './resources.ts'
import type { Asked } from './user.ts'

/** The object that a token is to be bound to. */
export interface Ref {
  kind?: string
  name?: string
  uid?: string
}

interface Spec {
  audiences?: string[]
  expirationSeconds?: number
  boundObjectRef?: Ref
}

/**
 * Answers a TokenRequest, in a dry run too (registry/core/serviceaccount/storage, token.go). `validate`: admission, which sees the
 * request with its defaults, before anybody looks for what it is bound to.
 */
export const requestToken = (
  objects: Objects,
  tokens: AccountTokens,
  { name, namespace }: Asked,
  request: WithSpec,
  now: Date,
  validate: (request: KubeObject) => void
): object => {
  const account = objects.get(serviceAccounts, name, namespace)
  if (account === undefined) throw notFound(serviceAccounts, name)
  const { audiences: sent = [], expirationSeconds: seconds = 3600, boundObjectRef: ref } = (request.spec ?? {}) as Spec
  if (seconds < 600) {
    const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`
    const fault = { reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message }
    throw invalid('authentication.k8s.io', 'TokenRequest', '', [fault])
  }
  const audiences = sent.length > 0 ? sent : [apiAudience]
  const own = { name, namespace, uid: account.metadata.uid, creationTimestamp: wholeSeconds(now) }
  const metadata = { ...request.metadata, ...own }
  const filled = { ...request, metadata, spec: { ...request.spec, audiences, expirationSeconds: seconds } }
  validate(filled)
  const bound = ref === undefined ? {} : boundTo(objects, name, namespace, ref)
  const expirationTimestamp = wholeSeconds(new Date(now.getTime() + seconds * 1000))
  return { ...filled, status: { token: tokens.issue(account, { audiences, seconds, bound }), expirationTimestamp } }
}

const resources: Readonly<Record<string, ResourceName>> = { Pod: pods, Node: nodes, Secret: secrets }

const boundTo = (objects: Objects, account: string, namespace: string, ref: Ref): Bound => {
  const { kind = '', name = '' } = ref
  const resource = resources[kind]
  if (resource === undefined) throw badRequest(`cannot bind token to object of type /v1, Kind=${kind}`)
  const object = objects.get<WithSpec>(resource, name, kind === 'Node' ? '' : namespace)
  if (object === undefined) throw notFound(resource, name)
  const { uid } = object.metadata
  if (kind === 'Pod' && accountOf(object) !== account)
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`
    )
  if ((ref.uid ?? uid) !== uid) throw conflict({ group: '', plural: kind }, name, otherUid(ref))
  const node = object.spec?.nodeName
  if (kind !== 'Pod' || typeof node !== 'string') return { [kind.toLowerCase()]: { name, uid } }
  return { pod: { name, uid }, node: { name: node, uid: objects.get(nodes, node)?.metadata.uid } }
}

export const otherUid = ({ uid }: Ref): string =>
  `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
