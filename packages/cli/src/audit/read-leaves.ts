import { auditPage, type PlacedLeaf } from '@joinery/protocol'
import type { OperatorClient } from '../operator-client.ts'

/** Leaves of a log from an index on, a page at a time. Without a name it is the newest log. */
export async function* leavesOf(
  client: Pick<OperatorClient, 'listAudit'>,
  log: string | undefined,
  from = 0
): AsyncGenerator<PlacedLeaf> {
  for (let next = from; ; ) {
    const {
      items,
      size,
      log: name
    } = await client.listAudit({
      ...(log !== undefined && { log }),
      from: `${next}`,
      limit: `${auditPage}`
    })
    yield* items
    log = name
    next = (items.at(-1)?.index ?? next) + 1
    if (items.length === 0 || next >= size) return
  }
}
