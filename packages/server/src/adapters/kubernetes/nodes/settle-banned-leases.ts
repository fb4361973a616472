import type { Connection } from '@joinery/kube'
import { sideBySide } from '../../../core/base/side-by-side.ts'
import { leasesToSettle } from '../../../core/ports/cluster/banned-leases.ts'
import type { BannedNode } from '../../../core/ports/cluster/unguarded-taking-away.ts'
import { bans } from './ban.ts'
import { freeLease, labelLease, labelledLeases } from './labelled-leases.ts'

/** Largest number of Leases that are written at the same time. */
const atOnce = 4

/**
 * Makes the labels of the Leases agree with the ban list. It reads the labelled Leases before the ban list, and a ban
 * writes the ban list first. So a label that a ban has just set does not look like one that nobody wants.
 */
export const settleBannedLeases = async (
  api: Connection,
  nodes: readonly BannedNode[],
  turn: number
): Promise<number> => {
  const labelled = await labelledLeases(api)
  const there = new Map(nodes.map(({ name, uid }) => [name, uid]))
  const names = new Set(there.keys())
  const ready = new Set(nodes.flatMap(({ name, ready }) => (ready === 'True' ? [name] : [])))
  const { label, free, left } = leasesToSettle(await bannedNames(api), names, new Set(labelled.keys()), turn, ready)
  const failures: unknown[] = []
  /** Does `write` for each name. A name that fails does not hold up the others. */
  const each = (names: readonly string[], write: (name: string) => Promise<void>): Promise<void> =>
    sideBySide(names, atOnce, (name) => write(name).catch((error: unknown) => void failures.push(error)))
  await each(free, (name) => freeLease(api, name, labelled.get(name) ?? ''))
  await each(label, (name) => labelLease(api, { name, uid: there.get(name) ?? '' }))
  if (label.length > 0) {
    // a claim may have lifted a ban since the list was read, and its machine must not wait for the next time
    const banned = await bannedNames(api)
    const lifted = label.filter((name) => !banned.has(name))
    const now = lifted.length > 0 ? await labelledLeases(api) : new Map<string, string>()
    await each(
      lifted.filter((name) => now.has(name)),
      (name) => freeLease(api, name, now.get(name) ?? '')
    )
  }
  if (failures.length > 0) throw failures[0]
  return left
}

const bannedNames = async (api: Connection): Promise<Set<string>> => new Set((await bans(api)).keys())
