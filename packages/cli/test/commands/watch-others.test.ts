import type { CodeDetail, EnrolmentDetail, Status, TracedNode } from '@joinery/protocol'
import { code, detail, node, status } from '@joinery/testing/command/fixtures'
import { type Answers, serveOperators } from '@joinery/testing/command/operators'
import { watchOn } from '@joinery/testing/command/watching'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'

/** Watches a server whose answers are, at each look, those of `looks`; Ctrl-C after the last one. */
const watch = async (t: Test, looks: (Answers | 'no server')[], ...words: string[]) => {
  let now = looks[0]
  const answer = (name: keyof Answers) => (call: never) => (now as Answers)[name]?.(call)
  const names = ['list', 'show', 'status', 'listNodes', 'listCodes'] as const
  const server = await serveOperators(t, Object.fromEntries(names.map((name) => [name, answer(name)])))
  const passed = async (seconds: number): Promise<boolean> => {
    const before = now
    now = looks[seconds]
    if (now === 'no server' && before !== now) await server.stop()
    if (now !== 'no server' && before === 'no server') await server.start()
    return now === undefined
  }
  return watchOn(server.socket, passed, ...words)
}

const shown = (part: Partial<EnrolmentDetail> = {}): Answers => ({ show: () => ({ ...detail, ...part }) })
const approved = shown({ state: 'approved', message: 'approved', revision: 4 })

t.test(
  'show --watch prints the page again when something has changed, with the time and the next command',
  async (t) => {
    const { end, out, err } = await watch(
      t,
      [shown(), shown(), approved, approved, 'no server', approved],
      'show',
      'node-1'
    )
    const [first = '', second = '', ...more] = out.split('\n--- 2026-11-25T12:00:02Z ---\n')
    t.match(first, /^Name: +node-1\n[\s\S]*State: +pending/)
    t.match(second, /^Name: +node-1\n[\s\S]*State: +approved/)
    t.same(more, [])
    t.match(err, /^Next: joinery approve node-1 --revision 3 [^\n]*\nNext: joinery show node-1\n/)
    t.match(err, /The pairing server has not answered since .*\nThe pairing server answers again as of .*\n$/)
    t.equal(end, 'interrupted')
  }
)

t.test('show --watch for programs prints a document each time, one a line in JSON', async (t) => {
  const print = async (format: string) => {
    const { out, err } = await watch(t, [shown(), shown(), approved], 'show', 'node-1', '-o', format)
    t.equal(err, '', format)
    return out
  }
  const documents = [detail, { ...detail, state: 'approved', message: 'approved', revision: 4 }]
  const lines = (await print('json')).trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    documents
  )
  t.same(
    parseAllDocuments(await print('yaml')).map((document) => document.toJS()),
    documents
  )
  t.equal(await print('name'), 'enrolment/node-1\nenrolment/node-1\n')
  t.equal(await print('jsonpath={.state}{"\\n"}'), 'pending\napproved\n')
})

t.test('show --watch of a selection prints the page of each machine that has changed', async (t) => {
  const at = (name: string, state: 'pending' | 'approved'): EnrolmentDetail => ({
    ...detail,
    id: `id-${name}`,
    name,
    state
  })
  const fleet = (...machines: EnrolmentDetail[]): Answers => ({
    list: () => ({ items: machines }),
    show: ({ reference }: { reference: string }) => machines.find(({ id }) => id === reference)
  })
  const [one, two] = [at('node-1', 'pending'), at('node-2', 'pending')]
  const looks = [fleet(one, two), fleet(one, two), fleet(one, at('node-2', 'approved')), fleet(one)]
  const { end, out } = await watch(t, looks, 'show', '--all')
  t.same(out.match(/^Name: .*|^---.*/gm), [
    'Name:         node-1',
    'Name:         node-2',
    '--- 2026-11-25T12:00:02Z ---',
    'Name:         node-2'
  ])
  t.equal(end, 'interrupted')
  const columns = ['-o', 'custom-columns=N:.name,S:.state']
  const table = await watch(t, looks, 'show', '--all', ...columns)
  t.equal(table.out, 'N        S\nnode-1   pending\nnode-2   pending\nnode-2   approved\n', 'the headers once')
  const lines = (await watch(t, looks, 'show', '--all', '-o', 'json')).out.trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line).state),
    ['pending', 'pending', 'approved'],
    'a document a line'
  )
})

