import { Refusal } from '@joinery/console/client'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openConsole } from '@joinery/testing/console/open-console'
import { joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const open = async (t: Test) => {
  const pairing = await openPairing(t)
  return { pairing, console: await openConsole(t, ['--socket', pairing.config.operators.socket]) }
}

/** The enrolment of that name as the page has it, and what was on the screen. */
const shownOf = async ({ client }: Awaited<ReturnType<typeof open>>['console'], name: string) => {
  const enrolment = await client.show(name)
  const { id, revision, key } = enrolment
  return { enrolment, shown: { id, revision, key } }
}

/** The problem with which a call is refused. */
const refused = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error('it was done'),
    (error: unknown) => error
  )
  if (error instanceof Refusal) return error.problem
  throw error
}

t.test('a newcomer makes a code, sees the machine come, approves it, and sees it Ready', async (t) => {
  const { pairing, console } = await open(t)
  const { client, listen } = console
  const session = await client.session()
  t.match(session, { door: { to: 'socket' }, rights: { approve: { may: true }, invite: { may: true } } })
  t.match(await client.list(), { items: { length: 0 }, total: 0 })
  const stream = await listen()
  await stream.next('look')
  const { code, command, userData } = await client.codeCreate({ request: { name: 'worker-1', ttl: 1800 } })
  t.match(command, /^at the machine, as root: joinery-agent enrol --server \S+ --pin sha256:\S+ --code-file -$/)
  t.equal(userData, undefined, 'this server has no package for a machine to install')
  t.match(await client.codes(), { items: [{ id: code.id, status: 'open' }] })
  t.notMatch(JSON.stringify(await client.codes()), code.code, 'nobody sees the code again')

  const machine = await pairing.machine()
  await machine.enrol(code.code)
  const came = await stream.next('changed')
  t.match(came, { rows: [{ name: 'worker-1', state: 'pending' }], gone: { length: 0 }, counts: { pending: 1 } })
  const { enrolment, shown } = await shownOf(console, 'worker-1')
  t.match(enrolment, { facts: { machineId: /./ }, timeline: [{ event: 'enrol' }] })
  t.match(await client.approve(shown), { state: 'approved' })
  t.match(await stream.next('changed'), { rows: [{ state: 'approved' }], counts: { approved: 1, pending: 0 } })
  t.match(await client.list({ state: 'approved', code: code.id }), { items: [{ name: 'worker-1' }], total: 1 })
  t.match(await client.approve(shown), { state: 'approved' }, 'the same approval again changes nothing')
  const { timeline } = await pairing.operator.show('worker-1')
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 1)
})

t.test('a joined machine is in the list, the pictures, the audit and the Nodes', async (t) => {
  const { pairing, console } = await open(t)
  await joined(pairing, 'worker-1')
  const { client } = console
  t.match(await client.list(), { items: [{ name: 'worker-1', state: /^(joined|ready)$/ }] })
  t.match(await client.nodes(), { items: [{ name: 'worker-1', trace: 'enrolled' }] })
  t.match(await client.holder('worker-1'), { node: { uid: /./ } })
  t.match(await client.why('worker-1'), { name: 'worker-1' })
  t.match(await client.status(), { agents: { pin: pairing.pin } })
  t.match(await client.alerts(), { count: 0, items: { length: 0 } })
  const { items, read, of, lacking } = await client.audit()
  t.match({ read, of, lacking }, { read: 1, of: 1, lacking: undefined })
  t.ok(items.some(({ event, name }) => event === 'approve' && name === 'worker-1'))
  t.match((await client.pictures()).stages, [{ stage: 'waiting' }, { stage: 'claiming' }])
})

t.test(
  'evidence that changes under the eyes of the operator decides nothing, and the page learns what it is now',
  async (t) => {
    const { pairing, console } = await open(t)
    const machine = await enrolled(pairing)
    const { client } = console
    const { shown } = await shownOf(console, 'worker-1')
    await machine.server.observe({ facts: { ...machine.facts, serial: 'SN-2' }, preflight: [] })
    for (const call of [
      client.approve(shown),
      client.reject({ ...shown, reason: 'not ours' }),
      client.remove({ ...shown, drain: false }),
      client.retry(shown),
      client.release({ ...shown, keep: shown.key })
    ]) {
      t.match(await refused(call), {
        code: 'revision-changed',
        status: 409,
        now: { name: 'worker-1', state: 'pending', facts: { serial: 'SN-2' } }
      })
    }
    const again = await shownOf(console, 'worker-1')
    t.match(await client.reject({ ...again.shown, reason: 'not ours' }), { state: 'rejected' })
  }
)

