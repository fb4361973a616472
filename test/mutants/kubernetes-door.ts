import type { Mutant } from './mutant.ts'

const room = 'packages/server/src/kubernetes-door/decisions'
const judge = {
  file: `${room}/judge-decision.ts`,
  killedBy: ['packages/server/test/kubernetes-door/decisions/judge-decision.test.ts']
}
const order = {
  file: `${room}/in-turn-of-enrolment.ts`,
  killedBy: ['packages/server/test/kubernetes-door/decisions/order.test.ts']
}
const reader = {
  file: `${room}/decision-reader.ts`,
  killedBy: ['test/journeys/kubernetes-door-decisions/policy-away.test.ts']
}
const asker = {
  file: 'packages/server/src/enrolment/decision/decision.ts',
  killedBy: ['packages/server/test/enrolment/decision/asker.test.ts']
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
    ...reader,
    name: 'probe-before-only',
    text: 'const after = await this.#probe()',
    instead: 'const after = before',
    rule: 'what was seen before the policy went is not applied'
  },
  {
    ...reader,
    name: 'probe-after-only',
    text: 'const before = await this.#probe()',
    instead: "const before: ProbeAnswer = { answer: 'refused' }",
    rule: 'what was seen before the policy came back is not applied'
  },
  {
    ...reader,
    name: 'forged-before-the-policy-is-back',
    text: '      this.#guardedSince = now\n',
    instead: '',
    rule: 'nobody knows who made what was made before the policy was seen again'
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
    file: 'packages/server/src/store/sqlite/commit.ts',
    killedBy: ['test/contract/store-sqlite.process.test.ts'],
    name: 'decision-applied-twice',
    text: "if (!writeDecided(change)) return 'decided'",
    instead: 'writeDecided(change)',
    rule: 'a Decision is applied once'
  }
]
