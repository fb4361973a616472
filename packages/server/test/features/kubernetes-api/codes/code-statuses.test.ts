import type { CodeStatusView } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { aCode } from '@joinery/testing/documents/code'
import t, { type Test } from 'tap'
import { budgets } from '../../../../src/core/base/budgets.ts'
import type { SeenCode } from '../../../../src/core/ports/objects/codes.ts'
import type { CodeDocument } from '../../../../src/core/ports/store/documents/code-document.ts'
import { CodeStatuses } from '../../../../src/features/kubernetes-api/codes/code-statuses.ts'
import { settledCodes } from '../../../../src/features/kubernetes-api/codes/settled-codes.ts'

const created = new Date('2026-01-01T00:00:00Z')

/** Statuses over a store and a cluster in memory, with a clock that stands still. */
const opened = (t: Test, names: readonly string[], bounds: Partial<typeof budgets.codes> = {}) => {
  const codes = new Map<string, CodeDocument>(
    names.map((name) => [name, aCode(name, { uses: 100, object: { uid: `uid of ${name}` } })])
  )
  const objects = new Map<string, SeenCode>(
    names.map((name) => [
      name,
      { name, uid: `uid of ${name}`, resourceVersion: '1', generation: 1, created, spec: {}, status: undefined }
    ])
  )
  const written: [name: string, used: number][] = []
  let [now, looks, isDown, poisoned] = [0, 0, false, '']
  const settled = { store: { code: async (id: string) => codes.get(id) }, asked: { decided: async () => [] } }
  const settle = async (seen: SeenCode, status: CodeStatusView): Promise<string | undefined> => {
    if (isDown || seen.name === poisoned) throw new Error('away')
    const object = objects.get(seen.name)
    if (object?.resourceVersion !== seen.resourceVersion) return undefined
    const resourceVersion = String(Number(object.resourceVersion) + 1)
    objects.set(seen.name, { ...object, resourceVersion, status })
    written.push([seen.name, status.used])
    return resourceVersion
  }
  const statuses = new CodeStatuses({
    ...settled,
    codes: { settle },
    clock: { now: () => created },
    monotonic: () => now,
    budgets: { ...budgets.codes, each: 10, writes: { each: 1, burst: 1_000 }, ...bounds }
  })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  statuses.start(() => {
    looks += 1
  }, stop.signal)
  return {
    statuses,
    written,
    objects,
    looks: () => looks,
    advance: (milliseconds: number) => {
      now += milliseconds
    },
    poison: (name: string) => {
      poisoned = name
    },
    goDown: () => {
      isDown = true
    },
    look: async () => {
      const listed = [...objects.values()]
      statuses.see(listed)
      await statuses.follow(await settledCodes(settled, listed))
    },
    use: (name: string) => {
      const code = codes.get(name)
      if (code !== undefined) codes.set(name, { ...code, users: [...(code.users ?? []), { key: 'k', enrolment: 'e' }] })
      statuses.note(name)
    }
  }
}

t.test('a status is written once in a while, with all that has changed by then', async (t) => {
  const { look, use, written, advance } = opened(t, ['a'])
  await look()
  t.same(written, [['a', 0]])
  for (let count = 0; count < 5; count += 1) use('a')
  await look()
  t.same(written, [['a', 0]], 'it was written just now')
  advance(10)
  await eventually('it is written', async () => written.length > 1)
  t.same(written, [
    ['a', 0],
    ['a', 5]
  ])
})

t.test('a look writes only as many as the budget has, and the others follow', async (t) => {
  const { look, written, advance } = opened(t, ['a', 'b', 'c'], { writes: { each: 10, burst: 2 } })
  await look()
  t.equal(written.length, 2)
  advance(10)
  await eventually('the third is written', async () => written.length === 3)
  t.same(written.map(([name]) => name).sort(), ['a', 'b', 'c'])
})

t.test('a status that is as it must be is not written, nor one of a code that no Code made', async (t) => {
  const { look, use, written, statuses, advance } = opened(t, ['a'])
  await look()
  advance(100)
  await look()
  statuses.note('of the socket')
  statuses.note('a')
  await look()
  t.equal(written.length, 1)
  use('a')
  await eventually('a use is written', async () => written.length === 2)
})

t.test('a Code that somebody else wrote is looked at again before it is written', async (t) => {
  const { look, use, written, objects, looks, advance } = opened(t, ['a'])
  await look()
  advance(10)
  const object = objects.get('a')
  if (object !== undefined) objects.set('a', { ...object, resourceVersion: '9' })
  use('a')
  await eventually('a look is asked for', async () => looks() === 1)
  t.equal(written.length, 1)
  advance(10)
  await look()
  t.same(written.at(-1), ['a', 1])
})

t.test('a write that fails makes a look, which says so', async (t) => {
  const { look, use, goDown, looks, advance } = opened(t, ['a'])
  await look()
  advance(10)
  goDown()
  use('a')
  await eventually('a look is asked for', async () => looks() > 0)
  advance(10)
  await t.rejects(look(), { message: 'away' })
})

t.test('a Code whose status cannot be written holds up no other, and the look says so', async (t) => {
  const { look, poison, written } = opened(t, ['a', 'b', 'c'])
  poison('a')
  await t.rejects(look(), { message: 'away' })
  t.same(written, [
    ['b', 0],
    ['c', 0]
  ])
})
