import type { Mutant } from './mutant.ts'

const evidence = {
  file: 'packages/server/src/core/enrolment/decision/evidence.ts',
  killedBy: ['packages/server/test/core/enrolment/decision/decide-evidence.test.ts']
}
const conflict = {
  file: 'packages/server/src/core/enrolment/decision/conflict.ts',
  killedBy: ['packages/server/test/core/enrolment/decision/second-key.test.ts']
}
const outcome = {
  file: 'packages/server/src/core/enrolment/verbs/outcome.ts',
  killedBy: ['packages/server/test/core/enrolment/verbs/outcome.test.ts']
}
const approve = {
  file: 'packages/server/src/core/enrolment/verbs/approve.ts',
  killedBy: ['packages/server/test/core/enrolment/verbs/approve.test.ts']
}
const attempts = {
  file: 'packages/server/src/core/enrolment/facts/attempts.ts',
  killedBy: ['packages/server/test/core/enrolment/facts/attempts.test.ts']
}
const claim = {
  file: 'packages/server/src/core/enrolment/verbs/claim.ts',
  killedBy: ['packages/server/test/core/enrolment/verbs/claim.test.ts']
}
const judgeCode = {
  file: 'packages/server/src/core/enrolment/verbs/enrol.ts',
  killedBy: ['packages/server/test/core/enrolment/verbs/judge-code.test.ts']
}
const grant = {
  file: 'packages/server/src/core/enrolment/verbs/grant.ts',
  killedBy: ['packages/server/test/core/enrolment/verbs/decide-grant.test.ts']
}
const decideNode = {
  file: 'packages/server/src/core/enrolment/node/decide-node.ts',
  killedBy: ['packages/server/test/core/enrolment/node/decide-node.test.ts']
}

