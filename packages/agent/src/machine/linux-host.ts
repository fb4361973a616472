import { lookup } from 'node:dns/promises'
import { statfs } from 'node:fs/promises'
import { createServer, connect as openSocket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { askRuntime, criSocket } from './cri.ts'
import { type Exec, exec } from './exec.ts'
import type { Files } from './files.ts'
import type { Host, Space } from './host.ts'
import { versionReader } from './versions.ts'

export const linuxHost = (files: Files, run: Exec = exec): Host => ({
  read: files.read,
  list: files.list,
  exec: run,
  version: versionReader(run),
  connect,
  listen,
  resolve: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  space,
  interfaces: networkInterfaces,
  environment: process.env,
  uid: process.geteuid?.() ?? 0,
  runtime: async () => askRuntime(await criSocket(files))
})

const space = async (path: string): Promise<Space> => {
  try {
    const { bsize, bavail, blocks, ffree, files } = await statfs(path)
    return { free: bavail * bsize, total: blocks * bsize, freeInodes: ffree, totalInodes: files }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === '/') throw error
    return space(dirname(path))
  }
}

const connectTimeout = 5_000

const connect = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = openSocket({ host, port, timeout: connectTimeout })
    const end = (error?: Error): void => {
      socket.destroy()
      if (error === undefined) resolve()
      else reject(error)
    }
    socket.on('connect', () => end())
    socket.on('error', end)
    socket.on('timeout', () => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
  })

const listen = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(port, () => server.close(() => resolve()))
  })
