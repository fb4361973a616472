import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'

/** A cause that turns swap on at the next boot. */
interface ComingSwap {
  /** Name of the cause: /etc/fstab, or a unit of systemd. */
  by: string
  remedy: string
}

type Reads = Pick<Host, 'read' | 'list'>

/** Causes of swap at the next boot, in the order in which they would act. */
export const comingSwap = async (host: Reads): Promise<ComingSwap[]> => {
  const found = await Promise.all([fromFstab(host), fromUnits(host), fromServices(host)])
  return found.flat()
}

const fromFstab = async (host: Reads): Promise<ComingSwap[]> => {
  if (!((await host.read(paths.fstab)) ?? '').split('\n').some(turnsOnSwap)) return []
  return [{ by: paths.fstab, remedy: `sed -i -E '/^[^#]\\S*\\s+\\S+\\s+swap\\s/s/^/#/' ${paths.fstab}` }]
}

/** True for a line of fstab(5) that turns swap on at boot. */
export const turnsOnSwap = (line: string): boolean => {
  const [source = '#', , type, options = ''] = line.trim().split(/\s+/)
  return !source.startsWith('#') && type === 'swap' && !options.split(',').includes('noauto')
}

const own = '/etc/systemd/system'
/** The folder in which systemd-gpt-auto-generator puts a swap partition that nothing names but its own type. */
const generated = '/run/systemd/generator.late'

const fromUnits = async (host: Reads): Promise<ComingSwap[]> => {
  const [wanted, late, zram] = await Promise.all([wantedUnits(host), host.list(generated), zramUnits(host)])
  const units = [...new Set([...wanted, ...late, ...zram])].filter((unit) => unit.endsWith('.swap'))
  const masked = await Promise.all(units.map((unit) => isMasked(host, unit)))
  return units
    .filter((_, index) => !masked[index])
    .map((unit) => ({ by: unit, remedy: `systemctl mask --now '${unit}'` }))
}

/** Makers of swap that are services: Debian's zram-tools, Ubuntu's zram-config, Raspberry Pi OS's swap file. */
const services = ['zramswap.service', 'zram-config.service', 'dphys-swapfile.service']

const fromServices = async (host: Reads): Promise<ComingSwap[]> => {
  const wanted = await wantedUnits(host)
  return services
    .filter((unit) => wanted.includes(unit))
    .map((unit) => ({ by: unit, remedy: `systemctl disable --now ${unit}` }))
}

const wantedUnits = async (host: Reads): Promise<string[]> => {
  const folders = (await host.list(own)).filter((name) => /\.(wants|requires)$/.test(name))
  return (await Promise.all(folders.map((folder) => host.list(`${own}/${folder}`)))).flat()
}

/** True if the unit is masked: a link to /dev/null, which reads as an empty file. */
const isMasked = async (host: Reads, unit: string): Promise<boolean> => (await host.read(`${own}/${unit}`)) === ''

/** Swap units by zram-generator.conf(5): only the first main file counts, and every drop-in. */
const zramUnits = async (host: Reads): Promise<string[]> => {
  if (!(await host.list('/usr/lib/systemd/system-generators')).includes('zram-generator')) return []
  const roots = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((root) => `${root}/systemd/zram-generator.conf`)
  const main = await Promise.all(roots.map((path) => host.read(path)))
  const dropIns = await Promise.all(
    roots.map(async (path) => (await host.list(`${path}.d`)).map((name) => host.read(`${path}.d/${name}`)))
  )
  const texts = [main.find((text) => text !== undefined), ...(await Promise.all(dropIns.flat()))]
  return texts.flatMap((text) =>
    [...(text ?? '').matchAll(/^\s*\[(zram\d+)\]/gm)].map(([, device]) => `dev-${device}.swap`)
  )
}
