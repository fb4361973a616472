import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { makeFolder, readIfThere, writeDurably } from '../base/files.ts'
import { loadConfig } from '../config/config.ts'
import { agentsUrl, withHostOf } from '../keys/addresses.ts'
import { ensureAuthority } from '../keys/ensure-authority.ts'
import { ensureLeaf } from '../keys/ensure-leaf.ts'
import { masterKeyLength } from '../keys/keys.ts'
import { configText } from './config-text.ts'

export interface InitOptions {
  stateDirectory: string
  configFile: string
  /** What the leaf is to name beside `joinery-server`; without any it keeps those that it has. */
  addresses: readonly string[]
  /** For the first leaf, where no `addresses` are given. */
  machineAddresses: readonly string[]
  /** The URL to which the configuration that is there sends machines. */
  published?: string
  /** For a new configuration: the agent's package on this host, where there is one. */
  agentPackage?: string | undefined
  now: Date
  print(line: string): void
}

/**
 * Makes what a pairing server needs to be one: its own CA, the TLS leaf, the master key and a configuration. What is
 * there is kept; a leaf for other addresses, or near its end, is made anew. Gives the pin.
 */
export const init = async (options: InitOptions): Promise<string> => {
  const { stateDirectory, configFile, addresses, machineAddresses, published, agentPackage, now, print } = options
  await makeFolder(stateDirectory, 0o700)
  // systemd, or a package, may have made it for everybody
  await chmod(stateDirectory, 0o700)
  const authority = await ensureAuthority(stateDirectory, now, print)
  const choice = { wanted: addresses, machine: machineAddresses, published }
  const [address = ''] = await ensureLeaf(stateDirectory, authority, choice, now, print)
  await ensureMasterKey(join(stateDirectory, 'master.key'), print)
  await ensureConfig(configFile, configText({ address: agentsUrl(address), stateDirectory, agentPackage }), print)
  await comparePublished(configFile, addresses, print)
  const pin = fingerprint(authority.pair.publicKey)
  print(`pin: ${pin}`)
  print('Next: joinery-server setup --kubeconfig /etc/kubernetes/admin.conf')
  return pin
}

const ensureMasterKey = async (file: string, print: (line: string) => void): Promise<void> => {
  const key = await readIfThere(file)
  if (key === undefined) await writeDurably(file, randomBytes(masterKeyLength))
  else if (key.length !== masterKeyLength) throw new Error(`${file} is damaged: it must have ${masterKeyLength} bytes`)
  print(`${file} ${key === undefined ? 'created' : 'unchanged'}`)
}

/** It holds no secret. */
const ensureConfig = async (file: string, text: string, print: (line: string) => void): Promise<void> => {
  const there = (await readIfThere(file)) !== undefined
  if (!there) {
    await makeFolder(dirname(file), 0o755)
    await writeDurably(file, text, 0o644)
  }
  print(`${file} ${there ? 'unchanged' : 'created'}`)
}

/** The configuration is the administrator's: it is never changed, only compared. */
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
