import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'

const module = resolve(import.meta.dirname, '../../src/processes/made-once.ts')

/** Starts a process that has `folder` made. It notes that it asks, and what it makes, and does `between` in the midst. */
const start = (folder: string, between: string) => {
  const program = `
    import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
    import { madeOnce } from ${JSON.stringify(module)}
    const folder = ${JSON.stringify(folder)}
    const note = (word) => appendFileSync(folder + '.log', word + ' ')
    const notes = () => readFileSync(folder + '.log', 'utf8').split(' ')
    note('asked')
    madeOnce(folder, (aside) => {
      note('begun')
      mkdirSync(aside)
      ${between}
      writeFileSync(aside + '/file', 'whole')
    })`
  return once(
    spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'ignore', 'inherit'] }),
    'exit'
  )
}

const prepare = (t: Test) => {
  const folder = join(t.testdir({ home: {} }), 'home', 'folder')
  const begun = () => readFileSync(`${folder}.log`, 'utf8').match(/begun/g)?.length
  return { folder, begun, file: () => readFileSync(join(folder, 'file'), 'utf8') }
}

t.test('several processes that ask for a folder at a time make it once', async (t) => {
  const { folder, begun, file } = prepare(t)
  // whoever makes it is not ready before all have asked
  const allAsked =
    "while (notes().filter((word) => word === 'asked').length < 3) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)"
  t.same(await Promise.all([1, 2, 3].map(() => start(folder, allAsked))), Array(3).fill([0, null]))
  t.equal(begun(), 1)
  t.equal(file(), 'whole')
})

t.test('if a process is killed in the midst, the next one makes the folder', async (t) => {
  const { folder, begun, file } = prepare(t)
  t.same(await start(folder, "process.kill(process.pid, 'SIGKILL')"), [null, 'SIGKILL'])
  t.notOk(existsSync(folder))
  t.same(await start(folder, ''), [0, null])
  t.equal(begun(), 2)
  t.equal(file(), 'whole')
})
