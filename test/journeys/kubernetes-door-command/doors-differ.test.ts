import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { nextPinBy } from '@joinery/testing/front/statements'
import { joinByHand } from '@joinery/testing/pairing/joined'
import type { Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { openBehindFront, viewed, written } from './behind-the-front.ts'

const other = `sha256:${'c'.repeat(64)}`

t.test("what is root's alone says so over the cluster, and how: nothing is made", async (t) => {
  const { pairing, front, joinery, joineryAs, cutOff } = await openBehindFront(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.operator.createCode({ name: 'cp-2', role: 'control-plane', ttl: 1800 })).code)
  const { id } = await pairing.operator.show('cp-2')
  await viewed(pairing.cluster, id)
  const rows: [string[], RegExp][] = [
    [
      ['grant', 'cp-2'],
      /^error: only root can give cp-2 the keys of the cluster, and not over the cluster\nremedy: on the control-plane host of the pairing server: sudo joinery grant cp-2\n$/
    ],
    [
      ['join-command', '--name', 'worker-9'],
      /^error: only root can make a join command, and not over the cluster\nremedy: on the host of the pairing server: sudo joinery join-command --name worker-9\n$/
    ],
    [
      ['join-command', '--name', 'cp-9', '--role', 'control-plane'],
      /joinery join-command --name cp-9 --role control-plane\n$/
    ],
    [
      ['webhook', 'list'],
      /^error: only root can look at webhooks, and not over the cluster\nremedy: on the host of the pairing server: sudo joinery webhook list\n$/
    ],
    [['webhook', 'test', 'relay'], /joinery webhook test\n$/],
    [['webhook', 'resend'], /joinery webhook resend\n$/]
  ]
  for (const [words, why] of rows) t.match(await joinery(...words), { exitCode: 4, out: '', err: why }, words.join(' '))
  // root on a control-plane host who names the cluster grants nothing: what is sealed goes over the socket
  const pki = t.testdir({ 'ca.key': 'a key' })
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return 'n'
  }
  t.match(await joineryAs('alice', ['approve', 'cp-2'], { pki, ask }), { exitCode: 1, out: '' })
  t.same(questions, ['Approve cp-2? [y/N] '], 'not the key that a grant asks for')
  const view = pairing.cluster.views.statuses('enrolments').get(id) as object
  await cutOff()
  pairing.cluster.views.editAsAdmin('enrolments', id, { ...view, state: 'failed' })
  const made = written(front).length
  const removed = await joinery('remove', 'cp-2', '--yes')
  t.match(removed, {
    exitCode: 4,
    out: '',
    err: /^error: only root can take the control plane cp-2 away, .*\nremedy: on the host of another control plane, .*: sudo joinery remove cp-2\n$/
  })
  t.equal(written(front).length, made)
})

t.test('U22: status over the cluster names the machines that were Ready and are not', async (t) => {
  const { pairing, joinery, waiting, cutOff } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  const { views } = pairing.cluster
  const view = views.statuses('enrolments').get(id) as object
  await cutOff()
  views.editAsAdmin('enrolments', id, { ...view, state: 'ready', node: { uid: 'n1', condition: 'Ready' } })
  t.notMatch((await joinery('status')).out, /Not Ready/)
  views.editAsAdmin('enrolments', id, { ...view, state: 'ready', node: { uid: 'n1', condition: 'Unknown' } })
  t.match(await joinery('status'), {
    exitCode: 0,
    out: /\nNot Ready: +worker-1\n/,
    err: /^Next: joinery why worker-1\n/
  })
})

t.test('remove shows the Pods, drains with the flags of the command, and then decides', async (t) => {
  const { pairing, front, joineryAs } = await openBehindFront(t)
  const machine = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
  await pairing.reconcile()
  await pairing.cluster.bindPod('web-1', 'worker-1')
  await eventually('the cluster shows it as it is', async () => {
    await pairing.look()
    return !/State: +approved/.test((await joineryAs('alice', ['show', 'worker-1'])).out)
  })
  const [run, questions] = [[] as string[], [] as string[]]
  const { exitCode, out, err } = await joineryAs('alice', ['--context', 'context', 'remove', 'worker-1'], {
    ask: async (question) => {
      questions.push(question)
      return 'worker-1'
    },
    exec: async (argv) => {
      run.push(argv.join(' '))
      t.notOk(
        written(front).some((line) => line.startsWith('POST')),
        'nothing is decided before the drain'
      )
      return ''
    }
  })
  t.same([exitCode, out], [0, 'enrolment/worker-1 removed\n'], err)
  t.same(questions, ['Type worker-1 to remove it: '])
  t.same(run, ['kubectl --context context drain worker-1 --ignore-daemonsets --delete-emptydir-data --timeout=5m'])
  t.match(err, /^Pods that are evicted, .*:\n +POD +MANAGED BY\n +default\/web-1 /)
  t.equal((await pairing.operator.show('worker-1')).state, 'removed')
  const decided = front.requests.find(({ line }) => line.startsWith('POST') && line.includes('decisions'))
  t.match(JSON.parse(decided?.body ?? '{}'), { spec: { verdict: 'remove', by: 'alice' } })
})

