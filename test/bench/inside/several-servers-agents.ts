import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { noFailures, pauseAfterError, withFailure } from '@joinery/agent/testing/loop'
import { openServers, type PairingServer } from '@joinery/agent/testing/pairing'
import { makeLog, systemClock } from '@joinery/agent/testing/program'
import { memoryFiles } from '@joinery/fake-machine'
import { newFacts } from './enrol-request.ts'
import { offer } from './offer.ts'
import { usage } from './usage.ts'

interface Waiting {
  /** Of its enrolment. */
  id: string
  /**
   * When its server was lost, when another one answered, and when it heard of the first change after that, by the clock of
   * `process.hrtime.bigint`.
   */
  lostAt?: bigint
  backAt?: bigint
  newsAt?: bigint
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
        const { id, revision } = await client.enrol({ code, name: facts.hostname, facts, preflight: [] })
        const agent: Waiting = { id, tries: 0 }
        agents.push(agent)
        void keepWaiting(agent, client, revision)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
  },

  agents: (): Waiting[] => agents,

  usage
}
export type SeveralServersAgentsCalls = typeof calls

const keepWaiting = async (agent: Waiting, client: PairingServer, known: number): Promise<void> => {
  let failures = noFailures
  let revision = known
  for (;;) {
    try {
      // the first answer after a loss comes at once: it shows that the agent is back
      await client.wait(revision, agent.lostAt === undefined ? 50 : 0, never)
      if (agent.lostAt !== undefined) agent.backAt ??= process.hrtime.bigint()
      failures = noFailures
      if (agent.backAt === undefined) continue
      const news = await client.wait(revision, 50, never)
      if (news === undefined) continue
      agent.newsAt ??= process.hrtime.bigint()
      revision = news.revision
    } catch (error) {
      agent.lostAt ??= process.hrtime.bigint()
      agent.tries += 1
      await sleep(pauseAfterError(error, failures, Math.random(), false))
      failures = withFailure(failures, error)
    }
  }
}

offer(calls)
