import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../../core/base/log.ts'
import { StartRefusal } from '../../core/base/start-refusal.ts'
import { type ReadClocks, systemClocks } from '../../core/leadership/clocks.ts'
import { leaseTimes } from '../../core/leadership/decide-lease.ts'
import { LeaseKeeper, type Sleep } from '../../core/leadership/lease-keeper.ts'
import type { LeaseObjects, SeenLease } from '../../core/leadership/lease-objects.ts'

/** Rights of a command of this host while no other server is active. */
export interface Only {
  /** Id of this process, as the Lease has it. */
  holder: string
  /** True if no other server can be active yet. */
  mayGoOn(): boolean
}

/** Milliseconds in which a Lease that nobody renews is over, however late it was looked at first. */
const patience = 2 * leaseTimes.lasts

export interface OnlyParts {
  lease: LeaseObjects
  address: string
  log: Logger
  /** Hears what the command waits for, if it has to wait. */
  say(line: string): void
  /** Hears of the Lease before the command takes it: see `LeaseKeeper`. */
  taking: ConstructorParameters<typeof LeaseKeeper>[0]['taking']
  clocks?: ReadClocks
  sleep?: Sleep
}

/**
 * Does `work` while no server is active, and keeps the Lease meanwhile. Throws `StartRefusal` if one is: it would write what this command
 * reads. A Lease that is renewed while it looks says so at once. One that stands still must stand still until it is over.
 */
export const asOnlyServer = async <T>(
  { lease, address, log, say, taking, clocks = systemClocks, sleep = pause }: OnlyParts,
  work: (only: Only) => Promise<T>
): Promise<T> => {
  const holder = `${hostname()}_${randomUUID()}`
  const renewed = new AbortController()
  let before: { seen: SeenLease | undefined } | undefined
  const note = (seen: SeenLease | undefined): void => {
    if (before === undefined && seen?.spec.holder !== '') say(waits(seen))
    if (isRenewal(before?.seen, seen) && seen?.spec.holder !== holder) renewed.abort()
    before = { seen }
  }
  const keeper = new LeaseKeeper({
    objects: {
      read: async () => {
        const seen = await lease.read()
        note(seen)
        return seen
      },
      write: (spec, version) => lease.write(spec, version)
    },
    own: { holder, address },
    clocks,
    sleep,
    log,
    lost: (reason) => log.error({ reason }, 'this command lost the Lease'),
    // the command is over soon, and each of its writes tests what is there
    rewritten: () => {},
    taking,
    // it gives nothing to a machine
    isBarred: () => false
  })
  if (!(await keeper.lead(AbortSignal.any([AbortSignal.timeout(patience), renewed.signal])))) {
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

/** Sentence for the operator about the Lease that the command waits for. */
const waits = (seen: SeenLease | undefined): string => {
  const seconds = leaseTimes.lasts / 1000
  return seen === undefined
    ? `Waiting ${seconds} s: a server may be active whose Lease somebody deleted`
    : `Waiting ${seconds} s at least, to see that ${seen.spec.address} is not active any more: it did not give its Lease back`
}

/** True if the same server has renewed the Lease between two looks. */
const isRenewal = (before: SeenLease | undefined, now: SeenLease | undefined): boolean =>
  before !== undefined &&
  now !== undefined &&
  now.spec.holder !== '' &&
  now.spec.holder === before.spec.holder &&
  now.spec.term === before.spec.term &&
  now.spec.renewed !== before.spec.renewed

/** Unlike a server, a command has nothing but its pauses to keep it alive. */
const pause: Sleep = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
}
