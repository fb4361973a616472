import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { systemMonotonic } from '../../../src/core/base/clock.ts'
import { aMachine, change, openWriters, watchful } from './writer-fixture.ts'

const lines = (log: string, what: RegExp) => log.split('\n').filter((line) => what.test(line))
const warning = /Kubernetes does not show the enrolments as they are/

t.test('if the API goes away, the server says so once, and goes on when the API is back', async (t) => {
  const { cluster, start, shown, looks } = await openWriters(t)
  const server = start()
  const one = aMachine()
  await server.store.commit({ enrolments: [one] })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  await cluster.goDown()
  await change(server.store, one.id, { state: 'approved' })
  await eventually('it says so', async () => warning.test(server.log()))
  await looks(2)
  t.equal(shown(one.id)?.state, 'pending')
  t.same(server.writer.remedies, [], 'status tells of an API that is away by other means')
  await cluster.comeBack()
  await eventually('it is shown', async () => shown(one.id)?.state === 'approved')
  await eventually('it says so', async () => /shows the enrolments again/.test(server.log()))
  t.equal(lines(server.log(), warning).length, 1)
})

t.test('an API server that cannot serve is left alone for as long as it asks', async (t) => {
  const { cluster, start, shown } = await openWriters(t)
  const server = start({ budget: watchful })
  const one = aMachine()
  await server.store.commit({ enrolments: [one] })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  const serve = cluster.overload({ status: 429, message: 'too many requests', retryAfter: 2 })
  const puts: number[] = []
  const { put } = cluster.views
  cluster.views.put = (...asked) => {
    puts.push(systemMonotonic())
    return put(...asked)
  }
  await change(server.store, one.id, { state: 'approved' })
  await eventually('it was asked', async () => puts.length === 1)
  serve()
  await eventually('it is shown', async () => shown(one.id)?.state === 'approved')
  t.equal(puts.length, 2)
  const [refused = 0, again = 0] = puts
  t.ok(again - refused >= 2_000)
})

t.test('a cluster of an earlier set-up has a line in status, and nothing else stands still', async (t) => {
  for (const lacks of ['definitions', 'right'] as const) {
    const { cluster, start } = await openWriters(t)
    const right = { name: 'joinery-server-door' }
    if (lacks === 'definitions') cluster.views.deleteDefinitions()
    else await cluster.unbindRole(right)
    const server = start()
    await server.store.commit({ enrolments: [aMachine()] })
    await eventually('it says so', async () => server.writer.remedies.length === 1)
    const words = {
      definitions: /does not serve enrolments of joinery.dev\/v1beta1 \(404\)/,
      right: /no right to it \(403\)/
    }
    t.match(server.writer.remedies[0], words[lacks])
    t.match(server.writer.remedies[0], /; joinery-server setup --kubeconfig \/etc\/kubernetes\/admin.conf$/)
    t.equal(lines(server.log(), warning).length, 1, lacks)
    t.equal(lines(server.log(), /"level":50/).length, 0, 'no error')
  }
})

t.test('an object that the API server does not take is tried again, and holds up no other', async (t) => {
  const { cluster, start, shown } = await openWriters(t)
  const server = start()
  const take = cluster.views.refuse('spec.x: Invalid value (422)')
  const [one, other] = [aMachine(), aMachine()]
  await server.store.commit({ enrolments: [one] })
  await eventually('it says so', async () => /does not take what it must show/.test(server.log()))
  take()
  await server.store.commit({ enrolments: [other] })
  await eventually('both are shown', async () => shown(one.id) !== undefined && shown(other.id) !== undefined)
  t.match(server.log(), /Invalid value \(422\)/)
})

t.test('a server that is killed before or after a write shows the truth when it starts again', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const { cluster, truth, start, shown, quiet } = await openWriters(t)
    const one = aMachine()
    await truth.commit({ enrolments: [one] })
    const first = start({ budget: watchful })
    await eventually('it is shown', async () => shown(one.id) !== undefined)
    await quiet()
    const held = cluster.views.holdUp('put')
    await change(first.store, one.id, { state: 'approved' })
    await held.sent
    if (when === 'after') await held.arrive()
    first.stop()
    const before = cluster.views.writes()
    start({ budget: watchful })
    await eventually('it is shown as it is', async () => shown(one.id)?.state === 'approved')
    t.equal((await quiet()) - before, when === 'before' ? 1 : 0, when)
    await held.arrive()
    t.equal(shown(one.id)?.state, 'approved')
  }
})

