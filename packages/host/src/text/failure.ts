import { escapeText } from '@joinery/protocol'

/** The reason why a program ends, for a person: the cause in plain words, and what to do about it if there is something. */
export interface Failure {
  /** A list if there are several causes. */
  cause: string | readonly string[]
  remedy?: string | undefined
}

/**
 * The text of a failure on standard error, the same for all three programs: `error:` before each cause, `remedy:`
 * before the remedy. A text that quotes a machine stays one line, whatever is in it.
 */
export const failureText = ({ cause, remedy }: Failure): string =>
  [
    ...[cause].flat().map((one) => `error: ${escapeText(one)}\n`),
    ...(remedy === undefined ? [] : [`remedy: ${escapeText(remedy)}\n`])
  ].join('')

interface SystemFailure extends Failure {
  cause: string
}

/** The refusal of the operating system, in plain words. Undefined if the error is of another kind. */
export const systemFailure = (error: unknown): SystemFailure | undefined => {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException
  const what = path ?? 'it'
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { cause: `not allowed to ${verbs[syscall] ?? 'use'} ${what}`, remedy: 'run it as root (sudo)' }
    case 'ENOENT':
      return { cause: `${what} is not there` }
    case 'EEXIST':
      return { cause: `${what} is there already` }
    case 'ENOTDIR':
      return { cause: `a part of the path ${what} is no folder` }
    case 'EISDIR':
      return { cause: `${what} is a folder` }
    case 'EROFS':
      return { cause: `${what} is on a file system that is read-only` }
    case 'ENOSPC':
    case 'EDQUOT':
      return { cause: `the disk is full${path === undefined ? '' : `: ${path}`}`, remedy: 'make room: df -h' }
    default:
      return undefined
  }
}

const verbs: Readonly<Record<string, string>> = {
  open: 'open',
  mkdir: 'make the folder',
  scandir: 'read the folder',
  unlink: 'remove',
  rm: 'remove',
  rename: 'replace',
  chmod: 'change',
  chown: 'change'
}
