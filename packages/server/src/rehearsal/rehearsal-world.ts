import { kubeletSigner, nodesGroup, nodeUsername, type Policy } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../core/base/clock.ts'
import type { Random } from '../core/base/random.ts'
import type { ClusterNode, Csr } from '../core/ports/cluster/cluster.ts'
import type { CertificateControllers } from './certificate-controllers.ts'
import {
  type CertificateHolder,
  type ClusterWorld,
  type CsrSubmission,
  kubeletUsages,
  Refusal,
  type StatedCondition
} from './cluster-world.ts'
import { commonNameOf, credentialIdOf, isSignedRequest, nodeOfCertificate } from './proofs.ts'
import { fillers } from './refusals/ban-list-size.ts'
import { announce, changeBan, changeCsr, cleanCsrs, forgetNode, isHeededBan, keyOf, type State } from './state.ts'
import { authenticate, deleteExpired, signatures, type TokenUser } from './token-secret.ts'
import { wholeSeconds } from './whole-seconds.ts'

/**
 * The side of everybody else in the rehearsal cluster: kubelets, the administrator, and the network to the API server.
 */
export const rehearsalWorld = (
  state: State,
  controllers: CertificateControllers,
  clock: Clock,
  random: Random
): ClusterWorld => {
  const liveSecrets = () => {
    deleteExpired(state.secrets, clock.now())
    return state.secrets
  }
  /** Writes these conditions of the Node, each with the times that a kubelet gives them. The others stay. */
  const writeConditions = (name: string, written: readonly StatedCondition[], version?: string): void => {
    const { conditions, kubelet } = state.sights.get(name) ?? { conditions: [], kubelet: '' }
    const now = wholeSeconds(clock.now())
    const others = conditions.filter(({ type }) => written.every((one) => one.type !== type))
    const made = written.map((one) => {
      const before = conditions.find(({ type }) => type === one.type)
      const since = before?.status === one.status ? before.since : now
      return { ...one, written: now, ...given({ since }) }
    })
    state.sights.set(name, { conditions: [...others, ...made], kubelet: version ?? kubelet })
  }
  const birth = () => ({ uid: random.id(), created: wholeSeconds(clock.now()) })

  const nodeOf = ({ certificate, key }: CertificateHolder): string => {
    const node = nodeOfCertificate(certificate, key, state.ca.certificate, clock.now())
    if (node === undefined) throw new Refusal(401, 'Unauthorized')
    return node
  }
  const userOfToken = (token: { id: string; secret: string }): TokenUser | undefined => {
    const [key, now] = [`${token.id}.${token.secret}`, clock.now()]
    const remembered = state.admitted.get(key)
    if (remembered !== undefined && now < remembered.until) return remembered.user
    const user = authenticate(liveSecrets(), token)
    if (user !== undefined) state.admitted.set(key, { user, until: new Date(now.getTime() + state.delays.tokens) })
    return user
  }
  const requester = (submission: CsrSubmission): Pick<Csr, 'username' | 'groups' | 'credentialId'> => {
    if ('holder' in submission) {
      const node = nodeOf(submission.holder)
      if (isBanned(state, node, clock.now())) throw new Refusal(422, banned)
      const credentialId = credentialIdOf(submission.holder.certificate)
      return { username: nodeUsername(node), groups: [nodesGroup, 'system:authenticated'], credentialId }
    }
    const user = userOfToken(submission.token)
    if (user === undefined) throw new Refusal(401, 'Unauthorized')
    if ((submission.signer ?? kubeletSigner) !== kubeletSigner && !state.unbound.has('joinery-bootstrap-csrs'))
      throw new Refusal(422, "a joining machine may only ask for its kubelet's certificate")
    return user
  }

  return {
    userOf: async (holder) => nodeUsername(nodeOf(holder)),

    submitCsr: async (submission) => {
      const { request, usages = kubeletUsages, signer = kubeletSigner } = submission
      const user = requester(submission)
      if (!(await isSignedRequest(request))) throw new Refusal(422, 'spec.request: Invalid value')
      // the plugin NodeRestriction
      if (user.groups.includes(nodesGroup) && commonNameOf(request) !== user.username)
        throw new Refusal(403, `can only create a node CSR with CN=${user.username}`)
      const name = `csr-${random.id()}`
      const conditions = { approved: false, denied: false, failed: false }
      state.csrs.set(name, { name, version: 1, ...birth(), ...user, usages, signer, request, ...conditions })
      announce(state)
      controllers.autoApprove()
      return name
    },

    csr: async (name) => {
      cleanCsrs(state, clock.now())
      return structuredClone(state.csrs.get(name))
    },

    denyCsrAsAdmin: async (name) => {
      const csr = existing(state.csrs, name)
      if (csr.approved) throw new Refusal(422, 'Approved and Denied conditions are mutually exclusive')
      changeCsr(state, csr, { denied: true, judged: wholeSeconds(clock.now()) })
    },

    annotateCsr: async (name) => changeCsr(state, existing(state.csrs, name), {}),

    deleteCsr: async (name) => {
      state.csrs.delete(name)
      announce(state)
    },

    registerNode: async ({
      name,
      certificate,
      key,
      machineId,
      systemUuid,
      addresses = [],
      labels = {},
      taints = []
    }) => {
      const holder = nodeOf({ certificate, key })
      if (holder !== name) throw new Refusal(403, `node "${holder}" is not allowed to modify node "${name}"`)
      if (isBanned(state, name, clock.now())) throw new Refusal(422, banned)
      const node = state.nodes.get(name) ?? { name, ...birth(), ...noCondition, addresses, labels, taints }
      const after = { ...node, machineId, systemUuid, addresses }
      state.nodes.set(name, after)
      announce(state, after)
    },

    renewLease: async (holder) => {
      const name = nodeOf(holder)
      const lease = state.leases.get(name)
      const holds = (policy: Policy): boolean => !state.unbound.has(policy)
      const isRefused = lease
        ? lease.banned && holds('joinery-ban-leases')
        : isHeededBan(state, name, clock.now()) && holds('joinery-ban-reports')
      if (isRefused) throw new Refusal(422, banned)
      state.leases.set(name, { banned: lease?.banned ?? false, renewed: clock.now() })
    },

    setNodeReady: async (name, ready, reason, message) => {
      const node = existing(state.nodes, name)
      const since = node.ready === ready ? node.since : wholeSeconds(clock.now())
      Object.assign(node, { ready, reason, message }, given({ since }))
      writeConditions(name, [{ type: 'Ready', status: ready, reason, message }])
      announce(state, node)
    },

    reportNode: async (name, { conditions, kubelet }) => {
      const node = existing(state.nodes, name)
      writeConditions(name, conditions, kubelet)
      const condition = conditions.find(({ type }) => type === 'Ready')
      if (condition === undefined) return
      const { reason, message } = condition
      announce(state, Object.assign(node, { ready: condition.status, reason, message }))
    },

    assignPodCidrs: async (name, podCidrs) => {
      const node = existing(state.nodes, name)
      node.podCidrs ??= [...podCidrs]
      return [...node.podCidrs]
    },

    makeDaemonSet: async (name, made = {}) => {
      const { nodeSelector = {}, tolerations = [], hostPaths = [], pullSecrets = [], hostNetwork = false } = made
      const { images = ['registry.k8s.io/pause'] } = made
      const needs = { nodeSelector, tolerations: [...tolerations], hostNetwork }
      const pods = { needs, hostPaths: [...hostPaths], images: [...images], needsSecret: pullSecrets.length > 0 }
      state.daemonSets.set(name, { namespace: 'default', name, uid: random.id(), ...pods })
    },

    deleteDaemonSet: async (name) => {
      const uid = state.daemonSets.get(name)?.uid
      state.daemonSets.delete(name)
      for (const [pod, { owner }] of state.daemonPods) if (owner === uid) state.daemonPods.delete(pod)
    },

    runDaemonPod: async (daemonSet, node, { phase, ready, containers }) => {
      const { namespace, uid } = existing(state.daemonSets, daemonSet)
      const name = `${daemonSet}-${node}`
      const { created } = state.daemonPods.get(name) ?? birth()
      const pod = { namespace, name, owner: uid, created, phase, reason: '', message: '', isLeaving: false }
      state.daemonPods.set(name, { ...pod, isReady: ready, containers: structuredClone([...containers]), node })
    },

    reportImages: async (name, images) => void state.nodeImages.set(name, structuredClone([...images])),

    // the port does not show the times of a Node's conditions
    heartbeat: async (name) => announce(state, existing(state.nodes, name)),

    labelsAndTaints: async (name) => {
      const node = state.nodes.get(name)
      return node && structuredClone({ labels: node.labels, taints: node.taints })
    },

    relabelNode: async (name, { labels, taints }) => {
      announce(state, Object.assign(existing(state.nodes, name), structuredClone({ labels, taints })))
    },

    deleteNodeAsAdmin: async (name) => {
      forgetNode(state, name)
      announce(state)
    },

    deleteLeaseAsAdmin: async (name) => void state.leases.delete(name),

    banAsAdmin: async (name) => changeBan(state, name, 'by hand', clock.now()),

    writeGenerationAsAdmin: async (text) => {
      state.generation = text
      state.banListVersion += 1
    },

    fillBanList: async (left) => {
      const names = fillers(state.banned, left)
      for (const [name, reason] of names) state.banned.set(name, reason)
      return async () => {
        for (const name of names.keys()) state.banned.delete(name)
      }
    },

    setCondition: async (name, type, isTrue) => {
      const node = existing(state.nodes, name)
      const others = node.conditions.filter((one) => one !== type)
      announce(state, Object.assign(node, { conditions: isTrue ? [...others, type].sort() : others }))
    },

    bindPod: async (name, node, { labels = {}, phase = 'Pending', ready = false } = {}) => {
      const created = wholeSeconds(clock.now())
      state.pods.set(`default/${name}`, { namespace: 'default', name, node, created, labels, phase, ready })
    },

    deletePod: async (pod) => void state.pods.delete(`default/${pod}`),

    tokens: async () => [...liveSecrets().keys()],

    tokenData: async (id) => structuredClone(liveSecrets().get(id)),

    clusterInfo: async () => {
      if (!state.clusterInfoPublic) throw new Refusal(403, 'configmaps "cluster-info" is forbidden')
      return { kubeconfig: '{}', ...signatures(liveSecrets()) }
    },

    hideClusterInfo: async () => {
      state.clusterInfoPublic = false
      return async () => {
        state.clusterInfoPublic = true
      }
    },

    configureNodes: async (map, yaml) => {
      const before = state.configMaps[map]
      state.configMaps[map] = yaml
      return async () => {
        state.configMaps[map] = before
      }
    },

    bindBootstrappersToNodeclient: async () => {
      state.nodeclientBound = true
      controllers.autoApprove()
      return async () => {
        state.nodeclientBound = false
      }
    },

    unbindPolicy: async (policy) => {
      state.unbound.add(policy)
      return async () => {
        state.unbound.delete(policy)
        state.boundSince.set(policy, wholeSeconds(clock.now()))
      }
    },

    unbindRole: async (binding) => {
      state.bindingsGone.add(keyOf(binding))
      return async () => void state.bindingsGone.delete(keyOf(binding))
    },

    goDown: async () => {
      state.reachable = false
    },

    comeBack: async () => {
      state.reachable = true
      // watches begin again
      state.watch.dispatchEvent(new Event('lost'))
    }
  }
}

const isBanned = (state: State, node: string, now: Date): boolean =>
  isHeededBan(state, node, now) && !state.unbound.has('joinery-ban')

const banned = 'this node was removed by Joinery'

const noCondition = {
  ready: 'Unknown',
  reason: '',
  message: '',
  conditions: [] as string[]
} satisfies Partial<ClusterNode>

const existing = <T>(objects: ReadonlyMap<string, T>, name: string): T => {
  const object = objects.get(name)
  if (object === undefined) throw new Refusal(404, `"${name}" not found`)
  return object
}
