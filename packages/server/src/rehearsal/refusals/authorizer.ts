import type { Manifest } from '@joinery/kube'
import { manifests } from '@joinery/kube/manifests'
import { serverUsername } from '@joinery/kube/names'
import type { CredentialKind } from '@joinery/protocol'

/**
 * One request to the API server, as its authorizer sees it. `group` is absent for the core group, `namespace` for the
 * whole cluster.
 */
export type ApiRequest =
  | { verb: string; group?: string; resource: string; namespace?: string; name?: string }
  | { verb: string; path: string }

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
  verbs: string[]
}
interface Binding extends Manifest {
  subjects: { kind: string; name: string; namespace?: string }[]
  roleRef: { kind: string; name: string }
}

/** A binding as an administrator names it. Without a namespace it is a ClusterRoleBinding. */
export interface BindingName {
  name: string
  namespace?: string
}

/**
 * Makes the authorizer of a cluster that `joinery-server setup` set up: it tells which requests RBAC lets the server's
 * ServiceAccount make. It reads the very manifests that setup applies, and the rules as
 * pkg/apis/rbac/v1/evaluation_helpers.go does. `isGone` is true if somebody deleted the binding.
 */
export const serverAuthorizer = (
  credential: CredentialKind,
  { serving, diagnosis = false }: { serving: boolean; diagnosis?: boolean },
  isGone: (binding: BindingName) => boolean
): ((request: ApiRequest) => boolean) => {
  const grants = knownGrants(credential, serving, diagnosis)
  return (request) =>
    isPublic(request) ||
    grants.some(
      ({ binding, rules }) =>
        !isGone(binding) && reaches(binding, request) && rules.some((rule) => allows(rule, request))
    )
}

interface Grant {
  binding: BindingName
  rules: readonly Rule[]
}

const known = new Map<string, readonly Grant[]>()

/** The grants of a set-up, read once a process: a test process opens dozens of clusters, and each parse takes 50 ms. */
const knownGrants = (credential: CredentialKind, serving: boolean, diagnosis: boolean): readonly Grant[] => {
  const key = `${credential} ${serving} ${diagnosis}`
  const grants = known.get(key) ?? readGrants(manifests({ credential, serving, diagnosis, kubeProxy: true }))
  known.set(key, grants)
  return grants
}

/** Each binding of the server's ServiceAccount, with the rules of the role that it binds. */
const readGrants = (all: readonly Manifest[]): readonly Grant[] => {
  const bindings = all.filter((one): one is Binding => one.kind.endsWith('RoleBinding')).filter(isOfServer)
  return bindings.map(({ metadata, roleRef }) => {
    const role = all.find(
      ({ kind, metadata: { name, namespace } }) =>
        kind === roleRef.kind && name === roleRef.name && (kind === 'ClusterRole' || namespace === metadata.namespace)
    )
    return { binding: metadata, rules: (role as (Manifest & { rules: Rule[] }) | undefined)?.rules ?? [] }
  })
}

/** True if everybody may make the request, by the ClusterRole system:public-info-viewer (bootstrappolicy/policy.go). */
const isPublic = (request: ApiRequest): boolean => 'path' in request && ['/version', '/version/'].includes(request.path)

const isOfServer = ({ subjects }: Binding): boolean =>
  subjects.some(
    ({ kind, name, namespace }) =>
      kind === 'ServiceAccount' && `system:serviceaccount:${namespace}:${name}` === serverUsername
  )

const reaches = ({ namespace }: BindingName, request: ApiRequest): boolean =>
  namespace === undefined || ('resource' in request && namespace === request.namespace)

const allows = (rule: Rule, request: ApiRequest): boolean => {
  const has = (some: readonly string[] | undefined, one: string): boolean =>
    some?.some((each) => each === one || each === '*') ?? false
  if (!has(rule.verbs, request.verb)) return false
  if ('path' in request) return has(rule.nonResourceURLs, request.path)
  const { group = '', resource, name = '' } = request
  const { apiGroups, resources, resourceNames = [] } = rule
  // a rule that names objects allows no request that names none
  const isNamed = resourceNames.length === 0 || resourceNames.includes(name)
  return has(apiGroups, group) && has(resources, resource) && isNamed
}

/** The words of the API server's 403 (`forbiddenMessage` of apiserver's responsewriters, in `NewForbidden`). */
export const forbiddenWords = (request: ApiRequest): string => {
  const user = `User "${serverUsername}" cannot ${request.verb}`
  if ('path' in request) return `forbidden: ${user} path "${request.path}"`
  const { group = '', resource, namespace, name } = request
  const qualified = `${resource.split('/')[0]}${group === '' ? '' : `.${group}`}`
  const object = name === undefined ? qualified : `${qualified} "${name}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return `${object} is forbidden: ${user} resource "${resource}" in API group "${group}" ${where}`
}
