import type { Mutant } from './mutant.ts'

const way = 'packages/agent/src/way-back'
const judge = {
  file: `${way}/judge-kubelet.ts`,
  killedBy: ['packages/agent/test/way-back/judge-kubelet.test.ts']
}
const planned = {
  file: `${way}/plan-way-back.ts`,
  killedBy: ['packages/agent/test/way-back/plan-way-back.test.ts']
}
const credential = { file: `${way}/judge-credential.ts`, killedBy: ['test/rehearsal/way-back-lies.test.ts'] }
const cuts = { file: `${way}/steps.ts`, killedBy: ['test/rehearsal/way-back-cut.test.ts'] }

const boot = {
  file: `${way}/close-interrupted-way-back.ts`,
  killedBy: ['test/journeys/way-back/interrupted.test.ts']
}

/** When the way back is taken, and what it believes and leaves. */
export const wayBackMachine: readonly Mutant[] = [
  {
    ...judge,
    name: 'expired-by-401-alone',
    text: '  if (notAfter <= date) {',
    instead: '  if (true) {',
    rule: 'a certificate is over by the API server’s clock, never by a 401 alone'
  },
  {
    ...judge,
    name: 'expired-by-this-machines-clock',
    text: '  if (date === undefined) return unknown(`${server} answers 401, and does not say what time it is`)\n  if (notAfter <= date) {',
    instead: '  if (notAfter <= (date ?? Date.now())) {',
    rule: 'this machine’s clock never says that a certificate is over'
  },
  {
    ...judge,
    name: 'way-back-of-a-kubelet-that-runs',
    text: "if (kubelet?.state === 'runs' && !kubelet.refused && api?.answer !== 'untrusted') {",
    instead: 'if (false) {',
    rule: 'a kubelet that runs with a certificate in memory is left alone'
  },
  {
    ...judge,
    name: 'authority-of-a-control-plane-replaced',
    text: "if (controlPlane !== undefined && verdict.is !== 'way-back') return",
    instead: 'if (false) return',
    rule: 'a control plane has the CA itself, and is never given another one'
  },
  {
    ...planned,
    name: 'credential-that-was-left-stays',
    text: "return sight.bootstrapConf ? { do: 'clear' } : planVerdict(situation)",
    instead: 'return planVerdict(situation)',
    rule: 'a credential that an interrupted way back left is removed before anything else'
  },
  {
    ...planned,
    name: 'old-certificate-taken-for-the-new',
    text: "const isOld = pem.state !== 'whole' || pem.certificate.serial === before",
    instead: "const isOld = pem.state !== 'whole'",
    rule: 'the way back has come to its end when the certificate is another one'
  },
  {
    ...planned,
    name: 'kubelet-restarted-again-and-again',
    text: "if (kubelet?.state === 'runs' && !restarted) return",
    instead: "if (kubelet?.state === 'runs') return",
    rule: 'the kubelet is restarted once'
  },
  {
    ...credential,
    name: 'credential-for-another-key',
    text: "  if (fingerprint(leaf.publicKey) !== key) return 'its certificate is for another key'\n",
    instead: '',
    rule: 'a certificate that is not for the key of this machine is not placed'
  },
  {
    ...credential,
    name: 'credential-for-another-name',
    text: '  if (credential.nodeName !== nodeName) return `it is for another Node: ${credential.nodeName}`\n',
    instead: '',
    rule: 'a credential for another name is not placed'
  },
  {
    ...credential,
    name: 'credential-that-was-not-tried',
    file: `${way}/steps.ts`,
    text: '  if (taken.status === 401) return `${way.server} does not take its certificate`\n',
    instead: '',
    rule: 'a credential that the API server does not take is not placed'
  },
  {
    ...cuts,
    name: 'value-settled-before-the-key-is-removed',
    text: '  await key.remove()\n  const { pem } = situation.sight\n',
    instead: '  await record.settle(situation.record.next)\n  await key.remove()\n  const { pem } = situation.sight\n',
    rule: 'the value is settled last, so that a power cut leaves no key'
  },
  {
    ...cuts,
    name: 'value-asked-with-before-it-is-kept',
    text: 'const next = await record.next(newValue)',
    instead: 'const next = situation.record.next ?? newValue()',
    rule: 'the value that follows is on the disk before the server hears of it'
  },
  {
    ...boot,
    name: 'credential-left-at-boot',
    text: '  await files.remove(paths.bootstrapConf)\n',
    instead: '',
    rule: 'the kubelet never finds the credential of an interrupted way back'
  },
  {
    ...cuts,
    killedBy: ['test/journeys/way-back/interrupted.test.ts'],
    name: 'interrupted-untold',
    text: 'placed !== undefined && placed.bootId !== bootId ? placed.attempt : undefined',
    instead: 'undefined',
    rule: 'after a reboot the machine claims another attempt than the one that it had placed'
  }
]
