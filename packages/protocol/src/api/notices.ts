import Type, { type Static, type TSchema } from 'typebox'
import type { NoticeKind } from '../words/notice-kinds.ts'

const time = Type.String({ format: 'date-time' })

/** An enrolment as a notice shows it: some of what `joinery list` shows, as it was when the server made the notice. */
export const EnrolmentNotice = Type.Object({
  enrolment: Type.String({ description: 'id of the enrolment' }),
  name: Type.String(),
  state: Type.String(),
  role: Type.String(),
  address: Type.String({ description: 'address at which the server sees the machine; empty if there is no agent' }),
  key: Type.String({ description: "first 80 bits of the key's fingerprint; empty if there is no agent" }),
  code: Type.String({ description: 'id of the code, which is no secret' }),
  created: time,
  since: time,
  message: Type.String({ description: 'what the enrolment waits for, or why it ended' }),
  event: Type.String({ description: 'event of the timeline' }),
  alert: Type.Boolean({ description: 'true if the event must not happen' }),
  next: Type.String({ description: 'command that shows more' })
})

/** An alert, as `joinery status` shows it. */
export const AlertNotice = Type.Object({
  subject: Type.String({ description: 'enrolment/NAME, code/ID, node/NAME, cluster or store' }),
  event: Type.String(),
  detail: Type.String(),
  next: Type.String({ description: 'command that shows more' })
})

/** Many events of one kind in one notice. */
export const CollapsedNotice = Type.Object({
  type: Type.String({ description: 'type of the notices that this one stands for' }),
  count: Type.Integer(),
  from: time,
  until: time,
  next: Type.String({ description: 'command that shows more' })
})

/** A sample, which nothing has caused. */
export const TestNotice = Type.Object({ message: Type.String() })

/** Type of a notice for each kind. */
export const noticeTypes = {
  pending: 'enrolment.pending',
  ready: 'enrolment.ready',
  failed: 'enrolment.failed',
  frozen: 'enrolment.frozen',
  recovering: 'enrolment.recovering',
  'in-service': 'enrolment.in_service',
  alert: 'alert.raised'
} as const satisfies Record<NoticeKind, string>

const noticeOf = <T extends string, D extends TSchema>(types: readonly T[], data: D) =>
  Type.Object({
    type: Type.Enum([...types]),
    timestamp: Type.String({ format: 'date-time', description: 'when it happened, not when it is sent' }),
    data
  })

const { alert, ...ofEnrolments } = noticeTypes

/** Body of a notice. */
export const Notice = Type.Union([
  noticeOf(Object.values(ofEnrolments), EnrolmentNotice),
  noticeOf([alert], AlertNotice),
  noticeOf(['notices.collapsed'], CollapsedNotice),
  noticeOf(['webhook.test'], TestNotice)
])
export type Notice = Static<typeof Notice>
