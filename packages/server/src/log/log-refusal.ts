import { StartRefusal } from '../base/start-refusal.ts'

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

export const newer = (what: string, format: number): LogRefusal =>
  new LogRefusal(
    'log-newer',
    `a newer server wrote ${what} of the log (format ${format})`,
    'install that version of joinery-server here too'
  )
