import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type Enrolment, type EnrolmentDetail, type NameHolder, ProblemError } from '@joinery/protocol'
import { controlPlaneHost, memberOf, pkiOf } from '@joinery/testing/command/control-plane-host'
import { ago, detail, key, now, node as traced } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import { noQuorum } from '@joinery/testing/etcd/fake-etcd'
import t, { type Test } from 'tap'
import type { Terminal } from '../../src/terminal/terminal.ts'

const attempt = { number: 1, claimed: now.toISOString(), deadline: now.toISOString() }
const ready: EnrolmentDetail = {
  ...detail,
  name: 'cp-2',
  role: 'control-plane',
  state: 'ready',
  address: '192.0.2.2',
  attempts: [attempt]
}
const labels = { 'node-role.kubernetes.io/control-plane': '' }
const node = { uid: 'n2', created: ago(90_000), condition: 'Ready' as const, message: '', labels, taints: [] }
const pods = [
  { namespace: 'default', name: 'web-1', controller: 'ReplicaSet' },
  { namespace: 'kube-system', name: 'etcd-cp-2', controller: 'Node' }
]

/** A cluster of cp-1, cp-2 and cp-3 at whose server cp-2 is enrolled, and root on cp-1. */
const cluster = async (t: Test, of: { members?: number; healthy?: number[]; shown?: EnrolmentDetail } = {}) => {
  const { shown = ready, ...etcd } = of
  const there: { holder: NameHolder; state: Enrolment['state'] } = { holder: { node, pods }, state: shown.state }
  const host = await controlPlaneHost(t, {
    ...etcd,
    deleteNode: () => {
      there.holder = { pods: [] }
    }
  })
  const answers: Answers = {
    list: () => ({ items: [{ ...shown, state: there.state }] }),
    show: () => ({ ...shown, state: there.state }),
    holder: () => there.holder,
    remove: () => {
      if (there.holder.node !== undefined) throw new ProblemError('illegal-event', { detail: 'its Node is there' })
      there.state = 'removed'
      return { ...shown, state: 'removed', message: 'removed' }
    }
  }
  const { socket, calls } = await serveOperators(t, answers)
  const remove = (words: string[] = [], terminal: Partial<Terminal> = {}) =>
    runWith(['remove', 'cp-2', ...words], { socket, ...host.terminal, ...terminal })
  const names = () => host.etcd.members.map(({ name }) => name)
  const asked = () => calls.map(({ route, reference }) => `${route} ${reference}`)
  return { ...host, there, answers, remove, names, asked }
}
const get = 'get node cp-2 --ignore-not-found --output jsonpath={.status.addresses[*].address}'
const drain = 'drain cp-2 --ignore-daemonsets --delete-emptydir-data --timeout=5m'
const deletes = 'delete node cp-2 --ignore-not-found'
/** Nothing went. */
const isWhole = (t: Test, { names, asked, run }: Awaited<ReturnType<typeof cluster>>) => {
  t.same(names(), ['cp-1', 'cp-2', 'cp-3'])
  t.notOk(asked().some((line) => line.startsWith('remove')))
  t.notOk(run.some((line) => line.startsWith('delete')))
}

t.test('root on another control plane sees what is left, is asked, and removes Pods, member and Node', async (t) => {
  const one = await cluster(t)
  const { exitCode, out, err } = await one.remove()
  t.same({ exitCode, out }, { exitCode: 0, out: 'enrolment/cp-2 removed\n' }, err)
  t.same(one.questions, ['Type cp-2 to remove it: '])
  t.same(one.run, [get, drain, deletes])
  t.same(one.names(), ['cp-1', 'cp-3'])
  t.equal(one.asked().at(-1), 'remove e1')
  t.match(err, /Members of etcd:\n +ID .*\n +\d+ +cp-1 +voter +healthy\n +\d+ +cp-2 +voter +healthy +goes\n/)
  t.match(err, /\nAfterwards: two stacked etcd members tolerate no loss: .*\nNode cp-2: Ready, age 25h\nPods that are/)
  t.match(err, /\nLeft to do on the machine.*\n {2}kubeadm reset --force/)
  t.match(err, /\nUntil then the keys of the cluster lie on it: power it off/)
})

