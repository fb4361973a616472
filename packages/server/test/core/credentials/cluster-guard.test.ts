import { type Policy, policies } from '@joinery/kube/names'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { Bounds } from '../../../src/core/credentials/bounds.ts'
import type { guardCluster } from '../../../src/core/credentials/cluster-guard.ts'
import { notActive } from '../../../src/core/leadership/leadership.ts'
import type { UnguardedGiving } from '../../../src/core/ports/cluster/unguarded-giving.ts'
import type { UnguardedTakingAway } from '../../../src/core/ports/cluster/unguarded-taking-away.ts'
import { guardedOver } from '../../../src/testing/guarded.ts'

type Call = keyof UnguardedGiving | keyof UnguardedTakingAway
type Guarded = ReturnType<typeof guardCluster>
interface Row {
  act: (guarded: Guarded) => Promise<unknown>
  /** What the cluster must be given. */
  given: unknown[]
  gives: boolean
  policy?: Policy
}

const csr = { name: 'csr-1', uid: 'u1', request: 'pem' }
const node = { name: 'worker-1', uid: 'n1' }
const token = { id: 'abcdef', secret: '', group: '', expires: new Date(0), description: '' }
const wanted = { labels: {}, taints: [] }

/** Every call that changes something. A new one must be judged here. */
const rows: Record<Call, Row> = {
  createToken: { act: ({ giving }) => giving.createToken(token), given: [token], gives: true },
  createOwnCsr: { act: ({ giving }) => giving.createOwnCsr(csr), given: [csr], gives: true, policy: 'joinery-csrs' },
  approveCsr: {
    act: ({ giving }) => giving.approveCsr(csr),
    given: [csr],
    gives: true,
    policy: 'joinery-csr-approvals'
  },
  unban: { act: ({ giving }) => giving.unban('a'), given: ['a'], gives: true, policy: 'joinery-ban-list' },
  setLabelsAndTaints: {
    act: ({ giving }) => giving.setLabelsAndTaints(node, wanted),
    given: [node, wanted],
    gives: true,
    policy: 'joinery-nodes'
  },
  removeStartupTaint: {
    act: ({ giving }) => giving.removeStartupTaint(node),
    given: [node],
    gives: true,
    policy: 'joinery-nodes'
  },
  deleteToken: { act: ({ takingAway }) => takingAway.deleteToken('abcdef'), given: ['abcdef'], gives: false },
  denyCsr: { act: ({ takingAway }) => takingAway.denyCsr(csr, 'why'), given: [csr, 'why'], gives: false },
  deleteOwnCsr: { act: ({ takingAway }) => takingAway.deleteOwnCsr('csr-1'), given: ['csr-1'], gives: false },
  deleteNode: {
    act: ({ takingAway }) => takingAway.deleteNode(node),
    given: [node],
    gives: false,
    policy: 'joinery-node-deletions'
  },
  ban: { act: ({ takingAway }) => takingAway.ban('a', 'why'), given: ['a', 'why'], gives: false },
  settleBannedLeases: {
    act: ({ takingAway }) => takingAway.settleBannedLeases([node], 3),
    given: [[node], 3],
    gives: false
  }
}

/** A guard over a cluster that notes what is done. `meanwhile`: what happens while the cluster is asked about a policy. */
const over = (missing: readonly Policy[] = [], meanwhile = () => {}) => {
  const made: unknown[] = []
  const world = { leads: true, made }
  const note =
    (name: string) =>
    async (...given: unknown[]) => {
      made.push([name, ...given])
      return name
    }
  const bounds = new Bounds({
    cluster: {
      policyGaps: async (policy) => {
        meanwhile()
        return missing.includes(policy) ? ['a gap'] : []
      },
      now: () => new Date(0),
      version: async () => ''
    },
    clock: { now: () => new Date(0) },
    log: makeLog({ write: () => {} }),
    rights: { credential: 'token', serving: false }
  })
  const leadership = () => ({
    require: () => {
      if (!world.leads) throw notActive()
    }
  })
  const stub = Object.fromEntries(Object.keys(rows).map((name) => [name, note(name)]))
  return { world, guarded: guardedOver(stub, { bounds, leadership }) }
}

for (const [call, { act, given, gives, policy }] of Object.entries(rows)) {
  t.test(`${call} ${gives ? 'gives' : 'takes away'}, and rests on ${policy ?? 'no policy'}`, async (t) => {
    const { world, guarded } = over()
    await act(guarded)
    t.same(world.made, [[call, ...given]])
    world.leads = false
    if (gives) await t.rejects(act(guarded), { code: 'not-active' })
    else await act(guarded)
    t.equal(world.made.length, gives ? 1 : 2, 'only the active server gives, and any server takes away')
    for (const missing of policies) {
      const { world, guarded } = over([missing])
      if (missing === policy) await t.rejects(act(guarded), { code: 'cluster-unsafe' }, missing)
      else await act(guarded)
      t.equal(world.made.length, missing === policy ? 0 : 1, missing)
    }
  })
}

t.test('a server that is deposed while the cluster is asked about the policy gives nothing', async (t) => {
  for (const { act, gives, policy } of Object.values(rows)) {
    if (!gives || policy === undefined) continue
    const { world, guarded } = over([], () => {
      world.leads = false
    })
    await t.rejects(act(guarded), { code: 'not-active' }, policy)
    t.same(world.made, [], policy)
  }
})

t.test('the answer of the cluster comes through', async (t) => {
  const made = { ...csr, created: new Date(0), username: '', groups: [], usages: [], signer: '', approved: false }
  const { giving, takingAway } = guardedOver({
    createOwnCsr: async () => ({ ...made, denied: false }),
    settleBannedLeases: async () => 7
  })
  t.match(await giving.createOwnCsr(csr), csr)
  t.equal(await takingAway.settleBannedLeases([], 1), 7)
})

const changes: [what: string, change: (guarded: Guarded, name: string) => Promise<void>][] = [
  ['a ban by a service', ({ takingAway }, name) => takingAway.ban(name, 'why')],
  ['an unban by a service', ({ giving }, name) => giving.unban(name)],
  ['work in a turn', ({ banTurns }, name) => banTurns.do(name, (turn) => turn.unban())]
]
for (const [what, change] of changes) {
  t.test(`${what} waits for the turn of its name, and not for that of another one`, async (t) => {
    const begun: string[] = []
    const note = async (name: string) => void begun.push(name)
    const guarded = guardedOver({ ban: note, unban: note })
    const { promise, resolve } = Promise.withResolvers<void>()
    const held = guarded.banTurns.do('a', () => promise)
    const waits = change(guarded, 'a')
    // begun later, and done
    await change(guarded, 'b')
    t.same(begun, ['b'])
    resolve()
    await Promise.all([held, waits])
    t.same(begun, ['b', 'a'])
  })
}
