import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type Host, type SeveralHosts, severalHosts } from '@joinery/testing/pairing/servers/several-hosts'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

// hosts start and stop many times, on a machine that has more to do
t.setTimeout(300_000)

/** What an operator decided after the snapshot of etcd was taken. */
const decidedAfter = async (operator: Parameters<typeof approve>[0]['operator'], id: string): Promise<void> => {
  await operator.reject('stolen', { reason: 'stolen' })
  await operator.revokeCode(id)
}

/** Two hosts on one log, a machine that was approved, a code that is open, and etcd as it was then. */
const twoHosts = async (t: Test) => {
  const world = await severalHosts(t)
  const [a, b] = [await world.host('a'), await world.host('b')]
  const first = await a.lead()
  const { operator } = first
  const [stolen, late] = [await world.machine(), await world.machine()]
  const code = async (name: string) => operator.createCode({ name, ttl: 86_400 })
  await stolen.enrol((await code('stolen')).code)
  await approve({ operator } as never, 'stolen')
  const open = await code('late')
  return { world, a, b, first, stolen, late, open }
}
type Two = Awaited<ReturnType<typeof twoHosts>>

/** Asks what a machine that was rejected gets, and a code that was revoked. */
const getNothing = async (t: Test, { stolen, late, open }: Two): Promise<void> => {
  t.equal(await refusedWith(stolen.server.claim()), 'illegal-event', 'a machine that was rejected gets nothing')
  t.equal(await refusedWith(late.enrol(open.code)), 'code-revoked', 'and a code that was revoked is none')
}

const getAll = async (t: Test, { stolen, late, open }: Two): Promise<void> => {
  t.match(await claimToken(stolen), { nodeName: 'stolen' }, 'an approval holds')
  t.equal((await late.enrol(open.code)).state, 'pending', 'and a code is open')
}

/** Alerts that say that something was settled, newest first. */
const alerts = async ({ operator }: Two['first']) =>
  (await operator.status()).alerts.last.filter(({ event }) => event === 'restore' || event === 'older-store')

const hours = 3 * 3_600_000

/** Lets a standby see that the active server renews its Lease, and note that. */
const watched = (host: Host): Promise<unknown> =>
  eventually(`${host.name} has seen it`, async () => (await memoryOf(host)).includes('"sight"'))

/** What a host remembers of the log. */
const memoryOf = ({ state }: Host): Promise<string> => readFile(`${state}/head-seen`, 'utf8').catch(() => '')

/** Waits until a standby has seen the last head of the log. */
const knowsTheEnd = ({ objects }: SeveralHosts, host: Host): Promise<unknown> =>
  eventually(`${host.name} has seen the end`, async () => {
    const hash = objects.head?.hash
    return hash !== undefined && (await memoryOf(host)).includes(hash)
  })

t.test('A2: a new host on a restored etcd', async (t) => {
  const two = await twoHosts(t)
  const { world, first } = two
  const etcd = await world.snapshot()
  await decidedAfter(first.operator, two.open.id)
  await first.end()
  await world.putBack(etcd)
  world.skip(hours)
  const next = await (await world.host('new')).lead()
  t.match(await alerts(next), [
    {
      subject: 'store',
      event: 'restore',
      detail: /without fresh memory.*https:\/\/new:7443.*1 open codes.*1 enrolments/
    }
  ])
  await getNothing(t, two)
  await next.end()
  const again = await (await world.host('newer')).lead()
  t.equal((await alerts(again)).length, 2, 'each host without memory says so')
})

t.test('A2: off since before the snapshot', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b, first } = two
  const standby = await b.start()
  await watched(b)
  await standby.end()
  world.skip(30_000)
  await first.end()
  world.skip(hours)
  const restarted = await a.lead()
  const etcd = await world.snapshot()
  await decidedAfter(restarted.operator, two.open.id)
  await restarted.end()
  await world.putBack(etcd)
  const next = await b.lead()
  t.match(await alerts(next), [{ event: 'restore', detail: /without fresh memory/ }])
  await getNothing(t, two)
})

t.test('A2: two ignorant hosts and a crash after the claim', async (t) => {
  const two = await twoHosts(t)
  const { world, first } = two
  const etcd = await world.snapshot()
  await decidedAfter(first.operator, two.open.id)
  await first.end()
  await world.putBack(etcd)
  const hosts = { c: await (await world.host('c')).start(), d: await (await world.host('d')).start() }
  // whichever is first dies when it has the head, and before it has settled anything
  const dead = new Promise<string>((resolve) =>
    world.atNextMove((name) => {
      hosts[name as 'c' | 'd'].kill()
      resolve(name)
    })
  )
  await Promise.race([hosts.c.leads(), dead])
  const standby = (await dead) === 'c' ? hosts.d : hosts.c
  await standby.leads()
  await getNothing(t, two)
  t.equal((await alerts(standby)).length, 1)
})

