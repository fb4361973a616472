import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** The host that the doctor runs on, which may be one of the cluster's control planes. */
export interface ThisHost {
  /** Its host name. */
  name: string
  /** The text of a file; undefined if it is not there or may not be read. */
  read(path: string): Promise<string | undefined>
}

export const thisHost: ThisHost = {
  name: hostname(),
  read: (path) => readFile(path, 'utf8').catch(() => undefined)
}
