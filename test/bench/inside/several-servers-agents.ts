import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { noFailures, pauseAfterError, withFailure } from '@joinery/agent/testing/loop'
import { openServers, type PairingServer } from '@joinery/agent/testing/pairing'
import { makeLog, systemClock } from '@joinery/agent/testing/program'
import { memoryFiles } from '@joinery/agent/testing/rehearsal'
import { newFacts } from './enrol-request.ts'
import { offer } from './offer.ts'

interface Waiting {
  /** When its server was lost, and when another one answered, by the clock of `process.hrtime.bigint`. */
  lostAt?: bigint
  backAt?: bigint
  tries: number
}

const agents: Waiting[] = []
const never = new AbortController().signal
const stateDirectory = '/var/lib/joinery-agent'

/** Agents that know several servers: the client of the real agent, and its pauses. */
const calls = {
  /** Enrols an agent for each code, at the first server, and has all of them wait for news from then on. */
  wait: async (urls: [string, ...string[]], pin: string, codes: string[]): Promise<void> => {
    const [server, ...servers] = urls
    const log = makeLog()
    log.level = 'silent'
    const lane = async (): Promise<void> => {
      for (let code = codes.pop(); code !== undefined; code = codes.pop()) {
        const files = memoryFiles()
        const facts = newFacts()
        const identity = await loadIdentity(files, stateDirectory, {
          machineId: randomUUID(),
          productUuid: randomUUID()
        })
        const { server: client } = openServers({
          config: { server, servers, pin },
          files,
          stateDirectory,
          identity: async () => identity,
          clock: systemClock,
          log
        })
        const { revision } = await client.enrol({ code, name: facts.hostname, facts, preflight: [] })
        const agent: Waiting = { tries: 0 }
        agents.push(agent)
        void keepWaiting(agent, client, revision)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
  },

  agents: (): Waiting[] => agents
}
export type SeveralServersAgentsCalls = typeof calls

const keepWaiting = async (agent: Waiting, client: PairingServer, revision: number): Promise<void> => {
  let failures = noFailures
  for (;;) {
    try {
      // the first answer after a loss comes at once: it shows that the agent is back
      await client.wait(revision, agent.lostAt === undefined ? 50 : 0, never)
      if (agent.lostAt !== undefined) agent.backAt ??= process.hrtime.bigint()
      failures = noFailures
      if (agent.backAt !== undefined) await client.wait(revision, 50, never)
    } catch (error) {
      agent.lostAt ??= process.hrtime.bigint()
      agent.tries += 1
      await sleep(pauseAfterError(error, failures, Math.random(), false))
      failures = withFailure(failures, error)
    }
  }
}

offer(calls)
