import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import { parseTarGzip } from 'nanotar'
import t, { type Test } from 'tap'

/** Everything in the support bundle that root makes on the host of the server. */
const bundled = async (t: Test, pairing: Pairing, configuration: string): Promise<string> => {
  const path = join(t.testdirName, 'bundle.tar.gz')
  const { exitCode, out, err } = await runWith(['--socket', pairing.config.operators.socket, 'bundle', '--out', path], {
    root: true,
    configuration,
    kubeconfig: '/nowhere',
    // the log of the server is what its journal has
    exec: async (argv) => (argv.includes('journalctl') ? pairing.log : '')
  })
  t.equal(exitCode, 0, err)
  const entries = await parseTarGzip(await readFile(path))
  return [out, err, ...entries.map(({ name, text }) => `${name}\n${text}`)].join('\n')
}

t.test('no secret is in the log, in the store, or in the wrong answer', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  const machine = await pairing.machine()
  const { code, id } = await pairing.code('worker-1')
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  const { token } = await claimToken(machine)
  await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  // what goes wrong must not tell either
  await refusedWith((await pairing.machine()).enrol(code))
  await pairing.cluster.goDown()
  await refusedWith(machine.server.claim())
  await pairing.reconcile()

  const masterKey = await readFile(join(config.state, 'master.key'))
  const secrets = {
    code: code.slice('jny_'.length),
    token: token.slice(7),
    'master key': masterKey.toString('latin1'),
    'master key in hex': masterKey.toString('hex'),
    'key of the agent': machine.identity.key.split('\n')[1] ?? ''
  }
  const databases = (await readdir(config.state)).filter((file) => file.startsWith('joinery.db'))
  const stored = await Promise.all(databases.map((file) => readFile(join(config.state, file), 'latin1')))
  const answers = await Promise.all([operator.list(), operator.show('worker-1'), operator.revokeCode(id).catch(String)])
  const configuration = join(t.testdir({}), 'server.yaml')
  // as somebody may have put them there
  await writeFile(
    configuration,
    `# ${secrets.token}\nwebhook: { secret: ${secrets.token}, url: https://h/${secrets.code} }\n`
  )
  const bundle = await bundled(t, pairing, configuration)
  for (const part of ['status.json', 'enrolments.json', 'server.yaml', 'journal.txt', '"worker-1"', 'h/<secret>'])
    t.ok(bundle.includes(part), `the bundle has ${part}`)
  const places = { log: pairing.log, store: stored.join(''), answers: JSON.stringify(answers), bundle }
  t.ok(stored.join('').includes('worker-1'), 'it is the store that was searched')
  for (const [place, text] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(secrets)) t.notOk(text.includes(secret), `${name} in ${place}`)
  }
})
