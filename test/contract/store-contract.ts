import { randomBytes } from 'node:crypto'
import { hasEnded, type State, states, statesThat, type TimelineEntry } from '@joinery/protocol'
import {
  type CodeDocument,
  type EnrolmentDocument,
  type EnrolmentHead,
  entriesKept,
  lastingKept,
  type WritableStore,
  wordsKept
} from '@joinery/server/testing/store'
import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { anOutsider } from '@joinery/testing/documents/outsider'
import type { Test } from 'tap'
import { atOnceContract } from './store-contract-at-once.ts'
import { auditContract } from './store-contract-audit.ts'
import { decided, entry } from './store-contract-documents.ts'
import { noticesContract } from './store-contract-notices.ts'

/** Text that nothing makes shorter. */
const noise = (length: number): string => randomBytes(length).toString('base64').slice(0, length)

/** What every store must do. `open` gives one that is empty. */
export const storeContract = (t: Test, name: string, open: (t: Test) => Promise<WritableStore>): void => {
  atOnceContract(t, name, open)
  auditContract(t, name, open)
  noticesContract(t, name, open)

  t.test(`${name} knows the names with a noted ban, and the names that are held`, async (t) => {
    const store = await open(t)
    await store.commit({
      enrolments: [
        anEnrolment('a', { name: 'worker-1', state: 'removed', certificates: { nameBanned: true } }),
        anEnrolment('b', { name: 'worker-1', state: 'rejected', certificates: { nameBanned: true } }),
        anEnrolment('c', { name: 'worker-1', state: 'ready' }),
        anEnrolment('d', { name: 'worker-2', state: 'approved' }),
        anEnrolment('e', { name: 'worker-3', state: 'removed' }),
        anEnrolment('f', { name: 'worker-4', state: 'pending' }),
        anEnrolment('g', { name: 'worker-5', state: 'joined', certificates: { nameBanned: true } })
      ]
    })
    t.same((await store.namesNotedBanned()).sort(), ['worker-1', 'worker-5'])
    t.same((await store.namesHeld()).sort(), ['worker-1', 'worker-2', 'worker-5'])
  })

  t.test(`${name} counts its rows, states and alerts along`, async (t) => {
    const store = await open(t)
    const alert = (at: string, event: string) => ({
      subject: 'a',
      entry: { ...entry('alert'), at, event, actor: 'cluster', alert: true }
    })
    await store.commit({
      codes: [aCode('c')],
      enrolments: [anEnrolment('a'), anEnrolment('b', { state: 'ready' })],
      entries: [alert('2026-01-01T00:00:00.000Z', 'conflict'), alert('2026-01-02T00:00:00.000Z', 'returned')]
    })
    const sizes = () => store.sizes(new Date('2026-01-02T00:00:00.000Z'))
    const first = await sizes()
    t.match(first.rows, { codes: 1, enrolments: 2, timeline: 2, outsiders: 0, decisions: 0 })
    t.same(first.states, { pending: 1, ready: 1 })
    t.same(first.alerts, { returned: { count: 1, last: new Date('2026-01-02T00:00:00.000Z') } })
    await store.commit({
      enrolments: [anEnrolment('a', { revision: 1, state: 'approved' }), anEnrolment('d', { name: 'd', key: 'd' })],
      outsiders: [anOutsider('o')],
      entries: [alert('2026-01-03T00:00:00.000Z', 'returned')]
    })
    // all of it or nothing: the second document is not at that revision
    t.equal(
      await store.commit({
        enrolments: [anEnrolment('e', { name: 'e', key: 'e' }), anEnrolment('a', { revision: 1 })],
        entries: [alert('2026-01-03T00:00:00.000Z', 'conflict')]
      }),
      'stale'
    )
    const second = await sizes()
    t.match(second.rows, { codes: 1, enrolments: 3, timeline: 3, outsiders: 1 })
    t.same(second.states, { approved: 1, pending: 1, ready: 1 })
    t.same(second.alerts, { returned: { count: 2, last: new Date('2026-01-03T00:00:00.000Z') } })
    await store.commit({ gone: { enrolments: [{ id: 'b', revision: 1 }], codes: [{ id: 'c', revision: 1 }] } })
    const third = await sizes()
    t.match(third.rows, { codes: 0, enrolments: 2 })
    t.same(third.states, { approved: 1, pending: 1 })
    t.same(await store.countStates(), third.states, 'as it is counted by reading')
  })

  t.test(`${name} gives back the documents that were committed, with the revision counted up`, async (t) => {
    const store = await open(t)
    t.equal(await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e')] }), 'committed')
    t.same(await store.code('c'), aCode('c', { revision: 1 }))
    t.same(await store.codeByHash('hash of c'), aCode('c', { revision: 1 }))
    t.same(await store.enrolment('e'), anEnrolment('e', { revision: 1 }))
    t.same(await store.enrolmentByKey('key of e'), anEnrolment('e', { revision: 1 }))
    t.same(await store.codes(), [aCode('c', { revision: 1 })])
    t.same(await store.enrolments(), [anEnrolment('e', { revision: 1 })])
    t.equal(await store.commit({ enrolments: [anEnrolment('e', { revision: 1, state: 'approved' })] }), 'committed')
    t.match(await store.enrolment('e'), { revision: 2, state: 'approved' })
  })

  t.test(`${name} knows nothing of documents that it did not get`, async (t) => {
    const store = await open(t)
    t.same(
      await Promise.all([store.code('x'), store.codeByHash('x'), store.enrolment('x'), store.enrolmentByKey('x')]),
      [undefined, undefined, undefined, undefined]
    )
    t.same(await store.timeline('x'), [])
    t.equal(await store.restored(), undefined, 'and came out of no backup')
    t.same(await store.generation(), { number: 0, origin: 'empty' })
  })

  t.test(`${name} knows which packages a code that was not revoked names`, async (t) => {
    const store = await open(t)
    const revoked = '2026-01-01T00:10:00.000Z'
    await store.commit({
      codes: [
        aCode('a', { package: 'one' }),
        aCode('b', { package: 'one' }),
        aCode('c', { package: 'two', revoked }),
        aCode('d')
      ]
    })
    const named = () => Promise.all(['one', 'two', 'three', ''].map((sha256) => store.namesPackage(sha256)))
    t.same(await named(), [true, false, false, false])
    await store.commit({ codes: [aCode('a', { revision: 1, package: 'one', revoked })] })
    t.same(await named(), [true, false, false, false], 'by the other one')
    await store.commit({ codes: [aCode('b', { revision: 1, package: 'one', revoked })] })
    t.same(await named(), [false, false, false, false])
  })

  t.test(`${name} finds the codes for exactly this name, in order of creation`, async (t) => {
    const store = await open(t)
    const codes = [aCode('b', { name: 'worker-1' }), aCode('c', { name: 'worker-10' }), aCode('d')]
    await store.commit({ codes: [...codes, aCode('a', { name: 'worker-1', revoked: '2026-01-01T00:10:00.000Z' })] })
    const found = async (name: string) => (await store.codesByName(name)).map(({ id }) => id)
    t.same(await found('worker-1'), ['b', 'a'])
    t.same(await found('worker-{n}'), [])
    t.same(await found(''), [])
  })

  t.test(`${name} refuses a document that is not at the revision that was read`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e')] })
    t.equal(await store.commit({ codes: [aCode('c')] }), 'stale', 'made twice')
    t.equal(await store.commit({ enrolments: [anEnrolment('e')] }), 'stale', 'made twice')
    t.equal(await store.commit({ enrolments: [anEnrolment('e', { revision: 2 })] }), 'stale', 'from the future')
    t.equal(await store.commit({ enrolments: [anEnrolment('x', { revision: 1 })] }), 'stale', 'never there')
  })

  t.test(`${name} refuses a document that was read before the last change, and keeps the newer one`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e')] })
    const newer = {
      codes: [aCode('c', { revision: 1 })],
      enrolments: [anEnrolment('e', { revision: 1, state: 'approved' })]
    }
    t.equal(await store.commit(newer), 'committed')
    for (const revision of [0, 1]) {
      const entries = [{ subject: 'e', entry: entry('never') }]
      const older = anEnrolment('e', { revision, state: 'rejected' })
      t.equal(await store.commit({ enrolments: [older], entries }), 'stale', `enrolment at ${revision}`)
      t.equal(await store.commit({ codes: [aCode('c', { revision, enrolment: 'e' })] }), 'stale', `code at ${revision}`)
    }
    t.match(await store.enrolment('e'), { revision: 2, state: 'approved' })
    t.same(await store.code('c'), aCode('c', { revision: 2 }))
    t.same(await store.timeline('e'), [])
  })

  t.test(`${name} finds by the end of an id, and by its beginning`, async (t) => {
    const store = await open(t)
    const ids = ['ab00', 'abcd-1', 'abcd-2', 'abce', 'b', '00-abce']
    await store.commit({ codes: ids.map((id) => aCode(id)), enrolments: ids.map((id) => anEnrolment(id)) })
    for (const [prefix, limit, found] of [
      ['abcd', 5, ['abcd-1', 'abcd-2']],
      ['abcd', 1, ['abcd-1']],
      ['abce', 5, ['00-abce', 'abce']],
      ['d-2', 5, ['abcd-2']],
      ['00-a', 5, ['00-abce']],
      ['%', 5, []],
      ['c', 5, []]
    ] as const) {
      t.same(
        (await store.enrolmentsByShortId(prefix, limit)).map(({ id }) => id),
        found,
        prefix
      )
      t.same(
        (await store.codesByShortId(prefix, limit)).map(({ id }) => id),
        found,
        prefix
      )
    }
  })

  t.test(`${name} writes all of a commit or nothing`, async (t) => {
    const store = await open(t)
    await store.commit({ codes: [aCode('c')] })
    const change = {
      codes: [aCode('d'), aCode('c')],
      enrolments: [anEnrolment('e')],
      entries: [{ subject: 'e', entry: entry('never') }]
    }
    t.equal(await store.commit(change), 'stale')
    t.same([await store.code('d'), await store.enrolment('e'), await store.timeline('e')], [undefined, undefined, []])
  })

  t.test(`${name} lets no two enrolments hold one name`, async (t) => {
    const store = await open(t)
    const enrolments = [anEnrolment('e', { name: 'n' }), anEnrolment('f', { name: 'n' })]
    t.equal(await store.commit({ enrolments }), 'committed', 'two may want it')
    const approve = (id: string) =>
      store.commit({ enrolments: [anEnrolment(id, { name: 'n', revision: 1, state: 'approved' })] })
    t.equal(await approve('e'), 'committed')
    t.equal(await approve('f'), 'name-taken')
    await store.commit({ enrolments: [anEnrolment('e', { name: 'n', revision: 2, state: 'rejected' })] })
    t.equal(await approve('f'), 'committed', 'once the other has let go')
  })

  t.test(`${name} lets no key have two live enrolments`, async (t) => {
    const store = await open(t)
    await store.commit({ enrolments: [anEnrolment('e', { key: 'k' })] })
    t.equal(await store.commit({ enrolments: [anEnrolment('f', { key: 'k' })] }), 'key-taken')
    await store.commit({ enrolments: [anEnrolment('e', { key: 'k', revision: 1, state: 'expired' })] })
    t.equal(await store.commit({ enrolments: [anEnrolment('f', { key: 'k' })] }), 'committed')
    t.match(await store.enrolmentByKey('k'), { id: 'f' }, 'the newest one counts')
  })

  t.test(`${name} takes enrolments without an agent beside each other: none of them has a key`, async (t) => {
    const store = await open(t)
    const without = (id: string) => anEnrolment(id, { key: '', withoutAgent: true, state: 'joining' })
    t.equal(await store.commit({ enrolments: [without('e'), without('f'), anEnrolment('g')] }), 'committed')
    t.equal(await store.commit({ enrolments: [{ ...without('e'), revision: 1, state: 'ready' }] }), 'committed')
    t.match(await store.enrolment('e'), { key: '', withoutAgent: true, state: 'ready' })
    t.equal(await store.enrolmentByKey(''), undefined)
    t.equal(await store.commit({ enrolments: [{ ...without('h'), name: 'name-of-f' }] }), 'name-taken')
  })

  t.test(`${name} finds enrolments by state and by name, in order of creation`, async (t) => {
    const store = await open(t)
    const made = [
      anEnrolment('c', { name: 'n' }),
      anEnrolment('b', { state: 'rejected' }),
      anEnrolment('a', { name: 'n', state: 'approved' })
    ]
    await store.commit({ enrolments: made })
    const ids = (found: EnrolmentDocument[]) => found.map(({ id }) => id)
    t.same(ids(await store.enrolments(['approved', 'pending'])), ['c', 'a'])
    t.same(ids(await store.enrolments([])), [])
    const { since } = anEnrolment('c')
    t.same(ids(await store.enrolments(['approved', 'pending'], new Date(since))), ['c', 'a'], 'entered by then')
    t.same(ids(await store.enrolments(['pending'], new Date(Date.parse(since) - 1))), [], 'entered later')
    t.same(ids(await store.enrolmentsByName('n')), ['c', 'a'])
    t.same(await store.enrolmentsByName('c'), [])
    await store.commit({ enrolments: [anEnrolment('c', { name: 'm', state: 'frozen', revision: 1 })] })
    t.same(ids(await store.enrolments(['pending'])), [])
    t.same(ids(await store.enrolmentsByName('m')), ['c'], 'as they are now')
  })

  t.test(`${name} gives more enrolments than one turn reads, each once and in order`, async (t) => {
    const store = await open(t)
    const numbers = Array.from({ length: 600 }, (_, index) => index)
    const isPending = (number: number) => number % 10 < 9
    const made = numbers.map((number) =>
      anEnrolment(String(number), { state: isPending(number) ? 'pending' : 'rejected' })
    )
    await store.commit({ enrolments: made })
    const ids = (found: EnrolmentDocument[]) => found.map(({ id }) => Number(id))
    t.same(ids(await store.enrolments()), numbers)
    const pending = numbers.filter(isPending)
    t.same(ids(await store.enrolments(['pending'])), pending)
    const reading = store.enrolments(['pending'])
    await store.commit({ enrolments: [anEnrolment('598', { revision: 1, state: 'rejected' })] })
    t.same(ids(await reading), pending.slice(0, -1), 'one that is another one by then is not among them')
  })

  t.test(`${name} gives only the heads of enrolments that are not settled`, async (t) => {
    const store = await open(t)
    const attempts = [anAttempt('abcdef')]
    await store.commit({
      enrolments: [
        anEnrolment('z', { state: 'ready', name: 'n', join: { attempts } }),
        ...states.map((state) => anEnrolment(state, { state })),
        anEnrolment('over', { state: 'removed', join: { attempts }, settled: true })
      ]
    })
    const heads = await store.unsettled()
    t.same(
      heads.map(({ id }) => id),
      ['z', ...states.filter((state) => state !== 'pending')]
    )
    const { place = Number.NaN, ...head } = heads[0] ?? {}
    t.same(head, { id: 'z', name: 'n', state: 'ready', revision: 1, claimed: true })
    t.ok(heads.every((other) => other.id === 'z' || (other.place > place && !other.claimed)))
    await store.commit({ enrolments: [anEnrolment('over', { state: 'removed', join: { attempts }, revision: 1 })] })
    t.match(
      (await store.unsettled()).at(-1),
      { id: 'over', revision: 2, claimed: true },
      'once it is no longer settled'
    )
    await store.commit({
      enrolments: [anEnrolment('z', { state: 'removed', join: { attempts }, revision: 1, settled: true })]
    })
    t.notOk(
      (await store.unsettled()).some(({ id }) => id === 'z'),
      'once it is'
    )
  })

  t.test(`${name} walks over enrolments and codes from a place on, in order of creation`, async (t) => {
    const store = await open(t)
    const numbers = Array.from({ length: 600 }, (_, index) => index)
    const made = numbers.map((number) =>
      anEnrolment(String(number), { state: number % 2 === 0 ? 'failed' : 'expired', name: `n${number % 3}` })
    )
    await store.commit({ enrolments: made, codes: numbers.map((number) => aCode(String(number))) })
    const walked = async (walk: AsyncIterable<{ place: number; item: { id: string; revision: number } }>) => {
      const all = []
      for await (const one of walk) all.push(one)
      t.ok(all.every(({ item }) => item.revision === 1))
      return all
    }
    const ids = async (...from: Parameters<WritableStore['walkEnrolments']>) =>
      (await walked(store.walkEnrolments(...from))).map(({ item }) => Number(item.id))
    const all = await walked(store.walkEnrolments(0))
    t.same(
      all.map(({ item }) => Number(item.id)),
      numbers
    )
    const place = all[299]?.place ?? 0
    t.same(await ids(place), numbers.slice(300))
    t.same(await ids(all.at(-1)?.place ?? 0), [])
    t.same(
      await ids(place, { state: 'failed' }),
      numbers.filter((number) => number >= 300 && number % 2 === 0)
    )
    t.same(
      await ids(0, { state: 'expired', name: 'n1' }),
      numbers.filter((number) => number % 2 === 1 && number % 3 === 1)
    )
    t.same(await ids(0, { name: 'nobody' }), [])
    const codes = await walked(store.walkCodes(0))
    t.same(
      codes.map(({ item }) => Number(item.id)),
      numbers
    )
    t.equal((await walked(store.walkCodes(codes[598]?.place ?? 0))).length, 1)
    t.same(await store.countStates(), { failed: 300, expired: 300 })
  })

  t.test(`${name} finds heads by names and by tokens, settled or not`, async (t) => {
    const store = await open(t)
    await store.commit({
      enrolments: [
        anEnrolment('b', { name: 'n', state: 'removed', settled: true, join: { attempts: [anAttempt('aaaaaa')] } }),
        anEnrolment('a', { name: 'n' }),
        anEnrolment('c', { name: 'm', join: { attempts: [anAttempt('cccccc')] } }),
        anEnrolment('d', { name: 'o', join: { attempts: [anAttempt('cccccc')] } })
      ]
    })
    const ids = (heads: EnrolmentHead[]) => heads.map(({ id }) => id)
    t.same(ids(await store.headsByName(['n', 'nobody', 'm'])), ['b', 'a', 'c'])
    t.same(await store.headsByName([]), [])
    t.same(ids(await store.headsByName(["n' OR '1'='1"])), [])
    const byToken = async (...ids: string[]) =>
      (await store.headsByToken(ids)).map(({ id, token, claimed }) => [id, token, claimed])
    t.same(await byToken('aaaaaa', 'ffffff'), [['b', 'aaaaaa', true]])
    t.same(
      await byToken('cccccc'),
      [
        ['c', 'cccccc', true],
        ['d', 'cccccc', true]
      ],
      'one id by chance twice'
    )
    const [one, two] = [anAttempt('aaaaaa', { number: 1 }), anAttempt('bbbbbb', { number: 2 })]
    await store.commit({ enrolments: [anEnrolment('b', { name: 'n', revision: 1, join: { attempts: [one, two] } })] })
    t.same(await byToken('bbbbbb'), [['b', 'bbbbbb', true]], 'of a later attempt')
    t.same(await byToken('aaaaaa'), [['b', 'aaaaaa', true]], 'and of the one before')
    const stale = anEnrolment('b', {
      name: 'n',
      revision: 1,
      join: { attempts: [one, two, anAttempt('dddddd', { number: 3 })] }
    })
    t.equal(await store.commit({ enrolments: [stale] }), 'stale')
    t.same(await byToken('dddddd'), [], 'nothing of a commit that was none')
  })

  t.test(`${name} knows which names are taken, and lets nobody take one of them`, async (t) => {
    const store = await open(t)
    const made = states.map((state) => anEnrolment(state, { name: state, state }))
    await store.commit({ enrolments: made })
    const taken = ['approved', 'failed', 'frozen', 'joined', 'joining', 'pending', 'ready', 'recovering']
    t.same([...(await store.takenNames(new Date('2026-01-01T00:10:00Z')))].sort(), taken)
    for (const state of states) {
      const change = { enrolments: [anEnrolment(`new-${state}`, { name: state })], unclaimed: [state] }
      t.equal(await store.commit(change), taken.includes(state) ? 'stale' : 'committed', state)
    }
    const mixed = { codes: [aCode('c')], enrolments: [anEnrolment('x')], unclaimed: ['free', 'ready'] }
    t.equal(await store.commit(mixed), 'stale', 'one of two is enough')
    t.equal(await store.code('c'), undefined, 'and nothing is written')
  })

  t.test(`${name} keeps the name of an enrolment that ended after a claim`, async (t) => {
    const store = await open(t)
    const attempts = [{ number: 1, tokenId: 'abcdef', claimed: '', deadline: '', refusedCsrs: [] }]
    const over = ['expired', 'rejected', 'removed'] as const
    await store.commit({
      enrolments: over.flatMap((state) => [
        anEnrolment(state, { name: state, state, join: { attempts } }),
        anEnrolment(`unclaimed-${state}`, { name: `unclaimed-${state}`, state })
      ])
    })
    t.same([...(await store.takenNames(new Date('2026-01-01T00:10:00Z')))].sort(), [...over])
    for (const state of over) {
      const use = (name: string) => ({ enrolments: [anEnrolment(`new-${name}`, { name })], unclaimed: [name] })
      t.equal(await store.commit(use(state)), 'stale', state)
      t.equal(await store.commit(use(`unclaimed-${state}`)), 'committed', state)
    }
  })

  t.test(`${name} knows the names of codes that are open or whose machine has the name`, async (t) => {
    const store = await open(t)
    const now = new Date('2026-01-01T00:10:00Z')
    const over = '2026-01-01T00:10:00.000Z'
    const used = states.map((state) => ({
      code: aCode(`c-${state}`, { name: state, enrolment: `e-${state}`, revoked: over, expires: over }),
      enrolment: anEnrolment(`e-${state}`, { name: state, state })
    }))
    await store.commit({
      codes: [
        aCode('open', { name: 'open' }),
        aCode('over', { name: 'over', expires: over }),
        aCode('revoked', { name: 'revoked', revoked: over }),
        aCode('pattern', { name: 'worker-{n}', uses: 3 }),
        aCode('nameless'),
        ...used.map(({ code }) => code)
      ],
      enrolments: [...used.map(({ enrolment }) => enrolment), anEnrolment('asker', { name: 'asked' })]
    })
    const named = ['open', ...statesThat((one) => !hasEnded(one))]
    for (const one of [...states, 'open', 'over', 'revoked', 'worker-1', 'asked', '']) {
      t.equal(await store.isNamed(one, now), named.includes(one), one)
    }
    const taken = await store.takenNames(now)
    t.same(
      ['open', 'over', 'revoked', 'asked'].filter((one) => taken.has(one)),
      ['open', 'asked']
    )
    t.equal(await store.isNamed('open', new Date('2026-01-01T00:30:00Z')), false, 'until it is over')
  })

  t.test(`${name} forgets an outsider at the revision that was read, and it can be made again`, async (t) => {
    const store = await open(t)
    await store.commit({ outsiders: [anOutsider('cp-1')] })
    t.equal(await store.commit({ forgotten: [{ name: 'cp-1', revision: 2 }] }), 'stale')
    t.equal(await store.commit({ forgotten: [{ name: 'cp-1', revision: 1 }] }), 'committed')
    t.equal(await store.commit({ forgotten: [{ name: 'cp-1', revision: 1 }] }), 'stale', 'twice')
    t.same(await store.outsiders(), [])
    t.equal(await store.commit({ outsiders: [anOutsider('cp-1')] }), 'committed')
  })

  t.test(`${name} counts the alerts of all timelines since a time, and gives the last ones`, async (t) => {
    const store = await open(t)
    const alert = (subject: string, minute: number) => ({
      subject,
      entry: { ...entry(`of ${subject}`), at: `2026-01-01T00:0${minute}:00.000Z`, alert: true }
    })
    const entries = [
      alert('e', 1),
      { subject: 'e', entry: entry('no alert, "alert":true') },
      alert('f', 2),
      alert('e', 3)
    ]
    await store.commit({ entries })
    const since = (minute: number) => new Date(`2026-01-01T00:0${minute}:00.000Z`)
    t.same(await store.alerts(since(0), 2), { count: 3, last: [alert('e', 3), alert('f', 2)] })
    t.same(await store.alerts(since(2), 9), { count: 2, last: [alert('e', 3), alert('f', 2)] })
    t.same(await store.alerts(since(4), 9), { count: 0, last: [] })
  })

  t.test(`${name} lets one control plane join at a time, until its deadline`, async (t) => {
    const store = await open(t)
    const [before, deadline] = [new Date('2026-01-01T00:29:59.999Z'), new Date('2026-01-01T00:30:00Z')]
    const attempts = [{ number: 1, claimed: '', deadline: deadline.toISOString(), refusedCsrs: [] }]
    const one = (state: State, revision = 0, more: EnrolmentPart = {}) =>
      anEnrolment('one', { role: 'control-plane', state, revision, join: { attempts } }, more)
    const joins = (id: string, alone = before) =>
      store.commit({ enrolments: [anEnrolment(id, { role: 'control-plane', state: 'joining' })], alone })
    await store.commit({ enrolments: [one('joining')], alone: before })
    t.equal(await joins('another'), 'control-plane-busy')
    t.equal(await store.enrolment('another'), undefined)
    t.equal(await store.commit({ enrolments: [one('joining', 1)], alone: before }), 'committed', 'not by itself')
    await store.commit({ enrolments: [one('joined', 2)] })
    t.equal(await joins('another'), 'control-plane-busy', 'its Node is there, and not ready')
    t.equal(await store.commit({ enrolments: [anEnrolment('worker', { state: 'joining' })] }), 'committed')
    t.equal(await joins('late', deadline), 'committed', 'at its deadline')
    await store.commit({ enrolments: [one('ready', 3)] })
    t.equal(await joins('next'), 'committed', 'once it is ready')
    await store.commit({ enrolments: [one('joined', 4, { role: 'worker' })] })
    t.equal(await joins('other'), 'committed', 'a worker keeps nobody waiting')
  })

  t.test(`${name} counts those that join, until their deadline`, async (t) => {
    const store = await open(t)
    const [before, deadline] = [new Date('2026-01-01T00:09:59.999Z'), new Date('2026-01-01T00:10:00Z')]
    const one = (id: string, state: State, revision = 0, more: Parameters<typeof anEnrolment>[1] = {}) =>
      anEnrolment(id, { state, revision, join: { attempts: [anAttempt('abc123')] } }, more)
    const joins = async (at = before) => store.joins(at)
    t.equal(await joins(), 0)
    await store.commit({ enrolments: [anEnrolment('a', { state: 'approved' }), one('b', 'approved')] })
    t.equal(await joins(), 0, 'who has not claimed, and whose attempt failed')
    await store.commit({ enrolments: [one('a', 'joining', 1), one('c', 'joining', 0, { withoutAgent: true })] })
    t.equal(await joins(), 1, 'nobody claims for a join command')
    t.equal(await joins(deadline), 0)
    await store.commit({ enrolments: [one('a', 'joined', 2), one('cp', 'joining', 0, { role: 'control-plane' })] })
    t.equal(await joins(), 2, 'its Node is there, and not Ready')
    const attempts = [anAttempt('abc123'), anAttempt('abc124', { deadline: '2026-01-01T00:20:00.000Z' })]
    await store.commit({ enrolments: [one('cp', 'joining', 1, { role: 'control-plane', join: { attempts } })] })
    t.equal(await joins(deadline), 1, 'the last attempt counts')
    await store.commit({ enrolments: [one('a', 'ready', 3)] })
    t.equal(await joins(), 1)
    await store.commit({ gone: { enrolments: [{ id: 'cp', revision: 2 }], codes: [] } })
    t.equal(await joins(), 0)
  })

  t.test(`${name} keeps timelines in order and apart`, async (t) => {
    const store = await open(t)
    for (const detail of ['one', 'two']) await store.commit({ entries: [{ subject: 'e', entry: entry(detail) }] })
    await store.commit({ entries: [{ subject: 'f', entry: entry('other') }] })
    t.same(
      (await store.timeline('e')).map(({ detail }) => detail),
      ['one', 'two']
    )
  })

  t.test(`${name} keeps a bounded number of entries that agents cause, and all others`, async (t) => {
    const store = await open(t)
    const byAgent = (detail: number) => ({ subject: 'e', entry: { ...entry(String(detail)), actor: 'agent' } })
    const flood = Array.from({ length: entriesKept + 10 }, (_, index) => byAgent(index))
    const alert = { subject: 'e', entry: { ...entry('an alert'), actor: 'agent', alert: true } }
    await store.commit({ entries: [...flood, { subject: 'e', entry: entry('of the server') }, alert] })
    const kept = (await store.timeline('e')).map(({ detail }) => detail)
    t.equal(kept.length, entriesKept + 2)
    t.same([kept[0], ...kept.slice(-2)], ['0', 'of the server', 'an alert'])
  })

  t.test(`${name} bounds the entries of cluster and server, and drops the most frequent ones`, async (t) => {
    for (const actor of ['cluster', 'server']) {
      const store = await open(t)
      const by = (event: string, detail: number, alert = false) => ({
        subject: 'e',
        entry: { ...entry(String(detail)), actor, event, alert }
      })
      const flood = Array.from({ length: entriesKept + 10 }, (_, index) => by('node-condition', index))
      // of the very event that comes too often
      await store.commit({ entries: [by('register', -1), by('node-condition', -2, true), ...flood] })
      await store.commit({
        entries: [by('became-ready', -3), { subject: 'e', entry: { ...entry('by a person'), actor: 'operator' } }]
      })
      const kept = await store.timeline('e')
      t.equal(kept.length, entriesKept + 1, `${actor}: and what a person did`)
      t.same(
        [...kept.slice(0, 3), ...kept.slice(-3)].map(({ detail }) => detail),
        ['-1', '-2', '13', String(entriesKept + 9), '-3', 'by a person'],
        actor
      )
      const alerts = Array.from({ length: entriesKept }, (_, index) => by('alert', index, true))
      await store.commit({ entries: alerts })
      const told = (await store.timeline('e')).filter(({ event }) => event === 'alert')
      const [first, last] = [lastingKept.first, lastingKept.all - lastingKept.first - 1]
      t.same(
        told.map(({ detail }) => detail),
        [
          ...Array.from({ length: first + 1 }, (_, index) => String(index)),
          ...Array.from({ length: last }, (_, index) => String(entriesKept - last + index))
        ],
        `${actor}: of alerts the first and the last stay`
      )
      t.match(
        told[first],
        { count: entriesKept - first - last, last: '2026-01-01T00:00:00.000Z' },
        'and one says how many'
      )
      t.equal((await store.timeline('e')).filter(({ alert }) => alert).length, lastingKept.all + 1, 'of each event')
    }
  })

  t.test(`${name} bounds the entries of operators as it bounds alerts`, async (t) => {
    const store = await open(t)
    const grants = Array.from({ length: 100 }, (_, index) => ({
      subject: 'e',
      entry: { ...entry(String(index)), actor: 'operator', event: 'grant' }
    }))
    for (const grant of grants) await store.commit({ entries: [grant] })
    await store.commit({
      entries: [{ subject: 'e', entry: { ...entry('the last'), actor: 'operator', event: 'reject' } }]
    })
    const kept = await store.timeline('e')
    t.equal(kept.length, lastingKept.all + 1)
    t.equal(
      kept.reduce((sum, { count = 1 }) => sum + count, 0),
      101,
      'nothing is left uncounted'
    )
    t.same([kept[0]?.detail, kept.at(-2)?.detail, kept.at(-1)?.detail], ['0', '99', 'the last'])
  })

  t.test(`B4: ${name} has room for each use of a code, whatever else machines cause`, async (t) => {
    const store = await open(t)
    const by = (event: string, detail: string | number) => ({
      subject: 'c',
      entry: { ...entry(String(detail)), actor: 'agent', event }
    })
    const flood = Array.from({ length: entriesKept + 10 }, (_, index) => by('refused', index))
    await store.commit({ entries: flood })
    for (const detail of ['first', 'second']) await store.commit({ entries: [by('used', detail)] })
    await store.commit({ entries: [by('refused', noise(1000))] })
    const uses = async () => (await store.timeline('c')).filter(({ event }) => event === 'used')
    t.match(await uses(), [{ detail: 'first' }, { detail: 'second' }])
    await store.commit({ entries: Array.from({ length: 100 }, (_, index) => by('used', index)) })
    t.equal((await uses()).length, lastingKept.all)
    t.equal(
      (await uses()).reduce((sum, { count = 1 }) => sum + count, 0),
      102,
      'each is counted'
    )
    t.match([(await uses())[0], (await uses()).at(-1)], [{ detail: 'first' }, { detail: '99' }])
  })

  t.test(`${name} bounds the words of few entries that are long, and takes no more away than it has to`, async (t) => {
    const store = await open(t)
    const rows: [kind: string, share: number, bytes: number, part: Partial<TimelineEntry>[]][] = [
      ['of an agent', Number(wordsKept.agent), 4000, [{ actor: 'agent' }]],
      ['of the cluster', Number(wordsKept.cluster), 1000, [{ actor: 'cluster' }]],
      ['alerts', wordsKept.alerts, 1500, ['conflict', 'unwanted-node'].map((event) => ({ event, alert: true }))]
    ]
    for (const [kind, share, bytes, parts] of rows) {
      for (let time = 0; time < 20; time += 1) {
        const entries = parts.map((part) => ({ subject: kind, entry: { ...entry(noise(bytes)), ...part } }))
        await store.commit({ entries: [...entries, ...entries] })
      }
      t.equal((await store.timeline(kind)).length, Math.floor(share / bytes), kind)
    }
  })

  t.test(`${name} takes a timeline whose authors say as much as they can`, async (t) => {
    const store = await open(t)
    const alerts = ['conflict', 'other-machine', 'unwanted-node', 'recovery-refused']
    const said = (actor: string, event: string, bytes: number, alert = false) => ({
      subject: 'e',
      entry: { ...entry(noise(bytes)), actor, event, alert }
    })
    for (let round = 0; round < 60; round += 1) {
      const entries = [
        said('agent', 'evidence-changed', 3000),
        said('agent', 'fail', 4000),
        ...alerts.flatMap((event) => [said('cluster', event, 1000, true), said('agent', event, 1000, true)]),
        said('cluster', 'node-condition', 1000),
        said('server', 'cause', 1000),
        said('policy', 'would-approve', 1000),
        said('operator', 'release', 500),
        said('operator', 'retry', 500)
      ]
      t.equal(await store.commit({ entries }), 'committed')
    }
    const kept = await store.timeline('e')
    const bytes = (which: (entry: TimelineEntry) => boolean) =>
      kept.filter(which).reduce((sum, { detail }) => sum + detail.length, 0)
    t.ok(bytes(({ alert }) => alert) <= wordsKept.alerts)
    for (const actor of ['agent', 'cluster', 'server', 'policy', 'operator'])
      t.ok(bytes((one) => one.actor === actor && !one.alert) <= Number(wordsKept[actor]), actor)
    for (const event of alerts) t.ok(kept.filter((one) => one.event === event).length > 2, `${event} is told of`)
    t.equal(
      kept.filter(({ alert }) => alert).reduce((sum, { count = 1 }) => sum + count, 0),
      60 * 2 * alerts.length
    )
    const facts = { ...anEnrolment('e').facts, macs: Array.from({ length: 64 }, () => noise(17)) }
    t.equal(
      await store.commit({ enrolments: [anEnrolment('e', { facts, reason: noise(180_000) })] }),
      'committed',
      'and there is room for its enrolment'
    )
  })

  t.test(`${name} replaces an entry that came again`, async (t) => {
    const store = await open(t)
    const flap = (count: number, at = '2026-01-01T00:00:00.000Z') => ({
      subject: 'e',
      entry: { ...entry(`flap ${count}`), at, event: 'node-condition', ...(count > 1 && { count, last: at }) }
    })
    await store.commit({ entries: [flap(1), { subject: 'e', entry: entry('between') }] })
    await store.commit({ entries: [flap(2)] })
    await store.commit({ entries: [flap(3)] })
    t.match(await store.timeline('e'), [{ detail: 'flap 3', count: 3 }, { detail: 'between' }])
    t.equal((await store.timeline('e')).length, 2)
    await store.commit({ entries: [flap(4, '2026-01-01T00:01:00.000Z')] })
    t.equal((await store.timeline('e')).length, 3, 'what it was is not there: it is a new one')
    await store.commit({ entries: [{ ...flap(5), subject: 'other' }] })
    t.equal((await store.timeline('other')).length, 1)
    t.match((await store.timeline('e'))[0], { count: 3 }, 'another subject has its own')
  })

  t.test(`${name} gives ended enrolments in parts, each once, whatever goes or comes in between`, async (t) => {
    const store = await open(t)
    const times = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z']
    const enrolments = states.flatMap((state) =>
      times.flatMap((since) => ['1', '2'].map((id) => anEnrolment(`${state} ${since} ${id}`, { state, since })))
    )
    // a name and a key are one's alone in some states
    for (const enrolment of enrolments) await store.commit({ enrolments: [enrolment] })
    const by = new Date(times[1] ?? '')
    const seen: string[] = []
    let last: EnrolmentDocument | undefined
    for (;;) {
      const part = await store.endedBy(by, last, 3)
      t.ok(part.length <= 3)
      seen.push(...part.map(({ id }) => id))
      last = part.at(-1)
      if (last === undefined) break
      // what was given may be gone before the next part is read
      await store.commit({ gone: { enrolments: [last], codes: [] } })
    }
    const wanted = enrolments.filter((one) => hasEnded(one) && one.since <= (times[1] ?? ''))
    t.same(seen.toSorted(), wanted.map(({ id }) => id).toSorted())
  })

  t.test(`${name} gives codes in parts, each once, whatever goes in between`, async (t) => {
    const store = await open(t)
    const ids = Array.from({ length: 7 }, (_, index) => `c${index}`)
    await store.commit({ codes: ids.map((id) => aCode(id)) })
    const seen: string[] = []
    let last: CodeDocument | undefined
    for (;;) {
      const part = await store.codesAfter(last?.id, 2)
      seen.push(...part.map(({ id }) => id))
      last = part.at(-1)
      if (last === undefined) break
      await store.commit({ gone: { enrolments: [], codes: [last] } })
    }
    t.same(seen.toSorted(), ids)
    t.equal((await store.codes()).length, 3)
  })

  t.test(`${name} begins a timeline again in one commit`, async (t) => {
    const store = await open(t)
    await store.commit({ entries: ['one', 'two'].map((detail) => ({ subject: 'e', entry: entry(detail) })) })
    const e = anEnrolment('e')
    await store.commit({ enrolments: [e], untold: ['e'], entries: [{ subject: 'e', entry: entry('anew') }] })
    t.match(await store.timeline('e'), [{ detail: 'anew' }])
    t.equal(await store.commit({ enrolments: [{ ...e, revision: 7 }], untold: ['e'] }), 'stale')
    t.equal((await store.timeline('e')).length, 1)
  })

  t.test(`${name} gives all enrolments of a key, in order of creation`, async (t) => {
    const store = await open(t)
    const state = 'rejected'
    await store.commit({
      enrolments: ['b', 'a', 'c'].map((id) => anEnrolment(id, { key: id === 'c' ? 'other' : 'k', state }))
    })
    t.same(
      (await store.enrolmentsByKey('k')).map(({ id }) => id),
      ['b', 'a']
    )
    t.same(await store.enrolmentsByKey('nobody'), [])
  })

  t.test(`${name} knows which package a code names that has not expired before a time`, async (t) => {
    const store = await open(t)
    const expires = '2026-01-01T00:30:00.000Z'
    await store.commit({
      codes: [aCode('one', { package: 'one', expires }), aCode('two', { package: 'two', expires, revoked: expires })]
    })
    const named = (sha256: string, since: string) => store.namesPackage(sha256, new Date(since))
    t.equal(await named('one', '2026-01-01T00:30:00Z'), true)
    t.equal(await named('one', '2026-01-01T00:30:01Z'), false)
    t.equal(await named('two', '2026-01-01T00:00:00Z'), false, 'revoked')
    t.equal(await named('three', '2026-01-01T00:00:00Z'), false)
  })

  t.test(`${name} settles a Decision once, with what it does or not at all`, async (t) => {
    const store = await open(t)
    await store.commit({ enrolments: [anEnrolment('e')] })
    const approved = anEnrolment('e', { revision: 1, state: 'approved' })
    t.same(await store.decided(['d']), [])
    t.equal(await store.commit({ enrolments: [approved], decided: decided('d') }), 'committed')
    t.same(await store.decided(['d', 'other']), [decided('d')])
    const again = { enrolments: [{ ...approved, revision: 2, state: 'rejected' as const }], decided: decided('d') }
    t.equal(await store.commit(again), 'decided', 'the same Decision twice')
    t.match(await store.enrolment('e'), { revision: 2, state: 'approved' }, 'and nothing of it is written')
    t.equal(await store.commit({ enrolments: [approved], decided: decided('d') }), 'decided', 'rather than stale')
    t.equal(await store.commit({ decided: { ...decided('d'), result: 'refused' } }), 'decided')
    t.same(await store.decided(['d']), [decided('d')], 'the first result stays')
  })

  t.test(`${name} forgets the uid of a change that it did not take`, async (t) => {
    const store = await open(t)
    await store.commit({ enrolments: [anEnrolment('e'), anEnrolment('f', { name: 'taken', state: 'ready' })] })
    const stale = { enrolments: [anEnrolment('e', { revision: 7 })], decided: decided('d') }
    t.equal(await store.commit(stale), 'stale')
    const taken = {
      enrolments: [anEnrolment('e', { revision: 1, name: 'taken', state: 'approved' })],
      decided: decided('d')
    }
    t.equal(await store.commit(taken), 'name-taken')
    t.same(await store.decided(['d']), [])
    t.equal(await store.commit({ decided: decided('d') }), 'committed')
  })

  t.test(`${name} gives the codes that end when their Code goes`, async (t) => {
    const store = await open(t)
    const object = { uid: 'u' }
    const codes = [
      aCode('open', { object }),
      aCode('used', { object, enrolment: 'e' }),
      aCode('socket'),
      aCode('cleared', { object: { ...object, cleared: true } }),
      aCode('revoked', { object, revoked: '2026-01-01T00:00:00.000Z' })
    ]
    await store.commit({ codes })
    const given = async () => (await store.codesOfObjects()).map(({ id }) => id)
    t.same(await given(), ['open', 'used'])
    t.match(await store.codesOfObjects(), [
      { revision: 1, object },
      { revision: 1, object }
    ])
    await store.commit({ codes: [aCode('open', { revision: 1, object, revoked: '2026-01-01T00:00:00.000Z' })] })
    t.same(await given(), ['used'])
  })

  t.test(`${name} keeps the result of a Decision for eight days, until another one is settled`, async (t) => {
    const store = await open(t)
    await store.commit({ decided: decided('old', '2026-01-01T00:00:00.000Z') })
    await store.commit({ decided: decided('next', '2026-01-09T00:00:00.000Z') })
    t.equal((await store.decided(['old'])).length, 1)
    await store.commit({ decided: decided('last', '2026-01-09T00:00:00.001Z') })
    t.same((await store.decided(['old', 'next', 'last'])).map(({ uid }) => uid).sort(), ['last', 'next'])
  })

  t.test(`${name} takes hostile text as text`, async (t) => {
    const store = await open(t)
    const name = `'; DROP TABLE codes; -- " \u0000 \u2028 ${'x'.repeat(5000)}`
    await store.commit({ codes: [aCode('c', { name })] })
    t.equal((await store.code('c'))?.name, name)
    t.equal(await store.code("c' OR '1'='1"), undefined)
    await t.resolves(store.check())
  })
}
