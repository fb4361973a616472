import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/codes'

/** What becomes of a code, and what whoever comes with it is told. */
export const codeJourneys: readonly Mutant[] = [
  {
    name: 'used-code-is-no-unknown-one',
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: "used as EnrolmentDocument, knock)\n        throw new ProblemError('code-not-accepted')",
    instead:
      "used as EnrolmentDocument, knock)\n        throw new ProblemError('code-not-accepted', { detail: 'another key has used it' })",
    rule: 'the answer to a used code is exactly that to an unknown one',
    killedBy: [`${journeys}/codes.test.ts`]
  },
  {
    name: 'revoked-behind-its-enrolment',
    file: 'packages/server/src/core/services/code/revoke.ts',
    text: 'used === undefined || hasEnded(used)\n',
    instead: 'true\n',
    rule: 'no second key freezes an enrolment whose code was revoked',
    killedBy: [`${journeys}/conflicts.test.ts`]
  },
  {
    name: 'counted-without-the-nodes',
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: 'nodes() ?? (await cluster.nodes())',
    instead: 'nodes() ?? []',
    rule: 'a server that has not seen the Nodes gives no number before it has',
    killedBy: [`${journeys}/fleets.test.ts`]
  },
  {
    name: 'token-that-signs-for-nobody',
    file: 'packages/server/src/core/services/join-command-service.ts',
    text: 'this.#give(enrolment, isPublic)',
    instead: 'this.#give(enrolment, true)',
    rule: 'the token of a join command signs only if cluster-info is public',
    killedBy: [`${journeys}/join-command.test.ts`]
  },
  {
    name: 'renamed-to-the-name-of-a-code',
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: 'known ?? (await requireAskedName(parts, code, asked, knock))',
    instead: 'known ?? asked',
    rule: 'a waiting machine cannot take the name of an open code',
    killedBy: [`${journeys}/names.test.ts`]
  },
  {
    name: 'unknown-code-before-a-wrong-name',
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: "    if (code?.name === undefined) requireNodeName(request.name)\n    if (code === undefined) throw new ProblemError('code-not-accepted')\n",
    instead:
      "    if (code === undefined) throw new ProblemError('code-not-accepted')\n    if (code.name === undefined) requireNodeName(request.name)\n",
    rule: 'a name that no machine can have tells nothing of the code beside it',
    killedBy: [`${journeys}/silent-questions.test.ts`]
  },
  {
    name: 'package-that-no-code-names',
    file: 'packages/server/src/core/ports/store/agent-packages.ts',
    text: '    if (!(await this.#store.namesPackage(sha256))) return undefined\n',
    instead: '',
    rule: 'a package is given while a code names it, and no longer',
    killedBy: [`${journeys}/packages.test.ts`]
  }
]
