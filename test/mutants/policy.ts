import type { Mutant } from './mutant.ts'

const ruling = {
  file: 'packages/policy/src/ruling/ruling.ts',
  killedBy: ['packages/policy/test/ruling/ruling.test.ts']
}
const load = {
  file: 'packages/policy/src/document/load-policy.ts',
  killedBy: ['packages/policy/test/document/load-policy.test.ts']
}
const leans = {
  file: 'packages/policy/src/cel/leans-on-proof.ts',
  killedBy: ['packages/policy/test/cel/expressions.test.ts']
}
const policies = {
  file: 'packages/server/src/features/policy/policies.ts',
  killedBy: ['packages/server/test/features/policy/policies.test.ts']
}

/** What the approval policy may not do. */
export const policyMutants: readonly Mutant[] = [
  {
    file: 'packages/policy/src/cel/compile.ts',
    name: 'expression-that-fails-is-false',
    text: 'if (isCelError(result)) return { failed: result.message }',
    instead: 'if (isCelError(result)) return { is: false }',
    rule: 'an expression that fails is no answer',
    killedBy: ['packages/policy/test/cel/expressions.test.ts', 'packages/policy/test/cel/conformance.test.ts']
  },
  {
    ...ruling,
    name: 'policy-failed-rule-decides',
    text: 'if (outcome.failed !== undefined) {',
    instead: 'if (outcome.failed === "") {',
    rule: 'a rule that fails approves nobody, and rejects nobody'
  },
  {
    ...ruling,
    name: 'policy-approves-in-doubt',
    text: 'if (doubts.length > 0) return',
    instead: 'if (doubts.length > 9) return',
    rule: 'what leaves a doubt waits for a person'
  },
  {
    ...ruling,
    name: 'policy-without-quota',
    text: 'if (isSpent(rule)) {',
    instead: 'if (isSpent(rule) && rule.quota === 0) {',
    rule: 'a quota that is used up holds the next machine'
  },
  {
    ...ruling,
    name: 'policy-rule-of-any-role',
    text: 'roles.includes(role) && (',
    instead: 'roles.length > 0 && (',
    rule: 'a rule counts only for its roles'
  },
  {
    ...load,
    name: 'policy-claims-for-control-planes',
    text: "...(claimsOnly && counted.includes('control-plane')",
    instead: '...(claimsOnly && counted.length === 0',
    rule: 'no control plane is approved by claims alone'
  },
  {
    ...load,
    name: 'policy-claims-without-quota',
    text: '...(claimsOnly && quota === undefined',
    instead: '...(claimsOnly && quota === 0',
    rule: 'an approval by claims alone needs a quota'
  },
  {
    ...leans,
    name: 'policy-one-side-of-or',
    text: 'return asTrue ? args.every((one) => leans(one, true))',
    instead: 'return asTrue ? args.some((one) => leans(one, true))',
    rule: 'an or rests on proof only if both sides do'
  },
  {
    ...leans,
    name: 'policy-not-as-it-is',
    text: 'return leans(first, !asTrue)',
    instead: 'return leans(first, asTrue)',
    rule: 'a not turns and into or'
  },
  {
    ...leans,
    name: 'policy-unlike-is-proof',
    text: 'return asTrue && this.#compares(call, locals)',
    instead: 'return this.#compares(call, locals)',
    rule: 'to be unlike a text proves nothing'
  },
  {
    ...leans,
    name: 'policy-empty-is-proof',
    text: "const isText = (text: string): boolean => text !== ''",
    instead: 'const isText = (_: string): boolean => true',
    rule: 'a comparison with an empty text proves nothing'
  },
  {
    ...leans,
    name: 'policy-everywhere-is-proof',
    text: '>= leastPrefix',
    instead: '>= 0',
    rule: 'a network of nearly everybody proves nothing'
  },
  {
    ...leans,
    name: 'policy-begins-as-all-do',
    text: 'isText(text) && (beginning === undefined || beginning.test(text))',
    instead: 'isText(text)',
    rule: 'a beginning that most keys have proves nothing'
  },
  {
    ...leans,
    name: 'policy-local-hides-proof',
    text: "if (of?.exprKind.case !== 'identExpr' || locals.has(of.exprKind.value.name)) return proofOf(of, locals)",
    instead: "if (of?.exprKind.case !== 'identExpr') return proofOf(of, locals)",
    rule: 'a variable of a macro is not what its name says'
  },
  {
    file: 'packages/policy/src/ruling/judge-machine.ts',
    killedBy: ['packages/policy/test/ruling/judge-machine.test.ts', 'test/journeys/policy/code-proof.test.ts'],
    name: 'policy-any-code-is-proof',
    text: 'outcome?.failed === undefined && code?.proof !== true',
    instead: 'outcome?.failed === undefined && code === undefined',
    rule: 'who may only invite approves nobody by a rule'
  },
  {
    ...load,
    name: 'policy-code-beside-proof',
    text: 'needsProof: approves && found.uses.some((name) => proofsOfCode.includes(name))',
    instead: 'needsProof: approves && found.uses.every((name) => proofsOfCode.includes(name))',
    rule: 'an approval that asks about the code wants it to be proof, whatever else it asks'
  },
  {
    file: 'packages/server/src/core/enrolment/facts/shown.ts',
    killedBy: policies.killedBy,
    name: 'code-of-before-is-proof',
    text: 'proof ?? object === undefined',
    instead: 'proof ?? true',
    rule: 'a Code of before is no proof'
  },
  {
    file: 'packages/policy/src/document/read-text.ts',
    killedBy: load.killedBy,
    name: 'policy-of-others',
    text: '(mode & 0o022) === 0',
    instead: '(mode & 0o002) === 0',
    rule: 'the server reads no policy that others may write'
  },
  {
    ...policies,
    name: 'policy-warn-decides',
    text: "if (policy.mode === 'warn') return",
    instead: "if (policy.mode === 'off') return",
    rule: 'under warn nothing is decided'
  },
  {
    ...policies,
    name: 'policy-late-doubt',
    text: 'if (doubt === undefined && !isBeingReplaced(enrolment)) return',
    instead: 'if (!isBeingReplaced(enrolment)) return',
    rule: 'a doubt that came while a machine was judged counts'
  },
  {
    ...policies,
    name: 'policy-approves-a-replacement',
    text: 'replaced !== undefined || makingRoom !== undefined',
    instead: 'makingRoom !== undefined',
    rule: 'a machine that takes the place of a Node is approved by a person'
  },
  {
    ...policies,
    name: 'policy-judges-what-failed-at-once',
    text: '(mark.failed === true || mark.revision === shownRevision(enrolment))',
    instead: 'mark.revision === shownRevision(enrolment)',
    rule: 'nobody makes the server evaluate a rule again and again that failed'
  },
  {
    ...policies,
    name: 'policy-keeps-a-place',
    text: 'if (error instanceof ProblemError && error.body.status < 500) taken?.giveBack()',
    instead: '',
    rule: 'a refused approval gives its place in the quota back'
  },
  {
    ...policies,
    name: 'policy-gives-a-written-place-back',
    text: 'if (error instanceof ProblemError && error.body.status < 500) taken?.giveBack()',
    instead: 'if (error instanceof ProblemError) taken?.giveBack()',
    rule: 'a place goes back only if the approval is surely not written'
  },
  {
    ...policies,
    name: 'policy-before-the-nodes',
    text: 'if (nodes() === undefined) return',
    instead: '',
    rule: 'nothing is decided before the Nodes are known'
  },
  {
    file: 'packages/server/src/features/policy/policy-file.ts',
    killedBy: ['packages/server/test/features/policy/policy-file.test.ts'],
    name: 'policy-outlives-its-file',
    text: 'if (found.isGone) await this.#replace(undefined)',
    instead: '',
    rule: 'who deletes the policy ends it'
  },
  {
    file: 'packages/server/src/core/commit/enrolments.ts',
    killedBy: policies.killedBy,
    name: 'policy-quota-forgotten',
    text: '...(also.entries ?? []), ...beside, ...entries.map',
    instead: '...(also.entries ?? []), ...entries.map',
    rule: 'the count of a quota is in the commit of the approval'
  }
]
