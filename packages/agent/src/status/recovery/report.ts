import type { Files } from '@joinery/host/files'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { processStart } from '../process-start.ts'

/** A phase of a way back that a process is at work on. */
const phases = ['asking', 'waiting', 'returning'] as const
export type RecoveryPhase = (typeof phases)[number]

const strict = { additionalProperties: false }

/** The report of a process that brings this machine back, for anybody who asks on this machine. Times are of `Clock`. */
export const RecoveryReport = Type.Object(
  {
    process: Type.Object({ pid: Type.Integer(), started: Type.String() }, strict),
    key: Type.String(),
    phase: Type.Enum([...phases]),
    message: Type.String(),
    since: Type.Number()
  },
  strict
)
export type RecoveryReport = Static<typeof RecoveryReport>

/** Path of the report. It is on tmpfs, as what runs now is not true after a reboot. */
export const recoveryReportFile = (runDirectory: string): string => `${runDirectory}/recovery.json`

/** The report of the process that brings this machine back now. Undefined if there is none. */
export const readRecoveryReport = async (
  files: Pick<Files, 'read'>,
  runDirectory: string
): Promise<RecoveryReport | undefined> => {
  const report = parse((await files.read(recoveryReportFile(runDirectory))) ?? '')
  if (!Value.Check(RecoveryReport, report)) return undefined
  const { pid, started } = report.process
  return (await processStart(files, pid)) === started ? report : undefined
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
