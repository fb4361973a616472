import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { paths } from '../../../src/machine/host/paths.ts'
import { serversFile } from '../../../src/pairing/servers/servers-file.ts'

const pin = `sha256:${'a'.repeat(64)}`
const [a, b] = ['https://192.0.2.1:7443', 'https://192.0.2.2:7443']
const folder = '/var/lib/joinery-agent'
const path = join(folder, 'servers.json')

const machine = async (t: Test, machineId = 'one') => {
  const files = filesUnder(t.testdir({}))
  await files.write(paths.machineId, `${machineId}\n`, 0o444)
  return files
}

t.test('learned servers are there after a reboot, for root alone', async (t) => {
  const files = await machine(t)
  t.same(await serversFile(files, folder, pin).read(), [], 'none at first')
  await serversFile(files, folder, pin).keep([a, b])
  t.same(await serversFile(files, folder, pin).read(), [a, b])
  t.equal((await files.stat(path))?.mode, 0o600)
})

t.test('a copy of the disk, and an agent with another pin, know none of them', async (t) => {
  const files = await machine(t)
  await serversFile(files, folder, pin).keep([a])
  t.same(await serversFile(files, folder, `sha256:${'b'.repeat(64)}`).read(), [])
  await files.write(paths.machineId, 'another\n', 0o444)
  t.same(await serversFile(files, folder, pin).read(), [])
})

for (const [what, text] of [
  ['is empty', ''],
  ['is cut', '{"pin":'],
  ['is something else', '[]'],
  ['has no list', JSON.stringify({ machineId: 'one', productUuid: '', pin })],
  ['has what is no URL', JSON.stringify({ machineId: 'one', productUuid: '', pin, servers: ['file:///etc', 7] })]
] as const) {
  t.test(`a file that ${what} names no server`, async (t) => {
    const files = await machine(t)
    await files.write(path, text, 0o600)
    t.same(await serversFile(files, folder, pin).read(), [])
  })
}

t.test('a file with too many names as many as an agent keeps', async (t) => {
  const files = await machine(t)
  const many = Array.from({ length: 99 }, (_, index) => `https://192.0.2.${index}:7443`)
  await serversFile(files, folder, pin).keep(many)
  t.same(await serversFile(files, folder, pin).read(), many.slice(0, 16))
})
