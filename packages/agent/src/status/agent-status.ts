import {
  type AgentCondition,
  type AgentStatus,
  hasFailed,
  isFinal,
  type MachineChange,
  progressOf
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Journal } from '../journal/journal.ts'
import type { AgentReport } from './agent-report.ts'
import type { RecoveryReport } from './recovery/report.ts'

/** Everything that can be seen of an agent on its machine. */
export interface Seen {
  /** The configuration that the agent would start with: its server, or what is wrong with it. Undefined if there is none. */
  config: { server: string } | { problem: string } | undefined
  /** systemd's words for the agent's unit. Empty if systemd does not answer. */
  unit: Partial<Record<'ActiveState' | 'SubState' | 'Job', string>>
  /** The agent's last report since the machine booted, and whether its process still runs. */
  said: { report: AgentReport; alive: boolean } | undefined
  journal: Journal
  /** The report of the process that brings this machine back. Undefined if there is none. */
  recovery?: RecoveryReport
  /** True if the pairing server was asked for the way back, and has not acknowledged its end. */
  comesBack?: boolean
  /** Fingerprint of the machine's key, once there is one. */
  key: string | undefined
  /** The changes that the agent made to mend this machine. */
  changes: readonly MachineChange[]
  /** Milliseconds of `Clock`. */
  now: number
}

/** The status of the agent. A report of a process that is gone tells what was. Only the rest tells what is. */
export const agentStatus = (seen: Seen): AgentStatus => {
  const { said, config, now, changes } = seen
  const report = said?.report
  const server = report?.server ?? (config !== undefined && 'server' in config ? config.server : undefined)
  const key = report?.key ?? seen.recovery?.key ?? seen.key
  const attempt = report?.attempt ?? seen.journal.attempt
  return {
    version: 1,
    ...conditionOf(seen),
    ...(said?.alive && { lasted: seconds(now - said.report.since) }),
    ...given({ server, servers: report?.servers, key }),
    ...(report?.enrolment && { enrolment: report.enrolment }),
    ...(attempt && { attempt: attemptOf(attempt) }),
    ...(said?.alive && said.report.failing && { failing: failingOf(said.report.failing, now) }),
    failures: failuresOf(seen.journal),
    ...recoveryOf(seen),
    checks: report?.checks ?? [],
    changes: [...changes]
  }
}

/** The failures that were taken back, and the one that is not yet. */
const failuresOf = ({ failures = [], attempt }: Journal): AgentStatus['failures'] => {
  const present = attempt?.failure === undefined ? [] : [{ attempt: attempt.number, failure: attempt.failure }]
  return [...failures, ...present].map(({ attempt, failure: { remedy = [], ...failure } }) => ({
    attempt,
    ...failure,
    remedy
  }))
}

type Condition = Pick<AgentStatus, 'agent' | 'message' | 'remedy'>

const condition = (agent: AgentCondition, message: string, ...remedy: string[]): Condition => ({
  agent,
  message,
  remedy
})

const journalctl = 'journalctl --unit joinery-agent --boot'
const start = 'systemctl enable --now joinery-agent'

const recoveryOf = ({ recovery, comesBack, now }: Seen): Pick<AgentStatus, 'recovery'> => {
  if (recovery !== undefined) return { recovery: { phase: recovery.phase, lasted: seconds(now - recovery.since) } }
  return comesBack ? { recovery: { phase: 'interrupted' } } : {}
}

const conditionOf = ({ said, unit, journal, config, recovery, comesBack }: Seen): Condition => {
  if (said?.alive) return running(said.report)
  if (recovery !== undefined) return condition('running', `on the way back: ${recovery.message}`)
  if (comesBack) {
    const message = 'on the way back: the kubelet has lost its certificate; the next look is within the hour'
    return condition('stopped', message, 'joinery-agent recover')
  }
  // a job that waits in systemd's queue has not changed the state yet
  const starts = unit.Job || unit.ActiveState === 'active' || unit.ActiveState === 'reloading'
  const again = unit.SubState?.startsWith('auto-restart')
  if (starts || (unit.ActiveState === 'activating' && !again)) return condition('starting', 'the agent is starting')
  if (journal.accepted) return condition('ready', 'the node is Ready, and the agent has ended')
  if (config === undefined)
    return condition('not-configured', 'no pairing server is known', 'joinery-agent enrol --help')
  if ('problem' in config) return condition('failed', config.problem, 'correct the configuration', start)
  if (again || unit.ActiveState === 'failed') return condition('failed', 'the agent ended with an error', journalctl)
  const enrolment = said?.report.enrolment
  if (enrolment !== undefined && isFinal(enrolment)) return condition('ended', said?.report.message ?? enrolment.state)
  return condition('stopped', 'the agent does not run', start)
}

const running = ({ failing, message, enrolment }: AgentReport): Condition => {
  const remedy = enrolment !== undefined && hasFailed(enrolment) ? [journalctl] : []
  return condition('running', failing?.reason ?? message, ...remedy)
}

const attemptOf = ({ number, stage, controlPlane }: { number: number; stage?: string; controlPlane?: unknown }) => ({
  number,
  ...given({ stage }),
  ...progressOf(stage, controlPlane === undefined ? 'worker' : 'control-plane')
})

const failingOf = ({ reason, tries, since, nextTry }: NonNullable<AgentReport['failing']>, now: number) => ({
  reason,
  tries,
  lasted: seconds(now - since),
  nextTry: seconds(nextTry - now)
})

const seconds = (milliseconds: number): number => Math.max(0, Math.round(milliseconds / 1000))
