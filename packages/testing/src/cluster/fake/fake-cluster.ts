import { type Answer, FakeKubernetes, type Faults, type KubeObject } from '@joinery/fake-kubernetes'
import { connectionTo, type LiveConnection } from '@joinery/kube'
import { banList, namespace, type Policy } from '@joinery/kube/names'
import type { CodeStatusView, DecisionStatus } from '@joinery/protocol/door'
import { type Clock, systemMonotonic } from '@joinery/server/testing/base'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import { kubernetesCluster, kubernetesViews } from '@joinery/server/testing/kubernetes'
import {
  kubernetesCodes,
  kubernetesDecisions,
  type SeenCode,
  type SeenDecision
} from '@joinery/server/testing/kubernetes-door'
import { clusterByApi } from '../world/cluster-by-api.ts'
import type { ClusterWorld } from '../world/cluster-world.ts'
import { type FakeAsked, fakeAsked } from './asked.ts'
import { type ServerRights, setUpFor } from './ground.ts'
import { type HeldUp, heldUpCalls } from './held-up.ts'
import { knownGaps } from './known-gaps.ts'
import { serverSide } from './server-side.ts'
import { type FakeViews, fakeViews } from './views.ts'

/** The answer of an API server that cannot serve now, and the seconds of its Retry-After. */
export interface Overload {
  status: 429 | 500 | 503
  message: string
  retryAfter?: number
}

/** Delays in milliseconds until the API server heeds what it was told. */
export interface Delays {
  /** Delay of a change of the ban list for policies: each API server has its own cache of parameters. */
  bans: number
  /** Delay until the API server notices that a token which it has let in is gone (`TokenSuccessCacheTTL`, 10 s). */
  tokens: number
}

/** Names of the calls that can be held up. Each changes the cluster. */
type HeldUpCall = 'createToken' | 'removeStartupTaint' | 'ban' | 'unban' | 'noteGeneration'

/** The server's adapter on a fake API server, and the hand of everybody else. */
export interface FakeCluster extends UnguardedCluster, ClusterWorld {
  /** The API server. */
  fake: FakeKubernetes
  /** The server's own connection, for those of its ports that are not here. */
  own: LiveConnection
  /** PEM of the key of the cluster's CA, as root on a control-plane host reads it. */
  caKey: string
  /** Objects by which the cluster shows the enrolments. */
  views: FakeViews
  decisions: FakeAsked<SeenDecision, DecisionStatus>
  codes: FakeAsked<SeenCode, CodeStatusView>
  /** Makes the signers read this request (PEM) in place of the approved one. Undefined ends that. */
  signInstead(request: string | undefined): void
  /** Makes the policy refuse nothing, as an edit of its binding does. Returns the undo. The binding is as old as before. */
  weaken(policy: Policy): () => void
  /** Makes lists that are being read page by page begin again, as after a compaction of etcd. */
  forgetLists(): void
  /** Answers each call of the server with this overload from now on. Returns the undo. */
  overload(answer: Overload): () => void
  /** Makes each answer to the server a slow one from now on. Returns the undo. */
  slowDown(): () => void
  /** Makes the API server heed what it was told only after these delays. Before this call it heeds at once. */
  delay(delays: Partial<Delays>): void
  /** Makes watches say nothing from now on, as if their connections had died without a word. */
  silenceWatches(): void
  /** Puts a Pod of this DaemonSet on the Node in place of an earlier one, as its controller and the kubelet do. */
  runDaemon(daemonSet: { namespace: string; name: string }, node: string, ready: boolean): void
  /** Holds up the next call of that name on its way. */
  holdUp(call: HeldUpCall): HeldUp
}

/** More than a slow answer takes, in milliseconds (`slowAnswer` of packages/kube). */
const slowly = 1_001

