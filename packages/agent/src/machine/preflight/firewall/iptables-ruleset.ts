import { contains, parseSubnet } from '../../../network/subnets.ts'
import { type Act, type Connection, every, type Match, not, type Rule, type Ruleset } from './ruleset.ts'

/** Reads the output of iptables-save and ip6tables-save. Chains are called `table CHAIN`. */
export const iptablesRuleset = (saved: string, connection: Connection): Ruleset => {
  const inputs: Ruleset['inputs'] = []
  const chains = new Map<string, Rule[]>()
  const rules: { table: string; chain: string; words: string[] }[] = []
  let table = ''
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    const [, declared, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (declared !== undefined) chains.set(`${table} ${declared}`, [])
    if (declared === 'INPUT') inputs.push({ chain: `${table} INPUT`, policy: policy === 'DROP' ? 'drop' : 'accept' })
    const [, chain, rest] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? []
    if (chain !== undefined) rules.push({ table, chain, words: wordsOf(rest ?? '') })
  }
  for (const { table, chain, words } of rules) {
    chains.get(`${table} ${chain}`)?.push(readRule(words, connection, (name) => named(chains, table, name)))
  }
  return { inputs, chains }
}

const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)

const named = (chains: ReadonlyMap<string, unknown>, table: string, name: string): string | undefined =>
  chains.has(`${table} ${name}`) ? `${table} ${name}` : undefined

const readRule = (
  words: readonly string[],
  connection: Connection,
  chainOf: (name: string) => string | undefined
): Rule => {
  const matches: Match[] = []
  let negated = false
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at] as string
    if (option === '!') {
      negated = true
      continue
    }
    if (option === '-j' || option === '-g') {
      return { match: every(matches), act: actOf(option, words[at + 1] ?? '', chainOf) }
    }
    const values = valuesAfter(words, at)
    at += values.length
    const match = matchOf(option, values, connection)
    matches.push(negated ? not(match) : match)
    negated = false
  }
  return { match: every(matches), act: { do: 'go-on' } }
}

/** The words up to the next option. */
const valuesAfter = (words: readonly string[], at: number): string[] => {
  const rest = words.slice(at + 1)
  const end = rest.findIndex((word) => word === '!' || /^--?[a-zA-Z]/.test(word))
  return end < 0 ? rest : rest.slice(0, end)
}

const matchOf = (option: string, [value = '', ...others]: readonly string[], { port, family }: Connection): Match => {
  switch (option) {
    case '-m':
    case '--comment':
      return 'yes'
    case '-p':
      return yes(['tcp', '6', 'all', '0'].includes(value))
    case '-i':
      if (value === '+') return 'yes'
      return value === 'lo' ? 'no' : 'maybe'
    case '-s':
    case '-d':
      return ofNetwork(value, family === 'ipv4' ? '127.0.0.0/8' : '::1')
    case '--dport':
    case '--dports':
    case '--destination-ports':
      return yes(value.split(',').some((range) => within(range, port)))
    case '--ctstate':
    case '--state':
      return yes(value.split(',').includes('NEW'))
    case '--dst-type':
      return yes(value.split(',').includes('LOCAL'))
    case '--syn':
      return 'yes'
    case '--tcp-flags': {
      // the first packet of a connection has only SYN
      const asked = value.split(',').filter((flag) => flag === 'SYN' || flag === 'ALL')
      return yes((others[0] ?? '') === (asked.length > 0 ? 'SYN' : 'NONE'))
    }
    case '-f':
      return 'no'
    default:
      return 'maybe'
  }
}

const yes = (is: boolean): Match => (is ? 'yes' : 'no')

/** Matches a network. Another machine neither comes from a loopback address nor goes to one. */
const ofNetwork = (text: string, loopback: string): Match => {
  const [network, own] = [parseSubnet(text), parseSubnet(loopback)]
  if (network?.length === 0) return 'yes'
  return network !== undefined && own !== undefined && contains(own, network) ? 'no' : 'maybe'
}

const within = (range: string, port: number): boolean => {
  const [first, last = first] = range.split(':')
  return port >= Number(first || 0) && port <= Number(last || 65535)
}

/** Targets that do something with the packet and let it go on. */
const passing =
  /^(LOG|NFLOG|ULOG|MARK|CONNMARK|CONNSECMARK|SECMARK|CT|NOTRACK|SET|TCPMSS|TRACE|CHECKSUM|CLASSIFY|DSCP|TOS|TTL|HL|AUDIT|RATEEST)$/

const actOf = (option: string, target: string, chainOf: (name: string) => string | undefined): Act => {
  const chain = chainOf(target)
  if (chain !== undefined) return { do: option === '-g' ? 'goto' : 'jump', chain }
  if (target === 'ACCEPT') return { do: 'accept' }
  if (target === 'DROP' || target === 'REJECT') return { do: 'drop' }
  if (target === 'RETURN') return { do: 'return' }
  return { do: passing.test(target) ? 'go-on' : 'unknown' }
}
