import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import type { ResourceName } from '../objects/refused.ts'
import type { Asked, Authorize, User } from './user.ts'

/** A rule of a role (rbac/v1, PolicyRule). */
export interface Rule {
  verbs: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

interface Binding extends KubeObject {
  subjects?: readonly { kind: string; name: string; namespace?: string }[] | null
  roleRef: { kind: string; name: string }
}

/** The rights that one binding gives to one subject. */
interface Grant {
  /** Scope and subject. */
  key: string
  binding: Binding
  text: string
}

/** An authorizer that knows the rules of each user. */
export interface RuleAuthorizer {
  authorize: Authorize
  /** Rules that a user has in a namespace, those of the whole cluster too. */
  rules(user: User, namespace: string): Rule[]
}

const named = (plural: string): ResourceName => ({ group: 'rbac.authorization.k8s.io', plural })
const bindingKinds = ['clusterrolebindings', 'rolebindings'].map(named)

/** Makes the authorizer RBAC over the stored roles and bindings (plugin/pkg/auth/authorizer/rbac). */
export const rbac = (objects: Objects): RuleAuthorizer => {
  let known: readonly Binding[] = []
  let index: ReadonlyMap<string, readonly Grant[]> = new Map()
  /** Grants by scope and subject, made anew once a binding is another: a restored store tells no follower. */
  const indexed = (): typeof index => {
    const bindings = bindingKinds.flatMap((kind) => objects.list<Binding>(kind))
    if (bindings.length === known.length && bindings.every((one, at) => one === known[at])) return index
    known = bindings
    index = Map.groupBy(bindings.flatMap(grantsOf), ({ key }) => key)
    return index
  }

  /** Grants of a user, those of the whole cluster first. */
  const grants = (user: User, namespace: string): Grant[] => {
    const all = indexed()
    const subjects = [`User ${user.username}`, ...user.groups.map((name) => `Group ${name}`)]
    const scopes = namespace === '' ? [''] : ['', namespace]
    return scopes.flatMap((scope) => subjects.flatMap((subject) => all.get(`${scope}/${subject}`) ?? []))
  }

  const rulesOf = ({ binding: { roleRef, metadata } }: Grant): readonly Rule[] => {
    const [plural, namespace] = roleRef.kind === 'Role' ? ['roles', metadata.namespace] : ['clusterroles']
    const role = objects.get<KubeObject & { rules?: Rule[] | null }>(named(plural), roleRef.name, namespace)
    return role?.rules ?? []
  }

  return {
    authorize: (asked) => {
      const all = grants(asked.user, asked.namespace)
      const grant = all.find((one) => rulesOf(one).some((rule) => ruleAllows(rule, asked)))
      return grant === undefined ? { allowed: false } : { allowed: true, reason: `RBAC: allowed by ${grant.text}` }
    },
    rules: (user, namespace) => grants(user, namespace).flatMap(rulesOf)
  }
}

const grantsOf = (binding: Binding): Grant[] => {
  const { metadata, roleRef, subjects } = binding
  const { name, namespace: scope = '' } = metadata
  const bound = scope === '' ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${scope}"`
  return (subjects ?? []).map(({ kind, name: subject, namespace = scope }) => {
    const isAccount = kind === 'ServiceAccount'
    const whom = isAccount ? `User system:serviceaccount:${namespace}:${subject}` : `${kind} ${subject}`
    const shown = `${kind} "${isAccount ? `${subject}/${namespace}` : subject}"`
    return { key: `${scope}/${whom}`, binding, text: `${bound} of ${roleRef.kind} "${roleRef.name}" to ${shown}` }
  })
}

/** True if this rule lets the request through (pkg/apis/rbac/v1, evaluation_helpers.go). */
export const ruleAllows = (rule: Rule, { verb, path, group, resource, subresource, name }: Asked): boolean => {
  const has = (all: readonly string[] = [], ...some: string[]): boolean =>
    all.some((one) => one === '*' || some.includes(one))
  if (!has(rule.verbs, verb)) return false
  const { resourceNames = [], nonResourceURLs = [] } = rule
  if (path !== undefined)
    return nonResourceURLs.some((url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))))
  const resources = subresource === '' ? [resource] : [`${resource}/${subresource}`, `*/${subresource}`]
  const isNamed = resourceNames.length === 0 || resourceNames.includes(name)
  return isNamed && has(rule.apiGroups, group) && has(rule.resources, ...resources)
}
