import type { Mutant } from '../mutant.ts'

const agent = 'packages/agent/src'
const journeys = 'test/journeys/faults'

/** What is cut, killed, late or lost, and goes on. */
export const faultJourneys: readonly Mutant[] = [
  {
    name: 'lines-that-nobody-hears',
    file: `${agent}/steps/recover.ts`,
    text: '...given({ certificate }),\n        said: lines\n',
    instead: '...given({ certificate })\n',
    rule: 'the report of a failure has the last lines of the agent',
    killedBy: [`${journeys}/agent-failed-join.test.ts`]
  },
  {
    name: 'killed-is-interrupted',
    file: `${agent}/plan/recovery.ts`,
    text: "if (join.unit === 'failed') return { do: 'close' }",
    instead: "if (join.unit === 'failed') return { do: 'close', failure: interrupted(attempt) }",
    rule: 'a kubeadm that was killed is told from a power cut',
    killedBy: [`${journeys}/agent-kubeadm-killed.test.ts`]
  },
  {
    name: 'failures-not-counted',
    file: `${agent}/loop/loop.ts`,
    text: '      failures = withFailure(failures, error)\n',
    instead: '',
    rule: 'without an answer the agent tries less and less often',
    killedBy: [`${journeys}/agent-network.test.ts`]
  },
  {
    name: 'server-that-is-not-left-alone',
    file: `${agent}/pairing/http-pairing-server.ts`,
    text: "const retryAfter = pauseIn(headers['retry-after'])",
    instead: 'const retryAfter = 0',
    rule: 'a server that asks for a pause is left alone for as long',
    killedBy: [`${journeys}/agent-no-answer.test.ts`]
  },
  {
    name: 'credential-after-a-power-cut',
    file: `${agent}/loop/close-interrupted-join.ts`,
    text: '  await (identified ? joining.removeSecrets() : joining.closeJoin())\n',
    instead: '',
    rule: 'after a power cut the credential of a join is gone before the kubelet starts',
    killedBy: [`${journeys}/agent-rebooted.test.ts`]
  },
  {
    name: 'one-server-for-ever',
    file: `${agent}/pairing/servers/any-server.ts`,
    text: 'throw choice.failed(url, error)',
    instead: 'throw error',
    rule: 'an agent whose server is gone goes on with another one',
    killedBy: [`${journeys}/agent-servers.test.ts`]
  },
  {
    name: 'machines-that-join-unwatched',
    file: 'packages/server/src/core/reconcile/pacemaker.ts',
    text: 'if (busy) this.#timer = setTimeout(this.nudge, busyInterval)',
    instead: 'if (busy) this.#timer = undefined',
    rule: 'a machine joins even if every watch of the server is dead',
    killedBy: [`${journeys}/api-server.test.ts`]
  },
  {
    name: 'attempt-by-the-clock-of-the-host',
    file: 'packages/server/src/core/services/agent/claim.ts',
    text: 'clusterNow: cluster.now()',
    instead: 'clusterNow: undefined',
    rule: 'a token ends by the clock of the API server, which takes it',
    killedBy: [`${journeys}/clocks.test.ts`]
  }
]
