import { runInstaller } from '@joinery/testing/command/run-installer'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { installScript, installScriptOfSeveral } from '../../src/code/install-script.ts'
import { agentPackage, makeCertificateAuthority, servePackage } from '../support/pairing-server.ts'

const install = (t: Test, settings: object, ...more: [status?: string, dpkgExit?: number]) =>
  runInstaller(t, 'more' in settings ? installScriptOfSeveral : installScript, settings, ...more)

const skip = needs('python3')

t.test('dpkg gets the package that the code names', { skip }, async (t) => {
  const { exitCode, err, argv, given } = await install(t, await servePackage(t))
  t.equal(err, '')
  t.equal(exitCode, 0)
  t.equal(argv, '--force-confold --install\n')
  t.ok(given?.equals(agentPackage))
})

t.test('an agent that is installed already needs no server', { skip }, async (t) => {
  const { exitCode, err, given } = await install(t, { url: 'https://127.0.0.1:1/' }, 'installed')
  t.equal(err, '')
  t.equal(exitCode, 0)
  t.notOk(given)
})

t.test('a package that was cut off half-way is installed again', { skip }, async (t) => {
  const { exitCode, given } = await install(t, await servePackage(t), 'half-configured')
  t.equal(exitCode, 0)
  t.ok(given?.equals(agentPackage))
})

type Settings = Awaited<ReturnType<typeof servePackage>>
const refusals: [title: string, change: (settings: Settings) => Partial<Settings>, complaint: RegExp][] = [
  [
    'another package under the hash',
    () => ({ sha256: '0'.repeat(64) }),
    /the package has SHA-256 [0-9a-f]{64}, expected 0{64}/
  ],
  ['more bytes than were promised', () => ({ size: 70_000 }), /the package is larger than 70000 bytes/],
  ['a package that no code names', ({ url }) => ({ url: url.replace('.deb', '') }), /127.0.0.1:\d+ answered 404/],
  ['a server that is not there', () => ({ url: 'https://127.0.0.1:1/' }), /Connection refused/]
]
for (const [title, change, complaint] of refusals) {
  t.test(`nothing is installed from ${title}`, { skip }, async (t) => {
    const settings = await servePackage(t)
    const { exitCode, err, given } = await install(t, { ...settings, ...change(settings) })
    t.match(err, complaint)
    t.match(err, /^joinery-install: not installed: [^\n]+\n$/)
    t.equal(exitCode, 1)
    t.notOk(given)
  })
}

t.test('a server of another authority is not trusted', { skip }, async (t) => {
  const { certificate } = await makeCertificateAuthority()
  const { exitCode, err, given } = await install(t, { ...(await servePackage(t)), certificateAuthority: certificate })
  t.match(err, /certificate verify failed/i)
  t.equal(exitCode, 1)
  t.notOk(given)
})

t.test('a certificate for another address is not trusted', { skip }, async (t) => {
  const { exitCode, err, given } = await install(t, await servePackage(t, '127.0.0.2'))
  t.match(err, /IP address mismatch/)
  t.equal(exitCode, 1)
  t.notOk(given)
})

t.test('an install that dpkg cannot do now is a failure, and the next try does it', { skip }, async (t) => {
  const { exitCode, err } = await install(t, await servePackage(t), 'not-installed', 2)
  t.match(err, /exit status 2/)
  t.equal(exitCode, 1)
})

const nobody = 'https://127.0.0.1:1/install.deb'

t.test('the package comes from the next server if one is away, has it not, or has another one', { skip }, async (t) => {
  const { url, ...settings } = await servePackage(t)
  const missing = url.replace('.deb', '')
  const { exitCode, err, given } = await install(t, { url: nobody, more: [missing, url], ...settings })
  t.equal(err, '')
  t.equal(exitCode, 0)
  t.ok(given?.equals(agentPackage), 'whole, and nothing before it')
})

t.test('each server must have the same authority and the same package', { skip }, async (t) => {
  const { url, ...settings } = await servePackage(t)
  const stranger = await servePackage(t)
  const { exitCode, err, given } = await install(t, { url: stranger.url, more: [nobody], ...settings })
  t.match(
    err,
    /^joinery-install: not installed: 127\.0\.0\.1:\d+: .*certificate verify failed.*; 127\.0\.0\.1:1: .*refused\n$/i
  )
  t.equal(exitCode, 1)
  t.notOk(given)
  const other = await install(t, { ...settings, url, more: [url], sha256: '0'.repeat(64) })
  t.match(other.err, /the package has SHA-256 .*; .*the package has SHA-256/)
  t.notOk(other.given)
})
