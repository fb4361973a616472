import { gzipSync } from 'node:zlib'

/** What a package needs of its release. */
export interface Release {
  package: string
  version: string
  maintainer: string
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number
}

/**
 * Debian's changelog of a package, compressed: the present release alone, since what changed is told once, in the
 * project's CHANGELOG.md.
 */
export const debianChangelog = (release: Release): Buffer => gzipSync(changelogText(release), { level: 9 })

export const changelogText = ({ package: name, version, maintainer, epoch }: Release): string =>
  [
    `${name} (${version}) stable; urgency=medium`,
    '',
    `  * Joinery ${version}: see CHANGELOG.md of the project.`,
    '',
    ` -- ${maintainer}  ${new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')}`,
    ''
  ].join('\n')
