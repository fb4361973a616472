import { stringify } from 'yaml'
import type { ServerConfig } from '../config.ts'

export interface FirstConfig {
  /** https URL of the agents' listener. */
  address: string
  stateDirectory: string
  /** Path of the agent's package on this host. Undefined if there is none. */
  agentPackage: string | undefined
  /** Place of the store, if somebody chose one. */
  store: ServerConfig['store'] | undefined
}

/** Text of the first /etc/joinery/server.yaml. Settings that it leaves out have a default. */
export const configText = ({ address, stateDirectory, agentPackage, store }: FirstConfig): string =>
  `# Configuration of joinery-server.

agents:
  # address at which machines reach this server; it goes into their user-data
  address: ${address}

# keys, kubeconfig and store
state: ${stringify(stateDirectory)}${store === undefined ? '' : storeText(store)}${agentPackage === undefined ? '' : packageText(agentPackage)}`

const packageText = (file: string): string => `
# agent package that machines install
agentPackage: ${stringify(file)}`

const storeText = (store: string): string => `
# place of what the server knows: its folder (file), or etcd (cluster)
store: ${store}`
