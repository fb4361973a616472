import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

t.test('a node that is Ready, or may be, is never reset', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const { machine } = open
  const joined = open.start()
  await approvePending(pairing, open)
  t.equal(await joined.ended, 'done')

  // as if the attempt had been closed just when the kubelet got its certificate
  const { certificate } = await machine.looking.joinState()
  const failure = { class: 'transient', stage: '', cause: 'it was closed', remedy: [], output: [] } as const
  const attempt = { number: 1, nodeName: 'worker-1', bootId: '', failure, reported: true, certificate }
  await machine.files.write('/var/lib/joinery-agent/journal.json', JSON.stringify({ attempt }), 0o600)
  const resets: string[] = []
  open.watch = (moment) => {
    if (moment === 'reset: before machine.reset') resets.push(moment)
  }
  open.start()
  await says(open, /^the failed attempt is not cleaned up: the Node worker-1 is Ready$/)
  await pairing.cluster.goDown()
  await says(open, /^the failed attempt is not cleaned up: whether the Node worker-1 is Ready is not known: /)
  t.same(resets, [])
  t.ok(await open.has('/etc/kubernetes/kubelet.conf'))

  await pairing.cluster.comeBack()
  await pairing.cluster.setNodeReady('worker-1', 'Unknown', 'NodeStatusUnknown', 'the kubelet stopped posting')
  await eventually('it is reset', async () => resets.length > 0 && !(await open.has('/etc/kubernetes/kubelet.conf')))
})
