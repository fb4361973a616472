import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig } from '../program/config.ts'

/** The settings that a person named. What they left out may be anything. */
export type Wanted = Pick<AgentConfig, 'server' | 'pin'> &
  Partial<Pick<AgentConfig, 'servers' | 'nextPin' | 'name' | 'apiEndpoint' | 'remediate'>>

export type EnrolPlan =
  /** There is no configuration, or the same one. `write`: true if there is none. `codeFile`: where the code goes. */
  | { do: 'enrol'; write: boolean; codeFile: string }
  /** Another configuration is taken away first: neither server may be sent the other one's code. */
  | { do: 'replace'; codeFile: string }
  | { do: 'refuse'; why: string; remedy: string }

export interface Present {
  /** The configuration that is there, or what is wrong with it. */
  config: AgentConfig | { problem: string } | undefined
  /** True if this agent made this machine a Ready node. */
  joined: boolean
  /** True if a join that this agent began is under way. */
  joining: boolean
}

/** Decides what `joinery-agent enrol` may do to what is there. Pure. */
export const planEnrol = (
  wanted: Wanted,
  { config, joined, joining }: Present,
  replace: boolean,
  codeFile: string
): EnrolPlan => {
  if (joined)
    return refuse(
      'this machine is a node of a cluster already',
      'kubeadm reset, if this machine must leave that cluster'
    )
  if (config === undefined) return { do: 'enrol', write: true, codeFile }
  const wrong = 'problem' in config ? config.problem : contradiction(wanted, config)
  if (!('problem' in config) && wrong === undefined) return { do: 'enrol', write: false, codeFile: config.codeFile }
  if (!replace) return refuse(`${wrong}`, 'run the same command with --replace, if that is right')
  if (joining) return refuse('a join is under way, by the present configuration', 'joinery-agent status --watch')
  return { do: 'replace', codeFile }
}

const refuse = (why: string, remedy: string): EnrolPlan => ({ do: 'refuse', why, remedy })

const contradiction = (wanted: Wanted, config: AgentConfig): string | undefined => {
  const other = (Object.keys(wanted) as (keyof Wanted)[]).filter((key) => !isDeepStrictEqual(wanted[key], config[key]))
  return other.length === 0 ? undefined : `the present configuration has another ${other.map(keyText).join(', ')}`
}

const keyText = (key: keyof Wanted): string => (key === 'servers' ? 'list of servers' : key)
