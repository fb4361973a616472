import Type, { type Static } from 'typebox'
import { states } from '../enrolment.ts'
import { roles } from './agent-api.ts'

const strict = { additionalProperties: false }

/** Paging as in Kubernetes: without a limit the list is whole. `continue` of one page gives the next page. */
const page = {
  limit: Type.Optional(
    Type.String({ pattern: '^[1-9][0-9]{0,4}$', description: 'number of items at most; all if absent' })
  ),
  continue: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,400}$', description: '`metadata.continue` of the previous page' })
  )
}
const name = Type.Optional(Type.String({ maxLength: 253, description: 'only items with this name' }))
const role = Type.Optional(Type.Enum([...roles]))

/** One state, or several: `state=pending&state=frozen`. */
const oneOrMore = <T extends string>(all: readonly T[]) =>
  Type.Optional(
    Type.Union([Type.Enum([...all]), Type.Array(Type.Enum([...all]), { minItems: 1, maxItems: all.length })], {
      description: 'only items in this state, or in one of several'
    })
  )

/** True if the state is one of those that are asked for. Each one is if none is. */
export const isAsked = (asked: string | readonly string[] | undefined, state: string): boolean =>
  asked === undefined || [asked].flat().includes(state)

export const codeStatuses = ['open', 'used', 'expired', 'revoked'] as const
export type CodeStatus = (typeof codeStatuses)[number]

/** Filters for a list of enrolments. `code` is the id of a code. */
export const EnrolmentQuery = Type.Object(
  {
    ...page,
    name,
    role,
    state: oneOrMore(states),
    code: Type.Optional(Type.String({ maxLength: 253, description: 'only enrolments that used the code with this id' }))
  },
  strict
)
export type EnrolmentQuery = Static<typeof EnrolmentQuery>

/** True if an enrolment fits the filters but for its state, which `isAsked` judges. */
export const fitsFilters = (
  enrolment: { name: string; role: string; code: string },
  { name, role, code }: Pick<EnrolmentQuery, 'name' | 'role' | 'code'>
): boolean =>
  (name === undefined || enrolment.name === name) &&
  (role === undefined || enrolment.role === role) &&
  (code === undefined || enrolment.code === code)

export const CodeQuery = Type.Object({ ...page, name, role, state: oneOrMore(codeStatuses) }, strict)
export type CodeQuery = Static<typeof CodeQuery>

export const NodeQuery = Type.Object({ ...page, name, role }, strict)
export type NodeQuery = Static<typeof NodeQuery>

export const ListMetadata = Type.Object({
  continue: Type.String({
    description: 'token for the next page: give it as `continue`, with the same filters; there may be more items'
  })
})

/** A list, or a page of one. */
export interface List<T> {
  items: T[]
  metadata?: Static<typeof ListMetadata>
}
