import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sources } from './sources.ts'
import { programOf, stateComparisonsIn } from './state-comparisons.ts'

/**
 * Files that know a state by its name, each with the reason. All others ask the questions of the table in
 * packages/protocol/src/enrolment.ts: a new state has an answer to each of them, and to no comparison.
 */
const exceptions: Readonly<Record<string, string>> = {
  'packages/agent/src/plan/plan.ts':
    'a table of what the agent does in each state: a new one does not compile without a case',
  'packages/server/src/core/enrolment/decision/describe.ts': 'a table of what a person is told of each state, like it',
  'packages/cli/src/commands/remove.ts':
    'the one state after which the Node of a control plane may be there, and nobody deletes it'
}

/** The words of the tests' own package may name a state, as tests do. */
const apart = ['packages/protocol/', 'packages/testing/']
const files = sources.map(({ file }) => file).filter((file) => !apart.some((folder) => file.startsWith(folder)))

t.test('a comparison is found by its type, whatever the words around it', async (t) => {
  const file = join(t.testdir({}), 'compared.ts')
  writeFileSync(
    file,
    `import type { EnrolmentDocument } from '${join(import.meta.dirname, '../../packages/server/src/core/ports/store/documents/enrolment-document.ts')}'
export const one = ({ state }: EnrolmentDocument) => state === 'ready'
export const two = (it?: EnrolmentDocument) => it?.state !== 'frozen'
export const three = ({ state: now }: EnrolmentDocument) => ['joined', 'ready'].includes(now)
export const four = ({ recovery }: EnrolmentDocument) => recovery?.state === 'approved'
export const five = (word: string) => word === 'approved'
export const six = (it: EnrolmentDocument, other: EnrolmentDocument) => it.state === other.state
`
  )
  const found = stateComparisonsIn(programOf([file]), [file])
  t.same(
    found.map(({ line }) => line),
    [2, 3, 4]
  )
})

t.test('nobody compares a state with its name but who is on the list', async (t) => {
  const found = stateComparisonsIn(programOf(files), files)
  t.same(
    found
      .filter(({ file }) => !Object.hasOwn(exceptions, file))
      .map(({ file, line, text }) => `${file}:${line} ${text}`),
    [],
    'ask a question of the table in packages/protocol/src/state-questions.ts, or add one'
  )
  t.same(
    Object.keys(exceptions).filter((file) => !found.some((one) => one.file === file)),
    [],
    'an exception that nobody needs any more'
  )
})
