import {
  ApproveRequest,
  CodeRequest,
  EnrolmentQuery,
  RejectRequest,
  ReleaseRequest,
  roles,
  states
} from '@joinery/protocol'
import Type, { type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { type ConsoleApi, type ListQuery, largestPage } from './contract.ts'
import { refusal } from './problem.ts'

const strict = { additionalProperties: false }
const id = Type.String({ minLength: 1, maxLength: 253 })
const { revision, key } = ApproveRequest.properties
const shown = { id, revision, key }
const Shown = Type.Object(shown, strict)
const Replace = Type.Object(
  {
    uid: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    former: Type.Optional(Type.Object({ id, key }, strict)),
    drain: Type.Optional(Type.Boolean())
  },
  strict
)
const aState = `(${states.join('|')})`

/** The shape of what a call of the page sends. Calls that are not here send nothing, or a reference. */
const shapes = {
  list: Type.Object(
    {
      state: Type.Optional(Type.String({ maxLength: 200, pattern: `^${aState}(,${aState})*$` })),
      role: Type.Optional(Type.Enum([...roles])),
      code: EnrolmentQuery.properties.code,
      text: Type.Optional(Type.String({ maxLength: 200 })),
      order: Type.Optional(Type.Enum(['newest', 'oldest'])),
      limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })),
      continue: EnrolmentQuery.properties.continue
    },
    strict
  ),
  approve: Type.Object({ ...shown, replace: Type.Optional(Replace) }, strict),
  retry: Shown,
  reject: Type.Object({ ...shown, reason: RejectRequest.properties.reason }, strict),
  release: Type.Object({ ...shown, keep: ReleaseRequest.properties.key }, strict),
  remove: Type.Object({ ...shown, drain: Type.Optional(Type.Boolean()) }, strict),
  codeCreate: Type.Object({ request: CodeRequest, iso: Type.Optional(Type.Boolean()) }, strict),
  codeRevoke: Type.Object({ id }, strict)
} satisfies Partial<Record<keyof ConsoleApi, TSchema>>
type Shaped = keyof typeof shapes

/** The value that a call sends, if it has the shape. Throws `invalid-request`. */
export const requireShape = (name: keyof ConsoleApi, value: unknown): unknown => {
  const shape = Object.hasOwn(shapes, name) ? shapes[name as Shaped] : undefined
  if (shape === undefined) return undefined
  const [error] = Value.Errors(shape, value)
  if (error !== undefined) {
    throw refusal('invalid-request', { detail: `${error.instancePath || 'the request'} ${error.message}` })
  }
  const { limit } = value as ListQuery
  if (limit !== undefined && Number(limit) > largestPage) {
    throw refusal('invalid-request', { detail: `a page has at most ${largestPage} items` })
  }
  return value
}
