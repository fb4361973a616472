import type { NewCode } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { openStatement } from '@joinery/protocol/statement'
import { OtherServers } from '@joinery/server/testing/services'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { runWith } from '@joinery/testing/command/operators'
import { atPresent, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import t, { type Test } from 'tap'

const others = ['https://192.0.2.2:7443', 'https://192.0.2.3:7443']

const run = (words: string[]) => runWith(words, { now: () => new Date(), pause: shortSleep(2) })

const install = async (door: string[]): Promise<NewCode['install']> => {
  const { exitCode, out, err } = await run([...door, 'code', 'create', '-o', 'json'])
  if (exitCode !== 0) throw new Error(err)
  return JSON.parse(out).install
}

/** What a code says of the servers over the socket, and the Installation. */
const told = async (t: Test, known: readonly string[]) => {
  const pairing = await openDoorPairing(t, atPresent, {
    over: (container) => void container.register(OtherServers, { useValue: () => known })
  })
  const { cluster, config } = pairing
  const view = await eventually('the Installation is shown', async () =>
    cluster.views.statuses('installations').get('joinery')
  )
  return { pairing, view, install: await install(['--socket', config.operators.socket]) }
}

t.test('a code and the Installation name all servers, and over the cluster a code says the same', async (t) => {
  const { pairing, view, install: overSocket } = await told(t, others)
  t.same(overSocket.servers, others)
  const { version: _, statement, conditions, observedGeneration, ...shown } = view as InstallationView
  t.same(shown, overSocket)
  const { statement: signed } = await openStatement(statement ?? '', [overSocket.pin])
  t.same([signed.server, signed.servers], [overSocket.server, others])
  const front = await kubernetesFront(t, pairing.cluster)
  t.same(await install(['--kubeconfig', await front.kubeconfig(), '--pin', pairing.pin]), overSocket)
  const { out } = await run(['--kubeconfig', await front.kubeconfig(), 'status'])
  t.match(
    out,
    /^Servers: +https:\/\/127\.0\.0\.1:7443\n +https:\/\/192\.0\.2\.2:7443\n +https:\/\/192\.0\.2\.3:7443\n/m
  )
  t.match(out, /\nNot in Kubernetes: .* which server is active, /, 'so nobody takes the first one for the active one')
})

t.test('a server that is alone names no others', async (t) => {
  const { pairing, view, install: overSocket } = await told(t, [])
  t.notOk('servers' in overSocket)
  t.notOk('servers' in (view as object))
  const front = await kubernetesFront(t, pairing.cluster)
  const { out } = await run(['--kubeconfig', await front.kubeconfig(), 'status', '-o', 'json'])
  t.notOk('servers' in JSON.parse(out))
})
