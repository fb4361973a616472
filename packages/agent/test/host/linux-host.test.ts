import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { linuxHost } from '../../src/host/linux-host.ts'

const host = linuxHost(filesUnder('/'))

t.test(
  'a TCP port with a listener takes connections and cannot be bound, and a free one is the opposite',
  async (t) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await t.resolves(host.connect('127.0.0.1', port))
    await t.rejects(host.listen(port), { code: 'EADDRINUSE' })
    await new Promise((resolve) => server.close(resolve))
    await t.rejects(host.connect('127.0.0.1', port), { code: 'ECONNREFUSED' })
    await t.resolves(host.listen(port))
    await t.resolves(host.listen(port), 'and is free again afterwards')
  }
)

t.test('a gzipped file is read as text, a missing one is undefined, and a broken one is an error', async (t) => {
  const file = join(t.testdir(), 'config.gz')
  await t.resolveMatch(host.readGzip(file), undefined)
  await writeFile(file, gzipSync('CONFIG_MEMCG=y\n'))
  t.equal(await host.readGzip(file), 'CONFIG_MEMCG=y\n')
  await writeFile(file, 'CONFIG_MEMCG=y\n')
  await t.rejects(host.readGzip(file), { code: 'Z_DATA_ERROR' })
})

t.test('a name of this machine resolves', async (t) => {
  t.match(await host.resolve('localhost'), [/^(127\.0\.0\.1|::1)$/])
})
