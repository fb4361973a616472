/** API group and version of the objects in which the servers keep their log (`store: cluster`). Both kinds are in a namespace. */
export const logGroup = 'log.joinery.dev'
export const logVersion = 'v1'

/** Plural names of the kinds of the log, as RBAC and policies name them. */
export const logResources = ['logheads', 'logdocuments'] as const

/** Name of the one LogHead. */
export const headName = 'joinery'

/** Largest size in bytes of a batch or of a document, packed and in base64. A head with all of its batches is no larger. */
export const packedAtMost = 512 * 1024

/** Annotation of a server's Lease with the URL at which machines reach the server. */
export const addressAnnotation = 'joinery.dev/address'

/**
 * Terms of the Lease that says which server is active (`leaseTransitions`, an int32). The policy takes no larger step and no larger
 * beginning, so somebody with the token of a server comes to the end in no hurry.
 */
export const leaseTerms = {
  /** Most by which a term grows at once. */
  step: 1000,
  /** Highest term with which the Lease is made. Nobody comes there by counting. */
  first: 2 ** 30,
  /** Highest term that there is. */
  last: 2 ** 31 - 1
} as const
