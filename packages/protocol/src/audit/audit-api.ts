import Type, { type Static } from 'typebox'
import { AuditLeaf } from './leaf.ts'

const strict = { additionalProperties: false }

/** Pattern of the name of a log: its year, and a number from the second log of a year on. */
export const auditLogName = '^[0-9]{4}(-[0-9]{1,4})?$'
const log = Type.Optional(Type.String({ pattern: auditLogName, description: 'name of a log; the newest if absent' }))

/** Largest number of leaves of one answer. */
export const auditPage = 500

export const AuditQuery = Type.Object(
  {
    log,
    from: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'index of the first leaf; 0 if absent' })),
    limit: Type.Optional(
      Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: `number of leaves at most; ${auditPage} if absent` })
    )
  },
  strict
)
export type AuditQuery = Static<typeof AuditQuery>

/** A leaf at its place in a log. */
export const PlacedLeaf = Type.Object({
  log: Type.String(),
  index: Type.Integer(),
  leaf: Type.Optional(AuditLeaf),
  text: Type.String({ description: 'bytes of the leaf, as text: what is hashed' })
})
export type PlacedLeaf = Static<typeof PlacedLeaf>

export const AuditPage = Type.Object({
  log: Type.String(),
  size: Type.Integer({ description: 'number of leaves of the log' }),
  items: Type.Array(PlacedLeaf)
})
export type AuditPage = Static<typeof AuditPage>

/** One log of this server. */
export const AuditLog = Type.Object({
  name: Type.String(),
  size: Type.Integer(),
  checkpoint: Type.String({ description: 'newest checkpoint of the log: a signed note' })
})
export type AuditLog = Static<typeof AuditLog>

export const AuditLogs = Type.Object({
  key: Type.String({ description: "public key of the logs, as a signed note's verifier reads it" }),
  trouble: Type.Optional(Type.String({ description: 'reason why the log cannot be written now' })),
  waiting: Type.Integer({ description: 'leaves that are durable, and not in the log yet' }),
  items: Type.Array(AuditLog, { description: 'all logs, the oldest first' })
})
export type AuditLogs = Static<typeof AuditLogs>

export const AuditFileQuery = Type.Object(
  {
    log,
    path: Type.Optional(
      Type.String({
        maxLength: 128,
        pattern: '^(checkpoint|tile/(entries|[0-9]{1,2})(/x[0-9]{3}){0,4}/[0-9]{3}(\\.p/[0-9]{1,3})?)$',
        description: 'path of a file of the log, as C2SP tlog-tiles names it; the checkpoint if absent'
      })
    )
  },
  strict
)
export type AuditFileQuery = Static<typeof AuditFileQuery>

export const AuditFile = Type.Object({ content: Type.String({ description: 'bytes of the file, in base64' }) })
export type AuditFile = Static<typeof AuditFile>
