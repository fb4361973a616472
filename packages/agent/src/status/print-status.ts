import { toJson } from '@joinery/host/text/json'
import type { AgentStatus } from '@joinery/protocol'
import type { Terminal } from '../program/terminal.ts'
import { describeAgentStatus } from './describe-status.ts'

export const printStatus = (status: AgentStatus, output: 'table' | 'json', terminal: Terminal): void => {
  if (output === 'json') {
    terminal.out(toJson(status))
    return
  }
  terminal.out(describeAgentStatus(status, terminal.colour))
  if (status.agent === 'running' || status.agent === 'starting') terminal.err('Next: joinery-agent status --watch\n')
}
