import { day, type ProblemCode, ProblemError } from '@joinery/protocol'
import { CodeSpec } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import { shortTurns } from '../../../core/base/short-turns.ts'
import { enrolmentsOf } from '../../../core/enrolment/facts/shown.ts'
import { codeView } from '../../../core/enrolment/views.ts'
import type { SeenCode } from '../../../core/ports/objects/codes.ts'
import type { CodeDocument } from '../../../core/ports/store/documents/code-document.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import type { Asked } from '../../../core/services/code/new-code.ts'
import type { SettledCode } from './code-status.ts'
import type { OverCode } from './over-codes.ts'

/** Milliseconds after which a Code that nobody has read is not accepted any more. The store knows its refusals for longer. */
const readWithin = 7 * day

/** Longest time in milliseconds from the making of a Code to the end of its code. */
const longestCode = 30 * day

/** Things that the store knows of the hash of a Code. */
export interface KnownOfCode {
  /** Code with this hash, if there is one. */
  code: CodeDocument | undefined
  /** Time at which the store became an older one than the cluster knows, or a new one. Undefined if it never did. */
  setBack: Date | undefined
}

/** The code to accept by a Code, or the reason why it is refused. */
type JudgedCode = { asked: Asked; expires: Date; by: string } | { refused: ProblemError }

/**
 * Judges a Code that the store has not settled. `now` is a time by the API server's clock. Everything in the Code is hostile: a
 * schema in the cluster may be older, or gone. What every door refuses is refused later, by `requireCode`.
 */
export const judgeCode = (
  { name, created, spec, status }: Pick<SeenCode, 'name' | 'created' | 'spec' | 'status'>,
  { code, setBack }: KnownOfCode,
  now: Date
): JudgedCode => {
  if (!Value.Check(CodeSpec, spec)) return refuse('invalid-request', 'the Code does not fit the schema')
  const { hash, by } = spec
  if (name !== hash) return refuse('invalid-request', 'the name of a Code is its hash')
  if (by === '') return refuse('invalid-request', 'the Code does not name who made it')
  if (code !== undefined) return refuse('code-over', 'there was a code with this hash before: make a new code')
  const expires = new Date(spec.expires)
  const [begins, ends] = [created.getTime(), expires.getTime()]
  // a time that cannot be read is no time
  if (!(ends > now.getTime())) return refuse('code-expired', `the code expired at ${spec.expires}`)
  if (!(ends <= begins + longestCode)) return refuse('invalid-request', 'a code is good for 30 days at most')
  if (!(Math.abs(now.getTime() - begins) <= readWithin)) {
    return refuse('illegal-event', 'nobody read the Code within 7 days: make a new code')
  }
  // whoever gave it a status knew the code, and may have let a machine in by it
  if (status !== undefined || (setBack !== undefined && begins <= setBack.getTime())) {
    return refuse('code-over', 'the store may have forgotten what became of this code: make a new code')
  }
  return { asked: askedIn(spec), expires, by }
}

const refuse = (code: ProblemCode, detail: string): JudgedCode => ({ refused: new ProblemError(code, { detail }) })

/** Things that the code is for, and nothing else that somebody wrote beside them. */
const askedIn = (spec: CodeSpec): Asked => {
  const { name, role, uses, from, labels, taints, readyWhen, policy, credential, prefetch, recover, proof } = spec
  const { remediate, ignore = [] } = policy ?? {}
  return {
    role,
    ...given({ name, uses, from, labels, taints, readyWhen, credential, prefetch, recover, proof }),
    ...(policy !== undefined && { policy: { ignore, ...given({ remediate }) } })
  }
}

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
