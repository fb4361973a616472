import t from 'tap'
import type { PreflightInput } from '../../src/machine/preflight/check/preflight-input.ts'
import type { AgentConfig } from '../../src/program/config.ts'
import type { Context } from '../../src/steps/context.ts'
import { look } from '../../src/steps/look.ts'

const [a, b, c] = ['https://192.0.2.1:7443', 'https://192.0.2.2:7443', 'https://192.0.2.3:7443']

/** The servers that preflight dials if the agent asks this one. */
const dialled = async (config: Pick<AgentConfig, 'server' | 'servers'>, inUse: string) => {
  let input: PreflightInput | undefined
  const context = {
    looking: {
      facts: async () => ({}),
      preflight: async (given: PreflightInput) => {
        input = given
        return []
      }
    },
    joinKey: { load: async () => ({ fingerprint: '' }) },
    memory: {},
    situation: { policy: { ignore: [] }, journal: {}, join: {} },
    say: () => {},
    clock: { monotonic: () => 0 },
    config,
    serverInUse: () => inUse
  } as unknown as Context
  await look.observe({ do: 'observe' }, context)
  return { server: input?.pairingServer, further: input?.furtherServers }
}

t.test('preflight dials the servers of the configuration, and the learned one that the agent asks', async (t) => {
  t.same(await dialled({ server: a }, a), { server: a, further: undefined })
  t.same(await dialled({ server: a }, b), { server: a, further: [b] })
  t.same(await dialled({ server: a, servers: [b] }, b), { server: a, further: [b] })
  t.same(await dialled({ server: a, servers: [b] }, c), { server: a, further: [b, c] })
})
