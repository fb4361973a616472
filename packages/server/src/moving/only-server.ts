import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../base/log.ts'
import { StartRefusal } from '../base/start-refusal.ts'
import { systemClocks } from '../leadership/clocks.ts'
import { leaseTimes } from '../leadership/decide-lease.ts'
import { LeaseKeeper } from '../leadership/lease-keeper.ts'
import type { LeaseObjects } from '../leadership/lease-objects.ts'

/** Rights of a command of this host while no other server is active. */
export interface Only {
  /** Id of this process, as the Lease has it. */
  holder: string
  /** True if no other server can be active yet. */
  mayGoOn(): boolean
}

/** Milliseconds in which a Lease that nobody renews is over, however late it was looked at first. */
const patience = 2 * leaseTimes.lasts

/**
 * Does `work` while no server is active, and keeps the Lease meanwhile. Throws `StartRefusal` if one is: it would write what this command
 * reads.
 */
export const asOnlyServer = async <T>(
  { lease, address, log }: { lease: LeaseObjects; address: string; log: Logger },
  work: (only: Only) => Promise<T>
): Promise<T> => {
  const holder = `${hostname()}_${randomUUID()}`
  const keeper = new LeaseKeeper({
    objects: lease,
    own: { holder, address },
    clocks: systemClocks,
    sleep,
    log,
    lost: (reason) => log.error({ reason }, 'this command lost the Lease')
  })
  if (!(await keeper.lead(AbortSignal.timeout(patience)))) {
    const who = keeper.trouble ?? `${keeper.active ?? 'another server'} is active`
    throw new StartRefusal(
      `this needs a log that no server writes: ${who}`,
      'systemctl stop joinery-server, on every host'
    )
  }
  try {
    return await work({ holder, mayGoOn: () => keeper.holds() })
  } finally {
    await keeper.release()
  }
}

/** Unlike a server, a command has nothing but its pauses to keep it alive. */
const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
}
