import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { openBehindFront, viewed } from './behind-the-front.ts'

t.test('C2: an approver sees over both doors what the code decides in their place', async (t) => {
  const { pairing, joineryAs } = await openBehindFront(t)
  const { operator, cluster, config } = pairing
  const policy = { ignore: ['mtu', 'swap'] }
  const { code, id: codeId } = await operator.createCode({ name: 'worker-1', ttl: 600, recover: 'auto 99', policy })
  await (await pairing.machine()).enrol(code)
  const { id } = await operator.show('worker-1')
  await viewed(cluster, id)
  t.match(cluster.views.statuses('enrolments').get(id), { recover: 'auto 99', policy })
  const says = async () => 'n'
  for (const [door, joinery] of [
    ['socket', (...words: string[]) => runWith(['--socket', config.operators.socket, ...words], { ask: says })],
    ['cluster', (...words: string[]) => joineryAs('alice', words, { ask: says })]
  ] as const) {
    const rows = /^Ignores: +mtu, swap\nRecover: +auto 99$/m
    t.match((await joinery('show', 'worker-1')).out, rows, `${door}: show`)
    t.match((await joinery('approve', 'worker-1')).err, rows, `${door}: what approve asks about`)
  }
  const { out } = await runWith(['--socket', config.operators.socket, 'code', 'show', codeId])
  t.match(out, /^Ignores: +mtu, swap\nRecover: +auto 99$/m)
  const { err } = await joineryAs('alice', ['approve', 'worker-1', '--yes'])
  t.match(err, /worker-1: worker, ignores mtu and swap, recovers by itself \(auto 99\), key /)
})