t.test('remove --no-drain takes a dead machine while the others are a quorum', async (t) => {
  const one = await cluster(t, { healthy: [1, 3] })
  t.match(await one.remove(['--no-drain', '--yes']), { exitCode: 0, err: /cp-2 +voter +does not answer +goes\n/ })
  t.same([one.run, one.names(), one.questions], [[get, deletes], ['cp-1', 'cp-3'], []])
})

t.test('remove refuses and changes nothing if etcd needs the member or does not answer', async (t) => {
  const ill = await cluster(t, { healthy: [1, 2] })
  t.match(await ill.remove(['--yes']), { exitCode: 6, err: /of the other 2 voting members of etcd, 1 are healthy/ })
  isWhole(t, ill)
  const silent = await cluster(t)
  silent.etcd.broken = noQuorum
  t.match(await silent.remove(['--yes']), { exitCode: 1, err: /no member of etcd answered as asked: .*timed out/ })
  isWhole(t, silent)
  const last = await cluster(t)
  last.etcd.members = [memberOf(2, { clientURLs: [last.etcd.url] })]
  t.match(await last.remove(['--yes']), { exitCode: 6, err: /nothing is left of etcd/ })
  t.same(last.names(), ['cp-2'])
})

t.test('a member stays if etcd falls ill during the drain', async (t) => {
  const one = await cluster(t)
  const exec: Terminal['exec'] = async (argv) => {
    if (argv.includes('drain')) one.etcd.leader = '0'
    return one.terminal.exec?.(argv) ?? ''
  }
  t.match(await one.remove([], { exec }), { exitCode: 6, err: /0 are healthy/ })
  isWhole(t, one)
})

t.test('a member or a Node that was replaced during the drain stays', async (t) => {
  const one = await cluster(t)
  const anew = memberOf(2, { ID: '7', clientURLs: [one.etcd.url] })
  const swaps: Terminal['exec'] = async (argv) => {
    if (argv.includes('drain')) one.etcd.members = [memberOf(1, { clientURLs: [one.etcd.url] }), anew]
    return one.terminal.exec?.(argv) ?? ''
  }
  t.match(await one.remove([], { exec: swaps }), { exitCode: 6, err: /cp-2 has another member of etcd by now/ })
  t.ok(one.etcd.members.includes(anew))
  const other = await cluster(t)
  const rejoins: Terminal['exec'] = async (argv) => {
    if (argv.includes('drain')) other.there.holder = { node: { ...node, uid: 'n3' }, pods }
    return other.terminal.exec?.(argv) ?? ''
  }
  t.match(await other.remove([], { exec: rejoins }), { exitCode: 6, err: /another Node has the name cp-2 by now/ })
  t.notOk(other.run.includes(deletes))
})

t.test('remove refuses the host’s own control plane, by its Node and by its member', async (t) => {
  const remedy = /remedy: on another control-plane host than cp-2: sudo joinery (--socket \S+ )?remove cp-2\n/
  const byNode = await cluster(t)
  const result = await byNode.remove([], { addresses: () => ['192.0.2.2'] })
  t.match(result, { exitCode: 6, err: /cp-2 is this machine\n/ })
  t.match(result.err, remedy)
  isWhole(t, byNode)
  const byMember = await cluster(t)
  byMember.there.holder = { pods: [] }
  const own = await byMember.remove([], { addresses: () => ['192.0.2.2'] })
  t.match(own, { exitCode: 6, err: /etcd member of cp-2 is the one of this machine/ })
  t.match(own.err, remedy)
  isWhole(t, byMember)
})