t.test('A2: a server without memory does not listen before everything is settled', async (t) => {
  const two = await twoHosts(t)
  const { world, first } = two
  await first.end()
  const held = new Promise<ReturnType<typeof world.hold>>((resolve) => world.atNextMove(() => resolve(world.hold())))
  const next = await (await world.host('new')).start()
  const leads = next.leads()
  const { waits, goOn } = await held
  await waits
  // the settling cannot be made durable yet: while another server comes from nothing to its listeners, this one gets no further
  await (await world.host('newer')).start()
  t.match((await next.operator.status()).leadership, { isActive: false }, 'whoever asks now is answered by a standby')
  t.same(next.phases, ['standby'])
  goOn()
  await leads
  await getNothing(t, two)
})

t.test('A2: a power cut of all hosts asks nothing again', async (t) => {
  const two = await twoHosts(t)
  const { world, b, first } = two
  const standby = await b.start()
  await watched(b)
  first.kill()
  standby.kill()
  world.skip(hours)
  const next = await b.lead()
  t.equal((await alerts(next)).length, 0)
  await getAll(t, two)
  next.kill()
  world.skip(hours)
  const again = await b.lead()
  t.equal((await alerts(again)).length, 0, 'nor if the same host was active')
  t.equal((await again.operator.show('stolen')).state, 'approved', 'its attempt is over by now')
})

t.test('A2: a rolling upgrade asks nothing again', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b, first } = two
  let [active, standby] = [first, await b.start()]
  for (const host of [a, b, a]) {
    await watched(host === a ? b : a)
    await active.end()
    await standby.leads()
    ;[active, standby] = [standby, await host.start()]
    t.equal((await alerts(active)).length, 0)
  }
  await getAll(t, two)
  t.ok(world)
})

/** Etcd was put back, and both hosts know of what it has forgotten: neither goes on by itself. */
const putBackUnder = async (two: Two): Promise<void> => {
  const { world, b, first } = two
  const standby = await b.start()
  await watched(b)
  const etcd = await world.snapshot()
  await decidedAfter(first.operator, two.open.id)
  await knowsTheEnd(world, b)
  await first.end()
  await standby.end()
  await world.putBack(etcd)
}

t.test('A2: adopt on the second host a day later', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b } = two
  await putBackUnder(two)
  await t.rejects(b.lead(), { code: 'log-other' })
  t.match((await b.adopt('cluster')).join('\n'), /codes will be revoked/)
  const next = await b.lead()
  await getNothing(t, two)
  t.equal((await next.operator.show('stolen')).state, 'pending')
  await approve({ operator: next.operator } as never, 'stolen')
  const { id } = await next.operator.createCode({ name: 'new', ttl: 7 * 86_400 })
  await next.end()
  world.skip(hours)
  t.match((await a.adopt('cluster')).join('\n'), /were settled after that restore already/)
  const last = await a.lead()
  t.equal((await last.operator.show('stolen')).state, 'approved', 'what was given since stays')
  t.equal((await last.operator.listCodes({})).items.find((one) => one.id === id)?.status, 'open')
  const told = await alerts(last)
  t.same(
    told.filter(({ event, detail }) => event === 'restore' && /were revoked/.test(detail)).length,
    1,
    'it is settled once, and not once a host'
  )
  t.same(
    (await readdir(a.state)).filter((name) => /^joinery\.db\.(lost|before)-/.test(name)).length,
    1,
    'the older file is aside, and compared'
  )
})

t.test('A2: the audit log begins another one after a restore, on the same host', async (t) => {
  const two = await twoHosts(t)
  const { world, a, first } = two
  const folder = join(a.state, 'audit')
  const logs = () => readdir(folder).catch(() => [])
  await eventually('there is an audit log', async () => (await logs()).length > 0)
  const etcd = await world.snapshot()
  await decidedAfter(first.operator, two.open.id)
  await first.end()
  const before = await logs()
  await world.putBack(etcd)
  await a.adopt('cluster')
  const next = await a.lead()
  await eventually('there is another one', async () => (await logs()).length > before.length)
  const { last } = (await next.operator.status()).alerts
  t.notMatch(
    last.map(({ event }) => event),
    ['audit-ahead'],
    'the folder has more than etcd, and that is no news'
  )
  await getNothing(t, two)
})

