import type { Seen } from '../seen.ts'
import { textOf } from './kept.ts'

/**
 * All servers have the same rows at the end. What a take-over writes by itself differs: each is a batch of its own, and the mark says
 * which of them was away.
 */
export const serversDiffer = ({ rows }: Seen): string[] => {
  const [first, ...others] = rows.map(({ host, rows: { log: _, mark: __, documents = [], ...rows } }) => ({
    host,
    rows: { ...rows, documents: documents.filter((one) => (one as { name: string }).name !== 'mark') }
  }))
  return others.flatMap((other) =>
    Object.entries(first?.rows ?? {})
      .filter(([table, rows]) => textOf(rows) !== textOf(other.rows[table as keyof typeof other.rows]))
      .map(([table]) => `the table ${table} of ${first?.host} and ${other.host}`)
  )
}
