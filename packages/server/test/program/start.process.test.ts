import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connect } from '@joinery/cli/testing/session'
import { eventually, otherProcess } from '@joinery/testing/clocks/eventually'
import { needsRoot } from '@joinery/testing/processes/needs'
import t from 'tap'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { makeKey } from '../../src/core/keys/keys.ts'
import { checkAuthorityKeys, readStateKeys } from '../../src/core/keys/state-keys.ts'
import { rotateAuthority } from '../../src/core/leadership/rotation/rotate-authority.ts'
import { takeState } from '../../src/core/ports/store/take-state.ts'
import { initialized, joineryServer, started } from '../support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(180_000)

t.test('a second server on the same state folder ends with one sentence, and the first one goes on', async (t) => {
  const host = await initialized(t)
  const first = await started(t, host)
  const { out, err, exitCode } = await host.run()
  t.same(
    { out, err, exitCode },
    {
      out: '',
      err: `error: another joinery-server has ${host.state}\nremedy: end that server first: systemctl stop joinery-server\n`,
      exitCode: 2
    }
  )
  const operator = connect(host.socket)
  t.teardown(() => operator.close())
  t.match(await operator.list(), { items: { length: 0 } }, 'its socket is its own')

  first.kill('SIGKILL')
  await first.ended
  const next = await started(t, host)
  t.pass('a server that was killed holds nothing')
  next.kill('SIGTERM')
  t.same(await next.ended, [0, null])
})

