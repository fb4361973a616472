import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from '@joinery/testing/clocks/eventually'
import { joined } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, enrolled, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const dry = { dryRun: 'All' } as const

/** Rows of every table that a verb may write. A probe, and the number of a sweep, come by themselves. */
const dump = ({ config }: Pairing): unknown => {
  const database = new DatabaseSync(join(config.state, 'joinery.db'), { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
  const named = tables.map(({ name }) => String(name)).filter((name) => name !== 'probe' && name !== 'generation')
  const rows = named.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()])
  database.close()
  return rows
}

t.test('a dry run of each verb answers as the verb would, and changes neither store nor cluster', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster } = pairing
  await enrolled(pairing, 'waits')
  await approved(pairing, 'approved')
  await joined(pairing, 'joined')
  const [first, second] = [await pairing.machine(), await pairing.machine()]
  const { code, id } = await pairing.code('frozen')
  await first.enrol(code)
  await refusedWith(second.enrol(code))
  const { revision, key } = await operator.show('waits')
  const [rows, nodes] = [dump(pairing), await cluster.nodes()]

  t.match(await operator.approve('waits', { revision, key }, dry), { name: 'waits', state: 'approved' })
  t.match(await operator.reject('approved', { reason: 'x' }, dry), { state: 'rejected', message: /x/ })
  t.match(await operator.reject('joined', { reason: 'x' }, dry), { state: 'rejected' })
  t.match(await operator.remove('joined', dry), { state: 'removed' })
  t.match(await operator.release('frozen', { key: first.identity.fingerprint }, dry), { state: 'pending' })
  t.match(await operator.revokeCode(id, dry), { id, status: 'revoked' })

  t.same(dump(pairing), rows)
  t.same(await cluster.nodes(), nodes)
  t.match(await operator.show('joined'), { state: 'joined' })
  t.match(await operator.status(), { offers: ['dry-run'] })
})

t.test('a dry run is refused as the verb would be', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  await enrolled(pairing, 'waits')
  const { revision, key, id } = await operator.show('waits')
  await joined(pairing, 'joined')
  await enrolled(pairing, 'joined')
  const { items } = await operator.list({ name: 'joined', state: 'pending' })
  const [twin = { id: '', revision: 0, key: '' }] = items
  const rows = dump(pairing)

  const refused = {
    'an older look': operator.approve(id, { revision: revision - 1, key }, dry),
    'a name that is taken': operator.approve(twin.id, { revision: twin.revision, key: twin.key }, dry),
    'a state without the event': operator.retry(id, { revision, key }, dry),
    'a removal that is none': operator.remove(id, dry),
    nobody: operator.reject('nobody', { reason: 'x' }, dry),
    'a replacement': operator.approve(twin.id, { revision, key, replace: { uid: 'x' } }, dry)
  }
  const codes = await Promise.all(Object.entries(refused).map(async ([why, call]) => [why, await refusedWith(call)]))
  t.same(Object.fromEntries(codes), {
    'an older look': 'revision-changed',
    'a name that is taken': 'name-in-use',
    'a state without the event': 'illegal-event',
    'a removal that is none': 'illegal-event',
    nobody: 'not-found',
    'a replacement': 'invalid-request'
  })
  t.same(dump(pairing), rows)
})

t.test('a dry run after the end of a lifetime is refused, and the end itself is not written', async (t) => {
  const pairing = await openPairing(t, { lifetimes: { pending: '1m' } })
  await enrolled(pairing, 'waits')
  const { revision, key, id } = await pairing.operator.show('waits')
  // no read waits for its leaf
  const rows = await eventually('the first read has its leaf', () => {
    const all = dump(pairing)
    return JSON.stringify(all).includes('read over the socket') && all
  })
  pairing.clock.advance(61_000)
  t.equal(await refusedWith(pairing.operator.approve(id, { revision, key }, dry)), 'illegal-event')
  t.same(dump(pairing), rows)
})

t.test('a rejection or a removal may hold only for the look that was shown', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  await enrolled(pairing, 'waits')
  const { revision, key } = await operator.show('waits')
  const other = { revision: `${revision + 1}`, key }
  t.equal(await refusedWith(operator.reject('waits', { reason: 'x' }, other)), 'revision-changed')
  t.equal(
    await refusedWith(operator.reject('waits', { reason: 'x' }, { revision: `${revision}`, key: '' })),
    'revision-changed'
  )
  t.equal(await refusedWith(operator.reject('waits', { reason: 'x' }, { key })), 'invalid-request')
  t.match(await operator.reject('waits', { reason: 'x' }, { revision: `${revision}`, key }), { state: 'rejected' })
})
