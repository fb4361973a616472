import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { given } from '@joinery/protocol/given'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Files of a disk that is labelled cidata, as cloud-init's NoCloud reads them. */
export interface Seed {
  userData: string
  /** A new id makes cloud-init begin again. */
  instanceId: string
  hostname: string | undefined
  /** Netplan's or cloud-init's own format, as text. */
  networkConfig: string | undefined
}

const programs: readonly (readonly string[])[] = [['genisoimage'], ['xorriso', '-as', 'mkisofs'], ['mkisofs']]

/** The first program that makes ISO images and is installed. Throws if there is none, and says what to install. */
export const findIsoProgram = async (exec: Terminal['exec']): Promise<readonly string[]> => {
  for (const program of programs) {
    try {
      await exec([...program, '--version'])
      return program
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new CommandEnd(exitCodes.failure, String(error))
    }
  }
  throw new CommandEnd(
    exitCodes.failure,
    'there is no program here that makes ISO images: neither genisoimage nor xorriso',
    'apt install genisoimage'
  )
}

/** Makes the image at `path`. Beside it, in its folder, lie the files that go into it. */
export const makeSeedIso = async (
  exec: Terminal['exec'],
  program: readonly string[],
  path: string,
  { userData, instanceId, hostname, networkConfig }: Seed
): Promise<void> => {
  const folder = join(dirname(path), 'seed')
  await mkdir(folder)
  const files = {
    'user-data': userData,
    // JSON is YAML
    'meta-data': JSON.stringify({ 'instance-id': instanceId, ...(hostname && { 'local-hostname': hostname }) }),
    ...given({ 'network-config': networkConfig })
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 })
  // Joliet and Rock Ridge: plain ISO 9660 does not allow these names
  await exec([...program, '-quiet', '-o', path, '-V', 'cidata', '-J', '-R', folder])
}
