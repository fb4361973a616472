import { errorCode } from '@joinery/host/connection-problem'
import type { Files } from '@joinery/host/files'
import type { Facts } from '@joinery/protocol'
import { paths } from './paths.ts'

/** Ids that differ between a machine and another one with a copy of its disk. */
export type MachineIds = Pick<Facts, 'machineId' | 'productUuid'>

/**
 * Reads the ids of the machine. An id is empty if the machine has none. Throws if one cannot be read now: that does
 * not make it another machine.
 */
export const machineIds = async (files: Pick<Files, 'read'>): Promise<MachineIds> => ({
  machineId: await readId(files, paths.machineId),
  productUuid: await readId(files, paths.productUuid)
})

const readId = async (files: Pick<Files, 'read'>, path: string): Promise<string> => {
  try {
    return ((await files.read(path)) ?? '').trim()
  } catch (error) {
    // in a container root may never read it
    if (errorCode(error) === 'EACCES') return ''
    throw error
  }
}

export const isSame = (one: MachineIds, other: MachineIds): boolean =>
  one.machineId === other.machineId && one.productUuid === other.productUuid

/** Id of this boot of the kernel. It shows whether the agent or the machine was restarted. */
export const bootId = async (files: Files): Promise<string> =>
  (await files.read('/proc/sys/kernel/random/boot_id'))?.trim() ?? ''
