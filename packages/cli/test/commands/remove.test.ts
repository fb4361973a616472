import { type EnrolmentDetail, type NameHolder, ProblemError, type State, states } from '@joinery/protocol'
import { detail, enrolment, now } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import type { Terminal } from '../../src/terminal/terminal.ts'

const attempt = { number: 1, claimed: now.toISOString(), deadline: now.toISOString() }
const ready: EnrolmentDetail = { ...detail, state: 'ready', attempts: [attempt] }
const node = { uid: 'n1', created: now.toISOString(), condition: 'Ready' as const, message: '', labels: {}, taints: [] }
const pods = [
  { namespace: 'default', name: 'web-1', controller: 'ReplicaSet' },
  { namespace: 'kube-system', name: 'kube-proxy-x', controller: 'DaemonSet' },
  { namespace: 'kube-system', name: 'static', controller: 'Node' }
]

interface Given {
  shown?: EnrolmentDetail
  holder?: NameHolder
  message?: string
  words?: string[]
  terminal?: Partial<Terminal>
}

/** Removes node-1 with somebody at the terminal who types its name, and a kubectl that drains. */
const remove = async (t: Test, given: Given = {}) => {
  const { shown = ready, holder = { node, pods }, message = 'removed', words = [], terminal = {} } = given
  const { socket, calls } = await serveOperators(t, {
    show: () => shown,
    holder: () => holder,
    remove: () => ({ ...enrolment, state: 'removed', attempts: shown.attempts, message })
  })
  const [questions, run] = [[] as string[], [] as string[]]
  const ask = async (question: string) => {
    questions.push(question)
    return 'node-1'
  }
  const exec: Terminal['exec'] = async (argv) => {
    run.push(argv.join(' '))
    return ''
  }
  const result = await runWith(['remove', 'node-1', ...words], { socket, ask, exec, ...terminal })
  return { ...result, questions, run, asked: calls.map(({ route, reference }) => `${route} ${reference}`) }
}

t.test(
  'remove shows what runs there, asks for the name, drains, and then removes exactly that enrolment',
  async (t) => {
    const { exitCode, out, err, questions, run, asked } = await remove(t)
    t.same({ exitCode, out }, { exitCode: 0, out: 'enrolment/node-1 removed\n' })
    t.same(questions, ['Type node-1 to remove it: '])
    const drain = 'drain node-1 --ignore-daemonsets --delete-emptydir-data --timeout=5m'
    t.same(run, [`kubectl --kubeconfig /etc/kubernetes/admin.conf ${drain}`])
    t.same(asked, ['show node-1', 'holder e1', 'remove e1'])
    t.match(
      err,
      /^Pods that are evicted, .*:\n +POD +MANAGED BY\n +default\/web-1 +ReplicaSet\nnode-1 is ready: removing it/
    )
    t.match(err, /\nLeft to do on the machine.*\n {2}kubeadm reset --force/)
  }
)

t.test('kubectl gets the kubeconfig of the command, and the time', async (t) => {
  const ways: [string[], Partial<Terminal>, string][] = [
    [['--drain-timeout', '1h30m'], {}, 'kubectl --kubeconfig /etc/kubernetes/admin.conf drain node-1'],
    [[], { kubeconfig: '/home/me/config' }, 'kubectl drain node-1']
  ]
  for (const [words, terminal, begins] of ways) {
    const { run } = await remove(t, { words, terminal })
    t.ok(run[0]?.startsWith(begins), begins)
    t.ok(run[0]?.endsWith(words.length > 0 ? '--timeout=1h30m' : '--timeout=5m'), words.join(' '))
  }
  t.match(await remove(t, { words: ['--drain-timeout', 'soon'] }), {
    exitCode: 2,
    run: { length: 0 },
    asked: { length: 0 }
  })
  const both = await remove(t, { words: ['--socket', '/s', '--kubeconfig', 'a b.conf'] })
  t.match(both, {
    exitCode: 2,
    run: { length: 0 },
    asked: { length: 0 },
    err: /--socket names the pairing server, and --kubeconfig .* name a cluster/
  })
})

t.test('remove changes nothing if the drain fails, and says what to do', async (t) => {
  const fails: [Error, RegExp][] = [
    [
      new Error('kubectl failed: cannot delete Pods that declare no controller'),
      /removed: kubectl failed: cannot delete/
    ],
    [Object.assign(new Error('spawn kubectl ENOENT'), { code: 'ENOENT' }), /removed: there is no kubectl here/]
  ]
  for (const [error, message] of fails) {
    const exec = async () => {
      throw error
    }
    const { exitCode, out, err, asked } = await remove(t, { terminal: { exec } })
    t.same({ exitCode, out }, { exitCode: 1, out: '' }, String(error))
    t.match(err, message, String(error))
    t.match(err, /\nremedy: .*the same command again; .* joinery remove node-1 --no-drain\n$/, String(error))
    t.same(asked, ['show node-1', 'holder e1'], String(error))
  }
})

