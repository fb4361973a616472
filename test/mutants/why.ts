import type { Mutant } from './mutant.ts'

const placement = {
  file: 'packages/server/src/core/enrolment/prefetch/placement.ts',
  killedBy: ['packages/server/test/core/enrolment/prefetch/placement.test.ts']
}
const causes = {
  file: 'packages/server/src/features/diagnosis/why/judge-causes.ts',
  killedBy: ['packages/server/test/features/diagnosis/why/judge-causes.test.ts']
}
const silence = {
  file: 'packages/server/src/features/diagnosis/why/silence.ts',
  killedBy: ['packages/server/test/features/diagnosis/why/judge-causes.test.ts']
}
const reported = {
  file: 'packages/server/src/features/diagnosis/why/reported.ts',
  killedBy: ['packages/server/test/features/diagnosis/why/reported.test.ts']
}
const firstCause = {
  file: 'packages/server/src/features/diagnosis/why/first-cause.ts',
  killedBy: ['packages/server/test/features/diagnosis/why/first-cause.test.ts']
}
const dialBack = {
  file: 'packages/server/src/features/dial-back/dial-back.ts',
  killedBy: ['packages/server/test/features/dial-back/dial-back.test.ts']
}

const disks = {
  file: 'packages/agent/src/machine/why/judge/machine.ts',
  killedBy: ['packages/agent/test/machine/why/decide-causes.test.ts']
}