t.test('an approval that comes between the look and the deed of another operator loses with what is now', async (t) => {
  const { pairing, console } = await open(t)
  await enrolled(pairing)
  const { shown } = await shownOf(console, 'worker-1')
  await approve(pairing, 'worker-1')
  const [one, other] = await Promise.allSettled([
    console.client.reject({ ...shown, reason: 'not ours' }),
    console.client.retry(shown)
  ])
  for (const result of [one, other]) {
    t.match(result, {
      status: 'rejected',
      reason: { problem: { code: 'revision-changed', now: { state: 'approved' } } }
    })
  }
  t.equal((await pairing.operator.show('worker-1')).state, 'approved')
})

t.test('two keys with one code: the page has both, and releases the right one', async (t) => {
  const { pairing, console } = await open(t)
  const { code } = await pairing.code('worker-1')
  const [right, wrong] = [await pairing.machine(), await pairing.machine()]
  await right.enrol(code)
  await wrong.enrol(code).catch(() => {})
  const { enrolment, shown } = await shownOf(console, 'worker-1')
  t.match(enrolment, { state: 'frozen', conflicts: [{ key: /^sha256:/ }] })
  t.match(await refused(console.client.release({ ...shown, keep: `sha256:${'0'.repeat(64)}` })), { status: /^40/ })
  t.match(await console.client.release({ ...shown, keep: shown.key }), { state: 'pending' })
  t.match(await console.client.alerts(), { count: /^[1-9]/, items: [{ subject: /worker-1/ }] })
})

t.test('a worker is removed after its drain, and not if the drain fails', async (t) => {
  const pairing = await openPairing(t)
  const run: string[] = []
  let fails = true
  const console = await openConsole(t, ['--socket', pairing.config.operators.socket], {
    exec: async (argv) => {
      run.push(argv.join(' '))
      if (fails) throw new Error('kubectl failed: a Pod has no controller')
      return ''
    }
  })
  await joined(pairing, 'worker-1')
  const { shown } = await shownOf(console, 'worker-1')
  t.match(await refused(console.client.remove(shown)), { code: 'failed', detail: /not drained.*no controller/ })
  t.match((await pairing.operator.show('worker-1')).state, /^(joined|ready)$/)
  fails = false
  const { shown: now } = await shownOf(console, 'worker-1')
  t.match(await console.client.remove(now), { state: 'removed' })
  t.equal(run.length, 2)
  t.match(run[1], /kubectl .*drain worker-1 --ignore-daemonsets --delete-emptydir-data --timeout=5m$/)
})

/** A machine of the name that waits, and the one that has the name. */
const rebuilt = async (t: Test, kubectl: (argv: readonly string[]) => void = () => {}) => {
  const pairing = await openPairing(t)
  const console = await openConsole(t, ['--socket', pairing.config.operators.socket], {
    exec: async (argv) => {
      kubectl(argv)
      return ''
    }
  })
  await ready(pairing, 'worker-1')
  const former = await pairing.operator.show('worker-1')
  await enrolled(pairing)
  const { items } = await pairing.operator.list({ state: 'pending' })
  const { shown } = await shownOf(console, items[0]?.id ?? '')
  return { pairing, console, former, shown }
}

t.test('a rebuilt machine takes the place of exactly the Node and the key that were on the screen', async (t) => {
  const run: string[] = []
  const { pairing, console, former, shown } = await rebuilt(t, (argv) => run.push(argv.join(' ')))
  const { client } = console
  await pairing.cluster.relabelNode('worker-1', { labels: { rack: 'r7' }, taints: [] })
  await pairing.cluster.bindPod('web', 'worker-1')
  const holder = await client.holder(shown.id)
  t.match(holder, {
    node: { uid: /./ },
    former: { id: former.id, key: former.key },
    evicted: [{ name: 'web' }],
    carried: 'label rack=r7',
    onlyRoot: undefined
  })
  const replace = { uid: holder.node?.uid ?? '', former: { id: former.id, key: former.key } }
  const others = [
    { ...replace, uid: 'another-node' },
    { ...replace, former: { ...replace.former, key: shown.key } },
    { uid: replace.uid }
  ]
  for (const other of others) {
    t.match(await refused(client.approve({ ...shown, replace: other })), {
      code: 'revision-changed',
      detail: /another (Node|enrolment) has the name worker-1 now/
    })
  }
  t.match(await refused(client.approve({ ...shown, revision: shown.revision + 1, replace })), {
    code: 'revision-changed',
    now: { id: shown.id }
  })
  t.same(run, [], 'nothing was drained for that')
  t.equal((await pairing.operator.show(former.id)).state, 'ready')

  // the Pod goes a while after its Node
  const approval = client.approve({ ...shown, replace })
  await eventually('the old Node to go', async () => (await pairing.cluster.nodes()).length === 0 || undefined)
  await pairing.cluster.deletePod('web')
  t.match(await approval, { state: 'approved', labels: { rack: 'r7' } })
  t.match(run, [/kubectl .*drain worker-1 --ignore-daemonsets --delete-emptydir-data --timeout=5m$/])
  t.equal((await pairing.operator.show(former.id)).state, 'removed')
  t.match(await client.holder(shown.id), { node: undefined, former: undefined, evicted: { length: 0 } })
})

