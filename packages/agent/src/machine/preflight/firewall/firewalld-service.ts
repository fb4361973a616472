import type { Host } from '../../../host/host.ts'

/** Folders of an administrator's own services, and of those that firewalld brings. */
const folders = ['/etc/firewalld/services', '/usr/lib/firewalld/services']

/**
 * The ports of a service of firewalld and of the services that it includes, as `10250/tcp`. Empty if the service is
 * not known.
 */
export const servicePorts = async (
  host: Pick<Host, 'read'>,
  service: string,
  seen: Set<string> = new Set()
): Promise<string[]> => {
  if (seen.has(service) || !/^[\w.-]+$/.test(service)) return []
  seen.add(service)
  const texts = await Promise.all(folders.map((folder) => host.read(`${folder}/${service}.xml`)))
  const text = texts.find((one) => one !== undefined) ?? ''
  const tags = (name: string): string[] => [...text.matchAll(new RegExp(`<${name}\\s[^>]*>`, 'g'))].map(([tag]) => tag)
  const included = await Promise.all(tags('include').map((tag) => servicePorts(host, attribute(tag, 'service'), seen)))
  return [...tags('port').map((tag) => `${attribute(tag, 'port')}/${attribute(tag, 'protocol')}`), ...included.flat()]
}

const attribute = (tag: string, name: string): string =>
  new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(tag)?.[1] ?? ''
