import { agentProgram } from '@joinery/agent/testing/commands'
import { buildProgram } from '@joinery/cli/testing/program'
import { serverProgram } from '@joinery/server/testing/commands'
import { type CommandPage, commandPage, type Term } from './command-page.ts'

/** A program, and what its help does not say. */
export interface Program {
  page: CommandPage
  /** Section of the manual. */
  section: 1 | 8
  files: Term[]
  /** Variables of the environment that its help does not name. */
  environment: Term[]
  /** Pages of the manual, as `joinery-server(8)`. */
  seeAlso: string[]
}

const colours: Term = {
  term: 'NO_COLOR, FORCE_COLOR',
  description: 'print without colours, or with colours also into a file'
}

/** Nothing is run: only the help is read. */
const noTerminal = {
  out: () => {},
  err: () => {},
  told: (text: string) => text,
  deliver: async () => {},
  now: () => new Date(0),
  pause: async () => {},
  exec: async () => '',
  colour: false,
  screen: false,
  exit: () => {}
}

const neverExits = (code: number): never => {
  throw new Error(`a help must not be run: ${code}`)
}

/** The programs of Joinery, made from their commands as they are. */
export const programs = (): Record<'joinery' | 'agent' | 'server', Program> => ({
  joinery: {
    page: commandPage(buildProgram(noTerminal)),
    section: 1,
    files: [
      { term: '/run/joinery/operator.sock', description: 'socket of the pairing server, for root on its host' },
      { term: '~/.kube/config', description: 'kubeconfig of the cluster, everywhere else' },
      {
        term: '~/.local/state/joinery',
        description: 'what the command remembers: the pin of the pairing server of each cluster'
      }
    ],
    environment: [
      { term: 'XDG_STATE_HOME', description: 'folder for what the command remembers, instead of ~/.local/state' }
    ],
    seeAlso: ['joinery-server(8)', 'joinery-agent(8)', 'kubectl(1)']
  },
  agent: {
    page: commandPage(agentProgram(noTerminal, neverExits)),
    section: 8,
    files: [
      { term: '/etc/joinery/agent.yaml', description: 'configuration: joinery-agent.yaml(5)' },
      { term: '/etc/joinery/code', description: 'one-time code; the agent removes it when the code is used' },
      { term: '/var/lib/joinery-agent', description: 'key and journal of the agent' },
      { term: '/run/joinery-agent', description: 'files of a join, on tmpfs' }
    ],
    environment: [colours],
    seeAlso: ['joinery-agent.yaml(5)', 'kubeadm(1)', 'journalctl(1)']
  },
  server: {
    page: commandPage(serverProgram(neverExits)),
    section: 8,
    files: [
      { term: '/etc/joinery/server.yaml', description: 'configuration: joinery-server.yaml(5)' },
      { term: '/var/lib/joinery-server', description: 'keys and store of the server' },
      { term: '/run/joinery/operator.sock', description: 'socket of the operators; only root may open it' }
    ],
    environment: [
      { term: 'KUBECONFIG', description: 'kubeconfig of an administrator, for setup, keys export, init --keys' }
    ],
    seeAlso: ['joinery(1)', 'joinery-server.yaml(5)', 'journalctl(1)']
  }
})
