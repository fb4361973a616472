import type { Manifest } from '../../../apply.ts'
import { manifests } from '../../../manifests/index.ts'
import { namespace, serviceAccount } from '../../../names.ts'
import { deletion } from '../../change.ts'
import { anyToken, everybody, joineryGroups } from '../../groups.ts'
import type { Binding, Subject } from '../../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from '../check.ts'

export const joineryRights: ClusterCheck = {
  name: 'joinery-rights',
  why: 'the server and the machines that join would have more rights than they need, and so would anybody who takes one over',
  // the manifests for tokens include everything that a server which gives out certificates has
  run: async (sight) =>
    judgeRights(
      await sight.bindings(),
      manifests({ credential: 'token', kubeProxy: true, serving: true, diagnosis: true, log: true })
    )
}

export const judgeRights = (bindings: readonly Binding[], expected: readonly Manifest[]): Finding => {
  const own = new Set(expected.map(({ kind, metadata }) => keyOf(kind, metadata.namespace ?? '', metadata.name)))
  const others = bindings.filter(({ kind, namespace, name }) => !own.has(keyOf(kind, namespace, name)))
  const direct = others.filter(({ subjects }) => subjects.some(isJoinery))
  const shared = others.filter(
    (binding) => !direct.includes(binding) && binding.subjects.some(isWider) && !isStock(binding)
  )
  const found = [...direct, ...shared]
  if (found.length === 0) return pass('no other binding gives the server, or the tokens of machines, anything')
  return wrong(direct.length > 0 ? 'fail' : 'warn', listed(found.map(describe)), ...found.map(remedyOf))
}

const keyOf = (...parts: [kind: string, namespace: string, name: string]): string => parts.join(' ')

/** True for the server's account, under both of its names, and for the groups of Joinery's tokens. */
const isJoinery = ({ kind, namespace: of, name }: Subject): boolean =>
  (kind === 'ServiceAccount' && of === namespace && name === serviceAccount) ||
  (kind === 'User' && name === `system:serviceaccount:${namespace}:${serviceAccount}`) ||
  (kind === 'Group' && (name.startsWith(joineryGroups) || name === `system:serviceaccounts:${namespace}`))

/** True for groups that the server and the tokens share with many others. */
const isWider = ({ kind, name }: Subject): boolean =>
  kind === 'Group' && [everybody, 'system:serviceaccounts', anyToken].includes(name)

/** True for Kubernetes' own bindings, which give everybody what is public. Each has the name of its role. */
const isStock = ({ name, role }: Binding): boolean =>
  name === role.name &&
  [
    'system:basic-user',
    'system:cluster-trust-bundle-discovery',
    'system:discovery',
    'system:public-info-viewer',
    'system:service-account-issuer-discovery'
  ].includes(name)

const describe = (binding: Binding): string => {
  const { kind, role, subjects } = binding
  const names = subjects.filter((subject) => isJoinery(subject) || isWider(subject)).map(({ name }) => name)
  return `${kind} ${place(binding)} gives ${role.kind} ${role.name} to ${names.join(', ')}`
}

const place = ({ namespace: of, name }: Binding): string => (of === '' ? name : `${of}/${name}`)

const remedyOf = (binding: Binding): string =>
  binding.subjects.every(isJoinery)
    ? deletion(binding)
    : comment(`see who needs ${binding.kind} ${place(binding)}, and narrow its subjects`)
