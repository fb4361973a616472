import type { Mutant } from './mutant.ts'

const judge = {
  file: 'packages/server/src/features/kubernetes-api/decisions/judge-decision.ts',
  killedBy: ['packages/server/test/features/kubernetes-api/decisions/judge-decision.test.ts']
}
const order = {
  file: 'packages/server/src/features/kubernetes-api/decisions/carry-out.ts',
  killedBy: ['packages/server/test/features/kubernetes-api/decisions/order.test.ts']
}
const list = {
  file: 'packages/server/src/features/kubernetes-api/asked/guarded-list.ts',
  killedBy: ['test/journeys/kubernetes-door-decisions/policy-away.test.ts']
}
const judgeCode = {
  file: 'packages/server/src/features/kubernetes-api/codes/judge-code.ts',
  killedBy: ['packages/server/test/features/kubernetes-api/codes/judge-code.test.ts']
}
const codeReader = {
  file: 'packages/server/src/features/kubernetes-api/codes/code-reader.ts',
  killedBy: ['test/journeys/kubernetes-door-codes/deleted.test.ts']
}
const accept = {
  file: 'packages/server/src/core/services/code/accept.ts',
  killedBy: ['test/journeys/kubernetes-door-codes/codes.test.ts']
}
const asker = {
  file: 'packages/server/src/core/enrolment/decision/decision.ts',
  killedBy: ['packages/server/test/core/enrolment/decision/asker.test.ts']
}

const move = {
  file: 'packages/server/src/adapters/kubernetes/setup/move-version.ts',
  killedBy: ['packages/server/test/adapters/kubernetes/setup/move-version.test.ts']
}

