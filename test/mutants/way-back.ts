import type { Mutant } from './mutant.ts'

const csrs = {
  file: 'packages/server/src/core/enrolment/csr/decide-recovery-csrs.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/decide-recovery-csrs.test.ts']
}
const counter = {
  file: 'packages/server/src/core/enrolment/ask/decide-recover.ts',
  killedBy: ['packages/server/test/core/enrolment/recovery/counter.test.ts']
}
const recover = {
  file: 'packages/server/src/core/enrolment/ask/decide-recover.ts',
  killedBy: ['packages/server/test/core/enrolment/ask/decide-recover.test.ts']
}
const refused = {
  file: 'packages/server/src/core/enrolment/ask/refused-recovery.ts',
  killedBy: ['test/journeys/way-back/bad-input.test.ts']
}
const claim = {
  file: 'packages/server/src/core/enrolment/recovery/decide-recovery-claim.ts',
  killedBy: ['test/journeys/way-back/interrupted.test.ts']
}
const heard = {
  file: 'packages/server/src/core/enrolment/ask/judge-heard.ts',
  killedBy: ['packages/server/test/core/enrolment/ask/judge-heard.test.ts']
}
const back = { killedBy: ['test/journeys/way-back/back.test.ts'] }

/** Who comes back, by what, and what a copy of the disk may not do. */
export const wayBack: readonly Mutant[] = [
  {
    ...csrs,
    name: 'recovery-csr-by-any-certificate',
    text: 'csr.credentialId === credentialIdOf(issued.digest)',
    instead: 'true',
    rule: 'only what came by the recovery certificate counts'
  },
  {
    ...csrs,
    name: 'recovery-csr-of-before',
    text: ' || csr.created < new Date(issued.since)',
    instead: '',
    rule: 'a request from before the certificate is none of this way back'
  },
  {
    ...csrs,
    name: 'recovery-csr-hostile',
    text: "isKubeletCsr(csr, name, nodesGroup) ? 'note' : 'hostile'",
    instead: "'note'",
    rule: 'what no kubelet asks for is never noted'
  },
  {
    ...claim,
    name: 'interrupted-without-end',
    text: 'count > interruptionsAtMost',
    instead: 'false',
    rule: 'a machine that says that it is interrupted costs the cluster a few certificates'
  },
  {
    ...claim,
    name: 'interrupted-attempt-of-before',
    text: 'open.number !== interrupted',
    instead: 'interrupted === undefined',
    rule: 'only the open attempt can be interrupted, so that a lost answer opens no other one'
  },
  {
    ...claim,
    name: 'interrupted-and-open',
    text: 'enrolment: withAttempt(enrolment, number, { failure }),',
    instead: 'enrolment,',
    rule: 'an attempt that a reboot interrupted has failed, and says why'
  },
  {
    ...csrs,
    killedBy: ['test/journeys/way-back/interrupted.test.ts'],
    name: 'recovery-csr-of-the-attempt-before',
    text: 'if (isOfAttemptBefore(csr, enrolment, attempt)) continue',
    instead: '',
    rule: 'a request of the interrupted attempt is no alert of another credential'
  },
  {
    ...counter,
    name: 'counter-of-anybody',
    text: "given !== undefined && (given === confirmed || given === pending) ? taken : { is: 'stranger' }",
    instead: 'taken',
    rule: 'only the machine that asked last has one of the two values'
  },
  {
    ...counter,
    name: 'counter-after-a-lost-answer',
    text: 'given === confirmed || given === pending',
    instead: 'given === pending',
    rule: 'a lost answer freezes nobody'
  },
  {
    ...counter,
    name: 'counter-first-ask-with-a-value',
    text: "given === undefined ? taken : { is: 'stranger' }",
    instead: 'taken',
    rule: 'a machine that never asked has no value'
  },
  {
    ...recover,
    name: 'recovery-auto-without-end',
    text: 'lastYear.length >= times',
    instead: 'lastYear.length > times',
    rule: 'a policy approves N times a year and no more'
  },
  {
    ...recover,
    name: 'recovery-auto-with-doubts',
    text: 'times > 0 && doubts.length === 0',
    instead: 'times > 0',
    rule: 'a policy approves no machine of which something is new'
  },
  {
    ...refused,
    name: 'recovery-of-a-banned-name',
    text: 'banned || bansItsName(enrolment)',
    instead: 'bansItsName(enrolment)',
    rule: 'nobody comes back under a name that is banned'
  },
  {
    ...refused,
    name: 'recovery-while-ready',
    text: "node?.ready !== 'True' || (isRecovering",
    instead: 'true || (isRecovering',
    rule: 'a Node that is Ready needs no way back'
  },
  {
    ...heard,
    name: 'recovery-lease-of-tomorrow',
    text: 'Math.abs(now.getTime() - renewed.getTime())',
    instead: '(now.getTime() - renewed.getTime())',
    rule: 'a Lease with a time in the future renews nothing'
  },
  {
    ...heard,
    name: 'recovery-first-ask-alerts',
    text: 'becameReady || isNoticed ?',
    instead: 'true ?',
    rule: 'the first ask while the Node is still Ready alerts nobody'
  },
  {
    ...recover,
    name: 'recovery-auto-while-ready',
    text: '  if (isSilent)\n',
    instead: '  if (false)\n',
    rule: 'no policy lets a machine come back whose Node is called Ready'
  },
  {
    ...refused,
    name: 'recovery-of-another-machine',
    text: 'machineId !== approved.machineId',
    instead: 'false',
    rule: 'a machine with another machine id is not the one that was approved'
  },
  {
    ...back,
    file: 'packages/server/src/core/enrolment/recovery/decide-recovery-claim.ts',
    name: 'recovery-claim-without-approval',
    text: "recovery?.state === 'approved' && ",
    instead: '',
    rule: 'nothing is given before an approval'
  },
  {
    killedBy: ['packages/server/test/core/enrolment/node/decide-recovery-node.test.ts'],
    file: 'packages/server/src/core/enrolment/node/decide-node.ts',
    name: 'recovery-ready-by-any-certificate',
    text: " || judgeHeld(enrolment) !== 'as-issued'",
    instead: '',
    rule: 'the machine is back only with the certificate that was issued to it'
  },
  {
    ...refused,
    file: 'packages/server/src/core/enrolment/recovery/end-recovery.ts',
    name: 'recovery-end-leaves-its-request',
    text: 'attempt === undefined ? enrolment : withAttempt(',
    instead: 'attempt !== undefined ? enrolment : withAttempt(',
    rule: 'an attempt that ended has failed, with its reason'
  }
]
