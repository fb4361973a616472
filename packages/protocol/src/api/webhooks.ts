import Type, { type Static } from 'typebox'
import { noticeKinds } from '../words/notice-kinds.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })

/** Pattern of a receiver's name. */
export const webhookName = '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'

/** Counts of one receiver of notices, and its trouble. */
export const WebhookCounts = Type.Object({
  name: Type.String(),
  waiting: Type.Integer({ description: 'notices that wait for a try' }),
  sent: Type.Integer({ description: 'notices that the receiver took since the start of the server' }),
  dead: Type.Integer({ description: 'notices that the receiver did not take in time, and that can be sent again' }),
  lost: Type.Integer({ description: 'notices that were not delivered and are not kept' }),
  failing: Type.Optional(
    Type.Object(
      { since: time, times: Type.Integer(), reason: Type.String() },
      { description: 'tries that failed one after the other; absent if the last one did not' }
    )
  ),
  gone: Type.Optional(
    Type.String({ format: 'date-time', description: 'when the receiver answered 410; since then nothing is sent' })
  )
})
export type WebhookCounts = Static<typeof WebhookCounts>

/** Largest number of undelivered notices that the list shows of one receiver. */
export const deadShown = 10

/** One receiver of notices. */
export const Webhook = Type.Object({
  ...WebhookCounts.properties,
  receiver: Type.String({ description: 'scheme, host and port of its URL; the rest of the URL may be a secret' }),
  events: Type.Array(Type.Enum([...noticeKinds])),
  notDelivered: Type.Array(
    Type.Object({
      id: Type.String({ description: 'webhook-id of the notice' }),
      type: Type.String(),
      since: time,
      tries: Type.Integer(),
      reason: Type.String({ description: 'reason why the last try failed' })
    }),
    { description: `at most ${deadShown}, newest first` }
  )
})
export type Webhook = Static<typeof Webhook>
export const WebhookList = Type.Object({ items: Type.Array(Webhook) })

export const WebhookRequest = Type.Object(
  { name: Type.Optional(Type.String({ maxLength: 63, description: 'name of one receiver; all if absent' })) },
  strict
)
export type WebhookRequest = Static<typeof WebhookRequest>

export const WebhookTest = Type.Object({
  name: Type.String(),
  delivered: Type.Boolean(),
  detail: Type.String({ description: 'what the receiver answered, or why it could not be reached' })
})
export type WebhookTest = Static<typeof WebhookTest>
export const WebhookTestList = Type.Object({ items: Type.Array(WebhookTest) })

export const WebhookResent = Type.Object({ name: Type.String(), count: Type.Integer() })
export type WebhookResent = Static<typeof WebhookResent>
export const WebhookResentList = Type.Object({ items: Type.Array(WebhookResent) })