t.test('remove by another user, or on no control-plane host, says where to run it', async (t) => {
  const remedy = /\nremedy: on another control-plane host than cp-2: sudo joinery (--socket \S+ )?remove cp-2\n$/
  const one = await cluster(t)
  for (const [terminal, exitCode] of [
    [{ pki: '/nowhere' }, 1],
    [{ pki: undefined }, 1]
  ] as const) {
    const result = await one.remove(['--yes'], terminal as Partial<Terminal>)
    t.equal(result.exitCode, exitCode, JSON.stringify(terminal))
    t.match(result.err, remedy, JSON.stringify(terminal))
  }
  t.same(one.run, [])
  isWhole(t, one)
  if (process.getuid?.() === 0) return t.comment('root may read everything')
  chmodSync(join(one.terminal.pki ?? '', 'sa.key'), 0)
  const denied = await one.remove(['--yes'])
  t.match(denied, { exitCode: 4, err: /^error: not allowed to read .*sa.key\n/ })
  t.match(denied.err, remedy)
})

t.test('remove with external etcd deletes the Node and no member', async (t) => {
  const one = await cluster(t)
  const pki = pkiOf(t, { 'sa.key': 'a key' })
  t.match(await one.remove([], { pki }), { exitCode: 0, err: /etcd is external/ })
  t.same([one.run.at(-1), one.etcd.asked], [deletes, []])
})

t.test('a remove that was cut anywhere goes on at the next run', async (t) => {
  const cuts: Record<string, (one: Awaited<ReturnType<typeof cluster>>) => Partial<Terminal>> = {
    'in the drain': (one) => ({
      exec: async (argv) => {
        if (argv.includes('drain')) throw new Error('kubectl failed: the power was cut')
        return one.terminal.exec?.(argv) ?? ''
      }
    }),
    'before the Node is deleted': (one) => ({
      exec: async (argv) => {
        if (argv.includes('delete')) throw new Error('kubectl failed: the power was cut')
        return one.terminal.exec?.(argv) ?? ''
      }
    }),
    'after the Node is deleted': (one) => ({
      exec: async (argv) => {
        await one.terminal.exec?.(argv)
        if (argv.includes('delete')) throw new Error('kubectl failed: the power was cut')
        return ''
      }
    })
  }
  for (const [when, cut] of Object.entries(cuts)) {
    const one = await cluster(t)
    t.match(await one.remove([], cut(one)), { exitCode: 1, err: /the power was cut/ }, when)
    t.equal(one.there.state, 'ready', when)
    t.match(await one.remove(), { exitCode: 0 }, when)
    t.same([one.names(), one.there.state], [['cp-1', 'cp-3'], 'removed'], when)
  }
})

t.test('a remove that lost the server at the end asks it at the next run', async (t) => {
  const one = await cluster(t)
  const { remove } = one.answers
  one.answers.remove = () => {
    throw new ProblemError('store-unavailable', { detail: 'the disk is away' })
  }
  t.match(await one.remove(['--yes']), { exitCode: 1, err: /the disk is away/ })
  t.same([one.names(), one.there.holder.node], [['cp-1', 'cp-3'], undefined])
  Object.assign(one.answers, { remove })
  one.run.length = 0
  t.match(await one.remove(['--yes']), { exitCode: 0 })
  t.same([one.run, one.there.state], [[], 'removed'], 'nothing is drained or deleted again')
})

t.test('two removes at the same time both end with the control plane removed', async (t) => {
  const one = await cluster(t)
  const results = await Promise.all([one.remove(['--yes']), one.remove(['--yes'])])
  t.ok(results.every(({ exitCode }) => exitCode === 0 || exitCode === 6))
  t.same([one.names(), one.there.state, one.there.holder.node], [['cp-1', 'cp-3'], 'removed', undefined])
})

t.test('remove changes nothing after another answer than the name', async (t) => {
  const one = await cluster(t)
  t.match(await one.remove([], { ask: async () => 'y' }), { exitCode: 1 })
  isWhole(t, one)
})

t.test('a name that would be an option of kubectl never reaches kubectl', async (t) => {
  for (const name of ['--all', '-f', 'cp 2', '\u001b[2J']) {
    const one = await cluster(t, { shown: { ...ready, name } })
    const { exitCode, err } = await one.remove(['--yes'])
    t.same([exitCode, one.run, one.etcd.asked], [1, [], []], name)
    t.notOk(err.includes('\u001b'), JSON.stringify(name))
  }
})

