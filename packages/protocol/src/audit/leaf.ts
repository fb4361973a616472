import Type, { type Static } from 'typebox'
import type { LeafField } from './leaf-fields.ts'

/** One leaf of the audit log: a decision, a credential or an outcome. It never changes, and the log keeps it for ever. */
export const AuditLeaf = Type.Object({
  v: Type.Literal(1, { description: 'version of the form of leaves' }),
  time: Type.String({ format: 'date-time', description: "time by the clock of the server's host" }),
  event: Type.String(),
  subject: Type.String({
    description: 'id of a code or of an enrolment, `node/NAME`, `cluster`, `policy/PART`, `store`, `socket` or `audit`'
  }),
  actor: Type.String({ description: 'author of the event: operator, policy, agent, server or cluster' }),
  by: Type.Optional(Type.String({ description: 'name of the operator, as the timeline has it' })),
  decision: Type.Optional(Type.String({ description: 'uid of the Decision by which a Kubernetes user decided' })),
  alert: Type.Optional(Type.Literal(true, { description: 'true if it must not happen, and did' })),
  fields: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()]))
})
export type AuditLeaf = Static<typeof AuditLeaf>

export type LeafValue = string | number | boolean
export type LeafValues = { [Field in LeafField]?: LeafValue }

/** Most characters of a text in a leaf. */
export const leafText = 512

/**
 * The bytes of a leaf, as text: JSON without spaces, the members of each object in the order of their names, each text cut at
 * `leafText` characters. One leaf has one text, so the hash of a leaf says all of it.
 */
export const leafTextOf = (leaf: AuditLeaf): string => canonical({ ...leaf, fields: { ...leaf.fields } })

const canonical = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, leafText).toWellFormed())
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, one]) => one !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

/** The leaf that a text of a log says. Undefined if the text is none of this version: it is shown as it is. */
export const readLeaf = (text: string): AuditLeaf | undefined => {
  try {
    const leaf: unknown = JSON.parse(text)
    return isLeaf(leaf) ? leaf : undefined
  } catch {
    return undefined
  }
}

const isLeaf = (leaf: unknown): leaf is AuditLeaf => {
  if (typeof leaf !== 'object' || leaf === null) return false
  const { v, time, event, subject, actor, fields } = leaf as Record<string, unknown>
  const texts = [time, event, subject, actor].every((one) => typeof one === 'string')
  return v === 1 && texts && typeof fields === 'object' && fields !== null
}
