import { Refusal } from '@joinery/console/client'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { openConsole } from '@joinery/testing/console/open-console'
import { joined } from '@joinery/testing/pairing/joined'
import t from 'tap'
import { openBehindFront, viewed, written } from './behind-the-front.ts'

const terminal = { pause: shortSleep(2) }
const problemOf = (error: unknown) => (error instanceof Refusal ? error.problem : Promise.reject(error))

t.test('over the cluster the console is the Kubernetes user, and decides by Decisions', async (t) => {
  const { pairing, front, waiting } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  const { client, listen } = await openConsole(t, ['--kubeconfig', await front.kubeconfig('alice')], terminal)
  const session = await client.session()
  t.match(session, { who: 'alice', door: { to: 'cluster' }, rights: { approve: { may: true } } })
  t.match(session, { name: 'context', door: { server: /^127\.0\.0\.2:\d+$/ } }, 'it says which cluster it is')
  const stream = await listen()
  await stream.next('look')
  const { items } = await client.list()
  t.match(items, [{ id, name: 'worker-1', state: 'pending' }])
  const { revision, key } = await client.show(id)
  t.match(await client.approve({ id, revision, key }), { state: 'approved' })
  t.match(await stream.next('changed'), { rows: [{ id, state: 'approved' }] })
  const { timeline } = await pairing.operator.show(id)
  t.match(
    timeline.find(({ event }) => event === 'approve'),
    { by: 'alice', decision: /./ }
  )
  t.equal(written(front).filter((line) => line.startsWith('POST')).length, 1)
})

t.test('a user without the right sees it as not possible, with the verb, and is refused all the same', async (t) => {
  const { pairing, front, waiting } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  front.verbs.set('bob', ['reject'])
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig('bob')], terminal)
  const { rights, who } = await client.session()
  t.equal(who, 'bob')
  t.same(rights.approve, { may: false, missing: 'approve on enrolments.joinery.dev' })
  t.same(rights.invite, { may: false, missing: 'invite on codes.joinery.dev' })
  t.same(rights.reject, { may: true })
  const { revision, key } = await client.show(id)
  t.match(await client.approve({ id, revision, key }).catch(problemOf), {
    status: 403,
    code: 'not-allowed',
    detail: 'bob may not approve enrolments'
  })
  t.equal((await pairing.operator.show(id)).state, 'pending')
  t.match(await client.reject({ id, revision, key, reason: 'not ours' }), { state: 'rejected' })
})

t.test('a revision that has changed makes no Decision', async (t) => {
  const { front, waiting } = await openBehindFront(t)
  const { id } = await waiting('worker-1')
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], terminal)
  const { revision, key } = await client.show(id)
  t.match(await client.approve({ id, revision: revision + 1, key }).catch(problemOf), {
    code: 'revision-changed',
    now: { id, revision }
  })
  t.same(written(front), [])
})

t.test('the page says what Kubernetes does not show', async (t) => {
  const { pairing, front } = await openBehindFront(t)
  await joined(pairing, 'worker-1')
  await viewed(pairing.cluster, (await pairing.operator.show('worker-1')).id)
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], terminal)
  t.match(await client.alerts(), { items: { length: 0 }, lacking: /Kubernetes shows no alerts/ })
  t.match(await client.audit(), { items: { length: 0 }, read: 1, lacking: /Kubernetes shows no timelines/ })
  t.match(await client.pictures(), { stages: { length: 0 }, lacking: /Kubernetes/ })
  t.match(await client.nodes(), { items: [{ name: 'worker-1' }] })
})

t.test('a code is made on the machine of the console, and revoked there', async (t) => {
  const { pairing, front } = await openBehindFront(t)
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], { ...terminal, pin: pairing.pin })
  const { code } = await client.codeCreate({ request: { name: 'worker-7', ttl: 1800 } })
  t.ok(front.codes.has(code.id))
  t.notMatch(JSON.stringify(front.requests), code.code, 'only its hash leaves the machine')
  t.match(await client.codes(), { items: [{ id: code.id, status: 'open' }] })
  t.match(await client.codeRevoke({ id: code.id }), { status: 'revoked' })
  t.notOk(front.codes.has(code.id))
})

t.test(
  'a console without a pin makes no code, and puts no question on the terminal for whom the page waits',
  async (t) => {
    const { front } = await openBehindFront(t)
    const ask = async (question: string) => t.fail(question)
    const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], { ...terminal, ask } as object)
    t.match(await client.codeCreate({ request: { name: 'worker-7', ttl: 1800 } }).catch(problemOf), {
      detail: /nobody has named the pin/,
      remedy: /JOINERY_PIN/
    })
    t.equal(front.codes.size, 0)
  }
)

t.test('an API server that was away at the first look is asked again', async (t) => {
  const { front } = await openBehindFront(t)
  front.fault({ request: /selfsubjectreviews/, answer: { status: 503 } })
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], terminal)
  // the console itself may have been the first to ask
  await client.session().catch(problemOf)
  t.match(await client.session(), { who: 'alice' })
  t.equal(
    front.requests.filter(({ line }) => line.includes('/selfsubjectreviews')).length,
    2,
    'once more, and not again'
  )
})

t.test('what the console leaves out is said once, and not at each look', async (t) => {
  const { pairing, front, cutOff } = await openBehindFront(t)
  await cutOff()
  pairing.cluster.views.editAsAdmin('enrolments', 'misfit', { state: 'not-a-state' })
  const { client, listen, end } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], terminal)
  const stream = await listen()
  await stream.next('look')
  await client.list()
  await stream.next('look')
  const watch = /enrolments\?.*watch=true/
  const lists = () => front.requests.filter(({ line }) => /enrolments\?(?!.*watch=true)/.test(line)).length
  const before = lists()
  await eventually('it watches', () => front.requests.some(({ line }) => watch.test(line)))
  front.fault({ request: watch, answer: { status: 410, message: 'too old resource version' } })
  await front.restart()
  await eventually('it reads the list again', () => lists() > before)
  t.equal((await end()).err.match(/left out/g)?.length, 1)
})

t.test('an API server that is away is a problem with its remedy', async (t) => {
  const { front } = await openBehindFront(t)
  const { client } = await openConsole(t, ['--kubeconfig', await front.kubeconfig()], terminal)
  await client.list()
  await front.close()
  t.match(await client.show('worker-1').catch(problemOf), {
    status: 503,
    code: 'no-answer',
    remedy: /kubectl .*version/
  })
})