/** A fake cluster with Joinery's set-up, without Nodes. The clock is that of the cluster. */
export const fakeCluster = async (clock: Clock, rights: ServerRights = { secrets: true }): Promise<FakeCluster> => {
  const { ground, serverFile } = await setUpFor(rights)
  const fake = new FakeKubernetes({ now: clock.now, ground })
  const server = await serverSide(fake, serverFile)
  const { faults, outage, file, sending } = server
  let lag = 0
  const monotonic = (): number => systemMonotonic() + lag
  const port = kubernetesCluster(file, { ...sending, monotonic })
  const own = connectionTo(file, sending)
  const access = { server: fake.url, certificateAuthority: fake.authority.certificate, carrier: fake.carrier }
  const administrator = fake.admin
  const world = clusterByApi(access, administrator, outage, clock.now)
  const asked = { fake, access, administrator }
  const held = heldUpCalls<HeldUpCall>()
  const { onItsWay } = held
  return {
    ...port,
    createToken: onItsWay('createToken', port.createToken),
    removeStartupTaint: onItsWay('removeStartupTaint', port.removeStartupTaint),
    ban: onItsWay('ban', port.ban),
    unban: onItsWay('unban', port.unban),
    noteGeneration: onItsWay('noteGeneration', port.noteGeneration),
    policyGaps: knownGaps(fake, ground, faults, port.policyGaps),
    ...world,
    // the header of an answer has whole seconds; here every test sees the cluster's clock
    now: () => port.now() && clock.now(),
    fake,
    own,
    caKey: fake.authority.key,
    views: fakeViews(fake, server, kubernetesViews(own)),
    decisions: fakeAsked(asked, kubernetesDecisions(own), {
      kind: 'Decision',
      plural: 'decisions',
      nameOf: (_, uid) => `d-${uid}`
    }),
    codes: fakeAsked(asked, kubernetesCodes(own), {
      kind: 'Code',
      plural: 'codes',
      nameOf: (spec, uid) => ('hash' in spec ? String(spec.hash) : uid)
    }),
    signInstead: (request) => {
      fake.controllers.signing.instead = request === undefined ? undefined : () => request
    },
    weaken: (policy) => weaken(fake, policy),
    forgetLists: () => fake.api.lists.forget(),
    overload: (answer) => overload(fake, faults, answer),
    slowDown: () =>
      faults.meet(async (_, carryOut) => {
        const answer = await carryOut()
        lag += slowly
        return answer
      }),
    delay: ({ bans, tokens }) => {
      if (bans !== undefined) fake.delayParam({ group: '', plural: 'configmaps' }, banList, namespace, bans)
      if (tokens !== undefined) fake.rememberTokens(tokens)
    },
    silenceWatches: () => fake.api.watches.silence(),
    runDaemon: (daemonSet, node, ready) => runDaemon(fake, daemonSet, node, ready),
    holdUp: held.holdUp
  }
}

const bindings = { group: 'admissionregistration.k8s.io', plural: 'validatingadmissionpolicybindings' }

const weaken = ({ objects }: FakeKubernetes, policy: Policy): (() => void) => {
  const edit = (validationActions: string[]): void => {
    const binding = objects.get(bindings, policy)
    if (binding === undefined) return
    objects.replace(bindings, { ...binding, spec: { ...(binding.spec as object), validationActions } })
  }
  edit(['Audit'])
  return () => edit(['Deny'])
}

const overload = (fake: FakeKubernetes, faults: Faults, { status, message, retryAfter }: Overload): (() => void) => {
  const reason = { 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable' }[status]
  return faults.meet(async (): Promise<Answer> => {
    const refusal = fake.api.refusal(status, reason, message)
    const headers = { ...refusal.headers, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) }
    return { ...refusal, headers }
  })
}

const pods = { group: '', plural: 'pods' }
const daemonSets = { group: 'apps', plural: 'daemonsets' }

/** Fields that the store gives an object. */
const unborn = { uid: '', resourceVersion: '', creationTimestamp: '' }

/** A DaemonSet that fits no Node: its controller makes no Pod, so the test's hand does. */
const nowhere = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { ...unborn, name, namespace },
  spec: { template: { metadata: {}, spec: { nodeSelector: { nowhere: '' }, containers: [] } } }
})

const runDaemon = (
  { objects }: FakeKubernetes,
  { namespace, name: daemonSet }: { namespace: string; name: string },
  node: string,
  ready: boolean
): void => {
  const name = `${daemonSet}-${node}`
  if (objects.get(pods, name, namespace) !== undefined) objects.delete(pods, name, namespace)
  const { uid } = (
    objects.get(daemonSets, daemonSet, namespace) ?? objects.create(daemonSets, nowhere(namespace, daemonSet))
  ).metadata
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: daemonSet, uid, controller: true }]
  objects.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...unborn, name, namespace, labels: {}, ownerReferences },
    spec: { nodeName: node, containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }
  })
}
