import { type Enrolment, ProblemError } from '@joinery/protocol'
import { code, enrolment, key, status } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, joineryAsked } from '@joinery/testing/command/operators'
import t from 'tap'

const one = (name: string, part: Partial<Enrolment> = {}): Enrolment => ({
  ...enrolment,
  id: `id-${name}`,
  name,
  ...part
})
const rack = (name: string, part: Partial<Enrolment> = {}) => one(name, { labels: { rack: 'r7' }, ...part })
const nodes = [
  rack('node-1'),
  rack('node-2', { revision: 5 }),
  one('node-3'),
  rack('node-4', { state: 'ready' }),
  rack('cp-2', { role: 'control-plane' })
]
const byId = (reference: string) => nodes.find(({ id }) => id === reference)
const answers: Answers = {
  list: ({ query = {} }) => ({ items: nodes.filter(({ role }) => query.role === undefined || role === query.role) }),
  show: ({ reference }) => ({ ...byId(reference), timeline: [] }),
  approve: ({ reference }) => ({ ...byId(reference), state: 'approved' }),
  retry: ({ reference }) => ({ ...byId(reference), state: 'approved' }),
  reject: ({ reference }) => ({ ...byId(reference), state: 'rejected' }),
  remove: ({ reference }) => ({ ...byId(reference), state: 'removed', message: 'removed' }),
  holder: () => ({ pods: [] }),
  status: () => ({ ...status, offers: ['dry-run'] })
}
const decided = (calls: readonly { route: string; reference: string }[]) =>
  calls.flatMap(({ route, reference }) =>
    ['list', 'show', 'holder', 'status'].includes(route) ? [] : [`${route} ${reference}`]
  )

t.test('a selection is shown with its count, asked about once, and approved exactly as it was listed', async (t) => {
  const { exitCode, out, err, calls, questions } = await joineryAsked(t, answers, ['y'], 'approve', '-l', 'rack=r7')
  t.same(questions, ['Approve these 2 machines? [y/N] '])
  t.same(
    calls.filter(({ route }) => route === 'approve').map(({ reference, body }) => [reference, body]),
    [
      ['id-node-1', { revision: 3, key }],
      ['id-node-2', { revision: 5, key }]
    ]
  )
  t.equal(out, 'enrolment/node-1 approved\nenrolment/node-2 approved\n')
  t.equal(
    err,
    `cp-2 is left out: it is a control plane; to select those: --role control-plane
2 machines would be approved:
NAME     STATE     ROLE     ADDRESS     PREFLIGHT   AGE     KEY
node-1   pending   worker   10.0.0.11   1 fail      3m20s   4f1c-22ab-0000-0000-0000
node-2   pending   worker   10.0.0.11   1 fail      3m20s   4f1c-22ab-0000-0000-0000
2 approved
`
  )
  t.equal(exitCode, 0)
})

t.test('control planes are selected only by their role', async (t) => {
  const { calls, questions, err } = await joineryAsked(t, answers, ['y'], 'approve', '--role', 'control-plane')
  t.same(questions, ['Approve this machine? [y/N] '])
  t.same(decided(calls), ['approve id-cp-2'])
  t.notMatch(err, 'left out')
  t.match(await joinery(t, answers, 'approve', '--all', '--yes'), { err: /^cp-2 is left out: it is a control plane/ })
})

t.test('a no decides nothing, and without a terminal and --yes nothing is asked of the server', async (t) => {
  const no = await joineryAsked(t, answers, ['n'], 'approve', '--all')
  t.match(no, { exitCode: 1, out: '', err: /error: nothing is approved: the answer was not yes\n$/ })
  t.same(decided(no.calls), [])
  for (const words of [['approve'], ['retry'], ['reject', '--reason', 'x'], ['remove'], ['code', 'revoke']]) {
    const nobody = await joinery(t, answers, ...words, '--all')
    t.match(
      nobody,
      { exitCode: 2, out: '', err: /^error: nothing is \w+; there is no terminal to ask on\n/ },
      words.join(' ')
    )
    t.same(nobody.calls, [], words.join(' '))
  }
})

