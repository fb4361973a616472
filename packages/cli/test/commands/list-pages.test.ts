import type { Enrolment } from '@joinery/protocol'
import { code, enrolment } from '@joinery/testing/command/fixtures'
import { joinery, runWith } from '@joinery/testing/command/operators'
import t from 'tap'

const many = Array.from(
  { length: 3 },
  (_, index): Enrolment => ({ ...enrolment, id: `e${index}`, name: `node-${index}` })
)
/** A page an enrolment. */
const paged = {
  list: ({ query = {} }: { query?: Record<string, string> }) => {
    const at = Number(query.continue ?? 0)
    return { items: many.slice(at, at + 1), ...(at + 1 < many.length && { metadata: { continue: String(at + 1) } }) }
  }
}

t.test('list asks page by page, and shows one list', async (t) => {
  const { out, calls } = await joinery(t, paged, 'list', '-o', 'name')
  t.equal(out, 'enrolment/node-0\nenrolment/node-1\nenrolment/node-2\n')
  t.same(
    calls.map(({ query }) => query),
    [{ limit: '500' }, { limit: '500', continue: '1' }, { limit: '500', continue: '2' }]
  )
})

t.test('list --limit shows a page, and the command for the next one', async (t) => {
  const { out, err, calls } = await joinery(t, paged, 'list', '--limit', '1', '--state', 'pending', '--no-headers')
  t.match(out, /^node-0 [^\n]*\n$/)
  t.match(err, /^Next: joinery list --limit 1 --state pending --continue 1\n$/m)
  t.same(
    calls.map(({ query }) => query),
    [{ limit: '1', state: 'pending' }]
  )
  const last = await joinery(t, paged, 'list', '--limit', '1', '--continue', '2')
  t.notMatch(last.err, /--continue/)
  const json = await joinery(t, paged, 'list', '--limit', '1', '-o', 'json')
  t.match(JSON.parse(json.out), { items: [{ name: 'node-0' }], metadata: { continue: '1' } })
})

t.test('a filtered list prints ids, because a name may also be that of another enrolment', async (t) => {
  const { out } = await joinery(t, paged, 'list', '--name', 'node-0', '-o', 'name')
  t.equal(out, 'enrolment/e0\nenrolment/e1\nenrolment/e2\n')
  const { err } = await joinery(t, { list: () => ({ items: [enrolment] }) }, 'list', '--role', 'worker')
  t.match(err, `Next: joinery approve ${enrolment.id}\n`)
})

t.test('the server applies all filters', async (t) => {
  const answers = {
    list: () => ({ items: [] }),
    listCodes: () => ({ items: [code] }),
    listNodes: () => ({ items: [] })
  }
  const asked = async (...words: string[]) => (await joinery(t, answers, ...words)).calls.map(({ query }) => query)
  const common = ['--name', 'n', '--role', 'worker', '--limit', '7', '--continue', 'abc']
  const query = { name: 'n', role: 'worker', limit: '7', continue: 'abc' }
  t.same(await asked('list', ...common, '--state', 'failed', '--code', 'c'), [{ ...query, state: 'failed', code: 'c' }])
  t.same(await asked('code', 'list', ...common, '--state', 'open'), [{ ...query, state: 'open' }])
  t.same(await asked('nodes', ...common), [query])
  t.same(await asked('nodes'), [undefined], 'each page would cost the cluster a whole list')
})

t.test('a filtered list without rows says that nothing fits, not that there is nothing', async (t) => {
  const answers = { list: () => ({ items: [] }), listCodes: () => ({ items: [] }), listNodes: () => ({ items: [] }) }
  for (const [words, said] of [
    [['list', '--state', 'failed'], 'No enrolment fits these options.\n'],
    [['code', 'list', '--name', 'n'], 'No code fits these options.\n'],
    [['nodes', '--name', 'n'], 'No Node fits these options.\n']
  ] as const) {
    const { err, exitCode } = await joinery(t, answers, ...words)
    t.equal(err, said, words.join(' '))
    t.equal(exitCode, 0, words.join(' '))
  }
})

for (const words of [
  ['list', '--limit', '0'],
  ['list', '--limit', 'x'],
  ['list', '--state', 'gone'],
  ['list', '--role', 'master'],
  ['code', 'list', '--state', 'ready'],
  ['nodes', '--limit', '-1'],
  ['list', '--watch', '--limit', '3'],
  ['list', '--watch', '--continue', 'x'],
  ['nodes', '--watch', '--limit', '3'],
  ['list', '--watch', '--sort-by', 'AGE'],
  ['list', '--sort-by', 'AGE', '--continue', 'x'],
  ['code', 'list', '--sort-by', 'AGE', '--limit', '3', '--continue', 'x']
]) {
  t.test(`joinery ${words.join(' ')} is a mistake in the command line`, async (t) => {
    t.equal((await runWith(words)).exitCode, 2)
  })
}
