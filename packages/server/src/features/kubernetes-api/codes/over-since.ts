import { shortTurns } from '../../../core/base/short-turns.ts'
import { enrolmentsOf } from '../../../core/enrolment/facts/code-uses.ts'
import { codeView } from '../../../core/enrolment/views.ts'
import type { SeenCode } from '../../../core/ports/objects/codes.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import type { SettledCode } from './code-status.ts'
import type { OverCode } from './over-codes.ts'

/** Codes that are over, each with the time at which it ended. */
export const overSince = async (
  store: Pick<Store, 'enrolment'>,
  seen: readonly SeenCode[],
  settled: ReadonlyMap<string, SettledCode>,
  now: Date
): Promise<OverCode<SeenCode>[]> => {
  const over: OverCode<SeenCode>[] = []
  const turn = shortTurns()
  for (const one of seen) {
    const since = await endOf(store, settled.get(one.uid), now)
    if (since !== undefined) over.push({ seen: one, since: new Date(since) })
    await turn()
  }
  return over
}

const endOf = async (
  store: Pick<Store, 'enrolment'>,
  { code, refused }: SettledCode = {},
  now: Date
): Promise<string | undefined> => {
  if (code === undefined) return refused?.at
  const { status } = codeView(code, now)
  if (status === 'open') return undefined
  if (status !== 'used') return code.revoked ?? code.expires
  const last = enrolmentsOf(code).at(-1)
  const used = last === undefined ? undefined : await store.enrolment(last)
  return used?.created ?? code.expires
}
