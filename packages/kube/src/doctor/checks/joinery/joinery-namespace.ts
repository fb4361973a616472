import { namespace } from '../../../names.ts'
import { deletion } from '../../change.ts'
import type { Binding, ClusterSight, Subject } from '../../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from '../check.ts'

/** Check for people and programs that could act as the pairing server, by what they may do in its namespace. */
export const joineryNamespace: ClusterCheck = {
  name: 'joinery-namespace',
  why: "whoever has edit in the namespace joinery-system can get a token of the server's account: they are the pairing server",
  run: async (sight: ClusterSight) => judgeNamespace(await sight.bindings())
}

/** ClusterRoles of Kubernetes that may make tokens of ServiceAccounts, or Pods that run as them (bootstrappolicy/policy.go). */
const editors = ['admin', 'edit']

export const judgeNamespace = (bindings: readonly Binding[]): Finding => {
  const here = bindings.filter((one) => one.kind === 'RoleBinding' && one.namespace === namespace && !isOwn(one))
  const wide = bindings.filter(({ kind, role }) => kind === 'ClusterRoleBinding' && editors.includes(role.name))
  const found = [...here.filter(({ role }) => role.name !== 'view'), ...wide]
  if (found.length === 0) return pass(`no binding gives anybody else something in the namespace ${namespace}`)
  return wrong('warn', listed(found.map(describe)), ...found.map(remedyOf))
}

/** The bindings that setup makes there. `joinery-rights` sees to what they give. */
const isOwn = ({ name }: Binding): boolean => ['joinery-server', 'joinery-log'].includes(name)

const describe = ({ kind, name, role, subjects }: Binding): string =>
  `${kind} ${name} gives ${role.kind} ${role.name} in ${kind === 'RoleBinding' ? namespace : 'every namespace'} to ${listed(subjects.map(nameOf))}`

const nameOf = ({ kind, namespace: of, name }: Subject): string =>
  kind === 'ServiceAccount' ? `ServiceAccount ${of ?? ''}/${name}` : `${kind} ${name}`

const remedyOf = (binding: Binding): string =>
  binding.kind === 'RoleBinding'
    ? deletion(binding)
    : comment(
        `bind ${binding.role.name} in the namespaces that they need, instead of ClusterRoleBinding ${binding.name}`
      )