t.test('objects that do not fit are left out of a list with a word, and are not shown', async (t) => {
  const { pairing, joinery, waiting, cutOff } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  await cutOff()
  const { views } = pairing.cluster
  const view = views.statuses('enrolments').get(id) as Record<string, unknown>
  const bent = '00000000-0000-4000-8000-000000000001'
  for (const status of [
    {},
    { ...view, state: 'emperor' },
    { ...view, message: 'a\u001b[2J' },
    { ...view, revision: '1' },
    null
  ]) {
    views.editAsAdmin('enrolments', bent, status)
    const listed = await joinery('list')
    t.match(listed, { exitCode: 0, out: /^NAME .*\nworker-1 .*\n$/ }, JSON.stringify(status))
    t.match(
      listed.err,
      /^1 of enrolments\.joinery\.dev left out: they do not fit; is joinery as new as the pairing server\?\n/,
      JSON.stringify(status)
    )
    const shown = await joinery('show', bent)
    t.match(
      shown,
      { exitCode: 1, out: '', err: /^error: 0{8}-\S+ of enrolments\.joinery\.dev does not fit: / },
      JSON.stringify(status)
    )
  }
  views.editAsAdmin('enrolments', bent, undefined)
  const unsaid = await joinery('list')
  t.match(unsaid, { exitCode: 0, out: /^NAME .*\nworker-1 .*\n$/ })
  t.notMatch(unsaid.err, /left out/, 'O3: the server has made the object, and says in a moment what it is')
  views.editAsAdmin('enrolments', bent, { ...view, name: '--all \u202e' })
  const named = await joinery('list')
  t.notMatch(named.out, /\u202e/)
})

t.test('a list comes in pages, and a page that the API server forgot ends with a word', async (t) => {
  const { pairing, joinery, waiting } = await openBehindFront(t)
  for (const name of ['worker-1', 'worker-2', 'worker-3']) await waiting(name)
  const first = await joinery('list', '--limit', '2', '-o', 'name')
  t.equal(first.out.split('\n').length, 3)
  const people = await joinery('list', '--limit', '2')
  const [, token = ''] = /--continue (\S+)\n$/.exec(people.err) ?? []
  const rest = await joinery('list', '--limit', '2', '--continue', token, '-o', 'name')
  t.equal(rest.out.split('\n').length, 2)
  pairing.cluster.forgetLists()
  t.match(await joinery('list', '--limit', '2', '--continue', token), { exitCode: 1, out: '', err: /\(410\)/ })
  t.match(await joinery('list', '--limit', '9', '--code', 'none'), {
    exitCode: 0,
    err: 'No enrolment fits these options.\n'
  })
})

t.test('the pin of a cluster is kept, and another one is said and refused until it is typed', async (t) => {
  const { pairing, front, joineryAs, cutOff, installation, install } = await openBehindFront(t)
  const state = t.testdir({})
  const file = join(state, 'pins.json')
  const joinery = (...words: string[]) => joineryAs('alice', words, { pin: '', state })
  t.match(await joinery('list'), { exitCode: 0, err: 'No machine has enrolled yet.\nNext: joinery code create\n' })
  t.same(JSON.parse(readFileSync(file, 'utf8')).pins[front.uid].pin, pairing.pin)
  t.match(await joinery('code', 'create', '--pin', pairing.pin), { exitCode: 0 })
  await cutOff()
  const real = installation()
  install({ ...real, pin: other })
  const changed = `the pairing server of this cluster has the pin ${other}, and had ${pairing.pin} until now: somebody may stand in its place`
  const wayOut = `compare it on the host of the pairing server: sudo joinery status; if its keys were made again: --pin ${other}`
  t.match(await joinery('list'), { exitCode: 0, err: `Warning: ${changed}; ${wayOut}\n` })
  const made = written(front).length
  for (const words of [['code', 'create'], ['code', 'create', '--cloud-init'], ['cloud-init']]) {
    const ran = await joinery(...words)
    t.match(ran, { exitCode: 6, out: '' }, words.join(' '))
    t.ok(ran.err.endsWith(`error: ${changed}\nremedy: ${wayOut}\n`), ran.err)
  }
  const wrong = await joinery('--pin', `sha256:${'d'.repeat(64)}`, 'code', 'create')
  t.match(wrong, { exitCode: 6, out: '', err: /has the pin sha256:c+, not sha256:d+\n/ })
  const [kept = ''] = front.codes.keys()
  t.match(await joinery('--pin', `sha256:${'d'.repeat(64)}`, 'code', 'revoke', kept), { exitCode: 6, out: '' })
  t.equal(written(front).length, made, 'no code was made, and none revoked')
  t.match(await joinery('list', '--pin', other), { exitCode: 0, err: /^No machine/ })
  t.match(await joinery('list'), { exitCode: 0, err: /^No machine/ })
  install(real)
  t.match(await joinery('list'), { exitCode: 0, err: /^Warning: .* and had sha256:c+ until now/ })
})

