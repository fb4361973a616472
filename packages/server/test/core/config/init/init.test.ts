import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { isAddress } from '../../../../src/core/base/addresses.ts'
import { loadConfig } from '../../../../src/core/config/config.ts'
import { type InitOptions, init } from '../../../../src/core/config/init/init.ts'

const now = new Date('2026-11-25T12:00:00Z')
const day = 24 * 60 * 60_000

const machine = (t: Test) => {
  const folder = t.testdir({})
  const state = join(folder, 'state')
  const configFile = join(folder, 'etc', 'server.yaml')
  const run = async (options: Partial<InitOptions> = {}) => {
    const lines: string[] = []
    const pin = await init({
      stateDirectory: state,
      configFile,
      addresses: [],
      machineAddresses: ['192.0.2.10', '2001:db8::10'],
      now,
      print: (line) => lines.push(line),
      ...options
    })
    return { pin, lines }
  }
  const certificate = async (name: string) => new X509Certificate(await readFile(join(state, name)))
  const content = (name: string) => readFile(join(state, name), 'base64')
  return { state, configFile, run, certificate, content }
}

const stateFiles = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key', 'master.key']

t.test('a first run makes a CA for ten years whose key is the pin', async (t) => {
  const { run, certificate } = machine(t)
  const { pin, lines } = await run()
  const ca = await certificate('ca.crt')
  t.match(pin, /^sha256:[0-9a-f]{64}$/)
  t.equal(ca.subject, `CN=joinery-ca ${pin.slice(7, 15)}`)
  t.ok(ca.ca)
  t.ok(ca.verify(ca.publicKey))
  t.equal(ca.validToDate.getTime(), now.getTime() + 3650 * day)
  t.ok(lines.includes(`pin: ${pin}`))
  t.equal(lines.at(-1), 'Next: joinery-server setup --kubeconfig /etc/kubernetes/admin.conf')
})

t.test('the leaf is for the fixed name and the addresses, from a day ago, for 90 days', async (t) => {
  const { run, certificate } = machine(t)
  await run()
  const leaf = await certificate('tls.crt')
  t.ok(leaf.checkIssued(await certificate('ca.crt')))
  t.ok(leaf.checkHost('joinery-server'))
  t.ok(leaf.checkIP('192.0.2.10'))
  t.ok(leaf.checkIP('2001:db8::10'))
  t.notOk(leaf.ca)
  t.strictSame(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'server authentication alone')
  t.equal(leaf.validFromDate.getTime(), now.getTime() - day)
  t.equal(leaf.validToDate.getTime(), now.getTime() + 90 * day)
})

