import { stringify } from 'yaml'

export interface FirstConfig {
  /** https URL of the agents' listener. */
  address: string
  stateDirectory: string
  /** Path of the agent's package on this host. Undefined if there is none. */
  agentPackage: string | undefined
}

/** Text of the first /etc/joinery/server.yaml. Settings that it leaves out have a default. */
export const configText = ({ address, stateDirectory, agentPackage }: FirstConfig): string =>
  `# Configuration of joinery-server.

agents:
  # address at which machines reach this server; it goes into their user-data
  address: ${address}

# keys, kubeconfig and store
state: ${stringify(stateDirectory)}${agentPackage === undefined ? '' : packageText(agentPackage)}`

const packageText = (file: string): string => `
# agent package that machines install
agentPackage: ${stringify(file)}`
