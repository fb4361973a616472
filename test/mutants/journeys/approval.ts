import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/approval'

/** What an operator is shown, decides, and gets from the services of the server. */
export const approvalJourneys: readonly Mutant[] = [
  {
    name: 'name-that-a-pod-has',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: 'other ?? (await cluster.nameHolder(found.name))',
    instead: 'other',
    rule: 'no name is given that a Node or a Pod of the cluster has',
    killedBy: [`${journeys}/approval.test.ts`]
  },
  {
    name: 'repeated-claim-judged-again',
    file: 'packages/server/src/core/services/agent/claim.ts',
    text: 'if (openAttempt(seen) === undefined) requirePreflight(',
    instead: 'requirePreflight(',
    rule: 'a claim that is repeated gets its answer, whatever its machine has found since',
    killedBy: [`${journeys}/claim-preflight.test.ts`]
  },
  {
    name: 'timeline-of-another-moment',
    file: 'packages/server/src/core/services/operator/reading.ts',
    text: '...given({ agentSaid }), timeline }',
    instead: '...given({ agentSaid }), timeline: await store.timeline(found.id) }',
    rule: 'an enrolment and its timeline are shown as they were at one moment',
    killedBy: [`${journeys}/evidence-kept.test.ts`]
  },
  {
    name: 'answers-without-their-shapes',
    file: 'packages/server/src/front/http/routes/register.ts',
    text: 'querystring: query, body }),\n        response\n',
    instead: 'querystring: query, body })\n',
    rule: 'a field that no shape of an answer names is in no answer',
    killedBy: [`${journeys}/internal-fields.test.ts`]
  },
  {
    name: 'pending-for-a-week-whatever-is-set',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '(lifetimes.pending ?? 0)',
    instead: '7 * 24 * 3_600_000',
    rule: 'the sweep ends what waits for longer than the configuration says',
    killedBy: [`${journeys}/lifetimes.test.ts`]
  },
  {
    name: 'list-of-any-code',
    file: 'packages/protocol/src/api/lists.ts',
    text: ' &&\n  (code === undefined || enrolment.code === code)',
    instead: '',
    rule: 'a list that is narrowed by a code has the machines of that code',
    killedBy: [`${journeys}/lists.test.ts`]
  },
  {
    name: 'conflicts-of-one-page',
    file: 'packages/server/src/core/services/operator/reading.ts',
    text: 'const isAlone = (heads.get(name)?.length ?? 0) < 2',
    instead: 'const isAlone = true',
    rule: 'an enrolment in a page has the same fields as in the whole list',
    killedBy: [`${journeys}/lists.test.ts`]
  },
  {
    name: 'approval-by-nobody',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: 'settling(asker, (enrolment: EnrolmentDocument',
    instead: 'settling({}, (enrolment: EnrolmentDocument',
    rule: 'the timeline names the operator who approved',
    killedBy: [`${journeys}/operators-named.test.ts`]
  },
  {
    name: 'retry-beside-a-newer-enrolment',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: 'const newest = await parts.store.enrolmentByKey(found.key)',
    instead: 'const newest = found',
    rule: 'an enrolment is not retried if its machine has a newer one',
    killedBy: [`${journeys}/retry-expired.test.ts`]
  },
  {
    name: 'timeline-of-a-short-id',
    file: 'packages/server/src/core/services/code/reading.ts',
    text: 'store.timeline(code.id)',
    instead: 'store.timeline(id)',
    rule: 'the timeline that is shown for the beginning of an id is that of the whole id',
    killedBy: [`${journeys}/short-ids.test.ts`]
  },
  {
    name: 'claim-of-a-copy',
    file: 'packages/server/src/core/services/agent/claim.ts',
    text: 'requireOwnName, requireOneMachine]',
    instead: 'requireOwnName]',
    rule: 'a copy of a Node gets no credential',
    killedBy: [`${journeys}/unique-machine.test.ts`]
  },
  {
    name: 'approval-of-what-is-there-by-then',
    file: 'packages/cli/src/commands/approve.ts',
    text: 'client.approve(shown.id, { revision: shown.revision, key: shown.key })',
    instead: 'client.approve(shown.id, { revision: (await client.show(name)).revision, key: shown.key })',
    rule: 'an approval covers what the operator has read',
    killedBy: [`${journeys}/approved-as-shown.test.ts`]
  },
  {
    name: 'configuration-as-it-is',
    file: 'packages/cli/src/bundle/sources.ts',
    text: "return maskConfig(await readFile(configuration, 'utf8'))",
    instead: "return readFile(configuration, 'utf8')",
    rule: 'no secret of the configuration is in a support bundle',
    killedBy: [`${journeys}/secrets.test.ts`]
  },
  {
    name: 'outage-that-begins-now',
    file: 'packages/server/src/front/status/status-service.ts',
    text: 'outage()?.since ?? clock.now()',
    instead: 'clock.now()',
    rule: 'status says since when the cluster is out of reach',
    killedBy: [`${journeys}/status.test.ts`]
  },
  {
    name: 'second-approval-refused',
    file: 'packages/server/src/core/enrolment/verbs/approve.ts',
    text: '  if (isApprovedSo(enrolment, shown)) return undefined\n',
    instead: '',
    rule: 'two operators who approve at once approve once, and both are told so',
    killedBy: [`${journeys}/two-operators.test.ts`]
  }
]
