import { startupTaint } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** Service of the Node, as operators see it. Both are absent for a code without gates, and before the enrolment is ready. */
export interface ServiceView {
  /** Time since which the Node is in service. */
  inService?: string
  /** Sentences about the things that are missing until then. Never empty. */
  notYet?: string[]
}

export const serviceView = ({ state, readyWhen, service, node }: EnrolmentDocument): ServiceView => {
  if (readyWhen === undefined || state !== 'ready') return {}
  const own = service?.node === node?.uid ? service : undefined
  if (own?.since !== undefined) return { inService: own.since }
  if (own?.opened !== undefined) return { notYet: [`the server takes ${startupTaint.key} away`] }
  return { notYet: own?.notYet ?? ['the server has not looked at the gates yet'] }
}

/** The service in words, to follow what else is said about the enrolment. Empty if there is nothing to say. */
export const serviceWords = (enrolment: EnrolmentDocument): string => {
  const { inService, notYet } = serviceView(enrolment)
  if (notYet !== undefined) {
    const [first = '', ...others] = notYet
    return `; not yet in service: ${first}${others.length === 0 ? '' : `, and ${others.length} more`}`
  }
  if (inService === undefined) return ''
  return `; in service${enrolment.service?.putBack ? `, and somebody put ${startupTaint.key} back` : ''}`
}
