/** The parts of an image's reference, as a container runtime reads it. */
export interface ImageReference {
  /** Host of the registry and path, in full: `docker.io/library/nginx`. */
  repository: string
  tag?: string
  /** Digest of the manifest or index, as `sha256:` and 64 hex digits. */
  digest?: string
}

/** Most characters of a reference: 255 of the repository, 128 of a tag, 71 of a digest, and what stands between them. */
export const longestReference = 456

const longestRepository = 255

// distribution/reference, regexp.go: no two neighbours of these patterns take the same character, so they are read in one pass
const host = '(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*'
const registry = new RegExp(`^(?:${host}|\\[[0-9A-Fa-f:]{2,39}\\])(?::[0-9]{1,5})?$`)
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

const dockerHub = 'docker.io'

/**
 * Reads a reference as containerd and the kubelet do (distribution/reference): without a registry it is Docker Hub's, and a name of
 * one word is below `library`. Undefined if it is none, or longer than any is: whoever wrote it, nothing but a reference goes on.
 */
export const readReference = (text: string): ImageReference | undefined => {
  if (text.length > longestReference) return undefined
  const [named = '', digest, ...more] = text.split('@')
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined
  // a colon before the last slash is that of a port
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  if (tag !== undefined && !tagPattern.test(tag)) return undefined
  const repository = inFull(colon < 0 ? named : named.slice(0, colon))
  if (repository === undefined) return undefined
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** The repository with its registry. Undefined if it is none. */
const inFull = (name: string): string | undefined => {
  const [first = '', ...rest] = name.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = hasRegistry ? rest : [...(rest.length === 0 ? ['library'] : []), first, ...rest]
  const at = hasRegistry ? (first === 'index.docker.io' ? dockerHub : first) : dockerHub
  const full = [at, ...path].join('/')
  const isWhole = registry.test(at) && path.every((one) => component.test(one))
  return isWhole && full.length <= longestRepository ? full : undefined
}

/**
 * The reference in the one form that a container runtime keeps it in. A digest says all, so a tag beside it goes; without either it is
 * the tag `latest`.
 */
export const referenceText = ({ repository, tag = 'latest', digest }: ImageReference): string =>
  digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`