t.test(
  'a pin that the old Installation announced, signed, is followed without a warning, and no other one is',
  async (t) => {
    const { pairing, front, joineryAs, cutOff, installation, install } = await openBehindFront(t)
    const state = t.testdir({})
    const joinery = (...words: string[]) => joineryAs('alice', words, { state })
    const none = 'No machine has enrolled yet.\nNext: joinery code create\n'
    t.match(await joinery('list'), { exitCode: 0, err: none })
    await cutOff()
    const real = installation()
    install({ ...real, nextPin: other })
    t.same((await joinery('list')).err, none, 'nobody has signed it')
    install({ ...real, nextPin: other, signedNextPin: await nextPinBy(pairing.config.state, other) })
    t.match(await joinery('list'), {
      exitCode: 0,
      err: new RegExp(`^Note: the pairing server .* will have the pin ${other}`)
    })
    t.same((await joinery('list')).err, none, 'which is said once')
    install({ ...real, pin: other })
    t.same((await joinery('list')).err, none)
    t.match(JSON.parse(readFileSync(join(state, 'pins.json'), 'utf8')).pins[front.uid], {
      pin: other,
      proven: undefined
    })
    install(real)
    t.match(await joinery('list'), { exitCode: 0, err: /^Warning: / }, 'and there is no way back')
  }
)

t.test('a file of pins that is broken, and a home that cannot be written, are said and stop no look', async (t) => {
  const { joineryAs } = await openBehindFront(t)
  const state = t.testdir({ file: '' })
  writeFileSync(join(state, 'pins.json'), '{ broken')
  t.match(await joineryAs('alice', ['list'], { state }), {
    exitCode: 0,
    err: /^Warning: the pin of this cluster cannot be compared: \S+ is broken\nNo machine/
  })
  const nowhere = join(state, 'file', 'joinery')
  t.match(await joineryAs('alice', ['list'], { state: nowhere }), {
    exitCode: 0,
    err: /^Warning: the pin of this cluster cannot be kept: /
  })
})

t.test('two commands at once on a cluster that nobody has seen both work', async (t) => {
  const { front, joineryAs, pairing } = await openBehindFront(t)
  const state = t.testdir({})
  const ran = await Promise.all([1, 2, 3].map(() => joineryAs('alice', ['list'], { state })))
  t.same(
    ran.map(({ exitCode }) => exitCode),
    [0, 0, 0]
  )
  t.equal(JSON.parse(readFileSync(join(state, 'pins.json'), 'utf8')).pins[front.uid].pin, pairing.pin)
})

t.test(
  'an operator who may not read kube-system, and one without any Installation, still see the machines',
  async (t) => {
    const { pairing, front, joineryAs, waiting, cutOff } = await openBehindFront(t)
    await waiting('worker-1')
    const state = t.testdir({})
    front.fault({ request: /namespaces\/kube-system/, answer: { status: 403, message: 'no' } })
    t.match(await joineryAs('alice', ['list'], { state }), { exitCode: 0, out: /worker-1/ })
    t.match(Object.keys(JSON.parse(readFileSync(join(state, 'pins.json'), 'utf8')).pins), [/^https:\/\/127/])
    await cutOff()
    pairing.cluster.views.deleteAsAdmin('installations', 'joinery')
    t.match(await joineryAs('alice', ['list'], { state }), { exitCode: 0, out: /worker-1/ })
    t.match(await joineryAs('alice', ['status'], { state }), {
      exitCode: 1,
      err: /^error: the pairing server has not shown itself in this cluster\n/
    })
  }
)

