import type { Kind } from '../kinds/kind.ts'

/** Keys of lists whose items merge, by path. A list without keys is a set of plain values. */
export type Keyed = Pick<Kind, 'mergeKeys'>

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
