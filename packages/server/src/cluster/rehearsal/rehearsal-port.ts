import { isNodeName, ProblemError } from '@joinery/protocol'
import type { Clock } from '../../clock.ts'
import type { Cluster, Csr } from '../cluster.ts'
import type { CertificateControllers } from './certificate-controllers.ts'
import { type AdminCsr, nodeclientBinding } from './cluster-world.ts'
import type { State } from './state.ts'
import { deleteExpired, tokenRefusal, tokenSecret } from './token-secret.ts'

/** The pairing server's side of the rehearsal cluster: what its credential may do, and no more. */
export const rehearsalPort = (state: State, controllers: CertificateControllers, clock: Clock): Cluster => {
  const call = async <T>(answer: () => T): Promise<T> => {
    if (!state.reachable) throw unavailable('connection refused')
    return answer()
  }
  return {
    version: () => call(() => 'v1.37.2'),

    endpoint: () => call(() => ({ server: 'https://172.30.0.1:6443', certificateAuthority: state.ca.certificate })),

    network: () =>
      call(() => ({
        podSubnets: ['10.244.0.0/16'],
        serviceSubnets: ['10.96.0.0/12'],
        controlPlanes: ['172.30.0.1:6443']
      })),

    nameHolder: (name) =>
      call(() => {
        if (state.nodes.has(name)) return `Node ${name}`
        const [pod] = [...state.pods].find(([, node]) => node === name) ?? []
        return pod === undefined ? undefined : `Pod default/${pod} is bound to ${name}`
      }),

    autoApproval: (group) =>
      call(() => {
        if (state.nodeclientBound) return `ClusterRoleBinding ${nodeclientBinding} to system:bootstrappers`
        return group === kubeadmGroup ? `ClusterRoleBinding kubeadm:node-autoapprove-bootstrap to ${group}` : undefined
      }),

    tokenPolicyGaps: () =>
      call(() => (state.tokenPolicyBound ? [] : forbiddenSecrets.map((what) => `${what} is not refused`))),

    createToken: (token) =>
      call(() => {
        const now = clock.now()
        const refusal = state.tokenPolicyBound ? tokenRefusal(token, now) : undefined
        if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
        deleteExpired(state.secrets, now)
        if (!state.secrets.has(token.id)) state.secrets.set(token.id, tokenSecret(token))
      }),

    deleteToken: (id) => call(() => void state.secrets.delete(id)),

    kubeletCsrs: () => call(() => [...state.csrs.values()].map(asCsr)),

    approveCsr: ({ name, uid }) =>
      call(() => {
        const csr = state.csrs.get(name)
        if (csr?.uid !== uid) throw new ProblemError('not-found', { detail: `the CSR ${name} is gone` })
        if (csr.denied) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was denied` })
        if (csr.approved) return
        if (csr.usages.some((usage) => !clientUsages.includes(usage))) {
          throw unavailable('admission: Joinery approves client certificates only')
        }
        controllers.approve(csr)
      }),

    nodes: () => call(() => [...state.nodes.values()].map((node) => ({ ...node }))),

    ban: (name, reason) =>
      call(() => {
        if (!isNodeName(name) || [...reason].length > 1024) {
          throw unavailable('admission: the ban list holds node names, each with a reason of at most 1024 characters')
        }
        state.banned.set(name, reason)
      }),

    unban: (name) => call(() => void state.banned.delete(name)),

    watch: (changed, signal) => state.watch.addEventListener('change', () => changed(), { signal })
  }
}

const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'

/** What the admission policy `joinery-bootstrap-tokens` is asked to refuse. */
const forbiddenSecrets = [
  "a token of kubeadm's own group",
  'a token that lives for a day',
  'a token without expiry',
  'a Secret of another type'
]

/** Of the admission policy `joinery-csr-approvals`. */
const clientUsages = ['digital signature', 'key encipherment', 'client auth']

const unavailable = (detail: string): ProblemError => new ProblemError('cluster-unavailable', { detail })

const asCsr = ({ failed, ...csr }: AdminCsr): Csr => structuredClone(csr)
