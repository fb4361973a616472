import { type Enrolment, type EnrolmentDetail, type NameHolder, ProblemError } from '@joinery/protocol'
import { ago, detail, enrolment, key } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import type { Terminal } from '../../src/terminal/terminal.ts'

const former: Enrolment = { ...enrolment, id: 'e0', state: 'ready' }
const approved: Enrolment = { ...enrolment, state: 'approved', revision: 5 }
const node = {
  uid: 'n1',
  created: ago(90_000),
  condition: 'Unknown' as const,
  message: 'NodeStatusUnknown: Kubelet stopped posting node status.',
  labels: { rack: 'r7', 'kubernetes.io/hostname': 'node-1' },
  taints: [{ key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute' as const }]
}
const pods = [{ namespace: 'default', name: 'web-1', controller: 'ReplicaSet' }]
const inUse = () => {
  throw new ProblemError('name-in-use', {
    detail: 'node-1 is in use: Pod default/web-1 is bound to node-1',
    remedy: 'again'
  })
}

interface Given {
  all?: Enrolment[]
  holders?: NameHolder[]
  approvals?: (() => Enrolment)[]
  shown?: EnrolmentDetail[]
  words?: string[]
  terminal?: Partial<Terminal>
}

/** Approves node-1 in place of its Node. What comes in turn is given in turn, and the last of it for ever. */
const replace = async (t: Test, given: Given = {}) => {
  const {
    all = [former, enrolment],
    holders = [{ node, pods }],
    approvals = [() => approved],
    shown = [detail],
    words = [],
    terminal = {}
  } = given
  const inTurn = <T>(list: readonly T[]) => {
    let turn = 0
    return () => list[Math.min(turn++, list.length - 1)] as T
  }
  const [show, holder, approve] = [inTurn(shown), inTurn(holders), inTurn(approvals)]
  const answers: Answers = { list: () => ({ items: all }), show, holder, approve: () => approve()() }
  const { socket, calls } = await serveOperators(t, answers)
  const [questions, run, pauses] = [[] as string[], [] as string[], [] as number[]]
  const result = await runWith(['approve', 'node-1', '--replace', ...words], {
    socket,
    ask: async (question) => {
      questions.push(question)
      return question.startsWith('Type') ? 'node-1' : 'y'
    },
    exec: async (argv) => {
      run.push(argv.join(' '))
      return ''
    },
    pause: async (milliseconds) => void pauses.push(milliseconds),
    ...terminal
  })
  const sent = calls.filter(({ route }) => route === 'approve').map(({ reference, body }) => [reference, body])
  return { ...result, questions, run, pauses, sent, calls }
}

t.test('approve --replace shows machine and Node, asks, drains, and replaces exactly that Node', async (t) => {
  const { exitCode, out, err, questions, run, sent, calls } = await replace(t)
  t.same({ exitCode, out }, { exitCode: 0, out: 'enrolment/node-1 approved\n' })
  t.same(questions, ['Approve node-1? [y/N] ', 'Type node-1 to replace it: '])
  t.match(run, [/^kubectl .* drain node-1 --ignore-daemonsets --delete-emptydir-data --timeout=5m$/])
  t.same(sent, [['e1', { revision: 3, key, replace: { uid: 'n1' } }]])
  t.equal(calls[1]?.reference, 'e1', 'the one that waits, not the one that has the name')
  t.match(err, /^Name: +node-1\n[\s\S]*\nKey: +4f1c-22ab-0000-0000-0000\n/)
  t.match(err, /\nNode node-1: Unknown, NodeStatusUnknown: .*, age 25h; the new Node gets: label rack=r7\nPods that/)
  t.match(err, /\nThe Node is not Ready: a drain waits/)
  t.match(
    err,
    /certificate is good for the name up to a year\. The ban of the name ends when the new machine claims\.\n/
  )
})

t.test('approve --replace waits for the Pods, and goes on with the evidence at the server by then', async (t) => {
  const { exitCode, err, pauses, sent } = await replace(t, {
    holders: [{ node, pods }, { pods }],
    approvals: [inUse, inUse, () => approved],
    shown: [detail, { ...detail, revision: 4 }]
  })
  t.equal(exitCode, 0)
  t.same(pauses, [2000, 2000])
  t.same(
    sent.map(([, body]) => (body as { revision: number }).revision),
    [3, 4, 4]
  )
  t.equal(err.match(/waiting until Kubernetes has taken the Pods away/g)?.length, 1, 'said once')
})

t.test('approve --replace tries once more if the last Pod went between the refusal and the look', async (t) => {
  const { exitCode, sent } = await replace(t, {
    holders: [{ node, pods }, { pods: [] }],
    approvals: [inUse, () => approved]
  })
  t.same([exitCode, sent.length], [0, 2])
  const kept = await replace(t, { holders: [{ node, pods }, { pods: [] }], approvals: [inUse] })
  t.same([kept.exitCode, kept.sent.length], [6, 2], 'somebody else has the name')
})

t.test('approve --replace does not wait for ever, and then says how to go on', async (t) => {
  const { exitCode, err, pauses } = await replace(t, { holders: [{ node, pods }, { pods }], approvals: [inUse] })
  t.equal(exitCode, 6)
  t.equal(pauses.length, 89)
  t.match(err, /\nerror: node-1 is in use: Pod default\/web-1 .*\nremedy: again\n$/)
})

t.test('a machine that becomes another one meanwhile, or looks worse, is not approved', async (t) => {
  const preflight = [...detail.preflight, { name: 'mtu', verdict: 'fail' as const, finding: 'small' }]
  const others: Partial<EnrolmentDetail>[] = [
    { address: '10.0.0.99' },
    { facts: { ...detail.facts, serial: 'SN-2' } },
    { sealKey: 'a.b.c' },
    { preflight }
  ]
  for (const other of others) {
    const { exitCode, err, sent } = await replace(t, {
      holders: [{ node, pods }, { pods }],
      approvals: [inUse],
      shown: [detail, { ...detail, ...other }]
    })
    t.same([exitCode, sent.length], [6, 1], JSON.stringify(other))
    t.match(
      err,
      /the evidence of node-1 has changed since it was shown\nremedy: look again: joinery show e1/,
      JSON.stringify(other)
    )
  }
})

t.test('approve --replace does not wait for another user of the name', async (t) => {
  const { exitCode, pauses } = await replace(t, { approvals: [inUse] })
  t.same([exitCode, pauses], [6, []])
})

t.test('approve --replace that runs again after the Node is gone neither asks for the name nor drains', async (t) => {
  const { exitCode, questions, run, sent, pauses } = await replace(t, {
    holders: [{ pods }],
    approvals: [inUse, () => approved]
  })
  t.same([exitCode, questions, run, pauses.length], [0, ['Approve node-1? [y/N] '], [], 1])
  t.same(sent[0], ['e1', { revision: 3, key }])
})

t.test('another answer, or a drain that fails, changes nothing', async (t) => {
  for (const ask of [async () => 'y', async () => 'n', async () => '']) {
    const no = await replace(t, { terminal: { ask } })
    t.same([no.exitCode, no.run, no.sent], [1, [], []], String(ask))
  }
  const exec = async () => {
    throw new Error('kubectl failed: a PodDisruptionBudget')
  }
  const stuck = await replace(t, { terminal: { exec } })
  t.same([stuck.exitCode, stuck.sent], [1, []])
  t.match(
    stuck.err,
    /node-1 is not drained, .*PodDisruptionBudget\nremedy: .*joinery approve e1 --replace --no-drain\n/
  )
})

t.test('--no-drain and --yes are for a machine that is dead, and for scripts', async (t) => {
  const { exitCode, questions, run, sent } = await replace(t, { words: ['--no-drain', '--yes'] })
  t.same([exitCode, questions, run, sent.length], [0, [], [], 1])
})

t.test('a control plane that joined by hand is not drained, because the server refuses it', async (t) => {
  const labels = { 'node-role.kubernetes.io/control-plane': '' }
  const refuses = () => {
    throw new ProblemError('illegal-event', { detail: 'node-1 is a control plane' })
  }
  const { exitCode, run, questions } = await replace(t, {
    all: [enrolment],
    holders: [{ node: { ...node, labels }, pods }],
    approvals: [refuses]
  })
  t.same([exitCode, run, questions], [6, [], ['Approve node-1? [y/N] ']])
})

t.test('approve --replace takes one name, and needs --yes without a terminal', async (t) => {
  t.match(await replace(t, { words: ['node-2'] }), { exitCode: 2, sent: { length: 0 }, err: /one machine at a time/ })
  const answers: Answers = {
    list: () => ({ items: [enrolment] }),
    show: () => detail,
    holder: () => ({ node, pods: [] })
  }
  const mute = await joinery(t, answers, 'approve', 'node-1', '--replace')
  t.match(mute, {
    exitCode: 2,
    err: /nothing is approved; there is no terminal to ask on\nremedy: .*--yes/,
    calls: { length: 0 }
  })
  // the machine was seen, and what makes room for it was not
  const seen = await joinery(t, answers, 'approve', 'node-1', '--replace', '--revision', '3')
  t.match(seen, { exitCode: 2, err: /its machine stays out; there is no terminal to ask on\nremedy: .*--yes/ })
  t.notOk(seen.calls.some(({ route }) => route === 'approve'))
})

t.test('an approval of another machine’s name says until when that machine could come back', async (t) => {
  const of = (certificateExpires?: string) =>
    joinery(
      t,
      {
        show: () => detail,
        approve: () => ({ ...approved, former: { enrolment: 'e0', ...(certificateExpires && { certificateExpires }) } })
      },
      'approve',
      'node-1',
      '--yes'
    )
  t.match(
    (await of('2027-06-01T00:00:00.000Z')).err,
    /good for the name until 2027-06-01T00:00:00Z, longer if it was renewed/
  )
  t.match((await of()).err, /good for the name up to a year/)
  const { err } = await joinery(t, { show: () => detail, approve: () => approved }, 'approve', 'node-1', '--yes')
  t.notMatch(err, /another machine/)
})
