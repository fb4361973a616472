import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { agentRoutes, type Route } from '@joinery/protocol'
import { sqliteStore } from '@joinery/server/testing/store'
import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, waitsPending } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import { presentServer, type ServerProgram } from '@joinery/testing/processes/server-program'
import t from 'tap'
import { fieldsOf, firstFields } from '../contract/agent-fields.ts'
import { checkOut, isHere } from './earlier.ts'
import { goTheWays, type Sides } from './ways.ts'

// the commit is checked out, and its dependencies are linked
t.setTimeout(300_000)

/** A server that says no version of the agents' API: it has version 1, and refuses what it does not know. */
const commit = '0ab77e28'
const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`

t.test(`present agents, and the present store, beside the server of ${commit}`, { skip }, async (t) => {
  const earlier = await checkOut(t, commit)
  const parts = ['base', 'dial-back', 'metrics', 'program', 'reconcile']
  const modules = await Promise.all(parts.map((part) => earlier(`packages/server/src/testing/${part}.ts`)))
  const earlierServer = Object.assign({}, ...modules) as ServerProgram
  const earlierAgents = (await earlier('packages/testing/src/agents/agents.ts')) as Pick<Sides, 'openMachine'>

  const openEarlier: typeof openPairing = (t, more, before = async () => {}, over) =>
    openPairing(
      t,
      more,
      async (cluster, clock) => {
        // it gave its number to the adapter, which made a text of it
        const { noteGeneration } = cluster
        cluster.noteGeneration = (text, version) => noteGeneration(String(text), version)
        await before(cluster, clock)
      },
      over,
      earlierServer
    )

  // with its own cluster, whose errors it knows
  const { openPairing: openWhole } = (await earlier('packages/testing/src/pairing/pairing.ts')) as Pick<
    Sides,
    'openPairing'
  >
  goTheWays(t, { openPairing: openWhole, openMachine })

  t.test('the fields of version 1 are those that it knows', async (t) => {
    const { agentRoutes: routes } = (await earlier('packages/protocol/src/index.ts')) as {
      agentRoutes: Record<string, Route>
    }
    const known = Object.entries(routes).map(([name, { body }]) => [name, fieldsOf(body ?? {})] as const)
    t.same(Object.fromEntries(known), firstFields)
  })

  t.test('an agent leaves out a field that came later, and the server takes the rest', async (t) => {
    const pairing = await openEarlier(t)
    const machine = await pairing.machine()
    await machine.enrol((await pairing.code('worker-1')).code)
    const body = { facts: machine.facts, preflight: [], later: 'it knows nothing of this' }
    const { observe }: Record<string, Route> = agentRoutes
    t.equal(await refusedWith(machine.server.observe(body)), 'invalid-request', 'it is strict')
    pairing.clock.advance(10_000)
    Object.assign(observe as Route, { since: { later: 2 } })
    t.teardown(() => void delete (observe as Route).since)
    t.equal(await refusedWith(machine.server.observe(body)), undefined)
  })

  for (const [whose, side] of [
    ['an agent of before', earlierAgents],
    ['a present agent', { openMachine }]
  ] as const) {
    t.test(`${whose} that waits joins after the upgrade of its server`, async (t) => {
      const pairing = await openEarlier(t)
      const open = await side.openMachine(t, pairing)
      await open.putCode()
      open.start()
      await waitsPending(pairing, open)
      await pairing.restart({ program: presentServer })
      await approvePending(pairing, open)
      await assertJoined(t, pairing, open)
    })

    t.test(`${whose} goes on with its attempt after the upgrade of its server`, async (t) => {
      const pairing = await openEarlier(t)
      const open = await side.openMachine(t, pairing)
      await open.putCode()
      let upgraded = false
      open.watch = async (moment) => {
        if (upgraded || !moment.endsWith('after server.claim')) return
        upgraded = true
        await pairing.restart({ program: presentServer })
      }
      open.start()
      await approvePending(pairing, open)
      await assertJoined(t, pairing, open)
      t.ok(upgraded)
    })
  }

  t.test('what an approval was given for stays, and a rejected machine stays out', async (t) => {
    const pairing = await openEarlier(t)
    const [stolen, approved] = [await pairing.machine(), await pairing.machine()]
    for (const [machine, name] of [
      [stolen, 'stolen'],
      [approved, 'worker-1']
    ] as const) {
      await machine.enrol((await pairing.code(name)).code)
      await approve(pairing, name)
    }
    await pairing.operator.reject('stolen', { reason: 'stolen' })
    await pairing.reconcile()
    await pairing.restart({ program: presentServer })
    await pairing.reconcile()
    t.equal(await refusedWith(stolen.server.claim()), 'illegal-event')
    t.match(await approved.server.claim(), { nodeName: 'worker-1' })
    t.equal((await pairing.operator.status()).alerts.count, 0, 'its number without a MAC is believed at the upgrade')
  })

  t.test('differs: it does not start on a store of the present server, which loses nothing by that', async (t) => {
    const { sqliteStore: openEarlierStore } = (await earlier('packages/server/src/testing/store.ts')) as {
      sqliteStore: typeof sqliteStore
    }
    const pairing = await openPairing(t)
    const { id } = await pairing.code('worker-1')
    const copy = join(pairing.config.state, 'copy.db')
    const source = new DatabaseSync(join(pairing.config.state, 'joinery.db'), { readOnly: true })
    t.teardown(() => source.close())
    await backup(source, copy)
    t.throws(() => openEarlierStore(copy), { code: 'store-newer', message: /written by a newer joinery-server/ })
    const store = sqliteStore(copy)
    t.teardown(() => store.close())
    t.match(await store.code(id), { name: 'worker-1' })
  })
})
