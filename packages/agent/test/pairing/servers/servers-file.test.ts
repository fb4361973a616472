import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { paths } from '../../../src/host/paths.ts'
import type { LearnedServer } from '../../../src/pairing/servers/known-servers.ts'
import { serversFile } from '../../../src/pairing/servers/servers-file.ts'

const pin = `sha256:${'a'.repeat(64)}`
const [a, b] = ['https://192.0.2.1:7443', 'https://192.0.2.2:7443']
const folder = '/var/lib/joinery-agent'
const path = join(folder, 'servers.json')

const learned = (...urls: string[]): LearnedServer[] => urls.map((url) => ({ url, named: 0, proven: true }))

const machine = async (t: Test, machineId = 'one') => {
  const files = filesUnder(t.testdir({}))
  await files.write(paths.machineId, `${machineId}\n`, 0o444)
  return files
}

t.test('learned servers that may be asked are there after a reboot, for root alone', async (t) => {
  const files = await machine(t)
  t.same(await serversFile(files, folder, pin).read(), [], 'none at first')
  const [first, second] = learned(a, b) as [LearnedServer, LearnedServer]
  await serversFile(files, folder, pin).keep([
    { ...first, met: pin },
    { ...second, named: 7, proven: false }
  ])
  t.same(
    await serversFile(files, folder, pin).read(),
    [{ ...first, met: pin }],
    'a server that was named once has to be named anew'
  )
  t.equal((await files.stat(path))?.mode, 0o600)
})

t.test('only a change is written', async (t) => {
  const files = await machine(t)
  let writes = 0
  const write: typeof files.write = async (...given) => {
    writes += 1
    await files.write(...given)
  }
  const file = serversFile({ read: files.read, write }, folder, pin)
  await file.read()
  await file.keep([])
  t.equal(writes, 0)
  for (const servers of [learned(a), learned(a), [], []]) await file.keep(servers)
  t.equal(writes, 2)
  await serversFile(files, folder, pin).keep(learned(b))
  t.same(await file.read(), learned(b))
  await file.keep(learned(b))
  t.equal(writes, 2)
})

t.test('a copy of the disk, and an agent with another pin, know none of them', async (t) => {
  const files = await machine(t)
  await serversFile(files, folder, pin).keep(learned(a))
  t.same(await serversFile(files, folder, `sha256:${'b'.repeat(64)}`).read(), [])
  await files.write(paths.machineId, 'another\n', 0o444)
  t.same(await serversFile(files, folder, pin).read(), [])
})

for (const [what, text] of [
  ['is empty', ''],
  ['is cut', '{"pin":'],
  ['is something else', '[]'],
  ['has no list', JSON.stringify({ machineId: 'one', productUuid: '', pin })],
  ['is of an earlier agent', JSON.stringify({ machineId: 'one', productUuid: '', pin, servers: [a] })],
  [
    'has what is no URL',
    JSON.stringify({ machineId: 'one', productUuid: '', pin, proven: [{ url: 'file:///etc' }, { url: 7 }] })
  ]
] as const) {
  t.test(`a file that ${what} names no server, and goes`, async (t) => {
    const files = await machine(t)
    await files.write(path, text, 0o600)
    const file = serversFile(files, folder, pin)
    t.same(await file.read(), [])
    await file.keep([])
    t.match(await files.read(path), /"proven":\[\]/)
  })
}

t.test('of a file with too many an agent takes as many as it keeps', async (t) => {
  const files = await machine(t)
  const many = learned(...Array.from({ length: 99 }, (_, index) => `https://192.0.2.${index}:7443`))
  await serversFile(files, folder, pin).keep(many)
  t.same(await serversFile(files, folder, pin).read(), many.slice(0, 16))
})
