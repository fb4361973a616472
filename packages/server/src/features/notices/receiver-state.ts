import { createHash } from 'node:crypto'
import type { Commits } from '../../core/commit/commits.ts'
import type { NoticeQueue, ReceiverDocument } from '../../core/ports/store/notice-queue.ts'

interface Parts {
  queue: Pick<NoticeQueue, 'receiver' | 'receivers' | 'lastPlace'>
  commits: Pick<Commits, 'append'>
}

/** The document of a receiver. A new receiver begins with what happens from now on. */
export const receiverState = async ({ queue, commits }: Parts, name: string): Promise<ReceiverDocument> => {
  for (;;) {
    const found = await queue.receiver(name)
    if (found !== undefined) return found
    await commits.append({ queue: { receivers: [{ name, revision: 0, place: await queue.lastPlace() }] } })
  }
}

/** Name of the receiver that is no webhook: the traces. No webhook can have it. */
export const tracesName = ':traces'

/** Forgets the webhooks that are not among these, with what waits for them. */
export const forgetOthers = async ({ queue, commits }: Parts, names: readonly string[]): Promise<void> => {
  const others = (await queue.receivers())
    .map(({ name }) => name)
    .filter((name) => name !== tracesName && !names.includes(name))
  if (others.length > 0) await commits.append({ queue: { forgotten: others } })
}

/** True if the receiver answered at this URL that it wants nothing more. */
export const isGone = ({ gone }: ReceiverDocument, url: URL): boolean => gone !== undefined && gone.url === hashOf(url)

/** A hash of a URL, which may hold a secret. */
export const hashOf = (url: URL): string => createHash('sha256').update(url.href).digest('hex')
