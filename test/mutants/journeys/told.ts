import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys'

/** What the server tells others by itself: metrics, notices, traces and alerts. */
export const toldJourneys: readonly Mutant[] = [
  {
    name: 'outcome-not-counted',
    file: 'packages/server/src/core/services/agent/reports.ts',
    text: '    if (told.decided && !isLate(enrolment, request)) outcomes?.noted({ outcome, role: enrolment.role, version })\n',
    instead: '',
    rule: 'a scrape has the outcomes that agents reported',
    killedBy: [`${journeys}/metrics/scrape.test.ts`]
  },
  {
    name: 'trace-without-its-code',
    file: 'packages/server/src/features/notices/traces/traces.ts',
    text: 'Promise.all([store.code(enrolment.code), store.timeline(subject)])',
    instead: 'Promise.all([undefined, store.timeline(subject)])',
    rule: 'the trace of a join begins with its code',
    killedBy: [`${journeys}/notices/traces.test.ts`]
  },
  {
    name: 'gone-after-a-new-beginning',
    file: 'packages/server/src/features/notices/webhooks.ts',
    text: '{ failing: _failing, gone: _gone, ...state }',
    instead: '{ failing: _failing, ...state }',
    rule: 'a receiver that wanted nothing more gets notices again if an operator says so',
    killedBy: [`${journeys}/notices/webhooks.test.ts`]
  },
  {
    name: 'wrong-policy-without-an-alert',
    file: 'packages/server/src/features/policy/policies.ts',
    text: "      return this.#alert('file', 'policy-refused', news.refused.slice(0, 5).join('; '), hour)\n",
    instead: '      return\n',
    rule: 'a policy that is wrong alerts',
    killedBy: [`${journeys}/policy/policy.test.ts`]
  }
]
