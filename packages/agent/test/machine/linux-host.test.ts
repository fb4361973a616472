import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { filesUnder } from '../../src/machine/files.ts'
import { linuxHost } from '../../src/machine/linux-host.ts'

const host = linuxHost(filesUnder('/'))

t.test(
  'a port that somebody listens on can be connected to and not be bound, a freed one the other way round',
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
