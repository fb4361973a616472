import { createHash } from 'node:crypto'
import { asciiJson } from '@joinery/host/text/json'
import {
  awaitsApproval,
  calledOf,
  isFrozen,
  isNodeName,
  type NoticeKind,
  shortFingerprint,
  type TimelineEntry
} from '@joinery/protocol'
import { type Notice, noticeTypes } from '@joinery/protocol/notices'
import { describe } from '../../core/enrolment/decision/describe.ts'
import { tame } from '../../core/ports/cluster/bounded-text.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { SubjectEntry } from '../../core/ports/store/timeline.ts'

/** True if a notice may come of the entry. The enrolment of no other entry must be read. */
export const mayTell = ({ event, alert }: TimelineEntry): boolean => alert || calledOf(event)?.notice !== undefined

/**
 * Kind of the notice that an entry makes for a receiver that wants these kinds. Undefined if it makes none. An entry never makes
 * two: an alert that froze an enrolment is `frozen`, unless the receiver wants only alerts.
 */
export const judgeEntry = (
  { event, alert, at }: TimelineEntry,
  enrolment: EnrolmentDocument | undefined,
  wanted: ReadonlySet<NoticeKind>
): NoticeKind | undefined => {
  const ofEvent = enrolment === undefined ? undefined : kindOf(event, at, enrolment)
  const kinds = [...(ofEvent === undefined ? [] : [ofEvent]), ...(alert ? ['alert' as const] : [])]
  return kinds.find((kind) => wanted.has(kind))
}

const kindOf = (event: string, at: string, enrolment: EnrolmentDocument): NoticeKind | undefined => {
  // a conflict freezes only before the claim, and a restore takes back only an approval that was not used
  if (isFrozen(enrolment) && enrolment.since === at) return 'frozen'
  if (event === 'restore' && !awaitsApproval(enrolment)) return undefined
  return calledOf(event)?.notice
}

/** The `webhook-id` of an entry: the same however often the entry is read, so a receiver can tell that it knows the notice. */
export const noticeId = ({ subject, entry: { at, actor, event, detail } }: SubjectEntry): string =>
  idOf(subject, at, actor, event, detail)

/** The `webhook-id` of a notice that stands for several, by its kind and the first of them. */
export const collapsedId = (kind: string, first: string): string => idOf('collapsed', kind, first)

const idOf = (...parts: string[]): string =>
  `msg_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}`

/** The body of an enrolment's notice: some of what `joinery list` shows. */
export const enrolmentBody = (
  kind: Exclude<NoticeKind, 'alert'>,
  { at, event, alert }: TimelineEntry,
  enrolment: EnrolmentDocument
): string => {
  const { id, name, state, role, address, key, code, created, since } = enrolment
  return body({
    type: noticeTypes[kind],
    timestamp: at,
    data: {
      enrolment: id,
      name: tame(name, 253),
      state,
      role,
      address: tame(address, 45),
      key: key === '' ? '' : shortFingerprint(key),
      code: tame(code, 64),
      created,
      since,
      message: tame(describe(enrolment, { names: true, steady: true }), 512),
      event: tame(event, 64),
      alert,
      next: `joinery show ${isNodeName(name) ? name : id}`
    }
  })
}

/** The body of an alert's notice. */
export const alertBody = (
  at: string,
  alert: { subject: string; event: string; detail: string; next: string }
): string =>
  body({
    type: noticeTypes.alert,
    timestamp: at,
    data: {
      subject: tame(alert.subject, 320),
      event: tame(alert.event, 64),
      detail: tame(alert.detail, 1024),
      next: tame(alert.next, 320)
    }
  })

const commands: Readonly<Record<NoticeKind, string>> = {
  pending: 'joinery list --state pending',
  ready: 'joinery list --state ready',
  failed: 'joinery list --state failed',
  frozen: 'joinery list --state frozen',
  recovering: 'joinery list --state recovering',
  'in-service': 'joinery list --state ready',
  alert: 'joinery status'
}

/** The body of a notice that stands for several of one kind. */
export const collapsedBody = (kind: NoticeKind, count: number, from: string, until: string): string =>
  body({
    type: 'notices.collapsed',
    timestamp: from,
    data: { type: noticeTypes[kind], count, from, until, next: commands[kind] }
  })

/** The body of a sample. */
export const testBody = (receiver: string, now: Date): string =>
  body({
    type: 'webhook.test',
    timestamp: now.toISOString(),
    data: { message: `a sample for the receiver ${receiver}: nothing has happened` }
  })

const body = (notice: Notice): string => asciiJson(JSON.stringify(notice))
