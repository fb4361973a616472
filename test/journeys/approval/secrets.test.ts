import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

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
  const places = { log: pairing.log, store: stored.join(''), answers: JSON.stringify(answers) }
  t.ok(stored.join('').includes('worker-1'), 'it is the store that was searched')
  for (const [place, text] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(secrets)) t.notOk(text.includes(secret), `${name} in ${place}`)
  }
})
