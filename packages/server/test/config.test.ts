import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../src/config.ts'

const load = async (folder: string, listen: string) => {
  const file = join(folder, 'server.yaml')
  await writeFile(file, `agents: {address: "https://192.0.2.1:7443", listen: "${listen}"}\n`)
  return loadConfig(file)
}

t.test('the agents listen on a port, of all addresses or of one', async (t) => {
  const folder = t.testdir({})
  for (const listen of [':7443', '0.0.0.0:7443', '[::]:7443', '[2001:db8::1]:443']) {
    t.equal((await load(folder, listen)).agents.listen, listen)
  }
  for (const listen of ['7443', '192.0.2.1', '192.0.2.1:', ':https', 'https://192.0.2.1:7443']) {
    await t.rejects(load(folder, listen), { message: /server.yaml:1: agents.listen: / }, listen)
  }
})
