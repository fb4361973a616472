import { stringify } from 'yaml'

/** The first /etc/joinery/server.yaml; what it leaves out has a default. */
export const configText = (agentsAddress: string, stateDirectory: string): string => `# Configuration of joinery-server.

agents:
  # by which machines reach this server; it goes into their user-data
  address: ${agentsAddress}

# keys, kubeconfig and store
state: ${stringify(stateDirectory)}`
