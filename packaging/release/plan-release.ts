import { changelogFault } from './changelog-cut.ts'

/** What a release depends on, as it was found. */
export interface Found {
  /** What was asked for. */
  version: string
  /** The version that the packages have. */
  present: string
  changelog: string
  /** What `git status --porcelain` prints. */
  status: string
  /** The tags that there are. */
  tags: readonly string[]
}

/** The tag of a version. */
export const tagOf = (version: string): string => `v${version}`

/** Why this must not be released, for a person; undefined if it may be. Pure. */
export const refusesRelease = ({ version, present, changelog, status, tags }: Found): string | undefined => {
  if (!isVersion(version)) return `"${version}" is no version: write it as 1.2.3 or 1.2.3-rc.1`
  if (status.trim() !== '') return `the working tree is not clean: commit or put away\n${status.trimEnd()}`
  if (tags.includes(tagOf(version))) return `there is a tag ${tagOf(version)} already`
  if (isOlder(version, present)) return `${version} is older than ${present}, which the packages have`
  return changelogFault(changelog, version)
}

/** As SemVer has it, without build metadata: `~` and `+` mean something else in the version of a Debian package. */
const isVersion = (text: string): boolean =>
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/.test(text)

/** By the three numbers alone. */
const isOlder = (version: string, than: string): boolean => {
  const [a, b] = [version, than].map((text) => text.split('-')[0]?.split('.').map(Number) ?? [])
  const at = [0, 1, 2].find((part) => a?.[part] !== b?.[part])
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0)
}

/** The text of a package.json with this version, and nothing else changed. Throws if it has none. */
export const withVersion = (packageJson: string, version: string): string => {
  const written = /^( {2}"version": ")[^"]*(",?)$/m
  if (!written.test(packageJson)) throw new Error('package.json has no version')
  return packageJson.replace(written, (_, before, after) => `${before}${version}${after}`)
}