t.test('a replacement that was cut off after the old Node went goes on with what is left', async (t) => {
  const run: string[] = []
  const { pairing, console, former, shown } = await rebuilt(t, (argv) => run.push(argv.join(' ')))
  await pairing.cluster.bindPod('web', 'worker-1')
  const { node } = await console.client.holder(shown.id)
  const { id, ...look } = shown
  t.equal(
    await refusedWith(pairing.operator.approve(id, { ...look, replace: { uid: node?.uid ?? '' } })),
    'name-in-use'
  )
  t.match(await console.client.holder(id), { node: undefined, former: undefined, pods: [{ name: 'web' }] })
  const { shown: now } = await shownOf(console, id)
  const approval = console.client.approve({ ...now, replace: {} })
  await pairing.cluster.deletePod('web')
  t.match(await approval, { state: 'approved' })
  t.same(run, [], 'nothing is left to drain')
  t.equal((await pairing.operator.show(former.id)).state, 'removed')
})

t.test('a machine that changes while the Pods of the old Node are evicted replaces nothing', async (t) => {
  let change = async (): Promise<unknown> => undefined
  const { pairing, console, former, shown } = await rebuilt(t)
  const other = await openConsole(t, ['--socket', pairing.config.operators.socket], {
    exec: async () => {
      await change()
      return ''
    }
  })
  const { node } = await console.client.holder(shown.id)
  const replace = { uid: node?.uid ?? '', former: { id: former.id, key: former.key } }
  change = () => pairing.operator.reject(shown.id, { reason: 'not ours' })
  t.match(await refused(other.client.approve({ ...shown, replace })), {
    code: 'revision-changed',
    now: { state: 'rejected' }
  })
  t.equal((await pairing.operator.show(former.id)).state, 'ready')
  t.equal((await pairing.cluster.nodes()).length, 1)
  t.match(await refused(other.client.approve({ ...shown, revision: shown.revision + 1, replace })), {
    code: /revision-changed|illegal-event/
  })
})

t.test('a control plane is removed only by root on another one, and the page says how', async (t) => {
  const { pairing, console } = await open(t)
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ name: 'cp-2', ttl: 1800, role: 'control-plane' })
  await machine.enrol(code)
  const { shown } = await shownOf(console, 'cp-2')
  t.match(await refused(console.client.remove({ ...shown, drain: false })), {
    code: 'not-allowed',
    remedy: /^on the host of another control plane: sudo joinery --socket \S+ remove cp-2$/
  })
})

t.test('a pairing server that goes away and comes back: the page hears of both, and looks again', async (t) => {
  const { pairing, console } = await open(t)
  await enrolled(pairing)
  const stream = await console.listen()
  await stream.next('look')
  await console.client.list()
  await pairing.restart({ meanwhile: async () => void (await stream.next('away')) })
  await stream.next('back')
  t.match(await console.client.list(), { items: [{ name: 'worker-1' }] })
})

t.test('20 machines in a wave: each is heard of, page by page, and each is approved as it was shown', async (t) => {
  const { pairing, console } = await open(t)
  const { client } = console
  const { code } = await client.codeCreate({ request: { name: 'w-{n}', uses: 20, ttl: 1800 } })
  const stream = await console.listen()
  await stream.next('look')
  await client.list()
  const machines = await Promise.all(Array.from({ length: 20 }, () => pairing.machine()))
  const hearOfAll = async (wanted: string): Promise<void> => {
    const heard = new Set<string>()
    while (heard.size < machines.length) {
      const { rows } = await stream.next('changed')
      for (const { id, state } of rows) if (state === wanted) heard.add(id)
    }
  }
  for (const machine of machines) await machine.enrol(code.code)
  // a list is of the last look, which may be a second old: a page has what it has heard of
  await hearOfAll('pending')
  const page = await client.list({ state: 'pending', limit: '15' })
  t.match(page, { total: 20, items: { length: 15 }, counts: { pending: 20 } })
  const rest = await client.list({ state: 'pending', limit: '15', continue: page.continue ?? '' })
  t.equal(rest.items.length, 5)
  t.equal(rest.continue, undefined)
  for (const { id, revision, key } of [...page.items, ...rest.items]) await client.approve({ id, revision, key })
  t.match(await client.list({ limit: '1' }), { counts: { pending: 0, approved: 20 } })
  await hearOfAll('approved')
})
