import type { WebhookCounts } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** Counts the notices of each receiver. */
export type NoticeCounts = () => Promise<readonly WebhookCounts[]>
export const NoticeCounts = Symbol('NoticeCounts') as InjectionToken<NoticeCounts>
