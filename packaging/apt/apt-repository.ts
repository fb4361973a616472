import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { architectures } from '../architecture.ts'
import { tool } from '../tool.ts'

interface Addition {
  /** Paths of packages. */
  debs: readonly string[]
  /** The minor version that they belong to, as `0.2`: nobody gets the next one unasked. */
  suite: string
  /** Folder of the repository. It is made if it is not there. */
  folder: string
  /** Day of the release. */
  date: Date
}

/**
 * Adds packages to an apt repository: a pool for each suite, in which older versions stay, and the suite's indices, each also by its hash.
 * Gives the path of the suite's new `Release`, which is to be signed; the signatures of the old one are gone. The same input gives the
 * same bytes. Throws for a package that is there with other bytes: somebody may have installed it.
 */
export const aptRepository = ({ debs, suite, folder: given, date }: Addition): string => {
  const folder = resolve(given)
  const [pool, suiteFolder] = [`${folder}/pool/${suite}`, `${folder}/dists/${suite}`]
  mkdirSync(pool, { recursive: true })
  for (const deb of debs) place(deb, `${pool}/${basename(deb)}`)
  for (const { debian } of architectures) {
    writeIndex(`${suiteFolder}/main/binary-${debian}`, packagesText(pool, debian).replaceAll(`${folder}/`, ''))
  }
  for (const signature of ['InRelease', 'Release.gpg']) rmSync(`${suiteFolder}/${signature}`, { force: true })
  const release = `${suiteFolder}/Release`
  writeFileSync(release, releaseText(suiteFolder, suite, date))
  return release
}

const place = (deb: string, path: string): void => {
  if (existsSync(path) && !readFileSync(path).equals(readFileSync(deb))) {
    throw new Error(`${path} is another package: what was released once does not change, so make a new version`)
  }
  copyFileSync(deb, path)
}

/** What apt-ftparchive says of the packages in a pool, in an order that no file system chooses. */
const packagesText = (pool: string, architecture: string): string =>
  tool('apt-ftparchive', '--arch', architecture, 'packages', pool)
    .split(/\n\n+/)
    .filter((stanza) => stanza !== '')
    .sort()
    .map((stanza) => `${stanza}\n`)
    .join('\n')

const writeIndex = (folder: string, text: string): void => {
  mkdirSync(`${folder}/by-hash/SHA256`, { recursive: true })
  for (const [name, bytes] of [
    ['Packages', Buffer.from(text)],
    ['Packages.gz', gzipSync(text, { level: 9 })]
  ] as const) {
    writeFileSync(`${folder}/${name}`, bytes)
    writeFileSync(`${folder}/by-hash/SHA256/${createHash('sha256').update(bytes).digest('hex')}`, bytes)
  }
}

/** The text of `Release`. apt-ftparchive takes the present time for its date. */
const releaseText = (folder: string, suite: string, date: Date): string => {
  const fields = {
    Origin: 'Joinery',
    Label: 'Joinery',
    Suite: suite,
    Codename: suite,
    Architectures: architectures.map(({ debian }) => debian).join(' '),
    Components: 'main',
    'Acquire-By-Hash': 'yes',
    // else the Release of before is one of its own files
    'Default-Patterns': 'false',
    Patterns: 'Packages*'
  }
  const options = Object.entries(fields).map(([name, value]) => `APT::FTPArchive::Release::${name}=${value}`)
  // SHA-256 alone: nobody needs the others, and each is one more to compare
  const sums = ['MD5', 'SHA1', 'SHA512'].map((sum) => `APT::FTPArchive::${sum}=no`)
  const words = [...options, ...sums].flatMap((option) => ['-o', option])
  return `${tool('apt-ftparchive', ...words, 'release', folder).replace(/^Date: .*$/m, `Date: ${date.toUTCString()}`)}\n`
}
