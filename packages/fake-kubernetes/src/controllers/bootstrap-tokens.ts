import { createHmac } from 'node:crypto'
import { core } from '../kubeadm/new-object.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'

type WithData = KubeObject & { data?: Record<string, string> }

const [secrets, configMaps] = [core('secrets'), core('configmaps')]
const prefix = 'jws-kubeconfig-'

/** Deletes the Secrets of expired bootstrap tokens. An expiration that cannot be read has passed. */
export const tokenCleaner = (objects: Objects, now: () => Date) => (): void => {
  for (const { name, isExpired } of tokens(objects, now())) if (isExpired) objects.delete(secrets, name, 'kube-system')
}

/** Signs `cluster-info` by each token that may vouch for it, and by no other (pkg/controller/bootstrap). */
export const bootstrapSigner = (objects: Objects, now: () => Date) => (): void => {
  const map = objects.get<WithData>(configMaps, 'cluster-info', 'kube-public')
  const { kubeconfig } = map?.data ?? {}
  if (map === undefined || kubeconfig === undefined) return
  const others = Object.entries(map.data ?? {}).filter(([key]) => !key.startsWith(prefix))
  const signatures = tokens(objects, now())
    .filter(({ vouches, isExpired }) => vouches && !isExpired)
    .map(({ id, secret }) => [`${prefix}${id}`, detachedJws(kubeconfig, id, secret)])
  objects.replace(configMaps, { ...map, data: Object.fromEntries([...others, ...signatures]) })
}

const tokens = (objects: Objects, now: Date) =>
  objects
    .list<WithData>(secrets, 'kube-system')
    .filter(({ type }) => type === 'bootstrap.kubernetes.io/token')
    .map(({ metadata: { name }, data = {} }) => {
      const value = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8')
      const [id, secret, end] = [value('token-id'), value('token-secret'), value('expiration')]
      const isNamed = secret !== '' && name === `bootstrap-token-${id}`
      const vouches = isNamed && value('usage-bootstrap-signing') === 'true'
      return { name, id, secret, vouches, isExpired: end !== '' && !(new Date(end) > now) }
    })

/** A JWS without its payload. kubeadm compares it with its own as text, so the header is as go-jose writes it. */
const detachedJws = (content: string, kid: string, secret: string): string => {
  const header = encoded(JSON.stringify({ alg: 'HS256', kid }))
  const hmac = createHmac('sha256', secret).update(`${header}.${encoded(content)}`)
  return `${header}..${hmac.digest('base64url')}`
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url')
