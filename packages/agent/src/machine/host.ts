import type { Runtime } from './cri.ts'
import type { Exec } from './exec.ts'
import type { Files } from './files.ts'
import type { ReadVersion } from './versions.ts'

/** What facts and preflight may ask of the machine: they read, and change nothing. */
export interface Host extends Pick<Files, 'read' | 'list'> {
  exec: Exec
  version: ReadVersion
  /** Opens a TCP connection and closes it again. Rejects with the system's error code; ETIMEDOUT after 5 s. */
  connect(host: string, port: number): Promise<void>
  /** Binds a TCP port on all addresses and frees it again. Rejects with the system's error code, as EADDRINUSE. */
  listen(port: number): Promise<void>
  /** Rejects as `askRuntime` does. */
  runtime(): Promise<Runtime>
}
