import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { cached, sharedAtOnce, sharedNext } from '../../../src/core/base/cached.ts'

const lifetimes = { value: 60, failure: 10 }

/** A source whose answers the test gives; `asked` says how often it was asked. */
const source = () => {
  const answers: PromiseWithResolvers<string>[] = []
  let time = 0
  const read = () => {
    const answer = Promise.withResolvers<string>()
    answers.push(answer)
    return answer.promise
  }
  return {
    ask: cached(read, () => time, lifetimes),
    asked: () => answers.length,
    last: () => answers.at(-1) as PromiseWithResolvers<string>,
    pass: (milliseconds: number) => {
      time += milliseconds
    }
  }
}

t.test('a thousand callers at once ask the source once', async (t) => {
  const { ask, asked, last, pass } = source()
  const answers = Array.from({ length: 1000 }, ask)
  pass(1000)
  answers.push(ask())
  last().resolve('v1')
  t.same(new Set(await Promise.all(answers)), new Set(['v1']))
  t.equal(asked(), 1, 'however long it takes')
})

t.test('a value is good for its time, counted from its arrival', async (t) => {
  const { ask, asked, last, pass } = source()
  const first = ask()
  pass(50)
  last().resolve('old')
  await first
  pass(59)
  t.equal(await ask(), 'old')
  pass(1)
  const second = ask()
  last().resolve('new')
  t.equal(await second, 'new')
  t.equal(asked(), 2)
})

t.test('a failure is given again for a shorter time, and then the source is asked again', async (t) => {
  const { ask, asked, last, pass } = source()
  const first = ask()
  last().reject(new Error('away'))
  await t.rejects(first, { message: 'away' })
  pass(9)
  await t.rejects(ask(), { message: 'away' })
  t.equal(asked(), 1)
  pass(1)
  const second = ask()
  last().resolve('back')
  t.equal(await second, 'back')
})

t.test('callers that ask for the same at once share the answer, and the next one asks again', async (t) => {
  const asked: [string, PromiseWithResolvers<string>][] = []
  const ask = sharedAtOnce((key: string) => {
    const answer = Promise.withResolvers<string>()
    asked.push([key, answer])
    return answer.promise
  })
  const answers = [ask('a'), ask('b'), ask('a')]
  t.same(
    asked.map(([key]) => key),
    ['a', 'b']
  )
  for (const [key, answer] of asked) answer.resolve(`${key}1`)
  t.same(await Promise.all(answers), ['a1', 'b1', 'a1'])
  const again = ask('a')
  asked[2]?.[1].resolve('a2')
  t.equal(await again, 'a2')
})

t.test('all who share it hear of a failure, and the next one asks again', async (t) => {
  const outcomes = [() => Promise.reject(new Error('away')), async () => 'back']
  const ask = sharedAtOnce(() => outcomes.shift()?.() ?? Promise.reject(new Error('asked too often')))
  const answers = [ask(), ask()]
  for (const answer of answers) await t.rejects(answer, { message: 'away' })
  t.equal(await ask(), 'back')
})

t.test('nobody shares an answer that was asked for before the call, and all who wait share the next one', async (t) => {
  const asked: PromiseWithResolvers<number>[] = []
  const ask = sharedNext(() => {
    const answer = Promise.withResolvers<number>()
    asked.push(answer)
    return answer.promise
  })
  const first = ask()
  await setImmediate()
  const [second, third] = [ask(), ask()]
  await setImmediate()
  t.equal(asked.length, 1, 'one at a time')
  asked[0]?.resolve(1)
  t.equal(await first, 1)
  await setImmediate()
  asked[1]?.resolve(2)
  t.same(await Promise.all([second, third]), [2, 2])
  t.equal(asked.length, 2)
})

t.test('those who wait for the next answer get it after a failure as well', async (t) => {
  const outcomes = [() => Promise.reject(new Error('away')), async () => 'back']
  const ask = sharedNext(() => outcomes.shift()?.() ?? Promise.reject(new Error('asked too often')))
  const first = ask()
  await Promise.resolve()
  const second = ask()
  await t.rejects(first, { message: 'away' })
  t.equal(await second, 'back')
})
