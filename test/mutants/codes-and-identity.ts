import type { Mutants } from './mutant.ts'

/** Codes, keys, names and clones: who a machine is, what an operator saw of it, and what was decided on. */
export const codesAndIdentity: Mutants = {
  'mistyped-code-is-taken': {
    file: 'packages/protocol/src/words/code.ts',
    text: 'if (checksum(body) !== characters.slice(bodyLength)) {',
    instead: 'if (false) {',
    rule: 'the checksum tells a typing error apart from an unknown code',
    killedBy: 'packages/protocol/test/words/code.test.ts'
  },
  'older-code': {
    file: 'packages/server/src/adapters/sqlite/statements.ts',
    text: "'UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision = ?'",
    instead: "'UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision >= ?'",
    rule: 'compare-and-swap: a code is used at the revision that was read',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'used-code-is-no-unknown-one': {
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: "used as EnrolmentDocument, knock)\n        throw new ProblemError('code-not-accepted')",
    instead:
      "used as EnrolmentDocument, knock)\n        throw new ProblemError('code-not-accepted', { detail: 'another key has used it' })",
    rule: 'the answer to a used code is exactly that to an unknown one',
    killedBy: 'test/journeys/codes/codes.test.ts'
  },
  'unknown-code-before-a-wrong-name': {
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: "    if (code?.name === undefined) requireNodeName(request.name)\n    if (code === undefined) throw new ProblemError('code-not-accepted')\n",
    instead:
      "    if (code === undefined) throw new ProblemError('code-not-accepted')\n    if (code.name === undefined) requireNodeName(request.name)\n",
    rule: 'a name that no machine can have tells nothing of the code beside it',
    killedBy: 'test/journeys/codes/silent-questions.test.ts'
  },
  'ten-knocks-and-no-freeze': {
    file: 'packages/server/src/core/enrolment/decision/conflict.ts',
    text: 'if (!freezes && enrolment.conflict.seen.length',
    instead: 'if (enrolment.conflict.seen.length',
    rule: 'a second key freezes however many came before',
    killedBy: 'packages/server/test/core/enrolment/decision/second-key.test.ts'
  },
  'code-that-stays-open': {
    file: 'packages/server/src/core/enrolment/decision/conflict.ts',
    text: 'isCodeClosed(enrolment) ? alertOnly : decideConflict',
    instead: 'decideConflict',
    rule: 'from the approval on, whoever has the code cannot stop the machine',
    killedBy: 'packages/server/test/core/enrolment/decision/second-key.test.ts'
  },
  'two-enrolments-of-a-key': {
    file: 'packages/server/src/adapters/sqlite/migrations.ts',
    text: "CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key)\n  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering'",
    instead:
      "CREATE INDEX one_live_enrolment_per_key ON enrolments (key)\n  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering'",
    rule: 'a key has one live enrolment, whatever a caller decided',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'fingerprint-of-32-bits': {
    file: 'packages/protocol/src/words/fingerprint.ts',
    text: 'const comparedDigits = 20',
    instead: 'const comparedDigits = 8',
    rule: 'fingerprints that people compare show at least 80 bits',
    killedBy: 'packages/protocol/test/words/fingerprint.test.ts'
  },
  'clone-goes-on': {
    file: 'packages/server/src/core/enrolment/decision/evidence.ts',
    text: 'if (facts.machineId !== enrolment.facts.machineId) {',
    instead: 'if (false) {',
    rule: 'one key with two machine ids is a clone, and freezes',
    killedBy: 'packages/server/test/core/enrolment/decision/decide-evidence.test.ts'
  },
  'copy-by-its-mac-address': {
    file: 'packages/server/src/core/enrolment/unique/judge-unique.ts',
    text: "shared.some(({ value }) => value.kind !== 'host name')",
    instead: "shared.some(({ value }) => value.kind === 'machine id')",
    rule: 'a copy of another machine is told by any part of its identity',
    killedBy: 'packages/server/test/core/enrolment/unique/judge-unique.test.ts'
  },
  'borrowed-identity-counts': {
    file: 'packages/server/src/core/enrolment/unique/machine.ts',
    text: 'machineWith(enrolment, valuesOf(approvedFacts(enrolment)))',
    instead: 'machineWith(enrolment, valuesOf(enrolment.facts))',
    rule: 'an approved machine that takes on the identity of another one does not block it',
    killedBy: 'test/journeys/approval/evidence-kept.test.ts'
  },
  'name-of-any-form': {
    file: 'packages/protocol/src/words/names.ts',
    text: 'name.length <= 253 && subdomain.test(name)',
    instead: 'name.length <= 253',
    rule: 'a name is an exact RFC 1123 subdomain',
    killedBy: 'packages/protocol/test/words/names.test.ts'
  },
  'name-that-a-pod-has': {
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: 'other ?? (await cluster.nameHolder(found.name))',
    instead: 'other',
    rule: 'no name is given that a Node or a Pod of the cluster has',
    killedBy: 'test/journeys/approval/approval.test.ts'
  },
  'renamed-to-the-name-of-a-code': {
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: 'known ?? (await requireAskedName(parts, code, asked, knock))',
    instead: 'known ?? asked',
    rule: 'a waiting machine cannot take the name of an open code',
    killedBy: 'test/journeys/codes/names.test.ts'
  },
  'approval-of-another-revision': {
    file: 'packages/server/src/core/enrolment/facts/shown.ts',
    text: 'shown.revision === revision && shown.key === key',
    instead: 'shown.key === key',
    rule: 'a person approves what the person saw: the revision',
    killedBy: 'packages/server/test/core/enrolment/verbs/approve.test.ts'
  },
  'approval-of-another-key': {
    file: 'packages/server/src/core/enrolment/facts/shown.ts',
    text: 'shown.revision === revision && shown.key === key',
    instead: 'shown.revision === revision',
    rule: 'a person approves what the person saw: the key',
    killedBy: 'packages/server/test/core/enrolment/verbs/approve.test.ts'
  },
  'approval-of-what-is-there-by-then': {
    file: 'packages/cli/src/commands/approve.ts',
    text: 'client.approve(shown.id, { revision: shown.revision, key: shown.key })',
    instead: 'client.approve(shown.id, { revision: (await client.show(name)).revision, key: shown.key })',
    rule: 'an approval covers what the operator has read',
    killedBy: 'test/journeys/approval/approved-as-shown.test.ts'
  },
  'source-address-is-no-evidence': {
    file: 'packages/server/src/core/enrolment/decision/evidence.ts',
    text: "  ...changed('source address', before.address, after.address),\n",
    instead: '',
    rule: 'approval covers where the machine is',
    killedBy: 'packages/server/test/core/enrolment/decision/decide-evidence.test.ts'
  },
  'facts-are-no-evidence': {
    file: 'packages/server/src/core/enrolment/decision/evidence.ts',
    text: '  ...identityFacts.flatMap((fact) => changed(fact, show(before.facts[fact]), show(after.facts[fact])))\n',
    instead: '',
    rule: 'approval covers the identity of the machine',
    killedBy: 'packages/server/test/core/enrolment/decision/decide-evidence.test.ts'
  },
  'evidence-after-the-end': {
    file: 'packages/server/src/core/enrolment/decision/evidence.ts',
    text: '  if (hasEnded(enrolment)) return undefined\n',
    instead: '',
    rule: 'after the end nothing of a machine changes',
    killedBy: 'packages/server/test/core/enrolment/decision/decide-evidence.test.ts'
  },
  'evidence-that-is-not-kept': {
    file: 'packages/server/src/core/enrolment/verbs/approve.ts',
    text: 'const evidence = { at: now.toISOString(), revision, key, name, address, facts, preflight: notPassed }',
    instead:
      'const evidence = enrolment.approval.evidence ?? { at: now.toISOString(), revision, key, name, address, facts, preflight: notPassed }',
    rule: 'the evidence of an approval is kept as it was decided on',
    killedBy: 'packages/server/test/core/enrolment/verbs/approve.test.ts'
  },
  'claim-while-preflight-fails': {
    file: 'packages/server/src/core/enrolment/verbs/claim.ts',
    text: '  if (failing.length === 0) return\n',
    instead: '  return\n',
    rule: 'a machine on which a check fails gets no credential',
    killedBy: 'packages/server/test/core/enrolment/verbs/claim.test.ts'
  },
  'ready-that-goes-back': {
    file: 'packages/protocol/src/enrolment.ts',
    text: "  ready: { recover: 'recovering', retry: 'ready', remove: 'removed' },",
    instead: "  ready: { recover: 'recovering', retry: 'ready', remove: 'removed', register: 'joined' },",
    rule: 'no state goes backwards',
    killedBy: 'packages/protocol/test/enrolment.test.ts'
  },
  'attempt-by-the-clock-of-the-host': {
    file: 'packages/server/src/core/services/agent/claim.ts',
    text: 'clusterNow: cluster.now()',
    instead: 'clusterNow: undefined',
    rule: 'a token ends by the clock of the API server, which takes it',
    killedBy: 'test/journeys/faults/clocks.test.ts'
  },
  'counter-of-anybody': {
    file: 'packages/server/src/core/enrolment/ask/decide-recover.ts',
    text: "given !== undefined && (given === confirmed || given === pending) ? taken : { is: 'stranger' }",
    instead: 'taken',
    rule: 'only the machine that asked last has one of the two values',
    killedBy: 'packages/server/test/core/enrolment/recovery/counter.test.ts'
  },
  'recovery-csr-by-any-certificate': {
    file: 'packages/server/src/core/enrolment/csr/decide-recovery-csrs.ts',
    text: 'csr.credentialId === credentialIdOf(issued.digest)',
    instead: 'true',
    rule: 'only what came by the recovery certificate counts',
    killedBy: 'packages/server/test/core/enrolment/csr/decide-recovery-csrs.test.ts'
  }
}
