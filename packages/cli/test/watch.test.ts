import { type Enrolment, ProblemError } from '@joinery/protocol'
import t from 'tap'
import { enrolment } from './support/fixtures.ts'
import { joinery } from './support/operators.ts'

const other: Enrolment = { ...enrolment, id: 'e2', name: 'node-10' }
const ready: Enrolment = { ...enrolment, state: 'ready', message: 'ready', revision: 9 }

/** One answer a look; then the server has none any more, which ends the watch. */
const answering = (...answers: Enrolment[][]) => ({
  list: () => {
    const items = answers.shift()
    if (items === undefined) throw new ProblemError('internal', { detail: 'that is all' })
    return { items }
  }
})

t.test('list --watch prints the table once and then a line for each change, in the same columns', async (t) => {
  const looks = answering([enrolment, other], [enrolment, other], [ready, other], [ready, other])
  const { exitCode, out, err } = await joinery(t, looks, 'list', '--watch')
  t.equal(
    out,
    `NAME      STATE     NODE     ROLE     ADDRESS     KEY         PREFLIGHT   AGE     MESSAGE
node-1    pending   <none>   worker   10.0.0.11   4f1c-22ab   1 fail      3m20s   waits for approval
node-10   pending   <none>   worker   10.0.0.11   4f1c-22ab   1 fail      3m20s   waits for approval
node-1    ready     <none>   worker   10.0.0.11   4f1c-22ab   1 fail      3m20s   ready
`
  )
  t.equal(err, 'error: that is all (internal)\n')
  t.equal(exitCode, 1)
})

t.test('list --watch begins where nothing is yet, and has headers then', async (t) => {
  const { out } = await joinery(t, answering([], [], [enrolment]), 'list', '--watch')
  t.match(out, /^NAME .*\nnode-1 .*\n$/)
  const bare = await joinery(t, answering([], [enrolment]), 'list', '--watch', '--no-headers')
  t.match(bare.out, /^node-1 .*\n$/)
})

t.test('list --watch for programs prints each enrolment that changed', async (t) => {
  const watch = async (format: string) =>
    (await joinery(t, answering([enrolment, other], [ready, other]), 'list', '--watch', '-o', format)).out
  t.equal(await watch('name'), 'enrolment/node-1\nenrolment/node-10\nenrolment/node-1\n')
  const documents = (await watch('json')).split('\n}\n').filter(Boolean)
  t.same(
    documents.map((text) => JSON.parse(`${text}\n}`)),
    [enrolment, other, ready]
  )
  t.equal((await watch('yaml')).match(/^---$/gm)?.length, 3)
})
