import { resolve } from 'node:path'
import type { Machine } from '@joinery/agent/machine/machine.ts'
import { build } from 'esbuild'
import type { Machine as VirtualMachine } from './bed/machine.ts'
import type { Call } from './inside/machine-call.ts'

const program = '/root/machine-call.mjs'

/** The port `Machine` of a virtual machine that has the agent's package: each call over ssh, by the agent's own code. */
export const remoteMachine = async (machine: VirtualMachine): Promise<Machine> => {
  await must(machine, `cat > ${program}`, await bundle())
  const remote =
    (method: Call['method']) =>
    async (...args: unknown[]): Promise<never> => {
      const printed = await must(machine, `/usr/lib/joinery-agent/node ${program}`, JSON.stringify({ method, args }))
      // JSON knows no undefined
      return (JSON.parse(printed) ?? undefined) as never
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
