import { resolve } from 'node:path'
import type { Machine } from '@joinery/agent/machine/port/machine.ts'
import { build } from 'esbuild'
import type { Machine as VirtualMachine } from './bed/machine.ts'
import type { Answer, Call } from './inside/machine-call.ts'

const program = '/root/machine-call.mjs'
const socket = '/run/machine-call.sock'

/** Starts the program where it does not run yet in this boot: to start it for each call takes an emulated machine seconds. */
const callIt = `
systemctl --quiet is-active machine-call ||
  systemd-run --quiet --collect --unit=machine-call --property=UMask=0077 /usr/lib/joinery-agent/node ${program} ${socket}
for look in $(seq 150); do [ -S ${socket} ] && break; sleep 0.2; done
exec socat -t 1200 - UNIX-CONNECT:${socket}`

/** The port `Machine` of a virtual machine that has the agent's package: each call over ssh, by the agent's own code. */
export const remoteMachine = async (machine: VirtualMachine): Promise<Machine> => {
  await must(machine, `cat > ${program}`, await bundle())
  const remote =
    (method: Call['method']) =>
    async (...args: unknown[]): Promise<never> => {
      const answer = JSON.parse(await must(machine, callIt, JSON.stringify({ method, args }))) as Answer
      if ('error' in answer) throw new Error(`${machine.name}: ${method}: ${answer.error}`)
      return (answer.value ?? undefined) as never
    }
  return {
    facts: remote('facts'),
    preflight: remote('preflight'),
    mend: remote('mend'),
    joinState: remote('joinState'),
    networkTraces: remote('networkTraces'),
    nodeAddress: remote('nodeAddress'),
    missingImages: remote('missingImages'),
    pullImage: remote('pullImage'),
    hasEtcdData: remote('hasEtcdData'),
    keysInTheWay: remote('keysInTheWay'),
    startJoin: remote('startJoin'),
    explainFailure: remote('explainFailure'),
    closeJoin: remote('closeJoin'),
    leaveEtcd: remote('leaveEtcd'),
    startEtcd: remote('startEtcd'),
    startKubelet: remote('startKubelet'),
    reset: remote('reset'),
    removeSecrets: remote('removeSecrets'),
    markControlPlane: remote('markControlPlane'),
    nodeReadiness: remote('nodeReadiness'),
    status: () => {}
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