/** Why a Node is not Ready: what a machine may say of it, what the server keeps, and whom it calls. */
export const why: readonly Mutant[] = [
  {
    name: 'ready-with-what-the-machine-said-before',
    file: 'packages/server/src/features/diagnosis/why/tell-why.ts',
    text: "from === 'cluster' && besideReady.has(code)",
    instead: 'besideReady.has(code)',
    rule: 'a Node that is Ready has no cause that its machine told while it was not',
    killedBy: ['packages/server/test/features/diagnosis/why/tell-why.test.ts']
  },
  {
    ...disks,
    name: 'disk-that-nobody-saw-has-room',
    text: '  disks.length > 0 &&\n',
    instead: '',
    rule: 'what a journal says of a full disk is over only if each disk was seen to have room'
  },
  {
    ...reported,
    name: 'machine-says-anything',
    text: "from !== 'machine' || !machineCodes.includes(code)",
    instead: "from !== 'machine'",
    rule: 'a machine reports only what a machine can see',
    killedBy: [...reported.killedBy, 'test/journeys/why/hostile-reports.test.ts']
  },
  {
    ...reported,
    name: 'machine-speaks-for-the-cluster',
    text: "from !== 'machine' || !machineCodes.includes(code)",
    instead: '!machineCodes.includes(code)',
    rule: 'no report is shown as what the cluster saw'
  },
  {
    ...reported,
    name: 'report-after-the-end',
    text: 'attempts.length === 0 || !mayHaveNode(enrolment) || ',
    instead: '',
    rule: 'after the end nothing of a machine changes'
  },
  {
    ...reported,
    name: 'remedy-of-a-machine',
    text: '  remedy: []\n',
    instead: '  remedy: [text]\n',
    rule: 'no remedy of a machine reaches an operator'
  },
  {
    ...reported,
    name: 'report-without-limit',
    text: 'evidence.slice(0, linesKept)',
    instead: 'evidence',
    rule: 'what is kept of a report is bounded'
  },
  {
    ...reported,
    name: 'word-against-the-lease',
    text: 'renewed > new Date(reported.at)',
    instead: 'renewed < new Date(reported.at)',
    rule: 'a Lease that was renewed since disproves a machine',
    killedBy: ['packages/server/test/features/diagnosis/why/judge-causes.test.ts']
  },
  {
    ...causes,
    name: 'machine-hides-the-cluster',
    text: 'Math.min(claims.length, placesOfMachine)',
    instead: 'claims.length',
    rule: 'a machine hides nothing that the cluster shows'
  },
  {
    ...causes,
    name: 'stale-pods',
    text: 'if (isSilent(reading, now)) return',
    instead: 'if (false) return',
    rule: 'of a Node that is not heard, what the cluster shows is of before'
  },
  {
    ...silence,
    name: 'silence-by-one-lease',
    text: 'return isLost || (age',
    instead: 'return (age',
    rule: 'a Node that the control plane has lost is silent, also without a Lease'
  },
  {
    ...silence,
    name: 'old-word-is-fresh',
    text: 'now.getTime() - Date.parse(reported.at) <= reportFresh',
    instead: 'true',
    rule: 'only a fresh report shows that a machine reaches the server'
  },
  {
    ...firstCause,
    name: 'late-answer',
    text: "node.condition === 'Ready' || ",
    instead: '',
    rule: 'an answer that comes late says nothing about a Node that is Ready',
    killedBy: [...firstCause.killedBy, 'test/journeys/why/faults.test.ts']
  },
  {
    ...firstCause,
    name: 'cause-of-another-node',
    text: 'node?.uid !== uid || ',
    instead: 'node === undefined || ',
    rule: 'a cause is of the Node that was looked at'
  },
  {
    ...firstCause,
    name: 'flapping-cause',
    text: 'if (same === undefined) {',
    instead: 'if (true) {',
    rule: 'a cause that comes again soon is the same entry'
  },
  {
    ...dialBack,
    name: 'knock-at-a-claim',
    text: '!facts.addresses.includes(address) || ',
    instead: '',
    rule: 'the server knocks only where the machine itself is'
  },
  {
    ...dialBack,
    name: 'knocks-without-slots',
    text: 'if (!hasSlot(this.#taken(dialled), budgets.dialBack.slots)) return undefined\n',
    instead: '\n',
    rule: 'a knock takes a slot of dials'
  },
  {
    ...placement,
    name: 'tolerates-not-ready',
    text: "exists('node.kubernetes.io/not-ready', 'NoExecute')",
    instead: "exists('node.kubernetes.io/not-ready', 'NoSchedule')",
    rule: 'the controller tolerates not-ready only for what runs already'
  },
  {
    ...placement,
    name: 'empty-term-fits',
    text: '      expressions.length + fields.length > 0 &&\n',
    instead: '',
    rule: 'a term that asks for nothing fits no Node'
  },
  {
    name: 'cause-outlives-ready',
    file: 'packages/server/src/core/enrolment/node/decide-node.ts',
    text: "status?.condition === 'Ready' || status?.condition === 'Gone' ? withoutCause(known) : known",
    instead: 'known',
    rule: 'what is kept of a Node that is not Ready goes when it is',
    killedBy: ['test/journeys/why/why.test.ts']
  },
  {
    name: 'missing-plugin-in-two-sentences',
    file: 'packages/server/src/core/enrolment/decision/describe.ts',
    text: "['cni-missing', 'plugin-missing']",
    instead: "['cni-missing']",
    rule: 'the server has one sentence for a machine that waits for the network plugin',
    killedBy: ['test/journeys/why/why.test.ts']
  },
  {
    name: 'plugin-hides-a-cause',
    file: 'packages/server/src/core/enrolment/decision/describe.ts',
    text: 'waitsForPlugin && saidByWaiting.has(cause?.code)',
    instead: 'waitsForPlugin',
    rule: 'a cause that says more than the kubelet does is told',
    killedBy: ['test/journeys/why/why.test.ts']
  },
  {
    name: 'machine-is-told-the-cause',
    file: 'packages/server/src/core/enrolment/decision/describe.ts',
    text: 'cause !== undefined && !isKnown && !steady && names',
    instead: 'cause !== undefined && !isKnown && !steady',
    rule: 'no machine is told the name of another',
    killedBy: ['packages/server/test/core/enrolment/views.test.ts']
  },
  {
    name: 'causes-without-budget',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'if (!isNews || this.#changes.take(id) > 0) return\n',
    instead: 'if (!isNews) return\n',
    rule: 'a machine causes a bounded number of writes by what it says',
    killedBy: ['test/journeys/why/hostile-reports.test.ts']
  },
  {
    name: 'knocks-each-time',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'now - last.at < budget.knocks.each',
    instead: 'false',
    rule: 'a machine is knocked at once a minute',
    killedBy: ['test/journeys/why/silent.test.ts']
  },
  {
    name: 'answer-of-a-knock-is-forgotten',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'now - at >= budget.knocks.each',
    instead: '!ids.has(id)',
    rule: 'the answer to a knock stays until the machine may be knocked at again',
    killedBy: ['test/journeys/why/silent.test.ts']
  },
  {
    name: 'knock-under-way-says-nothing',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'this.#knocked.set(id, { at: now, renewed, answer })\n',
    instead: 'await answer\n    this.#knocked.set(id, { at: now, renewed, answer })\n',
    rule: 'who looks while a knock is under way waits for its answer',
    killedBy: ['test/journeys/why/silent.test.ts']
  },
  {
    name: 'answer-of-another-silence',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'last.renewed === renewed ? last.answer : undefined',
    instead: 'last.answer',
    rule: 'the answer to a knock is about the silence in which it was given',
    killedBy: ['test/journeys/why/silent.test.ts']
  },
  {
    name: 'cause-of-before',
    file: 'packages/server/src/features/diagnosis/why/judge-causes.ts',
    text: '  if (hasComeBack(reading, now)) return [...lasting(), judgeReturn(reading)]\n',
    instead: '',
    rule: 'of a kubelet that is heard again nothing is judged that it said before',
    killedBy: ['packages/server/test/features/diagnosis/why/judge-causes.test.ts']
  },
  {
    name: 'cause-of-a-moment',
    file: 'packages/server/src/features/diagnosis/diagnoses.ts',
    text: 'look === undefined || hasComeBack(look.reading, this.#now())',
    instead: 'look === undefined',
    rule: 'the seconds until a kubelet has said how its Node is are no entry of the timeline',
    killedBy: ['test/journeys/why/silent.test.ts']
  }
]
