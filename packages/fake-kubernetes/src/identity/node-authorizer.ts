import type { Objects } from '../objects/objects.ts'
import { textOf } from '../objects/refused.ts'
import { type Rule, ruleAllows } from './rbac.ts'
import { accountOf, pods, type WithSpec } from './resources.ts'
import type { Asked, Authorize, User, Verdict } from './user.ts'

export const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** The name of the Node that a user is. Undefined if the user is none (pkg/auth/nodeidentifier). */
export const nodeOf = ({ username, groups }: User): string | undefined =>
  groups.includes('system:nodes') ? /^system:node:(.+)$/s.exec(username)?.[1] : undefined

/** Judges a request of a Node. `related`: judges by whether a Pod of the Node refers to the object. */
type Judge = (asked: Asked, node: string, related: () => Verdict) => Verdict

const yes: Verdict = { allowed: true }
const no = (reason = ''): Verdict => ({ allowed: false, reason })

const reading = ['get', 'list', 'watch']
const writing = ['create', 'update', 'patch']
const updatingStatus = ['update/status', 'patch/status']

/** The verb with the subresource, as `get` or `create/eviction`. */
const actOf = ({ verb, subresource }: Asked): string => (subresource === '' ? verb : `${verb}/${subresource}`)

const readable: Judge = (asked, _, related) =>
  reading.includes(actOf(asked)) ? related() : no('can only read resources of this type')

const gettable: Judge = (asked, _, related) =>
  actOf(asked) === 'get' ? related() : no('can only get individual resources of this type')

/** Judges objects of which each Node has one, by its own name. Who makes one is for NodeRestriction to judge. */
const own =
  (what: string, space = ''): Judge =>
  ({ verb, name, namespace }, node) => {
    if (![...writing, 'get', 'delete'].includes(verb))
      return no(`can only get, create, update, patch, or delete a ${what}`)
    if (namespace !== space) return no(`can only access leases in the "${space}" system namespace`)
    if (verb === 'create' || name === node) return yes
    return no(`can only access ${what} with the same name as the requesting node`)
  }

const judges: Readonly<Record<string, Judge>> = {
  secrets: readable,
  configmaps: readable,
  persistentvolumes: gettable,
  persistentvolumeclaims: (asked, node, related) =>
    updatingStatus.includes(actOf(asked)) ? related() : gettable(asked, node, related),
  'leases.coordination.k8s.io': own('node lease', 'kube-node-lease'),
  'csinodes.storage.k8s.io': own('CSINode'),
  serviceaccounts: (asked, _, related) =>
    actOf(asked) === 'create/token' ? related() : no('can only create tokens for individual service accounts'),
  nodes: (asked, node) => {
    const [act, { name }] = [actOf(asked), asked]
    if ([...writing, ...updatingStatus].includes(act) || (reading.includes(act) && name === node)) return yes
    if (!reading.includes(act)) return no()
    return no(`node '${node}' cannot read ${name === '' ? 'all nodes' : `'${name}'`}, only its own Node object`)
  },
  pods: (asked, node, related) => {
    const [act, { name, fieldSelector = '' }] = [actOf(asked), asked]
    if (['create', 'delete', 'create/eviction', ...updatingStatus].includes(act)) return yes
    if (!reading.includes(act)) return no()
    const selected = fieldSelector.split(',').map((one) => one.replace('==', '='))
    if (act !== 'get' && selected.includes(`spec.nodeName=${node}`)) return yes
    if (act === 'get' || name !== '') return related()
    return no('can only list/watch pods with spec.nodeName field selector')
  }
}

const rule = (verbs: readonly string[], group: string, ...resources: string[]): Rule => ({
  verbs,
  apiGroups: [group],
  resources
})

/** Rights to what has no judge above (rbac/bootstrappolicy, NodeRules). */
const nodeRules: readonly Rule[] = [
  rule(['create'], 'authentication.k8s.io', 'tokenreviews'),
  rule(['create'], 'authorization.k8s.io', 'subjectaccessreviews', 'localsubjectaccessreviews'),
  rule(['create', ...reading], 'certificates.k8s.io', 'certificatesigningrequests', 'podcertificaterequests'),
  rule(writing, '', 'events'),
  rule(writing, 'events.k8s.io', 'events'),
  rule(reading, '', 'services'),
  rule(reading, 'storage.k8s.io', 'csidrivers'),
  rule(reading, 'node.k8s.io', 'runtimeclasses'),
  rule(['create'], 'resource.k8s.io', 'resourceslices')
]

/** Makes the authorizer of Nodes, with AuthorizeNodeWithSelectors (plugin/pkg/auth/authorizer/node). */
export const nodeAuthorizer =
  (objects: Objects): Authorize =>
  (asked) => {
    const node = nodeOf(asked.user)
    if (node === undefined) return no()
    const judge = judges[textOf({ group: asked.group, plural: asked.resource })]
    if (judge === undefined) return nodeRules.some((one) => ruleAllows(one, asked)) ? yes : no()
    return judge(asked, node, () => {
      if (asked.name === '') return no('No Object name found')
      return isRelated(objects, node, asked) ? yes : no(`no relationship found between node '${node}' and this object`)
    })
  }

type Place = Pick<Asked, 'resource' | 'name' | 'namespace'>

/** Searches the Pods of the Node. The real one keeps a graph. */
const isRelated = (objects: Objects, node: string, { resource, name, namespace }: Place): boolean => {
  if (resource === 'persistentvolumes') {
    const claim = objects.get<WithSpec>({ group: '', plural: resource }, name)?.spec?.claimRef as Place | undefined
    return claim !== undefined && isRelated(objects, node, { ...claim, resource: 'persistentvolumeclaims' })
  }
  return objects.list<WithSpec>(pods, namespace).some((pod) => {
    if (pod.spec?.nodeName !== node) return false
    if (resource === 'pods') return pod.metadata.name === name
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return false
    return resource === 'serviceaccounts' ? accountOf(pod) === name : references(pod.spec).has(`${resource}/${name}`)
  })
}

const resourceOf = (field: string): string | undefined => {
  if (/^(secret|secretRef|secretKeyRef|nodePublishSecretRef|imagePullSecrets)$/.test(field)) return 'secrets'
  if (/^configMap(Ref|KeyRef)?$/.test(field)) return 'configmaps'
  return field === 'persistentVolumeClaim' ? 'persistentvolumeclaims' : undefined
}

/** Objects to which the spec of a Pod refers anywhere, as `secrets/name`. */
export const references = (spec: unknown, found = new Set<string>()): Set<string> => {
  for (const [field, value] of Object.entries(spec ?? {})) {
    if (typeof value !== 'object' || value === null) continue
    const resource = resourceOf(field)
    for (const { name, secretName, claimName } of resource === undefined ? [] : [value].flat())
      found.add(`${resource}/${secretName ?? claimName ?? name}`)
    references(value, found)
  }
  return found
}
