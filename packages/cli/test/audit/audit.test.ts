import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuditLeaf, leafTextOf, type PlacedLeaf } from '@joinery/protocol'
import { now } from '@joinery/testing/command/fixtures'
import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { chainOf, type ReadLeaf } from '../../src/audit/chain.ts'
import { type LeafFilter, leafCondition } from '../../src/audit/filter.ts'
import { readKept } from '../../src/audit/kept-checkpoints.ts'
import { leafColumns } from '../../src/audit/leaf-columns.ts'
import { splitProofs } from '../../src/audit/proofs.ts'

const aLeaf = (index: number, event: string, subject: string, more: Partial<AuditLeaf> = {}): ReadLeaf => {
  const leaf: AuditLeaf = {
    v: 1,
    time: '2026-11-24T12:00:00.000Z',
    event,
    subject,
    actor: 'server',
    fields: {},
    ...more
  }
  return { log: '2026', index, leaf, text: leafTextOf(leaf) }
}
const machine = (enrolment: string, name: string) => ({
  fields: { name, role: 'worker', code: 'c', token: 'abcdef', serial: '0a', node: enrolment }
})

t.test('the chain of a Node is that of its newest enrolment, and of no other machine with the same code', async (t) => {
  const leaves = [
    aLeaf(0, 'create', 'c', { actor: 'operator', fields: { name: 'worker-{n}', role: 'worker' } }),
    aLeaf(1, 'used', 'c', { fields: { detail: 'by key k, enrolment e1', name: 'worker-{n}', role: 'worker' } }),
    aLeaf(2, 'enrol', 'e1', machine('e1', 'worker-1')),
    aLeaf(3, 'used', 'c', { fields: { detail: 'by key k, enrolment e2' } }),
    aLeaf(4, 'approve', 'e1', machine('e1', 'worker-1')),
    aLeaf(5, 'enrol', 'e2', machine('e2', 'worker-2')),
    aLeaf(6, 'remove', 'e1', machine('e1', 'worker-1')),
    aLeaf(7, 'enrol', 'e3', machine('e3', 'worker-1')),
    aLeaf(8, 'approve', 'e3', machine('e3', 'worker-1'))
  ]
  const indexes = (name: string) => chainOf(leaves, name)?.leaves.map(({ index }) => index)
  t.same(indexes('worker-1'), [0, 7, 8])
  t.same(indexes('worker-2'), [0, 3, 5])
  t.equal(indexes('worker-{n}'), undefined, 'a code is no machine')
  t.equal(indexes('worker-9'), undefined)
})

t.test('what no leaf says is told', async (t) => {
  const only = (...leaves: ReadLeaf[]) => chainOf(leaves, 'worker-1')?.missing
  t.same(only(aLeaf(0, 'enrol', 'e', { fields: { name: 'worker-1', role: 'worker' } })), [
    'who made the code',
    'who approved the machine',
    'which credential it got',
    'which certificate its kubelet got',
    'which Node it is'
  ])
  t.same(only(aLeaf(0, 'join-command', 'e', machine('e', 'worker-1'))), [])
})

t.test('each option leaves out what does not fit it', async (t) => {
  const one = aLeaf(0, 'approve', '01a2-e', {
    actor: 'operator',
    by: 'alice (uid 1000)',
    fields: { name: 'worker-1', code: 'c-1' }
  })
  const unread: PlacedLeaf = { log: '2026', index: 1, text: '{}' }
  const rows: [LeafFilter, boolean][] = [
    [{}, true],
    [{ subject: 'worker-1' }, true],
    [{ subject: '01a2' }, true],
    [{ subject: 'c-1' }, true],
    [{ subject: 'worker' }, false],
    [{ event: 'approve', actor: 'operator', by: 'alice' }, true],
    [{ by: 'alice (uid 1000)' }, true],
    [{ by: 'ali' }, false],
    [{ event: 'reject' }, false],
    [{ actor: 'agent' }, false],
    [{ since: '24h' }, true],
    [{ since: '23h' }, false],
    [{ since: '1d' }, true],
    [{ since: '2026-11-25' }, false],
    [{ since: '2026-11-01' }, true]
  ]
  for (const [filter, fits] of rows) t.equal(leafCondition(filter, now)(one), fits, JSON.stringify(filter))
  t.equal(leafCondition({}, now)(unread), true)
  t.equal(leafCondition({ actor: 'agent' }, now)(unread), false)
  t.throws(() => leafCondition({ since: 'soon' }, now), { message: '--since soon is no time' })
})

t.test('a leaf of a newer server is shown as it is', async (t) => {
  const unread: PlacedLeaf = { log: '2026', index: 1, text: '{"v":2,"strange":"\u001b"}' }
  const what = leafColumns.find(({ header }) => header === 'WHAT')?.cell(unread, now)
  t.match(what, '"v":2')
})

t.test('a file of kept checkpoints is one note, or any lines of syslog', async (t) => {
  const folder = t.testdir({})
  const file = join(folder, 'kept')
  const note = 'origin\n1\nhash\n\n— name sig\n'
  await writeFile(file, note)
  t.same(await readKept(file), [{ name: file, note }])
  await writeFile(file, `x\nhost joinery-audit[1]: checkpoint ${JSON.stringify(note)}\ncheckpoint "broken\n`)
  t.same(await readKept(file), [{ name: `${file}, line 2`, note }])
  await writeFile(file, 'nothing')
  await t.rejects(readKept(file), { message: /has no checkpoint/ })
  await t.rejects(readKept(join(folder, 'absent')), { message: /ENOENT/ })
})

t.test('a file of proofs is split at each first line', async (t) => {
  const [one, two] = ['c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n', 'c2sp.org/tlog-proof@v1\nindex 1\n\nnote\n']
  t.same(splitProofs(one + two), [one, two])
  t.same(splitProofs(''), [])
})

t.test('a copy or a proof is not verified by a key that nobody named', async (t) => {
  const folder = t.testdir({ '2026': { checkpoint: 'x' } })
  t.match(await runWith(['audit', 'verify', '--dir', folder]), { exitCode: 2, err: /needs the public key/ })
  t.match(await runWith(['audit', 'verify', '--dir', folder, '--key', 'a+b+c']), { exitCode: 2, err: /no public key/ })
  t.match(await runWith(['audit', 'verify', '--proof', 'x', '--key', join(folder, 'absent')]), { exitCode: 2 })
  t.match(await runWith(['audit', 'verify', '--dir', `${t.testdirName}-absent`, '--key', 'x']), { exitCode: 2 })
})
