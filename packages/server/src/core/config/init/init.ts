import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { stringify } from 'yaml'
import { agentsUrl, withHostOf } from '../../base/addresses.ts'
import { makeFolder, readIfThere, writeDurably } from '../../base/files.ts'
import { auditKeyFile, ensureAuditKey } from '../../keys/audit-key.ts'
import { giveToRoot } from '../../keys/authority-keys.ts'
import { ensureAuthority } from '../../keys/ensure-authority.ts'
import { ensureLeaf } from '../../keys/ensure-leaf.ts'
import { finishKeyChange, isKeyChangeCut } from '../../keys/key-change.ts'
import { firstMasterKey, keyFilesIn, placeOfMasterKey } from '../../keys/key-files.ts'
import { masterKeyLength } from '../../keys/keys.ts'
import { takeState } from '../../ports/store/take-state.ts'
import { loadConfig, type ServerConfig } from '../config.ts'

export interface InitOptions {
  stateDirectory: string
  configFile: string
  /** Addresses that the leaf must name beside `joinery-server`. If empty, the leaf keeps those that it has. */
  addresses: readonly string[]
  /** Addresses for the first leaf, if `addresses` is empty. */
  machineAddresses: readonly string[]
  /** URL to which the existing configuration sends machines. */
  published?: string
  /** Path of the agent's package on this host, for a new configuration. Undefined if there is none. */
  agentPackage?: string | undefined
  /** Place of the store for a new configuration, if somebody chose one. */
  store?: ServerConfig['store'] | undefined
  now: Date
  print(line: string): void
}

/**
 * Makes everything that a pairing server needs: its own CA, the TLS leaf, the master key and a configuration. It keeps
 * what is there and gives the keys of CAs to root, but makes a new leaf for other addresses, or if the old one is near its end. Returns the pin.
 */
export const init = async (options: InitOptions): Promise<string> => {
  const { stateDirectory, configFile, addresses, machineAddresses, published, agentPackage, store, now, print } =
    options
  await makeFolder(stateDirectory, 0o700)
  // systemd, or a package, may have made the folder for everybody
  await chmod(stateDirectory, 0o700)
  if (isKeyChangeCut(stateDirectory)) await finishCut(stateDirectory)
  await giveToRoot(stateDirectory)
  const authority = await ensureAuthority(stateDirectory, now, print)
  const choice = { wanted: addresses, machine: machineAddresses, published }
  const [address = ''] = await ensureLeaf(stateDirectory, choice, now, print)
  await ensureMasterKey(stateDirectory, print)
  const { made } = await ensureAuditKey(stateDirectory)
  print(`${join(stateDirectory, auditKeyFile)} ${made ? 'created' : 'unchanged'}`)
  await ensureConfig(
    configFile,
    configText({ address: agentsUrl(address), stateDirectory, agentPackage, store }),
    print
  )
  await comparePublished(configFile, addresses, print)
  await compareStore(configFile, store, print)
  const pin = fingerprint(authority.pair.publicKey)
  print(`pin: ${pin}`)
  print('Next: joinery-server setup --kubeconfig /etc/kubernetes/admin.conf')
  return pin
}

/** Finishes a change of the keys that was cut, as the server does when it starts. */
const finishCut = async (state: string): Promise<void> => {
  const taken = takeState(state)
  try {
    await finishKeyChange(state)
  } finally {
    taken.release()
  }
}

const ensureMasterKey = async (state: string, print: (line: string) => void): Promise<void> => {
  const later = (await keyFilesIn(state)).find((name) => (placeOfMasterKey(name) ?? 0) > 1)
  if (later !== undefined) return print(`${join(state, later)} unchanged`)
  const file = join(state, firstMasterKey)
  const key = await readIfThere(file)
  if (key === undefined) await writeDurably(file, randomBytes(masterKeyLength))
  else if (key.length !== masterKeyLength) throw new Error(`${file} is damaged: it must have ${masterKeyLength} bytes`)
  print(`${file} ${key === undefined ? 'created' : 'unchanged'}`)
}

/** Writes the configuration unless there is one. It holds no secret. */
const ensureConfig = async (file: string, text: string, print: (line: string) => void): Promise<void> => {
  const there = (await readIfThere(file)) !== undefined
  if (!there) {
    await makeFolder(dirname(file), 0o755)
    await writeDurably(file, text, 0o644)
  }
  print(`${file} ${there ? 'unchanged' : 'created'}`)
}

/** Compares the configuration with the address. It never changes the configuration, which is the administrator's. */
const comparePublished = async (
  configFile: string,
  addresses: readonly string[],
  print: (line: string) => void
): Promise<void> => {
  if (addresses.length === 0) return
  const published = (await loadConfig(configFile)).agents.address
  if (withHostOf(addresses, published) === addresses) return
  print(`${configFile} still sends machines to ${published}: change agents.address, then restart joinery-server`)
}

/** Compares the place of the store with what was chosen. To change it is more than a line: what is in the store must come along. */
const compareStore = async (
  configFile: string,
  store: ServerConfig['store'],
  print: (line: string) => void
): Promise<void> => {
  if (store === undefined) return
  const { store: there = 'file' } = await loadConfig(configFile)
  if (there !== store) print(`${configFile} still has store: ${there}: this command moves no store`)
}

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
