import type { Code, Enrolment, TracedNode } from '@joinery/protocol'
import { ago, code, enrolment, facts, node } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const machine = (id: string, name: string, age: number, part: Partial<Enrolment> = {}): Enrolment => ({
  ...enrolment,
  id,
  name,
  created: ago(age),
  ...part
})
const machines = [
  machine('e1', 'node-10', 300, { facts: { ...facts, cpus: 16 }, labels: { rack: 'r10' } }),
  machine('e2', 'node-2', 100, { facts: { ...facts, cpus: 2 }, preflight: [] }),
  machine('e3', 'node-1', 200, { facts: { ...facts, cpus: 4 }, expires: ago(-60), labels: { rack: 'r9' } })
]
/** Pages of one machine each. */
const paged = {
  list: ({ query = {} }: { query?: Record<string, string> }) => {
    const at = Number(query.continue ?? 0)
    return { items: machines.slice(at, at + 1), ...(at < 2 && { metadata: { continue: String(at + 1) } }) }
  }
}
const names = (out: string): string[] => out.split('\n').flatMap((line) => /^node-\d+/.exec(line)?.[0] ?? [])

t.test('--sort-by takes a column or a field, and orders numbers as numbers', async (t) => {
  const rows: [by: string, order: string[]][] = [
    ['NAME', ['node-1', 'node-2', 'node-10']],
    ['name', ['node-1', 'node-2', 'node-10']],
    ['.name', ['node-1', 'node-2', 'node-10']],
    ['{.name}', ['node-1', 'node-2', 'node-10']],
    ['AGE', ['node-2', 'node-1', 'node-10']],
    ['.created', ['node-10', 'node-1', 'node-2']],
    ['.facts.cpus', ['node-2', 'node-1', 'node-10']],
    ['PREFLIGHT', ['node-2', 'node-10', 'node-1']],
    ["labels['rack']", ['node-1', 'node-10', 'node-2']],
    ['expires', ['node-1', 'node-10', 'node-2']],
    ['EXPIRES', ['node-1', 'node-10', 'node-2']],
    ['CAUSE', ['node-10', 'node-2', 'node-1']]
  ]
  for (const [by, order] of rows) {
    const { exitCode, out } = await joinery(t, paged, 'list', '--sort-by', by)
    t.same(names(out), order, by)
    t.equal(exitCode, 0, by)
  }
  const { out } = await joinery(t, paged, 'list', '--sort-by', 'AGE', '-o', 'jsonpath={.items[*].id}')
  t.equal(out, 'e2 e3 e1', 'a document is sorted, too')
})

t.test('--sort-by with --limit gives the first of the whole list, not a sorted page', async (t) => {
  const { out, err, calls } = await joinery(t, paged, 'list', '--sort-by', 'NAME', '--limit', '2', '--state', 'pending')
  t.same(names(out), ['node-1', 'node-2'])
  t.match(err, /^Not shown: 1 more; leave --limit away$/m)
  t.notMatch(err, '--continue')
  t.same(
    calls.map(({ query }) => query),
    [undefined, '1', '2'].map((at) => ({ state: 'pending', limit: '500', ...(at !== undefined && { continue: at }) }))
  )
  const json = await joinery(t, paged, 'list', '--sort-by', 'NAME', '--limit', '2', '-o', 'json')
  t.same(Object.keys(JSON.parse(json.out)), ['items'])
  t.equal(json.err, '')
  const whole = await joinery(t, paged, 'list', '--sort-by', 'NAME', '--limit', '3')
  t.notMatch(whole.err, 'Not shown')
})

t.test('list -l gives the machines with these labels out of the whole list, sorted and cut as told', async (t) => {
  const rows: [words: string[], shown: string[], left: boolean][] = [
    [['-l', 'rack'], ['node-10', 'node-1'], false],
    [['--selector', 'rack in (r9,r8)'], ['node-1'], false],
    [['-l', '!rack'], ['node-2'], false],
    [['-l', 'rack', '--sort-by', 'NAME'], ['node-1', 'node-10'], false],
    [['-l', 'rack', '--limit', '1'], ['node-10'], true]
  ]
  for (const [words, shown, left] of rows) {
    const { exitCode, out, err } = await joinery(t, paged, 'list', ...words)
    t.same([exitCode, names(out)], [0, shown], words.join(' '))
    t.equal(/^Not shown: 1 more/m.test(err), left, words.join(' '))
  }
  const none = await joinery(t, paged, 'get', '-l', 'rack=r1')
  t.match(none, { exitCode: 0, out: '', err: /No enrolment fits these options/ })
  const sorted = await joinery(t, paged, 'list', '-l', 'rack', '-o', 'jsonpath={.items[*].id}')
  t.equal(sorted.out, 'e1 e3')
  t.match(await joinery(t, paged, 'list', '-l', 'rack==='), { exitCode: 2, err: /no value of a label|missing/ })
  t.match(await joinery(t, paged, 'list', '-l', 'rack', '--continue', 'x'), { exitCode: 2 })
})

t.test(
  'a field that no item has is a usage error with the columns, and one in a list without items is not',
  async (t) => {
    const wrong = await joinery(t, paged, 'list', '--sort-by', 'colour')
    t.match(wrong, {
      exitCode: 2,
      out: '',
      err: /^error: no item has the field colour\nremedy: give a field's path or a column: NAME, STATE, .*, MESSAGE\n$/
    })
    const none = await joinery(t, { list: () => ({ items: [] }) }, 'list', '--sort-by', 'colour')
    t.equal(none.exitCode, 0)
    const mistake = await joinery(t, paged, 'list', '--sort-by', '.a[')
    t.match(mistake, { exitCode: 2, err: 'error: --sort-by: nothing ends this [\n  .a[\n    ^\n' })
    t.same(mistake.calls, [], 'the server is not asked')
  }
)

t.test('Nodes and codes are sorted in the same way', async (t) => {
  const nodes: TracedNode[] = [
    { ...node, name: 'node-10', uid: 'a', created: ago(9) },
    { ...node, name: 'node-9', uid: 'b', created: ago(10) }
  ]
  const codes: Code[] = [
    { ...code, id: 'c1', uses: 20, used: 10, created: ago(1) },
    { ...code, id: 'c2', uses: 20, used: 9, created: ago(2) }
  ]
  const answers = { listNodes: () => ({ items: nodes }), listCodes: () => ({ items: codes }) }
  const sorted = async (...words: string[]) => (await joinery(t, answers, ...words, '-o', 'name')).out
  t.equal(await sorted('nodes', '--sort-by', 'name'), 'node/node-9\nnode/node-10\n')
  t.equal(await sorted('nodes', '--sort-by', 'AGE', '--limit', '1'), 'node/node-10\n')
  t.equal(await sorted('nodes', '--sort-by', '{.uid}'), 'node/node-10\nnode/node-9\n')
  t.equal(await sorted('code', 'list', '--sort-by', 'uses'), 'code/c2\ncode/c1\n')
  t.equal(await sorted('code', 'list', '--sort-by', '.created'), 'code/c2\ncode/c1\n')
})

t.test('values of several kinds have an order, and items without the field come last', async (t) => {
  const values = [undefined, 'b', 10, { a: 1 }, 'a', 2, true]
  const items = values.map((value, index) => ({ ...enrolment, id: `e${index}`, odd: value }))
  const { out } = await joinery(t, { list: () => ({ items }) }, 'list', '--sort-by', '.odd', '-o', 'jsonpath={..odd}')
  t.equal(out, '2 10 a b {"a":1} true')
})
