import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readSums } from '@joinery/cli/testing/release'
import { writeDurably } from '@joinery/host/write-durably'
import type { Provenance } from '../evidence/provenance.ts'
import { sha256 } from '../evidence/sums.ts'
import type { Fault } from './fault.ts'
import { dist, git, keys, project, provenanceName } from './project.ts'
import { aptFaults, sumsFault, tagFault } from './signatures.ts'
import { tagOf } from './version.ts'

/**
 * Takes the signatures of a release out of the folder that came back from the machine with the keys, verifies each, and puts them
 * beside the files that they are of; the tag into the repository. Gives all that is missing or does not hold; then nothing was
 * changed. A call that was killed can be made again.
 */
export const finishRelease = async (version: string, folder: string): Promise<Fault[]> => {
  const provenance = `${dist}/${provenanceName(version)}`
  const lacking = [provenance, `${dist}/SHA256SUMS`].find((file) => !existsSync(file))
  const make = `pnpm release '${version}'`
  if (lacking !== undefined)
    return [{ code: 'release-missing', cause: `${lacking} is not there`, remedy: `make the release first: ${make}` }]
  const tag = { tag: tagOf(version), commit: commitOf(provenance) }
  const tagFile = join(folder, `${tag.tag}.tag`)
  const signature = join(folder, 'SHA256SUMS.sig')
  const [signers, apt] = [resolve(project, keys.signers), resolve(project, keys.apt)]
  const suites = globSync('apt/dists/*/Release', { cwd: dist }).map(dirname).sort()
  const faults = [
    ...sumFaults(`make the release again, and sign that: ${make}`),
    await sumsFault(`${dist}/SHA256SUMS`, signature, signers),
    tagFault(tagFile, tag, signers, project),
    ...suites.flatMap((suite) => aptFaults(join(dist, suite), join(folder, suite), { key: apt, commit: tag.commit })),
    otherTag(tag.tag, tagFile)
  ].filter((fault) => fault !== undefined)
  if (faults.length > 0) return faults
  const beside = suites.flatMap((suite) => [`${suite}/InRelease`, `${suite}/Release.gpg`])
  for (const file of [...beside, 'SHA256SUMS.sig']) {
    await writeDurably(join(dist, file), readFileSync(join(folder, file)), { mode: 0o644 })
  }
  git('update-ref', `refs/tags/${tag.tag}`, objectOf(tagFile))
  return []
}

const commitOf = (provenance: string): string =>
  (JSON.parse(readFileSync(provenance, 'utf8')) as Provenance).predicate.buildDefinition.externalParameters.source
    .digest.gitCommit

/** What is not as SHA256SUMS says, whose signature is worth nothing then. */
const sumFaults = (remedy: string): Fault[] => {
  const sums = readSums(readFileSync(`${dist}/SHA256SUMS`, 'utf8'))
  if (sums === undefined)
    return [{ code: 'sums-unreadable', cause: `${dist}/SHA256SUMS is no list of SHA-256`, remedy }]
  const known = new Set([...sums.keys(), 'SHA256SUMS', 'SHA256SUMS.sig'])
  const files = readdirSync(dist, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.')
  )
  return [
    ...[...sums].flatMap(([name, sum]): Fault[] => {
      const file = `${dist}/${name}`
      if (!existsSync(file))
        return [{ code: 'file-missing', cause: `${file} is not there, and SHA256SUMS has it`, remedy }]
      if (sha256(readFileSync(file)) === sum) return []
      return [{ code: 'file-changed', cause: `${file} is not what SHA256SUMS says`, remedy }]
    }),
    ...files.flatMap(({ name }): Fault[] =>
      known.has(name) ? [] : [{ code: 'file-unlisted', cause: `SHA256SUMS has no ${dist}/${name}`, remedy }]
    )
  ]
}

/** Why the tag cannot be made: there is another one of its name. */
const otherTag = (tag: string, file: string): Fault | undefined => {
  const present = git('for-each-ref', '--format=%(objectname)', `refs/tags/${tag}`)
  if (present === '' || !existsSync(file) || present === objectOf(file)) return undefined
  return {
    code: 'tag-taken',
    cause: `there is another tag ${tag} already`,
    remedy: `git tag --delete ${tag}, if it was never pushed; else release a newer version`
  }
}

/** The name that Git gives to the tag in a file. */
const objectOf = (file: string): string => git('hash-object', '-t', 'tag', resolve(file))
