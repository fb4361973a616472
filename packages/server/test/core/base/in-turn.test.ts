import t from 'tap'
import { InTurn } from '../../../src/core/base/in-turn.ts'

t.test('work on one thing is done in turn, on another thing at once, and a failure holds nobody up', async (t) => {
  const turns = new InTurn()
  const steps: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.do('a', async () => {
    await gate.promise
    steps.push('first')
    throw new Error('it went wrong')
  })
  const second = turns.do('a', async () => {
    steps.push('second')
    return 'done'
  })
  await turns.do('b', async () => {
    steps.push('other')
  })
  t.same(steps, ['other'])
  gate.resolve()
  await t.rejects(first, { message: 'it went wrong' })
  t.equal(await second, 'done')
  t.same(steps, ['other', 'first', 'second'])
})
