import { escapeText } from '@joinery/protocol'
import { type Csr, nodeUsername } from '../cluster/cluster.ts'
import { parseCsrRequest } from '../reconcile/csr-request.ts'

const head = nodeUsername('')

/**
 * For which node a request asks for a certificate; undefined where for none, as the signer refuses that. A name that no Node
 * can have is escaped, and cut at the length of one.
 */
export const askedName = ({ username, request }: Csr): string | undefined => {
  // no node can ask for another name (NodeRestriction), and to parse takes time
  const asked = username.startsWith(head) ? username : parseCsrRequest(request)?.commonNames.find(isNodes)
  return asked && escapeText(asked.slice(head.length)).slice(0, 253)
}

const isNodes = (commonName: string): boolean => commonName.startsWith(head)
