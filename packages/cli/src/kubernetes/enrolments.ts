import { CommandEnd } from '@joinery/host/command-end'
import {
  type EnrolmentQuery,
  type EventsQuery,
  escapeText,
  fitsShortId,
  isAsked,
  isLive,
  isShortId,
  type List,
  meantByShortId
} from '@joinery/protocol'
import { DecisionSpec, type EnrolmentView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import { Following } from '../follow/following.ts'
import type { SeenEnrolment, SeenEnrolmentDetail, SeenRecovery } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { DoorApi } from './door-api.ts'
import { listObjects } from './list-objects.ts'
import { EnrolmentObject, fitting } from './objects.ts'
import { asAnswer, problemAnswer } from './problem-answer.ts'
import { viewsSource } from './views-source.ts'

type Say = (line: string) => void

/** The enrolments that fit what is asked, as their views show them. The API server selects by all that it can. */
export const listEnrolments = (
  api: DoorApi,
  query: EnrolmentQuery,
  err: Say
): Promise<List<SeenEnrolmentDetail> & { version?: string }> => {
  const { limit, continue: from } = query
  const asked = given({ limit, continue: from, fieldSelector: selectorFor(query) })
  return listObjects(api, 'enrolments', asked, { schema: EnrolmentObject, show: shownBy(query), err })
}

/** The enrolments that fit what is asked, which follow each change of their views. */
export const followEnrolments = (
  api: DoorApi,
  query: EventsQuery,
  { fromNow, err, pause }: { fromNow: boolean; err: Say; pause: Terminal['pause'] }
): Following<SeenEnrolment> => {
  const show = shownBy(query)
  return new Following(
    viewsSource({
      api,
      list: async () => {
        const listed = await listEnrolments(api, { ...query, ...(fromNow && { limit: '1' }) }, err)
        return fromNow ? { ...listed, items: [] } : listed
      },
      pause,
      fieldSelector: selectorFor(query),
      show: (object) => {
        const fits = fitting(EnrolmentObject, object)
        return fits && show(fits)
      }
    })
  )
}

/** Shows an object as an enrolment, if it is asked for. */
const shownBy =
  ({ state, code }: EventsQuery) =>
  ({ metadata, status }: EnrolmentObject): SeenEnrolmentDetail | undefined =>
    (code === undefined || status.code === code) && isAsked(state, status.state)
      ? enrolmentOfView(metadata.name, status)
      : undefined

const selectorFor = ({ state, name, role }: EventsQuery): string | undefined => {
  const selector = selectorOf({ state: typeof state === 'string' ? state : undefined, name, role })
  return selector === '' ? undefined : selector
}

/** Field selector of the API server, with the escapes that it knows (apimachinery's fields.EscapeValue). */
const selectorOf = (fields: Record<string, string | undefined>): string =>
  Object.entries(fields)
    .flatMap(([field, value]) => (value === undefined ? [] : [`status.${field}=${value.replace(/[\\,=]/g, '\\$&')}`]))
    .join(',')

/** The enrolment of this id. Undefined if there is none. */
export const readEnrolment = async (api: DoorApi, id: string): Promise<SeenEnrolmentDetail | undefined> => {
  const object = await api.read('enrolments', id, EnrolmentObject)
  return object && enrolmentOfView(id, object.status)
}

/**
 * Finds an enrolment by id, by name or by a short id, as the server does: the live enrolment of a name, else its newest one. Throws
 * `not-found`, `name-in-use` if two live ones must be told apart by id, and `ambiguous-id`.
 */
export const findEnrolment = async (api: DoorApi, reference: string, say: Say): Promise<SeenEnrolmentDetail> => {
  const byId = Value.Check(DecisionSpec.properties.enrolment, reference)
    ? await readEnrolment(api, reference)
    : undefined
  if (byId !== undefined) return byId
  const named = await namedEnrolments(api, reference, say)
  const alive = named.filter(isLive)
  if (alive.length > 1) {
    throw problemAnswer('name-in-use', {
      detail: `${alive.length} live enrolments want the name ${reference}`,
      remedy: `use an id: ${[...alive.slice(0, 5).map(({ id }) => id), ...(alive.length > 5 ? ['...'] : [])].join(', ')}`
    })
  }
  const found = alive[0] ?? named.at(-1) ?? (await byShortId(api, reference, say))
  if (found !== undefined) return found
  throw problemAnswer('not-found', {
    detail: `no enrolment has the name or id "${escapeText(reference)}"`,
    remedy: 'joinery list'
  })
}

/** Reads all views, page by page: the API server selects by no part of a name. */
const byShortId = async (api: DoorApi, reference: string, err: Say): Promise<SeenEnrolmentDetail | undefined> => {
  if (!isShortId(reference)) return undefined
  const { items } = await listObjects(
    api,
    'enrolments',
    {},
    {
      schema: EnrolmentObject,
      show: ({ metadata: { name: id }, status }) =>
        fitsShortId(reference, id) ? enrolmentOfView(id, status) : undefined,
      err
    }
  )
  return asAnswer(() => meantByShortId(reference, items, ({ name, state }) => `${escapeText(name)}, ${state}`))
}

/** Longest name that a Node can have. */
const longestName = 253

const namedEnrolments = async (api: DoorApi, name: string, say: Say): Promise<SeenEnrolmentDetail[]> => {
  if (name === '') throw new CommandEnd(exitCodes.usage, 'the name is empty')
  return name.length > longestName ? [] : (await listEnrolments(api, { name }, say)).items
}

/**
 * The enrolment as its view shows it. What the view lacks is absent. Of the machine it has only what the machine said: an empty
 * text or zero is nothing said.
 */
export const enrolmentOfView = (id: string, view: EnrolmentView): SeenEnrolmentDetail => {
  const {
    machine,
    preflight,
    conflicts,
    node,
    taints,
    expires,
    nameConflict,
    inService,
    notYet,
    cause,
    policy,
    restored,
    recover,
    recovery,
    keyShort: _,
    ...rest
  } = view
  return {
    id,
    ...rest,
    ...(view.key === '' && { withoutAgent: true }),
    ...given({ taints, expires, nameConflict, inService, notYet, cause, policy, restored, recover }),
    facts: said(machine),
    preflight: [
      ...preflight.fail.map((name) => ({ name, verdict: 'fail' as const })),
      ...preflight.warn.map((name) => ({ name, verdict: 'warn' as const }))
    ],
    ...(conflicts === 0 ? { conflicts: [] } : { conflictCount: conflicts }),
    ...(recovery !== undefined && { recovery: recoveryOf(recovery) }),
    ...(node !== undefined && { node: { uid: node.uid, condition: node.condition } })
  }
}

const recoveryOf = (view: NonNullable<EnrolmentView['recovery']>): SeenRecovery => {
  const { state, why, certificate, notAfter, address, lastSeen, notReadySince, addressBefore, changed } = view
  return {
    state,
    addressBefore,
    changed,
    asked: given({ reason: certificate, notAfter, address }),
    ...given({ why, notReadySince, lastSeen: lastSeen === undefined ? undefined : { notAfter: lastSeen } })
  }
}

const said = (machine: EnrolmentView['machine']): Partial<EnrolmentView['machine']> =>
  Object.fromEntries(Object.entries(machine).filter(([, value]) => value !== '' && value !== 0))
