import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EnrolmentDetail, ProblemError, type Why } from '@joinery/protocol'
import { ago, code, detail, enrolment, node, status } from '@joinery/testing/command/fixtures'
import { type Answers, listenRaw, runWith, serveOperators } from '@joinery/testing/command/operators'
import { parseTarGzip } from 'nanotar'
import t, { type Test } from 'tap'
import type { Terminal } from '../../../src/terminal/terminal.ts'

const failed: EnrolmentDetail = { ...detail, id: 'e2', name: 'node-2', state: 'failed' }
const joined = { uid: 'u', registered: ago(60), condition: 'NotReady', message: 'no network', ready: ago(11) } as const
const why: Why = { name: 'node-3', ready: false, at: ago(5), causes: [], summary: 'nobody knows' } as unknown as Why
const { timeline: _, ...machine } = failed

const answers: Answers = {
  status: () => status,
  listCodes: () => ({ items: [code] }),
  list: ({ query }) => ({
    items:
      query?.state === 'failed'
        ? [machine]
        : query?.state === 'joined'
          ? [{ ...enrolment, id: 'e3', state: 'joined', node: joined }]
          : []
  }),
  listNodes: () => ({ items: [node] }),
  show: ({ reference }) => ({ ...failed, id: reference }),
  why: () => why
}

/** Runs `joinery bundle` in a folder of its own, and unpacks what it wrote. */
const bundle = async (t: Test, serves: Answers, terminal: Partial<Terminal> = {}) => {
  const { socket, calls, stop } = await serveOperators(t, serves)
  return { calls, stop, run: () => bundleOf(t, socket, terminal), socket }
}

const bundleOf = async (t: Test, socket: string, terminal: Partial<Terminal>, folder = t.testdir({})) => {
  const path = join(folder, 'bundle.tar.gz')
  const kubeconfig = join(folder, 'no-kubeconfig')
  const ran = await runWith(['--socket', socket, 'bundle', '--out', path], { kubeconfig, ...terminal })
  const entries = await parseTarGzip(readFileSync(path))
  const top = 'joinery-bundle-20261125T120000Z/'
  for (const { name, attrs } of entries) {
    t.ok(name.startsWith(top), name)
    t.match(attrs?.mode, /600 *$/, name)
  }
  const files = Object.fromEntries(entries.map(({ name, text }) => [name.slice(top.length), text]))
  return { ...ran, path, files, names: Object.keys(files) }
}

t.test('bundle writes what the server tells, in a file that only its owner can read', async (t) => {
  const { run } = await bundle(t, answers)
  const { exitCode, out, err, path, files, names } = await run()
  t.equal(exitCode, 0)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(names, [
    'MANIFEST.txt',
    'versions.json',
    'status.json',
    'codes.json',
    'enrolments.json',
    'nodes.json',
    'enrolments/e2.json',
    'enrolments/e3.json',
    'why/e3.json'
  ])
  t.same(JSON.parse(files['status.json'] ?? ''), status)
  t.match(JSON.parse(files['enrolments/e2.json'] ?? ''), { name: 'node-2', timeline: [{ event: 'enrol' }] })
  t.match(
    files['MANIFEST.txt'],
    /^A support bundle of Joinery, made at 2026-11-25T12:00:00Z by joinery dev, over the socket\.\n/
  )
  t.match(files['MANIFEST.txt'], /read it before you send it on\.\n/)
  t.match(files['MANIFEST.txt'], /^ {2}journal\.txt +only root may read it: run it as root \(sudo\)$/m)
  t.ok(out.startsWith(`${path} created\n  versions.json `))
  for (const name of names.slice(1)) t.match(out, `  ${name} `, name)
  t.match(err, /^not in it: doctor\.json: /m)
  t.match(err, /^not in it: server\.yaml: only root may read it/m)
  t.ok(err.endsWith(`read it before you send it on.\nNext: tar --list --gzip --file ${path}\n`))
})

t.test('root on the host of the server also has its configuration and its log, without secrets', async (t) => {
  const configuration = join(
    t.testdir({ 'server.yaml': 'state: /var/lib\n# CANARY\nwebhook: { secret: CANARY }\n' }),
    'server.yaml'
  )
  const ran: string[][] = []
  const exec = async (argv: readonly string[]) => {
    ran.push([...argv])
    return argv.includes('journalctl') ? 'line abcdef.0123456789abcdef jny_CANARY\n' : 'ActiveState=active\n'
  }
  const { socket } = await serveOperators(t, answers)
  const { files, names } = await bundleOf(t, socket, { root: true, configuration, exec }, t.testdirName)
  t.same(names.slice(2, 5), ['server.yaml', 'unit.txt', 'journal.txt'])
  t.equal(files['server.yaml'], 'state: /var/lib\nwebhook:\n  secret: <secret>\n')
  t.equal(files['journal.txt'], 'line abcdef.<secret> jny_<secret>\n')
  t.notMatch(JSON.stringify(files), 'CANARY')
  for (const argv of ran) t.same(argv.slice(0, 2), ['timeout', '20'], 'a program that hangs is ended')
})

t.test('a server that does not answer is asked once, and the bundle says so', async (t) => {
  const { stop, run, calls } = await bundle(t, answers)
  await stop()
  const { exitCode, err, names } = await run()
  t.equal(exitCode, 0)
  t.same(names, ['MANIFEST.txt', 'versions.json'])
  t.equal(calls.length, 0)
  for (const name of ['status', 'codes', 'enrolments', 'nodes'])
    t.match(err, new RegExp(`^not in it: ${name}\\.json: no pairing server listens on `, 'm'))
  let connections = 0
  const breaks = await listenRaw(t, (peer) => {
    connections += 1
    peer.destroy()
  })
  const broken = await bundleOf(t, breaks, {})
  t.equal(connections, 1)
  t.match(broken.err, /^not in it: nodes\.json: the connection broke: /m)
})

t.test('a call that the server refuses leaves out only its file', async (t) => {
  const refuses: Answers = {
    ...answers,
    why: () => {
      throw new ProblemError('too-many-requests', { detail: 'asked too often' })
    }
  }
  const { run } = await bundle(t, refuses)
  const { names, files } = await run()
  t.notOk(names.includes('why/e3.json'))
  t.match(files['MANIFEST.txt'], /^ {2}why\/e3\.json +asked too often$/m)
  t.ok(names.includes('enrolments/e3.json'))
})

t.test('a bundle never replaces a file, and asks the server nothing then', async (t) => {
  const { socket, calls } = await serveOperators(t, answers)
  const folder = t.testdir({})
  const path = join(folder, 'there.tar.gz')
  writeFileSync(path, 'mine')
  const { exitCode, err } = await runWith(['--socket', socket, 'bundle', '--out', path])
  t.match({ exitCode, err }, { exitCode: 6, err: `error: ${path} exists already` })
  t.equal(readFileSync(path, 'utf8'), 'mine')
  t.equal(calls.length, 0)
  const missing = await runWith(['--socket', socket, 'bundle', '--out', join(folder, 'not/there.tar.gz')])
  t.match(missing, { exitCode: 1, out: '' })
  t.match(missing.err, /^error: cannot write .*not\/there\.tar\.gz/)
})

t.test('an id that is no file name stays inside the folder of the bundle', async (t) => {
  const { run } = await bundle(t, {
    ...answers,
    list: ({ query }) => ({ items: query?.state === 'failed' ? [{ ...machine, id: '../../etc/passwd' }] : [] })
  })
  const { names } = await run()
  t.ok(names.includes('enrolments/------etc-passwd.json'), `${names}`)
})
