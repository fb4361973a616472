import { candidatesAtMost, escapeText, isLive, isShortId, meantByShortId, ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument, Store } from '../../ports/store/store.ts'

/**
 * Finds an enrolment by id, or by name: the live enrolment of that name, else its newest one. Two live ones must be told apart
 * by id. What is neither may be the end or the beginning of one id. Throws `not-found`, `name-in-use` and `ambiguous-id`.
 */
export const findEnrolment = async (
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'enrolmentsByShortId'>,
  reference: string
): Promise<EnrolmentDocument> => {
  const byId = await store.enrolment(reference)
  if (byId !== undefined) return byId
  const named = await store.enrolmentsByName(reference)
  const alive = named.filter(isLive)
  if (alive.length > 1) {
    throw new ProblemError('name-in-use', {
      detail: `${alive.length} live enrolments want the name ${reference}`,
      remedy: `use an id: ${firstFew(alive.map(({ id }) => id))}`
    })
  }
  const found = alive[0] ?? named.at(-1) ?? (await findByShortId(store, reference))
  if (found !== undefined) return found
  throw new ProblemError('not-found', {
    detail: `no enrolment has the name or id "${escapeText(reference)}"`,
    remedy: 'joinery list'
  })
}

const findByShortId = async (
  store: Pick<Store, 'enrolmentsByShortId'>,
  reference: string
): Promise<EnrolmentDocument | undefined> =>
  isShortId(reference)
    ? meantByShortId(
        reference,
        await store.enrolmentsByShortId(reference, candidatesAtMost),
        ({ name, state }) => `${escapeText(name)}, ${state}`
      )
    : undefined

/** The first ids of many: anybody who has a code without a name may ask for one name as often as the code has uses. */
const firstFew = (ids: string[]): string => [...ids.slice(0, 5), ...(ids.length > 5 ? ['...'] : [])].join(', ')
