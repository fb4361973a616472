import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createContainer } from '@joinery/agent/testing/commands'
import { runAgent } from '@joinery/agent/testing/loop'
import { Door } from '@joinery/agent/testing/pairing'
import { Log, systemClock } from '@joinery/agent/testing/program'
import { rehearsalMachine } from '@joinery/fake-machine'
import type { Facts, NewCode } from '@joinery/protocol'
import type { Part } from './cast.ts'
import { Fault } from './fault.ts'
import { logTo } from './log.ts'
import type { NetworkPlugin } from './network-plugin.ts'

/** Milliseconds that kubeadm takes for a stage: an eye can follow. */
const pace = 200

const codeFile = '/etc/joinery/code'

export interface DemoMachine {
  name: string
  /** Absent if the machine was well at first. */
  fault?: Fault
  /** Ends the agent and cuts the power. */
  stop(): Promise<void>
}

/** A rehearsal machine that boots with a code, and the real agent on it. `folder` is for what a person sees of it. */
export const startMachine = async (
  { name, fault: begins }: Part,
  folder: string,
  { code, install: { server, pin, apiEndpoint } }: NewCode,
  plugin: NetworkPlugin,
  door: Door
): Promise<DemoMachine> => {
  await mkdir(folder)
  const machine = await rehearsalMachine({
    facts: factsOf(name),
    cluster: plugin.kubelets,
    clock: systemClock,
    runDirectory: '/run/joinery-agent',
    pace
  })
  const fault = begins && new Fault(begins.kind, folder, { machine, cutOff: (isCut) => plugin.cutOff(name, isCut) })
  await fault?.begin()
  await machine.files.write(codeFile, `${code}\n`, 0o600)

  const config = { server, pin, apiEndpoint, codeFile }
  const container = createContainer(config, machine, machine.files, '/var/lib/joinery-agent')
  container.register(Door, { useValue: door })
  container.register(Log, { useValue: logTo(join(folder, 'agent.log')) })
  const stop = new AbortController()
  const ended = runAgent(container, config, stop.signal)
  return {
    name,
    ...(fault && { fault }),
    stop: async () => {
      stop.abort()
      machine.powerOff()
      await ended
    }
  }
}

const factsOf = (hostname: string): Facts => ({
  hostname,
  machineId: randomBytes(16).toString('hex'),
  productUuid: randomUUID(),
  serial: '',
  macs: [`52:54:00:${randomBytes(3).toString('hex').replace(/..\B/g, '$&:')}`],
  addresses: ['127.0.0.1'],
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.48',
  arch: 'x86_64',
  cpus: 4,
  memory: 8 * 2 ** 30,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.4.2'
})
