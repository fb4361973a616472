import type { Connection } from '../cluster/kubernetes/connection.ts'
import { version } from '../cluster/kubernetes/version.ts'

/** The first minor of Kubernetes 1 with ValidatingAdmissionPolicy as a stable API. */
const firstMinor = 30

/** Version of the API server; throws where it is too old to keep the server within its bounds. */
export const requireVersion = async (api: Connection): Promise<string> => {
  const found = await version(api)
  const [, minor] = /^v1\.(\d+)\./.exec(found) ?? []
  if (Number(minor) < firstMinor)
    throw new Error(`Kubernetes ${found} is too old: Joinery needs 1.${firstMinor} or newer`)
  return found
}
