import { type Enrolment, ProblemError } from '@joinery/protocol'
import { code, enrolment, status } from '@joinery/testing/command/fixtures'
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

t.test('a table asks for rows, and what prints or sorts by more asks for whole enrolments', async (t) => {
  const asked = async (...words: string[]) => {
    const { calls, exitCode } = await joinery(t, { list: () => ({ items: many }) }, 'list', ...words)
    t.equal(exitCode, 0, words.join(' '))
    return calls.map(({ route }) => route)
  }
  for (const words of [[], ['-o', 'wide'], ['-o', 'name'], ['-l', '!rack'], ['--sort-by', 'age'], ['--limit', '2']])
    t.same(await asked(...words), ['listRows'], words.join(' '))
  for (const words of [
    ['-o', 'json'],
    ['-o', 'yaml'],
    ['-o', 'jsonpath={.items[*].facts.memory}'],
    ['-o', 'custom-columns=OS:.facts.os'],
    ['--sort-by', '.facts.memory']
  ])
    t.same(await asked(...words), ['list'], words.join(' '))
})

t.test('an earlier server, which has no rows, is asked for whole enrolments', async (t) => {
  const refused = { listRows: () => undefined, ...paged }
  const { out, calls } = await joinery(t, refused, 'list', '-o', 'name')
  t.equal(out, 'enrolment/node-0\nenrolment/node-1\nenrolment/node-2\n')
  t.same(
    calls.map(({ route }) => route),
    ['listRows', 'list', 'list', 'list']
  )
  const broken = {
    ...paged,
    listRows: () => {
      throw new ProblemError('store-damaged')
    }
  }
  t.match(await joinery(t, broken, 'list'), { exitCode: 1, out: '', calls: [{ route: 'listRows' }] })
})

t.test('a filtered list prints ids, because a name may also be that of another enrolment', async (t) => {
  const { out } = await joinery(t, paged, 'list', '--name', 'node-0', '-o', 'name')
  t.equal(out, 'enrolment/e0\nenrolment/e1\nenrolment/e2\n')
})

t.test('U10: the next command has names, and options in place of many of them', async (t) => {
  const next = async (items: Enrolment[], ...words: string[]) =>
    (await joinery(t, { list: () => ({ items }), showCode: () => code }, 'list', ...words)).err
  const rack = { labels: { rack: 'r 7' } }
  const waiting = (count: number) =>
    Array.from(
      { length: count },
      (_, index): Enrolment => ({ ...enrolment, id: `e${index}`, name: `node-${index}`, ...rack })
    )
  t.equal(await next([enrolment], '--state', 'pending'), 'Next: joinery approve node-1\n')
  t.equal(await next(waiting(2), '--role', 'worker'), 'Next: joinery approve node-0 node-1\n')
  t.equal(await next(waiting(50)), 'Next: joinery approve --state pending\n')
  const chosen = ['--role', 'worker', '--code', code.id, '-l', 'rack,!zone']
  t.equal(
    await next(waiting(50), ...chosen),
    `Next: joinery approve --state pending --role worker --code ${code.id} -l 'rack,!zone'\n`
  )
  // a name that another machine has, as far as the list or the server knows
  t.equal(await next([enrolment, { ...enrolment, id: 'e2' }]), 'Next: joinery approve e1 e2\n')
  t.equal(await next([{ ...enrolment, nameConflict: 'held by e9' }]), 'Next: joinery approve e1\n')
  const sharing = Array.from({ length: 6 }, (_, index): Enrolment => ({ ...enrolment, id: `e${index}` }))
  t.equal(await next(sharing, '--name', 'node-1'), 'Next: joinery approve e0 e1 e2 e3 e4 e5\n')
})

t.test('U31: several states count, and a server that takes one at a time is not asked for them', async (t) => {
  const answers = (offers?: string[]) => ({
    status: () => ({ ...status, ...(offers && { offers }) }),
    list: () => ({ items: [enrolment] }),
    listCodes: () => ({ items: [code] })
  })
  for (const words of [
    ['list', '--state', 'pending', '--state', 'frozen'],
    ['list', '--state', 'pending,frozen'],
    ['list', '--state', 'pending,frozen', '--state', 'pending']
  ]) {
    const { calls } = await joinery(t, answers(['states']), ...words)
    t.match(calls.find(({ route }) => route === 'listRows')?.query, { state: 'pending and frozen' }, words.join(' '))
    const older = await joinery(t, answers(), ...words)
    t.match(older, { exitCode: 1, out: '', err: /older than this command, and lists one state at a time/ })
    t.notOk(older.calls.some(({ route }) => route.startsWith('list')))
  }
  const one = await joinery(t, answers(), 'list', '--state', 'pending', '--state', 'pending')
  t.match(one, { exitCode: 0, calls: [{ route: 'listRows', query: { state: 'pending' } }] })
  t.match(await joinery(t, answers(), 'code', 'list', '--state', 'open'), {
    exitCode: 0,
    calls: [{ query: { state: 'open' } }]
  })
  for (const wrong of ['pending,', 'pending,nowhere', ',', ''])
    t.match(
      await joinery(t, answers(), 'list', '--state', wrong),
      { exitCode: 2, err: /Allowed choices are pending, / },
      wrong
    )
  const page = { list: () => ({ items: [enrolment], metadata: { continue: 'x' } }), status: answers(['states']).status }
  t.match(await joinery(t, page, 'list', '--limit', '1', '--state', 'failed,expired'), {
    err: /^Next: joinery list --limit 1 --state failed,expired --continue x\n$/m
  })
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
