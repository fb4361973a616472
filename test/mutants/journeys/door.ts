import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/door'

/** Who gets a connection, and what a call costs the server. */
export const doorJourneys: readonly Mutant[] = [
  {
    name: 'door-that-knows-nobody',
    file: 'packages/server/src/core/register-core.ts',
    text: "  each('connection guard', (c, enrolment) => c.resolve(Connections).note(enrolment))\n",
    instead: '',
    rule: 'a machine that enrols is no stranger to the door any more',
    killedBy: [`${journeys}/door.test.ts`]
  },
  {
    name: 'tls-of-before',
    file: 'packages/server/src/front/http/agents-tls.ts',
    text: "ca}`, minVersion: 'TLSv1.3' }",
    instead: "ca}`, minVersion: 'TLSv1.2' }",
    rule: 'TLS older than 1.3 is refused',
    killedBy: [`${journeys}/hostile-input.test.ts`]
  },
  {
    name: 'look-at-the-cluster-for-nothing',
    file: 'packages/server/src/core/services/agent/reports.ts',
    text: 'changeOwn(key, told.decide)\n    if (told.decided) nudge()\n',
    instead: 'changeOwn(key, told.decide)\n    nudge()\n',
    rule: 'a report without a change does not make the server look at the cluster',
    killedBy: [`${journeys}/nudges.test.ts`]
  },
  {
    name: 'addresses-without-a-rate',
    file: 'packages/server/src/core/services/agent/sighting.ts',
    text: "    if (decision !== undefined && more.observation === undefined) rates.require('observations', key)\n",
    instead: '',
    rule: 'polls from changing addresses are limited like reports',
    killedBy: [`${journeys}/rates.test.ts`]
  },
  {
    name: 'dial-back-in-a-join',
    file: 'packages/server/src/features/dial-back/reachability.ts',
    text: '    requireBeforeJoin(enrolment)\n',
    instead: '',
    rule: 'the server dials only a machine that waits for its join',
    killedBy: [`${journeys}/reachability.test.ts`]
  },
  {
    name: 'refusal-without-a-statement',
    file: 'packages/server/src/front/http/say-statement.ts',
    text: 'if (current !== undefined) reply.header(',
    instead: 'if (current !== undefined && reply.statusCode < 400) reply.header(',
    rule: 'each answer says which statement the server has, a refusal too',
    killedBy: [`${journeys}/statement.test.ts`]
  }
]
