import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bed } from '../bed/bed.ts'

/** What became of each test that was chosen, by its name. */
export type Outcomes = ReadonlyMap<string, 'passed' | 'failed'>

export interface Choice {
  /** Regular expressions, as Ginkgo takes them: tests that have one of the first, and none of the others. */
  focus: readonly string[]
  skip: readonly string[]
}

/**
 * Runs a program of Kubernetes' own tests in the bed, as the super-admin. Its output and its report go to the logs under this name. Gives
 * what became of the tests that were chosen.
 */
export const runE2e = async (bed: Bed, program: string, name: string, { focus, skip }: Choice): Promise<Outcomes> => {
  const report = join(bed.logs, `${name}.xml`)
  const argv = [
    program,
    ...['--kubeconfig=/etc/kubernetes/super-admin.conf', '--provider=skeleton', '--disable-log-dump'],
    // the first control plane is processes: its Node never was Ready, and its Pod of etcd never ran
    ...['--allowed-not-ready-nodes=1', '--minStartupPods=-1'],
    ...focus.map((text) => `--ginkgo.focus=${text}`),
    ...skip.map((text) => `--ginkgo.skip=${text}`),
    ...['--ginkgo.no-color', '--ginkgo.timeout=3h', `--ginkgo.junit-report=${report}`]
  ]
  const process = await bed.spawn(name, argv)
  await process.exited
  return readOutcomes(await readFile(report, 'utf8'))
}

/** Reads a report of Ginkgo in the form of JUnit. A test that was not chosen is there as skipped, and left out here. */
export const readOutcomes = (xml: string): Outcomes => {
  const cases = xml.matchAll(/<testcase name="([^"]*)"[^>]* status="([^"]*)"/g)
  const found = [...cases]
    .filter(([, name = '', status]) => name.startsWith('[It] ') && status !== 'skipped' && status !== 'pending')
    .map(([, name = '', status]) => [plain(name), status === 'passed' ? 'passed' : 'failed'] as const)
  return new Map(found)
}

/** The text of a test, without the kind of its node before it and the list of its labels behind it. */
const plain = (name: string): string =>
  name
    .replace(/^\[It\] | \[[^\]]+(, [^\]]+)+\]$/g, '')
    .replace(/&(quot|apos|lt|gt|amp|#34|#39);/g, (_, code: string) => entities[code] ?? '')

const entities: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&', '#34': '"', '#39': "'" }

/** Names of the tests of which this became. */
export const those = (outcomes: Outcomes, outcome: 'passed' | 'failed'): string[] =>
  [...outcomes]
    .filter(([, became]) => became === outcome)
    .map(([name]) => name)
    .sort()
