import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { tilesIn, verifyLog } from '../src/index.ts'
import { tileSizeAtMost } from '../src/tile.ts'
import { briefly, key, makeLog } from './made-log.ts'

t.test('a log that was written to a folder is verified there', async (t) => {
  const folder = t.testdir({})
  const log = makeLog(600)
  for (const [path, bytes] of log.files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
  const { leaves, findings } = await verifyLog({ read: tilesIn(folder), key, checkpoint: log.checkpoint })
  t.same({ leaves, findings }, { leaves: 600, findings: [] })
})

t.test('a file that is not there is no tile, and neither is one under a file', async (t) => {
  const read = tilesIn(t.testdir({ tile: { 0: { '000': 'bytes' } } }))
  t.equal((await read('tile/0/000'))?.toString(), 'bytes')
  t.equal(await read('tile/0/001'), undefined)
  t.equal(await read('tile/0/000/001'), undefined)
})

t.test('what is no file that can be read is an error', async (t) => {
  await t.rejects(tilesIn(t.testdir({ tile: { 0: {} } }))('tile/0'), { code: 'EISDIR' })
})

t.test('a file that is larger than any tile is not read whole, and found', async (t) => {
  const folder = t.testdir({ tile: { entries: { '000': '' }, 0: {} } })
  await truncate(join(folder, 'tile/entries/000'), tileSizeAtMost * 10)
  t.equal((await tilesIn(folder)('tile/entries/000'))?.length, tileSizeAtMost + 1)
  const log = makeLog(256)
  const inFolder = tilesIn(folder)
  const read = async (path: string) => (path === 'tile/entries/000' ? inFolder(path) : log.read(path))
  const { findings } = await verifyLog({ read, key, checkpoint: log.checkpoint })
  t.same(briefly(findings), ['entries-malformed 0-255'])
})