t.test('names of members cannot steer the terminal', async (t) => {
  const one = await cluster(t)
  one.etcd.members = [...one.etcd.members, memberOf(4, { name: '\u001b[2J' })]
  t.notOk((await one.remove(['--yes'])).err.includes('\u001b'))
})

t.test('remove of a control plane that failed leaves another machine of its name alone', async (t) => {
  const failed: EnrolmentDetail = { ...ready, state: 'failed' }
  const one = await cluster(t, { shown: failed })
  one.answers.list = () => ({ items: [failed, { ...ready, id: 'e9' }] })
  await one.remove(['--yes'])
  t.same([one.run, one.etcd.asked, one.asked().at(-1)], [[], [], 'remove e1'])
})

t.test('remove leaves a control plane that joined without Joinery to kubeadm and kubectl', async (t) => {
  const byHand = /remedy: .*kubeadm reset.*kubectl --kubeconfig \/etc\/kubernetes\/admin.conf delete node cp-1\n/
  const listNodes = () => ({ items: [{ ...traced, name: 'cp-1', roles: ['control-plane'] }] })
  const result = await joinery(t, { listNodes }, 'remove', 'cp-1')
  t.match(result, { exitCode: 6, err: /cp-1 is a control plane without an enrolment/ })
  t.match(result.err, byHand)
  t.match(await joinery(t, { listNodes }, 'remove', 'cp-9'), { exitCode: 3, err: /not-found/ })
  t.match(await joinery(t, {}, 'remove', 'cp-1'), { exitCode: 3 })
  const rejected = await joinery(t, { show: () => ({ ...ready, name: 'cp-1', state: 'rejected' }) }, 'remove', 'cp-1')
  t.match(rejected, { exitCode: 6, err: byHand })
})

/** cp-2 built anew waits for approval, while the old one is there. */
const rebuilt = async (t: Test) => {
  const one = await cluster(t)
  const anew: EnrolmentDetail = { ...ready, id: 'e2', state: 'pending', attempts: [] }
  const { socket, calls } = await serveOperators(t, {
    ...one.answers,
    list: () => ({ items: [{ ...ready, state: one.there.state }, anew] }),
    show: ({ reference }) => (reference === 'e2' ? anew : ready),
    approve: () => ({ ...anew, state: 'approved' })
  })
  const replace = (terminal: Partial<Terminal> = {}) =>
    runWith(['approve', 'cp-2', '--replace'], { socket, ...one.terminal, ...terminal })
  return { ...one, replace, sent: () => calls.filter(({ route }) => route === 'remove' || route === 'approve') }
}

t.test('a rebuilt control plane is approved after the old one is wholly gone', async (t) => {
  const one = await rebuilt(t)
  const { exitCode, err } = await one.replace()
  t.equal(exitCode, 0, err)
  t.same(
    [one.run, one.names(), one.questions],
    [
      [get, drain, deletes],
      ['cp-1', 'cp-3'],
      ['Approve cp-2? [y/N] ', 'Type cp-2 to replace it: ']
    ]
  )
  t.match(one.sent(), [
    { route: 'remove', reference: 'e1' },
    { route: 'approve', reference: 'e2', body: { key, revision: 3 } }
  ])
  t.notMatch(one.sent()[1]?.body, { replace: {} })
})

t.test('a replacement that was cut goes on at the next run', async (t) => {
  const one = await rebuilt(t)
  const exec: Terminal['exec'] = async (argv) => {
    await one.terminal.exec?.(argv)
    if (argv.includes('delete')) throw new Error('kubectl failed: the power was cut')
    return ''
  }
  t.match(await one.replace({ exec }), { exitCode: 1, err: /remedy: joinery approve e2 --replace\n/ })
  t.same(one.sent(), [])
  t.match(await one.replace(), { exitCode: 0 })
  t.same(
    one.sent().map(({ reference }) => reference),
    ['e1', 'e2']
  )
})
