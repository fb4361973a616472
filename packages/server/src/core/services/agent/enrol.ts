import { type EnrolRequest, hashCode, type OwnEnrolment, ProblemError, parseCode } from '@joinery/protocol'
import { InTurn } from '../../base/in-turn.ts'
import { enrolmentFor, usesOf } from '../../enrolment/facts/code-uses.ts'
import { type Answer, judgeCode, type Knock, requireNodeName } from '../../enrolment/verbs/enrol.ts'
import type { CodeDocument, EnrolmentDocument } from '../../ports/store/store.ts'
import { type EnrolFirstParts, enrolFirst } from './enrol-first.ts'
import { noteRefusal } from './note-refusal.ts'
import { type Caller, readOwnView, requireOwnSealKey } from './sighting.ts'
import { enrolAgain, freezeForSecondKey, type UsedCodeParts } from './used-code.ts'

export interface EnrolParts extends EnrolFirstParts, UsedCodeParts {}

interface Enrolled<E> {
  /** False for a repetition. */
  created: boolean
  enrolment: E
}

/** The first key that uses a code owns it, or one of its uses; that key may repeat itself. */
export const enrol = (parts: EnrolParts) => {
  const uses = new InTurn()
  return async (caller: Caller, request: EnrolRequest): Promise<Enrolled<OwnEnrolment>> => {
    await requireOwnSealKey(request, caller)
    const canonical = parseCode(request.code)
    const code = typeof canonical === 'string' ? await parts.store.codeByHash(hashCode(canonical)) : undefined
    // a name that no code accepts tells nothing of this code; a code that names its machine leaves a trace of who asks
    if (code?.name === undefined) requireNodeName(request.name)
    if (code === undefined) throw new ProblemError('code-not-accepted')
    // a fleet that boots at once would race for the one document of its code, and one machine a round would win
    const { created, enrolment } = await uses.do(code.id, () => use(parts, code.id, { ...caller, request }))
    return { created, enrolment: await readOwnView(parts.machines, enrolment) }
  }
}

/** Judges the code and acts on the verdict, and does both again if somebody else was faster. */
const use = async (parts: EnrolParts, id: string, knock: Knock): Promise<Enrolled<EnrolmentDocument>> => {
  const { store } = parts
  for (;;) {
    const code = await store.code(id)
    if (code === undefined) throw new ProblemError('code-not-accepted')
    const behind = enrolmentFor(code, knock.key)
    const used = behind === undefined ? undefined : await store.enrolment(behind)
    // both were forgotten since the code was read: it must not be open again
    if (behind !== undefined && used === undefined) throw new ProblemError('code-not-accepted')
    switch (await judge(parts, code, used, knock)) {
      case 'again':
        return { created: false, enrolment: await enrolAgain(parts, code, used as EnrolmentDocument, knock) }
      case 'conflict':
        await freezeForSecondKey(parts, code, used as EnrolmentDocument, knock)
        throw new ProblemError('code-not-accepted')
      case 'spent':
        await noteRefusal(parts, code, { event: 'quota', reason: `all ${usesOf(code)} uses are taken` }, knock)
        throw new ProblemError('code-not-accepted')
      case 'elsewhere':
        await noteRefusal(
          parts,
          code,
          { event: 'refused', reason: `its address is not in ${code.from?.join(', ')}` },
          knock
        )
        throw new ProblemError('code-not-accepted')
      case 'open': {
        const enrolment = await enrolFirst(parts, code, knock)
        if (enrolment !== undefined) return { created: true, enrolment }
      }
    }
  }
}

/** Judges the code. One that is over is refused, and its timeline says that it came before the machine is answered. */
const judge = async (
  parts: EnrolParts,
  code: CodeDocument,
  used: EnrolmentDocument | undefined,
  caller: Caller
): Promise<Answer> => {
  try {
    return judgeCode(code, used, caller, parts.clock.now())
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    await noteRefusal(parts, code, { event: 'refused', reason: error.message }, caller)
    throw error
  }
}