t.test('a name and a selection together, neither of them, and what is for one machine are usage errors', async (t) => {
  for (const [words, why] of [
    [['approve', 'node-1', '--all'], /a name and a selection together/],
    [['approve'], /nothing is named\nremedy: give a name, or select: --state, --role, --code, -l, --all/],
    [['retry', 'node-1', '-l', 'a'], /a name and a selection together/],
    [['reject', '--reason', 'x'], /nothing is named/],
    [['remove', 'node-1', '--code', 'c1'], /a name and a selection together/],
    [['code', 'revoke', 'c1', '--all'], /a name and a selection together/],
    [['wait'], /nothing is named/],
    [['approve', '--all', '--key', key], /--key is for one machine/],
    [['approve', '--all', '--revision', '3'], /--revision is for one machine/],
    [['approve', '--all', '--replace'], /--replace is for one machine/],
    [['approve', '--state', 'ready'], /Allowed choices are pending, recovering/],
    [['approve', '-l', 'rack='.repeat(3)], /a comma is missing before =/],
    [['approve', '-l', '\u001b[2J'], /\\u\{1b\}\[2J is no key of a label/]
  ] as const) {
    t.match(
      await joinery(t, answers, ...words),
      { exitCode: 2, out: '', err: why, calls: { length: 0 } },
      words.join(' ')
    )
  }
})

t.test(
  'what changed since the list is refused and named, the rest goes on, and the summary is the last line',
  async (t) => {
    const changes: Answers = {
      ...answers,
      approve: ({ reference }) => {
        if (reference === 'id-node-1') throw new ProblemError('revision-changed', { remedy: 'joinery show node-1' })
        return { ...byId(reference), state: 'approved' }
      }
    }
    const { exitCode, out, err } = await joinery(t, changes, 'approve', '--all', '--yes')
    t.equal(out, 'enrolment/node-2 approved\nenrolment/node-3 approved\n')
    t.ok(
      err.endsWith(`
error: node-1: The evidence has changed since it was shown (revision-changed)
remedy: joinery show node-1
error: 2 approved, 1 refused
`),
      err
    )
    t.equal(exitCode, 6)
  }
)

t.test('a server that goes away, or a right that is missing, ends the work', async (t) => {
  for (const [code, exitCode] of [
    ['store-unavailable', 1],
    ['code-revoked', 4]
  ] as const) {
    const away: Answers = {
      ...answers,
      approve: () => {
        throw new ProblemError(code)
      }
    }
    const result = await joinery(t, away, 'approve', '--all', '--yes')
    t.match(result, { exitCode, out: '', err: /\nerror: 0 approved, 1 refused, 2 not tried\n$/ })
    t.same(decided(result.calls), ['approve id-node-1'])
  }
})

t.test('a selection of nothing is no failure', async (t) => {
  const none = await joinery(t, answers, 'approve', '-l', 'rack=r9', '--yes')
  t.match(none, { exitCode: 0, out: '', err: 'Nothing that fits can be approved.\n' })
  t.match(await joinery(t, answers, 'approve', '-l', 'rack=r9', '--yes', '-o', 'json'), { out: /"items": \[\]/ })
})

t.test('a rejection and a removal hold only for the look that was listed', async (t) => {
  const rejected = await joineryAsked(t, answers, ['y'], 'reject', '-l', 'rack=r7', '--reason', 'x')
  t.match(
    rejected.calls.filter(({ route }) => route === 'reject'),
    [
      { reference: 'id-node-1', query: { revision: '3', key }, body: { reason: 'x' } },
      { reference: 'id-node-2', query: { revision: '5', key } }
    ]
  )
  const removed = await joineryAsked(t, answers, ['1'], 'remove', '--all', '--no-drain')
  t.same(removed.questions, ['Type 1 to remove this machine: '])
  t.match(removed.err, /\n1 of them have a Node: removing one deletes its Node and bans its name\.\n/)
  t.match(removed.calls.at(-1), { route: 'remove', reference: 'id-node-4', query: { revision: '3', key } })
  t.match(removed, { exitCode: 0, out: 'enrolment/node-4 removed\n', err: /\n1 removed\n$/ })
  const wrong = await joineryAsked(t, answers, ['y'], 'remove', '--all', '--no-drain')
  t.match(wrong, { exitCode: 1, out: '', err: /error: nothing is changed: that was not 1\n/ })
  t.same(decided(wrong.calls), [])
})

t.test('a machine that has changed since the list is neither drained nor removed', async (t) => {
  const moved: Answers = { ...answers, show: ({ reference }) => ({ ...byId(reference), revision: 99, timeline: [] }) }
  const { exitCode, err, calls } = await joinery(t, moved, 'remove', '--all', '--yes')
  t.equal(exitCode, 6)
  t.match(err, /\nerror: node-4 has changed since it was shown: it is ready, at revision 99\n/)
  t.same(decided(calls), [])
})

t.test('a severe rejection of many asks for their number', async (t) => {
  const joining: Answers = {
    ...answers,
    list: () => ({ items: [rack('node-1'), rack('node-5', { state: 'joining' })] })
  }
  const { questions, err } = await joineryAsked(t, joining, ['y'], 'reject', '--all', '--reason', 'x')
  t.same(questions, ['Type 2 to reject these 2 machines: '])
  t.match(err, /\nRejecting a machine ends its join, .* if it is joining\.\n/)
})

t.test('a selection reads all pages, and stops where nobody reads on', async (t) => {
  const page = (from: number) => Array.from({ length: 500 }, (_, index) => one(`node-${from + index}`))
  const pages = (count: number): Answers => ({
    ...answers,
    list: ({ query = {} }) => {
      const at = Number(query.continue ?? 0)
      return { items: page(at * 500), ...(at + 1 < count && { metadata: { continue: `${at + 1}` } }) }
    }
  })
  const two = await joinery(t, pages(2), 'approve', '--all', '--dry-run=client')
  t.match(two.err, /^1000 machines would be approved:\n/)
  const three = await joinery(t, pages(3), 'approve', '--all', '--dry-run=client')
  t.match(three, { exitCode: 2, out: '', err: /^error: more than 1000 fit: / })
})

t.test('a dry run changes nothing, and says so behind each name', async (t) => {
  const client = await joinery(t, answers, 'approve', '-l', 'rack=r7', '--dry-run=client')
  t.match(client, { exitCode: 0, err: /\n2 approved \(client dry run\)\n$/ })
  t.equal(client.out, 'enrolment/node-1 approved (client dry run)\nenrolment/node-2 approved (client dry run)\n')
  t.same(decided(client.calls), [])
  for (const [words, event] of [
    [['approve', 'id-node-1'], 'approve'],
    [['approve', '--code', 'c1'], 'approve'],
    [['reject', 'id-node-1', '--reason', 'x'], 'reject'],
    [['remove', 'id-node-4'], 'remove'],
    [['remove', '--all'], 'remove']
  ] as const) {
    const server = await joinery(t, answers, ...words, '--dry-run=server')
    t.match(server, { exitCode: 0, out: / \(server dry run\)\n$/ }, words.join(' '))
    const sent = server.calls.filter(({ route }) => route === event)
    t.ok(sent.length > 0 && sent.every(({ query }) => query?.dryRun === 'All'), words.join(' '))
    t.notMatch(server.err, 'Next:')
  }
  t.match(await joinery(t, answers, 'approve', 'id-node-4', '--dry-run=client'), {
    exitCode: 6,
    err: /approve is not possible: the enrolment of node-4 is ready/
  })
})

t.test('a server that has no dry run is asked for none', async (t) => {
  const older = await joinery(t, { ...answers, status: () => status }, 'approve', 'id-node-1', '--dry-run=server')
  t.match(older, {
    exitCode: 1,
    out: '',
    err: /error: the pairing server is older than this command, and has no dry run/
  })
  t.same(decided(older.calls), [])
})

t.test('codes are revoked by a selection: the open ones, unless another state is selected', async (t) => {
  const codes = [
    { ...code, id: 'c1', labels: { rack: 'r7' } },
    { ...code, id: 'c2' }
  ]
  const serves: Answers = {
    listCodes: ({ query = {} }) => ({ items: query.state === 'open' ? codes : [] }),
    revokeCode: ({ reference }) => ({ ...code, id: reference, status: 'revoked' }),
    status: () => ({ ...status, offers: ['dry-run'] })
  }
  const all = await joineryAsked(t, serves, ['y'], 'code', 'revoke', '--all')
  t.same(all.questions, ['Revoke these 2 codes? [y/N] '])
  t.match(all, {
    exitCode: 0,
    out: 'code/c1 revoked\ncode/c2 revoked\n',
    err: /^2 codes would be revoked:\nID +STATUS /
  })
  const some = await joinery(t, serves, 'code', 'revoke', '-l', 'rack=r7', '--yes', '-o', 'name')
  t.match(some, { exitCode: 0, out: 'code/c1\n' })
  const dry = await joinery(t, serves, 'code', 'revoke', 'c1', '--dry-run=server')
  t.match(dry, { out: 'code/c1 revoked (server dry run)\n' })
  t.match(dry.calls.at(-1), { route: 'revokeCode', query: { dryRun: 'All' } })
})
