import type { NoticeKind } from '@joinery/protocol'

/** A receiver of notices, as the configuration says it, with its secrets. */
export interface Receiver {
  name: string
  url: URL
  /** Keys that sign. There are several while a secret is replaced. */
  secrets: readonly Buffer[]
  kinds: ReadonlySet<NoticeKind>
  /** PEM of the CAs that its certificate may come from. Those of Node if absent. */
  certificateAuthority?: string
  /** True if nothing may be sent to another host: the URL is http, and the configuration does not allow that elsewhere. */
  onlyHere: boolean
}
