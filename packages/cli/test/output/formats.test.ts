import type { Enrolment } from '@joinery/protocol'
import { code, detail, enrolment, newCode, node, status } from '@joinery/testing/command/fixtures'
import { joinery, runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { formats } from '../../src/session/output-option.ts'

const other: Enrolment = { ...enrolment, id: 'e2', name: 'node-10', state: 'ready', labels: { rack: 'r7' } }
const answers = {
  approve: () => ({ ...enrolment, state: 'approved' }),
  createCode: () => newCode,
  list: () => ({ items: [enrolment, other] }),
  listCodes: () => ({ items: [code] }),
  listNodes: () => ({ items: [node] }),
  show: () => detail,
  showCode: () => ({ ...code, users: [], timeline: [] }),
  revokeCode: () => code,
  status: () => status
}

t.test('jsonpath prints parts of what json prints, and nothing for people', async (t) => {
  const rows: [words: string[], template: string, printed: string][] = [
    [['list'], '{range .items[*]}{.name}{"\\t"}{.state}{"\\n"}{end}', 'node-1\tpending\nnode-10\tready\n'],
    [['list'], '{.items[?(@.labels.rack=="r7")].name}', 'node-10'],
    [['nodes'], '{.items[*].trace}', 'enrolled'],
    [['code', 'list'], '{.items[0].id}', 'c1'],
    [['code', 'show', 'c1'], '{.id}', 'c1'],
    [['code', 'create'], '{.code}', newCode.code],
    [['code', 'revoke', 'c1'], '{.items[*].id}', 'c1'],
    [['show', 'node-1'], '{.timeline[0].event}', 'enrol'],
    [['approve', 'node-1', '--yes'], '{.items[*].state}', 'approved'],
    [['status'], '{.enrolments.ready}', '12']
  ]
  for (const [words, template, printed] of rows) {
    const { exitCode, out, err } = await joinery(t, answers, ...words, '-o', `jsonpath=${template}`)
    t.equal(out, printed, words.join(' '))
    // an approval always says on which evidence it was given
    if (words[0] !== 'approve') t.equal(err, '', words.join(' '))
    t.equal(exitCode, 0, words.join(' '))
  }
})

t.test('custom-columns prints a table of the items, or of the one document', async (t) => {
  const spec =
    'custom-columns=NAME:.name,RACK:.labels.rack,MACS:{.facts.macs[*]},FAILS:.preflight[?(@.verdict=="fail")].name'
  const two = await joinery(t, answers, 'list', '-o', spec)
  t.equal(
    two.out,
    `NAME      RACK     MACS                FAILS
node-1    <none>   52:54:00:30:00:01   swap
node-10   r7       52:54:00:30:00:01   swap
`
  )
  t.equal(two.err, '')
  const bare = await joinery(t, answers, '--no-headers', 'list', '-o', 'custom-columns=N:name,S:state')
  t.equal(bare.out, 'node-1    pending\nnode-10   ready\n')
  const one = await joinery(t, answers, 'show', 'node-1', '-o', "custom-columns=A B:{.facts['hostname','arch']}")
  t.equal(one.out, 'A B\nnode-1,x86_64\n')
  const none = await joinery(t, { list: () => ({ items: [] }) }, 'list', '-o', 'custom-columns=N:.name')
  t.match(none, { out: 'N\n', err: '', exitCode: 0 })
  const evil = { list: () => ({ items: [{ ...enrolment, message: 'x\u001b[2J\nnode-9   ready' }] }) }
  const escaped = await joinery(t, evil, 'list', '-o', 'custom-columns=M:.message')
  t.equal(escaped.out, 'M\nx\\u{1b}[2J\\u{a}node-9   ready\n')
})

t.test('a mistake in custom columns is a usage error that points at it, before the server is asked', async (t) => {
  for (const [spec, message, pointed] of [
    ['NAME', 'a column is HEADER:PATH', 'NAME'],
    ['NAME:.name,STATE', 'a column is HEADER:PATH', 'STATE'],
    ['NAME:.name,', 'a column is HEADER:PATH', ''],
    [':.name', 'a column has no header', ':.name'],
    ['NAME:', 'a path is missing', ''],
    ['NAME:.name,B:{},C:.c', 'a path is missing', ''],
    ['NAME:.name,B:.a[,C:.c', 'nothing ends this [', '[,C:.c'],
    ['NAME:.a b', 'the path ends here', ' b']
  ] as const) {
    const { exitCode, out, err, calls } = await joinery(t, answers, 'list', '-o', `custom-columns=${spec}`)
    t.ok(err.startsWith(`error: -o custom-columns: ${message}`), `${spec}: ${err}`)
    const [, line = '', pointer = ''] = err.split('\n')
    t.equal(line.slice(pointer.length - 1), pointed, spec)
    t.same({ exitCode, out, calls }, { exitCode: 2, out: '', calls: [] }, spec)
  }
})

t.test('an output format that a command does not have, or that lacks its text, is a usage error', async (t) => {
  for (const [words, message] of [
    [
      ['list', '-o', 'go-template={{.}}'],
      'Allowed choices are table, wide, json, yaml, name, jsonpath, custom-columns.'
    ],
    [['list', '-o', ''], 'Allowed choices are'],
    [['list', '-o', '=x'], 'Allowed choices are'],
    [['status', '-o', 'name'], 'Allowed choices are table, wide, json, yaml, jsonpath, custom-columns.'],
    [['list', '-o', 'jsonpath'], "Give what it must print, such as jsonpath='{.name}'."],
    [['list', '-o', 'jsonpath='], 'Give what it must print'],
    [['list', '-o', 'custom-columns'], 'such as custom-columns=NAME:.name,STATE:.state.'],
    [['list', '-o', 'json={.name}'], 'Give json without a =.'],
    [['cluster', 'doctor', '-o', 'name'], 'Allowed choices are']
  ] as const) {
    const { exitCode, err } = await runWith([...words])
    t.match(err, message, words.join(' '))
    t.equal(exitCode, 2, words.join(' '))
  }
})

t.test('a format may follow -o with or without a =, as with kubectl', async (t) => {
  const plain = await joinery(t, answers, 'list', '-o', 'json')
  t.equal(plain.exitCode, 0)
  for (const words of [['-ojson'], ['-o=json'], ['--output=json'], ['--output', 'json']]) {
    t.same((await joinery(t, answers, 'list', ...words)).out, plain.out, words.join(' '))
  }
  t.equal((await joinery(t, answers, 'list', '-o=jsonpath={.items[0].name}')).out, 'node-1')
  t.equal((await joinery(t, answers, 'list', '-ojsonpath={.items[?(@.id=="e2")].name}')).out, 'node-10')
})

t.test('every format prints something of a list, and the headers can be left out of every table', async (t) => {
  for (const format of formats) {
    const text = { jsonpath: '={.items}', 'custom-columns': '=NAME:.name' }[format as string] ?? ''
    for (const words of [['list'], ['nodes'], ['code', 'list']]) {
      const what = `${words.join(' ')} -o ${format}`
      const { out, exitCode } = await joinery(t, answers, ...words, '-o', `${format}${text}`)
      t.match(out, /node-1|c1/, what)
      t.equal(exitCode, 0, what)
      const bare = await joinery(t, answers, '--no-headers', ...words, '-o', `${format}${text}`)
      const isTable = ['table', 'wide', 'custom-columns'].includes(format)
      t.equal(/^(NAME|ID)\b/.test(out), isTable, what)
      t.notMatch(bare.out, /^(NAME|ID)\b/, what)
    }
  }
})

t.test('code show -o name prints the name that code revoke takes', async (t) => {
  t.match(await joinery(t, answers, 'code', 'show', 'c1', '-o', 'name'), { out: 'code/c1\n', err: '', exitCode: 0 })
})
