import { hour, minute } from '@joinery/protocol'
import type { Change } from '../change.ts'
import { anyToken } from '../groups.ts'
import type { Token } from '../sight.ts'
import { type ClusterCheck, type Finding, listed, mendable, pass } from './check.ts'

/** Longest lifetime that is fine: kubeadm's own, and a minute for clocks that differ. */
const longest = 24 * hour + minute

export const bootstrapTokens: ClusterCheck = {
  name: 'bootstrap-tokens',
  why: 'a token lies in shell histories and user-data: as long as it lives, anybody who finds it can ask to become a node',
  run: async (sight, now) => judgeTokens(await sight.tokens(), now)
}

const breaks = 'a machine or script that still joins by this token is refused (401)'

export const judgeTokens = (tokens: readonly Token[], now: Date): Finding => {
  const live = tokens.filter(({ expires, usages }) => usages.length > 0 && isAlive(expires, now))
  const [endless, long] = [live.filter(({ expires }) => expires === undefined), live.filter(isLong)]
  const found = [...endless, ...long]
  if (found.length === 0) return pass(summary(live.length))
  const changes = found.map((object): Change => ({ verb: 'delete', object, breaks }))
  return mendable(endless.length > 0 ? 'fail' : 'warn', listed(found.map(describe)), changes)
}

const isAlive = (expires: Token['expires'], now: Date): boolean =>
  expires === undefined || (expires !== 'invalid' && expires > now)

const isLong = ({ created, expires }: Token): boolean =>
  expires instanceof Date && expires.getTime() - created.getTime() > longest

const describe = ({ id, expires, usages, groups }: Token): string => {
  const life = expires instanceof Date ? `lives until ${expires.toISOString()}` : 'never expires'
  const uses = usages.map((usage) =>
    usage === 'authentication' ? `signs in as ${[anyToken, ...groups].join(', ')}` : 'vouches for cluster-info'
  )
  return `token ${id} ${life}: anybody who has it ${uses.join(' and ')}`
}

const summary = (count: number): string =>
  count === 0 ? 'there is no bootstrap token' : `${count} ${count === 1 ? 'token' : 'tokens'}, none for more than a day`
