import type { Check, MachineChange } from '@joinery/protocol'
import type { Machine } from '../machine/machine.ts'
import type { toMend } from './to-mend.ts'

/** Mends them, in their order, and gives what was changed and what could not be. */
export const mendChecks = async (
  machine: Pick<Machine, 'mend'>,
  { checks }: ReturnType<typeof toMend>
): Promise<MachineChange[]> => {
  const changes: MachineChange[] = []
  for (const check of checks) changes.push(...(await mendOne(machine, check)))
  return changes
}

const mendOne = async (machine: Pick<Machine, 'mend'>, check: Check): Promise<MachineChange[]> =>
  (await machine.mend([check])).map((what) => ({ check: check.name, what }))
