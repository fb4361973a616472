import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Host that the doctor runs on. It may be one of the cluster's control planes. */
export interface ThisHost {
  /** Host name. */
  name: string
  /** Reads the text of a file. Undefined if it is not there or may not be read. */
  read(path: string): Promise<string | undefined>
}

export const thisHost: ThisHost = {
  name: hostname(),
  read: (path) => readFile(path, 'utf8').catch(() => undefined)
}
