import { globSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import type { Built } from '../bed/build.ts'
import { digestOf, digestOfFile } from './digest.ts'
import { minified } from './minified.ts'
import { contentOfPackage } from './package-content.ts'

/** Inputs by name, such as a path: where one differs, a suite may say something else. The values are digests or versions. */
type Inputs = Readonly<Record<string, string>>

/** Files that every suite has as an input, whatever it imports: the bed starts programs by their paths. */
const shared = ['test/cluster/**/*', 'test/contract/**/*', '.ci/run', 'pnpm-lock.yaml', 'dist/{agent,cli,server}/**/*']

/** Files among them that are no input of another suite: suites, tests of helpers, and words for people. */
const apart = ['test/cluster/*.cluster.ts', 'test/cluster/*.long.ts', '**/*.test.ts', '**/*.md']

/**
 * keysOf gives a key for each suite, over all that it depends on: the bed's helpers and programs, pins, Node, kernel, the bed, both packages
 * in `dist`, the suite itself, and the pages of the repository that it names. Of TypeScript it takes what is left when esbuild bundled it,
 * so that a comment changes nothing.
 */
export const keysOf = async (root: string, suites: readonly string[], built: Built): Promise<Map<string, string>> => {
  const ofAll = await sharedInputs(root, built)
  const pathOf = (suite: string): string => `test/cluster/${suite}.cluster.ts`
  const programs = await minified(root, suites.map(pathOf))
  return new Map(
    await Promise.all(
      suites.map(async (suite) => {
        const { digest, sources } = programs.of(pathOf(suite))
        const inputs: Inputs = { ...ofAll, ...(await pagesOf(root, sources)), suite: digest }
        return [suite, digestOf(Object.entries(inputs).sort().flat())] as const
      })
    )
  )
}

const sharedInputs = async (root: string, { binaries, emulator, ...folders }: Built): Promise<Inputs> => {
  const files = globSync(shared, { cwd: root, exclude: apart }).filter((file) => statSync(join(root, file)).isFile())
  const isProgram = (file: string): boolean => file.endsWith('.ts')
  const debs = globSync('dist/*_amd64.deb', { cwd: root })
  return {
    node: process.version,
    kernel: release(),
    // the name of a folder has the key of what it was made of
    bed: digestOf([...Object.values(folders), ...Object.values(binaries), ...emulator]),
    programs: (await minified(root, files.filter(isProgram))).digest,
    ...(await digestsOf(
      root,
      files.filter((file) => !isProgram(file))
    )),
    ...Object.fromEntries(await Promise.all(debs.map(async (deb) => [deb, await contentOfPackage(join(root, deb))])))
  }
}

/** Digests of the pages that the sources of a suite name by their paths from the root of the repository. */
const pagesOf = async (root: string, sources: readonly string[]): Promise<Inputs> => {
  const texts = await Promise.all(sources.map((file) => readFile(join(root, file), 'utf8')))
  const pages = texts.flatMap((text) => text.match(/(?<=['"`/])(docs\/[\w/.-]+|README)\.md(?=['"`])/g) ?? [])
  return digestsOf(root, pages)
}

const digestsOf = async (root: string, files: readonly string[]): Promise<Inputs> => {
  const digests = files.map(async (file) => [file, await digestOfFile(join(root, file))])
  return Object.fromEntries(await Promise.all(digests))
}
