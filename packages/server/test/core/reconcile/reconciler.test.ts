import { lifetimes, noFacts, ProblemError } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import { pemOf, signedRequest } from '@joinery/testing/requests/signed-request'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { Enrolments } from '../../../src/core/commit/enrolments.ts'
import { Credentials } from '../../../src/core/credentials/credentials.ts'
import { MasterKeys } from '../../../src/core/keys/master-keys.ts'
import type { Csr } from '../../../src/core/ports/cluster/csrs.ts'
import type { ClusterNode } from '../../../src/core/ports/cluster/nodes.ts'
import type { UnguardedCluster } from '../../../src/core/ports/cluster/unguarded-cluster.ts'
import type { AttemptDocument } from '../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { Reconciler } from '../../../src/core/reconcile/reconciler.ts'
import { commitsTo } from '../../../src/testing/commit.ts'
import { guardedOver } from '../../../src/testing/guarded.ts'

const begun = new Date('2026-01-01T00:00:00.000Z')
/** After so many milliseconds; an attempt has 600,000. */
const at = (milliseconds: number): Date => new Date(begun.getTime() + milliseconds)
const attempt = anAttempt('abc123')
const tokenDeleted = true
const facts = { ...noFacts, machineId: 'm1' }
const joining = (part: EnrolmentPart = {}, id = 'a', name = 'worker-1') =>
  anEnrolment(id, { name, facts, state: 'joining', join: { lastAttempt: 3, attempts: [attempt] } }, part)
const csr = (part: Partial<Csr> = {}) =>
  aCsr('csr-1', { uid: 'uid-1', created: begun, request: pemOf(signedRequest('worker-1')), ...part })
const node = (part: Partial<ClusterNode> = {}) =>
  aNode('worker-1', { uid: 'n1', created: begun, systemUuid: '', ready: 'True', ...part })

interface World {
  enrolments: EnrolmentDocument[]
  csrs?: Csr[]
  nodes?: ClusterNode[]
  now?: Date
  clocksAgree?: boolean
  /** True if the gates of the enrolment do not hold. */
  waits?: boolean
  /** What a call to the cluster fails by. */
  fails?: Partial<Record<keyof UnguardedCluster, Error>>
}

/** A reconciler over a store in memory and a cluster that is told what to show. `story`: commits and calls, in order. */
const over = async (t: Test, world: World) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  await store.commit({ enrolments: world.enrolments })
  let story: string[] = []
  const told = () => {
    const before = story
    story = []
    return before
  }
  const noted: typeof store = {
    ...store,
    commit: async (change) => {
      story.push(['commit', ...(change.entries ?? []).map(({ entry }) => entry.event)].join(' '))
      return store.commit(change)
    }
  }
  const call = (name: keyof UnguardedCluster) => async (what: { name: string } | string) => {
    const error = world.fails?.[name]
    if (error !== undefined) throw error
    story.push(`${name} ${typeof what === 'string' ? what : what.name}`)
  }
  const shown =
    <T>(name: keyof UnguardedCluster, what: () => T) =>
    async (): Promise<T> => {
      const error = world.fails?.[name]
      if (error !== undefined) throw error
      return what()
    }
  const acts = ['approveCsr', 'denyCsr', 'ban', 'deleteNode', 'deleteToken', 'setLabelsAndTaints'] as const
  const cluster = {
    now: () => world.now ?? begun,
    version: shown('version', () => 'v1.37.2'),
    nodes: shown('nodes', () => world.nodes ?? []),
    kubeletCsrs: shown('kubeletCsrs', () => world.csrs ?? []),
    settleBannedLeases: async () => {
      story.push('settleBannedLeases')
      return 0
    },
    ...Object.fromEntries(acts.map((name) => [name, call(name)]))
  } as unknown as UnguardedCluster
  const common = {
    store: noted,
    commits: commitsTo(noted),
    cluster,
    ...guardedOver(cluster),
    clock: { now: () => world.now ?? begun },
    monotonic: () => 0
  }
  const log = makeLog({ write: () => {} })
  const enrolments = new Enrolments({
    ...common,
    times: { left: () => undefined },
    lifetimes
  })
  const step = (name: string) => async () => void story.push(name)
  const bans = { ban: call('ban'), follow: step('bans.follow') }
  const credentials = new Credentials({
    ...common,
    sleep: async () => {},
    enrolments,
    bans,
    masterKeys: new MasterKeys([{ file: 'master.key', key: new Uint8Array(32) }]),
    kind: 'token'
  })
  const parts = {
    ...common,
    sights: store,
    clocks: { look: () => world.clocksAgree ?? true },
    enrolments,
    lifetimes,
    credentials,
    bans,
    bounds: { look: step('bounds.look') },
    generations: { follow: async (sweep: boolean) => void (sweep && story.push('generations.follow')) },
    servingCertificates: undefined,
    gates: {
      isBusy: false,
      isWaiting: () => world.waits ?? false,
      keep: () => {},
      look: async () => void (world.waits && story.push('gates.look'))
    },
    outsiders: { look: async () => {} },
    housekeeping: { sweep: step('housekeeping.sweep') },
    log
  }
  return { reconciler: new Reconciler(parts as unknown as ConstructorParameters<typeof Reconciler>[0]), told, store }
}

