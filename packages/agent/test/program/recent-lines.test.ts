import { agentLineAge, agentLineLimit, agentLinesAtMost } from '@joinery/protocol'
import t from 'tap'
import { RecentLines } from '../../src/program/recent-lines.ts'

const lines = () => {
  const clock = { at: 0 }
  return { clock, recent: new RecentLines({ monotonic: () => clock.at }) }
}

t.test('the last lines are told with the seconds since each, and one that is said again at once is one', async (t) => {
  const { clock, recent } = lines()
  t.same(recent.last(), [])
  recent.add('waiting')
  clock.at = 1500
  recent.add('waiting')
  recent.add('')
  recent.add('claiming')
  clock.at = 61_999
  t.same(recent.last(), [
    { ago: 61, line: 'waiting' },
    { ago: 60, line: 'claiming' }
  ])
  clock.at = 1e12
  t.equal(recent.last()[0]?.ago, agentLineAge, 'never more than a report may say')
})

t.test('there are only so many lines, each of them short, printable and without a secret', async (t) => {
  const { recent } = lines()
  for (let number = 0; number < 2 * agentLinesAtMost; number += 1) recent.add(`line ${number}`)
  t.equal(recent.last().length, agentLinesAtMost)
  t.equal(recent.last().at(-1)?.line, `line ${2 * agentLinesAtMost - 1}`)
  for (const [text, line] of [
    ['token abcdef.0123456789abcdef is over', 'token abcdef.<secret> is over'],
    ['code jny_0123456789ABCDEFGHJKMNPQRS5T is used', 'code jny_<secret> is used'],
    ['one\u001b[31m', 'one'],
    ['one\u001b[2J', 'one\\u{1b}[2J'],
    ['x'.repeat(500), 'x'.repeat(agentLineLimit)]
  ] as const) {
    recent.add(text)
    t.equal(recent.last().at(-1)?.line, line)
  }
})
