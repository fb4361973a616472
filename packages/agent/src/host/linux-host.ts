import { lookup } from 'node:dns/promises'
import { readFile, statfs } from 'node:fs/promises'
import { createServer, connect as openSocket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type Exec, exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { askRuntime, criSocket } from '../cri/cri.ts'
import type { Host, Space } from './host.ts'
import { versionReader } from './versions.ts'

export const linuxHost = (files: Files, run: Exec = exec): Host => ({
  read: files.read,
  list: files.list,
  readGzip,
  exec: run,
  version: versionReader(run),
  connect,
  listen,
  resolve,
  space,
  interfaces: networkInterfaces,
  environment: process.env,
  uid: process.geteuid?.() ?? 0,
  monotonic: () => performance.now(),
  runtime: async () => askRuntime(await criSocket(files))
})

const readGzip = async (path: string): Promise<string | undefined> => {
  try {
    return (await promisify(gunzip)(await readFile(path))).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const space = async (path: string): Promise<Space> => {
  try {
    const { bsize, bavail, blocks, ffree, files } = await statfs(path)
    return { free: bavail * bsize, total: blocks * bsize, freeInodes: ffree, totalInodes: files }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === '/') throw error
    return space(dirname(path))
  }
}

const timeout = 5_000

const resolve = async (name: string): Promise<string[]> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(noAnswer()), timeout)
  try {
    return (await Promise.race([lookup(name, { all: true }), late])).map(({ address }) => address)
  } finally {
    clearTimeout(timer)
  }
}

const noAnswer = (): Error => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

const connect = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = openSocket({ host, port, timeout })
    const end = (error?: Error): void => {
      socket.destroy()
      if (error === undefined) resolve()
      else reject(error)
    }
    socket.on('connect', () => end())
    socket.on('error', end)
    socket.on('timeout', () => end(noAnswer()))
  })

const listen = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(port, () => server.close(() => resolve()))
  })
