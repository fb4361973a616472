import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'

/**
 * Run inside the bed: prints `NANOSECONDS WHAT`, by the clock of `process.hrtime.bigint`, which all processes of a host
 * share. WHAT is the text of a datagram that a machine sent, `ADDED name` of a Node, or `READY name` of a Node that is Ready.
 */
const [address = '', port = ''] = process.argv.slice(2)

const print = (what: string): void => console.log(`${process.hrtime.bigint()} ${what}`)

createSocket('udp4')
  .on('message', (text) => print(text.toString().trim()))
  .bind(Number(port), address)

const ready = '{.object.status.conditions[?(@.type=="Ready")].status}'
const columns = `jsonpath={.type} {.object.metadata.name} ${ready}{"\\n"}`
const watch = spawn('kubectl', ['get', 'nodes', '--watch', '--output-watch-events', '-o', columns], {
  stdio: ['ignore', 'pipe', 'inherit']
})
createInterface(watch.stdout).on('line', (line) => {
  const [type, name, status] = line.trim().split(' ')
  print(`${type} ${name}`)
  if (status === 'True') print(`READY ${name}`)
})
