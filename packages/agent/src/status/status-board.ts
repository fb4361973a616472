import { isDeepStrictEqual } from 'node:util'
import { asksOperator, escapeText, next, shortFingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { AgentReport } from './agent-report.ts'
import type { Show } from './show.ts'
import { toldOf, type View } from './view.ts'

export interface BoardParts {
  /** URL of the pairing server of the configuration. */
  server: string
  process: AgentReport['process']
  /** Milliseconds of `Clock`. */
  now: () => number
  /** Fingerprint of this machine's key. It is only asked for once there is an enrolment. */
  key: () => Promise<string>
  /** Keeps the report for anybody who asks. */
  keep: (report: AgentReport) => Promise<void>
  /** Says a line to a person before the machine. Nobody waits for it. */
  announce: (line: string) => void
}

/**
 * Shows what the agent does to people at its machine. It writes only what changed, one after the other. Changes
 * during a write are written together. A failed write does not keep the agent from its work.
 */
export const statusBoard = (parts: BoardParts): Show => {
  const view: View = { message: 'starting' }
  let kept: AgentReport | undefined
  let announced: string | undefined
  let behind = false
  let busy = false

  const update = async (): Promise<void> => {
    const report = await reportOf(view, parts, kept)
    const line = approvalLine(report)
    if (line !== undefined && line !== announced) {
      announced = line
      parts.announce(line)
    }
    if (!isDeepStrictEqual(report, kept)) await parts.keep(report)
    kept = report
  }

  const catchUp = async (): Promise<void> => {
    busy = true
    while (behind) {
      behind = false
      await update().catch(() => {})
    }
    busy = false
  }

  return (part) => {
    Object.assign(view, part)
    behind = true
    if (!busy) void catchUp()
  }
}

const reportOf = async (view: View, parts: BoardParts, kept?: AgentReport): Promise<AgentReport> => {
  const told = { ...remembered(view, kept), ...toldOf(view) }
  const same = told.message === kept?.message && told.enrolment?.state === kept.enrolment?.state
  const key = kept?.key ?? (told.enrolment && (await parts.key()))
  return {
    process: parts.process,
    server: told.servers?.find(({ inUse }) => inUse)?.url ?? parts.server,
    since: same ? kept.since : parts.now(),
    ...told,
    ...given({ key })
  }
}

/** The last words of the server, which the agent forgets and people still ask for. */
const remembered = ({ situation }: View, kept?: AgentReport): Pick<AgentReport, 'enrolment'> =>
  kept?.enrolment && situation?.enrolment !== 'none' ? { enrolment: kept.enrolment } : {}

/**
 * The line that the machine's console shows while an operator has to decide, so that the operator can compare the
 * key. The server chose the name, so its text is escaped. Undefined if nobody has to decide.
 */
const approvalLine = ({ enrolment, key }: Pick<AgentReport, 'enrolment' | 'key'>): string | undefined => {
  if (enrolment === undefined || key === undefined || !asksOperator(enrolment)) return undefined
  const what = next(enrolment.state, 'release') === undefined ? 'approval' : 'release'
  const name = escapeText(enrolment.name)
  return `waiting for ${what} as ${name}; key ${shortFingerprint(key)}; compare with: joinery show ${name}`
}
