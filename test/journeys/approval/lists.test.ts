import { operatorRoutes } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { WritableStore } from '@joinery/server/testing/store'
import { ready } from '@joinery/testing/pairing/joined'
import { joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { Client } from 'undici'

const names = (list: { items: { name?: string }[] }) => list.items.map(({ name }) => name)

/** As scripts ask, without the client of the command. */
const get = async ({ config }: Pairing, path: string) => {
  const client = new Client('http://joinery-server', { socketPath: config.operators.socket })
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path })
    return {
      statusCode,
      answer: (await body.json()) as { items?: { name: string }[]; metadata?: { continue: string } }
    }
  } finally {
    await client.close()
  }
}
const enrol = async (pairing: Pairing, name: string) => {
  const machine = await pairing.machine()
  const { id, code } = await pairing.code(name)
  await machine.enrol(code)
  return id
}

t.test('enrolments come in pages, each once, also while others enrol', async (t) => {
  const pairing = await openPairing(t)
  for (const name of ['a', 'b', 'c', 'd', 'e']) await enrol(pairing, name)
  const first = await pairing.operator.list({ limit: '2' })
  t.same(names(first), ['a', 'b'])
  await enrol(pairing, 'f')
  const second = await pairing.operator.list({ limit: '2', continue: first.metadata?.continue ?? '' })
  t.same(names(second), ['c', 'd'])
  const rest = await pairing.operator.list({ continue: second.metadata?.continue ?? '' })
  t.same(names(rest), ['e', 'f'])
  const exactly = await pairing.operator.list({ limit: '6' })
  t.equal(exactly.items.length, 6)
  t.equal(exactly.metadata, undefined, 'there is no other page')
})

t.test('a list without a limit is whole, as in earlier versions', async (t) => {
  const pairing = await openPairing(t)
  for (const name of ['a', 'b', 'c']) await enrol(pairing, name)
  const { answer } = await get(pairing, operatorRoutes.list.path)
  t.same(Object.keys(answer), ['items'])
  t.same(names({ items: answer.items ?? [] }), ['a', 'b', 'c'])
})

t.test('enrolments are narrowed by state, name, role and code, and by all of them', async (t) => {
  const pairing = await openPairing(t)
  const code = await enrol(pairing, 'a')
  await enrol(pairing, 'b')
  await pairing.operator.reject('b', { reason: 'no' })
  await enrol(pairing, 'b')
  const { operator } = pairing
  t.same(names(await operator.list({ state: 'rejected' })), ['b'])
  t.same(names(await operator.list({ name: 'b' })), ['b', 'b'])
  t.same(names(await operator.list({ name: 'b', state: 'pending' })), ['b'])
  t.same(names(await operator.list({ role: 'worker' })), ['a', 'b', 'b'])
  t.same(names(await operator.list({ role: 'control-plane' })), [])
  t.same(names(await operator.list({ code })), ['a'])
  t.same(names(await operator.list({ code, name: 'b' })), [])
  const page = await operator.list({ state: 'pending', limit: '1' })
  t.same(names(page), ['a'])
  t.same(names(await operator.list({ state: 'pending', limit: '1', continue: page.metadata?.continue ?? '' })), ['b'])
})

t.test('an enrolment in a page has the same fields as in the whole list', async (t) => {
  const pairing = await openPairing(t)
  for (const machine of [await pairing.machine(), await pairing.machine()]) {
    await machine.enrol((await pairing.code()).code, { name: 'a' })
  }
  const [, whole] = (await pairing.operator.list()).items
  const [, paged] = (await get(pairing, operatorRoutes.list.path)).answer.items ?? []
  const first = await pairing.operator.list({ limit: '1' })
  const second = await pairing.operator.list({ limit: '1', continue: first.metadata?.continue ?? '' })
  t.match(whole, { nameConflict: /pending/ })
  t.same(second.items, [whole], 'also if what it is told apart from is on another page')
  t.same(paged, whole)
})

