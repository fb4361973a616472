import type { State } from '@joinery/protocol'
import { type Change, nodeSubject, type WritableStore } from '@joinery/server/testing/store'
import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { anOutsider } from '@joinery/testing/documents/outsider'
import type { Test } from 'tap'
import { decided, entry } from './store-contract-documents.ts'

/** What every store must do if several write at once: one batch, or a change that comes while another is under way. */
export const atOnceContract = (t: Test, name: string, open: (t: Test) => Promise<WritableStore>): void => {
  t.test(`${name} has a generation that only grows`, async (t) => {
    const store = await open(t)
    t.equal(await store.commit({ generation: 5 }), 'committed')
    t.same(await store.generation(), { number: 5, sealed: true }, 'and its origin does not matter any more')
    for (const generation of [5, 4, 0, -1]) t.equal(await store.commit({ generation }), 'stale', `to ${generation}`)
    t.equal(await store.commit({ generation: 5, codes: [aCode('c')] }), 'stale')
    t.equal(await store.code('c'), undefined, 'all of it or nothing')
    await store.commit({ codes: [aCode('c')] })
    t.equal(await store.commit({ codes: [aCode('c')] }), 'stale')
    t.equal(await store.commit({ generation: 6, entries: [{ subject: 'c', entry: entry('one') }] }), 'committed')
    t.same(await store.generation(), { number: 6, sealed: true })
    t.equal(await store.commit({ settlesRestore: true }), 'committed')
    t.same(await store.generation(), { number: 6, origin: 'restored', sealed: true })
    t.same(
      await Promise.all([
        store.commit({ generation: 9 }),
        store.commit({ generation: 7 }),
        store.commit({ generation: 10 })
      ]),
      ['committed', 'stale', 'committed'],
      'of those that raise it at once'
    )
    t.same(await store.generation(), { number: 10, sealed: true })
  })

  t.test(`${name} lets one of two writers win`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c')] })
    const use = (enrolment: string) =>
      store.commit({ codes: [aCode('c', { revision: 1, enrolment })], enrolments: [anEnrolment(enrolment)] })
    t.same((await Promise.all([use('one'), use('two')])).sort(), ['committed', 'stale'])
    t.equal((await store.enrolments()).length, 1, 'and writes nothing of the other')
  })

  t.test(`${name} tries a change as it would commit it, and writes nothing`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e'), anEnrolment('f')] })
    const before = await store.enrolments()
    const held = { revision: 1, state: 'approved', name: 'one' } as const
    const entries = [{ subject: 'e', entry: entry('approve') }]
    const tried: Change = { enrolments: [anEnrolment('e', held)], entries, tried: true }
    t.equal(await store.commit(tried), 'committed')
    t.same(
      await Promise.all([store.commit(tried), store.commit({ enrolments: [anEnrolment('f', held)] })]),
      ['committed', 'committed'],
      'it is in the way of no other'
    )
    t.equal(await store.commit(tried), 'name-taken')
    t.equal(await store.commit({ enrolments: [anEnrolment('e', { revision: 5 })], tried: true }), 'stale')
    t.same(await store.enrolment('e'), before[0])
    t.same(await store.timeline('e'), [])
  })

  t.test(`${name} gives an unclaimed name to one of two writers, also by two codes`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c'), aCode('d')] })
    const use = (code: string) =>
      store.commit({
        codes: [aCode(code, { revision: 1, enrolment: `e-${code}` })],
        enrolments: [anEnrolment(`e-${code}`, { name: 'edge-1' })],
        unclaimed: ['edge-1']
      })
    t.same((await Promise.all([use('c'), use('d')])).sort(), ['committed', 'stale'])
    t.equal((await store.enrolmentsByName('edge-1')).length, 1)
  })

  t.test(`${name} keeps outsiders by their names, and lets one of two writers win`, async (t) => {
    const store = await open(t)
    const one = anOutsider('cp-1')
    t.equal(await store.commit({ outsiders: [one, anOutsider('cp-2')] }), 'committed')
    t.equal(await store.commit({ outsiders: [one] }), 'stale', 'made twice')
    t.same(await store.outsiders(), [
      { ...one, revision: 1 },
      { ...anOutsider('cp-2'), revision: 1 }
    ])
    const change = (uid: string) =>
      store.commit({
        outsiders: [anOutsider('cp-1', { revision: 1, node: { uid, machineId: 'm', since: '', before: false } })],
        entries: [{ subject: nodeSubject('cp-1'), entry: entry(uid) }]
      })
    t.same((await Promise.all([change('u1'), change('u2')])).sort(), ['committed', 'stale'])
    t.equal((await store.timeline(nodeSubject('cp-1'))).length, 1, 'and the entry of the other is not written')
  })

  t.test(`${name} lets one of two control planes at once join`, async (t) => {
    const store = await open(t)
    const attempts = [{ number: 1, claimed: '', deadline: '2026-01-01T00:30:00.000Z', refusedCsrs: [] }]
    const ids = ['one', 'two']
    await store.commit({ enrolments: ids.map((id) => anEnrolment(id, { role: 'control-plane', state: 'approved' })) })
    const join = (id: string) => {
      const joining = anEnrolment(id, { role: 'control-plane', state: 'joining', revision: 1, join: { attempts } })
      return store.commit({ enrolments: [joining], alone: new Date('2026-01-01T00:00:00Z') })
    }
    t.same((await Promise.all(ids.map(join))).sort(), ['committed', 'control-plane-busy'])
  })

  t.test(`${name} gives the last place among those that join to one of two at once`, async (t) => {
    const store = await open(t)
    const ids = ['one', 'two', 'three']
    await store.commit({ enrolments: ids.map((id) => anEnrolment(id, { state: 'approved' })) })
    const at = new Date('2026-01-01T00:00:00Z')
    const join = (id: string, more: Partial<Change> = {}) => {
      const joining = anEnrolment(id, { state: 'joining', revision: 1, join: { attempts: [anAttempt(id)] } })
      return store.commit({ enrolments: [joining], joinsAtMost: { at, machines: 2 }, ...more })
    }
    t.equal(await join('one', { tried: true }), 'committed')
    t.equal(await store.joins(at), 0, 'a change that is only tried takes no place')
    t.equal(await join('one', { unclaimed: ['name-of-two'] }), 'stale')
    t.equal(await store.joins(at), 0, 'nor does one that was refused')
    t.same((await Promise.all(ids.map((id) => join(id)))).sort(), ['committed', 'committed', 'joins-full'])
    t.equal(await store.joins(at), 2)
    t.equal((await store.enrolment('three'))?.state, 'approved', 'who is too late is as before')
    const after = new Date('2026-01-01T00:10:00Z')
    t.equal(
      await join('three', { joinsAtMost: { at: after, machines: 1 } }),
      'committed',
      'places end at their deadline'
    )
  })

  t.test(`${name} forgets all of a change or nothing, and keeps what has changed since`, async (t) => {
    const store = await open(t)
    const told = (subject: string) => ({ subject, entry: entry('told') })
    await store.commit({
      codes: [aCode('c')],
      enrolments: [anEnrolment('e'), anEnrolment('f')],
      entries: ['c', 'e', 'f', 'other'].map(told)
    })
    const [code, e, f] = [await store.code('c'), await store.enrolment('e'), await store.enrolment('f')]
    if (code === undefined || e === undefined || f === undefined) return t.fail('they are there')
    await store.commit({ enrolments: [{ ...f, state: 'rejected' }] })
    t.equal(await store.commit({ gone: { enrolments: [e, f], codes: [code] } }), 'stale')
    t.ok((await store.code('c')) && (await store.enrolment('e')) && (await store.enrolment('f')))
    for (const subject of ['c', 'e', 'f']) t.equal((await store.timeline(subject)).length, 1, subject)
    const twins = [1, 2].map(() => store.commit({ gone: { enrolments: [e], codes: [code] } }))
    t.same((await Promise.all(twins)).sort(), ['committed', 'stale'])
    t.same(
      [await store.code('c'), await store.codeByHash('hash of c'), await store.enrolment('e')],
      [undefined, undefined, undefined]
    )
    t.same([await store.timeline('c'), await store.timeline('e')], [[], []])
    t.same([(await store.timeline('f')).length, (await store.timeline('other')).length], [1, 1])
  })

  t.test(`${name} applies one of two Decisions for one revision`, async (t) => {
    const store = await open(t)
    await store.commit({ enrolments: [anEnrolment('e')] })
    const change = (uid: string, state: State) =>
      store.commit({ enrolments: [anEnrolment('e', { revision: 1, state })], decided: decided(uid) })
    t.same(await Promise.all([change('one', 'approved'), change('two', 'rejected')]), ['committed', 'stale'])
    t.same(await store.decided(['one', 'two']), [decided('one')])
    t.match(await store.enrolment('e'), { state: 'approved' })
  })

  t.test(`${name} makes the code of a Code once, with the result of the Code or not at all`, async (t) => {
    const store = await open(t)
    const code = (object: { uid: string }) => aCode('hash', { hash: 'hash', object })
    const make = (uid: string) => store.commit({ codes: [code({ uid })], decided: decided(uid) })
    t.same(await Promise.all([make('one'), make('one'), make('two')]), ['committed', 'decided', 'stale'])
    t.match(await store.code('hash'), { object: { uid: 'one' } })
    t.same(await store.decided(['one', 'two']), [decided('one')], 'who was late is not settled')
    const other = aCode('other', { hash: 'hash', object: { uid: 'three' } })
    t.equal(await store.commit({ codes: [other], decided: decided('three') }), 'stale', 'a hash of another code')
  })
}
