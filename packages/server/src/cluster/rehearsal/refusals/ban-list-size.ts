/** Bytes that the values of one ConfigMap may have together: its names are not counted (`ValidateConfigMap`, `MaxSecretSize`). */
const limit = 1024 * 1024

const sizeOf = (bans: ReadonlyMap<string, string>): number =>
  [...bans.values()].reduce((bytes, reason) => bytes + Buffer.byteLength(reason), 0)

/** Why the API server takes no ban list with these; undefined where it does. */
export const sizeRefusal = (bans: ReadonlyMap<string, string>): string | undefined =>
  sizeOf(bans) > limit
    ? `ConfigMap "joinery-banned" is invalid: []: Too long: may not be more than ${limit} bytes`
    : undefined

/** Names with reasons as long as the policy `joinery-ban-list` lets them be, which leave so many bytes of the list. */
export const fillers = (bans: ReadonlyMap<string, string>, left: number): Map<string, string> => {
  const all = new Map<string, string>()
  for (let bytes = limit - sizeOf(bans) - left; bytes > 0; bytes -= 1024) {
    all.set(`contract-filler-${all.size}`, 'r'.repeat(Math.min(1024, bytes)))
  }
  return all
}
