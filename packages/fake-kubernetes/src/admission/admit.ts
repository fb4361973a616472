import type { Operation } from './operation.ts'

/** Changes or judges an operation. Throws `Refused`. */
export type Plugin = (operation: Operation) => void

/** Admits operations. An object is mutated, prepared and judged by its kind, and then validated (registry/generic/registry/store.go). */
export const admission = (
  mutating: readonly Plugin[],
  validating: readonly Plugin[],
  policies: (operation: Operation) => string[]
): { mutate(operation: Operation): void; validate(operation: Operation): string[] } => ({
  mutate: (operation) => {
    for (const plugin of mutating) plugin(operation)
  },
  validate: (operation) => {
    for (const plugin of validating) plugin(operation)
    return policies(operation)
  }
})
