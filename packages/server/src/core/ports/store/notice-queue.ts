import type { TimelineEntry } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Placed } from './list-page.ts'

/** A notice that waits for its receiver, or that its receiver did not take in time. It holds no secret. */
export interface NoticeDocument {
  /** Name of the receiver in the configuration. With `id` the key of the document. */
  receiver: string
  /** The `webhook-id`, which is the same at each try. */
  id: string
  revision: number
  /** Kind of its event, by which waiting notices are counted. */
  kind: string
  /** The bytes that are sent, the same at each try. */
  body: string
  /** When it began to wait. */
  since: string
  /** Time of the next try. */
  due: string
  /** Number of tries that failed. */
  tries: number
  /** Reason why the last try failed. */
  failure?: string
  /** When the server gave it up. */
  dead?: string
  /** Number of events that it stands for, if it stands for several. */
  count?: number
}

/** The state of one receiver. A receiver that only reads the timelines, such as the traces, has no notices. */
export interface ReceiverDocument {
  /** Key of the document. */
  name: string
  revision: number
  /** Place in the timelines up to which their entries were read. */
  place: number
  /** Tries that failed one after the other, of any notice. Absent if the last one did not. */
  failing?: { since: string; times: number; until: string; reason: string }
  /** When the receiver answered that it wants no more, and a hash of the URL that it had. */
  gone?: { at: string; url: string }
  /** Number of notices that are kept nowhere: pruned after they were given up, or too many at once. */
  lost?: number
}

/** Part of a change of the store: what it does to notices and to their receivers. */
export interface QueueChange {
  receivers?: readonly ReceiverDocument[]
  notices?: readonly NoticeDocument[]
  /** Notices to delete, at the revision that was read. */
  sent?: readonly Pick<NoticeDocument, 'receiver' | 'id' | 'revision'>[]
  /** Names of receivers to forget with all of their notices. */
  forgotten?: readonly string[]
}

/** The reads of the queue, and of the timelines that it follows. */
export interface NoticeQueue {
  /** Entries of all timelines that were written after this place, in the order of writing. */
  entriesAfter(place: number, limit: number): Promise<Placed<{ subject: string; entry: TimelineEntry }>[]>
  /** Place of the entry that was written last, also if it is gone by now. */
  lastPlace(): Promise<number>
  receivers(): Promise<ReceiverDocument[]>
  receiver(name: string): Promise<ReceiverDocument | undefined>
  /** Number of notices that wait for the receiver, by kind. */
  waiting(receiver: string): Promise<Record<string, number>>
  /**
   * The notice that is due first. One that stands for several events comes after all older ones of its kind, so it can take up
   * more events until then.
   */
  next(receiver: string): Promise<NoticeDocument | undefined>
  /** The newest notice of this kind that stands for several events, and was not tried yet. */
  open(receiver: string, kind: string): Promise<NoticeDocument | undefined>
  /** Notices that wait, the oldest first. */
  allWaiting(receiver: string): Promise<NoticeDocument[]>
  /** Notices that were given up, the newest first. */
  dead(receiver: string): Promise<NoticeDocument[]>
}
export const NoticeQueue = Symbol('NoticeQueue') as InjectionToken<NoticeQueue>
