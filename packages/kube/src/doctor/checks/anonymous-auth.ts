import { type AnonymousAccess, anonymousAccess } from '../anonymous-access.ts'
import { deletion } from '../change.ts'
import type { Binding, ComponentPod, Subject } from '../sight.ts'
import { clusterInfoPath, healthPaths } from './anonymous-endpoints.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from './check.ts'
import { anonymous, clusterInfoBinding } from './cluster-info.ts'

/**
 * Check of what anonymous users may do. It matters less whether they exist: probes of the API server are anonymous,
 * too.
 */
export const anonymousAuth: ClusterCheck = {
  name: 'anonymous-auth',
  why: 'anybody who reaches the API server may do it, without any credential',
  async run(sight) {
    const [bindings, pods] = await Promise.all([sight.bindings(), sight.controlPlane('kube-apiserver')])
    return judgeAnonymous(bindings, pods)
  }
}

/**
 * Bindings that this check leaves out: Kubernetes' own (health and version), and the one that has a check of its own.
 */
const known = ['system:public-info-viewer', clusterInfoBinding]

export const judgeAnonymous = (bindings: readonly Binding[], pods: readonly ComponentPod[]): Finding => {
  const accesses = pods.map(anonymousAccess)
  const isHeld = (access: AnonymousAccess): boolean =>
    access.kind === 'off' ||
    (access.kind === 'limited' && access.paths.every((path) => [...healthPaths, clusterInfoPath].includes(path)))
  if (pods.length > 0 && accesses.every(({ kind }) => kind === 'off')) {
    return pass('the API server lets nobody in without a credential')
  }
  if (pods.length > 0 && accesses.every(isHeld)) {
    return pass('without a credential nobody reaches more than health and cluster-info, whatever the bindings say')
  }
  const found = bindings.filter(({ name, subjects }) => !known.includes(name) && subjects.some(isAnonymous))
  if (found.length === 0) return pass('without a credential nobody may do more than read health and version')
  return wrong(
    'fail',
    `anybody without a credential has ${listed(found.map(({ name, role }) => `${role.kind} ${role.name}, by ${name}`))}`,
    ...found.map(remedyOf)
  )
}

const isAnonymous = ({ name }: Subject): boolean => name === anonymous.user || name === anonymous.group

const remedyOf = (binding: Binding): string => {
  const { kind, namespace, name, subjects } = binding
  if (subjects.every(isAnonymous)) return deletion(binding)
  const where = namespace === '' ? '' : `${namespace}/`
  return comment(`take ${anonymous.user} and ${anonymous.group} out of ${kind} ${where}${name}`)
}
