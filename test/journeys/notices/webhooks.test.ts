import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerConfig } from '@joinery/server/testing/config'
import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { openReceiver, type Received } from '@joinery/testing/pairing/receiver'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import { Webhook } from 'standardwebhooks'
import t, { type Test } from 'tap'

const secret = `whsec_${randomBytes(32).toString('base64')}`

const open = async (t: Test, more: Partial<NonNullable<ServerConfig['webhooks']>[number]> = {}) => {
  const receiver = await openReceiver(t)
  const folder = t.testdir({})
  const secretFile = join(folder, 'secret')
  await writeFile(secretFile, `${secret}\n`, { mode: 0o600 })
  const pairing = await openPairing(t, { webhooks: [{ name: 'relay', url: receiver.url, secretFile, ...more }] })
  return { pairing, receiver }
}
const typeOf = ({ text }: Received): string => JSON.parse(text).type
const is = (type: string) => (one: Received) => typeOf(one) === type

t.test('a machine that comes, joins and meets a thief is told step by step, signed and without a secret', async (t) => {
  const { pairing, receiver } = await open(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  const pending = await receiver.until('a notice', is('enrolment.pending'))
  const { items } = await pairing.operator.list()
  t.match(JSON.parse(pending.text).data, {
    enrolment: items[0]?.id,
    name: 'worker-1',
    state: 'pending',
    next: 'joinery show worker-1'
  })
  const thief = await pairing.machine()
  await t.rejects(thief.enrol(code), { code: 'code-not-accepted' })
  await receiver.until('it froze', is('enrolment.frozen'))
  await ready(pairing, 'worker-2')
  await receiver.until('it is ready', ({ text }) => text.includes('"enrolment.ready"') && text.includes('worker-2'))
  for (const { headers, text } of receiver.received) {
    // by the official library, which compares the time with the clock of this host: the server's shows another day
    const now = Number(headers['webhook-timestamp']) * 1000
    const real = Date.now
    Date.now = () => now
    try {
      t.same(new Webhook(secret).verify(text, headers as Record<string, string>), JSON.parse(text))
    } finally {
      Date.now = real
    }
    t.notMatch(text, code)
    t.equal(headers['content-type'], 'application/json')
  }
  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  t.equal(new Set(ids).size, ids.length, 'each once')
  t.notMatch(pairing.log, secret.slice(6))
  // the receiver has a notice before the server has its answer
  const status = await eventually('nothing waits', async () => {
    const status = await pairing.operator.status()
    return status.webhooks?.[0]?.waiting === 0 && status
  })
  t.match(status, { webhooks: [{ name: 'relay', dead: 0 }], remedies: { length: 0 } })
})

t.test('a receiver that was away while the server started again gets what it missed', async (t) => {
  const { pairing, receiver } = await open(t, { events: ['pending'] })
  receiver.status = 500
  await enrolled(pairing, 'worker-1')
  const first = await receiver.until('a try', is('enrolment.pending'))
  await eventually('the server has its answer', async () => (await pairing.operator.listWebhooks()).items[0]?.failing)
  await pairing.restart()
  receiver.status = 200
  await approve(pairing, 'worker-1')
  const tried = receiver.received.length
  pairing.clock.advance(60_000)
  await enrolled(pairing, 'worker-2')
  await receiver.until('the other one', ({ text }) => text.includes('worker-2'))
  const again = receiver.received.slice(tried).filter(is('enrolment.pending'))
  t.ok(
    again.some(({ headers }) => headers['webhook-id'] === first.headers['webhook-id']),
    'the one that it did not take, under the same id'
  )
  t.notMatch(receiver.received.map(typeOf), ['enrolment.ready'], 'and only what it wants')
})

t.test('a sample, an end by 410, and a new beginning, by the operators of the socket', async (t) => {
  const { pairing, receiver } = await open(t)
  const { operator } = pairing
  t.match(await operator.testWebhooks({}), { items: [{ name: 'relay', delivered: true }] })
  receiver.status = 410
  await enrolled(pairing, 'worker-1')
  await receiver.until('a try', is('enrolment.pending'))
  const gone = await eventually('it is gone', async () => (await operator.listWebhooks()).items.find((one) => one.gone))
  t.match(gone, { dead: 1, notDelivered: [{ type: 'enrolment.pending', reason: 'answered 410' }] })
  t.match((await operator.status()).remedies, [/^The webhook relay answered 410 .* joinery webhook resend relay$/])
  receiver.status = 200
  const tried = receiver.received.length
  t.same(await operator.resendWebhooks({ name: 'relay' }), { items: [{ name: 'relay', count: 1 }] })
  await eventually('it is sent again', async () => receiver.received.slice(tried).find(is('enrolment.pending')))
  await eventually('nothing waits', async () => {
    const [one] = (await operator.listWebhooks()).items
    return one?.waiting === 0 && one.dead === 0 && one.gone === undefined
  })
  await t.rejects(operator.testWebhooks({ name: 'nobody' }), /no webhook has this name/)
})
