import type { CauseCode } from '@joinery/protocol'

/** The looks that can say that a line of a journal is about something that is over. */
export type Look = 'kubelet' | 'runtime' | 'network' | 'api' | 'disks'

/**
 * The meaning of a line in the journal of the kubelet or of the container runtime. `cause`: a sentence for a person. `remedy`:
 * lines for root's shell on this machine, as in a check. `$1` and so on stand for the groups of `text`.
 */
export interface WhyRule {
  /** Stable name: the page of the rules and the tests know the rule by it. */
  name: string
  text: RegExp
  code: CauseCode
  cause: string
  remedy: readonly string[]
  /** Program, version, file and function that print the text. */
  source: string
  /**
   * The look that ends the meaning of the line. If the kubelet runs (`kubelet`), the runtime answers (`runtime`), its network is
   * ready (`network`), the API server answers the kubelet (`api`), or each disk has room (`disks`), the line is about something that is
   * over.
   */
  until?: Look
}
