import {
  type Code,
  type CodeDetail,
  type CodeQuery,
  type CodeUser,
  candidatesAtMost,
  escapeText,
  isAsked,
  isShortId,
  meantByShortId,
  ProblemError
} from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { enrolmentsOf } from '../../enrolment/facts/shown.ts'
import { codeView } from '../../enrolment/views.ts'
import type { CodeSearch } from '../../ports/store/code-search.ts'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type PagePart, walkedTo, walkPage } from '../../ports/store/list-page.ts'
import type { Store } from '../../ports/store/store.ts'

export interface ListParts {
  codes: Pick<CodeSearch, 'walkCodes'>
  clock: Clock
}

/** Gives a page of the codes that fit what is asked, part by part. Throws `invalid-request`. */
export const list = ({ codes, clock }: ListParts) =>
  async function* (asked: CodeQuery = {}): AsyncGenerator<PagePart<Code>> {
    const now = clock.now()
    const { state, name, role } = asked
    const fits = (code: CodeDocument): boolean =>
      isAsked(state, codeView(code, now).status) &&
      (name === undefined || code.name === name) &&
      (role === undefined || code.role === role)
    for await (const part of walkPage(codes.walkCodes(walkedTo(asked)), fits, asked)) {
      yield { ...part, items: part.items.map((code) => codeView(code, now)) }
    }
  }

export interface ShowParts extends FindParts {
  clock: Clock
}

/** Gives one code with the machines that used it, and its timeline. */
export const show =
  ({ store, codes, clock }: ShowParts) =>
  async (id: string): Promise<CodeDetail> => {
    const code = await findCode({ store, codes }, id)
    const users = (await Promise.all(enrolmentsOf(code).map((one) => store.enrolment(one)))).flatMap(codeUser)
    return { ...codeView(code, clock.now()), users, timeline: await store.timeline(code.id) }
  }

const codeUser = (enrolment: EnrolmentDocument | undefined): CodeUser[] => {
  if (enrolment === undefined) return []
  const { id, name, state, key } = enrolment
  return [{ enrolment: id, name, state, key }]
}

export interface FindParts {
  store: Store
  codes: Pick<CodeSearch, 'codesByShortId'>
}

/** Finds a code by its id, or by a short one. Throws `not-found` and `ambiguous-id`. */
export const findCode = async ({ store, codes }: FindParts, id: string): Promise<CodeDocument> => {
  const code = (await store.code(id)) ?? (await findByShortId(codes, id))
  if (code !== undefined) return code
  throw new ProblemError('not-found', {
    detail: `no code has the id "${escapeText(id)}"`,
    remedy: 'joinery code list'
  })
}

const findByShortId = async (codes: FindParts['codes'], id: string): Promise<CodeDocument | undefined> =>
  isShortId(id)
    ? meantByShortId(id, await codes.codesByShortId(id, candidatesAtMost), ({ name = 'any name' }) => name)
    : undefined
