import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { leaningComments } from './docstrings.ts'

const root = resolve(import.meta.dirname, '../..')

for (const name of readdirSync(join(root, 'packages'))) {
  t.test(`no docstring of packages/${name} leans on the code below it`, async (t) => {
    const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).sort()
    t.not(files.length, 0, 'the sources were searched')
    const leaning = files.flatMap((file) =>
      leaningComments(readFileSync(join(root, file), 'utf8')).map(
        ({ line, firstSentence }) => `${file}:${line} ${firstSentence}`
      )
    )
    t.same(leaning, [])
  })
}
