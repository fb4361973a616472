import { type CelInput, type CelMap, celMap } from '@bufbuild/cel'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { Evidence } from '../words/variables.ts'

/** The evidence as the library takes it. Nothing is inherited: a name that the evidence does not have has no value. */
export const bindings = ({ machine, seen, code, role, name, now }: Evidence): Record<string, CelInput> =>
  Object.assign(Object.create(null) as Record<string, CelInput>, {
    machine: fields(machine),
    seen: fields(seen),
    code: fields(code),
    role,
    name,
    now: timestampFromDate(new Date(now))
  })

const fields = (group: object): CelMap =>
  celMap(new Map(Object.entries(group).map(([field, value]) => [field, inputOf(value)])))

const inputOf = (value: unknown): CelInput => {
  if (typeof value === 'number') return BigInt(value)
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value as CelInput
  return celMap(new Map(Object.entries(value)))
}
