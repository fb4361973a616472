import { CommandError } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { packetFilters } from '../../../network/packet-filters.ts'
import { type Fate, fateAt } from './fate.ts'
import { fateInZones, parseZones, servicePorts, zonesInUse } from './firewalld.ts'
import { iptablesRuleset } from './iptables-ruleset.ts'
import { parseNft } from './nft-document.ts'
import { nftRuleset } from './nft-ruleset.ts'
import type { Connection, Ruleset } from './ruleset.ts'

/** A packet filter that is in use on this machine, and what it does with a connection. */
export interface Firewall {
  kind: 'firewalld' | 'ufw' | 'nftables' | 'iptables'
  fate: Fate
  /** The zone or chain that decides, or why it could not be read. */
  where: string
  /** Commands that let the connection in, now and after a reboot. */
  open: string[]
}

/** Every firewall in use. Firewalls that keep the connection out come first. Reads, and changes nothing. */
export const firewalls = async (host: Host, connection: Connection): Promise<Firewall[]> => {
  const save = connection.family === 'ipv4' ? 'iptables-save' : 'ip6tables-save'
  const loaded = await packetFilters(host)
  const [zones, nft, saved, ufwConfig = ''] = await Promise.all([
    ask(host, ['firewall-cmd', '--list-all-zones']),
    loaded.nftables ? ask(host, ['nft', '--json', 'list', 'ruleset']) : {},
    loaded.iptables ? ask(host, [save]) : {},
    host.read(paths.ufwConfig)
  ])
  const ufw = /^ENABLED=["']?yes/im.test(ufwConfig)
  const found = [
    ...(await ofFirewalld(host, zones, connection)),
    ...ofIptables(saved, ufw, connection),
    ...ofNft(nft, { firewalld: zones.text !== undefined, iptables: isOverNft(saved) }, connection)
  ]
  return found.sort((one, other) => order.indexOf(one.fate) - order.indexOf(other.fate))
}

const order: Fate[] = ['drop', 'unknown', 'accept']

/**
 * The output of a tool. It has neither text nor problem if the tool is not installed, or if the tool's firewall is
 * not in use.
 */
interface Answer {
  text?: string
  problem?: string
}

/** Exit status of firewall-cmd if firewalld does not run. */
const notRunning = 252

const ask = async (host: Host, argv: readonly string[]): Promise<Answer> => {
  try {
    return { text: await host.exec(argv) }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const { code, output } = error
    if (code === 'ENOENT' || code === notRunning || /not supported/i.test(output)) return {}
    return { problem: `${argv.join(' ')} fails` }
  }
}

const unread = (kind: Firewall['kind'], problem: string): Firewall => ({
  kind,
  fate: 'unknown',
  where: problem,
  open: []
})

const ofFirewalld = async (host: Host, { text, problem }: Answer, { port }: Connection): Promise<Firewall[]> => {
  if (problem !== undefined) return [unread('firewalld', problem)]
  if (text === undefined) return []
  const zones = await zonesInUse(parseZones(text), () => host.exec(['firewall-cmd', '--get-default-zone']))
  const services = [...new Set(zones.flatMap((zone) => zone.services))]
  const ports = new Map(
    await Promise.all(services.map(async (service) => [service, await servicePorts(host, service)] as const))
  )
  const names = zones.map(({ name }) => name)
  return [
    {
      kind: 'firewalld',
      fate: fateInZones(zones, port, (service) => ports.get(service) ?? []),
      where: `zone ${names.join(', ')}`,
      open: [
        ...names.slice(0, 4).map((name) => `firewall-cmd --permanent --zone=${name} --add-port=${port}/tcp`),
        'firewall-cmd --reload'
      ]
    }
  ]
}

const ofIptables = ({ text, problem }: Answer, ufw: boolean, connection: Connection): Firewall[] => {
  const kind = ufw ? 'ufw' : 'iptables'
  if (problem !== undefined) return [unread(kind, problem)]
  const tool = connection.family === 'ipv4' ? 'iptables' : 'ip6tables'
  const { port } = connection
  const open = ufw
    ? [`ufw allow ${port}/tcp`]
    : [`${tool} -I INPUT -p tcp --dport ${port} -j ACCEPT`, 'netfilter-persistent save']
  return judge(iptablesRuleset(text ?? '', connection)).map(({ fate, chain }) => ({
    kind,
    fate,
    where: `chain ${chain.split(' ')[1]} of table ${chain.split(' ')[0]}`,
    open
  }))
}

/** True if iptables keeps its rules in nftables. iptables itself reads them better there. */
const isOverNft = ({ text = '' }: Answer): boolean => text.includes('(nf_tables)')

const iptablesTables = ['filter', 'nat', 'mangle', 'raw', 'security']

const ofNft = (
  { text, problem }: Answer,
  elsewhere: { firewalld: boolean; iptables: boolean },
  connection: Connection
): Firewall[] => {
  if (problem !== undefined) return [unread('nftables', problem)]
  if (text === undefined) return []
  const mine = (family: string, table: string): boolean =>
    !(elsewhere.firewalld && table === 'firewalld') &&
    !(elsewhere.iptables && family !== 'inet' && iptablesTables.includes(table))
  try {
    const { port } = connection
    return judge(nftRuleset(parseNft(text), connection, mine)).map(({ fate, chain }) => ({
      kind: 'nftables',
      fate,
      where: `chain ${chain}`,
      open: [
        `nft insert rule ${chain} tcp dport ${port} accept`,
        '# write the same rule into /etc/nftables.conf, so that it is there after a reboot'
      ]
    }))
  } catch (error) {
    return [unread('nftables', `its ruleset cannot be read: ${error instanceof Error ? error.message : String(error)}`)]
  }
}

/** Fates at the inputs that have rules, or that keep out connections without a rule. */
const judge = (ruleset: Ruleset): { fate: Fate; chain: string }[] =>
  ruleset.inputs
    .filter(({ chain, policy }) => policy === 'drop' || (ruleset.chains.get(chain) ?? []).length > 0)
    .map((input) => ({ fate: fateAt(ruleset, input), chain: input.chain }))