t.test(
  'a list of several parts is whole and in order while machines come and go, in one answer and in pages',
  async (t) => {
    const stores: WritableStore[] = []
    const pairing = await openPairing(
      t,
      {},
      undefined,
      (container) => void stores.push(container.resolve(WritableStore))
    )
    const [store] = stores
    const { operator } = pairing
    const last = await enrol(pairing, 'm-0')
    const one = await store?.enrolment((await operator.list({ code: last })).items[0]?.id ?? '')
    if (store === undefined || one === undefined) throw new Error('nothing is there')
    const put = (...numbers: number[]) =>
      store.commit({
        enrolments: numbers.map((number) => ({
          ...one,
          id: `e-${number}`,
          key: `k-${number}`,
          name: `m-${number}`,
          revision: 0
        }))
      })
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
    await put(...range(1, 1200))
    const named = (numbers: readonly number[]) => numbers.map((number) => `m-${number}`)
    for (const route of [operatorRoutes.list, operatorRoutes.listRows]) {
      const { answer } = await get(pairing, route.path)
      t.same(Object.keys(answer), ['items'], route.path)
      t.same(names({ items: answer.items ?? [] }), named(range(0, 1200)), route.path)
      const page = await get(pairing, `${route.path}?limit=1199`)
      t.equal(page.answer.items?.length, 1199)
      t.same(
        names({
          items: (await get(pairing, `${route.path}?${new URLSearchParams(page.answer.metadata)}`)).answer.items ?? []
        }),
        ['m-1199']
      )
      t.same((await get(pairing, `${route.path}?name=nobody`)).answer, { items: [] })
    }
    const seen: string[] = []
    let next: string | undefined
    for (let page = 0; page === 0 || next !== undefined; page += 1) {
      const answer = await operator.list({ limit: '100', ...given({ continue: next }) })
      seen.push(...names(answer).map(String))
      next = answer.metadata?.continue
      if (page < 3) await put(1200 + page)
      // one that was shown, the one at which the page ended, and one that is to come
      if (page !== 1) continue
      const gone = await Promise.all(['e-5', 'e-199', 'e-777'].map((id) => store.enrolment(id)))
      await store.commit({ gone: { enrolments: gone.filter((one) => one !== undefined), codes: [] } })
    }
    t.same(seen, named(range(0, 1203).filter((number) => number !== 777)))
  }
)

t.test('a row is what a table shows of an enrolment, also of one whose name another one has', async (t) => {
  const pairing = await openPairing(t)
  const machines = [await pairing.machine(), await pairing.machine()]
  for (const machine of machines) await machine.enrol((await pairing.code()).code, { name: 'a' })
  await enrol(pairing, 'b')
  const { operator } = pairing
  const [rows, whole] = [(await operator.listRows()).items, (await operator.list()).items]
  t.equal(rows.length, 3)
  for (const [at, row] of rows.entries()) {
    const { facts, preflight, ...others } = row
    t.match(whole[at], { ...others, facts: { os: facts.os, kubelet: facts.kubelet, machineId: facts.machineId } })
    t.same(Object.keys(facts).sort(), ['kubelet', 'machineId', 'os'])
    t.notOk(preflight.some(({ verdict }) => verdict === 'pass'))
    t.notOk('attempts' in row || 'conflicts' in row)
  }
  t.match(rows, [{ nameConflict: /pending/ }, { nameConflict: /pending/ }, { nameConflict: undefined }])
})

t.test('codes come in pages, narrowed by status, name and role', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  await enrol(pairing, 'a')
  for (const name of ['b', 'c', 'd']) await pairing.code(name)
  const first = await operator.listCodes({ state: 'open', limit: '2' })
  t.same(names(first), ['b', 'c'])
  const next = { continue: first.metadata?.continue ?? '' }
  t.same(names(await operator.listCodes({ state: 'open', limit: '2', ...next })), ['d'])
  t.same(names(await operator.listCodes({ state: 'used' })), ['a'])
  t.same(names(await operator.listCodes({ name: 'c' })), ['c'])
  t.same(names(await operator.listCodes({ role: 'control-plane' })), [])
  t.same(names(await operator.listCodes()), ['a', 'b', 'c', 'd'])
})

t.test('Nodes come in pages in order of their names, each with its trace', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'b')
  for (const name of ['c', 'a']) await joinOutside(pairing.cluster, pairing.clock, name)
  await pairing.reconcile()
  const { operator } = pairing
  const first = await operator.listNodes({ limit: '2' })
  t.match(first.items, [
    { name: 'a', trace: 'outside' },
    { name: 'b', trace: 'enrolled' }
  ])
  t.same(names(await operator.listNodes({ limit: '2', continue: first.metadata?.continue ?? '' })), ['c'])
  t.same(names(await operator.listNodes({ name: 'c' })), ['c'])
  t.same(names(await operator.listNodes({ role: 'control-plane' })), [])
  t.same(names(await operator.listNodes({ role: 'worker' })), ['a', 'b', 'c'])
})

t.test('a broken query of a list is refused', async (t) => {
  const pairing = await openPairing(t)
  const lists = [operatorRoutes.list, operatorRoutes.listRows, operatorRoutes.listCodes].map(({ path }) => path)
  const wrong = ['limit=0', 'limit=-1', 'limit=1e9', 'limit=1000000', 'continue=YWJj', 'continue=%27', 'state=x', 'x=1']
  for (const path of lists) {
    for (const query of wrong) {
      const { statusCode, answer } = await get(pairing, `${path}?${query}`)
      t.equal(statusCode, 400, `${path}?${query}`)
      t.match(answer, { code: 'invalid-request' }, `${path}?${query}`)
    }
  }
  t.equal((await get(pairing, `${operatorRoutes.listNodes.path}?state=ready`)).statusCode, 400)
})
