import { globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nextFile, noMoreFiles } from '../ci/log/read-log.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Which tests run in one process, by where their paths begin; the first group that fits has a file. To start a process for
 * each file, and to load there what a hundred others load as well, takes more time than the tests of most files do. A test that
 * starts processes itself is a `*.process.test.ts`. Those of packages are in groups whose names end so: they wait more than they
 * compute, and tap, which goes by the alphabet, starts them before most others. The groups take about as long as one another.
 */
export const groups = {
  'cli-processes': ['packages/cli/'],
  'daemon-processes': ['packages/'],
  // tests of whole commands, and of servers that answer: they are not among the fast ones
  commands: [
    'packages/cli/test/commands/',
    'packages/cli/test/kubernetes/',
    'packages/server/test/commands/',
    'packages/server/test/http/',
    'packages/server/test/program/'
  ],
  'units-agent': ['packages/agent/'],
  'units-server-enrolment': ['packages/server/test/enrolment/'],
  // nor are these, which speak to API servers and wait for watches
  'server-and-api': [
    'packages/server/test/cluster/',
    'packages/server/test/kubernetes-door/',
    'packages/server/test/notices/',
    'packages/server/test/reconcile/'
  ],
  // a server's life each moment: ten seconds of processor time
  histories: ['packages/server/test/histories/'],
  'units-server': ['packages/server/'],
  'units-shared': ['packages/'],
  'journeys-approval': ['test/journeys/approval/', 'test/journeys/codes/', 'test/journeys/policy/'],
  'journeys-certificates': ['test/journeys/certificates/', 'test/journeys/keys/', 'test/journeys/trust/'],
  'journeys-command': ['test/journeys/kubernetes-door-command/'],
  'journeys-control-plane': ['test/journeys/control-plane/'],
  'journeys-door': [
    'test/journeys/console/',
    'test/journeys/door/',
    'test/journeys/kubernetes-door',
    'test/journeys/store/'
  ],
  'journeys-faults-agent': ['test/journeys/faults/agent-'],
  'journeys-faults': ['test/journeys/faults/'],
  'journeys-nodes': ['test/journeys/audit/', 'test/journeys/nodes/', 'test/journeys/notices/', 'test/journeys/why/'],
  'journeys-way-back': ['test/journeys/way-back/'],
  'journeys-worker': ['test/journeys/worker/', 'test/journeys/metrics/'],
  contracts: ['test/contract/', 'test/rehearsal/'],
  house: ['test/']
} satisfies Record<string, readonly string[]>
export type Group = keyof typeof groups

const names = Object.keys(groups) as Group[]

/** True if the test starts processes itself, by its name. */
export const isOfProcesses = (name: string): boolean => /[.-]process(es|\.test\.ts)$/.test(name)

/** The group of a test. Undefined if it has none. */
export const groupOf = (file: string): Group | undefined =>
  names.find(
    (name) =>
      isOfProcesses(name) === isOfProcesses(file) && groups[name].some((beginning) => file.startsWith(beginning))
  )

/** Paths, from the root of the repository, of the tests that run together with others. Those that `.taprc` names run alone. */
export const testsTogether = (): string[] =>
  globSync(['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], {
    cwd: root,
    exclude: ['test/**/*.process.test.ts', 'test/together/**']
  })

/** Runs the tests of a group in this process, in the order of their paths. Says whose tests come: CI plays a failed file again by itself. */
export const runTogether = async (group: Group): Promise<void> => {
  // for all of them, on a busy machine; again at the end, since a file may have set its own
  t.setTimeout(patience)
  const files = testsTogether().filter((file) => groupOf(file) === group)
  for (const file of files.sort()) {
    t.comment(nextFile(file))
    await import(join(root, file))
  }
  t.comment(noMoreFiles)
  t.setTimeout(patience)
}

/** In milliseconds. */
const patience = 480_000
