import { versionProblem } from '../../version.ts'
import { type ServedGroup, servedGroups } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from './check.ts'

/** API groups that Joinery needs beyond those that every cluster has. */
const needed: Record<ServedGroup, readonly string[]> = {
  'admissionregistration.k8s.io/v1': ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
  'authorization.k8s.io/v1': ['subjectaccessreviews'],
  'certificates.k8s.io/v1': ['certificatesigningrequests'],
  'discovery.k8s.io/v1': ['endpointslices']
}

export const apiVersions: ClusterCheck = {
  name: 'api-versions',
  why: 'an API server enforces only the policies that it knows: without admission policies nothing narrows the server',
  async run(sight) {
    const version = await sight.version()
    const served = await Promise.all(servedGroups.map(async (group) => [group, await sight.resources(group)] as const))
    return judgeApiVersions(version, new Map(served))
  }
}

export const judgeApiVersions = (version: string, served: ReadonlyMap<ServedGroup, readonly string[]>): Finding => {
  const old = versionProblem(version)
  if (old !== undefined) return wrong('fail', old, 'kubeadm upgrade plan')
  const missing = servedGroups.flatMap((group) =>
    needed[group].filter((resource) => !served.get(group)?.includes(resource)).map((resource) => `${resource}.${group}`)
  )
  if (missing.length === 0) return pass(`Kubernetes ${version}`)
  return wrong(
    'fail',
    `Kubernetes ${version} does not serve ${listed(missing)}`,
    comment(
      'take them out of --runtime-config in /etc/kubernetes/manifests/kube-apiserver.yaml, on each control-plane host'
    )
  )
}
