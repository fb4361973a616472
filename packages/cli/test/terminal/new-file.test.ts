import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeNewFile } from '../../src/terminal/new-file.ts'

t.test('a file has its name only when it is whole', async (t) => {
  const path = join(t.testdir({}), 'seed.iso')
  await makeNewFile(path, async (draft) => {
    await writeFile(draft, 'whole')
    t.notOk(existsSync(path))
  })
  t.equal(readFileSync(path, 'utf8'), 'whole')
})

t.test('a crash before the file is whole leaves no file of its name, and does not stop the next run', async (t) => {
  const path = join(t.testdir({}), 'seed.iso')
  const draft = await new Promise<string>((crash) => {
    void makeNewFile(path, (begun) => {
      writeFileSync(begun, 'half')
      crash(begun)
      // nothing comes after it
      return new Promise(() => {})
    })
  })
  t.notOk(existsSync(path))
  await makeNewFile(path, (other) => writeFile(other, 'whole'))
  t.equal(readFileSync(path, 'utf8'), 'whole')
  t.equal(readFileSync(draft, 'utf8'), 'half', 'a draft of its own')
})

t.test('a file that came meanwhile is not overwritten', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'seed.iso')
  const made = makeNewFile(path, async (draft) => {
    await writeFile(draft, 'ours')
    writeFileSync(path, 'theirs')
  })
  await t.rejects(made, { exitCode: 6, message: `${path} exists already` })
  t.equal(readFileSync(path, 'utf8'), 'theirs')
  t.same(readdirSync(folder), ['seed.iso'])
})
