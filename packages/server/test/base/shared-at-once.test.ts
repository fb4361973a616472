import t from 'tap'
import { sharedAtOnce } from '../../src/base/shared-at-once.ts'

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
