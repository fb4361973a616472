import { CommandEnd } from '@joinery/host/command-end'
import { type Connection, inPages } from '@joinery/kube'
import { type EnrolmentQuery, escapeText, isLive, type List } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { DoorApi } from './door-api.ts'
import { enrolmentOfView } from './enrolment-of-view.ts'
import { EnrolmentObject, fitting, kindOf } from './objects.ts'
import { problemAnswer } from './problem-answer.ts'

type Say = (line: string) => void

/** Most requests for one page of a list. A rare enrolment may be on none of the first ones. */
const requestsForPage = 20

/** The enrolments that fit what is asked, as their views show them. The API server selects by all that it can. */
export const listEnrolments = async (
  api: DoorApi,
  query: EnrolmentQuery,
  say: Say
): Promise<List<SeenEnrolmentDetail>> => {
  const { state, name, role, code, limit } = query
  const fieldSelector = selectorOf({ state, name, role })
  const select = given({ fieldSelector: fieldSelector === '' ? undefined : fieldSelector })
  const list = (page: { limit: number; _continue?: string }) => (connection: Connection) =>
    connection.custom.listClusterCustomObject({ ...kindOf('enrolments'), ...select, ...page }) as Promise<Listed>
  const found: unknown[] = []
  let next: string | undefined
  if (limit === undefined && query.continue === undefined) {
    found.push(
      ...(await api.call((connection) =>
        inPages(
          (page) => list(page)(connection).then(pageOf),
          (one) => one
        )
      ))
    )
  } else {
    const most = limit === undefined ? 500 : Number(limit)
    next = query.continue
    for (let request = 0; request < requestsForPage; request += 1) {
      const page = { limit: most - fittingIn(found, code).length, ...given({ _continue: next }) }
      const answer = await api.call(list(page))
      found.push(...(answer.items ?? []))
      next = answer.metadata?.continue || undefined
      if (next === undefined || fittingIn(found, code).length >= most) break
    }
  }
  tellMisfits(found.filter((object) => enrolmentOf(object) === undefined).length, say)
  const items = fittingIn(found, code).sort(byCreation)
  return { items, ...(next !== undefined && { metadata: { continue: next } }) }
}

interface Listed {
  items?: unknown[] | null
  metadata?: { continue?: string }
}

const pageOf = ({ items, metadata }: Listed) => ({
  items: items ?? [],
  metadata: given({ _continue: metadata?.continue })
})

const enrolmentOf = (object: unknown): SeenEnrolmentDetail | undefined => {
  const fits = fitting(EnrolmentObject, object)
  return fits && enrolmentOfView(fits.metadata.name, fits.status)
}

const fittingIn = (objects: readonly unknown[], code: string | undefined): SeenEnrolmentDetail[] =>
  objects.flatMap((object) => {
    const enrolment = enrolmentOf(object)
    return enrolment === undefined || (code !== undefined && enrolment.code !== code) ? [] : [enrolment]
  })

const byCreation = (one: SeenEnrolmentDetail, other: SeenEnrolmentDetail): number =>
  `${one.created} ${one.id}` < `${other.created} ${other.id}` ? -1 : 1

const tellMisfits = (count: number, say: Say): void => {
  if (count === 0) return
  say(`${count} of enrolments.joinery.dev left out: they do not fit; is joinery as new as the pairing server?\n`)
}

/** Field selector of the API server, with the escapes that it knows (apimachinery's fields.EscapeValue). */
const selectorOf = (fields: Record<string, string | undefined>): string =>
  Object.entries(fields)
    .flatMap(([field, value]) => (value === undefined ? [] : [`status.${field}=${value.replace(/[\\,=]/g, '\\$&')}`]))
    .join(',')

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The enrolment of this id. Undefined if there is none. */
export const readEnrolment = async (api: DoorApi, id: string): Promise<SeenEnrolmentDetail | undefined> => {
  const object = await api.read('enrolments', id, EnrolmentObject)
  return object && enrolmentOfView(id, object.status)
}

/**
 * Finds an enrolment by id, or by name as the server does: the live enrolment of that name, else its newest one. Throws
 * `not-found`, and `name-in-use` if two live ones must be told apart by id.
 */
export const findEnrolment = async (api: DoorApi, reference: string, say: Say): Promise<SeenEnrolmentDetail> => {
  const byId = idPattern.test(reference) ? await readEnrolment(api, reference) : undefined
  if (byId !== undefined) return byId
  const named = await namedEnrolments(api, reference, say)
  const alive = named.filter(isLive)
  if (alive.length > 1) {
    throw problemAnswer('name-in-use', {
      detail: `${alive.length} live enrolments want the name ${reference}`,
      remedy: `use an id: ${[...alive.slice(0, 5).map(({ id }) => id), ...(alive.length > 5 ? ['...'] : [])].join(', ')}`
    })
  }
  const found = alive[0] ?? named.at(-1)
  if (found !== undefined) return found
  throw problemAnswer('not-found', {
    detail: `no enrolment has the name or id "${escapeText(reference)}"`,
    remedy: 'joinery list'
  })
}

/** Longest name that a Node can have. */
const longestName = 253

const namedEnrolments = async (api: DoorApi, name: string, say: Say): Promise<SeenEnrolmentDetail[]> => {
  if (name === '') throw new CommandEnd(exitCodes.usage, 'the name is empty')
  return name.length > longestName ? [] : (await listEnrolments(api, { name }, say)).items
}
