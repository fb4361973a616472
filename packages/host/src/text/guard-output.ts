import { failureText, systemFailure } from './failure.ts'

interface Outputs {
  stdout: NodeJS.EventEmitter
  stderr: NodeJS.EventEmitter & { write(text: string): unknown }
  exit(code?: number): void
}

/** The reason why standard output takes nothing more, in words. */
export const unwritten = (error: NodeJS.ErrnoException): string => {
  const why = error.code === 'EPIPE' ? 'its reader has gone' : (systemFailure(error)?.cause ?? error.message)
  return `standard output cannot be written: ${why}`
}

/**
 * Ends a program whose output nobody takes, for example in `joinery list | head`, or on a full disk. It says why,
 * unless the reason is a closed pipe. `isTold`: true if somebody waits for the write itself, and says what becomes of
 * the lost output.
 */
export const guardOutput = ({ stdout, stderr, exit }: Outputs, isTold: () => boolean = () => false): void => {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isTold()) return
    if (error.code === 'EPIPE') return exit()
    stderr.write(failureText({ cause: unwritten(error), remedy: systemFailure(error)?.remedy }))
    exit(1)
  })
  // the data may still be wanted, and there is nobody to tell
  stderr.on('error', () => {})
}
