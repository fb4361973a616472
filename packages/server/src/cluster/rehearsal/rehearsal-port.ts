import { isNodeName, ProblemError } from '@joinery/protocol'
import type { Clock } from '../../clock.ts'
import type { Random } from '../../random.ts'
import { leasesToSettle } from '../banned-leases.ts'
import { boundedNode } from '../bounded-node.ts'
import {
  type Cluster,
  type ClusterNode,
  type Csr,
  kubeletSigner,
  notedAtMost,
  ownCsrPrefix,
  ownCsrSeconds,
  type Policy,
  serverUsername,
  servingSigner
} from '../cluster.ts'
import { lacking } from '../lacking.ts'
import { nodeConfiguration } from '../node-configuration.ts'
import { shortReason } from '../short-reason.ts'
import { approvalRefusal, denialRefusal, isOwn } from './approval-refusal.ts'
import type { CertificateControllers } from './certificate-controllers.ts'
import { kubeletUsages, nodeclientBinding } from './cluster-world.ts'
import { deletionRefusal } from './deletion-refusal.ts'
import { labelRefusal } from './label-refusal.ts'
import { paged } from './paged.ts'
import { policyGaps } from './policy-gaps.ts'
import { isSignedRequest } from './proofs.ts'
import { announce, type State, type StoredCsr, wholeSeconds } from './state.ts'
import { deleteExpired, tokenRefusal, tokenSecret } from './token-secret.ts'

