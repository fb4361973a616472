import type { InjectionToken } from 'tsyringe'
import { type AcceptParts, accept } from './code/accept.ts'
import { type CreateParts, create } from './code/new-code.ts'
import { type ListParts, list, type ShowParts, show } from './code/reading.ts'
import { type RevokeParts, revoke, revokeDeleted, tryRevoke } from './code/revoke.ts'

type Parts = CreateParts & AcceptParts & ListParts & ShowParts & RevokeParts

/** The verbs for codes: those of an operator, and those by which the server follows the Codes of the cluster. */
export const codeService = (parts: Parts) => ({
  create: create(parts),
  accept: accept(parts),
  list: list(parts),
  show: show(parts),
  revoke: revoke(parts),
  tryRevoke: tryRevoke(parts),
  revokeDeleted: revokeDeleted(parts)
})
export type CodeService = ReturnType<typeof codeService>
export const CodeService = Symbol('CodeService') as InjectionToken<CodeService>
