import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { made } from './cache.ts'

const write = (text: string) => (folder: string) => writeFile(join(folder, 'file'), text)
const never = () => Promise.reject(new Error('made again'))

t.test('a folder that was made is not made again', async (t) => {
  const cache = t.testdir()
  const folder = await made(cache, 'thing', ['1'], write('whole'))
  t.equal(await made(cache, 'thing', ['1'], never), folder)
  t.equal(await readFile(join(folder, 'file'), 'utf8'), 'whole')
})

t.test('another input makes another folder, and so does another content of an input file', async (t) => {
  const cache = t.testdir({ source: 'a' })
  const source = pathToFileURL(join(cache, 'source'))
  const first = await made(cache, 'thing', ['1', source], write('1a'))
  t.not(await made(cache, 'thing', ['2', source], write('2a')), first)
  await writeFile(source, 'b')
  t.not(await made(cache, 'thing', ['1', source], write('1b')), first)
})

t.test('inputs are not confused with their concatenation', async (t) => {
  const cache = t.testdir()
  t.not(await made(cache, 'thing', ['ab', 'c'], write('')), await made(cache, 'thing', ['a', 'bc'], write('')))
})

t.test('a folder whose making was interrupted is not there, and is made the next time', async (t) => {
  const cache = t.testdir()
  const interrupted = made(cache, 'thing', ['1'], async (folder) => {
    await write('half')(folder)
    throw new Error('disk full')
  })
  await t.rejects(interrupted, { message: 'disk full' })
  t.same(await readdir(cache), [])
  const folder = await made(cache, 'thing', ['1'], write('whole'))
  t.equal(await readFile(join(folder, 'file'), 'utf8'), 'whole')
})

t.test('of two that make the same folder the slower one takes the folder of the faster one', async (t) => {
  const cache = t.testdir()
  const folder = await made(cache, 'thing', ['1'], async (aside) => {
    await write('slower')(aside)
    const twin = aside.replace(/\.part-\d+$/, '')
    await mkdir(twin)
    await write('faster')(twin)
  })
  t.equal(await readFile(join(folder, 'file'), 'utf8'), 'faster')
  t.equal((await readdir(cache)).length, 1)
})

t.test('folders of replaced keys and of killed builds are removed, not what another bed makes', async (t) => {
  const cache = t.testdir({
    'thing-1.37-0123456789abcdef': {},
    // no process has such an id
    'thing-1.37-0123456789abcdef.part-99999999': {},
    [`thing-1.37-0123456789abcdef.part-${process.pid}`]: {},
    'thing-1.34-0123456789abcdef': {},
    logs: {}
  })
  const kept = await made(cache, 'thing-1.37', ['new'], write(''))
  t.same(
    (await readdir(cache)).toSorted(),
    [
      ...['logs', 'thing-1.34-0123456789abcdef', kept.slice(cache.length + 1)],
      `thing-1.37-0123456789abcdef.part-${process.pid}`
    ].toSorted()
  )
})