t.test('a list that is watched goes on when the API server is back, and ends if the right is gone', async (t) => {
  const { front, joineryAs, waiting } = await openBehindFront(t)
  await waiting('worker-1')
  const watch = /^GET .*\/enrolments\?.*watch=true/
  const asked = (request: RegExp) => front.requests.filter(({ line }) => request.test(line)).length
  let [out, err] = ['', '']
  const watched = joineryAs('alice', ['list', '--watch'], {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    }
  })
  await eventually('it watches', () => asked(watch) === 1)
  front.fault({ request: watch, answer: { status: 503, message: 'etcd' }, times: 2 })
  await front.restart()
  await eventually('two watches that fail, and one that goes on', () => asked(watch) >= 4)
  await waiting('worker-2')
  await eventually('what changed', () => out.includes('worker-2'))
  t.match(out, /^TIME +NAME .*\n\d\d:\d\d:\d\dZ +worker-1 +pending .*\n\d\d:\d\d:\d\dZ +worker-2 +pending /)
  t.equal(asked(/^GET .*\/enrolments\?(?!.*watch=true)/), 1, 'the list is read once, and not again after a cut')
  t.match(err, /^The pairing server has not answered since \S+: .+\nThe pairing server answers again as of \S+\n$/)
  front.fault({ request: watch, answer: { status: 401, message: 'Unauthorized' } })
  await front.restart()
  t.equal((await watched).exitCode, 4)
})

t.test('names complete over the cluster, without a word, and without waiting long', async (t) => {
  const { front, joineryAs, waiting } = await openBehindFront(t)
  await waiting('worker-1')
  const state = t.testdir({})
  const complete = async (...words: string[]) =>
    runWith(['__complete', '--kubeconfig', await front.kubeconfig(), ...words], { state })
  t.match(await complete('approve', ''), { exitCode: 0, out: 'worker-1\tpending, 127.0.0.1\n:4\n', err: '' })
  t.match(await runWith(['__complete', 'show', 'w'], { kubeconfig: await front.kubeconfig() }), { out: /^worker-1\t/ })
  t.same(readdirSync(state), [], 'nothing is remembered')
  front.fault({ request: /enrolments/, answer: 'none' })
  // other commands wait for ten seconds
  const ran = await inTime('it gives up', complete('approve', ''), { patience: 8_000 })
  t.match(ran, { exitCode: 0, out: ':4\n', err: '' })
  t.match(await joineryAs('alice', ['list']), { exitCode: 0 })
})

t.test('a Node that no enrolment in the cluster has is untraced, and hostile Nodes crash nothing', async (t) => {
  const { pairing, front, joinery } = await openBehindFront(t)
  await joinByHand(pairing, 'stranger')
  t.match(await joinery('nodes'), {
    exitCode: 0,
    out: /\nstranger +\S+ +<none> +\S+ +<none> +untraced +it is not Ready\n$/,
    err: /^untraced: no enrolment in Kubernetes has this Node; sudo joinery nodes on the pairing server's host says how it came\nNext: kubectl describe node stranger\n$/
  })
  for (const node of [
    null,
    {},
    { metadata: null, spec: null, status: null },
    { metadata: { name: '\u001b[2J', creationTimestamp: 'soon', labels: { 'node-role.kubernetes.io/\u0007': '' } } },
    { status: { conditions: 'none' } }
  ]) {
    const nodes = () => JSON.stringify({ metadata: {}, items: [node] })
    front.answerAs(/^GET \/api\/v1\/nodes/, nodes)
    const { exitCode, out, err } = await joinery('nodes')
    front.answerAs(/^GET \/api\/v1\/nodes/, nodes)
    t.notMatch((await joinery('nodes', '-o', 'name')).out, /[\p{Cc}](?<!\n)/u, JSON.stringify(node))
    t.ok(exitCode === 0 || exitCode === 1, JSON.stringify(node))
    t.notMatch(out + err, /[\p{Cc}](?<!\n)/u, JSON.stringify(node))
  }
  for (const list of ['null', '[]', '{"items":{}}', '{"items":[1,null]}', '"x"']) {
    front.answerAs(/^GET .*\/enrolments/, () => list)
    t.match((await joinery('list')).exitCode, /^[01]$/, list)
    front.answerAs(/^GET .*\/codes/, () => list)
    t.match((await joinery('code', 'list', '--limit', '5')).exitCode, /^[01]$/, list)
    front.answerAs(/selfsubjectreviews/, () => list)
    t.match(await joinery('code', 'create'), { exitCode: 1, out: '' }, list)
  }
})