/** The pairing server's side of the rehearsal cluster: what its credential may do, and no more. */
export const rehearsalPort = (
  state: State,
  controllers: CertificateControllers,
  clock: Clock,
  random: Random,
  { secrets, serving = false }: RehearsalRights
): Cluster => {
  const call = async <T>(answer: () => T): Promise<T> => {
    if (!state.reachable) throw unavailable('connection refused')
    state.answered = true
    return answer()
  }
  const holds = (policy: Policy): boolean => !state.unbound.has(policy)
  const withSecrets = <T>(answer: () => T): Promise<T> =>
    call(() => {
      if (!secrets) throw unavailable('the API server forbids it (403): secrets is forbidden')
      return answer()
    })
  return {
    version: () => call(() => 'v1.37.2'),

    now: () => (state.answered ? clock.now() : undefined),

    endpoint: () => call(() => ({ server: 'https://172.30.0.1:6443', certificateAuthority: state.ca.certificate })),

    apiHosts: () => call(() => ['172.30.0.1']),

    network: () =>
      call(() => ({
        podSubnets: ['10.244.0.0/16'],
        serviceSubnets: ['10.96.0.0/12'],
        controlPlanes: ['172.30.0.1:6443'],
        controlPlaneEndpoint: '172.30.0.1:6443',
        etcd: 'stacked'
      })),

    nodeConfiguration: () =>
      call(() => nodeConfiguration(state.configMaps['kubelet-config'], state.configMaps['kube-proxy'])),

    publishesClusterInfo: () => call(() => state.clusterInfoPublic),

    nameHolder: (name) =>
      call(() => {
        if (state.nodes.has(name)) return `Node ${name}`
        const [pod] = [...state.pods].find(([, node]) => node === name) ?? []
        return pod === undefined ? undefined : `Pod default/${pod} is bound to ${name}`
      }),

    boundPods: (name) =>
      call(() =>
        [...state.pods]
          .filter(([, node]) => node === name)
          .map(([pod]) => ({ namespace: 'default', name: pod, controller: '' }))
      ),

    autoApproval: (group) =>
      call(() => {
        if (state.nodeclientBound) return `ClusterRoleBinding ${nodeclientBinding} to system:bootstrappers`
        return group === kubeadmGroup ? `ClusterRoleBinding kubeadm:node-autoapprove-bootstrap to ${group}` : undefined
      }),

    policyGaps: (policy, { credential }) => call(() => policyGaps(state, policy, credential, secrets)),

    createToken: (token) =>
      withSecrets(() => {
        const now = clock.now()
        const refusal = holds('joinery-bootstrap-tokens') ? tokenRefusal(token, now) : undefined
        if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
        deleteExpired(state.secrets, now)
        if (!state.secrets.has(token.id)) state.secrets.set(token.id, tokenSecret(token))
      }),

    deleteToken: (id) => withSecrets(() => void state.secrets.delete(id)),

    kubeletCsrs: () => paged(state, call, () => csrsFor(state, kubeletSigner)),

    servingCsrs: () => paged(state, call, () => csrsFor(state, servingSigner)),

    approveCsr: ({ name, uid }) =>
      call(() => {
        const csr = state.csrs.get(name)
        if (csr?.uid !== uid) throw new ProblemError('not-found', { detail: `the CSR ${name} is gone` })
        if (csr.denied) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was denied` })
        if (csr.approved) return
        const refusal = approvalRefusal(csr, serving, holds('joinery-csr-approvals'))
        if (refusal !== undefined) throw unavailable(refusal)
        controllers.approve(csr)
      }),

    denyCsr: ({ name, uid }) =>
      call(() => {
        const csr = state.csrs.get(name)
        if (csr?.uid !== uid || csr.denied) return
        if (csr.approved) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was approved` })
        const refusal = denialRefusal(csr)
        if (refusal !== undefined) throw unavailable(refusal)
        csr.denied = true
        announce(state)
      }),

    createOwnCsr: async ({ name, request }) => {
      const signed = await isSignedRequest(request)
      return call(() => {
        const there = state.csrs.get(name)
        if (there !== undefined) return asCsr(there)
        if (!signed) throw unavailable('spec.request: Invalid value')
        if (!name.startsWith(ownCsrPrefix) && holds('joinery-csrs'))
          throw unavailable(`admission: Joinery's own are called ${ownCsrPrefix}*`)
        const csr: StoredCsr = {
          name,
          uid: random.id(),
          created: wholeSeconds(clock.now()),
          username: serverUsername,
          groups: ['system:serviceaccounts', 'system:serviceaccounts:joinery-system', 'system:authenticated'],
          usages: kubeletUsages,
          signer: kubeletSigner,
          request,
          approved: false,
          denied: false,
          failed: false,
          seconds: ownCsrSeconds
        }
        state.csrs.set(name, csr)
        announce(state)
        return asCsr(csr)
      })
    },

    ownCsr: (name) =>
      call(() => {
        const csr = state.csrs.get(name)
        return csr && asCsr(csr)
      }),

    deleteOwnCsr: (name) =>
      call(() => {
        const csr = state.csrs.get(name)
        if (csr === undefined) return
        if (!isOwn(csr) && holds('joinery-csrs')) throw unavailable('admission: Joinery deletes no CSR but its own')
        state.csrs.delete(name)
        announce(state)
      }),

    nodes: () => paged(state, call, () => structuredClone([...state.nodes.values()].map(boundedNode))),

    setLabelsAndTaints: ({ name, uid }, wanted) =>
      call(() => {
        const node = state.nodes.get(name)
        if (node?.uid !== uid) throw new ProblemError('not-found', { detail: `the Node ${name} is gone` })
        const lacks = lacking(node, wanted)
        if (lacks === undefined) return
        const refusal = holds('joinery-nodes') ? labelRefusal(node, lacks) : undefined
        if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
        const labels = Object.entries({ ...node.labels, ...lacks.labels }).flatMap(([key, value]) =>
          value === null ? [] : [[key, value] as const]
        )
        const after = { ...node, labels: Object.fromEntries(labels), taints: lacks.taints ?? node.taints }
        state.nodes.set(name, after)
        announce(state, after)
      }),

    deleteNode: ({ name, uid }) =>
      call(() => {
        const node = state.nodes.get(name)
        if (node?.uid !== uid) return
        const refusal = holds('joinery-node-deletions') ? deletionRefusal(node, state.banned) : undefined
        if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
        state.nodes.delete(name)
        state.leases.delete(name)
        announce(state)
      }),

    ban: (name, reason) =>
      call(() => {
        if (holds('joinery-ban-list') && !isNodeName(name)) {
          throw unavailable('admission: the ban list holds node names, each with a reason of at most 1024 characters')
        }
        state.banned.set(name, shortReason(reason))
        state.banListVersion += 1
        if (state.nodes.has(name)) labelLease(state, name, true)
      }),

    bans: () => call(() => new Map(state.banned)),

    unban: (name) =>
      call(() => {
        state.banned.delete(name)
        state.banListVersion += 1
        labelLease(state, name, false)
      }),

    generation: () =>
      call(() => {
        const text = state.generation?.slice(0, notedAtMost)
        return { version: String(state.banListVersion), ...(text !== undefined && { text }) }
      }),

    noteGeneration: (number, version) =>
      call(() => {
        if (version !== String(state.banListVersion)) {
          throw unavailable('the API server refuses it (409): the object has been modified')
        }
        state.generation = String(number)
        state.banListVersion += 1
      }),

    settleBannedLeases: (nodes, turn) =>
      call(() => {
        const labelled = [...state.leases].flatMap(([name, { banned }]) => (banned ? [name] : []))
        const there = new Set(nodes.map(({ name }) => name))
        const { label, free, left } = leasesToSettle(new Set(state.banned.keys()), there, new Set(labelled), turn)
        for (const name of label) labelLease(state, name, true)
        for (const name of free) labelLease(state, name, false)
        return left
      }),

    watch: (changed, signal) => {
      const tell = (event: Event): void => {
        const { detail: node } = event as CustomEvent<ClusterNode | undefined>
        changed(node ? boundedNode(node) : undefined)
      }
      state.watch.addEventListener('change', tell)
      // not by the option `signal`: of several listeners of one target Node lets all but the last forget their signal
      signal.addEventListener('abort', () => state.watch.removeEventListener('change', tell), { once: true })
    }
  }
}

export interface RehearsalRights {
  /** It may make and delete bootstrap tokens: `credential: token` of the server's configuration. */
  secrets: boolean
  /** It may approve kubelets' serving certificates: `servingCertificates: approve`. */
  serving?: boolean
}

const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'

const unavailable = (detail: string): ProblemError => new ProblemError('cluster-unavailable', { detail })

const asCsr = ({ failed, seconds, ...csr }: StoredCsr): Csr => structuredClone(csr)

/** One that is not there gets none. */
const labelLease = ({ leases }: State, name: string, banned: boolean): void => {
  if (leases.has(name)) leases.set(name, { banned })
}

const csrsFor = ({ csrs }: State, signer: string): Csr[] =>
  [...csrs.values()].filter((csr) => csr.signer === signer).map(asCsr)
