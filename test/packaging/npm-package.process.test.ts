import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packed } from '../../packaging/npm/npm-package.ts'

t.test('everybody may read the files of a package for npm, whatever the umask of the build was', async (t) => {
  const manifest = JSON.stringify({ name: 'a', version: '1.0.0', files: ['docs', 'licences'] })
  const folder = t.testdir({ 'package.json': manifest, licences: 'a', docs: { 'page.md': 'b' } })
  for (const [file, mode] of [
    ['licences', 0o600],
    ['docs', 0o700],
    ['docs/page.md', 0o600]
  ] as const)
    chmodSync(join(folder, file), mode)
  const listed = execFileSync('tar', ['--list', '--verbose', '--file', packed(folder, folder)], { encoding: 'utf8' })
  const modes = listed
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 10))
  t.same(modes, ['-rw-r--r--', '-rw-r--r--', '-rw-r--r--'])
})