t.test('show --watch ends when the enrolment is gone, with the code of that', async (t) => {
  t.match(await watch(t, [shown(), {}], 'show', 'node-1'), { end: 3, err: /no enrolment is called node-1/ })
})

t.test('status --watch prints the state again when it has changed, and does not end with a failure', async (t) => {
  const well = { status: () => status }
  const troubled: Status = { ...status, enrolments: { ...status.enrolments, pending: 1 }, remedies: ['make room'] }
  const { end, out, err } = await watch(t, [well, well, { status: () => troubled }, well], 'status')
  t.same(out.match(/^What to do:.*|^---.*/gm), [
    'What to do:      nothing',
    '--- 2026-11-25T12:00:02Z ---',
    'What to do:',
    '--- 2026-11-25T12:00:03Z ---',
    'What to do:      nothing'
  ])
  t.equal(err, 'Next: joinery list\n')
  t.equal(end, 'interrupted')
  const json = await watch(t, [well, { status: () => troubled }], 'status', '-o', 'json')
  t.same(
    json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [status, troubled]
  )
})

t.test('nodes --watch prints a line for each change, and asks the cluster at most each five seconds', async (t) => {
  const listed = (...items: TracedNode[]) => ({ listNodes: () => ({ items }) })
  const away: TracedNode = { ...node, condition: 'NotReady' }
  const again: TracedNode = { ...node, uid: 'uid-2' }
  const { out, pauses } = await watch(t, [listed(node), listed(node), listed(away), listed(again)], 'nodes')
  t.equal(
    out,
    `TIME        NAME     STATUS      ROLES         AGE      ENROLMENT    HOW       WRONG
12:00:00Z   node-1   Ready       edge,worker   3m20s    ready        joinery   <none>
12:00:02Z   node-1   NotReady    edge,worker   3m22s    ready        joinery   it is not Ready
12:00:03Z   node-1   Ready       edge,worker   3m23s    ready        joinery   <none>
`
  )
  t.same(pauses, [5000, 5000, 5000, 5000])
  const json = await watch(t, [listed(node), listed(away)], 'nodes', '-o', 'json')
  t.same(
    json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [node, away]
  )
})

t.test('code list --watch prints a line for each change', async (t) => {
  const listed = (...items: object[]) => ({ listCodes: () => ({ items }) })
  const used: CodeDetail = { ...code, status: 'used', used: 1, enrolment: 'e1', users: [], timeline: [] }
  const { out } = await watch(t, [listed(code), listed(used), listed(used)], 'code', 'list', '--no-headers')
  t.match(out, /^12:00:00Z +c1 +open +[^\n]*\n12:00:01Z +c1 +used +[^\n]*\n$/)
  const names = await watch(t, [listed(code), listed(used)], 'code', 'list', '-o', 'name')
  t.equal(names.out, 'code/c1\ncode/c1\n')
})

t.test('what left a watched list, and comes back, is printed again', async (t) => {
  const { timeline: _, ...enrolment } = detail
  const listed = (...items: object[]) => ({ list: () => ({ items }) })
  const looks = [listed(enrolment), listed(), listed(enrolment)]
  const { out } = await watch(t, looks, 'list', '--state', 'pending', '-o', 'name')
  t.equal(out, 'enrolment/e1\nenrolment/e1\n')
})

t.test('-q leaves out what a watch says beside its data', async (t) => {
  const { out, err } = await watch(t, [shown(), 'no server', approved], 'show', 'node-1', '-q')
  t.match(out, /State: +pending[\s\S]*State: +approved/)
  t.equal(err, '')
})