const granted: AttemptDocument = { ...attempt, csr: { name: 'csr-1', uid: 'uid-1' } }
const second = csr({ name: 'csr-2', uid: 'uid-2' })
const hostile = csr({ request: pemOf(signedRequest('cp-1')) })
const ready = { uid: 'n1', registered: begun.toISOString(), ready: begun.toISOString(), condition: 'Ready' as const }

/** What is the case, what the store has, what the cluster shows, and what one pass does, in order. */
const passes: [what: string, part: EnrolmentPart, seen: Omit<World, 'enrolments'>, story: string[]][] = [
  ['there is nothing to do', {}, {}, []],
  ['commit before act: the one request', {}, { csrs: [csr()] }, ['commit csr-approved', 'approveCsr csr-1']],
  ['it was committed and the server died', { join: { attempts: [granted] } }, { csrs: [csr()] }, ['approveCsr csr-1']],
  ['it was approved and the server died', { join: { attempts: [granted] } }, { csrs: [csr({ approved: true })] }, []],
  [
    'a second request',
    { join: { attempts: [granted] } },
    { csrs: [csr({ approved: true }), second] },
    ['commit csr-left', 'denyCsr csr-2']
  ],
  [
    'a request of a rejected machine, however late it comes',
    { state: 'rejected', join: { attempts: [{ ...attempt, tokenDeleted }] } },
    { csrs: [csr()] },
    ['commit csr-left', 'denyCsr csr-1']
  ],
  [
    'a committed request of a machine that was rejected since',
    { state: 'rejected', join: { attempts: [{ ...granted, tokenDeleted }] }, settled: true },
    { csrs: [csr()] },
    ['denyCsr csr-1']
  ],
  ['a request for another name', {}, { csrs: [hostile] }, ['commit conflict', 'deleteToken abc123', 'denyCsr csr-1']],
  ['the Node of the machine', {}, { nodes: [node()] }, ['commit register', 'deleteToken abc123']],
  [
    'the Node of another machine',
    {},
    { nodes: [node({ machineId: 'm2' })] },
    ['commit conflict', 'ban worker-1', 'deleteNode worker-1', 'deleteToken abc123']
  ],
  [
    'in order: the Node of a removed machine',
    { state: 'removed', join: { attempts: [{ ...attempt, tokenDeleted }] }, certificates: { nameBanned: true } },
    { nodes: [node()] },
    ['commit unwanted-node', 'ban worker-1', 'deleteNode worker-1']
  ],
  [
    'a removed machine whose ban the server did not reach',
    { state: 'removed', join: { attempts: [{ ...attempt, tokenDeleted }] } },
    {},
    ['ban worker-1', 'commit banned']
  ],
  [
    'a ready machine, as before',
    { state: 'ready', join: { attempts: [{ ...attempt, tokenDeleted }] }, node: { ...ready, message: '' } },
    { nodes: [node()] },
    []
  ],
  [
    'a ready machine whose gates do not hold',
    { state: 'ready', join: { attempts: [{ ...attempt, tokenDeleted }] }, node: { ...ready, message: '' } },
    { nodes: [node()], waits: true },
    ['gates.look']
  ],
  ['a millisecond before the deadline', {}, { now: at(599_999) }, []],
  ['at the deadline', {}, { now: at(600_000) }, ['commit fail', 'deleteToken abc123']],
  [
    'a request at the deadline',
    {},
    { now: at(600_000), csrs: [csr()] },
    ['commit fail', 'commit csr-left', 'deleteToken abc123', 'denyCsr csr-1']
  ]
]
for (const [what, part, seen, story] of passes) {
  t.test(`one pass, ${what}: ${story.join(', ') || 'nothing to do'}`, async (t) => {
    const { reconciler, told } = await over(t, { enrolments: [joining(part)], ...seen })
    await reconciler.pass(false)
    t.same(told(), story)
    t.equal(reconciler.outage, undefined)
  })
}

