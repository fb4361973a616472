import { ProblemError } from '@joinery/protocol'
import type { Budgets } from '../../base/budgets.ts'
import type { Decisions, SeenDecision } from './decisions.ts'

/** Times that one look begins a list: an etcd that is compacted meanwhile forgets a list once, not again and again. */
const tries = 3

/**
 * All Decisions, page by page, up to a bound. Begins again if the cluster has forgotten the list in the middle: what was read
 * before that is of another moment.
 */
export const readList = async (
  decisions: Pick<Decisions, 'page'>,
  { page, listed }: Pick<Budgets['decisions'], 'page' | 'listed'>
): Promise<SeenDecision[]> => {
  for (let left = tries; left > 0; left -= 1) {
    const all = await readOnce(decisions, page, listed)
    if (all !== undefined) return all
  }
  throw new ProblemError('cluster-unavailable', { detail: 'the cluster forgot the list of Decisions again and again' })
}

const readOnce = async (
  decisions: Pick<Decisions, 'page'>,
  limit: number,
  listed: number
): Promise<SeenDecision[] | undefined> => {
  const all: SeenDecision[] = []
  let after: string | undefined
  do {
    const page = await decisions.page(limit, after)
    if (page === undefined) return undefined
    all.push(...page.items)
    after = page.next
  } while (after !== undefined && all.length < listed)
  return all
}
