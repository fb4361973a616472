import t from 'tap'
import { Crowd } from '../../../src/front/connection-guard/crowd.ts'
import type { Visitor } from '../../../src/front/connection-guard/visitor.ts'

t.test('D1: a door that closes finds each connection, those of known keys too', async (t) => {
  const crowd = new Crowd<Visitor>()
  const visitors = ['a', 'b', 'b'].map(
    (group): Visitor => ({ group, step: 'silent', since: 0, known: false, cut: () => {} })
  )
  for (const one of visitors) crowd.add(one)
  const [a, b, c] = visitors as [Visitor, Visitor, Visitor]
  crowd.setKnown(b, true)
  t.same(new Set(crowd.all()), new Set([a, b, c]))
  t.same(crowd.strangers(), [a, c])
  crowd.remove(b)
  t.same(crowd.all(), [a, c])
})