t.test('a name that no Node can have is given to no kubectl', async (t) => {
  for (const name of ['--all', 'a b', '']) {
    const { exitCode, err, run, asked } = await remove(t, { shown: { ...ready, name }, words: ['--yes'] })
    t.same([exitCode, run, asked], [1, [], ['show node-1', 'holder e1']], name)
    t.match(err, `error: no Node can have the name ${name}: nothing is drained\n`, name)
  }
})

t.test('remove --no-drain takes a dead machine', async (t) => {
  const holder = { node: { ...node, condition: 'Unknown' as const, message: 'NodeStatusUnknown: ' }, pods }
  t.match(await remove(t, { holder }), { err: /\nThe Node is not Ready: a drain waits .*--no-drain/ })
  const { exitCode, err, run, asked } = await remove(t, { holder, words: ['--no-drain'] })
  t.match({ exitCode, run }, { exitCode: 0, run: { length: 0 } })
  t.match(err, /^Pods that are not evicted:/)
  t.equal(asked.at(-1), 'remove e1')
})

t.test('remove drains and changes nothing after another answer than the name', async (t) => {
  for (const answer of ['', 'y', 'node-10']) {
    const { exitCode, run, asked } = await remove(t, { terminal: { ask: async () => answer } })
    t.match({ exitCode, run }, { exitCode: 1, run: { length: 0 } }, answer)
    t.same(asked, ['show node-1', 'holder e1'], JSON.stringify(answer))
  }
})

t.test('remove without a terminal needs --yes', async (t) => {
  const { socket, calls } = await serveOperators(t, { show: () => ready, holder: () => ({ node, pods: [] }) })
  const { exitCode, err } = await runWith(['remove', 'node-1'], { socket })
  t.equal(exitCode, 2)
  t.match(
    err,
    /^error: node-1 is ready: removing it evicts its Pods, with the data of their emptyDirs, deletes its Node and bans its name; there is no terminal to ask on/
  )
  t.notOk(calls.some(({ route }) => route === 'remove'))
  t.match(await remove(t, { words: ['--yes'] }), { exitCode: 0, questions: { length: 0 } })
})

t.test('remove of a machine without a Node of its own asks nothing, and a waiting machine stays', async (t) => {
  for (const state of ['failed', 'expired'] as const) {
    const { exitCode, questions, run, asked } = await remove(t, { shown: { ...detail, state } })
    t.same([exitCode, questions, run, asked], [0, [], [], ['show node-1', 'remove e1']], state)
  }
  const removable: readonly State[] = ['joined', 'ready', 'recovering', 'failed', 'expired']
  for (const state of states.filter((one) => !removable.includes(one))) {
    const { exitCode, err, asked } = await remove(t, { shown: { ...detail, state } })
    t.same([exitCode, asked], [6, ['show node-1']], state)
    t.match(err, `error: remove is not possible: the enrolment of node-1 is ${state}\n`, state)
  }
})

t.test('a Node that is gone already is not drained', async (t) => {
  const { run, asked } = await remove(t, { holder: { pods: [] } })
  t.same(run, [])
  t.equal(asked.at(-1), 'remove e1')
})

t.test('remove says that the cluster keeps the Node for now', async (t) => {
  const message = 'removed; its Node goes as soon as the cluster allows it'
  t.match(await remove(t, { message }), { exitCode: 0, err: /\nremoved; its Node goes as soon as .*\nLeft to do/ })
})

t.test('remove -o json prints only the answer', async (t) => {
  const { out, err } = await remove(t, { words: ['-o', 'json', '--yes', '--no-drain'], holder: { node, pods: [] } })
  t.match(JSON.parse(out), { id: 'e1', state: 'removed' })
  t.equal(err, '')
})

t.test('names of Pods and Nodes cannot steer the terminal', async (t) => {
  const holder = { node, pods: [{ namespace: 'a', name: '\u001b[2J', controller: '' }] }
  const { err } = await remove(t, { holder })
  t.notOk(err.includes('\u001b'))
  t.match(err, /<none>: a drain refuses it/)
})

t.test('a refusal by the server ends remove', async (t) => {
  const { socket } = await serveOperators(t, {
    show: () => ready,
    holder: () => ({ pods: [] }),
    remove: () => {
      throw new ProblemError('illegal-event', { detail: 'it is a control plane', remedy: 'there: kubeadm reset' })
    }
  })
  const { exitCode, err } = await runWith(['remove', 'node-1', '--yes'], { socket })
  t.same([exitCode, err], [6, 'error: it is a control plane (illegal-event)\nremedy: there: kubeadm reset\n'])
})