t.test('A2: a host that stands by and knows more is heard before another one gives anything', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b, first } = two
  const other = await b.start()
  await watched(b)
  await first.end()
  await other.leads()
  other.kill()
  // the snapshot is of a moment at which this host was the last one, and it has the Lease
  const etcd = await world.snapshot()
  const later = await a.lead()
  await decidedAfter(later.operator, two.open.id)
  await later.end()
  await world.putBack(etcd)
  const standby = await a.start()
  await eventually('it says so', async () => (await world.presences.list()).some(({ lost }) => lost !== undefined))
  standby.kill()
  const next = await b.lead()
  await getNothing(t, two)
  t.match(await alerts(next), [{ event: 'older-store', detail: /https:\/\/a:7443 has batch \d+ of the log/ }])
  const { id } = await next.operator.createCode({ name: 'new', ttl: 7 * 86_400 })
  await next.end()
  world.skip(10 * 60_000)
  const again = await b.lead()
  t.equal((await alerts(again)).length, 1, 'what was said stays there, and is settled once')
  t.equal((await again.operator.listCodes({})).items.find((one) => one.id === id)?.status, 'open')
})

t.test('A2: a fork found late takes nothing back that was given since', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b, first } = two
  const other = await b.start()
  await watched(b)
  await first.end()
  await other.leads()
  const taken = await world.machine()
  await taken.enrol((await other.operator.createCode({ name: 'taken', ttl: 86_400 })).code)
  await approve({ operator: other.operator } as never, 'taken')
  await other.end()
  // the snapshot is of a moment at which this host was the last one
  const etcd = await world.snapshot()
  const later = await a.lead()
  await decidedAfter(later.operator, two.open.id)
  await later.operator.reject('taken', { reason: 'taken' })
  await later.end()
  await world.putBack(etcd)
  const silent = await b.lead()
  t.equal((await alerts(silent)).length, 0, 'nobody can know it yet')
  const since = await world.machine()
  await since.enrol((await silent.operator.createCode({ name: 'since', ttl: 7 * 86_400 })).code)
  await silent.end()
  world.skip(10 * 60_000)
  const going = await b.lead()
  await approve({ operator: going.operator } as never, 'since')
  const { id } = await going.operator.createCode({ name: 'new', ttl: 7 * 86_400 })

  const standby = await a.start()
  const found = async () => (await alerts(going)).find(({ event }) => event === 'older-store')
  t.match(await eventually('the fork is found', found), {
    detail: /https:\/\/a:7443 has batch \d+ of the log.*1 open codes.*2 enrolments/
  })
  t.equal((await going.operator.show('since')).state, 'approved', 'what was given since stays')
  t.equal((await going.operator.listCodes({})).items.find((one) => one.id === id)?.status, 'open')
  await getNothing(t, two)
  t.equal((await alerts(going)).length, 1, 'and it is told once')
  await approve({ operator: going.operator } as never, 'taken')

  await going.end()
  await standby.leads()
  t.equal((await standby.operator.show('stolen')).state, 'rejected', 'what only the older file knows is done again')
  t.equal((await standby.operator.show('taken')).state, 'approved', 'but for what an operator approved since')
  t.match(await alerts(standby), [{ detail: /had what the log forgot: done again: stolen \(rejected\)/ }, Object])
  t.match((await readdir(a.state)).join(' '), /joinery\.db\.before-/)
})

t.test('A2: a crash after the older file was put aside loses nothing that only it knows', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b, first } = two
  const other = await b.start()
  await watched(b)
  await first.end()
  await other.leads()
  await other.end()
  // the snapshot is of a moment at which this host was the last one
  const etcd = await world.snapshot()
  const later = await a.lead()
  await decidedAfter(later.operator, two.open.id)
  await later.end()
  await world.putBack(etcd)
  // it gives no Lease back: the next one must not take it before the test is ready
  ;(await b.lead()).kill()
  const killed = await a.start()
  world.atNextMove(() => world.atNextMemory(killed.kill))
  const [error] = await Promise.all([killed.over, killed.leads().catch(() => {})])
  t.match(error, { message: 'the host has no power' })
  t.match((await readdir(a.state)).join(' '), /joinery\.db\.lost-/)
  const next = await a.lead()
  t.equal((await next.operator.show('stolen')).state, 'rejected')
})

t.test('A2: adopt on a host whose older fork was settled, after a second restore', async (t) => {
  const two = await twoHosts(t)
  const { world, a, b } = two
  await putBackUnder(two)
  await b.adopt('cluster')
  const next = await b.lead()
  await approve({ operator: next.operator } as never, 'stolen')
  const { id } = await next.operator.createCode({ name: 'open', ttl: 7 * 86_400 })
  const second = await world.snapshot()
  const standby = await a.start()
  await decidedAfter(next.operator, id)
  await knowsTheEnd(world, a)
  await standby.end()
  await next.end()
  await world.putBack(second)
  t.match((await a.adopt('cluster')).join('\n'), /codes will be revoked/)
  const last = await a.lead()
  t.equal((await last.operator.show('stolen')).state, 'pending')
})