t.test('a server says at its start that setup has not run on this host', async (t) => {
  const server = await started(t, await initialized(t))
  const line = await eventually(
    'the log has it',
    async () => /^.*"problem":"setup-missing".*$/m.exec(server.said())?.[0],
    otherProcess
  )
  t.match(JSON.parse(line), { remedy: 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf' })
})

t.test('a server on the store of a newer version does not start after a downgrade, and writes nothing', async (t) => {
  const host = await initialized(t)
  const file = join(host.state, 'joinery.db')
  await sqliteStore(file).close()
  const store = new DatabaseSync(file)
  store.exec('PRAGMA user_version = 9999')
  store.close()
  const before = await readFile(file)
  const { out, err, exitCode } = await host.run()
  t.match(
    err,
    /^error: .*joinery\.db was written by a newer joinery-server: it has version 9999, .*\nremedy: install that/
  )
  t.same([out, exitCode], ['', 1])
  t.strictSame(await readFile(file), before)
})

t.test('a state folder can be taken once, and again after it was released', async (t) => {
  const { state } = await initialized(t)
  const taken = takeState(state)
  t.throws(() => takeState(state), { name: 'StartRefusal', message: `another joinery-server has ${state}` })
  taken.release()
  takeState(state).release()
  t.equal((await stat(join(state, 'joinery.lock'))).mode & 0o777, 0o600)
})

t.test('a missing state folder is not made', async (t) => {
  t.throws(() => takeState('/nowhere/at-all'), {
    message: 'there is no /nowhere/at-all: make it with joinery-server init'
  })
})

t.test('an empty master key gives one sentence and exit 2, and nothing is begun', async (t) => {
  const host = await initialized(t)
  const file = join(host.state, 'master.key')
  await writeFile(file, '')
  const { out, err, exitCode } = await host.run()
  t.equal(
    err,
    `error: ${file} is damaged, it must have 32 bytes and has 0\nremedy: put it back from a backup, or move it away and make another one with joinery-server init\n`
  )
  t.same([out, exitCode], ['', 2])
  await t.rejects(stat(host.socket), { code: 'ENOENT' })
  await t.rejects(stat(join(host.state, 'joinery.db')), { code: 'ENOENT' })
})

const flaws: [what: string, file: string, spoil: (file: string) => Promise<unknown>, said: RegExp][] = [
  [
    'a master key of 31 bytes',
    'master.key',
    (file) => writeFile(file, 'x'.repeat(31)),
    /must have 32 bytes and has 31/
  ],
  [
    'a master key of 33 bytes',
    'master.key',
    (file) => writeFile(file, 'x'.repeat(33)),
    /must have 32 bytes and has 33/
  ],
  ['no master key', 'master.key', (file) => rm(file), /^there is no .*: make it with joinery-server init$/],
  ['a master key for everybody', 'master.key', (file) => chmod(file, 0o644), /\(mode 0644\): chmod 600 \S+master.key$/],
  ['a listener key for everybody', 'tls.key', (file) => chmod(file, 0o604), /\(mode 0604\): chmod 600 \S+tls.key$/],
  [
    'a CA that holds no certificate',
    'ca.crt',
    (file) => writeFile(file, ''),
    /ca.crt is damaged, it is no certificate/
  ],
  ['no CA', 'ca.crt', (file) => rm(file), /^there is no .*ca.crt/],
  ['no key of the listener', 'tls.key', (file) => rm(file), /^there is no .*tls.key/],
  [
    'a listener key that holds no key',
    'tls.key',
    (file) => writeFile(file, 'x'),
    /: make it again: joinery-server renew-leaf$/
  ],
  [
    'a leaf that holds no certificate',
    'tls.crt',
    (file) => writeFile(file, 'x'),
    /: make it again: joinery-server renew-leaf$/
  ]
]

for (const [what, name, spoil, said] of flaws) {
  t.test(`the server does not start with ${what}, and shows no key`, async (t) => {
    const { state } = await initialized(t)
    const file = join(state, name)
    const secret = await readFile(file, 'utf8')
    await spoil(file)
    const refusal = await readStateKeys(state).catch((error: Error) => error)
    t.match(refusal, { name: 'StartRefusal', message: said }, what)
    // of the master key, which is 32 bytes and no text, 30 characters may be all that there are
    const middle = Math.floor(secret.length / 2)
    t.notMatch(String(refusal), secret.slice(middle - 6, middle + 6), what)
  })
}

for (const [what, name, spoil, said] of [
  ['a CA key for a group', 'ca.key', (file) => chmod(file, 0o640), /\(mode 0640\): chmod 600 \S+ca.key$/],
  ['the key of another CA', 'ca.key', (file) => writeFile(file, makeKey()), /is not the key of \S+ca.crt/],
  ['a CA key that is none', 'ca.key', (file) => writeFile(file, 'secret'), /ca.key is damaged, it is no private key/],
  ['half of a CA key', 'ca.key', (file) => writeFile(file, makeKey().slice(0, 90)), /it is no private key/],
  ['a next CA without its key', 'ca-next.key', (file) => rm(file), /there is no \S+ca-next.key/]
] satisfies typeof flaws) {
  t.test(`what root runs refuses ${what}, and shows no key`, async (t) => {
    const { state } = await initialized(t)
    await rotateAuthority({ state, now: new Date(), print: () => {} })
    const file = join(state, name)
    const secret = await readFile(file, 'utf8')
    await spoil(file)
    const keys = await readStateKeys(state)
    const refusal = await checkAuthorityKeys(state, keys).catch((error: Error) => error)
    t.match(refusal, { name: 'StartRefusal', message: said }, what)
    t.notMatch(String(refusal), secret.slice(100, 112), what)
  })
}

t.test('a server whose CA key is kept elsewhere starts', async (t) => {
  const { state } = await initialized(t)
  await rm(join(state, 'ca.key'))
  await checkAuthorityKeys(state, await readStateKeys(state))
})

t.test('the serving process never opens the keys of the CAs', async (t) => {
  const host = await initialized(t)
  await rotateAuthority({ state: host.state, now: new Date(), print: () => {} })
  for (const name of ['ca.key', 'ca-next.key']) {
    await rm(join(host.state, name))
    // whoever opens it gets no key, and whoever looks for it finds it
    await mkdir(join(host.state, name))
  }
  const server = await started(t, host)
  server.kill('SIGTERM')
  t.same(await server.ended, [0, null])
})

t.test('the serving process cannot open ca.key, and serves', { skip: needsRoot }, async (t) => {
  const host = await initialized(t)
  await chown(join(host.state, 'ca.key'), 4711, 4712)
  // another user could not read this checkout; without its capabilities root may open what is its own, and nothing else
  const confined = ['setpriv', '--bounding-set=-all']
  const [program = '', ...words] = confined
  const opened = spawnSync(program, [...words, 'cat', join(host.state, 'ca.key')], { encoding: 'utf8' })
  t.match(opened, { status: 1, stdout: '', stderr: /Permission denied/ })
  const server = await started(t, host, confined)
  server.kill('SIGTERM')
  t.same(await server.ended, [0, null])
})

t.test(
  'a listener key that a power cut left without its certificate is one sentence, and renew-leaf mends it',
  async (t) => {
    const host = await initialized(t)
    await writeFile(join(host.state, 'tls.key'), makeKey())
    const file = join(host.state, 'tls.crt')
    t.match(await host.run(), {
      err: `error: ${file} cannot be served: it is for another key\nremedy: make it again: joinery-server renew-leaf\n`,
      exitCode: 2
    })
    t.match(await joineryServer('renew-leaf', '--config', host.configFile), { err: '', exitCode: 0 })
    await started(t, host)
  }
)

t.test('a lock that is a link makes no file where it points', async (t) => {
  const { folder, state } = await initialized(t)
  const target = join(folder, 'cron')
  await symlink(target, join(state, 'joinery.lock'))
  t.throws(() => takeState(state), { name: 'StartRefusal', message: /joinery.lock cannot be locked \(it is no file\)/ })
  await t.rejects(stat(target), { code: 'ENOENT' })
})
