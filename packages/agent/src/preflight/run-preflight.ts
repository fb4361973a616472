import { type Check, type PreflightReport, resultOf } from '@joinery/protocol'
import type { Machine } from '../machine/machine.ts'
import type { PreflightInput } from '../machine/preflight/preflight-input.ts'
import { mendChecks } from './mend-checks.ts'
import { type Fix, toMend } from './to-mend.ts'

/** Checks the machine; with `fix` mends what may be mended, and checks again. Without it nothing is changed. */
export const runPreflight = async (
  machine: Pick<Machine, 'preflight' | 'mend'>,
  input: PreflightInput,
  fix?: Fix
): Promise<PreflightReport> => {
  const found = await machine.preflight(input)
  if (fix === undefined) return report(found)
  const changes = await mendChecks(machine, toMend(found, fix))
  return { ...report(changes.length > 0 ? await machine.preflight(input) : found), changes }
}

const report = (checks: Check[]): PreflightReport => ({ version: 1, result: resultOf(checks), checks })
