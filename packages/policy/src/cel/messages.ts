import type { Evidence } from '../words/variables.ts'
import type { Compiled } from './compile.ts'
import type { Inventories } from './library.ts'

/** Request to the worker. `compile` takes the place of what it compiled before. */
export type Request =
  | { readonly compile: { readonly expressions: readonly string[]; readonly inventories: Inventories } }
  | { readonly evaluate: { readonly numbers: readonly number[]; readonly evidence: Evidence } }

/** Answer to a request. */
export type Answer = { readonly compiled: readonly Compiled[] } | { readonly outcome: Outcome }

/** The first expression that holds or fails. Undefined if none does. */
export type Outcome = { readonly number: number; readonly failed?: string } | undefined

/** Places of the memory that worker and server share: what the worker does now. */
export const watched = {
  /** Time by the host's monotonic clock at which the work on an expression began, in nanoseconds. Zero while there is none. */
  began: 0,
  /** Number of that expression. */
  number: 1,
  /** Processor time of the thread when that work began, in microseconds. */
  processor: 2,
  size: 3
} as const
