/**
 * Bytes that the values of one ConfigMap may have together. Its keys do not count (`ValidateConfigMap`,
 * `MaxSecretSize`).
 */
const limit = 1024 * 1024

const sizeOf = (bans: ReadonlyMap<string, string>): number =>
  [...bans.values()].reduce((bytes, reason) => bytes + Buffer.byteLength(reason), 0)

/** Reason for which the API server takes no ban list with these bans. Undefined if it takes the list. */
export const sizeRefusal = (bans: ReadonlyMap<string, string>): string | undefined =>
  sizeOf(bans) > limit
    ? `ConfigMap "joinery-banned" is invalid: []: Too long: may not be more than ${limit} bytes`
    : undefined

/**
 * Names with the longest reasons that the policy `joinery-ban-list` allows, so many that `left` bytes of the list stay
 * free.
 */
export const fillers = (bans: ReadonlyMap<string, string>, left: number): Map<string, string> => {
  const all = new Map<string, string>()
  for (let bytes = limit - sizeOf(bans) - left; bytes > 0; bytes -= 1024) {
    all.set(`contract-filler-${all.size}`, 'r'.repeat(Math.min(1024, bytes)))
  }
  return all
}
