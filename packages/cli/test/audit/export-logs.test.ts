import { generateKeyPairSync } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appendLeaves, emptyTree, readVerifierKey, rootOfTree, signCheckpoint, verifierKey } from '@joinery/tlog'
import t from 'tap'
import { exportLog } from '../../src/audit/export-logs.ts'
import { readKept } from '../../src/audit/kept-checkpoints.ts'
import { logsInFolder } from '../../src/audit/log-source.ts'
import { verifyLogs } from '../../src/audit/verify-logs.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const origin = 'joinery.dev/c1/s1'
const key = readVerifierKey(verifierKey(origin, privateKey))

/** The files of a log of so many leaves. */
const filesOf = (count: number, name = '2026', forgedFrom = count): Map<string, Uint8Array> => {
  const leaves = Array.from({ length: count }, (_, n) => Buffer.from(n < forgedFrom ? `{"n":${n}}` : '{"forged":true}'))
  const { tree, writes } = appendLeaves(emptyTree, leaves)
  const head = { origin: `${origin}/${name}`, size: tree.size, root: rootOfTree(tree), extensions: [] }
  const files = new Map(writes.map(({ path, bytes }) => [path, bytes]))
  return files.set('checkpoint', Buffer.from(signCheckpoint(privateKey, head)))
}

const aLog = (files: Map<string, Uint8Array>) => ({ name: '2026', read: async (path: string) => files.get(path) })

/** Size of the copy, and what is wrong with it. */
const verified = async (folder: string) => {
  const logs = await logsInFolder(folder)
  const kept = (await Promise.all(logs.flatMap(({ older }) => (older === undefined ? [] : [readKept(older)])))).flat()
  const [log] = await verifyLogs({ logs, key, kept, all: true })
  return { size: log?.size, findings: log?.findings }
}

for (const [from, to] of [
  [0, 0],
  [0, 1],
  [0, 300],
  [255, 256],
  [256, 257],
  [257, 512],
  [100, 100],
  [100, 101],
  [100, 256],
  [100, 300],
  [256, 300],
  [300, 301],
  [300, 600]
] as const) {
  t.test(
    `C7: an export from ${from} to ${to} leaves that ends anywhere leaves a whole copy, and the next one goes on`,
    async (t) => {
      const folder = t.testdir({})
      await exportLog(aLog(filesOf(from)), folder)
      const files = filesOf(to)
      for (let left = 0; ; left += 1) {
        let reads = left
        const read = async (path: string) => {
          if (reads === 0) throw new Error('killed')
          reads -= 1
          return files.get(path)
        }
        const ended = await exportLog({ name: '2026', read }, folder).then(
          () => true,
          () => false
        )
        t.same(await verified(folder), { size: ended ? to : from, findings: [] }, `after ${left} reads`)
        if (ended) break
      }
    }
  )
}

t.test('C7: an export that ends between its last files is the one before, and its checkpoint stays once', async (t) => {
  const folder = t.testdir({})
  const copy = join(folder, '2026')
  await exportLog(aLog(filesOf(100)), folder)
  const note = await readFile(join(copy, 'checkpoint'))
  const partial = join(copy, 'tile/0/000.p/100')
  await cp(partial, join(folder, 'partial'))
  await exportLog(aLog(filesOf(120)), folder)
  // the new checkpoint is not there, and nothing was removed
  await writeFile(join(copy, 'checkpoint'), note)
  await cp(join(folder, 'partial'), partial)
  await rm(join(folder, 'partial'))
  await exportLog(aLog(filesOf(120)), folder)
  t.same(await verified(folder), { size: 120, findings: [] })
  t.equal((await readKept(join(copy, 'checkpoints'))).length, 1)
  t.same(await readdir(join(copy, 'tile/0/000.p')), ['120'])
})

t.test('C7: a log whose last leaf was changed does not replace a copy, wherever its last file ends', async (t) => {
  for (const size of [1, 255, 256, 257]) {
    const folder = t.testdir({})
    await exportLog(aLog(filesOf(size)), folder)
    for (const more of [0, 3])
      await t.rejects(exportLog(aLog(filesOf(size + more, '2026', size - 1)), folder), { message: /^rewritten: / })
    t.same(await verified(folder), { size, findings: [] })
  }
})

t.test('C7: what a first export that was cut left behind is no part of the next one', async (t) => {
  const folder = t.testdir({})
  const files = filesOf(300)
  const read = async (path: string) => {
    if (path.includes('.p/')) throw new Error('killed')
    return files.get(path)
  }
  await t.rejects(exportLog({ name: '2026', read }, folder), { message: 'killed' })
  await exportLog(aLog(filesOf(300, '2026', 7)), folder)
  t.same(await verified(folder), { size: 300, findings: [] })
})

t.test('C7: of two exports into one folder the slower one does not put the copy back', async (t) => {
  const [shorter, longer] = [filesOf(300), filesOf(310)]
  const held = 'tile/entries/001.p/44'
  const folder = t.testdir({})
  await exportLog(aLog(filesOf(100)), folder)
  let isFaster = false
  const read = async (path: string) => {
    if (isFaster) return longer.get(path)
    if (path === held) {
      await exportLog(aLog(longer), folder)
      isFaster = true
    }
    return shorter.get(path)
  }
  t.match(await exportLog({ name: '2026', read }, folder), { size: 310 })
  t.same(await verified(folder), { size: 310, findings: [] })
})

t.test(
  'C7: exports into one folder at the same time end, or say so, and the next one makes the copy whole',
  async (t) => {
    const folder = t.testdir({})
    const ends = await Promise.allSettled([300, 301, 302, 303].map((size) => exportLog(aLog(filesOf(size)), folder)))
    for (const one of ends)
      if (one.status === 'rejected') t.match(one.reason, { exitCode: 6, message: /^another export writes into / })
    await exportLog(aLog(filesOf(310)), folder)
    t.same(await verified(folder), { size: 310, findings: [] })
  }
)

t.test('C7: a log of the same name that another server signed does not replace a copy', async (t) => {
  const folder = t.testdir({})
  await exportLog(aLog(filesOf(100)), folder)
  await t.rejects(exportLog(aLog(filesOf(120, '2027')), folder), { exitCode: 6, message: /^rewritten: / })
  await t.rejects(exportLog(aLog(new Map()), folder), { message: /has no checkpoint/ })
})

t.test('a log that grows while it is copied is read again, and not for ever', async (t) => {
  const folder = t.testdir({})
  await exportLog(aLog(filesOf(100)), folder)
  const files = filesOf(120)
  files.delete('tile/entries/000.p/120')
  await t.rejects(exportLog(aLog(files), folder), { message: /grows faster/ })
  t.same(await verified(folder), { size: 100, findings: [] })
})
