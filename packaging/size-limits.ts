/** Most bytes of a file of a release, by its name: somebody waits while it is fetched. Any other file may be larger. */
const limits: readonly (readonly [name: RegExp, bytes: number])[] = [
  // each machine, before it can enrol
  [/^joinery-agent_.*\.deb$/, 32_000_000],
  // an operator
  [/^joinery_.*\.(deb|tar\.gz)$/, 40_000_000],
  [/^joinery-\d.*\.tgz$/, 6_000_000]
]

/** Throws for a file of a release that is larger than one of its name may be. `bytes`: its size. */
export const requireSize = (name: string, bytes: number): void => {
  const [, most = Infinity] = limits.find(([pattern]) => pattern.test(name)) ?? []
  if (bytes > most)
    throw new Error(`${name} has ${bytes / 1e6} MB, and may have ${most / 1e6} MB: find out what made it grow`)
}
