import { join } from 'node:path'
import { makeBackup, restoreBackup } from '@joinery/server/testing/backup'
import { notedGeneration } from '@joinery/testing/cluster/generation'
import { initServer } from '@joinery/testing/pairing/init-server'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

// two seals of 600,000 rounds, on a machine that has more to do
t.setTimeout(120_000)

const passphrase = 'correct horse battery staple'

t.test('a backup that is restored beside a cluster that went on lets nobody in by its word', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config, clock } = pairing
  const [stolen, joining, waiting, late, later] = await Promise.all(Array.from({ length: 5 }, () => pairing.machine()))
  if (!(stolen && joining && waiting && late && later)) throw new Error('five machines')
  for (const [machine, name] of [
    [stolen, 'stolen'],
    [joining, 'joining'],
    [waiting, 'waiting']
  ] as const) {
    await machine.enrol((await pairing.code(name)).code)
    if (name !== 'waiting') await approve(pairing, name)
  }
  await claimToken(joining)
  const [used, revoked] = [await pairing.code('late'), await pairing.code('later')]
  const file = join(config.state, '..', 'joinery.backup')
  await makeBackup({ state: config.state, file, passphrase, now: clock.now() })

  // what the backup does not know
  await operator.reject('stolen', { reason: 'stolen' })
  await late.enrol(used.code)
  await operator.revokeCode(revoked.id)
  await pairing.reconcile()
  const noted = await notedGeneration(pairing)

  const state = join(config.state, '..', 'restored')
  await restoreBackup({ state, file, passphrase, now: clock.now(), print: () => {} })
  const pin = await initServer({
    stateDirectory: state,
    configFile: join(config.state, '..', 'server.yaml'),
    print: () => {}
  })
  t.equal(pin, pairing.pin, 'agents find it by the pin that they have')
  config.state = state
  await pairing.restart()
  await pairing.reconcile()

  for (const [machine, name] of [
    [stolen, 'stolen'],
    [joining, 'joining']
  ] as const) {
    t.equal(await refusedWith(machine.server.claim()), 'illegal-event', name)
    const { state, timeline } = await operator.show(name)
    t.equal(state, 'pending', name)
    t.match(timeline.at(-1), { actor: 'server', event: 'restore', detail: /restored from a backup/ }, name)
  }
  t.equal((await operator.show('waiting')).state, 'pending')
  t.notMatch(
    (await operator.show('waiting')).timeline.map(({ event }) => event),
    ['restore']
  )
  for (const [machine, code] of [
    [late, used.code],
    [later, revoked.code]
  ] as const) {
    t.equal(await refusedWith(machine.enrol(code)), 'code-revoked', machine.facts.hostname)
  }
  const said = /2 open codes were revoked, and 2 enrolments that were approved wait for an approval again/
  t.match(await operator.status(), {
    alerts: {
      count: 1,
      last: [{ subject: 'store', event: 'restore', detail: said, next: 'joinery approve --restored' }]
    },
    codes: { open: 0 }
  })
  t.match(pairing.log, said)
  t.ok((await notedGeneration(pairing)) > noted, 'that the cluster knows more is no news')

  await approve(pairing, 'joining')
  await pairing.restart()
  t.equal((await operator.show('joining')).state, 'approved', 'it is settled once')
  t.equal((await operator.status()).alerts.count, 1)
  t.match(await claimToken(joining), { nodeName: 'joining', attempt: 2 })
})
