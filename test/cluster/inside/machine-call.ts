import { text } from 'node:stream/consumers'
import { linuxMachine } from '@joinery/agent/machine/linux-machine.ts'
import type { Machine } from '@joinery/agent/machine/machine.ts'

/**
 * One call of the port `Machine`, on the machine itself. Standard input: `Call` as JSON, as a credential is no argument of
 * a command; standard output: what it gave.
 */
export interface Call {
  method: Exclude<keyof Machine, 'status'>
  args: unknown[]
}

const { method, args } = JSON.parse(await text(process.stdin)) as Call
const machine = linuxMachine({ runDirectory: '/run/joinery-agent', notifySocket: undefined })
const call = machine[method] as (...args: unknown[]) => Promise<unknown>
console.log(JSON.stringify((await call(...args)) ?? null))
