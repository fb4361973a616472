import { CommandEnd } from '@joinery/host/command-end'
import { type Check, type PreflightReport, resultOf } from '@joinery/protocol'
import type { Looking } from '../machine/port/looking.ts'
import type { Mending } from '../machine/port/mending.ts'
import type { PreflightInput } from '../machine/preflight/check/preflight-input.ts'
import { exitCodes } from '../program/exit-codes.ts'
import { type Fix, toMend } from './to-mend.ts'

/**
 * Checks the machine. With `fix` it mends what may be mended, and checks again. Without `fix` it changes nothing.
 * Throws CommandEnd if somebody is at work on the machine, so that nothing was mended.
 */
export const runPreflight = async (
  { looking, mending }: { looking: Pick<Looking, 'preflight'>; mending: Mending },
  given: PreflightInput,
  fix?: Fix
): Promise<PreflightReport> => {
  const input = typeof fix === 'object' ? { ...given, named: fix } : given
  const found = await looking.preflight(input)
  if (fix === undefined) return report(found)
  const { checks, level } = toMend(found, fix)
  const { changes, waits } = await mending.mend(checks, level)
  if (waits !== undefined) {
    throw new CommandEnd(
      exitCodes.failure,
      `nothing was mended: ${waits}`,
      'joinery-agent preflight --fix, when it has ended'
    )
  }
  return { ...report(changes.length > 0 ? await looking.preflight(input) : found), changes }
}

const report = (checks: Check[]): PreflightReport => ({ version: 1, result: resultOf(checks), checks })
