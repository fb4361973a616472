import { type AgentStatus, asksOperator, escapeText, hasOpenAttempt, isLive, shortFingerprint } from '@joinery/protocol'
import { exitCodes } from '../program/exit-codes.ts'

/** The display for a person who watches: a line for each change, and on a screen a line below that is written over. */
export interface Frame {
  line: string
  bar?: string
}

const width = 24

/** The frame for this status. On a screen the bar of a join moves. Without a screen each stage is a line of its own. */
export const frameOf = (status: AgentStatus, screen: boolean): Frame => {
  const { agent, message, enrolment, attempt, key } = status
  const joins = agent === 'running' && enrolment !== undefined && hasOpenAttempt(enrolment) && attempt !== undefined
  if (joins && screen) return { line: `joining as ${text(enrolment.name)}`, bar: barOf(attempt) }
  if (joins && attempt.stage !== undefined)
    return { line: `joining: ${attempt.done}/${attempt.of} ${text(attempt.stage)}` }
  const compare = agent === 'running' && enrolment !== undefined && asksOperator(enrolment) && key !== undefined
  return {
    line: [
      agent === 'running' ? text(message) : `${agent}: ${text(message)}`,
      ...(compare ? [`key ${shortFingerprint(key)}`, `compare with: joinery show ${text(enrolment.name)}`] : [])
    ].join('; ')
  }
}

const text = (untrusted: string): string => escapeText(untrusted.replaceAll('\n', '; '))

const barOf = ({ done, of, stage }: NonNullable<AgentStatus['attempt']>): string => {
  const filled = Math.round((done / of) * width)
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${done}/${of}`
  return stage === undefined ? bar : `${bar} ${text(stage)}`
}

/** The exit code once there is nothing more to watch: the node is Ready, or only a person can go on. */
export const endOf = ({ agent, enrolment }: AgentStatus): 0 | 1 | undefined => {
  if (agent === 'ready') return exitCodes.ok
  if (agent === 'starting') return undefined
  if (agent !== 'running') return exitCodes.failure
  return enrolment !== undefined && !isLive(enrolment) ? exitCodes.failure : undefined
}
