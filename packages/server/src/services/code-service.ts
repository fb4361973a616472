import type { InjectionToken } from 'tsyringe'
import { type CreateParts, create } from './code/create.ts'
import { type ListParts, list } from './code/list.ts'
import { type RevokeParts, revoke } from './code/revoke.ts'
import { type ShowParts, show } from './code/show.ts'

type Parts = CreateParts & ListParts & ShowParts & RevokeParts

/** The verbs that an operator has for codes: a file for each verb. `by`: the operator, if known. */
export const codeService = (parts: Parts) => ({
  create: create(parts),
  list: list(parts),
  show: show(parts),
  revoke: revoke(parts)
})
export type CodeService = ReturnType<typeof codeService>
export const CodeService = Symbol('CodeService') as InjectionToken<CodeService>
