/** API group and version of the objects in which the servers keep their log (`store: cluster`). Both kinds are in a namespace. */
export const logGroup = 'log.joinery.dev'
export const logVersion = 'v1'

/** Plural names of the kinds of the log, as RBAC and policies name them. */
export const logResources = ['logheads', 'logdocuments'] as const

/** Name of the one LogHead. */
export const headName = 'joinery'

/** Largest size in bytes of a batch or of a document, packed and in base64. A head with all of its batches is no larger. */
export const packedAtMost = 512 * 1024