/** Decisions of operators who come over the Kubernetes API. */
export const kubernetesDoor: readonly Mutant[] = [
  {
    ...judge,
    name: 'decision-of-any-role',
    text: 'if (role !== enrolment.role) {',
    instead: 'if (false) {',
    rule: 'the role that the policy asked the verb for is that of the enrolment'
  },
  {
    ...judge,
    name: 'decision-of-any-revision',
    text: 'if (spec.revision === revision || ',
    instead: 'if (spec.revision !== -1 || ',
    rule: 'a Decision covers exactly what was shown'
  },
  {
    ...judge,
    name: 'decision-of-any-key',
    text: "verdict !== 'release' && key !== enrolment.key",
    instead: 'false',
    rule: 'a Decision is about the key that was shown'
  },
  {
    ...judge,
    name: 'old-decision-lets-in',
    text: '(isEnding(verdict) ? longestLife : letsInFor)',
    instead: 'longestLife',
    rule: 'after an hour no Decision lets a machine in'
  },
  {
    ...judge,
    name: 'decision-removes-control-plane',
    text: "verdict === 'remove' && role === 'control-plane'",
    instead: 'false',
    rule: "to remove a control plane is root's alone"
  },
  {
    ...judge,
    name: 'decision-of-any-shape',
    text: '!Value.Check(DecisionSpec, spec)',
    instead: "typeof spec !== 'object' || spec === null",
    rule: 'the server does not rely on the schema in the cluster'
  },
  {
    ...judge,
    name: 'any-decision-goes-on',
    text: 'makingRoom?.decision === uid && ',
    instead: 'makingRoom !== undefined && ',
    rule: 'only the Decision that made room goes on'
  },
  {
    ...order,
    name: 'approval-before-rejection',
    text: '{ rank: isEnding(spec.verdict) ? 0 : 1,',
    instead: '{ rank: 1,',
    rule: 'of Decisions that are seen together reject and remove go first'
  },
  {
    ...list,
    name: 'probe-before-only',
    text: 'const [after, made] = await Promise.all([this.#probe(), objects.guardedSince()])',
    instead: 'const [after, made] = [before, await objects.guardedSince()]',
    rule: 'what was seen before the policy went is not applied'
  },
  {
    ...list,
    name: 'probe-after-only',
    text: 'const before = await this.#probe()',
    instead: "const before: ProbeAnswer = { answer: 'refused' }",
    rule: 'what was seen before the policy came back is not applied'
  },
  {
    ...list,
    name: 'age-of-the-policy-forgotten',
    text: 'Math.max(this.#guardedSince.getTime(), made.getTime() + heededWithin)',
    instead: 'this.#guardedSince.getTime()',
    rule: 'what is older than the policy may be forged'
  },
  {
    ...list,
    name: 'policy-heeded-at-once',
    text: 'made.getTime() + heededWithin',
    instead: 'made.getTime()',
    rule: 'what is a little younger than the policy may be forged'
  },
  {
    ...list,
    name: 'forged-before-the-policy-is-back',
    text: '      this.#guardedSince = now\n',
    instead: '',
    rule: 'nobody knows who made what was made before the policy was seen again'
  },
  {
    file: 'packages/server/src/features/kubernetes-api/decisions/decision-reader.ts',
    killedBy: ['test/journeys/kubernetes-door-decisions/decided-once.test.ts'],
    name: 'status-left-to-the-sweep',
    text: "return isSettled ? left.next : 'later'",
    instead: 'return left.next',
    rule: 'a status that could not be written is written soon'
  },
  {
    ...asker,
    name: 'decision-about-another-document',
    text: '    decision.require(enrolment)\n',
    instead: '',
    rule: 'a Decision fits the very document that is decided about'
  },
  {
    ...asker,
    name: 'uid-in-no-commit',
    text: ', decided: decision.applied(settled) }',
    instead: ' }',
    rule: 'the uid is in the commit of what the Decision does'
  },
  {
    file: 'packages/server/src/adapters/sqlite/commit.ts',
    killedBy: ['test/contract/store-sqlite.process.test.ts'],
    name: 'decision-applied-twice',
    text: "if (!writeDecided(change)) return 'decided'",
    instead: 'writeDecided(change)',
    rule: 'a Decision is applied once'
  },
  {
    ...judgeCode,
    name: 'hash-made-again',
    text: 'if (code !== undefined) return refuse',
    instead: 'if (false) return refuse',
    rule: 'a hash that the store knows makes no code again'
  },
  {
    ...judgeCode,
    name: 'code-of-another-name',
    text: 'if (name !== hash) return refuse',
    instead: 'if (false) return refuse',
    rule: 'the name of a Code is its hash, whatever the cluster took'
  },
  {
    ...judgeCode,
    name: 'code-without-end',
    text: 'if (!(ends <= begins + longestCode)) return',
    instead: 'if (false) return',
    rule: 'a code is good for 30 days at most'
  },
  {
    ...judgeCode,
    name: 'code-of-any-shape',
    text: '!Value.Check(CodeSpec, spec)',
    instead: "typeof spec !== 'object' || spec === null",
    rule: 'the server does not rely on the schema in the cluster'
  },
  {
    ...judgeCode,
    name: 'code-that-was-forgotten',
    text: 'status !== undefined || (setBack',
    instead: 'false && (setBack',
    rule: 'a store that went back gives no second life to a code'
  },
  {
    ...judgeCode,
    name: 'code-read-late',
    text: 'if (!(Math.abs(now.getTime() - begins) <= readWithin)) {',
    instead: 'if (false) {',
    rule: 'a Code is judged only as long as the store knows its refusal'
  },
  {
    ...order,
    name: 'decisions-of-one-user-first',
    text: 'const turns = inTurns(newestFirst, ({ decision }) => makerOf(decision))',
    instead: 'const turns = newestFirst',
    rule: 'thousands of Decisions of one user do not go before the one of another'
  },
  {
    ...order,
    name: 'approval-before-a-rejection-out-of-turn',
    text: 'const before = one.rank === 0 ? [] : (endings.get(one.enrolment) ?? [])',
    instead: 'const before: typeof turns = one.rank === 0 && endings.size < 0 ? [one] : []',
    rule: 'what takes away goes before an approval that was seen with it, whoever has the turn'
  },
  {
    ...order,
    file: 'packages/server/src/features/kubernetes-api/decisions/carry-out.ts',
    name: 'settled-decisions-flooded-away',
    text: 'inTurns(settled, makerOf).slice(kept)',
    instead: 'settled.slice(kept)',
    rule: 'one user floods away no settled Decision of another'
  },
  {
    file: 'packages/server/src/features/kubernetes-api/asked/read-list.ts',
    name: 'one-user-fills-the-list',
    text: 'const filling = whoFills(last.items, bounds)',
    instead: 'const filling = whoFills([], bounds)',
    rule: 'whoever fills the list keeps the objects of nobody else unread',
    killedBy: [
      'packages/server/test/features/kubernetes-api/asked/read-list.test.ts',
      'test/journeys/kubernetes-door-decisions/flood.test.ts',
      'test/journeys/kubernetes-door-codes/flood.test.ts'
    ]
  },
  {
    file: 'packages/server/src/core/base/budgets.ts',
    name: 'flood-outruns-its-deletion',
    text: 'deleted: 400,',
    instead: 'deleted: 100,',
    rule: 'settled Decisions go faster than they come',
    killedBy: ['packages/server/test/features/kubernetes-api/decisions/order.test.ts']
  },
  {
    ...codeReader,
    name: 'cut-list-revokes',
    text: 'const gone = isComplete ? goneFrom(items, before) : []',
    instead: 'const gone = goneFrom(items, before)',
    rule: 'a list that was cut revokes nothing'
  },
  {
    ...codeReader,
    name: 'cleared-is-revoked',
    text: "      if ((await commits.append({ codes: [cleared] })) !== 'committed') return\n",
    instead: '',
    rule: 'what the server itself clears is not revoked for it'
  },
  {
    ...codeReader,
    name: 'code-made-after-the-list',
    text: '    return this.#list.look((sight) => this.#heed(before, sight))',
    instead: '    return this.#list.look(async (sight) => this.#heed(await store.codesOfObjects(), sight))',
    rule: 'a Code that was made after a list is not missing in it',
    killedBy: ['test/journeys/kubernetes-door-codes/made-once.test.ts']
  },
  {
    ...codeReader,
    name: 'forged-code',
    text: 'isForged(seen) ? this.#refuse(seen, forged, now) : ',
    instead: '',
    rule: 'what was seen without the policy makes no code',
    killedBy: ['test/journeys/kubernetes-door-codes/policy-away.test.ts']
  },
  {
    ...accept,
    name: 'code-by-its-own-rules',
    text: '    await requireCode(parts, asked)\n',
    instead: '',
    rule: 'what the operators listener refuses is refused of a Code'
  },
  {
    file: 'packages/server/src/features/kubernetes-api/codes/settled-codes.ts',
    name: 'code-of-any-uid',
    text: 'if (code?.object?.uid === uid) settled',
    instead: 'if (code !== undefined) settled',
    rule: 'a code is that of the Code with its uid, and of no other',
    killedBy: ['test/journeys/kubernetes-door-codes/deleted.test.ts']
  },
  {
    ...move,
    name: 'version-noted-and-nothing-moved',
    text: '  await explain(api.server, () => sideBySide(objects, atOnce, (one) => writeOne(of, one, api)))\n',
    instead: '',
    rule: 'setup ends a version only when no object is stored in it'
  },
  {
    ...move,
    name: 'version-noted-over-any-definition',
    text: 'metadata: { resourceVersion }, status',
    instead: 'metadata: {}, status',
    rule: 'a definition that changed since the objects were written is not noted as moved'
  },
  {
    ...move,
    name: 'version-unheard-of-is-an-object-gone',
    text: 'return answer?.code === 404 && answer.name === name',
    instead: 'return answer?.code === 404',
    rule: 'an object that an API server could not find in the version is not taken for one that is gone'
  },
  {
    ...move,
    name: 'version-ended-under-a-server-of-before',
    text: 'if (!(await isServerNew(admin, sleep))) {',
    instead: 'if (!(await isServerNew(admin, sleep)) && tries === 0) {',
    rule: 'a version is served as long as the active server writes it'
  },
  {
    file: 'packages/server/src/features/kubernetes-api/conditions.ts',
    name: 'nothing-stalls',
    text: '...(isStalled(enrolment) ?',
    instead: '...(isStalled(enrolment) && message === undefined ?',
    rule: 'programs by kstatus see that a machine needs a person',
    killedBy: ['packages/server/test/features/kubernetes-api/conditions.test.ts']
  }
]
