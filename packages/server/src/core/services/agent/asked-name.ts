import { isNamePattern, ProblemError } from '@joinery/protocol'
import { requireNodeName } from '../../enrolment/verbs/enrol.ts'
import type { CodeDocument } from '../../ports/store/store.ts'
import { type NoteParts, noteRefusal } from './note-refusal.ts'
import type { Caller } from './sighting.ts'

/** Throws if another code names the name: it is for the machine that comes with that code, not for anybody who asks. */
export const requireAskedName = async (
  parts: NoteParts,
  code: CodeDocument,
  asked: string,
  caller: Caller
): Promise<string> => {
  const { store, clock } = parts
  const name = requireNodeName(asked)
  if (!(await store.isNamed(name, clock.now()))) return name
  await noteRefusal(parts, code, { event: 'refused', reason: 'another code names the name', name }, caller)
  throw new ProblemError('invalid-name', {
    detail: `${name} is for the machine with the code that names it`,
    remedy: `set another \`name\` in /etc/joinery/agent.yaml, or give the machine a code of that name: joinery code create --name ${name}`
  })
}

/** True if the code has a pattern: the server counts names. */
export const countsNames = (code: CodeDocument): code is CodeDocument & { name: string } =>
  code.name !== undefined && isNamePattern(code.name)