/** Two machines that came with one code. Returns their keys, the owner's first. */
const twoKeys = async (pairing: Pairing, name: string): Promise<[owner: string, other: string]> => {
  const { code } = await pairing.code(name)
  for (const machine of [await pairing.machine(), await pairing.machine()]) {
    // the second one is answered like a stranger
    await machine.enrol(code).catch(() => undefined)
  }
  const { id, key, conflicts } = await pairing.operator.show(name)
  const { views } = pairing.cluster
  const isFrozen = () => (views.statuses('enrolments').get(id) as { state?: string } | undefined)?.state === 'frozen'
  await eventually(`the frozen view of ${name}`, async () => isFrozen() || undefined)
  return [key, conflicts[0]?.key ?? '']
}

t.test('release takes the short key of the owner, and of another machine the whole one', async (t) => {
  const { pairing, joinery } = await openBehindFront(t)
  const [owner] = await twoKeys(pairing, 'worker-1')
  const shown = await joinery('show', 'worker-1')
  t.match(shown.out, /\nOther keys: +1 presented the code\n/)
  t.match(
    shown.out,
    new RegExp(
      `is right: +joinery release worker-1 --key ${owner}\n +another is: +joinery release worker-1 --key KEY, `
    )
  )
  const first = await joinery('release', 'worker-1', '--key', owner.slice('sha256:'.length, 30))
  t.match(first, { exitCode: 0, out: 'enrolment/worker-1 released\n', err: 'Next: joinery approve worker-1\n' })
  t.match(await pairing.operator.show('worker-1'), { state: 'pending', key: owner })

  const [, other] = await twoKeys(pairing, 'worker-2')
  const short = await joinery('release', 'worker-2', '--key', other.slice('sha256:'.length, 30))
  t.match(short, {
    exitCode: 3,
    out: '',
    err: 'error: Kubernetes shows only the key of the owner, and this is another one: give all of its 64 digits\nremedy: at that machine: joinery-agent status\n'
  })
  t.match(await joinery('release', 'worker-2', '--key', 'f'.repeat(64)), {
    exitCode: 3,
    out: '',
    err: /\(not-found\)\n/
  })
  t.match(await joinery('release', 'worker-2', '--key', other), { exitCode: 0, out: 'enrolment/worker-2 released\n' })
  t.match(await pairing.operator.show('worker-2'), { state: 'pending', key: other })
})

t.test('retry goes on with a machine that expired, exactly as it was shown', async (t) => {
  const { pairing, joinery, waiting } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  pairing.clock.advance(7 * 24 * 3600_000)
  await pairing.reconcile()
  const { views } = pairing.cluster
  const state = () => (views.statuses('enrolments').get(id) as { state?: string }).state
  await eventually('the view that expired', async () => state() === 'expired' || undefined)
  const { revision, key } = await pairing.operator.show('worker-1')
  t.match(await joinery('retry', 'worker-1', '--revision', `${revision - 1}`), { exitCode: 6, out: '' })
  const retried = await joinery('retry', 'worker-1', '--revision', `${revision}`, '--key', key)
  t.match(retried, { exitCode: 0, out: 'enrolment/worker-1 retried\n' })
  t.equal((await pairing.operator.show('worker-1')).state, 'pending')
})

t.test('why over the cluster has the first cause of the view, and says where to ask more', async (t) => {
  const { pairing, joinery } = await openBehindFront(t)
  const machine = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'False', 'KubeletNotReady', 'cni plugin not initialized')
  await pairing.reconcile()
  await pairing.diagnose()
  const seen = await eventually('the view has the cause', async () => {
    const ran = await joinery('why', 'worker-1')
    return /cni-missing/.test(ran.out) && ran
  })
  t.match(seen, {
    exitCode: 0,
    out: /^Node worker-1 is not Ready: the container runtime finds no configuration of a network plugin\.\n\n1\. cni-missing\n/,
    err: /Next: sudo joinery why worker-1 {6}on the pairing server's host\n$/
  })
  t.match(
    seen.out,
    /\nNot known:\n {2}- Kubernetes shows only the likeliest cause; .*joinery-agent why on the machine\n$/
  )
  t.match(JSON.parse((await joinery('why', 'worker-1', '-o', 'json')).out), {
    ready: false,
    causes: [{ code: 'cni-missing' }]
  })
  t.match((await joinery('list', '-o', 'wide')).out, / cni-missing /)
  t.match((await joinery('show', 'worker-1')).out, /\n {2}Cause: +cni-missing: /)
  t.match((await joinery('nodes', '-o', 'wide')).out, / cni-missing /)
  t.match(await joinery('why', 'nobody'), { exitCode: 3 })
})
