import { resolve } from 'node:path'
import type { MachinePorts } from '@joinery/agent/testing/machine'
import { build } from 'esbuild'
import type { Machine as VirtualMachine } from './bed/machine.ts'
import type { Answer, Call } from './inside/machine-call.ts'

const program = '/root/machine-call.mjs'
const socket = '/run/machine-call.sock'

/** Starts the program where it does not run yet in this boot: to start it for each call takes an emulated machine seconds. */
const callIt = `
systemctl --quiet is-active machine-call ||
  systemd-run --quiet --collect --unit=machine-call --property=UMask=0077 /usr/lib/joinery-agent/node ${program} ${socket}
while [ ! -S ${socket} ] && systemctl --quiet is-active machine-call; do sleep 0.2; done
exec socat -t 1200 - UNIX-CONNECT:${socket}`

/** The ports of a virtual machine that has the agent's package: each call over ssh, by the agent's own code. */
export const remoteMachine = async (machine: VirtualMachine): Promise<MachinePorts> => {
  await must(machine, `cat > ${program}`, await bundle())
  const remote =
    <Port extends keyof MachinePorts>(port: Port) =>
    (method: keyof MachinePorts[Port] & string) =>
    async (...args: unknown[]): Promise<never> => {
      const call: Call = { port, method, args }
      const answer = JSON.parse(await must(machine, callIt, JSON.stringify(call))) as Answer
      if ('error' in answer) throw new Error(`${machine.name}: ${method}: ${answer.error}`)
      return (answer.value ?? undefined) as never
    }
  const [looking, mending, joining, etcd] = [remote('looking'), remote('mending'), remote('joining'), remote('etcd')]
  return {
    looking: {
      facts: looking('facts'),
      preflight: looking('preflight'),
      joinState: looking('joinState'),
      networkTraces: looking('networkTraces'),
      nodeAddress: looking('nodeAddress'),
      missingImages: looking('missingImages'),
      hasImage: looking('hasImage'),
      imageSpace: looking('imageSpace'),
      keysInTheWay: looking('keysInTheWay'),
      nodeReadiness: looking('nodeReadiness'),
      whyNotReady: looking('whyNotReady'),
      explainFailure: looking('explainFailure')
    },
    mending: { mend: mending('mend') },
    joining: {
      pullImage: joining('pullImage'),
      startJoin: joining('startJoin'),
      startKubelet: joining('startKubelet'),
      markControlPlane: joining('markControlPlane'),
      closeJoin: joining('closeJoin'),
      reset: joining('reset'),
      removeSecrets: joining('removeSecrets')
    },
    etcd: {
      hasEtcdData: etcd('hasEtcdData'),
      leaveEtcd: etcd('leaveEtcd'),
      startEtcd: etcd('startEtcd')
    }
  }
}

const must = async (machine: VirtualMachine, command: string, input: string): Promise<string> => {
  const { code, stdout, stderr } = await machine.ssh(command, input)
  if (code !== 0) throw new Error(`${machine.name}: ${command}: exit status ${code}\n${stderr}`)
  return stdout
}

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, 'inside/machine-call.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // CommonJS dependencies still ask for node's own modules by `require`
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" }
  })
  return outputFiles.map(({ text }) => text).join('')
}
