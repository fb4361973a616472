import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import {
  CodeSpec,
  CodeStatusView,
  CodeTemplateSpec,
  DecisionSpec,
  DecisionStatus,
  EnrolmentView,
  InstallationView
} from '@joinery/protocol/door'
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** Identifies a kind of `joinery.dev` to the client of the API server. */
export const kindOf = (plural: Resource) => ({ group: doorGroup, version: doorVersion, plural })
export const apiVersion = `${doorGroup}/${doorVersion}`

const metadata = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 253 }),
  uid: Type.String({ maxLength: 64 }),
  creationTimestamp: Type.String({ format: 'date-time', maxLength: 40 })
})

/** An id as the server makes it, and as it names the object. */
const enrolmentMetadata = Type.Object({ ...metadata.properties, name: DecisionSpec.properties.enrolment })

export const EnrolmentObject = Type.Object({ metadata: enrolmentMetadata, status: EnrolmentView })
export type EnrolmentObject = Static<typeof EnrolmentObject>

export const DecisionObject = Type.Object({ metadata, spec: DecisionSpec, status: Type.Optional(DecisionStatus) })
export type DecisionObject = Static<typeof DecisionObject>

export const CodeObject = Type.Object({ metadata, spec: CodeSpec, status: Type.Optional(CodeStatusView) })
export type CodeObject = Static<typeof CodeObject>

export const TemplateObject = Type.Object({ metadata, spec: CodeTemplateSpec })
export const InstallationObject = Type.Object({ metadata, status: InstallationView })

/**
 * The object if it has the form that this version knows. Undefined if it does not: another version wrote it, or somebody who is
 * not the server. An empty status is none.
 */
export const fitting = <T extends TSchema>(schema: T, object: unknown): Static<T> | undefined => {
  const told = isObject(object) && isEmpty(object.status) ? { ...object, status: undefined } : object
  if (isObject(told) && told.status === undefined) delete told.status
  return Value.Check(schema, told) ? (told as Static<T>) : undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isEmpty = (status: unknown): boolean => isObject(status) && Object.keys(status).length === 0
