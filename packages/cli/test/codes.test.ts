import { type Code, type CodeDetail, ProblemError } from '@joinery/protocol'
import t from 'tap'
import { parse } from 'yaml'
import { ago, code } from './support/fixtures.ts'
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

t.test('code list -o wide adds when exactly a code was made, and what it gets a machine', async (t) => {
  const { exitCode, out } = await joinery(t, listed, 'code', 'list', '-o', 'wide')
  t.equal(
    out,
    `ID   STATUS   NAME     ROLE     ENROLMENT   EXPIRES                AGE   CREATED                CREDENTIAL
c1   open     node-1   worker   <none>      2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z   token
c2   used     <any>    worker   e1          2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z   token
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

const shown: CodeDetail = {
  ...code,
  created: ago(3600),
  expires: ago(1800),
  status: 'expired',
  timeline: [
    { at: ago(3600), actor: 'operator', event: 'create', detail: 'node-1, until 11:30', alert: false },
    { at: ago(60), actor: 'agent', event: 'refused', detail: 'expired; presented by key \u001b[31m', alert: false }
  ]
}

t.test('code show says what became of a code, also who came too late', async (t) => {
  const { exitCode, out, err, calls } = await joinery(t, { showCode: () => shown }, 'code', 'show', 'code/c1')
  t.equal(
    out,
    `ID:           c1
Status:       expired
Name:         node-1
Role:         worker
Credential:   token
Enrolment:    <none>
Created:      2026-11-25T11:00:00Z (60m)
Expires:      2026-11-25T11:30:00Z
Timeline:
  AT                     ACTOR      EVENT     DETAIL
  2026-11-25T11:00:00Z   operator   create    node-1, until 11:30
  2026-11-25T11:59:00Z   agent      refused   expired; presented by key \\u{1b}[31m
`
  )
  t.equal(err, '')
  t.equal(exitCode, 0)
  t.match(calls, [{ route: 'showCode', reference: 'c1' }])
  const { timeline } = shown
  const forAny: CodeDetail = { ...used, timeline }
  t.match(
    (await joinery(t, { showCode: () => forAny }, 'code', 'show', 'c2')).out,
    /Name: +<any>\n.*\n.*\nEnrolment: +e1\n/
  )
})

t.test('code show prints for programs as show does', async (t) => {
  const print = async (format: string) =>
    (await joinery(t, { showCode: () => shown }, 'code', 'show', 'c1', '-o', format)).out
  t.same(JSON.parse(await print('json')), shown)
  t.same(parse(await print('yaml')), shown)
})

t.test('code show of a code that is not there exits 3 and says where to look', async (t) => {
  const showCode = () => {
    throw new ProblemError('not-found', { detail: 'no code has the id "c9"', remedy: 'joinery code list' })
  }
  const { exitCode, out, err } = await joinery(t, { showCode }, 'code', 'show', 'c9')
  t.equal(out, '')
  t.equal(err, 'error: no code has the id "c9" (not-found)\nremedy: joinery code list\n')
  t.equal(exitCode, 3)
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

t.test('code show says how the code has preflight taken', async (t) => {
  const withPolicy = { ...shown, policy: { remediate: 'runtime' as const, ignore: ['mtu'] } }
  const { out } = await joinery(t, { showCode: () => withPolicy }, 'code', 'show', 'c1')
  t.match(out, /Remediate: +runtime\nIgnores: +mtu\n/)
})
