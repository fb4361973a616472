import { randomBytes } from 'node:crypto'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import t from 'tap'
import { readSecrets, signedHeaders } from '../../../src/features/notices/sign.ts'

const secretOf = (key: Buffer): string => `whsec_${key.toString('base64')}`

t.test('the official library verifies a notice that was signed here, and no other one', async (t) => {
  const key = randomBytes(32)
  const body = '{"type":"webhook.test","timestamp":"2026-01-01T00:00:00.000Z","data":{"message":"\\u00e4"}}'
  // the library compares with the clock of its host
  const headers = signedHeaders('msg_1', body, [key], new Date())
  const judge = new Webhook(secretOf(key))
  t.same(judge.verify(body, headers), JSON.parse(body))
  const bent: [string, string, Record<string, string>][] = [
    ['another body', `${body} `, headers],
    ['another id', body, { ...headers, 'webhook-id': 'msg_2' }],
    ['another time', body, { ...headers, 'webhook-timestamp': `${Number(headers['webhook-timestamp']) - 1}` }],
    ['another key', body, signedHeaders('msg_1', body, [randomBytes(32)], new Date())],
    ['an old try', body, signedHeaders('msg_1', body, [key], new Date(Date.now() - 3_600_000))]
  ]
  for (const [what, text, those] of bent) t.throws(() => judge.verify(text, those), WebhookVerificationError, what)
})

t.test('while a secret is replaced, a receiver verifies by the old one and by the new one', async (t) => {
  const keys = [randomBytes(24), randomBytes(64)]
  const headers = signedHeaders('msg_1', '{}', keys, new Date())
  for (const key of keys) t.same(new Webhook(secretOf(key)).verify('{}', headers), {})
})

t.test('a secret file has one secret on each line, and nothing else', async (t) => {
  const [one, two] = [randomBytes(32), randomBytes(24)]
  t.same(readSecrets(`${secretOf(one)}\n`), [one])
  t.same(readSecrets(`${secretOf(one)}\r\n\n ${secretOf(two)}`), [one, two])
  for (const text of [
    '',
    '\n',
    one.toString('base64'),
    'whsec_',
    secretOf(randomBytes(23)),
    secretOf(randomBytes(65)),
    `${secretOf(one)}\nwhsec_short`,
    `${secretOf(one)} # of the relay`,
    // the last character has bits that no byte takes: two texts would be one key
    `whsec_${Buffer.alloc(31, 1).toString('base64').replace(/.=$/, 'B=')}`
  ]) {
    t.equal(readSecrets(text), undefined, text)
  }
})
