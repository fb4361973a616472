import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { hashCode, parseCode } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { wipeCodeCopies } from './code-copies.ts'
import { spentCode, unspent } from './spent-code.ts'

/** Name of the credential in the agent's unit (`LoadCredential=`), and so of its file in $CREDENTIALS_DIRECTORY. */
export const codeCredential = 'joinery.code'

/** Where the machine's code comes from. */
export interface CodeSource {
  /** The code as it was given; undefined where there is none, or where a server has taken it. */
  read(): Promise<string | undefined>
  /** A server has taken this canonical code: it is never read again, also after a power cut. */
  taken(code: string): Promise<void>
  /**
   * Replaces the code in what cloud-init keeps of the user-data, where no code waits to be used. Rejects where one of the
   * copies could not be changed; the others are.
   */
  wipeCopies(): Promise<void>
  /** What `read` reads, for a message. */
  name(): Promise<string>
}
export const CodeSource = Symbol('CodeSource') as InjectionToken<CodeSource>

interface Parts {
  files: Files
  /** The first choice; it is removed when its code was taken. */
  codeFile: string
  /** $CREDENTIALS_DIRECTORY of the unit; undefined where systemd gave none. */
  credentials: string | undefined
  stateDirectory: string
}

/**
 * The code file, or else the unit's credential. The platform gives a credential again at each start and nobody can remove
 * it: the hash of the one that was taken is kept in the state folder. Not with the machine's ids: on a copy of the disk it
 * is as used up as a file that was removed.
 */
export const codeSource = ({ files, codeFile, credentials, stateDirectory }: Parts): CodeSource => {
  const takenFile = join(stateDirectory, 'taken-code')
  const credential = async (): Promise<string | undefined> =>
    credentials === undefined ? undefined : files.read(join(credentials, codeCredential))
  return {
    read: async () => {
      const written = unspent(await files.read(codeFile))
      if (written !== undefined) return written
      const given = await credential()
      if (given === undefined) return undefined
      const hash = hashOf(given)
      // what is no code is told to the loop, which says what is wrong with it
      return hash !== undefined && (await files.read(takenFile)) === hash ? undefined : given
    },
    taken: async (code) => {
      const given = await credential()
      if (given !== undefined && hashOf(given) === hashCode(code)) await files.write(takenFile, hashCode(code), 0o600)
      await files.remove(codeFile)
    },
    wipeCopies: async () => {
      if ((await files.read(codeFile))?.trim() === spentCode) await files.remove(codeFile)
      await wipeCodeCopies(files)
    },
    name: async () => ((await files.exists(codeFile)) ? codeFile : `the credential ${codeCredential}`)
  }
}

/** Of the canonical form; undefined where it is no code. */
const hashOf = (given: string): string | undefined => {
  const code = parseCode(given)
  return typeof code === 'string' ? hashCode(code) : undefined
}
