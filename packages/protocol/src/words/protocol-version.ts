/** Header in which a server says, with each answer to an agent, which version of the agents' API it knows. */
export const protocolHeader = 'joinery-protocol'

/**
 * Version of the agents' API. It grows with each field that agents send and earlier servers do not know. A server that says no
 * version has version 1: it refuses a body with a field that it does not know. From version 2 on, servers leave such fields out.
 */
export const protocolVersion = 3

/** The version that a server says. 1 if it says none, or anything else. */
export const readProtocolVersion = (header: unknown): number =>
  typeof header === 'string' && /^[1-9][0-9]{0,3}$/.test(header) ? Number(header) : 1

/** A call, as far as it says since which version its fields are there. */
interface Added {
  since?: Readonly<Record<string, number>>
}

/** The body of a call without the fields that a server of this version does not know. */
export const bodyFor = ({ since = {} }: Added, body: unknown, serverVersion: number): unknown =>
  Object.entries(since)
    .filter(([, version]) => version > serverVersion)
    .reduce((left, [path]) => without(left, path.replaceAll('[]', '.[]').split('.')), body)

/** A copy of the value without the field at this path. */
const without = (value: unknown, [first, ...rest]: readonly string[]): unknown => {
  if (Array.isArray(value)) return first === '[]' ? value.map((item) => without(item, rest)) : value
  if (typeof value !== 'object' || value === null || first === undefined) return value
  const { [first]: field, ...others } = value as Record<string, unknown>
  if (rest.length === 0 || field === undefined) return others
  return { ...others, [first]: without(field, rest) }
}
