import { type HeadSpec, openDocument, unpackBatch } from '../../../../core/ports/log/format.ts'
import type { LogKeys } from '../../../../core/ports/log/log-keys.ts'
import type { LogObjects } from '../../../../core/ports/log/log-objects.ts'
import { damaged, newer } from '../../../../core/ports/log/log-refusal.ts'

/**
 * The newest content of one document at this head. Undefined if there is none, or if it is deleted. Throws `LogRefusal` if what is there is
 * no document of this log, or is newer than the head.
 */
export const newestOfHead = async (
  { keys, readDocument }: { keys: readonly LogKeys[] } & Pick<LogObjects, 'readDocument'>,
  { log, number, batches }: HeadSpec,
  name: string
): Promise<{ number: number; text: string } | undefined> => {
  for (const batch of batches.toReversed()) {
    const document = unpackBatch(batch).find((one) => one.name === name)
    if (document === undefined) continue
    return document.text === null ? undefined : { number: batch.number, text: document.text }
  }
  const stored = await readDocument(name)
  if (stored === undefined) return undefined
  const opened = openDocument(name, stored.spec, log, keys)
  if (opened.is === 'newer') throw newer(`document ${name}`, opened.format)
  if (opened.is === 'damaged' || (opened.is === 'ours' && opened.number > number)) {
    throw damaged(`document ${name} of the log in the cluster is not what a server left there`)
  }
  return opened.is === 'foreign' || opened.text === null ? undefined : { number: opened.number, text: opened.text }
}
