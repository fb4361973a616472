import { globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadsOf } from '../../layout/loaded.ts'
import { allTests } from '../../together/groups.ts'
import { rows } from '../steps.ts'
import { neverAgain } from './never-again.ts'

const root = join(import.meta.dirname, '../../..')
const played = [
  ...globSync(
    rows.flat().flatMap(({ files = [] }) => files),
    { cwd: root }
  ),
  ...allTests()
]
const known = new Map(played.map((file) => [file, loadsOf(file)]))
const loads = (file: string): string[] => known.get(file) ?? []
const whyNot = (file: string, ...failures: string[]): string | undefined =>
  neverAgain({ suspects: [file], failures }, loads)
const never = played.filter((file) => whyNot(file) !== undefined)

t.test('suites of faults, histories, mutants, attacks and policies are never played again', async (t) => {
  const some = [
    'packages/policy/test/ruling/judge-machine.test.ts',
    'packages/server/test/core/enrolment/csr/csr-guard.test.ts',
    'packages/server/test/histories/histories.test.ts',
    'packages/server/test/features/high-availability/log/attacks.test.ts',
    'packages/server/test/features/high-availability/log/killed.test.ts',
    'test/cluster/attacks.cluster.ts',
    'test/cluster/contract.cluster.ts',
    'test/cluster/door.cluster.ts',
    'test/cluster/log.cluster.ts',
    'test/cluster/restored.cluster.ts',
    'test/cluster/servers.cluster.ts',
    'test/contract/cluster-fake.test.ts',
    'test/faults/faults.process.test.ts',
    'test/journeys/faults/agent-killed.test.ts',
    'test/journeys/policy/policy.test.ts',
    'test/mutants/list.test.ts',
    'test/rehearsal/way-back-lies.test.ts'
  ]
  for (const file of some) t.ok(never.includes(file), file)
})

t.test('a file that draws its input is never played again', async (t) => {
  const drawing = played.filter((file) => loads(file).includes('fast-check'))
  t.ok(drawing.includes('packages/protocol/test/words/code.test.ts'))
  for (const file of drawing) t.ok(never.includes(file), file)
})

t.test('other files may be played again', async (t) => {
  const some = ['test/cluster/spine.cluster.ts', 'test/packages/debian.packages.ts', 'test/together/commands.test.ts']
  for (const file of some) t.notOk(never.includes(file), file)
  t.ok(never.length < played.length / 4, `${never.length} of ${played.length} are not`)
})

t.test('an assertion of a broken promise is red in any file', async (t) => {
  const file = 'test/journeys/codes/codes.test.ts'
  const rows: [failure: string, isRed: boolean][] = [
    ['two operators who approve at once approve once', false],
    ['no event is lost', true],
    ['Nobody loses an approval', true],
    ['a double claim is refused', true],
    ['a code is used twice', true],
    ['a stale read', true],
    ['a granted certificate', true],
    ['an acknowledged approval is there', true],
    ['the last line', false]
  ]
  for (const [failure, isRed] of rows) t.equal(whyNot(file, 'should be equal', failure) !== undefined, isRed, failure)
})

t.test('of a group that was cut off each suspect counts', async (t) => {
  const suspects = ['test/together/journeys-door.test.ts', 'test/journeys/door/hostile-input.test.ts']
  t.match(neverAgain({ suspects, failures: [] }, loads), /hostile-input/)
  t.equal(neverAgain({ suspects: suspects.slice(0, 1), failures: [] }, loads), undefined)
})
