import { shortTurns } from '../../../core/base/short-turns.ts'
import type { SeenCode } from '../../../core/ports/objects/codes.ts'
import type { ObjectsAsked } from '../../../core/ports/store/objects-asked.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import type { SettledCode } from './code-status.ts'

export interface SettledParts {
  store: Pick<Store, 'code'>
  asked: Pick<ObjectsAsked, 'decided'>
}

/** Answers of the store about the Codes that are settled, by uid. A code of the same hash and another uid does not count. */
export const settledCodes = async (
  { store, asked }: SettledParts,
  seen: readonly SeenCode[]
): Promise<Map<string, SettledCode>> => {
  const settled = new Map<string, SettledCode>()
  const turn = shortTurns()
  for (const { uid, name } of seen) {
    const code = await store.code(name)
    if (code?.object?.uid === uid) settled.set(uid, { code })
    await turn()
  }
  const others = seen.filter(({ uid }) => !settled.has(uid)).map(({ uid }) => uid)
  for (const decided of await asked.decided(others)) {
    settled.set(decided.uid, decided.result === 'refused' ? { refused: decided } : {})
  }
  return settled
}
