/** One fault of an object, by the path of its field (apimachinery, field.Error). */
export interface Fault {
  /** Reason of the cause, as `FieldValueInvalid`. */
  reason: string
  field: string
  message: string
}

/** Facts of a Status beyond its code, reason and message. */
export interface StatusDetails {
  group?: string
  kind?: string
  name?: string
  causes?: Fault[]
  retryAfterSeconds?: number
}

/** A refusal of the API server: the Status that it answers (apimachinery, api/errors). */
export class Refused extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'Refused'
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** A resource as messages and details name it: the plural, and the group unless it is the core's. */
export interface ResourceName {
  group: string
  plural: string
}

/** Text of a resource in messages, and its key in the store: `nodes`, `leases.coordination.k8s.io`. */
export const textOf = ({ group, plural }: ResourceName): string => (group === '' ? plural : `${plural}.${group}`)

const detailsOf = ({ group, plural }: ResourceName, name: string): StatusDetails => ({
  ...(name !== '' && { name }),
  ...(group !== '' && { group }),
  kind: plural
})

export const notFound = (resource: ResourceName, name: string): Refused =>
  new Refused(404, 'NotFound', `${textOf(resource)} "${name}" not found`, detailsOf(resource, name))

export const alreadyExists = (resource: ResourceName, name: string): Refused =>
  new Refused(409, 'AlreadyExists', `${textOf(resource)} "${name}" already exists`, detailsOf(resource, name))

export const conflict = (resource: ResourceName, name: string, message: string): Refused =>
  new Refused(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${textOf(resource)} "${name}": ${message}`,
    detailsOf(resource, name)
  )

/** The conflict of a write that names an older version. */
export const modified = (resource: ResourceName, name: string): Refused =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again'
  )

/** `kind`: the kind, not the plural: a 422 names it so. */
export const invalid = (group: string, kind: string, name: string, causes: Fault[]): Refused => {
  const text = causes.map(({ field, message }) => `${field}: ${message}`)
  const all = text.length === 1 ? text[0] : `[${text.join(', ')}]`
  const shown = group === '' ? kind : `${kind}.${group}`
  return new Refused(422, 'Invalid', `${shown} "${name}" is invalid: ${all}`, {
    name,
    ...(group !== '' && { group }),
    kind,
    causes
  })
}

export const forbidden = (resource: ResourceName, name: string, message: string): Refused =>
  new Refused(
    403,
    'Forbidden',
    `${textOf(resource)}${name === '' ? '' : ` "${name}"`} is forbidden: ${message}`,
    detailsOf(resource, name)
  )

export const badRequest = (message: string): Refused => new Refused(400, 'BadRequest', message)

export const unauthorized = (): Refused => new Refused(401, 'Unauthorized', 'Unauthorized')
