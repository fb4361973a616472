import { headName, takeAway } from '@joinery/kube/log'
import { StartRefusal } from '../../base/start-refusal.ts'

/**
 * Reasons why a log cannot be taken over. `log-damaged`: head or documents are not as a server left them. `log-newer`: a newer server
 * wrote them. `log-other`: the local file belongs to another log, or knows more of it than the cluster does.
 */
export type LogRefusalCode = 'log-damaged' | 'log-newer' | 'log-other'

/** Error of a start that finds a log in the cluster which it must not go on with. No document was changed. */
export class LogRefusal extends StartRefusal {
  readonly code: LogRefusalCode

  constructor(code: LogRefusalCode, cause: string, remedy: string) {
    super(cause, remedy)
    this.name = 'LogRefusal'
    this.code = code
  }
}

/** The two ways on. Neither is taken without a person. */
const adopt =
  'if etcd was restored: joinery-server store adopt --cluster (goes on with what the cluster has); if objects were lost: joinery-server store adopt --local (writes them again from the local file)'

export const damaged = (cause: string): LogRefusal => new LogRefusal('log-damaged', cause, adopt)

export const other = (cause: string): LogRefusal => new LogRefusal('log-other', cause, adopt)

/** Makes the log anew from the file of this host, if nothing can go on with the head. */
const makeAnew = `${takeAway('loghead', headName)} && joinery-server store adopt --local`

export const newer = (what: string, format: number): LogRefusal =>
  new LogRefusal(
    'log-newer',
    `a newer server wrote ${what} of the log (format ${format})`,
    'install that version of joinery-server here too'
  )

/** Refusal of a head to be adopted over. A format is a number that anybody can write. */
export const newerOrForged = (format: number): LogRefusal =>
  new LogRefusal(
    'log-newer',
    `the head of the log in the cluster has format ${format}, which this server does not know`,
    `install the version that does; if there is none, somebody wrote it by hand: ${makeAnew}`
  )

/** Refusal of a head from which nobody can count on. */
export const countedOut = ({ number, term }: { number: number; term: number }): LogRefusal =>
  new LogRefusal(
    'log-damaged',
    `the head of the log in the cluster has batch ${number} and term ${term}, and no server counts that far: somebody wrote it by hand`,
    makeAnew
  )
