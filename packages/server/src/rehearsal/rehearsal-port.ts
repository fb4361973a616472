import { setImmediate as nextTurn } from 'node:timers/promises'
import { answered, nodeConfiguration } from '@joinery/kube'
import {
  kubeletSigner,
  notBanned,
  ownCsrPrefix,
  ownCsrSeconds,
  type Policy,
  serverUsername,
  servingSigner
} from '@joinery/kube/names'
import { hasStartupTaint, isNodeName, isStartupTaint, ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../core/base/clock.ts'
import type { Random } from '../core/base/random.ts'
import { leasesToSettle } from '../core/ports/cluster/banned-leases.ts'
import { boundedNode, boundedSight, shortReason } from '../core/ports/cluster/bounded-text.ts'
import { type Cluster, type ClusterNode, type Csr, type NodePod, notedAtMost } from '../core/ports/cluster/cluster.ts'
import { boundedImages, kubeProxyImage } from '../core/ports/cluster/images/image-sight.ts'
import { lacking } from '../core/ports/cluster/lacking.ts'
import { againOnConflict } from '../core/ports/cluster/on-conflict.ts'
import { untilHeeded } from '../core/ports/cluster/until-heeded.ts'
import type { CertificateControllers } from './certificate-controllers.ts'
import { kubeletUsages, type NodeConfigMap, nodeclientBinding } from './cluster-world.ts'
import { paged } from './paged.ts'
import { policyGaps } from './policy-gaps.ts'
import { isSignedRequest } from './proofs.ts'
import { approvalRefusal, denialRefusal, isOwn } from './refusals/approval-refusal.ts'
import { type ApiRequest, forbiddenWords, serverAuthorizer } from './refusals/authorizer.ts'
import { sizeRefusal } from './refusals/ban-list-size.ts'
import { deletionRefusal, labelRefusal } from './refusals/node-refusals.ts'
import { leaseRequests, nodeConfigurationRequests, requestsOf, signerRequest } from './refusals/requests.ts'
import {
  announce,
  changeBan,
  changeCsr,
  cleanCsrs,
  forgetNode,
  isHeededBan,
  keyOf,
  type State,
  type StoredCsr
} from './state.ts'
import { deleteExpired, tokenRefusal, tokenSecret } from './token-secret.ts'
import { wholeSeconds } from './whole-seconds.ts'

/** The pairing server's side of the rehearsal cluster: what the server's credential may do, and no more. */
export const rehearsalPort = (
  state: State,
  controllers: CertificateControllers,
  clock: Clock,
  random: Random,
  { secrets, serving = false, diagnosis = false }: RehearsalRights
): Cluster => {
  const isAllowed = serverAuthorizer(secrets ? 'token' : 'certificate', { serving, diagnosis }, (binding) =>
    state.bindingsGone.has(keyOf(binding))
  )
  const call = async <T>(answer: () => T): Promise<T> => {
    if (!state.reachable) throw unavailable('connection refused')
    state.answered = true
    const { answers, overload } = state
    answers.all += 1
    if (state.slow) answers.slow += 1
    if (overload?.status === 429) answers.refused += 1
    if (overload !== undefined) {
      throw answered(overload.status, overload.message, { retryAfter: overload.retryAfter?.toString() })
    }
    cleanCsrs(state, clock.now())
    return answer()
  }
  const requireRight = (request: ApiRequest): void => {
    if (!isAllowed(request)) throw answered(403, forbiddenWords(request))
  }
  /** Answers these requests if RBAC allows each of them. */
  const asked = <T>(requests: readonly ApiRequest[], answer: () => T): Promise<T> =>
    call(() => {
      for (const request of requests) requireRight(request)
      return answer()
    })
  // in a cluster of an earlier set-up a ban does without Leases
  const mayFree = (): boolean => isAllowed(leaseRequests.list) && isAllowed(leaseRequests.delete)
  const mayLabel = (): boolean => mayFree() && isAllowed(leaseRequests.create)
  /**
   * Refuses unless the server may approve for the signer: the admission plugin CertificateApproval
   * (plugin/pkg/admission/certificates/approval).
   */
  const requireSigner = ({ name, signer }: Csr): void => {
    if (isAllowed(signerRequest(signer))) return
    const object = `certificatesigningrequests.certificates.k8s.io "${name}"`
    throw answered(403, `${object} is forbidden: user not permitted to approve requests with signerName "${signer}"`)
  }
  const holds = (policy: Policy): boolean => !state.unbound.has(policy)
  /**
   * Reads a CSR, decides, and writes what it has read, as the real port does: an answer and a request lie between read
   * and write.
   */
  const judge = (
    name: string,
    requests: readonly ApiRequest[],
    decide: (csr: StoredCsr | undefined) => ((csr: StoredCsr) => void) | undefined
  ): Promise<void> =>
    againOnConflict(async () => {
      const { write, version } = await asked(requests.slice(0, 1), () => {
        const csr = state.csrs.get(name)
        return { write: decide(csr), version: csr?.version }
      })
      if (write === undefined) return
      await nextTurn()
      await asked(requests.slice(1), () => {
        const csr = state.csrs.get(name)
        if (csr === undefined || csr.version !== version) throw conflict
        write(csr)
      })
    }, isConflict)
  return {
    version: () => asked(requestsOf.version(), () => 'v1.37.2'),

    now: () => (state.answered ? clock.now() : undefined),

    answers: () => ({ ...state.answers }),

    endpoint: () =>
      asked(requestsOf.endpoint(), () => ({
        server: 'https://172.30.0.1:6443',
        certificateAuthority: state.ca.certificate
      })),

    publishedEndpoint: () => asked(requestsOf.publishedEndpoint(), () => 'https://172.30.0.1:6443'),

    apiHosts: () => asked(requestsOf.apiHosts(), () => ['172.30.0.1']),

    network: () =>
      asked(requestsOf.network(), () => ({
        podSubnets: ['10.244.0.0/16'],
        serviceSubnets: ['10.96.0.0/12'],
        controlPlanes: ['172.30.0.1:6443'],
        controlPlaneEndpoint: '172.30.0.1:6443',
        etcd: 'stacked'
      })),

    nodeConfiguration: () =>
      call(() => {
        const readable = (map: NodeConfigMap) =>
          isAllowed(nodeConfigurationRequests[map]) ? state.configMaps[map] : ''
        return nodeConfiguration(readable('kubelet-config'), readable('kube-proxy'))
      }),

    imageSight: () =>
      asked(requestsOf.imageSight(), () => {
        const ready = [...state.nodes.values()].filter(({ ready }) => ready === 'True')
        return boundedImages({
          ...(state.configMaps['kube-proxy'] !== '' && { kubeProxy: kubeProxyImage('v1.37.2') }),
          nodes: ready.map(({ name }) => ({ arch: 'amd64', images: structuredClone(state.nodeImages.get(name) ?? []) }))
        })
      }),

    publishesClusterInfo: () => call(() => state.clusterInfoPublic),

    nameHolder: (name) =>
      asked(requestsOf.nameHolder(name), () => {
        if (state.nodes.has(name)) return `Node ${name}`
        const [pod] = podsOf(state, name)
        return pod && `Pod ${pod.namespace}/${pod.name} is bound to ${name}`
      }),

    boundPods: (name) =>
      asked(requestsOf.boundPods(), () =>
        podsOf(state, name).map(({ namespace, name, daemonSet }) => ({
          namespace,
          name,
          controller: daemonSet === undefined ? '' : 'DaemonSet'
        }))
      ),

    nodePods: (name) => asked(requestsOf.nodePods(), () => podsOf(state, name)),

    autoApproval: (group) =>
      asked(requestsOf.autoApproval(), () => {
        if (state.nodeclientBound) return `ClusterRoleBinding ${nodeclientBinding} to system:bootstrappers`
        return group === kubeadmGroup ? `ClusterRoleBinding kubeadm:node-autoapprove-bootstrap to ${group}` : undefined
      }),

    policyGaps: (policy, { credential }) => call(() => policyGaps(state, policy, credential, isAllowed)),

    createToken: (token) =>
      asked(requestsOf.createToken(), () => {
        const now = clock.now()
        const refusal = holds('joinery-bootstrap-tokens') ? tokenRefusal(token, now) : undefined
        if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
        deleteExpired(state.secrets, now)
        if (!state.secrets.has(token.id)) state.secrets.set(token.id, tokenSecret(token))
      }),

    deleteToken: (id) => asked(requestsOf.deleteToken(id), () => void state.secrets.delete(id)),

    kubeletCsrs: () =>
      paged(
        state,
        (answer) => asked(requestsOf.kubeletCsrs(), answer),
        () => csrsFor(state, kubeletSigner)
      ),

    servingCsrs: () =>
      paged(
        state,
        (answer) => asked(requestsOf.servingCsrs(), answer),
        () => csrsFor(state, servingSigner)
      ),

    approveCsr: ({ name, uid }) =>
      judge(name, requestsOf.approveCsr({ name }), (csr) => {
        if (csr?.uid !== uid) throw new ProblemError('not-found', { detail: `the CSR ${name} is gone` })
        if (csr.denied) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was denied` })
        if (csr.approved) return undefined
        return (read) => {
          requireSigner(read)
          const refusal = holds('joinery-csr-approvals') ? approvalRefusal(read) : undefined
          if (refusal !== undefined) throw unavailable(refusal)
          controllers.approve(read)
        }
      }),

    denyCsr: ({ name, uid }) =>
      judge(name, requestsOf.denyCsr({ name }), (csr) => {
        if (csr?.uid !== uid || csr.denied) return undefined
        if (csr.approved) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was approved` })
        return (read) => {
          requireSigner(read)
          const refusal = holds('joinery-csr-approvals') ? denialRefusal(read) : undefined
          if (refusal !== undefined) throw unavailable(refusal)
          changeCsr(state, read, { denied: true, judged: wholeSeconds(clock.now()) })
        }
      }),

    createOwnCsr: async ({ name, request }) => {
      const signed = await isSignedRequest(request)
      return asked(requestsOf.createOwnCsr(), () => {
        const there = state.csrs.get(name)
        if (there !== undefined) return asCsr(there)
        if (!signed) throw unavailable('spec.request: Invalid value')
        if (!name.startsWith(ownCsrPrefix) && holds('joinery-csrs'))
          throw unavailable(`admission: Joinery's own are called ${ownCsrPrefix}*`)
        const csr: StoredCsr = {
          name,
          uid: random.id(),
          version: 1,
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
      asked(requestsOf.ownCsr(name), () => {
        const csr = state.csrs.get(name)
        return csr && asCsr(csr)
      }),

    deleteOwnCsr: (name) =>
      asked(requestsOf.deleteOwnCsr(name), () => {
        const csr = state.csrs.get(name)
        if (csr === undefined) return
        if (!isOwn(csr) && holds('joinery-csrs')) throw unavailable('admission: Joinery deletes no CSR but its own')
        state.csrs.delete(name)
        announce(state)
      }),

    nodes: () =>
      paged(
        state,
        (answer) => asked(requestsOf.nodes(), answer),
        () => structuredClone([...state.nodes.values()].map(boundedNode))
      ),

    nodeSight: (name) =>
      asked(requestsOf.nodeSight(name), () => {
        const node = state.nodes.get(name)
        if (node === undefined) return undefined
        const { uid, created, taints, labels, podCidrs = [] } = node
        const { conditions, kubelet } = state.sights.get(name) ?? { conditions: [], kubelet: '' }
        return structuredClone(boundedSight({ uid, created, taints, labels, podCidrs, conditions, kubelet }))
      }),

    podSight: (name) =>
      asked(requestsOf.podSight(name), () => {
        const { banned, renewed } = state.leases.get(name) ?? { banned: true }
        const pods = [...state.daemonPods.values()].flatMap(({ node, ...pod }) => (node === name ? [pod] : []))
        const isRenewed = !banned && renewed !== undefined
        return structuredClone({ pods, ...(isRenewed && { renewed, leaseSeconds: 40 }) })
      }),

    daemonSets: () => asked(requestsOf.daemonSets(), () => structuredClone([...state.daemonSets.values()])),

    setLabelsAndTaints: ({ name, uid }, wanted) =>
      asked(requestsOf.setLabelsAndTaints({ name }), () => {
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

    removeStartupTaint: ({ name, uid }) =>
      asked(requestsOf.removeStartupTaint({ name }), () => {
        const node = state.nodes.get(name)
        if (node?.uid !== uid) throw new ProblemError('not-found', { detail: `the Node ${name} is gone` })
        if (!hasStartupTaint(node)) return
        const after = { ...node, taints: node.taints.filter((taint) => !isStartupTaint(taint)) }
        state.nodes.set(name, after)
        announce(state, after)
      }),

    deleteNode: ({ name, uid }) =>
      untilHeeded(
        () =>
          asked(requestsOf.deleteNode({ name }), () => {
            const node = state.nodes.get(name)
            if (node?.uid !== uid) return
            const isHeeded = isHeededBan(state, name, clock.now())
            const refusal = holds('joinery-node-deletions') ? deletionRefusal(node, isHeeded) : undefined
            if (refusal !== undefined) throw unavailable(`admission: ${refusal}`)
            forgetNode(state, name)
            announce(state)
          }),
        // nothing comes that is not on its way already
        (error) => error instanceof Error && error.message.includes(notBanned) && state.banned.has(name)
      ),

    ban: (name, reason) =>
      asked(requestsOf.ban(name), () => {
        if (holds('joinery-ban-list') && !isNodeName(name)) {
          throw unavailable('admission: the ban list holds node names, each with a reason of at most 1024 characters')
        }
        const full = sizeRefusal(new Map(state.banned).set(name, shortReason(reason)))
        if (full !== undefined) throw answered(422, full)
        changeBan(state, name, shortReason(reason), clock.now())
        if (state.nodes.has(name) && mayLabel()) labelLease(state, name)
      }),

    bans: () => asked(requestsOf.bans(), () => new Map(state.banned)),

    unban: (name) =>
      asked(requestsOf.unban(), () => {
        if (!state.banned.has(name)) return
        changeBan(state, name, undefined, clock.now())
        if (mayFree()) freeLease(state, name)
      }),

    generation: () =>
      asked(requestsOf.generation(), () => {
        const text = state.generation?.slice(0, notedAtMost)
        return { version: String(state.banListVersion), ...given({ text }) }
      }),

    noteGeneration: (text, version) =>
      asked(requestsOf.noteGeneration(), () => {
        if (version !== String(state.banListVersion)) {
          throw unavailable('the API server refuses it (409): the object has been modified')
        }
        state.generation = text
        state.banListVersion += 1
      }),

    settleBannedLeases: (nodes, turn) =>
      asked(requestsOf.settleBannedLeases(), () => {
        const labelled = [...state.leases].flatMap(([name, { banned }]) => (banned ? [name] : []))
        const there = new Set(nodes.map(({ name }) => name))
        const ready = new Set(nodes.flatMap(({ name, ready }) => (ready === 'True' ? [name] : [])))
        const { label, free, left } = leasesToSettle(
          new Set(state.banned.keys()),
          there,
          new Set(labelled),
          turn,
          ready
        )
        if (label.length > 0) for (const request of [leaseRequests.delete, leaseRequests.create]) requireRight(request)
        if (free.length > 0) requireRight(leaseRequests.delete)
        for (const name of label) labelLease(state, name)
        for (const name of free) freeLease(state, name)
        return left
      }),

    watch: (changed, signal) => {
      const tell = (event: Event): void => {
        if (!requestsOf.watch().every(isAllowed)) return
        const { detail: node } = event as CustomEvent<ClusterNode | undefined>
        changed(node ? boundedNode(node) : undefined)
      }
      state.watch.addEventListener('change', tell)
      // the option `signal` does not work here: if several listeners share a target, Node lets all but the last forget
      // their signal
      signal.addEventListener('abort', () => state.watch.removeEventListener('change', tell), { once: true })
    }
  }
}

export interface RehearsalRights {
  /** True if the server may make and delete bootstrap tokens: `credential: token` of its configuration. */
  secrets: boolean
  /** True if the server may approve kubelets' serving certificates: `servingCertificates: approve`. */
  serving?: boolean
  /** True if the server may read what says why a Node is not Ready: `diagnosis: on`. */
  diagnosis?: boolean
}

const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'

const unavailable = (detail: string): ProblemError => new ProblemError('cluster-unavailable', { detail })

/** The refusal of a write whose version is no longer the current one: nothing was written. */
const conflict = answered(
  409,
  'the object has been modified; please apply your changes to the latest version and try again'
)
const isConflict = (error: unknown): boolean => error === conflict

const asCsr = ({ failed, seconds, version, judged, ...csr }: StoredCsr): Csr => structuredClone(csr)

/** Labels the Lease. A Lease that does not exist gets no label. */
const labelLease = ({ leases }: State, name: string): void => {
  // a labelled Lease was never renewed
  if (leases.has(name)) leases.set(name, { banned: true })
}

/** Deletes a labelled Lease, so that the kubelet can make another one. */
const freeLease = ({ leases }: State, name: string): void => {
  if (leases.get(name)?.banned === true) leases.delete(name)
}

/** The Pods that are bound to the Node of this name. */
const podsOf = ({ pods }: State, name: string): NodePod[] =>
  [...pods.values()].flatMap(({ node, ...pod }) => (node === name ? structuredClone(pod) : []))

const csrsFor = ({ csrs }: State, signer: string): Csr[] =>
  [...csrs.values()].filter((csr) => csr.signer === signer).map(asCsr)
