import type { Manifest } from '@joinery/kube'
import type { Binding, Change, ClusterSight, ServedGroup, Token } from '@joinery/kube/doctor'
import { manifests } from '@joinery/kube/manifests'
import type { CredentialKind } from '@joinery/protocol'
import { binding, clusterBinding, group, token, user } from '@joinery/testing/cluster/doctor-objects'

/** What there is in a cluster, as far as these tests are about it. */
export interface Seen {
  bindings: Binding[]
  tokens: Token[]
  objects: Manifest[]
}

const signer = 'kubeadm:bootstrap-signer-clusterinfo'
const nodeclient = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient'
const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'

/** As kubeadm leaves it, with a token that never expires and Joinery without one of its objects. */
export const freshCluster = (credential: CredentialKind = 'token'): Seen => ({
  bindings: [
    clusterBinding('kubeadm:node-autoapprove-bootstrap', nodeclient, group(kubeadmGroup)),
    binding('kube-public', signer, signer, user('system:anonymous'))
  ],
  tokens: [token('abcdef', { expires: undefined })],
  objects: manifests({ credential, kubeProxy: false }).filter(({ kind }) => kind !== 'ConfigMap')
})

/** Answers for `seen` as it is then: for what the commands say, not for what an API server does. */
export const sightOf = (seen: Seen): ClusterSight => ({
  version: async () => 'v1.37.2',
  resources: async (name) => resources[name],
  review: async ({ subresource, groups }) => {
    const found =
      subresource === 'nodeclient'
        ? seen.bindings.find(
            ({ role, subjects }) => role.name === nodeclient && subjects.some((one) => groups.includes(one.name))
          )
        : seen.bindings.find(({ name }) => name === signer)
    return found && `allowed by ${found.name}`
  },
  bindings: async () => seen.bindings,
  clusterRoles: async () => [],
  webhooks: async () => [],
  mutatingPolicies: async () => [],
  tokens: async () => seen.tokens,
  kubeadmCerts: async () => undefined,
  controlPlane: async () => [],
  kubeletCsrs: async () => [],
  object: async ({ kind, metadata }) =>
    seen.objects.find(
      (one) => one.kind === kind && one.metadata.name === metadata.name && one.metadata.namespace === metadata.namespace
    )
})

const resources: Record<ServedGroup, string[]> = {
  'admissionregistration.k8s.io/v1': ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
  'authorization.k8s.io/v1': ['subjectaccessreviews'],
  'certificates.k8s.io/v1': ['certificatesigningrequests'],
  'discovery.k8s.io/v1': ['endpointslices']
}

/** Makes the change in `seen`. */
export const mendIn =
  (seen: Seen) =>
  async (change: Change): Promise<string> => {
    if (change.verb === 'enforce') {
      seen.objects.push(change.manifest)
      return `${change.manifest.metadata.name} created`
    }
    const others = <T extends { name: string }>(some: T[]): T[] =>
      some.filter(({ name }) => name !== change.object.name)
    seen.bindings = others(seen.bindings)
    seen.tokens = others(seen.tokens)
    return `${change.object.name} deleted`
  }
