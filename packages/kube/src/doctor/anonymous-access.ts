import { parse } from 'yaml'
import type { ComponentPod } from './sight.ts'

/**
 * Requests without a credential that an API server accepts at all, whatever RBAC then says. `unseen` means that a file
 * decides, and that it could not be read here.
 */
export type AnonymousAccess =
  | { kind: 'off' }
  | { kind: 'everywhere' }
  | { kind: 'limited'; paths: string[] }
  | { kind: 'unseen' }

/**
 * Access by the flags, and by the file of --authentication-config. That file is undefined if there is none, or if it
 * could not be read.
 */
export const anonymousAccess = ({ flags, authentication }: ComponentPod): AnonymousAccess => {
  const byFlag: AnonymousAccess = { kind: flags.get('anonymous-auth') === 'false' ? 'off' : 'everywhere' }
  if (!flags.has('authentication-config')) return byFlag
  const document = documentOf(authentication)
  if (document === undefined) return { kind: 'unseen' }
  const { anonymous } = document
  // the API server takes the flag or the file, never both
  if (anonymous === undefined || anonymous === null) return byFlag
  if (anonymous.enabled !== true) return { kind: 'off' }
  const paths = (anonymous.conditions ?? []).flatMap(({ path }) => (typeof path === 'string' ? [path] : []))
  return paths.length === 0 ? { kind: 'everywhere' } : { kind: 'limited', paths }
}

interface AuthenticationConfiguration {
  anonymous?: { enabled?: unknown; conditions?: { path?: unknown }[] } | null
}

const documentOf = (text: string | undefined): AuthenticationConfiguration | undefined => {
  try {
    const document: unknown = parse(text ?? '')
    return typeof document === 'object' && document !== null ? document : undefined
  } catch {
    return undefined
  }
}
