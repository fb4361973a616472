import type { Webhook } from '@joinery/protocol'
import { ago, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const relay: Webhook = {
  name: 'relay',
  receiver: 'http://127.0.0.1:9000',
  events: ['pending', 'ready', 'failed', 'frozen', 'recovering', 'in-service', 'alert'],
  waiting: 0,
  sent: 12,
  dead: 0,
  lost: 0,
  notDelivered: []
}
const pager: Webhook = {
  ...relay,
  name: 'pager',
  receiver: 'https://pager.example',
  events: ['alert', 'frozen'],
  waiting: 3,
  sent: 0,
  dead: 2,
  lost: 1,
  failing: { since: ago(120), times: 4, reason: 'answered 500' },
  notDelivered: [{ id: 'msg_1', type: 'alert.raised', since: ago(90_000), tries: 8, reason: 'answered 500' }]
}

t.test('webhook list shows each receiver, and what it did not take', async (t) => {
  const { exitCode, out, err } = await joinery(
    t,
    { listWebhooks: () => ({ items: [relay, pager] }) },
    'webhook',
    'list'
  )
  t.equal(
    out,
    `NAME    RECEIVER                EVENTS         WAITING   SENT   NOT DELIVERED   STATE
relay   http://127.0.0.1:9000   all            0         12     0               ok
pager   https://pager.example   alert,frozen   3         0      3               failing for 2m: answered 500
Not delivered, newest first:
  SINCE                  WEBHOOK   TYPE           TRIES   WHY
  2026-11-24T11:00:00Z   pager     alert.raised   8       answered 500
`
  )
  t.equal(err, 'Next: joinery webhook resend pager\n')
  t.equal(exitCode, 0)
  const named = await joinery(t, { listWebhooks: () => ({ items: [relay, pager] }) }, 'webhook', 'list', '-o', 'name')
  t.equal(named.out, 'webhook/relay\nwebhook/pager\n')
  for (const words of [
    ['--no-headers', 'webhook', 'list'],
    ['webhook', 'list', '--no-headers']
  ]) {
    const bare = await joinery(t, { listWebhooks: () => ({ items: [relay] }) }, ...words)
    t.match(bare.out, /^relay /, words.join(' '))
  }
  const none = await joinery(t, { listWebhooks: () => ({ items: [] }) }, 'webhook', 'list')
  t.match(none, { exitCode: 0, out: '', err: /^No webhook is configured/ })
})

t.test('webhook test says what each receiver answered, and ends with 1 if one did not take the sample', async (t) => {
  const items = [
    { name: 'relay', delivered: true, detail: 'took the sample' },
    { name: 'pager', delivered: false, detail: 'answered 500\u001b[2J' }
  ]
  const asked: unknown[] = []
  const handlers = {
    testWebhooks: ({ body }: { body: unknown }) => {
      asked.push(body)
      return { items }
    }
  }
  const { exitCode, out, err } = await joinery(t, handlers, 'webhook', 'test')
  t.equal(out, 'webhook/relay: took the sample\nwebhook/pager: answered 500\\u{1b}[2J\n')
  t.match(err, 'error: the sample was not taken by pager')
  t.equal(exitCode, 1)
  await joinery(t, handlers, 'webhook', 'test', 'webhook/relay')
  t.same(asked, [{}, { name: 'relay' }])
})

t.test('webhook resend says how many are sent again', async (t) => {
  const handlers = { resendWebhooks: () => ({ items: [{ name: 'pager', count: 2 }] }) }
  const { exitCode, out, err } = await joinery(t, handlers, 'webhook', 'resend', 'pager')
  t.same([exitCode, out, err], [0, 'webhook/pager: 2 sent again\n', 'Next: joinery webhook list\n'])
})

t.test('status counts what each receiver took, and what it did not', async (t) => {
  const counted = { ...status, webhooks: [relay, pager] }
  const { out } = await joinery(t, { status: () => counted }, 'status')
  t.match(out, /^Webhooks: +relay: 12 sent, 0 waiting, 0 not delivered\n +pager: 0 sent, 3 waiting, 3 not delivered$/m)
})
