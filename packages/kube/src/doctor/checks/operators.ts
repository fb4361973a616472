import { doorGroup } from '../../door/index.ts'
import type { Binding, ClusterRole, Subject } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from './check.ts'

/** Check that tells who may let machines in. Only a role with a wildcard that nobody meant for Joinery is wrong. */
export const operators: ClusterCheck = {
  name: 'operators',
  why: 'whoever may approve decides which machines become Nodes, and with them what runs there',
  run: async (sight) => judgeOperators(await sight.bindings(), await sight.clusterRoles())
}

const workers = 'approve'
const controlPlanes = 'approve-control-plane'

export const judgeOperators = (bindings: readonly Binding[], roles: readonly ClusterRole[]): Finding => {
  const byName = new Map(roles.map((role) => [role.name, role]))
  // Enrolments are in no namespace, so a RoleBinding gives nothing about them
  const wide = bindings.filter(({ kind, role }) => kind === 'ClusterRoleBinding' && byName.has(role.name))
  const may = (verb: string) => wide.filter(({ role }) => (byName.get(role.name)?.rules ?? []).some(gives(verb)))
  const stray = may(workers).filter(({ role }) => !meant(byName.get(role.name)))
  const finding = [
    `may approve workers: ${who(may(workers))}`,
    `control planes: ${who(may(controlPlanes))}`,
    ...(stray.length > 0 ? [`by a wildcard: ${listed(stray.map(describe))}`] : [])
  ].join('; ')
  if (stray.length === 0) return pass(finding)
  return wrong(
    'warn',
    finding,
    ...stray.map(({ role }) =>
      comment(`name the API groups in ClusterRole ${role.name}, or leave it to who may approve`)
    )
  )
}

type Rule = ClusterRole['rules'][number]

const gives =
  (verb: string) =>
  ({ apiGroups = [], resources = [], verbs }: Rule): boolean =>
    has(apiGroups, doorGroup) && has(resources, 'enrolments') && has(verbs, verb)

const has = (list: readonly string[], one: string): boolean => list.includes(one) || list.includes('*')

/** True for Kubernetes' own cluster-admin, and for a role that names the API group of Joinery. */
const meant = (role: ClusterRole | undefined): boolean =>
  role?.name === 'cluster-admin' ||
  (role?.rules ?? []).some((rule) => gives(workers)(rule) && (rule.apiGroups ?? []).includes(doorGroup))

const who = (bindings: readonly Binding[]): string => {
  const names = [...new Set(bindings.flatMap(({ subjects }) => subjects.map(nameOf)))].sort()
  return names.length === 0 ? 'nobody' : listed(names, 20)
}

const nameOf = ({ kind, namespace, name }: Subject): string =>
  kind === 'ServiceAccount' ? `ServiceAccount ${namespace ?? ''}/${name}` : `${kind} ${name}`

const describe = ({ name, role, subjects }: Binding): string =>
  `ClusterRole ${role.name}, bound by ${name} to ${subjects.map(nameOf).join(', ')}`