/** What the server makes of a machine's and an operator's words, and of time. */
export const decisions: readonly Mutant[] = [
  {
    ...evidence,
    name: 'source-address-is-no-evidence',
    text: "  ...changed('source address', before.address, after.address),\n",
    instead: '',
    rule: 'approval covers where the machine is',
    killedBy: [
      'test/journeys/approval/source-address.test.ts',
      'packages/server/test/core/enrolment/decision/decide-evidence.test.ts'
    ]
  },
  {
    ...evidence,
    name: 'name-is-no-evidence',
    text: "  ...changed('name', before.name, after.name),\n",
    instead: '',
    rule: 'approval covers the name'
  },
  {
    ...evidence,
    name: 'facts-are-no-evidence',
    text: '  ...identityFacts.flatMap((fact) => changed(fact, show(before.facts[fact]), show(after.facts[fact])))\n',
    instead: '',
    rule: 'approval covers the identity of the machine'
  },
  {
    ...evidence,
    name: 'seal-key-is-no-evidence',
    text: "before.role === 'control-plane' && before.join.sealKey !== after.join.sealKey",
    instead: 'false',
    rule: 'approval of a control plane covers its seal key'
  },
  {
    ...evidence,
    name: 'join-key-is-no-evidence',
    text: "before.terms.credential === 'certificate'",
    instead: 'false',
    rule: 'approval of who gets a certificate covers its join key'
  },
  {
    ...evidence,
    name: 'evidence-after-the-end',
    text: '  if (hasEnded(enrolment)) return undefined\n',
    instead: '',
    rule: 'after the end nothing of a machine changes'
  },
  {
    ...evidence,
    name: 'clone-goes-on',
    text: 'if (facts.machineId !== enrolment.facts.machineId) {',
    instead: 'if (false) {',
    rule: 'one key with two machine ids is a clone, and freezes'
  },
  {
    ...evidence,
    name: 'keys-change-in-an-attempt',
    text: 'settled ? enrolment.join.key : ',
    instead: '',
    rule: 'what an attempt got is for the keys that were approved'
  },
  {
    ...evidence,
    name: 'name-changes-after-a-claim',
    text: 'enrolment.join.attempts.length === 0 ? (seen.name ?? enrolment.name) : enrolment.name',
    instead: 'seen.name ?? enrolment.name',
    rule: 'after a claim a name is what a credential was given for'
  },
  {
    ...conflict,
    name: 'code-that-stays-open',
    text: 'isCodeClosed(enrolment) ? alertOnly : decideConflict',
    instead: 'decideConflict',
    rule: 'from the approval on, whoever has the code cannot stop the machine'
  },
  {
    ...conflict,
    name: 'conflict-told-again',
    text: '  if (enrolment.conflict.seen.some(same)) return undefined\n',
    instead: '',
    rule: 'the same second key is no news'
  },
  {
    ...conflict,
    name: 'knocks-without-end',
    text: '  if (!freezes && enrolment.conflict.seen.length >= conflictsKept) return undefined\n',
    instead: '',
    rule: 'a loop of knocks does not fill the store'
  },
  {
    file: 'packages/server/src/core/enrolment/verbs/expire.ts',
    name: 'expired-a-millisecond-late',
    text: 'end === undefined || now < end',
    instead: 'end === undefined || now <= end',
    rule: 'a state ends at its time, to the millisecond',
    killedBy: ['packages/server/test/core/enrolment/verbs/expire.test.ts']
  },
  {
    ...outcome,
    name: 'lapsed-a-millisecond-late',
    text: 'open === undefined || now < new Date(open.deadline)',
    instead: 'open === undefined || now <= new Date(open.deadline)',
    rule: 'an attempt ends at its deadline, to the millisecond',
    killedBy: ['packages/server/test/core/enrolment/verbs/expire.test.ts']
  },
  {
    ...outcome,
    name: 'one-attempt-more',
    text: 'number < enrolment.join.lastAttempt',
    instead: 'number <= enrolment.join.lastAttempt',
    rule: 'an approval allows three attempts'
  },
  {
    ...outcome,
    name: 'failure-of-another-attempt',
    text: 'if (openAttempt(enrolment)?.number !== failed.attempt) {',
    instead: 'if (openAttempt(enrolment) === undefined) {',
    rule: 'only the open attempt fails'
  },
  {
    ...outcome,
    name: 'failure-counted-twice',
    text: 'if (known?.failure !== undefined) {',
    instead: 'if (false) {',
    rule: 'a failure that is reported twice counts once'
  },
  {
    ...outcome,
    name: 'closed-after-the-end',
    text: 'return known.closed || hasEnded(enrolment)',
    instead: 'return known.closed',
    rule: 'after the end nothing of an attempt changes'
  },
  {
    ...outcome,
    name: 'progress-of-an-attempt-before',
    text: 'if (present?.number !== attempt || present.stage === stage)',
    instead: 'if (present === undefined || present.stage === stage)',
    rule: 'a stage line of an attempt that is over says nothing'
  },
  {
    ...outcome,
    name: 'ready-after-the-end',
    text: '!hasClaimed(enrolment) || (isRecovering(enrolment)',
    instead: '(isRecovering(enrolment)',
    rule: 'only who joins can be ready'
  },
  {
    ...outcome,
    name: 'ready-with-another-certificate',
    text: '  if (enrolment.join.agentReady !== undefined) return undefined\n',
    instead: '',
    rule: 'the certificate that an agent reported first stays'
  },
  {
    ...approve,
    file: 'packages/server/src/core/enrolment/facts/shown.ts',
    name: 'approval-of-another-revision',
    text: 'shown.revision === revision && shown.key === key',
    instead: 'shown.key === key',
    rule: 'a person approves what the person saw: the revision'
  },
  {
    ...approve,
    file: 'packages/server/src/core/enrolment/facts/shown.ts',
    name: 'approval-of-another-key',
    text: 'shown.revision === revision && shown.key === key',
    instead: 'shown.revision === revision',
    rule: 'a person approves what the person saw: the key'
  },
  {
    ...approve,
    name: 'approval-taken-for-an-older-one',
    text: ' && shown.key === key && approved.revision === shown.revision',
    instead: '',
    rule: 'an approval is a repetition only if it is of the same revision and key'
  },
  {
    ...approve,
    name: 'approval-that-leaves-the-code-open',
    text: '...closeCode(enrolment, now),',
    instead: '...enrolment,',
    rule: 'an approval closes the code'
  },
  {
    ...approve,
    name: 'attempts-without-end',
    text: 'lastAttempt: enrolment.join.attempts.length + attemptLimit',
    instead: 'lastAttempt: Number.MAX_SAFE_INTEGER',
    rule: 'an approval allows three attempts more'
  },
  {
    ...approve,
    name: 'evidence-that-is-not-kept',
    text: 'const evidence = { at: now.toISOString(), revision, key, name, address, facts, preflight: notPassed }',
    instead:
      'const evidence = enrolment.approval.evidence ?? { at: now.toISOString(), revision, key, name, address, facts, preflight: notPassed }',
    rule: 'the evidence of an approval is kept as it was decided on'
  },
  {
    ...attempts,
    name: 'open-attempt-of-who-has-joined',
    text: 'hasOpenAttempt(enrolment) ? attempts.at(-1) : undefined',
    instead: 'attempts.at(-1)',
    rule: 'an attempt is open in joining, and on the way back if one was claimed, and in no other state'
  },
  {
    ...attempts,
    name: 'leftovers-forgotten',
    text: 'attempt !== open && !attempt.tokenDeleted && !attempt.csrDeleted',
    instead: 'false',
    rule: 'what may still be there of an attempt that is over is deleted'
  },
  {
    ...attempts,
    name: 'leftover-that-is-open',
    text: 'attempt !== open && !attempt.tokenDeleted',
    instead: '!attempt.tokenDeleted',
    rule: 'the credential of the open attempt is not deleted'
  },
  {
    ...attempts,
    name: 'machine-words-taken-for-ours',
    text: "failedBy === 'server' ? failure : `as the machine reports it: ${failure}`",
    instead: 'failure',
    rule: 'what a machine says of itself is shown as its claim'
  },
  {
    ...claim,
    name: 'claim-that-opens-a-second-attempt',
    text: '  if (openAttempt(enrolment) !== undefined) return undefined\n',
    instead: '',
    rule: 'a claim that is repeated opens no other attempt',
    killedBy: [...claim.killedBy, 'test/journeys/faults/agent-twin.test.ts']
  },
  {
    ...claim,
    name: 'claim-while-preflight-fails',
    text: '  if (failing.length === 0) return\n',
    instead: '  return\n',
    rule: 'a machine on which a check fails gets no credential'
  },
  {
    ...claim,
    name: 'claim-of-an-earlier-certificate',
    text: 'const { agentReady: ___, ...join } = joining.join',
    instead: 'const { ...join } = joining.join',
    rule: 'the certificate of an attempt before is not the one to come'
  },
  {
    ...judgeCode,
    name: 'code-at-its-end',
    text: 'now >= new Date(code.expires)',
    instead: 'now > new Date(code.expires)',
    rule: 'a code ends at its time, to the millisecond'
  },
  {
    ...judgeCode,
    name: 'code-that-was-revoked',
    text: 'if (code.revoked !== undefined) throw',
    instead: 'if (false) throw',
    rule: 'a revoked code lets nobody in'
  },
  {
    ...judgeCode,
    name: 'code-from-elsewhere',
    text: 'code.from !== undefined && !isWithin(address, code.from)',
    instead: 'false',
    rule: 'a code is good in its networks'
  },
  {
    ...grant,
    name: 'grant-to-another-seal-key',
    text: 'granted.key !== key || granted.sealKey !== sealKey',
    instead: 'granted.key !== key',
    rule: 'a grant is for the seal key that root has read'
  },
  {
    ...grant,
    name: 'grant-a-millisecond-late',
    text: 'grant === undefined || now < new Date(grant.until)',
    instead: 'grant === undefined || now <= new Date(grant.until)',
    rule: 'a grant ends at its time, to the millisecond'
  },
  {
    ...grant,
    name: 'grant-before-the-approval',
    text: '  if (!awaitsClaim(enrolment)) {',
    instead: '  if (false) {',
    rule: 'only who is approved is granted'
  },
  {
    file: 'packages/server/src/core/enrolment/facts/cluster.ts',
    name: 'control-plane-turn-at-its-deadline',
    text: '  now < new Date(enrolment.join.attempts.at(-1)?.deadline ?? 0)',
    instead: '  now <= new Date(enrolment.join.attempts.at(-1)?.deadline ?? 0)',
    rule: 'at its deadline, to the millisecond, a control plane holds up no other',
    killedBy: ['packages/server/test/core/enrolment/verbs/decide-grant.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/verbs/release.ts',
    name: 'release-to-anybody',
    text: 'if (key !== enrolment.key && other === undefined) {',
    instead: 'if (false) {',
    rule: 'a release names a key that presented the code',
    killedBy: ['packages/server/test/core/enrolment/verbs/release.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/name/whose-name.ts',
    name: 'name-of-who-froze-after-a-claim',
    text: ' || (isFrozen(enrolment) && enrolment.join.attempts.length > 0)',
    instead: '',
    rule: 'who froze after a claim has the name, too',
    killedBy: ['packages/server/test/core/enrolment/name/whose-name.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/verbs/attempt-times.ts',
    name: 'clock-that-gives-more-time',
    text: 'Math.min(left, lifetime)',
    instead: 'left',
    rule: 'a clock that was set back gives nobody more time',
    killedBy: ['packages/server/test/core/enrolment/verbs/attempt-times.test.ts']
  },
  {
    ...decideNode,
    name: 'silence-a-millisecond-short',
    text: 'if (now.getTime() - Date.parse(since) < silenceLimit) return undefined',
    instead: 'if (now.getTime() - Date.parse(since) < silenceLimit - 1) return undefined',
    rule: 'an agent is waited for ten minutes, to the millisecond'
  },
  {
    ...decideNode,
    name: 'ready-without-the-certificate',
    text: "enrolment.join.agentReady === undefined || held !== 'as-issued'",
    instead: 'enrolment.join.agentReady === undefined',
    rule: 'ready means that the agent holds the certificate that was issued'
  },
  {
    ...decideNode,
    name: 'ready-without-labels',
    text: '  if (lacksLabels(enrolment)) return undefined\n',
    instead: '',
    rule: 'a Node is ready when it has the labels and taints of its code'
  },
  {
    file: 'packages/protocol/src/enrolment.ts',
    name: 'ready-that-goes-back',
    text: "  ready: { recover: 'recovering', retry: 'ready', remove: 'removed' },",
    instead: "  ready: { recover: 'recovering', retry: 'ready', remove: 'removed', register: 'joined' },",
    rule: 'no state goes backwards',
    killedBy: ['packages/protocol/test/enrolment.test.ts']
  }
]
