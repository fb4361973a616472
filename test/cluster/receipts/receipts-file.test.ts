import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Receipts } from './decide-skips.ts'
import { dropProposal, keepReceipts, proposeReceipts, readReceipts } from './receipts-file.ts'

const none: Receipts = { runsSinceAll: 0, passed: {} }
const receipts: Receipts = { runsSinceAll: 1, passed: { spine: { key: 'a', commit: '1111111' } } }

t.test('what a run proposes stands only when the whole run was green', async (t) => {
  const cache = t.testdir()
  t.same(await readReceipts(cache), none)
  await proposeReceipts(cache, receipts)
  t.same(await readReceipts(cache), none, 'the run still goes on')
  await keepReceipts(cache)
  t.same(await readReceipts(cache), receipts)
  await keepReceipts(cache)
  t.same(await readReceipts(cache), receipts, 'a run without a proposal takes nothing away')
})

t.test('a proposal that was never kept is gone with the next run', async (t) => {
  const cache = t.testdir()
  await proposeReceipts(cache, receipts)
  await dropProposal(cache)
  await keepReceipts(cache)
  t.same(await readReceipts(cache), none)
})

t.test('a broken file proves nothing', async (t) => {
  const cache = t.testdir()
  for (const text of ['', '{', '[]', '{"runsSinceAll":1}', '{"runsSinceAll":"x","passed":{}}', 'null']) {
    await writeFile(join(cache, 'receipts.json'), text)
    t.same(await readReceipts(cache), none, text)
  }
})
