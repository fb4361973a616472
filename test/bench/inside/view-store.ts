import { sqliteStore } from '@joinery/server/testing/store'
import { enrolmentOf, growth } from './growth-plan.ts'

/** Fills the store of a server that does not run, in the file that the first argument names, with as many as `growth` says. */
const store = sqliteStore(process.argv[2] ?? '')
const dayAgo = new Date(Date.now() - 24 * 3600_000).toISOString()
const batch = 250

/**
 * An enrolment that needs nothing of the cluster: there are no Nodes here, and nothing is left to delete or to ban. An id is as
 * long as the server's own. What ended long ago would be pruned.
 */
const quiet = (number: number): ReturnType<typeof enrolmentOf> => {
  const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  const { node, ...document } = enrolmentOf(number)
  const own = { ...document, id, created: dayAgo, since: dayAgo, settled: true as const }
  if (node === undefined) return { ...own, join: { ...own.join, attempts: [], lastAttempt: 0 } }
  return { ...own, node: { ...node, condition: 'Gone', message: 'the Node was deleted' } }
}

const all = growth.nodes + growth.ended
for (let first = 0; first < all; first += batch) {
  const enrolments = Array.from({ length: Math.min(batch, all - first) }, (_, index) => quiet(first + index))
  const result = await store.commit({ enrolments })
  if (result !== 'committed') throw new Error(result)
}
store.close()
