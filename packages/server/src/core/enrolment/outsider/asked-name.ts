import { nodeUsername } from '@joinery/kube/names'
import { escapeText } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import { nodeOf, readCertificate } from '../csr/certificate-fault.ts'
import { parseCsrRequest } from '../csr/csr-request.ts'

const head = nodeUsername('')

/**
 * Name of the node that a request asks a certificate for. Undefined if it asks for none, which the signer refuses. Undefined
 * also if nobody can tell before there is a certificate: a hostile text may ask for another name than it seems to. A name that
 * no Node can have is escaped, and cut at the length of one.
 */
export const askedName = (csr: Csr): string | undefined => {
  const asked = nodeNameIn(csr)
  return asked && escapeText(asked).slice(0, 253)
}

const nodeNameIn = ({ username, request, certificate }: Csr): string | undefined => {
  // no node can ask for another name (NodeRestriction), and to parse takes time
  if (username.startsWith(head)) return username.slice(head.length)
  const asked = parseCsrRequest(request)
  if (asked !== undefined) return asked.commonNames.find((name) => name.startsWith(head))?.slice(head.length)
  return certificate === undefined ? undefined : nodeOf(readCertificate(certificate))
}
