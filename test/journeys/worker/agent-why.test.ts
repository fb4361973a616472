import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

t.test('an agent that waits for its Node says why it is not Ready, and that another cause came', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', { networkPlugin: false })
  const moments: string[] = []
  open.watch = (moment) => void moments.push(moment)
  let looks = 0
  const several = Promise.withResolvers<void>()
  const { whyNotReady } = open.machine.looking
  open.machine.looking.whyNotReady = (...given) => {
    looks += 1
    if (looks > 3) several.resolve()
    return whyNotReady(...given)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  await says(
    open,
    /waiting for the Node to be Ready: .*; there is no configuration of a network plugin .*see joinery-agent why$/
  )
  // the cause is the same each time
  await several.promise
  open.machine.trouble.units.containerd = 'stopped'
  await says(open, /waiting for the Node to be Ready: .*; containerd does not run: somebody stopped it; see/)
  const reports = moments.filter((moment) => /before server\.reportCauses/.test(moment))
  t.ok(reports.length >= 1 && reports.length <= 2, 'told only when it changed, or once if the server is older')
  const turns = open.said.filter((line) => line.startsWith('joined, waiting'))
  t.ok(turns.length > 2 * reports.length)
  open.machine.trouble.units = {}
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a Node becomes ready although every look at the machine fails, or never ends', async (t) => {
  for (const [name, look] of [
    ['fails', () => Promise.reject(new Error('broken'))],
    ['never ends', () => new Promise<never>(() => {})]
  ] as const) {
    await t.test(`a look that ${name}`, async (t) => {
      const pairing = await openPairing(t)
      const open = await openWithCode(t, pairing, 'worker-1', { networkPlugin: false })
      let looks = 0
      open.machine.looking.whyNotReady = () => {
        looks += 1
        return look()
      }
      const agent = open.start()
      await approvePending(pairing, open)
      await says(open, /waiting for the Node to be Ready/)
      await eventually('it looks', () => looks > 0)
      await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
      t.equal(await agent.ended, 'done')
      await assertJoined(t, pairing, open)
    })
  }
})
