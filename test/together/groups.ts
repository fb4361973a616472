import { globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nextFile } from '../ci/read-log.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Which tests run in one process, by where their paths begin; the first group that fits has a file. To start a process for
 * each file, and to load there what a hundred others load as well, takes more time than the tests of most files do. A test that
 * starts processes itself is a `*.process.test.ts`, and in a group whose name ends so.
 *
 * `pnpm test` runs four groups at a time, in the order of their names: those that mostly wait are early, and the last ones are
 * short. The others take about as long as one another. `pnpm test:slow` runs those that are called `slow-`.
 */
export const groups = {
  // browsers, programs of others that judge, programs that are bundled and packed, what people type, servers that are killed: they cost most, and seldom change
  'slow-console-journeys': ['test/console/journeys.'],
  'slow-console-pages': ['test/console/'],
  'slow-faults': ['test/faults/faults.', 'test/monitoring/'],
  'slow-judges': ['test/judges/'],
  'slow-packaging': ['test/packaging/'],
  'slow-tutorial': ['test/docs/commands.'],
  'across-processes': ['test/'],
  'cli-processes': ['packages/cli/'],
  'daemon-processes': ['packages/'],
  // tests of whole commands, of servers that answer, and of what speaks to API servers: they are not among the fast ones
  commands: [
    'packages/cli/test/commands/',
    'packages/cli/test/kubernetes/',
    'packages/server/test/adapters/kubernetes/',
    'packages/server/test/commands/',
    'packages/server/test/front/http/',
    'packages/server/test/features/kubernetes-api/',
    'packages/server/test/features/notices/',
    'packages/server/test/program/',
    'packages/server/test/core/reconcile/'
  ],
  contracts: ['test/contract/', 'test/rehearsal/'],
  'journeys-approval': [
    'test/journeys/approval/',
    'test/journeys/certificates/',
    'test/journeys/codes/',
    'test/journeys/keys/',
    'test/journeys/policy/',
    'test/journeys/trust/'
  ],
  'journeys-door': [
    'test/journeys/console/',
    'test/journeys/door/',
    'test/journeys/kubernetes-door',
    'test/journeys/store/'
  ],
  'journeys-faults': ['test/journeys/control-plane/', 'test/journeys/faults/'],
  'journeys-nodes': [
    'test/journeys/audit/',
    'test/journeys/metrics/',
    'test/journeys/nodes/',
    'test/journeys/notices/',
    'test/journeys/why/'
  ],
  'journeys-worker': ['test/journeys/way-back/', 'test/journeys/worker/'],
  house: ['packages/server/test/histories/', 'test/'],
  'units-server': ['packages/server/'],
  'units-shared': ['packages/']
} satisfies Record<string, readonly string[]>
export type Group = keyof typeof groups

const names = Object.keys(groups) as Group[]

/** True if `pnpm test` leaves the group to `pnpm test:slow`. */
export const isSlow = (group: Group): boolean => group.startsWith('slow-')

/** True if the test starts processes itself, by its name. */
export const isOfProcesses = (name: string): boolean => /[.-]process(es|\.test\.ts)$/.test(name)

/** The group of a test. Undefined if it has none. */
export const groupOf = (file: string): Group | undefined =>
  names.find(
    (name) =>
      (isSlow(name) || isOfProcesses(name) === isOfProcesses(file)) &&
      groups[name].some((beginning) => file.startsWith(beginning))
  )

/** Paths of all tests, from the root of the repository. */
export const allTests = (): string[] =>
  globSync(['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root, exclude: ['test/together/**'] })

/** Runs the tests of a group in this process, in the order of their paths. Says whose tests come, so that CI names the file that failed. */
export const runTogether = async (group: Group): Promise<void> => {
  t.setTimeout(patience)
  // a file has a limit of its own for when it runs alone: here it would end all of them while others still load
  t.setTimeout = () => {}
  const files = allTests().filter((file) => groupOf(file) === group)
  for (const file of files.sort()) {
    t.comment(nextFile(file))
    await import(join(root, file))
  }
}

/** The limit of a group in milliseconds. A group that has 30 s of processor time to do takes minutes where much else is at work. */
const patience = 1_800_000
