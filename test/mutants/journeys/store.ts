import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/store'

/** What a pass reads of the store, and what of it goes one day. */
export const storeJourneys: readonly Mutant[] = [
  {
    name: 'read-at-each-pass',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '      if (!isArriving(enrolment)) left.note(head.id, judgedBy(enrolment.revision))\n',
    instead: '',
    rule: 'a pass does not read an enrolment of which nothing has changed',
    killedBy: [`${journeys}/pass-cost.test.ts`]
  },
  {
    name: 'certificates-of-any-length',
    file: 'packages/server/src/core/retention/housekeeping.ts',
    text: '      await longest.look(csrs)\n',
    instead: '',
    rule: 'a ban lasts as long as the longest certificate that was ever seen',
    killedBy: [`${journeys}/pruning.test.ts`]
  },
  {
    name: 'full-document-stops-the-clock',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: 'if (!(error instanceof DocumentTooLarge)) throw error\n',
    instead: 'throw error\n',
    rule: 'an enrolment whose document is full does not keep others from their end',
    killedBy: [`${journeys}/too-large.test.ts`]
  }
]
