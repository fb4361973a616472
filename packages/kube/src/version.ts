import type { Connection } from './connection.ts'

/** Reads the version of the API server, such as `v1.37.2`. */
export const version = async (api: Connection): Promise<string> => (await api.version.getCode()).gitVersion

/** First minor version of Kubernetes 1 with ValidatingAdmissionPolicy as a stable API. */
const firstMinor = 30

/**
 * Explains why an API server of that version, such as `v1.37.2`, cannot keep the server within its bounds. Undefined if
 * it can.
 */
export const versionProblem = (found: string): string | undefined => {
  const [, minor] = /^v1\.(\d+)\./.exec(found) ?? []
  return Number(minor) < firstMinor
    ? `Kubernetes ${found} is too old: Joinery needs 1.${firstMinor} or newer`
    : undefined
}

/** Reads the version of the API server. Throws if it is too old. */
export const requireVersion = async (api: Connection): Promise<string> => {
  const found = await version(api)
  const problem = versionProblem(found)
  if (problem !== undefined) throw new Error(problem)
  return found
}
