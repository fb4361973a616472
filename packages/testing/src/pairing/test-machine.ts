import { createHash } from 'node:crypto'
import type { Identity } from '@joinery/agent/testing/keys'
import { httpPairingServer } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import type { Check, Facts } from '@joinery/protocol'

type Server = ReturnType<typeof httpPairingServer>

/** A machine as the server sees it: the agent's own protocol client and key, over real TLS. */
export interface TestMachine {
  identity: Identity
  facts: Facts
  readonly server: Server
  enrol(
    code: string,
    more?: { name?: string; preflight?: Check[]; facts?: Facts; joinKey?: string; sealKey?: string }
  ): ReturnType<Server['enrol']>
}

/** Makes a test machine with this key and these facts. */
export const testMachine = (
  pairing: { readonly url: string; readonly pin: string },
  identity: Identity,
  facts: Facts
): TestMachine => {
  let made: { url: string; server: Server } | undefined
  const witness = {}
  const machine: TestMachine = {
    identity,
    facts,
    get server() {
      if (made?.url !== pairing.url) {
        made = {
          url: pairing.url,
          server: httpPairingServer(pairing.url, pairing.pin, async () => identity, systemClock, { witness })
        }
      }
      return made.server
    },
    enrol: (code, more = {}) => machine.server.enrol({ code, name: 'machine', facts, preflight: [], ...more })
  }
  return machine
}

/** Facts of a machine with that machine id. */
export const factsOf = (machineId: string): Facts => ({
  hostname: `machine-${machineId.slice(0, 8)}`,
  machineId,
  productUuid: '',
  serial: '',
  macs: [`52:54:00:${createHash('sha256').update(machineId).digest('hex').slice(0, 6).replace(/..\B/g, '$&:')}`],
  addresses: ['127.0.0.1'],
  os: 'Debian GNU/Linux 13',
  kernel: '6.12',
  arch: 'x86_64',
  cpus: 2,
  memory: 2 ** 31,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.4.2'
})