t.test('a write that arrives late takes nothing back, and a deletion that arrives late is made good', async (t) => {
  const { cluster, start, shown, quiet } = await openWriters(t)
  const server = start({ budget: watchful })
  const one = aMachine()
  await server.store.commit({ enrolments: [one] })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  const put = cluster.views.holdUp('put')
  await change(server.store, one.id, { state: 'approved' })
  await put.sent
  put.giveUp()
  await change(server.store, one.id, { state: 'joining' })
  await eventually('it is shown', async () => shown(one.id)?.state === 'joining')
  await put.arrive()
  await quiet()
  t.equal(shown(one.id)?.state, 'joining')

  cluster.views.editAsAdmin('enrolments', 'foreign', {})
  const remove = cluster.views.holdUp('remove')
  await remove.sent
  remove.giveUp()
  await eventually('it is deleted by another call', async () => shown('foreign') === undefined)
  await remove.arrive()
  t.same(await quiet(), await quiet())
})

t.test('the object of an enrolment that was deleted while its write was on the way goes when it arrives', async (t) => {
  const { cluster, start, shown, quiet } = await openWriters(t)
  const server = start({ budget: watchful })
  await quiet()
  const one = aMachine({ state: 'rejected' })
  const held = cluster.views.holdUp('put')
  await server.store.commit({ enrolments: [one] })
  await held.sent
  held.giveUp()
  await server.store.commit({ gone: { enrolments: [{ id: one.id, revision: 1 }], codes: [] } })
  await held.arrive()
  t.ok(shown(one.id), 'it was written')
  await eventually('it goes', async () => shown(one.id) === undefined)
})

t.test('what somebody changes while the watch is gone is found by the list after it', async (t) => {
  const { cluster, truth, start, shown, quiet } = await openWriters(t)
  const one = aMachine()
  await truth.commit({ enrolments: [one] })
  start({ budget: watchful })
  await eventually('it is shown', async () => shown(one.id) !== undefined)
  await quiet()
  await cluster.goDown()
  cluster.views.deleteAsAdmin('enrolments', one.id)
  await cluster.comeBack()
  await eventually('it is put back', async () => shown(one.id) !== undefined)
})

t.test('a list that the API server forgets begins again', async (t) => {
  const { cluster, truth, start } = await openWriters(t)
  await truth.commit({ enrolments: Array.from({ length: 300 }, () => aMachine()) })
  const first = start({ budget: watchful })
  await eventually('all are shown', async () => cluster.views.statuses('enrolments').size === 300)
  first.stop()
  let [pages, forgotten] = [0, 0]
  const { page } = cluster.views
  cluster.views.page = async (kind, after) => {
    if (kind === 'enrolments') pages += 1
    if (after !== undefined && forgotten === 0) {
      forgotten += 1
      cluster.forgetLists()
    }
    return page(kind, after)
  }
  cluster.views.editAsAdmin('enrolments', 'zzz-foreign', {})
  const second = start({ budget: watchful })
  await eventually('the second page was read', async () => !cluster.views.statuses('enrolments').has('zzz-foreign'))
  t.equal(forgotten, 1)
  t.ok(pages >= 4, `${pages} pages`)
  t.equal(second.log(), '')
})

t.test('a commit is answered while the API server answers nothing', async (t) => {
  const { cluster, start, quiet } = await openWriters(t)
  const server = start({ budget: watchful })
  await quiet()
  const held = Array.from({ length: 4 }, () => cluster.views.holdUp('put'))
  const all = Array.from({ length: 20 }, () => aMachine())
  for (const one of all) t.equal(await server.store.commit({ enrolments: [one] }), 'committed')
  for (const one of held) await one.sent
  for (const one of held) await one.arrive()
  await eventually('all are shown', async () => cluster.views.statuses('enrolments').size === all.length)
})
