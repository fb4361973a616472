import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { pairFlaw } from '../../../src/core/keys/leaf.ts'
import { initialized, joineryServer } from '../../support/server-process.ts'

t.setTimeout(120_000)

t.test('of several processes at the same time the last one leaves a leaf with its own key', async (t) => {
  const { state, configFile } = await initialized(t)
  await writeFile(join(state, 'tls.crt'), 'x')
  const runs = await Promise.all([1, 2, 3].map(() => joineryServer('renew-leaf', '--config', configFile)))
  t.same(
    runs.map(({ err, exitCode }) => ({ err, exitCode })),
    Array.from({ length: 3 }, () => ({ err: '', exitCode: 0 }))
  )
  const [key, certificate, authority = ''] = ['tls.key', 'tls.crt', 'ca.crt'].map((name) =>
    readFileSync(join(state, name), 'utf8')
  )
  t.equal(pairFlaw({ key, certificate }, authority), undefined)
})

for (const name of ['ca.key', 'tls.key', 'tls.crt', 'ca.crt']) {
  t.test(`a pipe at the place of ${name}, which nobody writes, holds no run up`, async (t) => {
    const { state, configFile } = await initialized(t)
    await rm(join(state, name))
    spawnSync('mkfifo', [join(state, name)])
    if (name === 'ca.key') await rm(join(state, 'tls.crt'))
    const { err, exitCode } = await joineryServer('renew-leaf', '--config', configFile)
    t.match({ err, exitCode }, { err: new RegExp(`${name.replace('.', '\\.')} is no file`), exitCode: 2 })
  })
}
