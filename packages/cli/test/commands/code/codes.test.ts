import { type Code, type CodeDetail, ProblemError } from '@joinery/protocol'
import { ago, code, key, otherKey } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'

const { name: _, ...anyName } = code
const used: Code = { ...anyName, id: 'c2', status: 'used', used: 1, enrolment: 'e1' }
const fleet: Code = { ...code, id: 'c3', name: 'node-{n}', uses: 10, used: 3 }
const listed = { listCodes: () => ({ items: [code, used, fleet] }) }

t.test('code list shows who may still come, and what became of a code', async (t) => {
  const { exitCode, out, err } = await joinery(t, listed, 'code', 'list')
  t.equal(
    out,
    `ID   STATUS   NAME       ROLE     USES   ENROLMENT   EXPIRES                AGE
c1   open     node-1     worker   0/1    <none>      2026-11-25T12:30:00Z   0s
c2   used     <any>      worker   1/1    e1          2026-11-25T12:30:00Z   0s
c3   open     node-{n}   worker   3/10   <several>   2026-11-25T12:30:00Z   0s
`
  )
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test('code list -o wide adds when a code was made, and which credential it gives', async (t) => {
  const { exitCode, out } = await joinery(t, listed, 'code', 'list', '-o', 'wide')
  t.equal(
    out,
    `ID   STATUS   NAME       ROLE     USES   ENROLMENT   EXPIRES                AGE   CREATED                CREDENTIAL
c1   open     node-1     worker   0/1    <none>      2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z   token
c2   used     <any>      worker   1/1    e1          2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z   token
c3   open     node-{n}   worker   3/10   <several>   2026-11-25T12:30:00Z   0s    2026-11-25T12:00:00Z   token
`
  )
  t.equal(exitCode, 0)
})

t.test('code list prints for programs as list does', async (t) => {
  const print = async (...words: string[]) => (await joinery(t, listed, 'code', 'list', ...words)).out
  t.same(JSON.parse(await print('-o', 'json')), { items: [code, used, fleet] })
  t.same(parse(await print('-o', 'yaml')), { items: [code, used, fleet] })
  t.equal(await print('-o', 'name'), 'code/c1\ncode/c2\ncode/c3\n')
  t.match(await print('--no-headers'), /^c1 .*\nc2 .*\nc3 .*\n$/)
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
  users: [],
  timeline: [
    { at: ago(3600), actor: 'operator', event: 'create', detail: 'node-1, until 11:30', alert: false },
    { at: ago(60), actor: 'agent', event: 'refused', detail: 'expired; presented by key \u001b[31m', alert: false }
  ]
}

t.test('code show says what became of a code, and who came too late', async (t) => {
  const { exitCode, out, err, calls } = await joinery(t, { showCode: () => shown }, 'code', 'show', 'code/c1')
  t.equal(
    out,
    `ID:           c1
Status:       expired
Name:         node-1
Role:         worker
Credential:   token
Uses:         0/1
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
})

t.test('code show says which machines used it, as they are now', async (t) => {
  const users: CodeDetail['users'] = [
    { name: 'node-1', state: 'ready', key, enrolment: 'e1' },
    { name: 'node-2', state: 'pending', key: otherKey, enrolment: 'e2' }
  ]
  const from = ['192.0.2.0/24', '2001:db8::/32']
  const three: CodeDetail = { ...fleet, used: 2, users, from, prefetch: true, timeline: [] }
  const { out } = await joinery(t, { showCode: () => three }, 'code', 'show', 'c3')
  t.match(out, /Name: +node-{n}\n.*\n.*\nUses: +2\/10\nFrom: +192\.0\.2\.0\/24, 2001:db8::\/32\nPrefetch: +on\n/)
  t.match(
    out,
    `Used by:
  NAME     STATE     KEY                        ENROLMENT
  node-1   ready     4f1c-22ab-0000-0000-0000   e1
  node-2   pending   9e3d-07cc-ffff-ffff-ffff   e2
`
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

t.test('code show says which preflight policy the code has', async (t) => {
  const withPolicy = { ...shown, policy: { remediate: 'runtime' as const, ignore: ['mtu'] } }
  const { out } = await joinery(t, { showCode: () => withPolicy }, 'code', 'show', 'c1')
  t.match(out, /Remediate: +runtime\nIgnores: +mtu\n/)
})
