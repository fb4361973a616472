import type { Budgets } from '../../../core/base/budgets.ts'

export type LogBudget = Budgets['clusterLog']

/** Bytes that etcd holds for a document beside its text: metadata, who wrote which field, mac. */
const besideText = 1024

/** Bytes that a document with a packed text of this length takes in etcd. */
export const bytesInEtcd = (packedLength: number): number => packedLength + besideText

/** Bytes written lately: so many more than the rate had brought by `at`, in milliseconds. */
export interface Spent {
  at: number
  bytes: number
}

export const nothingSpent: Spent = { at: 0, bytes: 0 }

/** Adds these bytes to those that were written lately. */
export const spend = (spent: Spent, now: number, bytes: number, { rate }: Pick<LogBudget, 'rate'>): Spent => {
  const brought = (Math.max(0, now - spent.at) * rate.bytes) / 1000
  return { at: now, bytes: Math.max(0, spent.bytes - brought) + bytes }
}

/** Refusal of a commit: why it must not be written now, and the seconds after which it may be. */
export interface Refused {
  why: string
  retryAfter: number
  /** True if there is no room for more documents, until some are deleted. */
  isFull: boolean
}

/**
 * Judges a commit by its bytes. `total` is what all documents take now, and `change` what this commit adds to them. A commit
 * that adds nothing may always be written: it makes room. Undefined if the commit is within the budget.
 */
export const judgeBytes = (
  asked: { total: number; change: number; head: number },
  spent: Spent,
  now: number,
  budget: Pick<LogBudget, 'rate' | 'total'>
): Refused | undefined => {
  const { total, change, head } = asked
  if (change > 0 && total + change > budget.total) {
    return {
      why: `the documents take ${megabytes(total)} of etcd, and may take ${megabytes(budget.total)}`,
      retryAfter: 60,
      isFull: true
    }
  }
  const over = spend(spent, now, head, budget).bytes - budget.rate.burst
  if (over <= 0) return undefined
  return {
    why: `more than ${megabytes(budget.rate.bytes)} a second were written to etcd for some time`,
    retryAfter: Math.ceil(over / budget.rate.bytes),
    isFull: false
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`
