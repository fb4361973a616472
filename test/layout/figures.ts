import { dirname, join } from 'node:path'
import { arrowsOf, circlesOf, roomOf } from './rooms.ts'
import type { Source } from './sources.ts'

/** Packages that are no part of what is installed. */
const beside = ['fake-kubernetes', 'fake-machine', 'testing']

/** Folders of a product that tests alone, or the demo, put in its place. */
const played = /\/src\/(?:.*\/)?(?:testing|rehearsal)\//

const inCluster = 'packages/server/src/core/ports/cluster'
const clusterPorts = [
  ['access-checks.ts', 'AccessChecks'],
  ['api-sight.ts', 'ApiSight'],
  ['banned-names.ts', 'BannedNames'],
  ['cluster-settings.ts', 'ClusterSettings'],
  ['csrs.ts', 'Csrs'],
  ['nodes.ts', 'Nodes'],
  ['unguarded-giving.ts', 'UnguardedGiving'],
  ['unguarded-taking-away.ts', 'UnguardedTakingAway']
] as const

/** The figures of the layout that the design bounds, by their names. */
export const figuresOf = (sources: readonly Source[]): Record<string, string> => {
  const products = sources.filter(({ file, name }) => !beside.includes(name) && !played.test(file))
  const server = sources.filter(({ name }) => name === 'server')
  const inCircles = new Set(circlesOf(arrowsOf(server)).flat())
  const ofCircles = server.filter(({ file }) => inCircles.has(roomOf(file)))
  const container = textOf(sources, 'packages/server/src/program/container.ts')
  return {
    'rooms of the server in a circle': `${inCircles.size} of ${new Set(server.map(({ file }) => roomOf(file))).size}, ${share(linesOf(ofCircles), linesOf(server))} of its lines`,
    'source files': `${sources.length}`,
    'source files with one importer, in its own folder': `${withOneImporter(sources)}`,
    "lines of the products' source": `${linesOf(products)}`,
    "members of the cluster's largest port, Store and EnrolmentDocument": [
      Math.max(...clusterPorts.map(([file, name]) => membersOf(textOf(sources, `${inCluster}/${file}`), name))),
      membersOf(textOf(sources, 'packages/server/src/core/ports/store/store.ts'), 'Store'),
      membersOf(
        textOf(sources, 'packages/server/src/core/ports/store/documents/enrolment-document.ts'),
        'EnrolmentDocument'
      )
    ].join(', '),
    'lines and imports of the composition': `${container.split('\n').length - 1}, ${container.match(/^import /gm)?.length}`
  }
}

const textOf = (sources: readonly Source[], file: string): string => {
  const source = sources.find((one) => one.file === file)
  if (source === undefined) throw new Error(`there is no ${file}`)
  return source.text
}

const linesOf = (sources: readonly Source[]): number =>
  sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0)

const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`

const withOneImporter = (sources: readonly Source[]): number => {
  const importers = new Map<string, Set<string>>()
  for (const { file, specifiers } of sources) {
    for (const specifier of specifiers.filter((one) => one.startsWith('.'))) {
      const target = join(dirname(file), specifier)
      importers.set(target, (importers.get(target) ?? new Set()).add(file))
    }
  }
  return sources.filter(({ file }) => {
    const [by, ...others] = importers.get(file) ?? []
    return by !== undefined && others.length === 0 && dirname(by) === dirname(file)
  }).length
}

/** Number of the members of an interface: the lines of its body that are one level in. */
export const membersOf = (text: string, name: string): number => {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(text)?.[1] ?? ''
  return body.match(/^ {2}(?:readonly )?[a-z]\w*[?(:<]/gm)?.length ?? 0
}
