import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { hashCode, parseCode } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { spentCode, unspent, withoutCodes } from './spent-code.ts'

/** Name of the credential in the agent's unit (`LoadCredential=`), and so of its file in $CREDENTIALS_DIRECTORY. */
export const codeCredential = 'joinery.code'

/** The source of the machine's code. */
export interface CodeSource {
  /** The code as it was given. Undefined if there is none, or if a server has taken it. */
  read(): Promise<string | undefined>
  /** Records that a server has taken this canonical code: it is never read again, also after a power cut. */
  taken(code: string): Promise<void>
  /**
   * Replaces the code in cloud-init's copies of the user-data, if no code waits to be used. Rejects if one of the
   * copies could not be changed; the others are.
   */
  wipeCopies(): Promise<void>
  /** Name of the file or credential that `read` reads, for a message. */
  name(): Promise<string>
}
export const CodeSource = Symbol('CodeSource') as InjectionToken<CodeSource>

interface Parts {
  files: Files
  /** The file in which the code is looked for first. It is removed when its code was taken. */
  codeFile: string
  /** $CREDENTIALS_DIRECTORY of the unit. Undefined if systemd gave none. */
  credentials: string | undefined
  stateDirectory: string
}

/**
 * The code file, or else the unit's credential. The platform gives a credential again at each start, and nobody can
 * remove it. So the hash of the code that was taken is kept in the state folder. It is kept without the machine's
 * ids: on a copy of the disk the code is as used up as a file that was removed.
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
      // the loop is told a text that is no code, and says what is wrong with it
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

/** Hash of the canonical form. Undefined if the text is no code. */
const hashOf = (given: string): string | undefined => {
  const code = parseCode(given)
  return typeof code === 'string' ? hashCode(code) : undefined
}

const instances = '/var/lib/cloud/instances'

/**
 * Files in which cloud-init keeps user-data, and what it makes of user-data: stages.py, sources/__init__.py and
 * helpers.py there.
 */
const ofAnInstance = ['user-data.txt', 'user-data.txt.i', 'cloud-config.txt', 'obj.pkl']
const others = [
  '/run/cloud-init/instance-data-sensitive.json',
  '/run/cloud-init/combined-cloud-config.json',
  // user-data that an image or an installer brought
  '/var/lib/cloud/seed/nocloud/user-data',
  '/var/lib/cloud/seed/nocloud-net/user-data'
]

/**
 * Replaces every code in cloud-init's copies of user-data by a mark of the same length, for all instances that this
 * disk has seen. Call it only if no code waits to be used. cloud-init copies again at each boot from a seed that
 * stays attached. If a copy cannot be changed, the others are tried, and then it rejects.
 */
export const wipeCodeCopies = async (files: Files): Promise<void> => {
  const ids = await files.list(instances)
  const copies = [...ids.flatMap((id) => ofAnInstance.map((name) => `${instances}/${id}/${name}`)), ...others]
  const failures: unknown[] = []
  for (const path of copies) {
    if (await files.exists(path)) await files.edit(path, withoutCodes).catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
}
