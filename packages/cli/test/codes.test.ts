import { type Code, ProblemError } from '@joinery/protocol'
import t from 'tap'
import { parse } from 'yaml'
import { code } from './support/fixtures.ts'
import { joinery } from './support/operators.ts'

const { name: _, ...anyName } = code
const used: Code = { ...anyName, id: 'c2', status: 'used', enrolment: 'e1' }
const listed = { listCodes: () => ({ items: [code, used] }) }

t.test('code list shows who may still come, and what became of a code', async (t) => {
  const { exitCode, out, err } = await joinery(t, listed, 'code', 'list')
  t.equal(
    out,
    `ID   STATUS   NAME     ROLE     ENROLMENT   EXPIRES                AGE
c1   open     node-1   worker   <none>      2026-11-25T12:30:00Z   0s
c2   used     <any>    worker   e1          2026-11-25T12:30:00Z   0s
`
  )
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test('code list -o wide adds when exactly a code was made', async (t) => {
  const { exitCode, out } = await joinery(t, listed, 'code', 'list', '-o', 'wide')
  t.equal(
    out,
    `ID   STATUS   NAME     ROLE     ENROLMENT   EXPIRES                AGE   CREATED
c1   open     node-1   worker   <none>      2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z
c2   used     <any>    worker   e1          2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z
`
  )
  t.equal(exitCode, 0)
})

t.test('code list prints for programs as list does', async (t) => {
  const print = async (...words: string[]) => (await joinery(t, listed, 'code', 'list', ...words)).out
  t.same(JSON.parse(await print('-o', 'json')), { items: [code, used] })
  t.same(parse(await print('-o', 'yaml')), { items: [code, used] })
  t.equal(await print('-o', 'name'), 'code/c1\ncode/c2\n')
  t.match(await print('--no-headers'), /^c1 .*\nc2 .*\n$/)
})

t.test('code list without codes says so and leaves the data empty', async (t) => {
  const { out, err } = await joinery(t, { listCodes: () => ({ items: [] }) }, 'code', 'list')
  t.equal(out, '')
  t.equal(err, 'There are no codes yet.\nNext: joinery code create\n')
})

t.test('code revoke takes ids as they are printed, and goes on after a failure', async (t) => {
  const revokeCode = ({ reference }: { reference: string }): Code => {
    if (reference === 'c2') throw new ProblemError('illegal-event', { detail: 'the code was used already' })
    return { ...code, id: reference, status: 'revoked' }
  }
  const { exitCode, out, err } = await joinery(t, { revokeCode }, 'code', 'revoke', 'c2', 'code/c1')
  t.equal(out, 'code/c1 revoked\n')
  t.equal(err, 'error: the code was used already (illegal-event)\n')
  t.equal(exitCode, 6)

  const json = await joinery(t, { revokeCode }, 'code', 'revoke', 'c1', 'c3', '-o', 'json')
  t.match(JSON.parse(json.out), { items: [{ id: 'c1' }, { id: 'c3' }] })
})
