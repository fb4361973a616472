import type { Host } from '../../../host/host.ts'
import type { Fate } from './fate.ts'

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

/** A zone of firewalld, as `firewall-cmd --list-all-zones` prints it. */
interface Zone {
  name: string
  active: boolean
  target: string
  services: string[]
  /** Ports as `10250/tcp` and `30000-32767/tcp`. */
  ports: string[]
  protocols: string[]
  /** True if the zone has rules of the rich language, which are not read. */
  richRules: boolean
}

export const parseZones = (printed: string): Zone[] =>
  printed
    .split(/\n(?=\S)/)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const [header = ''] = block.trim().split('\n')
      const [, name = '', marks = ''] = /^(\S+)(?: \((.*)\))?/.exec(header) ?? []
      const field = (key: string): string => new RegExp(`^\\s+${key}: ?(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
      const list = (key: string): string[] => field(key).split(/\s+/).filter(Boolean)
      return {
        name,
        active: marks.includes('active'),
        target: field('target'),
        services: list('services'),
        ports: list('ports'),
        protocols: list('protocols'),
        richRules: /^\s+rule /m.test(block)
      }
    })

/** The zones that packets come into: zones with a link or a source of their own, and otherwise the default zone. */
export const zonesInUse = async (zones: readonly Zone[], defaultZone: () => Promise<string>): Promise<Zone[]> => {
  const active = zones.filter((zone) => zone.active)
  if (active.length > 0) return active
  const name = (await defaultZone()).trim()
  return zones.filter((zone) => zone.name === name)
}

/** The fate of a new TCP connection to `port`. `portsOf` gives the ports of a service, written like those of a zone. */
export const fateInZones = (zones: readonly Zone[], port: number, portsOf: (service: string) => string[]): Fate => {
  const fates = zones.map((zone): Fate => {
    const open = [...zone.ports, ...zone.services.flatMap(portsOf)].some((text) => isPort(text, port))
    if (open || zone.target === 'ACCEPT' || zone.protocols.includes('tcp')) return zone.richRules ? 'unknown' : 'accept'
    return zone.richRules ? 'unknown' : 'drop'
  })
  const [first = 'unknown'] = fates
  return fates.every((fate) => fate === first) ? first : 'unknown'
}

const isPort = (text: string, port: number): boolean => {
  const [, first, last = first, protocol] = /^(\d+)(?:-(\d+))?\/(\w+)$/.exec(text) ?? []
  return protocol === 'tcp' && port >= Number(first) && port <= Number(last)
}
