import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/way-back'

/** The way back of a machine that lost the certificate of its kubelet. */
export const wayBackJourneys: readonly Mutant[] = [
  {
    name: 'key-of-the-way-back-stays',
    file: 'packages/agent/src/way-back/steps.ts',
    text: '  await key.remove()\n',
    instead: '',
    rule: 'the key of a way back goes with its end',
    killedBy: [`${journeys}/agent.test.ts`]
  },
  {
    name: 'refusal-that-is-not-written',
    file: 'packages/server/src/core/services/recovery/recover.ts',
    text: '      return result.decision\n',
    instead: '      return refused === undefined ? result.decision : undefined\n',
    rule: 'what an ask leads to is durable, also if the machine is refused',
    killedBy: [`${journeys}/cut.test.ts`]
  },
  {
    name: 'way-back-needs-a-free-name',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: '    if (isRecovering(found)) return readView(parts, await parts.enrolments.change(found.id, decideAs(shown)))\n',
    instead: '',
    rule: 'an approval of the way back is no approval of a name, whose Node is there',
    killedBy: [`${journeys}/operators.test.ts`]
  },
  {
    name: 'version-told-to-one-server-alone',
    file: 'packages/agent/src/way-back/report-version.ts',
    text: '      if (!isPassedOver(error)) throw error\n',
    instead: '      throw error\n',
    rule: 'a machine whose first server stands by says the version of its agent to the active one',
    killedBy: [`${journeys}/agent-version.test.ts`]
  },
  {
    name: 'busy-server-was-told',
    file: 'packages/agent/src/way-back/report-version.ts',
    text: " && problems[error.code].retry !== 'later'",
    instead: '',
    rule: 'a version that no server took is said again at the next look',
    killedBy: [`${journeys}/agent-version.test.ts`]
  },
  {
    name: 'version-of-an-outcome-forgotten',
    file: 'packages/server/src/core/services/agent/reports.ts',
    text: 'withAgent(decision.enrolment, caller, now)',
    instead: 'decision.enrolment',
    rule: 'an agent that was upgraded while its machine joined is known by its version',
    killedBy: [`${journeys}/agent-version.test.ts`]
  }
]
