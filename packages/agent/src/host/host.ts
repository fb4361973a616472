import type { networkInterfaces } from 'node:os'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Runtime } from '../cri/cri.ts'
import type { ReadVersion } from './versions.ts'

/** The questions that facts and preflight may ask of the machine: they read, and change nothing. */
export interface Host extends Pick<Files, 'read' | 'list'> {
  /** The text of a gzipped file. Undefined if there is none. */
  readGzip(path: string): Promise<string | undefined>
  exec: Exec
  version: ReadVersion
  /** Opens a TCP connection and closes it again. Rejects with the system's error code; ETIMEDOUT after 5 s. */
  connect(host: string, port: number): Promise<void>
  /** Binds a TCP port on all addresses and frees it again. Rejects with the system's error code, as EADDRINUSE. */
  listen(port: number): Promise<void>
  /** Addresses of a host name, by this machine's resolver. Rejects with the system's error code, as ENOTFOUND; ETIMEDOUT after 5 s. */
  resolve(name: string): Promise<string[]>
  /** Space of the file system that holds the path, or its nearest folder that exists. In bytes. */
  space(path: string): Promise<Space>
  /** Addresses by network link. */
  interfaces(): ReturnType<typeof networkInterfaces>
  /** Environment of this process: proxy variables. */
  environment: Readonly<Record<string, string | undefined>>
  /** Effective user of this process; 0 is root. */
  uid: number
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number
  /** Asks the container runtime. Rejects as `askRuntime` does. */
  runtime(): Promise<Runtime>
}

/**
 * Space on a file system. `free` and `freeInodes` are what everybody but root may use. A file system that counts no
 * inodes has 0 of 0.
 */
export interface Space {
  free: number
  total: number
  freeInodes: number
  totalInodes: number
}