t.test('a TLS client that trusts the CA and expects joinery-server accepts the leaf', async (t) => {
  const { state, run } = machine(t)
  await run({ now: new Date() })
  const ca = await readFile(join(state, 'ca.crt'), 'utf8')
  const cert = (await readFile(join(state, 'tls.crt'), 'utf8')) + ca
  const server = createServer({ key: await readFile(join(state, 'tls.key')), cert, minVersion: 'TLSv1.3' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client: TLSSocket = connect({ host: '127.0.0.1', port, ca, servername: 'joinery-server' })
  await once(client, 'secureConnect')
  t.ok(client.authorized)
  client.destroy()
  server.close()
})

t.test('only the owner can read the secrets and their folder, even if the folder was there before', async (t) => {
  const { state, run } = machine(t)
  await run()
  for (const name of stateFiles) t.equal((await stat(join(state, name))).mode & 0o777, 0o600, name)
  t.equal((await stat(join(state, 'master.key'))).size, 32)
  await chmod(state, 0o755)
  await run()
  t.equal((await stat(state)).mode & 0o777, 0o700)
})

t.test('the configuration that is made can be loaded, and names the first address', async (t) => {
  const { state, configFile, run } = machine(t)
  await run()
  t.match(await loadConfig(configFile), { agents: { address: 'https://192.0.2.10:7443' }, state })
})

t.test('an IPv6 address is bracketed in the configuration', async (t) => {
  const { configFile, run } = machine(t)
  await run({ addresses: ['2001:db8::1'] })
  t.match(await loadConfig(configFile), { agents: { address: 'https://[2001:db8::1]:7443' } })
})

t.test('a second run changes nothing and prints the same pin, whatever addresses the machine has then', async (t) => {
  const { run, content } = machine(t)
  const first = await run()
  const before = await Promise.all(stateFiles.map(content))
  const second = await run({ machineAddresses: ['198.51.100.7'] })
  t.equal(second.pin, first.pin)
  t.strictSame(await Promise.all(stateFiles.map(content)), before)
  t.equal(second.lines.filter((line) => line.endsWith(' unchanged')).length, 5)
})

t.test('a configuration that is there is left alone', async (t) => {
  const { configFile, run } = machine(t)
  await run()
  await writeFile(configFile, '# mine\n')
  await run()
  t.equal(await readFile(configFile, 'utf8'), '# mine\n')
})

t.test('other addresses replace only the leaf', async (t) => {
  const { run, content, certificate } = machine(t)
  const first = await run()
  const kept = ['ca.crt', 'ca.key', 'master.key']
  const before = await Promise.all(kept.map(content))
  const second = await run({ addresses: ['join.example.org'] })
  t.equal(second.pin, first.pin)
  t.strictSame(await Promise.all(kept.map(content)), before)
  const leaf = await certificate('tls.crt')
  t.ok(leaf.checkHost('join.example.org'))
  t.notOk(leaf.checkIP('192.0.2.10'))
})

t.test('the leaf names the published host, beside its other addresses', async (t) => {
  const { run, certificate } = machine(t)
  const first = await run()
  const second = await run({ published: 'https://join.example.org:7443' })
  t.equal(second.pin, first.pin)
  const leaf = await certificate('tls.crt')
  for (const host of ['join.example.org', 'joinery-server']) t.ok(leaf.checkHost(host), host)
  for (const address of ['192.0.2.10', '2001:db8::10']) t.ok(leaf.checkIP(address), address)
  await run({ addresses: ['198.51.100.7'], published: 'https://join.example.org:7443' })
  const third = await certificate('tls.crt')
  t.ok(third.checkHost('join.example.org'), 'machines are still sent there')
  t.ok(third.checkIP('198.51.100.7'))
  t.notOk(third.checkIP('192.0.2.10'))
})

t.test('a published address that the leaf names in another spelling changes nothing', async (t) => {
  const { run, content } = machine(t)
  await run({ addresses: ['2001:db8::10', 'join.example.org'] })
  const before = await content('tls.crt')
  for (const published of ['https://[2001:DB8:0::10]:7443', 'https://Join.Example.Org']) {
    await run({ published })
    t.equal(await content('tls.crt'), before, published)
  }
})

t.test('init says that a new address is in the leaf and not yet in the configuration', async (t) => {
  const { configFile, run } = machine(t)
  const first = await run({ addresses: ['192.0.2.10'] })
  const said = (lines: string[]) => lines.filter((line) => line.includes('agents.address'))
  t.strictSame(said(first.lines), [])
  t.strictSame(said((await run()).lines), [])
  t.strictSame(said((await run({ addresses: ['join.example.org', '192.0.2.10'] })).lines), [])
  const { lines } = await run({ addresses: ['join.example.org'] })
  t.strictSame(said(lines), [
    `${configFile} still sends machines to https://192.0.2.10:7443: change agents.address, then restart joinery-server`
  ])
  t.match(await loadConfig(configFile), { agents: { address: 'https://192.0.2.10:7443' } })
})

t.test('the agent package of this host is in the configuration that is made', async (t) => {
  const { configFile, run } = machine(t)
  await run({ agentPackage: '/usr/share/agent.deb' })
  t.match(await loadConfig(configFile), { agentPackage: '/usr/share/agent.deb' })
  const without = machine(t)
  await without.run()
  t.notOk('agentPackage' in (await loadConfig(without.configFile)))
})

t.test(
  "a file that root makes in the folder of the server's user belongs to that user",
  { skip: needsRoot },
  async (t) => {
    const { state, run } = machine(t)
    await run()
    await chown(state, 4711, 4712)
    await rm(join(state, 'master.key'))
    await run()
    t.match(await stat(join(state, 'master.key')), { uid: 4711, gid: 4712, mode: 0o100600 })
  }
)

t.test('a leaf near its end is replaced for its own addresses', async (t) => {
  const { run, certificate } = machine(t)
  await run({ addresses: ['join.example.org', '2001:db8::1'] })
  const later = new Date(now.getTime() + 65 * day)
  await run({ now: later })
  const leaf = await certificate('tls.crt')
  t.equal(leaf.validToDate.getTime(), later.getTime() + 90 * day)
  t.ok(leaf.checkHost('join.example.org'))
  t.ok(leaf.checkIP('2001:db8::1'))
})

t.test('a leaf whose key was lost in a power cut is replaced', async (t) => {
  const { state, run, certificate } = machine(t)
  await run()
  const before = (await certificate('tls.crt')).fingerprint256
  await rm(join(state, 'tls.key'))
  await run()
  t.not((await certificate('tls.crt')).fingerprint256, before)
})

t.test('the next run makes the certificate for a CA key that a power cut left without one', async (t) => {
  const { state, run } = machine(t)
  const { pin } = await run()
  await rm(join(state, 'ca.crt'))
  t.equal((await run()).pin, pin)
})

t.test('a CA that lost its key, or got another one, is never replaced', async (t) => {
  const { state, run } = machine(t)
  await run()
  const other = machine(t)
  await other.run()
  await writeFile(join(state, 'ca.key'), await readFile(join(other.state, 'tls.key')))
  await t.rejects(run(), { message: /is not the key of/ })
  await rm(join(state, 'ca.key'))
  await t.rejects(run(), { message: /is there without/ })
})

t.test('a damaged master key is not used and not replaced', async (t) => {
  const { state, run } = machine(t)
  await run()
  await writeFile(join(state, 'master.key'), 'short')
  await t.rejects(run(), { message: /master.key is damaged/ })
  t.equal(await readFile(join(state, 'master.key'), 'utf8'), 'short')
})

t.test('init asks for an address if the machine has none', async (t) => {
  await t.rejects(machine(t).run({ machineAddresses: [] }), { message: /--address/ })
})

t.test('an address is a host name or an IP, and nothing more', async (t) => {
  for (const good of ['192.0.2.1', '2001:db8::1', 'join.example.org', 'cp-1']) t.ok(isAddress(good), good)
  for (const bad of ['https://cp-1', 'cp-1:7443', '', 'a b', '[::1]']) t.notOk(isAddress(bad), bad)
})

t.test('a first run writes the place of the store that somebody chose, and none otherwise', async (t) => {
  const chosen = machine(t)
  await chosen.run({ store: 'cluster', agentPackage: '/usr/share/joinery-server/agent.deb' })
  t.match(await loadConfig(chosen.configFile), {
    store: 'cluster',
    agentPackage: '/usr/share/joinery-server/agent.deb'
  })
  t.match(await readFile(chosen.configFile, 'utf8'), /\n# place of what .*\nstore: cluster\n# agent package/)
})

t.test('a later run with another place of the store changes nothing, and says so', async (t) => {
  const { run, configFile } = machine(t)
  await run()
  t.notMatch(await readFile(configFile, 'utf8'), /store:/)
  const { lines } = await run({ store: 'cluster' })
  t.ok(lines.includes(`${configFile} still has store: file: this command moves no store`))
  t.notOk('store' in (await loadConfig(configFile)))
  const { lines: same } = await run({ store: 'file' })
  t.notMatch(same.join('\n'), /moves no store/)
})
