import { openSync, writeSync } from 'node:fs'
import { type Logger, makeLog } from '@joinery/server/testing/base'

/** A log in a file that may be removed while it is written. */
export const logTo = (file: string): Logger => {
  const opened = openSync(file, 'a')
  return makeLog({ write: (line) => writeSync(opened, line) })
}
