import type { Binding } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, mendable, pass, wrong } from './check.ts'

export const anonymous = { user: 'system:anonymous', group: 'system:unauthenticated' }

/** Name of kubeadm's own binding, and of its Role. */
export const clusterInfoBinding = 'kubeadm:bootstrap-signer-clusterinfo'

export const clusterInfo: ClusterCheck = {
  name: 'cluster-info',
  why: 'anybody who reaches the API server reads its address, the ids of live tokens, and the signatures on which guesses of a token can be tried',
  async run(sight) {
    const reason = await sight.review({
      user: anonymous.user,
      groups: [anonymous.group],
      verb: 'get',
      group: '',
      resource: 'configmaps',
      namespace: 'kube-public',
      name: 'cluster-info'
    })
    return judgeClusterInfo(reason, await sight.bindings())
  }
}

const breaks =
  'kubeadm join with --discovery-token no longer finds the cluster; machines of Joinery, and --discovery-file, still do'

/**
 * Judges who may read cluster-info. `reason` says why somebody without a credential may read it; undefined if nobody
 * may.
 */
export const judgeClusterInfo = (reason: string | undefined, bindings: readonly Binding[]): Finding => {
  if (reason === undefined) return pass('nobody reads cluster-info without a credential')
  const finding = `cluster-info is public: ${reason}`
  const object = bindings.find(
    ({ kind, namespace, name, subjects }) =>
      kind === 'RoleBinding' &&
      namespace === 'kube-public' &&
      name === clusterInfoBinding &&
      subjects.some((subject) => subject.name === anonymous.user || subject.name === anonymous.group)
  )
  if (object !== undefined) return mendable('warn', finding, [{ verb: 'delete', object, breaks }])
  return wrong(
    'warn',
    finding,
    comment(`take ${anonymous.user} and ${anonymous.group} out of the binding that gives it`),
    'kubectl --namespace kube-public get rolebindings --output wide'
  )
}
