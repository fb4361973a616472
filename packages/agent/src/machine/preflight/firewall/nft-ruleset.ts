import { isObject, type NftDocument, type NftStatement } from './nft-document.ts'
import { holds, nftMatch, type SetElements } from './nft-match.ts'
import { type Act, type Connection, every, type Match, type Rule, type Ruleset } from './ruleset.ts'

/** Reads a ruleset of nftables. `mine`: the tables that count. Chains are called `family table chain`, as in a command. */
export const nftRuleset = (
  { nftables }: NftDocument,
  connection: Connection,
  mine: (family: string, table: string) => boolean
): Ruleset => {
  const families = ['inet', connection.family === 'ipv4' ? 'ip' : 'ip6']
  const counts = ({ family, table }: { family: string; table: string }): boolean =>
    families.includes(family) && mine(family, table)
  const inputs: Ruleset['inputs'] = []
  const chains = new Map<string, Rule[]>()
  const sets = new Map<string, unknown[] | undefined>()
  for (const { chain, set } of nftables) {
    if (set !== undefined) sets.set(`${set.family} ${set.table} ${set.name}`, set.elem)
    if (chain === undefined || !counts(chain)) continue
    const name = `${chain.family} ${chain.table} ${chain.name}`
    chains.set(name, [])
    if (chain.hook === 'input') inputs.push({ chain: name, policy: chain.policy === 'drop' ? 'drop' : 'accept' })
  }
  for (const { rule } of nftables) {
    if (rule === undefined || !counts(rule)) continue
    const table = `${rule.family} ${rule.table}`
    const elements: SetElements = (name) => sets.get(`${table} ${name}`)
    chains.get(`${table} ${rule.chain}`)?.push(...readRule(rule.expr, connection, table, elements))
  }
  return { inputs, chains }
}

/** Reads one rule. There are several if a verdict map has one for each of its keys. */
const readRule = (
  statements: readonly NftStatement[],
  connection: Connection,
  table: string,
  elements: SetElements
): Rule[] => {
  const matches: Match[] = []
  for (const statement of statements) {
    if ('vmap' in statement) return byKey(statement.vmap, every(matches), connection, table, elements)
    const act = actOf(statement, table)
    if (act !== undefined) return [{ match: every(matches), act }]
    if ('match' in statement) matches.push(nftMatch(statement.match, connection, elements))
    else if (!harmless.some((name) => name in statement)) matches.push('maybe')
  }
  return []
}

/** Statements that neither decide nor match. */
const harmless = ['counter', 'log', 'comment', 'mangle', 'notrack', 'last', 'ct helper', 'meta', 'flow']

const actOf = (statement: NftStatement, table: string): Act | undefined => {
  if ('accept' in statement) return { do: 'accept' }
  if ('drop' in statement || 'reject' in statement) return { do: 'drop' }
  if ('return' in statement) return { do: 'return' }
  if ('queue' in statement) return { do: 'unknown' }
  // the document does not say what iptables' own extensions do
  if (isObject(statement.xt) && statement.xt.type === 'target') return { do: 'unknown' }
  for (const how of ['jump', 'goto'] as const) {
    const to = statement[how]
    if (isObject(to)) return { do: how, chain: `${table} ${to.target}` }
  }
  return undefined
}

const byKey = (vmap: unknown, before: Match, connection: Connection, table: string, elements: SetElements): Rule[] => {
  const unknown: Rule = { match: before === 'no' ? 'no' : 'maybe', act: { do: 'unknown' } }
  if (!isObject(vmap) || !isObject(vmap.data) || !Array.isArray(vmap.data.set)) return [unknown]
  return vmap.data.set.map((entry: unknown): Rule => {
    if (!Array.isArray(entry) || !isObject(entry[1])) return unknown
    const match = every([before, holds(vmap.key, entry[0], connection, elements)])
    return { match, act: actOf(entry[1], table) ?? { do: 'go-on' } }
  })
}