t.test('the next pass completes one that the cluster cut, and commits nothing twice', async (t) => {
  const down = new ProblemError('cluster-unavailable', { detail: 'the network is down' })
  const world: World = { enrolments: [joining()], csrs: [csr()], fails: { approveCsr: down } }
  const { reconciler, told } = await over(t, world)
  await reconciler.pass(false)
  t.same(told(), ['commit csr-approved'])
  delete world.fails
  await reconciler.pass(false)
  t.same(told(), ['approveCsr csr-1'])
})

t.test('a call that the cluster refuses holds up no other enrolment, and is an outage that names it', async (t) => {
  const refused = new ProblemError('cluster-unavailable', { detail: 'forbidden' })
  const removed = joining({ state: 'removed', join: { attempts: [{ ...attempt, tokenDeleted }] } })
  const other = joining({ join: { attempts: [anAttempt('def456')] } }, 'b', 'worker-2')
  const request = csr({ username: 'system:bootstrap:def456', request: pemOf(signedRequest('worker-2')) })
  const world: World = { enrolments: [removed, other], csrs: [request], fails: { ban: refused } }
  const { reconciler, told } = await over(t, world)
  await reconciler.pass(false)
  t.same(told(), ['commit csr-approved', 'approveCsr csr-1'])
  t.match(reconciler.outage?.reason, /^worker-1: forbidden/)
})

t.test('an outage has the time of its beginning and the present reason, until the cluster answers', async (t) => {
  const outage = (detail: string) => ({ nodes: new ProblemError('cluster-unavailable', { detail }) })
  const world: World = { enrolments: [joining()], fails: outage('refused') }
  const { reconciler } = await over(t, world)
  await reconciler.pass(false)
  t.same(reconciler.outage, { since: begun, reason: 'refused', retryAfter: undefined })
  Object.assign(world, { now: at(1000), fails: outage('no route') })
  await reconciler.pass(false)
  t.same(reconciler.outage, { since: begun, reason: 'no route', retryAfter: undefined })
  t.match(reconciler.trouble, /unreachable since 2026-01-01T00:00:00.000Z: no route$/)
  delete world.fails
  await reconciler.pass(false)
  t.equal(reconciler.outage, undefined)
})

const swept = ['bounds.look', 'generations.follow', 'bans.follow', 'settleBannedLeases']
const sweeps: [what: string, sweep: boolean, clocksAgree: boolean, story: string[]][] = [
  ['a pass does not sweep', false, true, []],
  ['a sweep does everything', true, true, [...swept, 'housekeeping.sweep']],
  ['a sweep by a wrong clock forgets nothing', true, false, swept]
]
for (const [what, sweep, clocksAgree, story] of sweeps) {
  t.test(what, async (t) => {
    const { reconciler, told } = await over(t, { enrolments: [], clocksAgree })
    await reconciler.pass(sweep)
    t.same(told(), story)
  })
}

t.test('a sweep expires a pending enrolment at its time to the millisecond, without the cluster', async (t) => {
  const pending = anEnrolment('a')
  const down = { nodes: new ProblemError('cluster-unavailable', { detail: 'away' }) }
  for (const [time, story] of [
    [lifetimes.pending - 1, ['bounds.look', 'generations.follow']],
    [lifetimes.pending, ['commit expire', 'bounds.look', 'generations.follow']]
  ] as const) {
    const { reconciler, told } = await over(t, { enrolments: [pending], now: at(time), fails: down })
    await reconciler.pass(true)
    t.same(told(), story, `after ${time} ms`)
  }
})
