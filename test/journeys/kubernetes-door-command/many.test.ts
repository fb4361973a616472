import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import t, { type Test } from 'tap'
import { type BehindFront, openBehindFront, viewed, written } from './behind-the-front.ts'

/** Lets machines come with one code that has a label, and wait. */
const rackOf = async ({ pairing }: Pick<BehindFront, 'pairing'>, label: string, names: readonly string[]) => {
  const { code } = await pairing.operator.createCode({
    uses: names.length,
    ttl: 600,
    labels: { rack: label }
  })
  for (const name of names) {
    const machine = await pairing.machine()
    await machine.enrol(code, { name })
    await viewed(pairing.cluster, (await pairing.operator.show(name)).id)
  }
}

/** Both doors to one server. */
const doorsOf = async (t: Test) => {
  const behind = await openBehindFront(t)
  const socket = (...words: string[]) => runWith(['--socket', behind.pairing.config.operators.socket, ...words])
  return { ...behind, doors: { socket, cluster: behind.joinery } }
}

t.test('a selection by label approves the same machines over both doors', async (t) => {
  const behind = await doorsOf(t)
  const { pairing, doors } = behind
  await rackOf(behind, 'socket', ['a-1', 'a-2'])
  await rackOf(behind, 'cluster', ['b-1', 'b-2'])
  for (const [door, joinery] of Object.entries(doors)) {
    const names = door === 'socket' ? ['a-1', 'a-2'] : ['b-1', 'b-2']
    const dry = await joinery('approve', '-l', `rack in (${door})`, '--dry-run=server')
    t.equal(dry.out, names.map((name) => `enrolment/${name} approved (server dry run)\n`).join(''), dry.err)
    for (const name of names) t.match(await pairing.operator.show(name), { state: 'pending' }, `${door}: ${name}`)
    const done = await joinery('approve', '-l', `rack=${door},!none`, '--yes')
    t.equal(done.out, names.map((name) => `enrolment/${name} approved\n`).join(''), done.err)
    t.match(done.err, /^2 machines would be approved:\nNAME +STATE +ROLE +ADDRESS +PREFLIGHT +AGE +KEY\n/, door)
    t.match(done.err, /\n2 approved\n$/, door)
    for (const name of names) t.match(await pairing.operator.show(name), { state: 'approved' }, `${door}: ${name}`)
    const none = await joinery('approve', '-l', `rack=${door}`, '--yes')
    t.match(none, { exitCode: 0, out: '', err: 'Nothing that fits can be approved.\n' }, door)
  }
})

t.test('a dry run over the cluster makes no Decision, and is refused as the policy refuses one', async (t) => {
  const { pairing, front, joineryAs, waiting } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  const dry = await joineryAs('alice', ['approve', 'worker-1', '--dry-run=server'])
  t.match(dry, {
    exitCode: 0,
    out: 'enrolment/worker-1 approved (server dry run)\n',
    err: /\nThe API server would take it: you may, and the form is right\. A pairing server hears of no dry run/
  })
  front.verbs.set('bob', ['reject'])
  t.match(await joineryAs('bob', ['approve', 'worker-1', '--dry-run=server']), {
    exitCode: 4,
    out: '',
    err: /\nerror: bob may not approve enrolments\n/
  })
  t.match(await joineryAs('alice', ['retry', 'worker-1', '--dry-run=server']), {
    exitCode: 6,
    err: /retry is not possible: the enrolment of worker-1 is pending \(illegal-event\)/
  })
  t.same(
    written(front).filter((line) => !line.includes('dryRun=All')),
    []
  )
  t.match(await pairing.operator.show(id), { state: 'pending' })
  const created = await joineryAs('alice', ['code', 'create', '-o', 'json'])
  const { id: code } = JSON.parse(created.out)
  t.match(await joineryAs('alice', ['code', 'revoke', code.slice(0, 12), '--dry-run=server']), {
    exitCode: 0,
    out: `code/${code} revoked (server dry run)\n`
  })
  t.equal(front.codes.size, 1)
})

t.test('a machine that changes between the list and the Decision is refused and named', async (t) => {
  const behind = await openBehindFront(t)
  const { pairing, front, joineryAs } = behind
  await rackOf(behind, 'r7', ['a-1', 'a-2'])
  const ask = async () => {
    await pairing.operator.reject('a-1', { reason: 'not ours' })
    return 'y'
  }
  const { exitCode, out, err } = await joineryAs('alice', ['approve', '--all'], { ask })
  t.equal(out, 'enrolment/a-2 approved\n', err)
  t.match(
    err,
    /\nerror: a-1: shown was revision \d+, it is at \d+ now \(revision-changed\)\nremedy: look again: joinery show a-1\nerror: 1 approved, 1 refused\n$/
  )
  t.equal(exitCode, 6)
  t.match(await pairing.operator.show('a-1'), { state: 'rejected' })
  t.equal(written(front).length, 2)
})

t.test('over the cluster short ids, wait and labels are as over the socket', async (t) => {
  const behind = await doorsOf(t)
  const { pairing, doors } = behind
  await rackOf(behind, 'r7', ['a-1'])
  await ready(pairing, 'b-1')
  await viewed(pairing.cluster, (await pairing.operator.show('b-1')).id)
  const { id } = await pairing.operator.show('a-1')
  // an id begins with the time, and goes on at random
  const short = id.slice(0, 23)
  await eventually('the view of b-1 is ready', async () =>
    /ready/.test((await doors.cluster('list', '--name', 'b-1')).out)
  )
  for (const [door, joinery] of Object.entries(doors)) {
    for (const part of [short, id.slice(-8)])
      t.match(await joinery('show', part, '-o', 'name'), { exitCode: 0, out: 'enrolment/a-1\n' }, `${door}: ${part}`)
    t.match(await joinery('show', id.slice(0, 3)), { exitCode: 3 }, door)
    t.match(await joinery('show', 'a-1'), { out: /\nLabels: +rack=r7\n/ }, door)
    t.match(await joinery('wait', 'b-1'), { exitCode: 0, out: 'enrolment/b-1 ready\n' }, door)
    t.match(await joinery('wait', 'a-1', '--for=pending'), { exitCode: 0, out: 'enrolment/a-1 pending\n' }, door)
    const late = await joinery('wait', '-l', 'rack=r7', '--for=approved', '--timeout=0s')
    t.match(late, { exitCode: 5, err: /error: a-1 is not approved after 0s: it is pending: / }, door)
  }
  const { views } = pairing.cluster
  const view = views.statuses('enrolments').get(id)
  await behind.cutOff()
  const likes = ['0', '1'].map((digit) => `ffff${id.slice(4, -1)}${digit}`)
  for (const like of likes) views.editAsAdmin('enrolments', like, view)
  t.match(await doors.cluster('show', 'ffff'), {
    exitCode: 6,
    err: /^error: several ids end or begin with ffff: ffff\S+ \(a-1, pending\), ffff\S+ \(a-1, pending\) \(ambiguous-id\)\nremedy: give more characters of the end of the id\n/
  })
  for (const like of likes) views.deleteAsAdmin('enrolments', like)
  const { labels: _, ...cut } = view as { labels?: unknown }
  views.editAsAdmin('enrolments', id, cut)
  t.match(await doors.cluster('approve', '-l', '!rack', '--yes'), {
    err: /^a-1 is left out: Kubernetes does not show its labels/
  })
})
