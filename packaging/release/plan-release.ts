import { cutChangelog } from './changelog-cut.ts'
import { debianVersion, isCandidate, isNewer, isVersion, semverOf, tagOf } from './version.ts'

/** What a release depends on, as it was found. */
export interface Found {
  /** What was asked for. */
  version: string
  /** The version that package.json has. */
  present: string
  changelog: string
  /** What `git status --porcelain` prints. */
  status: string
  /** The tags that there are. */
  tags: readonly string[]
  /** Subject of the last commit. */
  subject: string
  /** Names of the flakes whose cause nobody removed. */
  flakes: readonly string[]
  /** Files of public keys that are not there. */
  missingKeys: readonly string[]
  /** The day, as 2026-12-24. */
  day: string
}

/**
 * Why nothing is released, or what comes first: a commit with the version, and with a new text of the changelog, undefined if that
 * stays as it is; or the build of a commit that is there.
 */
export type Plan = { refusal: string } | { step: 'cut'; changelog: string | undefined } | { step: 'build' }

/** The subject of the commit that a release is built from. */
export const subjectOf = (version: string): string => `Release ${semverOf(version)}`

/**
 * Plans a release. A candidate leaves the changelog alone: what it has is still to be released. A release whose commit is there is one
 * that was cut short: it goes on.
 */
export const planRelease = (found: Found): Plan => {
  const { version, present, changelog, status, tags, subject, flakes, missingKeys, day } = found
  const no = (refusal: string): Plan => ({ refusal })
  if (!isVersion(version)) return no(`"${version}" is no version: write it as 1.2.3, or 1.2.3~rc.1 for a candidate`)
  if (status.trim() !== '') return no(`the working tree is not clean: commit, or git restore .\n${status.trimEnd()}`)
  if (tags.includes(tagOf(version))) return no(`there is a tag ${tagOf(version)} already`)
  if (flakes.length > 0) return no(`test/flakes.md has flakes: remove their causes first\n${flakes.join('\n')}`)
  if (missingKeys.length > 0)
    return no(`there is no ${missingKeys.join(' and no ')}: CONTRIBUTING.md says what is in it`)
  if (present === semverOf(version) && subject === subjectOf(version)) return { step: 'build' }
  if (!isNewer(version, debianVersion(present))) return no(`${version} is not newer than ${debianVersion(present)}`)
  const cut = cutChangelog(changelog, semverOf(version), day)
  if (cut === undefined) return no('CHANGELOG.md has nothing under [Unreleased]: there is nothing to release')
  return { step: 'cut', changelog: isCandidate(version) ? undefined : cut }
}

/** The text of a package.json with this version, and nothing else changed. Throws if it has none. */
export const withVersion = (packageJson: string, version: string): string => {
  const written = /^( {2}"version": ")[^"]*(",?)$/m
  if (!written.test(packageJson)) throw new Error('package.json has no version')
  return packageJson.replace(written, (_, before, after) => `${before}${version}${after}`)
}
