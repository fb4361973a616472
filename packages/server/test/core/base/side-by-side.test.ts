import t from 'tap'
import { sideBySide } from '../../../src/core/base/side-by-side.ts'

/** Work that is held until the test lets it go. */
const held = () => {
  const begun: string[] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    begun,
    work: (thing: string) => {
      const gate = Promise.withResolvers<void>()
      begun.push(thing)
      gates.set(thing, gate)
      return gate.promise
    },
    end: async (thing: string) => {
      gates.get(thing)?.resolve()
      await turn()
    },
    fail: async (thing: string) => {
      gates.get(thing)?.reject(new Error(`${thing} failed`))
      await turn()
    }
  }
}

t.test('as many items as the width allows are worked on at once, each once', async (t) => {
  const { begun, work, end } = held()
  const all = sideBySide(['a', 'b', 'c', 'd'], 2, work)
  t.same(begun, ['a', 'b'])
  await end('b')
  t.same(begun, ['a', 'b', 'c'])
  await end('c')
  t.same(begun, ['a', 'b', 'c', 'd'])
  await end('a')
  await end('d')
  t.equal(await all, undefined)
})

t.test('after a failure no item is begun, and the failure comes after the end of those that were', async (t) => {
  const { begun, work, end, fail } = held()
  let told = false
  const all = sideBySide(['a', 'b', 'c'], 2, work).finally(() => {
    told = true
  })
  const rejected = t.rejects(all, { message: 'a failed' })
  await fail('a')
  t.same([begun, told], [['a', 'b'], false])
  await end('b')
  await rejected
  t.same(begun, ['a', 'b'])
})

t.test('without items there is nothing to do', async (t) => {
  t.equal(await sideBySide([], 2, () => Promise.reject(new Error('it was asked'))), undefined)
})
