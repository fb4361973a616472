/**
 * What a version is written as where a release is asked for: 1.2.3, or 1.2.3~rc.1 for a candidate. `~` sorts before everything in
 * a version of Debian and of rpm, and `-` after it, so that a candidate written 1.2.3-rc.1 would never be upgraded to 1.2.3.
 */
const written = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:~rc\.([1-9]\d*))?$/

/** True if it is written as a release is asked for. */
export const isVersion = (text: string): boolean => written.test(text)

/** True if it is a candidate of a version, and not the version. */
export const isCandidate = (version: string): boolean => version.includes('~')

/** As package.json and a tag have it, which know no `~`: 1.2.3-rc.1. */
export const semverOf = (version: string): string => version.replace('~', '-')

/** As a package of Debian has it, of what package.json has: 1.2.3~rc.1. */
export const debianVersion = (semver: string): string => semver.replace('-', '~')

/** The tag of a version. */
export const tagOf = (version: string): string => `v${semverOf(version)}`

/** The suite of the apt repository that a version is in: one for each minor version. */
export const suiteOf = (version: string): string => version.split('.', 2).join('.')

/** True if a version comes after another. A candidate comes before its version. */
export const isNewer = (version: string, than: string): boolean => {
  const [a, b] = [partsOf(version), partsOf(than)]
  const at = a.findIndex((part, index) => part !== b[index])
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0)
}

const partsOf = (version: string): number[] => {
  const [, ...parts] = written.exec(version) ?? []
  return ['0', '0', '0', 'Infinity'].map((absent, at) => Number(parts[at] ?? absent))
}
