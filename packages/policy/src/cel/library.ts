import {
  type CelEnv,
  type CelFunc,
  CelScalar,
  celEnv,
  celFunc,
  celMethod,
  isCelError,
  listType,
  objectType,
  run
} from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { TimestampSchema, timestampDate } from '@bufbuild/protobuf/wkt'
import { isNetwork, isWithin } from '@joinery/protocol/networks'
import { functionRows } from '../words/functions.ts'

const { BOOL, STRING, INT } = CelScalar
const texts = listType(STRING)
const timestamp = objectType(TimestampSchema)

/** Values of the inventories, by name. */
export type Inventories = Readonly<Record<string, readonly string[]>>

/** The CEL library with our own functions over these inventories. */
export const libraryWith = (inventories: Inventories): CelEnv => {
  const sets = new Map(Object.entries(inventories).map(([name, values]) => [name, new Set(values.map(plain))]))
  const has = (name: string, value: string): boolean => {
    const found = sets.get(name)
    if (found === undefined) throw new Error(`there is no inventory ${name}`)
    return found.has(plain(value))
  }
  return celEnv({
    funcs: [
      ...strings.filter(({ name }) => functionRows.some((row) => row.name === name)),
      ...inUtc,
      celFunc('inCidr', [STRING, STRING], BOOL, (address, network) => {
        if (!isNetwork(network)) throw new Error(`${network} is no network, such as 10.7.0.0/16`)
        return isWithin(address, [network])
      }),
      celFunc('inInventory', [STRING, STRING], BOOL, (value, name) => has(name, value)),
      celFunc('inInventory', [texts, STRING], BOOL, (values, name) =>
        [...values].some((value) => typeof value === 'string' && has(name, value))
      )
    ]
  })
}

/** Serial numbers, addresses and fingerprints are the same in upper and lower case. */
export const plain = (value: string): string => value.trim().toLowerCase()

/** Parts of a time. Those of the library go by the time zone of the host where its clock is put forward. */
const inUtc: CelFunc[] = Object.entries({
  getHours: (date: Date) => date.getUTCHours(),
  getMinutes: (date: Date) => date.getUTCMinutes(),
  getDayOfWeek: (date: Date) => date.getUTCDay(),
  getDate: (date: Date) => date.getUTCDate(),
  getMonth: (date: Date) => date.getUTCMonth(),
  getFullYear: (date: Date) => date.getUTCFullYear()
}).map(([name, part]) =>
  celMethod(name, timestamp, [], INT, function () {
    return BigInt(part(timestampDate(this.message)))
  })
)

/** Reason why a text is no RE2 pattern. Undefined if it is one. */
export const patternProblem = (pattern: string): string | undefined => {
  const result = run('"".matches(pattern)', { pattern })
  return isCelError(result) ? result.message : undefined
}
