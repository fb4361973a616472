import { X509Certificate } from 'node:crypto'
import type { Objects } from '../objects/objects.ts'
import { type Csr, csrs } from './csrs.ts'

const hour = 3_600_000

/** Deletes old CSRs, once an hour (pkg/controller/certificates/cleaner). */
export const csrCleaner = (objects: Objects, now: () => Date) => {
  let next = now().getTime() + hour
  return (): void => {
    if (now().getTime() < next) return
    next = now().getTime() + hour
    for (const csr of objects.list<Csr>(csrs)) if (isOver(csr, now())) objects.delete(csrs, csr.metadata.name)
  }
}

const isOver = ({ metadata, status }: Csr, now: Date): boolean => {
  const { conditions = [], certificate } = status ?? {}
  const isOlder = (time: string | undefined, age: number): boolean =>
    time !== undefined && now.getTime() - Date.parse(time) > age
  if (conditions.length === 0) return isOlder(metadata.creationTimestamp, 24 * hour)
  const isPast = conditions.some(
    ({ type, lastUpdateTime }) => (type !== 'Approved' || certificate !== undefined) && isOlder(lastUpdateTime, hour)
  )
  return isPast || (certificate !== undefined && endOf(certificate) < now)
}

const endOf = (certificate: string): Date => new X509Certificate(Buffer.from(certificate, 'base64')).validToDate
