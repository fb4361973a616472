import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { InjectionToken } from 'tsyringe'

export interface Random {
  bytes(count: number): Uint8Array
  id(): string
}
export const Random = Symbol('Random') as InjectionToken<Random>

export const systemRandom: Random = { bytes: (count) => randomBytes(count), id: () => randomUUIDv7() }
