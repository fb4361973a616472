import type { Files } from '@joinery/host/files'
import { withoutCodes } from './spent-code.ts'

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
