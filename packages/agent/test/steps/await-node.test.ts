import t from 'tap'
import type { Context } from '../../src/steps/context.ts'
import { join } from '../../src/steps/join.ts'

/** Seconds until the agent looks again whether the Node is Ready, if a look at the machine and one at its Node take that long. */
const secondsAfter = async (looked: number, asked: number): Promise<number> => {
  let now = 0
  let waited = 0
  const context = {
    memory: {},
    looked,
    situation: { journal: {}, join: { unit: 'succeeded' } },
    joining: { removeSecrets: async () => {} },
    looking: {
      nodeReadiness: async () => {
        now += asked
        return { ready: false, message: 'KubeletNotReady' }
      }
    },
    server: {
      wait: async (_: number, seconds: number) => {
        waited = seconds
        now += seconds * 1000
      }
    },
    clock: { monotonic: () => now },
    say: () => {}
  } as unknown as Context
  await join['await-node'](
    { do: 'await-node', nodeName: 'worker-1', certificate: { fingerprint: '', serial: '' } },
    context
  )
  return waited
}

t.test('while the kubelet starts its Pods, looks take at most a tenth of a slow machine', async (t) => {
  for (const [looked, asked, seconds] of [
    [5, 15, 2],
    [100, 120, 2],
    [100, 150, 3],
    [300, 200, 5],
    [3000, 9000, 5]
  ] as const) {
    t.equal(await secondsAfter(looked, asked), seconds, `${looked} ms for the machine, ${asked} ms for the Node`)
  }
})
