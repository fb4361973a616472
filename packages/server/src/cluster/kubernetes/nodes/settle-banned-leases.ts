import type { Connection } from '@joinery/kube'
import { sideBySide } from '../../../base/side-by-side.ts'
import { leasesToSettle } from '../../banned-leases.ts'
import type { ClusterNode } from '../../cluster.ts'
import { bans } from './ban.ts'
import { freeLease, labelLease, labelledLeases } from './labelled-leases.ts'

/** Leases that are written at a time. */
const atOnce = 4

/**
 * Reads the labelled Leases before the ban list, which a ban writes first: so a label that a ban has just set is not taken for
 * one that nobody wants.
 */
export const settleBannedLeases = async (
  api: Connection,
  nodes: readonly Pick<ClusterNode, 'name' | 'uid'>[],
  turn: number
): Promise<number> => {
  const labelled = await labelledLeases(api)
  const there = new Map(nodes.map(({ name, uid }) => [name, uid]))
  const names = new Set(there.keys())
  const { label, free, left } = leasesToSettle(await bannedNames(api), names, new Set(labelled.keys()), turn)
  const failures: unknown[] = []
  /** One that fails holds up no other. */
  const each = (names: readonly string[], write: (name: string) => Promise<void>): Promise<void> =>
    sideBySide(names, atOnce, (name) => write(name).catch((error: unknown) => void failures.push(error)))
  await each(free, (name) => freeLease(api, name, labelled.get(name) ?? ''))
  await each(label, (name) => labelLease(api, { name, uid: there.get(name) ?? '' }))
  if (label.length > 0) {
    // a claim may have lifted a ban since the list was read, and its machine is not to wait for the next time
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
